#include "bench/base/clock.h"
#include "bench/base/json.h"
#include "tests/mutate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char sample[] = "{ // a plan\n"
                             "  \"name\": \"\\u00e9\\ud83d\\ude00 \u20ac\", /* both\n"
                             "  lines */ \"rows\": 9007199254740993,\n"
                             "  \"list\": [1, -2.5e3, true, null, {\"deep\": []},],\n"
                             "}\n";

static const struct json *parse(struct arena *arena, const char *text, enum json_flags flags)
{
    const struct json *root = NULL;
    struct err err = {0};
    if (!json_parse(arena, "f.json", text, strlen(text), flags, &root, &err))
        fail_msg("%d:%d: %s", err.line, err.column, err.message);
    return root;
}

static void test_values_and_places(void **state)
{
    struct arena arena = {0};
    (void)state;
    const struct json *root = parse(&arena, sample, JSON_RELAXED);
    assert_int_equal(json_size(root), 3);
    assert_string_equal(json_get(root, "name")->string, "\u00e9\U0001F600 \u20ac");
    const struct json *rows = json_get(root, "rows");
    assert_true(rows->is_integer);
    assert_int_equal(rows->integer, INT64_C(9007199254740993)); /* beyond a double's 53 bits */
    assert_int_equal(rows->line, 3);
    assert_int_equal(rows->column, 20);
    assert_int_equal(rows->key_column, 12);
    const struct json *list = json_get(root, "list");
    assert_int_equal(json_size(list), 5);
    assert_false(list->child->next->is_integer);
    assert_float_equal(list->child->next->number, -2500, 0);
    const struct json *deep = list->child->next->next->next->next;
    assert_int_equal(deep->child->type, JSON_ARRAY);
    assert_int_equal(deep->child->column, 44);
    assert_null(json_get(root, "Name"));
    arena_free(&arena);
}

static void test_columns_count_characters(void **state)
{
    struct arena arena = {0};
    (void)state;
    const struct json *root = parse(&arena, "[\"\u20ac\u20ac\", 7]", JSON_STRICT);
    assert_int_equal(root->child->next->column, 8);
    arena_free(&arena);
}

static void test_refused(void **state)
{
    static const struct {
        const char *text;
        size_t length; /* 0: strlen */
        int line, column;
        const char *message;
    } cases[] = {
        {"", 0, 1, 1, "the text ends here"},
        {"{} x", 0, 1, 4, "more text"},
        {"{}\0", 3, 1, 3, "NUL"},
        {"{\"a\":1,\n \"a\":2}", 0, 2, 2, "duplicate key \"a\""},
        {"{\"a\":1,\"\\u0061\":2}", 0, 1, 8, "duplicate key"},
        {"[\"a\tb\"]", 0, 1, 4, "control character"},
        {"[\"\\u0000\"]", 0, 1, 3, "\\u0000"},
        {"[\"\\ud800\"]", 0, 1, 3, "surrogate"},
        {"[\"\\udc00\"]", 0, 1, 3, "surrogate"},
        {"[\"\\ud800\\u0041\"]", 0, 1, 3, "surrogate"},
        {"[\"\xC3\"]", 0, 1, 3, "UTF-8"},
        {"[9223372036854775808]", 0, 1, 2, "does not fit"},
        {"[1e999]", 0, 1, 2, "does not fit"},
        {"[01]", 0, 1, 2, "leading zero"},
        {"[1.]", 0, 1, 4, "digit"},
        {"[+1]", 0, 1, 2, "value is expected"},
        {"[nul]", 0, 1, 2, "value is expected"},
        {"[1 2]", 0, 1, 4, "','"},
        {"{\"a\" 1}", 0, 1, 6, "':'"},
        {"{a:1}", 0, 1, 2, "double quotes"},
        {"[\"abc", 0, 1, 2, "no end"},
        {"[1,]", 0, 1, 3, "trailing comma"},
        {"[1] // c", 0, 1, 5, "comments"},
        {"[\"\\x\"]", 0, 1, 3, "escape"},
        {"\xEF\xBB\xBF{}", 0, 1, 1, "byte order mark"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena arena = {0};
        struct err err = {0};
        const struct json *root;
        size_t length = cases[i].length ? cases[i].length : strlen(cases[i].text);
        assert_false(json_parse(&arena, "f.json", cases[i].text, length, JSON_STRICT, &root, &err));
        if (strstr(err.message, cases[i].message) == NULL || err.line != cases[i].line ||
            err.column != cases[i].column)
            fail_msg("case %zu: %d:%d: %s", i, err.line, err.column, err.message);
        assert_int_equal(err.kind, ERR_USAGE);
        arena_free(&arena);
    }
}

/* Right: a long object is read in a moment, and the first key that comes again is blamed. Wrong: time grows with the square. */
static void test_many_keys(void **state)
{
    struct arena arena = {0};
    struct buf text = {0};
    struct err err = {0};
    const struct json *root;
    (void)state;
    buf_puts(&text, "{");
    for (int i = 0; i < 100000; i++)
        buf_printf(&text, "\"k%d\":%d,\n", i, i);
    buf_puts(&text, "\"k9\":1, \"k7\":1}");
    int64_t start_ns = clock_cpu_ns();
    assert_false(json_parse(&arena, "x", buf_text(&text), text.length, JSON_STRICT, &root, &err));
    assert_true(clock_cpu_ns() - start_ns < 4 * NS_PER_S);
    assert_string_equal(err.message, "duplicate key \"k9\", first at line 10");
    assert_int_equal(err.line, 100001);
    buf_free(&text);
    arena_free(&arena);
}

static void test_depth(void **state)
{
    char text[130];
    (void)state;
    for (int depth = 64; depth <= 65; depth++) {
        struct arena arena = {0};
        struct err err = {0};
        const struct json *root;
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        bool good = json_parse(&arena, "f", text, 2 * (size_t)depth, JSON_STRICT, &root, &err);
        assert_int_equal(good, depth == 64);
        arena_free(&arena);
    }
}

static void test_unknown_key(void **state)
{
    static const char *const known[] = {"target", "seed", NULL};
    struct arena arena = {0};
    struct err err = {0};
    (void)state;
    const struct json *root = parse(&arena, "{\"seed\": 1,\n  \"tarjet\": 2}", JSON_STRICT);
    assert_false(json_check_keys(root, known, &err));
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 3);
    assert_non_null(strstr(err.hint, "\"target\""));
    arena_free(&arena);
}

static void write_sample(struct json_writer *w)
{
    json_begin_object(w);
    json_key(w, "text");
    json_write_string(w, "a\"\\\n\x01\xFF\u20ac");
    json_key(w, "none");
    json_begin_array(w);
    json_end_array(w);
    json_key(w, "numbers");
    json_begin_array(w);
    json_write_int(w, INT64_MIN);
    json_write_double(w, 0.1);
    json_write_double(w, 1.0 / 3);
    json_write_double(w, -0.0);
    json_write_double(w, 1e300);
    json_write_double(w, NAN);
    json_write_double(w, INFINITY);
    json_write_bool(w, true);
    json_write_string(w, NULL);
    json_end_array(w);
    json_end_object(w);
}

static void test_writer(void **state)
{
    struct buf buf = {0};
    struct json_writer w = json_writer(&buf);
    (void)state;
    w.pretty_depth = 1;
    write_sample(&w);
    assert_string_equal(
        buf_text(&buf),
        "{\n"
        "  \"text\": \"a\\\"\\\\\\n\\u0001\uFFFD\u20ac\",\n"
        "  \"none\": [],\n"
        "  \"numbers\": [-9223372036854775808,0.1,0.3333333333333333,-0,1e+300,null,null,true,null]\n"
        "}");
    buf_free(&buf);
}

static void test_written_reads_back(void **state)
{
    struct arena arena = {0};
    struct buf first = {0}, second = {0};
    struct json_writer w = json_writer(&first);
    (void)state;
    write_sample(&w);
    struct json_writer again = json_writer(&second);
    json_write_node(&again, parse(&arena, buf_text(&first), JSON_STRICT));
    /* -0 is written by hand without a fraction and comes back as the integer it is */
    char *zero = strstr(first.data, "-0,");
    assert_non_null(zero);
    memmove(zero, zero + 1, strlen(zero));
    assert_string_equal(buf_text(&first), buf_text(&second));
    buf_free(&first);
    buf_free(&second);
    arena_free(&arena);
}

static void read_any(const char *text, size_t length)
{
    struct arena arena = {0};
    struct err err = {0};
    const struct json *root = NULL;
    if (json_parse(&arena, "f", text, length, JSON_RELAXED, &root, &err)) {
        struct buf buf = {0};
        struct json_writer w = json_writer(&buf);
        json_write_node(&w, root);
        assert_true(json_parse(&arena, "again", buf_text(&buf), buf.length, JSON_STRICT, &root, &err));
        buf_free(&buf);
    } else {
        assert_int_equal(err.kind, ERR_USAGE);
        assert_true(err.line > 0 && err.column > 0);
    }
    arena_free(&arena);
}

static void test_mutations(void **state)
{
    (void)state;
    mutate(sample, read_any);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_and_places),
        cmocka_unit_test(test_columns_count_characters),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_many_keys),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_unknown_key),
        cmocka_unit_test(test_writer),
        cmocka_unit_test(test_written_reads_back),
        cmocka_unit_test(test_mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
