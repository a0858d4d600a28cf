/* A page of any record is the page's own markup around that record's text, and small: whatever the strings and numbers. */
#include "reports/record_fields.h"
#include "reports/render.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOSTILE "\"><script>alert(1)</script>&'`|<!-- \x01 \xE2\x80\xA8"

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789- "

enum { LONG_RUN_S = 7200, EPISODES = 5000 };

/* What every member of a kind is filled with. */
struct filling {
    const char *text;
    int64_t integer;
    double real;
    size_t items; /* in every list */
};

static void fill(struct arena *arena, char *base, const struct record_shape *shape,
                 const struct filling *filling);

static size_t item_size(const struct record_field *field)
{
    if (field->kind == RECORD_ARRAY)
        return field->size;
    if (field->kind == RECORD_PAIRS)
        return sizeof(struct record_pair);
    return field->kind == RECORD_COUNTS ? sizeof(struct record_number) : sizeof(double);
}

static void fill_list(struct arena *arena, char *at, const struct record_field *field,
                      const struct filling *filling)
{
    const size_t size = item_size(field);
    struct record_any_list list = {.count = filling->items, .capacity = filling->items};
    list.items = arena_alloc(arena, (filling->items + 1) * size);
    for (size_t i = 0; i < list.count; i++) {
        char *item = (char *)list.items + i * size;
        const struct record_pair pair = {filling->text, filling->text};
        const struct record_number number = {filling->text, filling->integer};
        if (field->kind == RECORD_ARRAY)
            fill(arena, item, field->shape, filling);
        else if (field->kind == RECORD_PAIRS)
            memcpy(item, &pair, sizeof pair);
        else if (field->kind == RECORD_COUNTS)
            memcpy(item, &number, sizeof number);
        else if (field->kind == RECORD_TEXTS)
            memcpy(item, &filling->text, sizeof filling->text);
        else if (field->kind == RECORD_INTS)
            memcpy(item, &filling->integer, sizeof filling->integer);
        else
            memcpy(item, &filling->real, sizeof filling->real);
    }
    memcpy(at, &list, sizeof list);
}

static void fill(struct arena *arena, char *base, const struct record_shape *shape,
                 const struct filling *filling)
{
    for (size_t i = 0; i < shape->count; i++) {
        const struct record_field *field = &shape->fields[i];
        char *at = base + field->offset;
        if (field->kind == RECORD_TEXT)
            memcpy(at, &filling->text, sizeof filling->text);
        else if (field->kind == RECORD_INT || field->kind == RECORD_MAYBE)
            memcpy(at, &filling->integer, sizeof filling->integer);
        else if (field->kind == RECORD_REAL)
            memcpy(at, &filling->real, sizeof filling->real);
        else if (field->kind == RECORD_OBJECT || field->kind == RECORD_SPREAD)
            fill(arena, at, field->shape, filling);
        else if (field->kind != RECORD_BOOL)
            fill_list(arena, at, field, filling);
    }
}

static struct record *filled(struct arena *arena, const struct filling *filling)
{
    struct record *record = arena_alloc(arena, sizeof *record);
    fill(arena, (char *)record, &record_shape, filling);
    return record;
}

static bool is_one_of(const char *word, size_t length, const char *words)
{
    for (const char *c = words; *c != '\0'; c += strspn(c, " ")) {
        const size_t next = strcspn(c, " ");
        if (next == length && strncmp(c, word, length) == 0)
            return true;
        c += next;
    }
    return false;
}

/* Checks the attributes of a tag; returns its '>'. */
static const char *check_attributes(const char *c)
{
    static const char known[] =
        "class id href lang charset name content http-equiv viewBox width height role aria-label aria-hidden "
        "x y x1 x2 y1 y2 rx d fill fill-opacity stroke stroke-width stroke-linejoin stroke-dasharray "
        "text-anchor font-size font-family";
    while (*c == ' ') {
        const char *name = ++c;
        c += strcspn(c, "= >\"");
        const size_t length = (size_t)(c - name);
        if (!is_one_of(name, length, known))
            fail_msg("attribute not of the page: %.60s", name);
        assert_memory_equal(c, "=\"", 2);
        const char *value = c + 2;
        c = value + strcspn(value, "\"<>");
        assert_int_equal(*c, '"');
        const bool named = is_one_of(name, length, "class id");
        if (named && strspn(value, NAME_LETTERS) < (size_t)(c - value))
            fail_msg("not a name: %.60s", value);
        c++;
    }
    return c;
}

/* Every '<' begins a tag that the page is made of, with attributes it is made of; every '>' ends one. */
static void assert_own_markup(const char *page)
{
    static const char tags[] =
        "html head meta title style body header main footer nav section div p a span b small code "
        "pre h1 h2 h3 br table thead tbody tr th td dl dt dd details summary svg g rect path "
        "line text";
    const char *c = strstr(page, "</style>"); /* the style sheet has child selectors */
    assert_non_null(c);
    for (c += strcspn(c, "<>"); *c != '\0'; c += strcspn(c, "<>")) {
        if (*c == '>')
            fail_msg("a > of the text: %.60s", c);
        const char *name = c + 1 + (c[1] == '/');
        c = name + strcspn(name, " >");
        if (!is_one_of(name, (size_t)(c - name), tags))
            fail_msg("tag not of the page: %.60s", name - 1);
        c = check_attributes(c);
        c += *c == '/';
        assert_int_equal(*c++, '>');
    }
}

static void render_all(const struct record *record)
{
    struct buf page = {0}, markdown = {0}, text = {0};
    html_render(record, &page);
    assert_own_markup(buf_text(&page));
    assert_true(page.length < 2 << 20);
    markdown_render(record, &markdown);
    assert_true(markdown.length < 60000);
    assert_null(strstr(buf_text(&markdown), "\n<script"));
    text_render(record, false, &text);
    assert_null(strchr(buf_text(&text), '\x01'));
    buf_free(&page);
    buf_free(&markdown);
    buf_free(&text);
}

static void text_of_others_is_never_markup(void **state)
{
    (void)state;
    struct arena arena = {0};
    render_all(filled(&arena, &(struct filling){HOSTILE, 1500, 1.5, 2}));
    arena_free(&arena);
}

/* Right: a page that says little. Wrong: a crash, for every member of a record may be null. */
static void a_record_of_nulls_renders(void **state)
{
    (void)state;
    struct arena arena = {0};
    render_all(filled(&arena, &(struct filling){NULL, RECORD_NONE, (double)NAN, 1}));
    render_all(filled(&arena, &(struct filling){"", 0, 0, 1}));
    render_all(filled(&arena, &(struct filling){NULL, RECORD_NONE, (double)NAN, 0}));
    arena_free(&arena);
}

static void no_number_runs_away(void **state)
{
    (void)state;
    struct arena arena = {0};
    render_all(filled(&arena, &(struct filling){"x", (INT64_C(1) << 53) - 1, 1e300, 2}));
    render_all(filled(&arena, &(struct filling){"x", -(INT64_C(1) << 53) + 1, -1e300, 2}));
    render_all(filled(&arena, &(struct filling){"x", 1, 1e-300, 2}));
    arena_free(&arena);
}

/* Right: gaps. Wrong: reading behind the end of a column that is shorter than t_s. */
static void short_columns_are_gaps(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct record *record = filled(&arena, &(struct filling){"x", 1500, 1.5, 3});
    struct record_series *series = &record->strategies.items[0].timeline.coarse;
    series->p99_us.count = series->throughput_per_s.count = 1;
    series->max_us = (record_ints){0};
    series->backlog = (record_ints){0};
    series->wal_bytes_per_s = (record_doubles){0};
    render_all(record);
    arena_free(&arena);
}

static void lengthen(struct arena *arena, struct record_series *series, double bin_s, size_t bins)
{
    *series = (struct record_series){.bin_s = bin_s};
    for (size_t i = 0; i < bins; i++) {
        *RECORD_ADD(arena, series->t_s) = (double)i * bin_s;
        *RECORD_ADD(arena, series->throughput_per_s) = 1850.123 + (double)(i % 97);
        *RECORD_ADD(arena, series->wal_bytes_per_s) = 1e6 * (double)(i % 89);
        *RECORD_ADD(arena, series->backlog) = (int64_t)(i % 83);
        *RECORD_ADD(arena, series->p50_us) = (int64_t)(1000 + i % 79);
        *RECORD_ADD(arena, series->p99_us) = (int64_t)(9000 + 13 * (i % 73));
        *RECORD_ADD(arena, series->max_us) = (int64_t)(20000 + 1700 * (i % 71));
    }
}

/* Two hours, most of them under DDL, with thousands of episodes and statements, in three strategies: below 2 MB. */
static void a_long_run_makes_a_small_page(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct record *record = filled(&arena, &(struct filling){"ALTER TABLE orders ADD x int", 1500, 1.5, 3});
    for (size_t s = 0; s < record->strategies.count; s++) {
        struct record_strategy *strategy = &record->strategies.items[s];
        lengthen(&arena, &strategy->timeline.coarse, 1, LONG_RUN_S);
        strategy->timeline.fine.count = 1;
        lengthen(&arena, &strategy->timeline.fine.items[0], 0.1, (size_t)10 * LONG_RUN_S);
        strategy->phases.items[2].end_s = LONG_RUN_S;
        for (size_t i = 0; i < EPISODES; i++) {
            struct record_episode episode = strategy->episodes.items[0];
            episode.start_s = (double)i * LONG_RUN_S / EPISODES;
            episode.end_s = episode.start_s + 0.2;
            *RECORD_ADD(&arena, strategy->episodes) = episode;
            const struct record_statement statement = strategy->phases.items[1].statements.items[0];
            *RECORD_ADD(&arena, strategy->phases.items[1].statements) = statement;
        }
    }
    render_all(record);
    arena_free(&arena);
}

static void many_strategies_fit(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct record *record = filled(&arena, &(struct filling){"ALTER TABLE orders ADD x int", 1500, 1.5, 3});
    while (record->strategies.count < 20) {
        struct record_strategy strategy = record->strategies.items[0];
        strategy.name = arena_printf(&arena, "strategy-%zu", record->strategies.count);
        for (size_t i = 0; i < 13; i++) {
            struct record_threshold threshold = record->thresholds.items[0];
            threshold.strategy = strategy.name;
            *RECORD_ADD(&arena, record->thresholds) = threshold;
        }
        lengthen(&arena, &strategy.timeline.coarse, 1, LONG_RUN_S);
        strategy.episodes.count = 0;
        *RECORD_ADD(&arena, record->strategies) = strategy;
    }
    render_all(record);
    arena_free(&arena);
}

static void assert_says(const struct buf *page, const char *words)
{
    if (strstr(buf_text(page), words) == NULL)
        fail_msg("the page does not say: %s", words);
}

/* The first screen of a run that came to nothing says what happened, and links to nothing that is not there. */
static void an_aborted_run_says_why(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct buf page = {0};
    struct record *record = filled(&arena, &(struct filling){NULL, RECORD_NONE, (double)NAN, 0});
    record->verdict.state = "aborted";
    record->verdict.sentence = "session 3 of 8 to staging: too many clients";
    *RECORD_ADD(&arena, record->validity.reasons) = "the baseline is missing";
    html_render(record, &page);
    assert_says(&page, "ABORTED");
    assert_says(&page, "session 3 of 8 to staging: too many clients");
    assert_says(&page, "the baseline is missing");
    assert_null(strstr(buf_text(&page), "#timeline"));
    assert_own_markup(buf_text(&page));
    buf_free(&page);
    arena_free(&arena);
}

/* What a run left behind stands where it is seen first, whichever strategy it was. */
static void leftovers_are_on_the_first_screen(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct buf page = {0}, markdown = {0};
    struct record *record = filled(&arena, &(struct filling){NULL, RECORD_NONE, (double)NAN, 0});
    for (int i = 0; i < 2; i++) {
        struct record_strategy *strategy = RECORD_ADD(&arena, record->strategies);
        strategy->name = i == 0 ? "phased" : "naive";
        strategy->candidate = i == 0;
    }
    *RECORD_ADD(&arena, record->strategies.items[1].leftovers) = "index orders_tier_idx (invalid)";
    html_render(record, &page);
    assert_says(&page, "left behind by naive: index orders_tier_idx (invalid)");
    markdown_render(record, &markdown);
    assert_says(&markdown, "- ! left behind by `naive`: index orders\\_tier\\_idx (invalid)");
    buf_free(&page);
    buf_free(&markdown);
    arena_free(&arena);
}

static struct record_statement *only_statement(struct arena *arena, struct record *record)
{
    struct record_strategy *strategy = RECORD_ADD(arena, record->strategies);
    struct record_phase *phase = RECORD_ADD(arena, strategy->phases);
    strategy->name = phase->name = "copy";
    phase->kind = "ddl";
    struct record_statement *statement = RECORD_ADD(arena, phase->statements);
    *statement = (struct record_statement){.sql = "ALTER TABLE orders ADD x int",
                                           .kind = "sql",
                                           .outcome = "ok",
                                           .duration_us = 1530000,
                                           .rewrite = RECORD_NONE};
    return statement;
}

/* Where a statement's time went stands beside it, the longest first, whatever order the server told it in. */
static void stages_stand_beside_their_statement(void **state)
{
    (void)state;
    static const struct record_stage stages[] = {{"setup", 1200},
                                                 {"copy to tmp table", 350000},
                                                 {"Enabling keys", 350000},
                                                 {"Waiting for <lock>", 829000}};
    struct arena arena = {0};
    struct buf page = {0}, markdown = {0};
    struct record *record = filled(&arena, &(struct filling){NULL, RECORD_NONE, (double)NAN, 0});
    struct record_statement *statement = only_statement(&arena, record);
    for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++)
        *RECORD_ADD(&arena, statement->stages) = stages[i];
    html_render(record, &page);
    assert_own_markup(buf_text(&page));
    const char *waiting = strstr(buf_text(&page), "</svg>Waiting for &lt;lock&gt; 829 ms</span>");
    const char *copying = strstr(buf_text(&page), "</svg>copy to tmp table 350 ms</span>");
    const char *keys = strstr(buf_text(&page), "</svg>Enabling keys 350 ms</span>");
    assert_non_null(waiting);
    assert_true(waiting < copying && copying < keys);
    assert_says(&page, "x=\"0.0\" width=\"184.2\""); /* 829 of 1530.2 ms, of 340 */
    markdown_render(record, &markdown);
    assert_says(
        &markdown,
        "1.53 s, ok: Waiting for &lt;lock&gt; 829 ms, copy to tmp table 350 ms, Enabling keys 350 ms\n");
    buf_free(&page);
    buf_free(&markdown);
    arena_free(&arena);
}

/* What a command printed is there to be unfolded: its end, when it is long. */
static void what_a_command_printed_can_be_read(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct buf page = {0}, markdown = {0};
    struct record *record = filled(&arena, &(struct filling){NULL, RECORD_NONE, (double)NAN, 0});
    struct record_statement *statement = only_statement(&arena, record);
    statement->kind = "command";
    for (int i = 1; i <= 2000; i++)
        *RECORD_ADD(&arena, statement->output) = arena_printf(&arena, "Copied %d rows of <`orders`>", i);
    html_render(record, &page);
    assert_own_markup(buf_text(&page));
    assert_says(&page, "<details><summary>What it printed (2000 lines)</summary><pre>");
    assert_says(&page, "Copied 2000 rows of &lt;`orders`&gt;\n</pre><p class=\"note\">");
    assert_null(strstr(buf_text(&page), "Copied 1000 rows"));
    markdown_render(record, &markdown);
    assert_says(&markdown,
                "  - … 1980 lines before, in the record\n  - ``Copied 1981 rows of <`orders`>``\n");
    buf_free(&page);
    buf_free(&markdown);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_of_others_is_never_markup),
        cmocka_unit_test(a_record_of_nulls_renders),
        cmocka_unit_test(no_number_runs_away),
        cmocka_unit_test(short_columns_are_gaps),
        cmocka_unit_test(a_long_run_makes_a_small_page),
        cmocka_unit_test(many_strategies_fit),
        cmocka_unit_test(an_aborted_run_says_why),
        cmocka_unit_test(leftovers_are_on_the_first_screen),
        cmocka_unit_test(stages_stand_beside_their_statement),
        cmocka_unit_test(what_a_command_printed_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
