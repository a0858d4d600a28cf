/* render: whole buckets counted. Values are different, ascend, stay between their bounds and are no common values, whatever the
 * type and the bounds; the binary form says what the text says. */
#include "generators/render.h"

#include "bench/base/rng.h"
#include "bench/base/utf8.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { VALUES = 3000, BOUNDS = 40, KEY = 256 };

struct made {
    struct catalogue_column column;
    struct catalogue_table table;
    struct profile_column statistics;
    const struct render *render;
};

static struct arena arena;

static int forget(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void describe(struct made *made, const char *type, const char **bounds, size_t count)
{
    *made = (struct made){
        .column = {.name = "c",
                   .quoted = "c",
                   .type = type,
                   .base_type = type,
                   .max_length = -1,
                   .precision = -1,
                   .scale = -1},
        .table =
            {.schema = "public", .name = "t", .quoted = "t", .kind = "", .column_count = 1, .rows = 1000},
        .statistics = {.name = "c",
                       .type = type,
                       .base = type,
                       .bounds = bounds,
                       .bound_count = count,
                       .width_bytes = NAN,
                       .distinct_ratio = NAN,
                       .correlation = NAN},
    };
}

static void finish(struct made *made)
{
    struct err err = {0};
    made->table.columns = &made->column;
    made->render = render_make(&arena, 77, &made->table, &made->column, &made->statistics, &err);
    if (made->render == NULL)
        fail_msg("%s", err.message);
}

static const char *text_of(const struct made *made, uint32_t bucket, uint64_t value, uint64_t values)
{
    struct buf out = {0};
    struct element element = {ELEMENT_BUCKET, bucket, value, values};
    render_text(made->render, &element, &out);
    const char *kept = arena_strdup(&arena, buf_text(&out));
    buf_free(&out);
    return kept;
}

struct bytes {
    const unsigned char *at;
    size_t count;
};

/* Without the length word, which is checked. */
static struct bytes binary_of(const struct made *made, struct element element)
{
    struct buf out = {0};
    assert_true(render_has_binary(made->render));
    render_binary(made->render, &element, &out);
    unsigned char *kept = arena_alloc(&arena, out.length + 1);
    assert_true(out.length >= 4);
    memcpy(kept, out.data, out.length);
    size_t length = (size_t)kept[0] << 24 | (size_t)kept[1] << 16 | (size_t)kept[2] << 8 | kept[3];
    assert_int_equal(length, out.length - 4);
    buf_free(&out);
    return (struct bytes){kept + 4, length};
}

static int64_t integer_of(struct bytes bytes)
{
    uint64_t number = bytes.at[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < bytes.count; i++)
        number = number << 8 | bytes.at[i];
    return (int64_t)number;
}

/* "1 2 3" as a list. */
static const char **words(const char *text, size_t *count)
{
    const char **list = arena_alloc(&arena, (strlen(text) + 1) * sizeof *list);
    char *rest = arena_strdup(&arena, text), *word;
    *count = 0;
    while ((word = strsep(&rest, "|")) != NULL)
        list[(*count)++] = word;
    return list;
}

static void describe_words(struct made *made, const char *type, const char *text)
{
    size_t count;
    const char **bounds = words(text, &count);
    describe(made, type, bounds, count);
}

/* Right: as many different integers as the capacity says, all of those between the bounds that are no atoms. */
static void integers_fill_their_buckets(void **state)
{
    (void)state;
    struct rng rng = rng_start(5);
    for (int round = 0; round < 200; round++) {
        int64_t at[BOUNDS] = {0}, place = -(int64_t)rng_below(&rng, 3000);
        size_t count = 2 + rng_below(&rng, 8), atoms = rng_below(&rng, 10);
        const char *bounds[BOUNDS];
        struct profile_atom mcv[10];
        for (size_t i = 0; i < count; i++) {
            bounds[i] = arena_printf(&arena, "%lld", (long long)(at[i] = place));
            place += 1 + (int64_t)rng_below(&rng, rng_below(&rng, 3) ? 400 : 3);
        }
        int64_t atom[10];
        for (size_t i = 0; i < atoms; i++) {
            atom[i] = at[0] + (int64_t)rng_below(&rng, (uint64_t)(place - at[0]));
            mcv[i] = (struct profile_atom){0.01, arena_printf(&arena, "%lld", (long long)atom[i])};
        }
        struct made made;
        describe(&made, round % 2 ? "int4" : "int8", bounds, count);
        made.statistics.mcv = mcv;
        made.statistics.mcv_count = atoms;
        made.statistics.distinct = 1e9; /* no step but 1 leaves room for them */
        finish(&made);
        for (size_t b = 0; b + 1 < count; b++) {
            int64_t expected = 0, last = at[b] - 1;
            for (int64_t v = at[b]; v < at[b + 1] + (b + 2 == count); v++) {
                bool taken = false;
                for (size_t i = 0; i < atoms; i++)
                    taken |= atom[i] == v;
                expected += !taken;
            }
            assert_int_equal(render_capacity(made.render, b), expected);
            for (int64_t i = 0; i < expected; i++) {
                int64_t v = strtoll(text_of(&made, (uint32_t)b, (uint64_t)i, (uint64_t)expected), NULL, 10);
                assert_true(v > last && v < at[b + 1] + (b + 2 == count));
                for (size_t j = 0; j < atoms; j++)
                    assert_int_not_equal(v, atom[j]);
                last = v;
                struct element element = {ELEMENT_BUCKET, (uint32_t)b, (uint64_t)i, (uint64_t)expected};
                assert_int_equal(integer_of(binary_of(&made, element)), v);
            }
        }
    }
}

/* Right: half as many values as places spread over all of them: no quarter holds much more than a quarter. */
static void values_spread_evenly(void **state)
{
    (void)state;
    const char *bounds[] = {"1000", "9000"};
    struct made made;
    describe(&made, "int4", bounds, 2);
    finish(&made);
    int quarters[4] = {0};
    for (uint64_t i = 0; i < 4000; i++)
        quarters[(strtoll(text_of(&made, 0, i, 4000), NULL, 10) - 1000) * 4 / 8001]++;
    for (int i = 0; i < 4; i++)
        assert_in_range(quarters[i], 995, 1005);
    int odd = 0;
    for (uint64_t i = 0; i < 4000; i++)
        odd += strtoll(text_of(&made, 0, i, 4000), NULL, 10) % 2 != 0;
    assert_in_range(odd, 1500, 2500); /* jitter: not every second place */
}

/* The payload as bytes that sort as the type does. */
static void sortable(const char *type, struct bytes bytes, unsigned char *key)
{
    memset(key, 0, KEY);
    if (strcmp(type, "bytea") == 0) { /* the shorter of two that begin alike comes first */
        for (size_t i = 0; i < bytes.count; i++)
            key[2 * i] = 1, key[2 * i + 1] = bytes.at[i];
        return;
    }
    memcpy(key, bytes.at, bytes.count);
    if (strcmp(type, "uuid") != 0 && strncmp(type, "mac", 3) != 0 && strcmp(type, "inet") != 0 &&
        strcmp(type, "cidr") != 0 && strcmp(type, "bit") != 0)
        key[0] ^= 0x80;
}

static const struct {
    const char *type, *bounds;
} ordinals[] = {
    {"date", "0044-03-15 BC|1969-12-30|2000-02-28|2024-02-29|2024-03-01|12024-01-01"},
    {"timestamp", "1999-12-31 23:59:59.5|2000-01-01 00:00:00|2024-05-06 07:08:09.123456|2024-05-06 07:08:10"},
    {"timestamptz",
     "1960-01-01 00:00:00+00|1999-12-31 23:59:59+00|2024-05-06 07:08:09+02|2030-01-01 00:00:00+00"},
    {"time", "00:00:00|00:00:10.5|12:00:00|23:59:59.999999"},
    {"uuid", "00000000-0000-4000-8000-000000000000|11111111-2222-4333-8444-555555555555|"
             "11111111-2222-4333-9444-555555555555|ffffffff-ffff-4fff-bfff-ffffffffffff"},
    {"uuid", "00000000-0000-1000-8000-000000000000|11111111-2222-4333-8444-555555555555|"
             "ffffffff-ffff-ffff-ffff-ffffffffffff"},
    {"macaddr", "00:00:00:00:00:01|02:42:ac:11:00:02|ff:ff:ff:ff:ff:ff"},
    {"macaddr8", "00:00:00:00:00:01:00:00|02:42:ac:ff:fe:11:00:02|7f:ff:ff:ff:ff:ff:ff:ff"},
    {"inet", "10.0.0.1|10.0.0.200|10.1.0.0|192.168.255.255"},
    {"inet", "2001:db8::1|2001:db8::ffff|2001:db8:1::|fe80::1"},
    {"inet", "10.0.0.0|255.255.255.254|::ffff:1:2:3|2001:db8::"},
    {"cidr", "10.0.0.0/24|10.0.200.0/24|11.0.0.0/24"},
    {"bytea", "\\x|\\x00|\\x00ff|\\x0102030405060708|\\xffffffff"},
    {"bit", "00000|00110|11001|11111"},
    {"int2", "-32768|-5|0|32767"},
};

/* Right: whole buckets of a few and of many values ascend between the bounds, as the binary form has them. */
static void ordered_types_ascend_within_bounds(void **state)
{
    (void)state;
    for (size_t t = 0; t < sizeof ordinals / sizeof *ordinals; t++) {
        struct made made, literal;
        describe_words(&made, ordinals[t].type, ordinals[t].bounds);
        made.column.max_length = strcmp(ordinals[t].type, "bit") == 0 ? 5 : -1;
        finish(&made);
        size_t buckets = made.statistics.bound_count - 1;
        literal = made;
        struct profile_atom mcv[BOUNDS];
        for (size_t i = 0; i <= buckets; i++)
            mcv[i] = (struct profile_atom){0.01, made.statistics.bounds[i]};
        literal.statistics.mcv = mcv;
        literal.statistics.mcv_count = buckets + 1;
        finish(&literal);
        for (uint32_t b = 0; b < buckets; b++)
            for (int n = 1; n < VALUES; n = n * 3 + 1) {
                double room = render_capacity(made.render, b);
                uint64_t values = room < n ? (uint64_t)room : (uint64_t)n;
                assert_true(values > 0);
                unsigned char last[KEY], key[KEY], high[KEY];
                sortable(ordinals[t].type, binary_of(&literal, (struct element){ELEMENT_ATOM, b, 0, 0}),
                         last);
                sortable(ordinals[t].type, binary_of(&literal, (struct element){ELEMENT_ATOM, b + 1, 0, 0}),
                         high);
                for (uint64_t i = 0; i < values; i++) {
                    struct element element = {ELEMENT_BUCKET, b, i, values};
                    sortable(ordinals[t].type, binary_of(&made, element), key);
                    int step = memcmp(last, key, sizeof key), below = memcmp(key, high, sizeof key);
                    if (step > (i == 0 ? 0 : -1) || below > (b + 1 == buckets ? 0 : -1))
                        fail_msg("%s: value %d of %d in bucket %d: %s", ordinals[t].type, (int)i, (int)values,
                                 (int)b, text_of(&made, b, i, values));
                    memcpy(last, key, sizeof key);
                }
            }
    }
}

static long double numeric_of(struct bytes bytes)
{
    int count = bytes.at[0] << 8 | bytes.at[1], weight = (int16_t)(bytes.at[2] << 8 | bytes.at[3]);
    long double value = 0;
    for (int i = 0; i < count; i++)
        value += (bytes.at[8 + 2 * i] << 8 | bytes.at[9 + 2 * i]) * powl(10000, weight - i);
    return bytes.at[4] & 0x40 ? -value : value;
}

static double float_of(struct bytes bytes)
{
    uint64_t wide = (uint64_t)integer_of(bytes);
    uint32_t narrow = (uint32_t)wide;
    double number;
    float small;
    memcpy(&number, &wide, sizeof number);
    memcpy(&small, &narrow, sizeof small);
    return bytes.count == 4 ? (double)small : number;
}

static void numbers_say_the_same_in_both_forms(void **state)
{
    (void)state;
    static const struct {
        const char *type, *bounds;
        int precision, scale;
    } cases[] = {
        {"numeric", "-100.00|-0.05|0.00|3.10|99999.99|12345678901.23", 20, 2},
        {"numeric", "-3|0|0.000001|12345678901234567890.5", -1, -1},
        {"numeric", "1e40|3e40|3e70", -1, -1},
        {"numeric", "-0.3|-0.1|0.1|0.125", -1, -1},
        {"float8", "-2.5|0|0.125|1000000.5", -1, -1},
        {"float8", "-1.2345678901234567|3.0000000000000004e-05|0.30000000000000004|17.1|1e+300", -1, -1},
        {"float4", "-1.5|0|2.25|100.75", -1, -1},
        {"float4", "0.12345679|0.5555556|1234567.9|1e+20", -1, -1},
    };
    for (size_t t = 0; t < sizeof cases / sizeof *cases; t++) {
        struct made made;
        describe_words(&made, cases[t].type, cases[t].bounds);
        made.column.precision = cases[t].precision;
        made.column.scale = cases[t].scale;
        finish(&made);
        assert_true(render_is_continuous(made.render));
        size_t buckets = made.statistics.bound_count - 1;
        for (uint32_t b = 0; b < buckets; b++) {
            double room = render_capacity(made.render, b);
            uint64_t values = room < VALUES ? (uint64_t)room : VALUES;
            assert_true(values > 0);
            bool narrow = strcmp(cases[t].type, "float4") == 0, is_float = cases[t].type[0] == 'f';
            long double low = strtold(made.statistics.bounds[b], NULL),
                        high = strtold(made.statistics.bounds[b + 1], NULL);
            if (is_float) {
                low = narrow ? strtof(made.statistics.bounds[b], NULL)
                             : strtod(made.statistics.bounds[b], NULL);
                high = narrow ? strtof(made.statistics.bounds[b + 1], NULL)
                              : strtod(made.statistics.bounds[b + 1], NULL);
            }
            long double last = -INFINITY;
            for (uint64_t i = 0; i < values; i++) {
                const char *text = text_of(&made, b, i, values);
                struct bytes bytes = binary_of(&made, (struct element){ELEMENT_BUCKET, b, i, values});
                long double value = strtold(text, NULL);
                if (is_float) {
                    value = narrow ? strtof(text, NULL) : strtod(text, NULL);
                    assert_true((double)value == float_of(bytes));
                } else {
                    assert_true(fabsl(numeric_of(bytes) - value) <= fabsl(value) * 1e-17L);
                }
                if (!(value > last || fabsl(value) > 1e18L) || value < low - fabsl(low) * 1e-18L ||
                    (b + 1 < buckets ? value >= high : value > high))
                    fail_msg("%s case %d bucket %d value %d of %d: %s", cases[t].type, (int)t, (int)b, (int)i,
                             (int)values, text);
                last = value;
            }
        }
    }
}

static void the_step_of_bounds_is_kept(void **state)
{
    (void)state;
    static const struct {
        const char *type, *bounds, *end;
    } cases[] = {{"numeric", "0.99|4.99|9.99|17.99|24.99|99.99", ".99"},
                 {"int4", "100|300|800|1900|2000|5000|9100", "00"},
                 {"timestamp",
                  "2024-01-01 00:00:00|2024-01-03 00:00:00|2024-02-09 00:00:00|2024-05-01 00:00:00|"
                  "2024-09-14 00:00:00|2025-01-01 00:00:00",
                  " 00:00:00"},
                 {"timestamp",
                  "2024-01-01 10:00:00.5|2024-01-03 11:20:31|2024-02-09 01:50:19.2|2024-05-01 00:00:00",
                  NULL}};
    for (size_t t = 0; t < sizeof cases / sizeof *cases; t++) {
        struct made made;
        describe_words(&made, cases[t].type, cases[t].bounds);
        finish(&made);
        for (uint32_t b = 0; b + 1 < made.statistics.bound_count; b++)
            for (uint64_t i = 0; i < 4; i++) {
                const char *text = text_of(&made, b, i, 4);
                if (cases[t].end != NULL)
                    assert_string_equal(text + strlen(text) - strlen(cases[t].end), cases[t].end);
                else
                    assert_true(strlen(text) == 21); /* tenths of a second */
            }
        assert_int_equal(t == 3, t >= 2 && render_is_continuous(made.render));
    }
}

/* Hostile and friendly texts, sorted as bytes, different. */
static size_t draw_texts(struct rng *rng, const char **texts, size_t most, size_t limit)
{
    static const char *const alphabets[] = {
        "ab", "abcdefghijklmnopqrstuvwxyz", "0123456789", "\t\\\n\r a'\"", "ABCxyz019 -_", "é", "ü本aZ9 "};
    size_t count = 0;
    const char *alphabet = alphabets[rng_below(rng, 7)];
    size_t length = strlen(alphabet), fixed = rng_below(rng, 3) == 0 ? 1 + rng_below(rng, limit) : 0;
    for (size_t i = 0; i < most; i++) {
        struct buf text = {0};
        size_t wanted = fixed > 0 ? fixed : rng_below(rng, limit + 1);
        for (size_t j = 0; j < wanted; j++) {
            size_t at = rng_below(rng, length);
            while (at > 0 && ((unsigned char)alphabet[at] & 0xc0) == 0x80)
                at--;
            buf_add(&text, alphabet + at, utf8_length(alphabet + at, alphabet + length));
        }
        texts[i] = arena_strdup(&arena, buf_text(&text));
        buf_free(&text);
    }
    for (size_t i = 0; i < most; i++)
        for (size_t j = i + 1; j < most; j++)
            if (strcmp(texts[j], texts[i]) < 0) {
                const char *other = texts[i];
                texts[i] = texts[j], texts[j] = other;
            }
    for (size_t i = 0; i < most; i++)
        if (count == 0 || strcmp(texts[count - 1], texts[i]) != 0)
            texts[count++] = texts[i];
    return count;
}

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static char *unescaped(const char *text)
{
    char *kept = arena_strdup(&arena, text), *to = kept;
    for (; *text != '\0'; text++) {
        assert_true(*text != '\t' && *text != '\n' && *text != '\r');
        if (*text == '\\')
            text++, *to++ = *text == 't' ? '\t' : *text == 'n' ? '\n' : *text == 'r' ? '\r' : '\\';
        else
            *to++ = *text;
    }
    *to = '\0';
    return kept;
}

/* Right: whatever the texts, all values differ, ascend as bytes between the bounds, are no atoms, and never exceed the limit. */
static void texts_are_ordered_codes(void **state)
{
    (void)state;
    struct rng rng = rng_start(9);
    uint64_t checked = 0;
    for (int round = 0; round < 400; round++) {
        const char *bounds[BOUNDS], *others[BOUNDS];
        size_t limit = 1 + rng_below(&rng, 12),
               count = draw_texts(&rng, bounds, 2 + rng_below(&rng, 20), limit);
        size_t atoms = draw_texts(&rng, others, 1 + rng_below(&rng, 20), limit);
        struct profile_atom mcv[BOUNDS];
        if (count < 2)
            continue;
        for (size_t i = 0; i < atoms; i++)
            mcv[i] = (struct profile_atom){0.001, others[i]};
        struct made made;
        describe(&made, round % 2 ? "varchar" : "text", bounds, count);
        made.column.max_length = round % 2 ? (int)limit : -1;
        made.statistics.mcv = mcv;
        made.statistics.mcv_count = atoms;
        made.statistics.width_bytes = 1 + (double)rng_below(&rng, 20);
        finish(&made);
        for (uint32_t b = 0; b + 1 < count; b++) {
            double room = render_capacity(made.render, b);
            uint64_t values = room < 500 ? (uint64_t)room : 500;
            const char *last = bounds[b];
            for (uint64_t i = 0; i < values; i++, checked++) {
                const char *text = unescaped(text_of(&made, b, i, values));
                if (strcmp(text, last) <= (i == 0 ? -1 : 0) ||
                    strcmp(text, bounds[b + 1]) > (b + 2 == count ? 0 : -1) ||
                    (round % 2 && characters(text) > limit))
                    fail_msg("round %d bucket %d value %d of %d: <%s> after <%s> between <%s> and <%s>",
                             round, (int)b, (int)i, (int)values, text, last, bounds[b], bounds[b + 1]);
                for (size_t j = 0; j < atoms; j++)
                    assert_string_not_equal(text, others[j]);
                struct bytes bytes = binary_of(&made, (struct element){ELEMENT_BUCKET, b, i, values});
                assert_int_equal(bytes.count, strlen(text));
                assert_memory_equal(bytes.at, text, bytes.count);
                assert_true(utf8_is_valid(text, strlen(text)));
                last = text;
            }
        }
    }
    assert_true(checked > 100000);
}

static void texts_have_the_shape_of_their_bounds(void **state)
{
    (void)state;
    struct made made;
    describe_words(&made, "text", "ORD-000123-A|ORD-001999-K|ORD-002000-B|ORD-731200-X");
    finish(&made);
    for (uint32_t b = 0; b < 3; b++)
        for (uint64_t i = 0; i < 5; i++) {
            const char *text = text_of(&made, b, i, 5);
            int at = 0, digits = 0;
            char letter = 0;
            assert_int_equal(sscanf(text, "ORD-%d%n-%c", &digits, &at, &letter), 2);
            assert_int_equal(at, 10);
            assert_true(letter >= 'A' && letter <= 'Z' && strlen(text) == 12);
        }
    assert_int_equal(render_capacity(made.render, 1), 16 + 1); /* 001999-K … -Z, 002000-A */
}

static const char *told(struct made *made, uint64_t value, uint64_t values)
{
    return text_of(made, 0, value, values);
}

static size_t spell(const char *text, const char *with)
{
    return strlen(text) - strspn(text, with);
}

/* Right: texts of hexadecimal digits stay so, and what only looks like them does not become one. */
/* Of texts of any length: the signs that all bounds have, as often and in their order, and none too long for the type. */
static void signs_of_all_bounds_are_in_every_value(void **state)
{
    (void)state;
    static const struct {
        const char *bounds, *signs;
        int limit;
    } cases[] = {
        {"u0@ex.org|u10268@wh.sli|u2@a.b|u9999@long-host.example|v1@x.y", "@.", -1},
        {"al@b.example|bob.smith@c.example|carl@d.example|z@e.example", "@", 17},
        {"https://a.example/x?id=1|https://b.example/long/path?id=22|https://c.example/y?id=333", ":?=", -1},
        {"1.0.3|1.10.12|2.3.4|3.14.15", "..", -1},
        {"AB-1|AC-2222|B-3|C-44", "-", 8},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct made made;
        describe_words(&made, "text", cases[c].bounds);
        made.column.max_length = cases[c].limit;
        made.statistics.distinct = VALUES;
        finish(&made);
        for (uint32_t bucket = 0; bucket + 1 < made.statistics.bound_count; bucket++)
            for (uint64_t i = 0; i < 500; i++) {
                const char *text = text_of(&made, bucket, i, 500);
                size_t found = 0;
                for (const char *at = text; *at != '\0'; at++)
                    if (strchr(cases[c].signs, *at) != NULL)
                        assert_int_equal(*at, cases[c].signs[found++]);
                assert_int_equal(found, strlen(cases[c].signs));
                if (cases[c].limit > 0)
                    assert_true(strlen(text) <= (size_t)cases[c].limit);
            }
    }
}

/* As they are stored in fewer bytes: as often as bounds are. */
static void some_numbers_are_whole(void **state)
{
    (void)state;
    struct made made;
    size_t whole = 0, all = 0;
    describe_words(&made, "numeric", "1.00|40.25|80.00|119.95|160.00|200.49|240.00|280.75");
    made.statistics.distinct = 700;
    made.column.scale = 2;
    made.column.precision = 10;
    finish(&made);
    for (uint32_t bucket = 0; bucket < 7; bucket++)
        for (uint64_t i = 0; i < 40; i++, all++)
            whole += strstr(text_of(&made, bucket, i, 40), ".00") != NULL;
    assert_in_range(whole, all * 4 / 10, all * 6 / 10);
}

static void hexadecimal_texts_are_recognised(void **state)
{
    (void)state;
    struct made made;
    describe_words(&made, "text", "06dd05ea1e99|1a9c590b38bf|3b5d2c7f0a1e|9fe0d1c2b3a4|f0e1d2c3b4a5");
    finish(&made);
    size_t letters = 0;
    for (uint64_t i = 0; i < 100; i++) {
        assert_int_equal(spell(told(&made, i, 100), "0123456789abcdef"), 0);
        letters += spell(told(&made, i, 100), "0123456789") > 0;
    }
    assert_true(letters > 90);
    describe_words(&made, "text", "C-00123|C-20481|C-44000|C-99123");
    finish(&made);
    for (uint64_t i = 0; i < 100; i++)
        assert_int_equal(spell(told(&made, i, 100) + 2, "0123456789"), 0);
}

/* Right: the mean of all values, atoms included, has the width that the profile says. */
static void the_mean_width_is_the_profiles(void **state)
{
    (void)state;
    static const double widths[] = {12, 25, 60, 110, 400, 3000};
    static const char *const many = "Ada Lovelace|Alan Turing|Barbara Liskov|Donald Knuth|Edsger "
                                    "Dijkstra|Grace Hopper|John McCarthy|Ken Thompson|"
                                    "Leslie Lamport|Margaret Hamilton|Niklaus Wirth|Radia Perlman";
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
        for (int known = 0; known < 2; known++) {
            struct made made;
            struct profile_atom mcv[] = {{0.2, "nobody"}, {0.1, "someone else altogether"}};
            if (known)
                describe_words(&made, "text", many);
            else
                describe(&made, "text", NULL, 0);
            made.statistics.mcv = mcv;
            made.statistics.mcv_count = known ? 2 : 0;
            made.statistics.width_bytes = widths[w];
            made.statistics.distinct = 1000;
            finish(&made);
            double sum = 0, share = known ? 0.7 : 1;
            uint32_t buckets = known ? 11 : 1;
            for (uint64_t i = 0; i < 1100; i++)
                sum += (double)strlen(text_of(&made, (uint32_t)(i % buckets), i / buckets, 1100 / buckets)) /
                       1100;
            double header = widths[w] > 127 ? 4 : 1,
                   mean = sum * share + (known ? 0.2 * 6 + 0.1 * 23 : 0) + header;
            if (fabs(mean - widths[w]) > 0.03 * widths[w] + 0.3)
                fail_msg("%s, wanted %g bytes, got %g", known ? "bounds" : "no bounds", widths[w], mean);
        }
}

static void a_dictionarys_order_is_kept(void **state)
{
    (void)state;
    struct made made;
    describe_words(&made, "text", "anna|Berta|Çelik|dora|Élodie|franz|Gustav");
    finish(&made);
    const char *last = "an";
    for (uint32_t b = 0; b < 6; b++)
        for (uint64_t i = 0; i < 300; i++) {
            const char *text = text_of(&made, b, i, 300);
            assert_true(strcasecmp(last, text) < 0 || (unsigned char)text[0] >= 0x80 ||
                        (unsigned char)last[0] >= 0x80);
            last = text;
        }
}

static void labels_and_atoms_are_literals(void **state)
{
    (void)state;
    static const char *const moods[] = {"sad", "ok", "tab\there", "back\\slash", "glad"};
    const char *bounds[] = {"sad", "glad"};
    struct profile_atom mcv[] = {{0.5, "tab\there"}, {0.2, "back\\slash"}};
    struct made made;
    describe(&made, "mood", bounds, 2);
    made.column.labels = moods;
    made.column.label_count = 5;
    made.statistics.mcv = mcv;
    made.statistics.mcv_count = 2;
    finish(&made);
    assert_int_equal(render_capacity(made.render, 0), 3);
    assert_string_equal(text_of(&made, 0, 0, 3), "sad");
    assert_string_equal(text_of(&made, 0, 1, 3), "ok");
    assert_string_equal(text_of(&made, 0, 2, 3), "glad");
    struct buf out = {0};
    render_text(made.render, &(struct element){ELEMENT_ATOM, 0, 0, 0}, &out);
    assert_string_equal(out.data, "tab\\there");
    buf_clear(&out);
    render_text(made.render, &(struct element){ELEMENT_ATOM, 1, 0, 0}, &out);
    assert_string_equal(out.data, "back\\\\slash");
    buf_clear(&out);
    render_text(made.render, &(struct element){.kind = ELEMENT_NULL}, &out);
    assert_string_equal(out.data, "\\N");
    struct bytes bytes = binary_of(&made, (struct element){ELEMENT_ATOM, 1, 0, 0});
    assert_memory_equal(bytes.at, "back\\slash", bytes.count);
    buf_free(&out);
    size_t bucket;
    double within;
    render_place(made.render, 0, &bucket, &within);
    assert_int_equal(bucket, 0);
    assert_true(fabs(within - 0.5) < 1e-9);
}

/* Right: documents of few labels and small numbers are all made, each once; wrong is one of them in all rows. */
static void small_documents_differ_in_all_leaves(void **state)
{
    (void)state;
    const char *bounds[13];
    struct made made;
    for (int i = 0; i < 13; i++)
        bounds[i] = arena_printf(&arena, "{\"n\": %d, \"on\": %s, \"tag\": \"t%d\"}", i / 3,
                                 i % 2 == 0 ? "true" : "false", i % 3);
    describe(&made, "jsonb", bounds, 13);
    made.statistics.distinct = 24;
    finish(&made);
    const char *seen[24];
    size_t count = 0;
    for (uint32_t b = 0; b < 12; b++)
        for (uint64_t i = 0; (double)i < render_capacity(made.render, b); i++) {
            const char *text = unescaped(text_of(&made, b, i, 3));
            int n;
            char on[6], tag;
            assert_true(count < 24);
            assert_int_equal(sscanf(text, "{\"n\": %d, \"on\": %5[a-z], \"tag\": \"t%c\"}", &n, on, &tag), 3);
            assert_true(n >= 0 && n <= 3 && tag >= '0' && tag <= '2');
            for (size_t j = 0; j < count; j++)
                assert_string_not_equal(seen[j], text);
            seen[count++] = text;
        }
    assert_int_equal(count, 24);
}

/* Four elements, two in each array: of the twelve that can be drawn, nine are common and come as atoms only. */
static void a_drawn_array_is_no_atom(void **state)
{
    (void)state;
    static const char *const words[] = {"a", "b", "c", "d"};
    const char *bounds[] = {"{d,a}", "{d,c}"};
    double counts[] = {2, 2, 2};
    struct profile_atom mcv[9], elements[4];
    struct made made;
    size_t atoms = 0;
    for (int i = 0; i < 4; i++)
        elements[i] = (struct profile_atom){0.5, words[i]};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 4; j++)
            if (i != j)
                mcv[atoms++] = (struct profile_atom){0.1,
                                                     arena_printf(&arena, "{%s,\"%s\"}", words[i], words[j])};
    describe(&made, "_text", bounds, 2);
    made.statistics.mcv = mcv;
    made.statistics.mcv_count = atoms;
    made.statistics.elements = elements;
    made.statistics.element_count = 4;
    made.statistics.element_counts = counts;
    made.statistics.element_count_count = 3;
    finish(&made);
    assert_int_equal(atoms, 9);
    bool seen[3] = {false};
    for (uint64_t i = 0; i < 200; i++) {
        const char *text = text_of(&made, 0, i, 200);
        if (strncmp(text, "{\"d\",\"", 6) != 0 || text[6] < 'a' || text[6] > 'c')
            fail_msg("%s", text);
        seen[text[6] - 'a'] = true;
    }
    assert_true(seen[0] && seen[1] && seen[2]);
}

/* Of few values, as many as the profile says: each is one of its own, and none is a common one. */
static void few_arrays_are_all_different(void **state)
{
    (void)state;
    enum { COUNT = 21, EACH = 6 };
    static double two[] = {2, 2};
    const char *bounds[COUNT], *seen[(COUNT - 1) * EACH + 1];
    struct profile_atom mcv[] = {{0.1, "{1,2}"}};
    struct made made;
    size_t count = 0;
    for (int i = 0; i < COUNT; i++)
        bounds[i] = arena_printf(&arena, "{%d,%d}", i % 12, i);
    describe(&made, "_int4", bounds, COUNT);
    made.statistics.mcv = mcv;
    made.statistics.mcv_count = 1;
    made.statistics.element_counts = two;
    made.statistics.element_count_count = 2;
    made.statistics.distinct = (COUNT - 1) * EACH + 1;
    finish(&made);
    seen[count++] = mcv[0].value;
    for (uint32_t bucket = 0; bucket < COUNT - 1; bucket++)
        for (uint64_t i = 0; i < EACH; i++) {
            const char *text = text_of(&made, bucket, i, EACH);
            for (size_t j = 0; j < count; j++)
                assert_string_not_equal(text, seen[j]);
            seen[count++] = text;
        }
}

static void what_cannot_be_made_says_so(void **state)
{
    (void)state;
    struct made made;
    struct err err = {0};
    describe(&made, "geometry", NULL, 0);
    made.table.columns = &made.column;
    assert_null(render_make(&arena, 1, &made.table, &made.column, &made.statistics, &err));
    assert_non_null(strstr(err.message, "column c"));
    assert_non_null(strstr(err.hint, "tables.t.columns.c"));
    const char *kept[] = {"POINT(1 1)", "POINT(2 2)"}; /* told to the letter: made of these */
    made.statistics.bounds = kept;
    made.statistics.bound_count = 2;
    made.statistics.values = PROFILE_SHAPE;
    assert_null(render_make(&arena, 1, &made.table, &made.column, &made.statistics, &err));
    made.statistics.values = PROFILE_KEPT;
    finish(&made);
    assert_string_equal(text_of(&made, 0, 0, 1), "POINT(1 1)");
    assert_int_equal(render_capacity(made.render, 0), 1);
    made.statistics.bound_count = 0;
    struct profile_atom mcv[] = {{1, "POINT(1 2)"}}; /* all there is */
    made.statistics.mcv = mcv;
    made.statistics.mcv_count = 1;
    finish(&made);
    assert_false(render_has_binary(made.render));
}

/* Right: documents of a bucket differ, have the keys of its lower bound, and are JSON that db_load reads. */
static void documents_keep_their_keys(void **state)
{
    (void)state;
    struct made made;
    describe_words(&made, "jsonb",
                   "{\"id\": 5, \"who\": \"ab\\\"cd-77\", \"on\": true}|{\"id\": 905, \"who\": "
                   "\"zz\\\\qq-12\", \"on\": false}|"
                   "{\"id\": 77, \"tags\": [\"x\", \"y\"], \"who\": \"mm-nnn-41\"}|{}|[]");
    finish(&made);
    const char **seen = arena_alloc(&arena, 1000 * sizeof *seen);
    size_t count = 0;
    for (uint32_t b = 0; b < 4; b++) {
        double room = render_capacity(made.render, b);
        uint64_t values = room < 250 ? (uint64_t)room : 250;
        assert_int_equal(values, b == 3 ? 1 : 250);
        for (uint64_t i = 0; i < values; i++) {
            const char *text = unescaped(text_of(&made, b, i, values));
            assert_true(b == 3 || strstr(text, "\"who\": \"") != NULL);
            struct bytes bytes = binary_of(&made, (struct element){ELEMENT_BUCKET, b, i, values});
            assert_int_equal(bytes.at[0], 1);
            assert_memory_equal(bytes.at + 1, text, bytes.count - 1);
            for (size_t j = 0; j < count; j++)
                assert_string_not_equal(seen[j], text);
            seen[count++] = text;
        }
    }
}

/* Right: where the server does not tell case, no two values differ in case alone, and order is a dictionary's. */
static void case_is_no_difference(void **state)
{
    (void)state;
    struct made made;
    describe_words(&made, "varchar", "Ab1|aX9|b|Cd|eF|Zz9|zzz");
    made.table.lexis = SQL_MYSQL;
    made.column.max_length = 4;
    finish(&made);
    const char *last = "";
    size_t checked = 0;
    for (uint32_t b = 0; b < 6; b++) {
        double room = render_capacity(made.render, b);
        uint64_t values = room < VALUES ? (uint64_t)room : VALUES;
        for (uint64_t i = 0; i < values; i++, checked++) {
            const char *text = text_of(&made, b, i, values);
            assert_true(strcasecmp(last, text) < 0 && strlen(text) <= 4);
            last = text;
        }
    }
    assert_true(checked > VALUES);
}

/* Right: what no order of ours explains still differs and fits. */
static void an_unknown_order_still_gives_different_values(void **state)
{
    (void)state;
    struct made made;
    describe_words(&made, "varchar", "zeta|alpha|omega|beta|gamma|delta");
    made.column.max_length = 12;
    made.statistics.distinct = 5000;
    finish(&made);
    const char **seen = arena_alloc(&arena, 2500 * sizeof *seen);
    size_t count = 0;
    for (uint32_t b = 0; b < 5; b++) {
        assert_true(render_capacity(made.render, b) >= 500);
        for (uint64_t i = 0; i < 500; i++) {
            const char *text = text_of(&made, b, i, 500);
            assert_true(strlen(text) <= 12);
            for (size_t j = 0; j < count; j++)
                assert_string_not_equal(seen[j], text);
            seen[count++] = text;
        }
    }
}

/* Right: without statistics values are made as for tables without a profile; each its own where the source's are. */
static void without_statistics_there_are_values(void **state)
{
    (void)state;
    static const char *const types[] = {"int4",        "text", "uuid",  "date",
                                        "timestamptz", "inet", "bytea", "numeric"};
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        struct made made;
        describe(&made, types[t], NULL, 0);
        made.statistics.distinct_by = "unique";
        finish(&made);
        assert_true(render_has_binary(made.render));
        assert_true(render_capacity(made.render, 0) > 1000);
        const char *seen[200];
        for (uint64_t i = 0; i < 200; i++) {
            seen[i] = told(&made, i, 200);
            for (uint64_t j = 0; j < i; j++)
                assert_string_not_equal(seen[i], seen[j]);
        }
        struct err err = {0}; /* not even a profile */
        assert_non_null(render_make(&arena, 1, &made.table, &made.column, NULL, &err));
    }
}

/* Right: unique keys whose values are not told are as wide as the source's. */
static void untold_keys_have_their_width(void **state)
{
    (void)state;
    struct made made;
    describe(&made, "varchar", NULL, 0);
    made.column.max_length = 40;
    made.statistics.width_bytes = 25;
    made.statistics.distinct_reported = -1;
    finish(&made);
    const char *last = "";
    for (uint64_t i = 0; i < 3000; i++) {
        const char *text = told(&made, i, 3000);
        assert_int_equal(strlen(text), 24);
        assert_true(strcmp(last, text) < 0);
        last = text;
    }
}

/* Right: common values are all there is; a value that is asked for nevertheless is one of the type. */
static void without_bounds_there_are_common_values(void **state)
{
    (void)state;
    static const struct {
        const char *type, *value;
    } cases[] = {
        {"int4", "7"},           {"text", "a\tb"},     {"varchar", "x"},
        {"jsonb", "{\"a\": 1}"}, {"_int4", "{1,2}"},   {"bytea", "\\x00"},
        {"int4range", "[1,2)"},  {"date", "infinity"}, {"uuid", "00000000-0000-4000-8000-000000000000"}};
    for (size_t t = 0; t < sizeof cases / sizeof *cases; t++)
        for (int width = 0; width < 2; width++) {
            struct made made;
            struct profile_atom mcv[] = {{1, cases[t].value}, {0, cases[t].value}};
            describe(&made, cases[t].type, NULL, 0);
            made.statistics.mcv = mcv;
            made.statistics.mcv_count = 2;
            made.statistics.width_bytes = width ? 30 : NAN;
            finish(&made);
            struct buf out = {0};
            render_text(made.render, &(struct element){ELEMENT_ATOM, 1, 0, 0}, &out);
            assert_string_equal(unescaped(out.data), cases[t].value);
            size_t bucket;
            double within;
            render_place(made.render, 1, &bucket, &within);
            assert_true(bucket <= 1 && within >= 0 && within < 1);
            assert_true(strlen(told(&made, 3, 10)) > 0 && render_capacity(made.render, 0) > 0);
            buf_free(&out);
        }
}

/* Right: another server's literals are written as this one reads them. */
static void literals_are_translated(void **state)
{
    (void)state;
    static const struct {
        const char *type, *from, *to;
    } cases[] = {{"int1", "t", "1"},
                 {"int1", "f", "0"},
                 {"bool", "t", "1"},
                 {"bool", "12", "12"},
                 {"timestamp", "2024-01-02 03:04:05.5+00", "2024-01-02 03:04:05.5"},
                 {"numeric", "1.50", "1.50"},
                 {"varchar", "t", "t"}};
    for (size_t t = 0; t < sizeof cases / sizeof *cases; t++) {
        struct made made;
        struct profile_atom mcv[] = {{1, cases[t].from}};
        describe(&made, cases[t].type, NULL, 0);
        made.table.lexis = SQL_MYSQL;
        made.statistics.mcv = mcv;
        made.statistics.mcv_count = 1;
        finish(&made);
        struct buf out = {0};
        render_text(made.render, &(struct element){ELEMENT_ATOM, 0, 0, 0}, &out);
        assert_string_equal(out.data, cases[t].to);
        buf_free(&out);
    }
}

/* Right: literals that are none of the type break nothing; what is made of them is text that db_load reads. */
static void garbage_breaks_nothing(void **state)
{
    (void)state;
    static const char *const types[] = {
        "int4",   "numeric",   "float4",    "float8", "bool",  "date",    "timestamptz", "time",
        "timetz", "interval",  "uuid",      "inet",   "cidr",  "macaddr", "macaddr8",    "bit",
        "varbit", "bytea",     "text",      "bpchar", "name",  "citext",  "jsonb",       "_int4",
        "_text",  "int4range", "tstzrange", "money",  "uint8", "bytes",   "inet6"};
    static const char *const pieces[] = {"1",          "-",
                                         "9999999999", ".",
                                         "e5",         "2024-01-31",
                                         " ",          "12:30:59.5",
                                         "+00",        "BC",
                                         "NaN",        "Infinity",
                                         "{",          "}",
                                         "\"",         ",",
                                         "\\",         "\\x",
                                         "ff",         ":",
                                         "::1",        "10.0.0.1",
                                         "/24",        "[",
                                         ")",          "mon",
                                         " days",      "true",
                                         "null",       "{\"a\": [1, \"x\"]}",
                                         "0101",       "é",
                                         "\t",         "99999999999999999999999999999999999999999",
                                         "\xff"};
    struct rng rng = rng_start(21);
    for (int round = 0; round < 4000; round++) {
        const char *bounds[6];
        struct profile_atom mcv[4], elements[2];
        double counts[] = {1, 3};
        for (size_t i = 0; i < 12; i++) {
            struct buf text = {0};
            for (uint64_t j = rng_below(&rng, 5); j > 0; j--)
                buf_puts(&text, pieces[rng_below(&rng, sizeof pieces / sizeof *pieces)]);
            const char *kept = arena_strdup(&arena, buf_text(&text));
            buf_free(&text);
            if (i < 6)
                bounds[i] = kept;
            else if (i < 10)
                mcv[i - 6] = (struct profile_atom){0.1, kept};
            else
                elements[i - 10] = (struct profile_atom){0.5, kept};
        }
        struct made made;
        const char *type = types[rng_below(&rng, sizeof types / sizeof *types)];
        bool bare = rng_below(&rng, 4) == 0 &&
                    strcmp(type, "macaddr8") != 0; /* which value_* does not make */
        describe(&made, type, bounds, bare ? 0 : 2 + rng_below(&rng, 5));
        made.column.max_length = rng_below(&rng, 2) ? -1 : 1 + (int)rng_below(&rng, 9);
        made.column.scale = rng_below(&rng, 2) ? -1 : (int)rng_below(&rng, 7);
        made.column.precision = made.column.scale < 0 ? -1 : 12;
        made.statistics.mcv = mcv;
        made.statistics.mcv_count = rng_below(&rng, 5);
        made.statistics.elements = elements;
        made.statistics.element_count = rng_below(&rng, 3);
        made.statistics.element_counts = counts;
        made.statistics.element_count_count = rng_below(&rng, 3);
        made.statistics.width_bytes = rng_below(&rng, 2) ? NAN : (double)rng_below(&rng, 90);
        made.statistics.distinct = (double)rng_below(&rng, 5000);
        finish(&made);
        size_t buckets = made.statistics.bound_count > 1 ? made.statistics.bound_count - 1 : 1;
        for (uint32_t b = 0; b < buckets; b++) {
            double room = render_capacity(made.render, b);
            assert_true(room >= 0);
            uint64_t values = room < 1 ? 1 : room < 20 ? (uint64_t)room : 20;
            for (uint64_t i = 0; i < values; i++) {
                const char *text = text_of(&made, b, i, values);
                assert_null(strpbrk(text, "\t\n"));
                if (render_has_binary(made.render))
                    binary_of(&made, (struct element){ELEMENT_BUCKET, b, i, values});
            }
        }
        for (uint32_t i = 0; i < made.statistics.mcv_count && render_has_binary(made.render); i++)
            binary_of(&made, (struct element){ELEMENT_ATOM, i, 0, 0});
    }
}

/* Right: bounds that a server sorted in another order are taken in ours; none is lost. */
static void bounds_in_another_order_are_sorted(void **state)
{
    (void)state;
    struct made made;
    describe_words(&made, "uuid",
                   "f1111111-2222-4333-8444-000000000001|01111111-2222-4333-8444-000000000002|"
                   "81111111-2222-4333-8444-000000000003");
    finish(&made);
    const char *last = "";
    for (uint32_t b = 0; b < 2; b++) {
        assert_true(render_capacity(made.render, b) > 1e9);
        for (uint64_t i = 0; i < 100; i++) {
            const char *text = text_of(&made, b, i, 100);
            assert_true(strcmp(last, text) < 0);
            last = text;
        }
    }
}

/* Right: of a type that has no statistics but its width, json, documents are as wide as the source's. */
static void untold_documents_have_their_width(void **state)
{
    (void)state;
    static const double widths[] = {13, 31, 60, 128, 900};
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
        struct made made;
        describe(&made, "json", NULL, 0);
        made.statistics.width_bytes = widths[w];
        finish(&made);
        double sum = 0;
        for (uint64_t i = 0; i < 1000; i++)
            sum += (double)strlen(told(&made, i, 1000)) / 1000;
        assert_true(fabs(sum + (widths[w] > 127 ? 4 : 1) - widths[w]) < 2);
    }
}

/* Right: an address, or a moment, that another server keeps as a text is one; bytes become as many characters. */
static void other_types_kept_as_texts_stay_what_they_are(void **state)
{
    (void)state;
    struct made made;
    describe_words(&made, "varchar", "10.0.0.1|10.0.200.9|192.168.1.1");
    made.table.lexis = SQL_MYSQL;
    made.column.max_length = 45;
    made.statistics.base = "inet";
    finish(&made);
    for (uint64_t i = 0; i < 200; i++) {
        unsigned a, b, c, d;
        assert_int_equal(sscanf(told(&made, i, 200), "%u.%u.%u.%u", &a, &b, &c, &d), 4);
        assert_true(a == 10 && b < 256 && c < 256 && d < 256);
    }
    assert_false(render_has_binary(made.render));
    describe_words(&made, "bytes", "\\x0011223344556677|\\x0088990011223344|\\xffeeddccbbaa9988");
    made.table.lexis = SQL_MYSQL;
    made.column.max_length = 8;
    made.statistics.base = "bytea";
    struct profile_atom mcv[] = {{0.1, "\\x00ff00ff"}};
    made.statistics.mcv = mcv;
    made.statistics.mcv_count = 1;
    finish(&made);
    for (uint64_t i = 0; i < 200; i++) {
        assert_int_equal(strlen(told(&made, i, 200)), 8);
        assert_int_equal(spell(told(&made, i, 200), "0123456789abcdef"), 0);
    }
    struct buf out = {0};
    render_text(made.render, &(struct element){ELEMENT_ATOM, 0, 0, 0}, &out);
    assert_string_equal(out.data, "00ff");
    buf_free(&out);
}

static void listed_values_sort_as_their_type(void **state)
{
    (void)state;
    static const char *const labels[] = {"10", "-3", "7"};
    const char *bounds[] = {"-3", "10"};
    struct made made;
    describe(&made, "int4", bounds, 2);
    made.column.labels = labels;
    made.column.label_count = 3;
    finish(&made);
    assert_int_equal(render_capacity(made.render, 0), 3);
    assert_string_equal(told(&made, 0, 3), "-3");
    assert_string_equal(told(&made, 1, 3), "7");
    assert_string_equal(told(&made, 2, 3), "10");
    assert_int_equal(integer_of(binary_of(&made, (struct element){ELEMENT_BUCKET, 0, 0, 3})), -3);
}

static void the_largest_integers_are_exact(void **state)
{
    (void)state;
    const char *bounds[] = {"0", "18446744073709551600", "18446744073709551615"};
    struct made made;
    describe(&made, "uint8", bounds, 3);
    made.statistics.distinct = 1e6;
    finish(&made);
    assert_int_equal(render_capacity(made.render, 1), 16);
    assert_string_equal(text_of(&made, 1, 15, 16), "18446744073709551615");
    uint64_t last = 0;
    for (uint64_t i = 0; i < 3000; i++) {
        uint64_t value = strtoull(told(&made, i, 3000), NULL, 10);
        assert_true(i == 0 || value > last);
        last = value;
    }
}

/* Values in the order in which they are frequent; their places are to be in the order of the values. */
static void assert_order(const char *type, const char *const *labels, const char *by_frequency,
                         const char *by_value)
{
    struct made made;
    size_t count, sorted_count;
    const char **values = words(by_frequency, &count), **sorted = words(by_value, &sorted_count);
    describe(&made, type, NULL, 0);
    made.statistics.mcv = arena_alloc(&arena, count * sizeof *made.statistics.mcv);
    made.statistics.mcv_count = count;
    for (size_t i = 0; i < count; i++)
        made.statistics.mcv[i] = (struct profile_atom){.value = values[i], .share = 1.0 / (double)count};
    for (made.column.labels = labels; labels != NULL && labels[made.column.label_count] != NULL;)
        made.column.label_count++;
    finish(&made);
    double last = -1;
    for (size_t i = 0; i < count; i++) {
        size_t atom = 0, bucket;
        double within;
        while (strcmp(values[atom], sorted[i]) != 0)
            atom++;
        render_place(made.render, atom, &bucket, &within);
        assert_true((double)bucket + within > last);
        last = (double)bucket + within;
    }
    assert_true(last < 1.000001);
}

/* Wrong: a column of few values, all of them common, is laid out by their frequency, and its physical order is lost. */
static void common_values_ascend_without_bounds(void **state)
{
    (void)state;
    assert_order("int4", NULL, "4|3|1|5|-2|10", "-2|1|3|4|5|10");
    assert_order("float8", NULL, "NaN|1.5|-2|Infinity|-Infinity|3", "-Infinity|-2|1.5|3|Infinity|NaN");
    assert_order("bool", NULL, "t|f", "f|t");
    assert_order("date", NULL, "2024-02-01|2023-12-31|2024-01-15", "2023-12-31|2024-01-15|2024-02-01");
    assert_order("text", NULL, "shipped|new|paid|gone", "gone|new|paid|shipped");
    assert_order("mood", (const char *const[]){"sad", "ok", "happy", NULL}, "happy|sad|ok", "sad|ok|happy");
    assert_order("jsonb", NULL, "{\"b\": 2}|{\"a\": 1}", "{\"a\": 1}|{\"b\": 2}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_fill_their_buckets),
        cmocka_unit_test(values_spread_evenly),
        cmocka_unit_test(ordered_types_ascend_within_bounds),
        cmocka_unit_test(numbers_say_the_same_in_both_forms),
        cmocka_unit_test(the_step_of_bounds_is_kept),
        cmocka_unit_test(texts_are_ordered_codes),
        cmocka_unit_test(texts_have_the_shape_of_their_bounds),
        cmocka_unit_test(signs_of_all_bounds_are_in_every_value),
        cmocka_unit_test(some_numbers_are_whole),
        cmocka_unit_test(hexadecimal_texts_are_recognised),
        cmocka_unit_test(the_mean_width_is_the_profiles),
        cmocka_unit_test(a_dictionarys_order_is_kept),
        cmocka_unit_test(labels_and_atoms_are_literals),
        cmocka_unit_test(small_documents_differ_in_all_leaves),
        cmocka_unit_test(a_drawn_array_is_no_atom),
        cmocka_unit_test(few_arrays_are_all_different),
        cmocka_unit_test(what_cannot_be_made_says_so),
        cmocka_unit_test(documents_keep_their_keys),
        cmocka_unit_test(case_is_no_difference),
        cmocka_unit_test(an_unknown_order_still_gives_different_values),
        cmocka_unit_test(without_statistics_there_are_values),
        cmocka_unit_test(untold_keys_have_their_width),
        cmocka_unit_test(without_bounds_there_are_common_values),
        cmocka_unit_test(literals_are_translated),
        cmocka_unit_test(garbage_breaks_nothing),
        cmocka_unit_test(bounds_in_another_order_are_sorted),
        cmocka_unit_test(untold_documents_have_their_width),
        cmocka_unit_test(other_types_kept_as_texts_stay_what_they_are),
        cmocka_unit_test(listed_values_sort_as_their_type),
        cmocka_unit_test(the_largest_integers_are_exact),
        cmocka_unit_test(common_values_ascend_without_bounds),
    };
    return cmocka_run_group_tests_name("generator render", tests, NULL, forget);
}
