/* Text of a database stays text: in Markdown, in its code spans, and on a terminal. */
#include "reports/markdown.h"
#include "reports/render.h"
#include "reports/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void text_begins_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *text, *escaped;
    } cases[] = {
        {"a|b", "a\\|b"},
        {"<img src=x>", "&lt;img src=x&gt;"},
        {"[x](y)", "\\[x\\](y)"},
        {"`c` *e* _e_ ~s~", "\\`c\\` \\*e\\* \\_e\\_ \\~s\\~"},
        {"@root #12", "@\xE2\x80\x8Broot \\#\xE2\x80\x8B"
                      "12"},
        {"http://x www.x public.t", "http\xE2\x80\x8B://x www\xE2\x80\x8B.x public.t"},
        {"a\n| b", "a \\| b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = {0};
        markdown_text(&out, cases[i].text);
        assert_string_equal(buf_text(&out), cases[i].escaped);
        buf_free(&out);
    }
}

static void code_spans_hold(void **state)
{
    (void)state;
    static const struct {
        const char *text, *span;
        bool in_table;
    } cases[] = {
        {"SELECT 1", "`SELECT 1`", false}, {"a `b` c", "``a `b` c``", false},
        {"`x", "`` `x ``", false},         {"a ``` b", "````a ``` b````", false},
        {"a || b", "`a \\|\\| b`", true},  {"a || b", "`a || b`", false},
        {"a\n\nb", "`a  b`", false},       {" ", "", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = {0};
        markdown_code(&out, cases[i].text, cases[i].in_table);
        assert_string_equal(buf_text(&out), cases[i].span);
        buf_free(&out);
    }
}

/* Wrong: bytes that continue no character, as a server without an encoding sends them, are written past the end. */
static void shortened_text_fits_whatever_its_bytes(void **state)
{
    (void)state;
    char bytes[400], text[96];
    memset(bytes, 0x80, sizeof bytes - 1);
    bytes[sizeof bytes - 1] = '\0';
    assert_true(strlen(words_shorten(bytes, 60, text, sizeof text)) < sizeof text);
    assert_string_equal(words_shorten("SELECT  1\n FROM t", 12, text, sizeof text), "SELECT 1 FRO…");
    assert_string_equal(words_command(NULL, text, sizeof text), "");
}

static struct record *hostile(struct arena *arena, size_t many)
{
    struct record *record = arena_alloc(arena, sizeof *record);
    record->run.name = "x --> <script>";
    record->verdict.state = "pass";
    record->verdict.sentence = "\033[2Jgone \xC2\x9B";
    struct record_strategy *strategy = RECORD_ADD(arena, record->strategies);
    strategy->name = "s";
    for (size_t i = 0; i < many; i++) {
        struct record_episode *episode = RECORD_ADD(arena, strategy->episodes);
        episode->phase = "p|q";
        episode->statement = "ALTER TABLE `t` ADD x </details>";
        struct record_threshold *threshold = RECORD_ADD(arena, record->thresholds);
        threshold->strategy = "s";
        threshold->metric = "app.failed";
        threshold->unit = "count";
        threshold->limit = "== 0";
        threshold->state = "pass";
    }
    return record;
}

static void markdown_stays_below_its_limit(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct buf out = {0};
    markdown_render(hostile(&arena, 2000), &out);
    assert_true(out.length < 60000 && out.length > 30000);
    assert_ptr_equal(strstr(buf_text(&out), "<!-- rehearse:x_-____script_ -->\n"), buf_text(&out));
    assert_null(strstr(buf_text(&out), "<script"));
    assert_non_null(strstr(buf_text(&out), "more thresholds are in the record"));
    assert_non_null(strstr(buf_text(&out), "Cut here"));
    size_t open = 0, closed = 0;
    for (const char *c = buf_text(&out); (c = strstr(c, "<details>")) != NULL; c++)
        open++;
    for (const char *c = buf_text(&out); (c = strstr(c, "\n</details>")) != NULL; c++)
        closed++;
    assert_int_equal(open, closed);
    buf_free(&out);
    arena_free(&arena);
}

static void a_terminal_gets_no_control_characters(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct buf out = {0};
    text_render(hostile(&arena, 1), false, &out);
    assert_null(strchr(buf_text(&out), '\033'));
    assert_null(strstr(buf_text(&out), "\xC2\x9B"));
    buf_clear(&out);
    text_render(hostile(&arena, 1), true, &out);
    assert_non_null(strstr(buf_text(&out), "\033[32m"));
    assert_null(strstr(buf_text(&out), "\033[2J"));
    buf_free(&out);
    arena_free(&arena);
}

/* A file may lack nearly everything and still be a record. */
static void absent_members_are_no_trouble(void **state)
{
    (void)state;
    static const char text[] =
        "{\"schema_version\": 1, \"strategies\": [{}, {\"name\": \"s\", \"phases\": [{}, {\"statements\": "
        "[{}]}],"
        "\"episodes\": [{\"blockers\": [{}]}], \"checks\": [{}], \"timeline\": {\"max_us\": [null, 0, 5]}}],"
        "\"thresholds\": [{}, {\"strategy\": \"s\"}, {\"strategy\": \"s\", \"measured\": 1, \"at_s\": 2}],"
        "\"complete\": true}";
    struct arena arena = {0};
    struct buf out = {0};
    struct err err = {0};
    struct record *record = NULL;
    assert_true(record_read(&arena, "r.json", text, strlen(text), &record, &err));
    text_render(record, true, &out);
    assert_non_null(strstr(buf_text(&out), "NOT JUDGED"));
    buf_clear(&out);
    record->candidate = "s";
    record->strategies.items[1].candidate = true;
    markdown_render(record, &out);
    assert_non_null(strstr(buf_text(&out), "Locks and who waited"));
    buf_free(&out);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shortened_text_fits_whatever_its_bytes),
        cmocka_unit_test(text_begins_nothing),
        cmocka_unit_test(code_spans_hold),
        cmocka_unit_test(markdown_stays_below_its_limit),
        cmocka_unit_test(a_terminal_gets_no_control_characters),
        cmocka_unit_test(absent_members_are_no_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
