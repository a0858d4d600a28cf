/* What redaction promises of literals: order, length, classes and common prefixes stay, the literal does not. Of random and of
 * hostile ones. */
#include "bench/base/rng.h"
#include "bench/base/utf8.h"
#include "generators/redact_parts.h"
#include "tests/mutate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

enum { MOST = 600 };

static struct arena arena;

static int free_arena(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static bool in(const char *text, const char *const *texts, size_t count)
{
    return redact_find(texts, count, text) < count;
}

static int class_of(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return 1;
    if (c >= 'a' && c <= 'z')
        return 2;
    return c >= 'A' && c <= 'Z' ? 3 : c >= 0xC0 ? 4 : c >= 0x80 ? 5 : 0x100 + c;
}

static size_t prefix(const char *a, const char *b)
{
    size_t i = 0;
    while (a[i] != '\0' && a[i] == b[i])
        i++;
    return i;
}

static void assert_classes(const char *source, const char *surrogate)
{
    assert_int_equal(strlen(source), strlen(surrogate));
    assert_true(utf8_is_valid(surrogate, strlen(surrogate)));
    for (size_t i = 0; source[i] != '\0'; i++)
        assert_int_equal(class_of((unsigned char)source[i]), class_of((unsigned char)surrogate[i]));
}

static int compare_cases(const char *a, const char *b)
{
    return strcasecmp(a, b);
}

/* texts: any order, doubles too. */
static const char **check_texts(const char **texts, size_t *count)
{
    *count = redact_unique(texts, *count);
    const char **others = arena_alloc(&arena, (*count + 1) * sizeof *others);
    redact_texts(&arena, REDACT_TEXT, 7, texts, *count, others);
    for (size_t i = 0; i < *count; i++) {
        assert_classes(texts[i], others[i]);
        if (i == 0)
            continue;
        assert_true(strcmp(others[i - 1], others[i]) < 0);
        size_t same = prefix(texts[i - 1], texts[i]), left = prefix(others[i - 1], others[i]);
        if ((unsigned char)texts[i][same] < 0x80 && (unsigned char)texts[i - 1][same] < 0x80)
            assert_int_equal(same, left);
        for (size_t j = 0; j < i; j++)
            if (compare_cases(texts[j], texts[i]) < 0)
                assert_true(compare_cases(others[j], others[i]) < 0);
    }
    return others;
}

static const char *random_text(struct rng *rng)
{
    static const char *const parts[] = {"a", "b", "Z", "q", "M", "0", "7",  "9",  " ", "-", "_",
                                        "@", ".", "é", "ß", "Ж", "ы", "日", "本", "😀", "x", "B"};
    struct buf text = {0};
    for (uint64_t length = rng_below(rng, 24); length > 0; length--)
        buf_puts(&text, parts[rng_below(rng, sizeof parts / sizeof *parts)]);
    const char *kept = arena_strdup(&arena, buf_text(&text));
    buf_free(&text);
    return kept;
}

static void test_random_texts(void **state)
{
    struct rng rng = rng_start(3);
    (void)state;
    for (int round = 0; round < 12; round++) {
        const char *texts[MOST];
        size_t count = 1 + rng_below(&rng, 300), coincidences = 0;
        for (size_t i = 0; i < count; i++)
            texts[i] = random_text(&rng);
        const char **others = check_texts(texts, &count);
        for (size_t i = 0; i < count; i++)
            coincidences += strlen(texts[i]) > 8 && in(others[i], texts, count);
        assert_int_equal(coincidences, 0);
    }
}

static void test_hostile_texts(void **state)
{
    char *deep = arena_alloc(&arena, 200001);
    const char *texts[MOST] = {"",  " ",      "\t",  "\\", "'",  "\"",     "{}",   "NULL", "\\N",
                               "a", "aa",     "aaa", "A",  "AA", "aA",     "%s%n", "é",    "ée",
                               "É", "ab\ncd", "---", "0",  "00", "日本語", "日本"};
    size_t count = 25;
    (void)state;
    memset(deep, 'k', 200000);
    texts[count++] = deep;
    texts[count++] = deep + 1;
    texts[count++] = arena_printf(&arena, "%sz", deep);
    const char **others = check_texts(texts, &count);
    assert_string_equal(others[redact_find(texts, count, "")], "");
    assert_string_equal(others[redact_find(texts, count, "---")], "---");
    const char *broken[] = {"ab\xff\xfe", "\xc3", "x\xe6\x97"}, *after[3];
    redact_texts(&arena, REDACT_TEXT, 1, broken, 3, after);
    for (int i = 0; i < 3; i++)
        assert_int_equal(strlen(broken[i]), strlen(after[i]));
    redact_texts(&arena, REDACT_TEXT, 1, NULL, 0, after);
}

/* Every letter of the alphabet but one, and a code whose places are all taken: as few stay as can be. */
static void test_crowded_texts(void **state)
{
    const char *texts[MOST];
    size_t count = 0, same = 0;
    (void)state;
    for (int i = 0; i < 500; i++)
        texts[count++] = arena_printf(&arena, "%c%c%c", 'a' + i % 26, 'a' + i / 26, 'a' + (i * 7) % 26);
    const char **others = check_texts(texts, &count);
    for (size_t i = 0; i < count; i++)
        same += strcmp(texts[i], others[i]) == 0;
    assert_true(same < count / 10);
}

static void test_names(void **state)
{
    static const char *texts[] = {"blue", "green", "orange", "red", "white", "yellow"};
    const char *others[6], *again[6], *moved[6];
    (void)state;
    redact_texts(&arena, REDACT_TEXT, 1, texts, 6, others);
    redact_texts(&arena, REDACT_TEXT, 1, texts, 6, again);
    redact_texts(&arena, REDACT_TEXT, 2, texts, 6, moved);
    size_t same = 0;
    for (int i = 0; i < 6; i++) {
        assert_string_equal(others[i], again[i]);
        assert_false(in(others[i], texts, 6));
        same += strcmp(others[i], moved[i]) == 0;
    }
    assert_true(same < 6);
}

/* The same shape gives the same surrogates: what they are does not depend on the texts. */
static void test_place_alone(void **state)
{
    static const char *a[] = {"anna@x.de", "berta@y.de", "carl@z.de"};
    static const char *b[] = {"fynn@a.us", "gerda@b.us", "hugo@c.us"};
    const char *left[3], *right[3];
    (void)state;
    redact_texts(&arena, REDACT_TEXT, 5, a, 3, left);
    redact_texts(&arena, REDACT_TEXT, 5, b, 3, right);
    for (int i = 0; i < 3; i++)
        assert_string_equal(left[i], right[i]);
}

static void test_codes(void **state)
{
    static const char *uuids[] = {"00112233-4455-4677-8899-aabbccddeeff",
                                  "00112234-4455-4677-9899-aabbccddeeff",
                                  "f0e1d2c3-b4a5-4687-a869-5a4b3c2d1e0f"};
    static const char *bytes[] = {"\\x", "\\x00ff17", "\\x00ff18", "\\xdeadbeef"};
    static const char *inets[] = {"10.1.2.0/24", "10.1.2.7", "10.1.3.9", "192.168.7.77", "2001:db8::1"};
    const char *others[5];
    (void)state;
    redact_texts(&arena, REDACT_UUID, 1, uuids, 3, others);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(others[i][14], '4');
        assert_int_equal(others[i][19], uuids[i][19]);
        assert_true(strlen(others[i]) == 36 && strspn(others[i], "0123456789abcdef-") == 36);
        assert_true(i == 0 || strcmp(others[i - 1], others[i]) < 0);
        assert_string_not_equal(others[i] + 20, uuids[i] + 20);
    }
    assert_int_equal(prefix(others[0], others[1]), 7);
    redact_texts(&arena, REDACT_HEX, 1, bytes, 4, others);
    assert_string_equal(others[0], "\\x");
    for (int i = 1; i < 4; i++)
        assert_true(strncmp(others[i], "\\x", 2) == 0 && strcmp(others[i - 1], others[i]) < 0);
    assert_int_equal(strspn(others[3] + 2, "0123456789abcdef"), 8);
    redact_addresses(&arena, "inet", 1, inets, 5, others);
    assert_non_null(strstr(others[0], "/24"));
    assert_null(strchr(others[1], '/'));
    assert_non_null(strchr(others[4], ':'));
    for (int i = 0; i < 5; i++)
        assert_false(in(others[i], inets, 5));
}

static double number_of(const char *text)
{
    return strtod(text, NULL);
}

static int by_number(const void *left, const void *right)
{
    double a = number_of(*(const char *const *)left), b = number_of(*(const char *const *)right);
    return a < b ? -1 : a > b;
}

/* Different numbers, ascending; returns how many stayed. */
static size_t check_numbers(const char *type, const char **texts, size_t count, const char **others)
{
    size_t stayed = 0;
    redact_numbers(&arena, SQL_POSTGRES, type, 11, texts, count, others);
    for (size_t i = 0; i < count; i++) {
        double a = number_of(texts[i]), b = number_of(others[i]);
        stayed += a == b;
        assert_true((a > 0) == (b > 0) && (a < 0) == (b < 0));
        assert_true(b >= number_of(texts[0]) && b <= number_of(texts[count - 1]));
        assert_true(i == 0 || number_of(others[i - 1]) < b);
        assert_true(i == 0 || b > number_of(texts[i - 1]));
        assert_true(i + 1 == count || b < number_of(texts[i + 1]));
    }
    return stayed;
}

static void test_random_numbers(void **state)
{
    struct rng rng = rng_start(5);
    (void)state;
    for (int round = 0; round < 30; round++) {
        const char *texts[MOST], *others[MOST];
        size_t count = 2 + rng_below(&rng, 200), kept = 0;
        bool whole = round % 3 == 0, real = round % 3 == 1;
        for (size_t i = 0; i < count; i++) {
            double value = (rng_unit(&rng) - 0.3) * pow(10, 4 + (double)(round % 4));
            texts[i] = arena_printf(&arena, whole ? "%.0f" : real ? "%.17g" : "%.2f", value);
        }
        qsort(texts, count, sizeof *texts, by_number);
        for (size_t i = 0; i < count; i++)
            if (kept == 0 || number_of(texts[i]) != number_of(texts[kept - 1]))
                texts[kept++] = texts[i];
        size_t stayed = check_numbers(whole ? "int8" : real ? "float8" : "numeric", texts, kept, others);
        if (round % 4 == 3)
            assert_true(stayed <= 1); /* zero */
        for (size_t i = 0; i < kept && whole; i++)
            assert_null(strchr(others[i], '.'));
        for (size_t i = 0; i < kept && !whole && !real; i++)
            assert_int_equal(strlen(strchr(others[i], '.')), 3);
    }
}

/* Neighbours all around leave no choice; a common step stays one. */
static void test_crowded_numbers(void **state)
{
    const char *texts[MOST], *others[MOST];
    (void)state;
    for (int i = 0; i < 50; i++)
        texts[i] = arena_printf(&arena, "%d", 10 + i);
    assert_int_equal(check_numbers("int4", texts, 50, others), 50);
    for (int i = 0; i < 50; i++)
        texts[i] = arena_printf(&arena, "%d", 10 + 2 * i);
    check_numbers("int4", texts, 50, others);
    for (int i = 0; i < 50; i++)
        texts[i] = arena_printf(&arena, "%d.00", 50 * (i * i + 20 * i + 3));
    assert_int_equal(check_numbers("numeric", texts, 50, others), 0);
    for (int i = 0; i < 50; i++)
        assert_true(fmod(number_of(others[i]), 50) == 0);
    static const char *lone[] = {"7391.17"}, *small[] = {"1"}, *zero[] = {"0.00"};
    redact_numbers(&arena, SQL_POSTGRES, "numeric", 1, lone, 1, others);
    assert_string_not_equal(others[0], "7391.17");
    assert_true(number_of(others[0]) > 3600 && number_of(others[0]) < 7391.17);
    redact_numbers(&arena, SQL_POSTGRES, "int4", 1, small, 1, others);
    assert_string_equal(others[0], "1");
    redact_numbers(&arena, SQL_POSTGRES, "numeric", 1, zero, 1, others);
    assert_string_equal(others[0], "0.00");
}

/* Who knows how places are drawn does not find the way back: numbers that differ within a cell have the same surrogates. */
static void test_no_way_back(void **state)
{
    const char *a[] = {"1000", "5000", "9017", "13000", "17000"},
               *b[] = {"1000", "5000", "9003", "13000", "17000"};
    const char *left[5], *right[5];
    (void)state;
    redact_numbers(&arena, SQL_POSTGRES, "int8", 1, a, 5, left);
    redact_numbers(&arena, SQL_POSTGRES, "int8", 1, b, 5, right);
    assert_string_equal(left[2], right[2]);
}

static void test_moments(void **state)
{
    static const char *times[] = {"-infinity", "2024-01-03 07:14:15.926535+00", "2024-02-29 23:59:59.5+00",
                                  "2024-03-01 00:00:00+00", "2024-11-12 13:14:15.1+00"};
    static const char *days[] = {"2023-12-31", "2024-02-29", "2024-07-04", "infinity"};
    static const char *lengths[] = {"00:00:00", "1 day 02:03:04", "1 mon 2 days", "2 years 3 mons"};
    const char *others[5];
    (void)state;
    redact_numbers(&arena, SQL_POSTGRES, "timestamptz", 1, times, 5, others);
    assert_string_equal(others[0], "-infinity");
    for (int i = 1; i < 5; i++) {
        assert_false(in(others[i], times, 5));
        assert_true(i == 1 || strcmp(others[i - 1], others[i]) < 0);
        assert_string_equal(others[i] + strlen(others[i]) - 3, "+00");
    }
    redact_numbers(&arena, SQL_POSTGRES, "date", 1, days, 4, others);
    for (int i = 0; i < 3; i++)
        assert_true(!in(others[i], days, 4) && strlen(others[i]) == 10);
    redact_numbers(&arena, SQL_POSTGRES, "interval", 1, lengths, 4, others);
    assert_string_equal(others[0], "00:00:00");
    assert_null(strstr(others[1], "days 02:03:04"));
    static const char *odd[] = {"no number", "12"};
    redact_numbers(&arena, SQL_POSTGRES, "int4", 1, odd, 2, others);
    assert_null(others[0]);
}

static void replace(struct redact_work *work, const char *const *sources, size_t count, enum redact_form form)
{
    work->arena = &arena;
    for (size_t i = 0; i < count; i++)
        *ARENA_PUSH(&arena, work->literals, work->literal_count,
                    work->literal_capacity) = (struct redact_literal){.source = sources[i], .form = form};
    redact_replace(work);
}

static void test_documents(void **state)
{
    static const char *const sources[] = {
        "{\"id\": 70401, \"name\": \"Müller \\\"x\\\"\", \"tags\": [\"red\", null, true], \"zip\\n\": \"a\"}",
        "{\"id\": 80900, \"name\": \"Schmidt\", \"tags\": [], \"p7391\": {\"iban\": \"DE89\"}}",
        "{\"id\": 99000.5, \"name\": \"Schmidt\", \"q8402\": {\"iban\": \"FR76\"}, \"id\": 1e400}",
        "\"lone secret\"",
        "[1, 2, 3",
        "{\"a\": }"};
    (void)state;
    struct redact_work work = {.kind = REDACT_TEXT, .type = ""};
    replace(&work, sources, 6, REDACT_DOCUMENT);
    const char *a = work.literals[0].surrogate, *b = work.literals[1].surrogate,
               *c = work.literals[2].surrogate;
    assert_non_null(strstr(a, "\"tags\": [\""));
    assert_non_null(strstr(a, ", null, true]"));
    assert_true(strncmp(a, "{\"id\": 7", 8) == 0 || strncmp(a, "{\"id\": 8", 8) == 0);
    const char *name = strstr(b, "\"name\": ");
    assert_non_null(name);
    assert_non_null(strstr(c, arena_strndup(&arena, name, 17))); /* equal ones stay equal */
    assert_non_null(strstr(b, "{\"iban\": \""));
    static const char *const secrets[] = {"ller",  "Schmidt", "70401", "80900", "99000.5", "p7391",
                                          "q8402", "DE89",    "FR76",  "zip",   "secret",  "red"};
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        for (size_t l = 0; l < work.literal_count; l++)
            if (strstr(work.literals[l].surrogate, secrets[i]) != NULL)
                fail_msg("%s in %s", secrets[i], work.literals[l].surrogate);
    assert_string_equal(work.literals[4].surrogate, "null");
    assert_string_equal(work.literals[5].surrogate, "null");
}

static void test_lists(void **state)
{
    static const char *const arrays[] = {"{}", "{NULL,alpha,\"be ta\",\"q\\\"\\\\\"}", "{alpha,\"NULL\"}",
                                         "[0:1]={alpha,gamma}", "{{alpha},{gamma}}"};
    static const char *const ranges[] = {"empty", "[\"2024-01-01 00:00:00\",\"2024-05-06 07:08:09\")", "(,)",
                                         "[\"2024-03-03 01:02:03\",)"};
    (void)state;
    struct redact_work work = {.kind = REDACT_TEXT, .type = ""};
    replace(&work, arrays, 5, REDACT_ARRAY);
    assert_string_equal(work.literals[0].surrogate, "{}");
    const char *alpha = work.literals[2].surrogate + 1;
    assert_true(strncmp(work.literals[1].surrogate, "{NULL,", 6) == 0);
    assert_memory_equal(work.literals[1].surrogate + 6, alpha, 5);
    assert_memory_equal(work.literals[3].surrogate, "[0:1]={", 7);
    assert_memory_equal(work.literals[3].surrogate + 7, alpha, 5);
    assert_memory_equal(work.literals[4].surrogate, "{{", 2);
    assert_null(strstr(work.literals[1].surrogate, "alpha"));
    assert_int_equal(strlen(arrays[1]), strlen(work.literals[1].surrogate));
    struct redact_work spans = {.kind = REDACT_NUMBER, .type = "timestamp"};
    replace(&spans, ranges, 4, REDACT_RANGE);
    assert_string_equal(spans.literals[0].surrogate, "empty");
    assert_string_equal(spans.literals[2].surrogate, "(,)");
    assert_int_equal(strlen(spans.literals[1].surrogate), strlen(ranges[1]));
    assert_string_not_equal(spans.literals[1].surrogate, ranges[1]);
    assert_true(strcmp(spans.literals[1].surrogate, spans.literals[3].surrogate) < 0);
}

/* Somebody may cast them. */
static void test_moments_in_texts(void **state)
{
    static const char *const
        moments[] = {"2023-12-31T23:59:59.250Z", "2024-02-29T12:34:56.789Z", "2024-03-01T00:00:00.000+01:00"},
        *const days[] = {"2024-02-29", "2024-05-31", "2025-01-01"},
        *const others[] = {"2024-02-29", "2024-05-31 ", "2024-13-01"}, *const blobs[] = {"cafe", "hello"};
    (void)state;
    struct redact_work a = {.kind = REDACT_TEXT, .type = ""}, b = a, c = a,
                       d = {.kind = REDACT_HEX, .type = ""};
    replace(&a, moments, 3, REDACT_SCALAR);
    for (int i = 0; i < 3; i++) {
        const char *moment = a.literals[i].surrogate;
        assert_true(strlen(moment) == strlen(moments[i]) && !in(moment, moments, 3));
        assert_true(moment[10] == 'T' && moment[19] == '.' && strcmp(moment + 23, moments[i] + 23) == 0);
        assert_true(strncmp(moment, "2023-12", 7) >= 0 && strncmp(moment, "2024-03-02", 10) < 0);
    }
    replace(&b, days, 3, REDACT_SCALAR);
    for (int i = 0; i < 3; i++)
        assert_true(strncmp(b.literals[i].surrogate, "202", 3) == 0 && !in(b.literals[i].surrogate, days, 3));
    replace(&c, others, 3, REDACT_SCALAR);
    assert_int_equal(strlen(c.literals[1].surrogate), 11);
    replace(&d, blobs, 2, REDACT_SCALAR);
    assert_null(strpbrk(d.literals[1].surrogate, " "));
    assert_string_not_equal(d.literals[1].surrogate + 2, "llo");
}

/* One number beyond all counting does not make the others coarse, nor does it leave. */
static void test_outliers(void **state)
{
    static const char *const numbers[] = {"1e400",  "70401", "80900.25",
                                          "-1e-60", "17",    "123456789012345678901234567890123456789012345"};
    const char *others[6];
    (void)state;
    redact_numbers(&arena, SQL_POSTGRES, "numeric", 1, numbers, 6, others);
    assert_true(others[0] == NULL && others[3] == NULL && others[5] == NULL);
    assert_true(!in(others[1], numbers, 6) && !in(others[2], numbers, 6) && !in(others[4], numbers, 6));
    struct redact_work work = {.kind = REDACT_NUMBER, .type = "numeric"};
    replace(&work, numbers, 6, REDACT_SCALAR);
    assert_int_equal(strlen(work.literals[5].surrogate), 45);
    assert_string_not_equal(work.literals[5].surrogate, numbers[5]);
    assert_int_equal(work.literals[5].surrogate[0], '1');
    assert_non_null(strstr(work.literals[0].surrogate, "e400"));
}

/* Whatever stands in a literal, nothing is read beyond its end, and something is written for it. */
static void replace_mutated(const char *text, size_t length)
{
    static const struct {
        enum redact_form form;
        enum redact_kind kind;
        const char *type;
    } ways[] = {{REDACT_DOCUMENT, REDACT_TEXT, ""},
                {REDACT_ARRAY, REDACT_TEXT, ""},
                {REDACT_RANGE, REDACT_NUMBER, "int4"},
                {REDACT_SCALAR, REDACT_NUMBER, "numeric"},
                {REDACT_SCALAR, REDACT_NUMBER, "timestamptz"},
                {REDACT_SCALAR, REDACT_NUMBER, "interval"},
                {REDACT_SCALAR, REDACT_NUMBER, "float8"},
                {REDACT_SCALAR, REDACT_ADDRESS, "inet"},
                {REDACT_SCALAR, REDACT_UUID, ""},
                {REDACT_SCALAR, REDACT_HEX, ""}};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct arena own = {0};
        struct redact_work work = {.arena = &own, .kind = ways[i].kind, .type = ways[i].type};
        struct redact_literal literals[] = {
            {.source = arena_strndup(&own, text, length), .form = ways[i].form},
            {.source = "17", .form = ways[i].form}};
        work.literals = literals;
        work.literal_count = 2;
        redact_replace(&work);
        assert_non_null(literals[0].surrogate);
        assert_non_null(literals[1].surrogate);
        arena_free(&own);
    }
}

static void test_mutated_literals(void **state)
{
    (void)state;
    mutate("{\"a\": [1.5e3, \"x\\u00e9\\ud83d\\ude00\"], \"b\": null}", replace_mutated);
    mutate("[0:1]={\"a,b\",NULL,{c}}", replace_mutated);
    mutate("[\"2024-01-02 03:04:05.6+00\",)", replace_mutated);
    mutate("1 year -2 mons 3 days", replace_mutated);
    mutate("-12.50e3", replace_mutated);
    mutate("2001:db8::1/64", replace_mutated);
    mutate("\\xc3a9", replace_mutated);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_texts),     cmocka_unit_test(test_hostile_texts),
        cmocka_unit_test(test_crowded_texts),    cmocka_unit_test(test_names),
        cmocka_unit_test(test_place_alone),      cmocka_unit_test(test_codes),
        cmocka_unit_test(test_random_numbers),   cmocka_unit_test(test_crowded_numbers),
        cmocka_unit_test(test_no_way_back),      cmocka_unit_test(test_moments),
        cmocka_unit_test(test_documents),        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_moments_in_texts), cmocka_unit_test(test_outliers),
        cmocka_unit_test(test_mutated_literals),
    };
    return cmocka_run_group_tests(tests, NULL, free_arena);
}
