/* Rows made from a hand-made profile: counts are exact, keys hold at any scale, whoever makes which rows. */
#include "bench/base/rng.h"
#include "generators/profile.h"
#include "generators/row.h"

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { OWNER, LINE, LINK, TABLES };
enum { OWNERS = 2000, LINES = 9000, LINKS = 3000 };

#define COLUMN(n, t, required, of)                                                                           \
    {                                                                                                        \
        .name = (n), .quoted = (n), .type = (t), .base_type = (t), .not_null = (required), .max_length = -1, \
        .precision = -1, .scale = -1, .statistics = (of)                                                     \
    }
#define ATOMS(...)                                                                                           \
    .mcv = (struct profile_atom[]){__VA_ARGS__},                                                             \
    .mcv_count = sizeof((struct profile_atom[]){__VA_ARGS__}) / sizeof(struct profile_atom)
#define BOUNDS(...)                                                                                          \
    .bounds = (const char *[]){__VA_ARGS__},                                                                 \
    .bound_count = sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)
#define COUNTS(...)                                                                                          \
    .counts = (struct profile_count[]){__VA_ARGS__},                                                         \
    .count_count = sizeof((struct profile_count[]){__VA_ARGS__}) / sizeof(struct profile_count)
#define KNOWN(n, t) .name = (n), .type = (t), .base = (t), .width_bytes = 4, .distinct_ratio = NAN

static struct profile_column owner_known[] = {
    {KNOWN("id", "int8"), .distinct_reported = -1, .distinct = OWNERS, .correlation = 1,
     BOUNDS("7", "99999")},
    {KNOWN("code", "text"), .distinct_reported = -1, .distinct = OWNERS, .correlation = 0,
     BOUNDS("aaaa", "hhhh", "zzzz")},
    {KNOWN("grade", "int4"), .null_ratio = 0.1, .distinct_reported = 30, .distinct = 30, .correlation = 0,
     ATOMS({0.5, "1"}, {0.25, "2"}), BOUNDS("3", "20", "40", "100")},
    {KNOWN("boss", "int8"), .null_ratio = 0.05, .distinct_reported = 300, .distinct = 300, .correlation = 0.2,
     ATOMS({0.1, "77"}, {0.05, "12"}), BOUNDS("8", "500", "99000")},
};
/* 100 owners without a line, 1500 with 2, 300 with 10, 100 with 30. */
static struct profile_column line_known[] = {
    {KNOWN("owner_id", "int8"), .distinct_reported = 1900, .distinct = 1900, .correlation = 0.97,
     BOUNDS("7", "5000", "99999")},
    {KNOWN("number", "int4"), .distinct_reported = 30, .distinct = 30, .correlation = 0.1,
     ATOMS({0.2, "1"}, {0.2, "2"}), BOUNDS("3", "30")},
    {KNOWN("quantity", "int4"), .distinct_reported = 40, .distinct = 40, .correlation = 0, ATOMS({0.3, "4"}),
     BOUNDS("2", "10", "60")}, /* a CHECK wants 5 at least */
    {KNOWN("town", "text"), .distinct_reported = 4, .distinct = 4, .correlation = 0.3,
     ATOMS({0.4, "Rome"}, {0.3, "Oslo"}, {0.2, "Bonn"}, {0.1, "Nice"})},
    {KNOWN("land", "text"), .null_ratio = 0.1, .distinct_reported = 4, .distinct = 4, .correlation = 0.3,
     ATOMS({0.5, "it"}, {0.2, "no"}, {0.1, "de"}, {0.1, "fr"})},
};
static struct profile_column link_known[] = {
    {KNOWN("owner_id", "int8"), .distinct_reported = 1000, .distinct = 1000, .correlation = 0,
     ATOMS({0.02, "9"}), BOUNDS("7", "99999")},
    {KNOWN("other_id", "int8"), .distinct_reported = 500, .distinct = 500, .correlation = 0,
     ATOMS({0.04, "8"}), BOUNDS("7", "99999")},
};

static struct profile_reference line_reference[] = {{.name = "line_owner",
                                                     .columns = (size_t[]){0},
                                                     .parent_columns = (size_t[]){0},
                                                     .column_count = 1,
                                                     .parent = OWNER,
                                                     COUNTS({0, 100}, {2, 1500}, {10, 300}, {30, 100})}};
static struct profile_group line_group[] = {
    {.columns = (size_t[]){3, 4},
     .column_count = 2,
     .distinct = 5,
     .mcv_count = 3,
     .mcv = (struct profile_group_atom[]){{0.4, (const char *[]){"Rome", "it"}},
                                          {0.2, (const char *[]){"Oslo", "no"}},
                                          {0.05, (const char *[]){"Nice", NULL}}}}};
static struct profile_table known[TABLES] = {
    {.schema = "public",
     .name = "owner",
     .kind = "",
     .rows = OWNERS,
     .columns = owner_known,
     .column_count = 4},
    {.schema = "public",
     .name = "line",
     .kind = "",
     .rows = LINES,
     .columns = line_known,
     .column_count = 5,
     .references = line_reference,
     .reference_count = 1,
     .groups = line_group,
     .group_count = 1},
    {.schema = "public", .name = "link", .kind = "", .rows = LINKS, .columns = link_known, .column_count = 2},
};

static const struct catalogue_given colours = {(const char *[]){"red", "gre\ten", "blue"}, 3},
                                    nothing = {NULL, 0};
static struct catalogue_column owner[] = {COLUMN("id", "int8", true, &owner_known[0]),
                                          COLUMN("code", "text", true, &owner_known[1]),
                                          COLUMN("grade", "int4", false, &owner_known[2]),
                                          COLUMN("boss", "int8", false, &owner_known[3]),
                                          COLUMN("colour", "text", true, NULL),
                                          COLUMN("shape", "mystery", false, NULL)};
static struct catalogue_column line[] = {
    COLUMN("owner_id", "int8", true, &line_known[0]), COLUMN("number", "int4", true, &line_known[1]),
    COLUMN("quantity", "int4", true, &line_known[2]), COLUMN("town", "text", true, &line_known[3]),
    COLUMN("land", "text", false, &line_known[4])};
static struct catalogue_column links[] = {COLUMN("owner_id", "int8", true, &link_known[0]),
                                          COLUMN("other_id", "int8", true, &link_known[1])};

#define UNIQUE(letter, n, ...)                                                                               \
    {                                                                                                        \
        .kind = (letter), .name = (n), .definition = "", .columns = (size_t[]){__VA_ARGS__},                 \
        .column_count = sizeof((size_t[]){__VA_ARGS__}) / sizeof(size_t), .parent = -1                       \
    }
#define REFERENCE(n, column)                                                                                 \
    {                                                                                                        \
        .kind = 'f', .name = (n), .definition = "", .columns = (size_t[]){column}, .column_count = 1,        \
        .parent = OWNER, .parent_columns = (size_t[])                                                        \
        {                                                                                                    \
            0                                                                                                \
        }                                                                                                    \
    }
static struct catalogue_key owner_keys[] = {UNIQUE('p', "owner_pkey", 0), UNIQUE('u', "code_key", 1),
                                            REFERENCE("boss_fkey", 3)};
static struct catalogue_key line_keys[] = {UNIQUE('p', "line_pkey", 0, 1), REFERENCE("line_owner", 0)};
static struct catalogue_key link_keys[] = {UNIQUE('p', "link_pkey", 0, 1), REFERENCE("link_owner", 0),
                                           REFERENCE("link_other", 1)};
static struct catalogue_check line_checks[] = {{"quantity_check", "CHECK ((quantity >= 5))"}};

static struct catalogue_table tables[TABLES] = {
    {.id = 1,
     .schema = "public",
     .name = "owner",
     .quoted = "owner",
     .kind = "",
     .columns = owner,
     .column_count = 6,
     .keys = owner_keys,
     .key_count = 3,
     .profile = &known[OWNER]},
    {.id = 2,
     .schema = "public",
     .name = "line",
     .quoted = "line",
     .kind = "",
     .columns = line,
     .column_count = 5,
     .keys = line_keys,
     .key_count = 2,
     .checks = line_checks,
     .check_count = 1,
     .profile = &known[LINE]},
    {.id = 3,
     .schema = "public",
     .name = "link",
     .quoted = "link",
     .kind = "",
     .columns = links,
     .column_count = 2,
     .keys = link_keys,
     .key_count = 3,
     .profile = &known[LINK]},
};
static const struct catalogue catalogue = {tables, TABLES};
static struct arena arena;

static struct row_maker *maker_of(size_t table, double scale)
{
    struct row_maker *maker;
    struct err err = {0};
    for (size_t i = 0; i < TABLES; i++)
        tables[i].rows = llround(known[i].rows * scale);
    owner[4].given = &colours;
    owner[5].given = &nothing;
    if (!row_maker_make(&arena, 5, &catalogue, table, &maker, &err))
        fail_msg("%s", err.message);
    return maker;
}

/* All values: rows × columns. */
static const char **values_of(size_t table, double scale)
{
    struct row_maker *maker = maker_of(table, scale);
    size_t columns = tables[table].column_count, rows = (size_t)tables[table].rows;
    const char **values = arena_alloc(&arena, rows * columns * sizeof *values);
    struct buf text = {0};
    for (size_t row = 0; row < rows; row++) {
        buf_clear(&text);
        row_write(maker, (int64_t)row, &text);
        text.data[text.length - 1] = '\0';
        char *rest = arena_strdup(&arena, text.data);
        for (size_t i = 0; i < columns; i++)
            assert_non_null(values[row * columns + i] = strsep(&rest, "\t"));
        assert_null(rest);
    }
    buf_free(&text);
    return values;
}

static int64_t count(size_t table, const char **values, size_t column, const char *wanted)
{
    int64_t found = 0;
    for (int64_t row = 0; row < tables[table].rows; row++)
        found += strcmp(values[(size_t)row * tables[table].column_count + column], wanted) == 0;
    return found;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int64_t distinct(size_t table, const char **values, size_t first, size_t last)
{
    size_t rows = (size_t)tables[table].rows, columns = tables[table].column_count;
    const char **keys = arena_alloc(&arena, rows * sizeof *keys);
    for (size_t row = 0; row < rows; row++) {
        keys[row] = values[row * columns + first];
        if (last != first)
            keys[row] = arena_printf(&arena, "%s %s", keys[row], values[row * columns + last]);
    }
    qsort(keys, rows, sizeof *keys, by_text);
    int64_t found = rows > 0;
    for (size_t i = 1; i < rows; i++)
        found += strcmp(keys[i - 1], keys[i]) != 0;
    return found;
}

static void test_counts_are_exact(void **state)
{
    (void)state;
    const char **values = values_of(OWNER, 1);
    assert_int_equal(count(OWNER, values, 2, "\\N"), OWNERS / 10);
    assert_int_equal(count(OWNER, values, 2, "1"), OWNERS / 2);
    assert_int_equal(count(OWNER, values, 2, "2"), OWNERS / 4);
    assert_int_equal(distinct(OWNER, values, 2, 2), 31); /* null is the last */
    assert_int_equal(distinct(OWNER, values, 0, 0), OWNERS);
    assert_int_equal(distinct(OWNER, values, 1, 1), OWNERS);
    /* The roots, and the first rows, before which there is no other. */
    assert_in_range(count(OWNER, values, 3, "\\N"), OWNERS / 20, OWNERS / 20 + 2);
    for (int64_t row = 0; row < OWNERS; row++)
        assert_int_equal(atoll(values[row * 6]), row + 1); /* a single integer key counts */
}

static int by_number(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Children of each parent, ascending. */
static int64_t *fan_out(size_t table, const char **values, size_t column)
{
    int64_t owners = tables[OWNER].rows;
    int64_t *children = arena_alloc(&arena, (size_t)owners * sizeof *children);
    for (int64_t row = 0; row < tables[table].rows; row++) {
        const char *value = values[(size_t)row * tables[table].column_count + column];
        int64_t parent = atoll(value);
        if (strcmp(value, "\\N") == 0)
            continue;
        assert_in_range(parent, 1, owners);
        children[parent - 1]++;
    }
    qsort(children, (size_t)owners, sizeof *children, by_number);
    return children;
}

static void test_children_per_parent(void **state)
{
    static const double scales[] = {1, 0.1, 3};
    (void)state;
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        const char **values = values_of(LINE, scales[i]);
        const int64_t *children = fan_out(LINE, values, 0);
        int64_t owners = tables[OWNER].rows;
        int64_t none = owners / 20, two = owners * 16 / 20,
                ten = owners * 19 / 20; /* first ranks that differ */
        assert_int_equal(children[0], 0);
        assert_int_equal(children[none - 1], 0);
        assert_int_equal(children[none], 2);
        assert_int_equal(children[two - 1], 2);
        assert_int_equal(children[two], 10);
        assert_int_equal(children[ten - 1], 10);
        assert_int_equal(children[ten], 30);
        assert_int_equal(children[owners - 1], 30);
        assert_int_equal(distinct(LINE, values, 0, 1), tables[LINE].rows); /* the key holds */
    }
}

static void test_two_foreign_keys_as_key(void **state)
{
    static const double scales[] = {1, 0.1, 3};
    (void)state;
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        const char **values = values_of(LINK, scales[i]);
        assert_int_equal(distinct(LINK, values, 0, 1), tables[LINK].rows);
        int64_t owners = tables[OWNER].rows;
        assert_in_range(distinct(LINK, values, 0, 0), owners * 45 / 100, owners * 55 / 100);
        assert_in_range(distinct(LINK, values, 1, 1), owners * 22 / 100, owners * 28 / 100);
        const int64_t *others = fan_out(LINK, values, 1);
        if (scales[i] == 1)
            assert_in_range(others[owners - 1], LINKS * 4 / 100 - 8, LINKS * 4 / 100 + 8);
    }
}

/* Up from any row, the boss is an earlier row. */
static void test_trees_have_no_circles(void **state)
{
    static const double scales[] = {1, 0.1, 3};
    (void)state;
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        const char **values = values_of(OWNER, scales[i]);
        for (int64_t row = 0; row < tables[OWNER].rows; row++)
            if (strcmp(values[row * 6 + 3], "\\N") != 0)
                assert_in_range(atoll(values[row * 6 + 3]), 1, row);
    }
}

static void test_checks_hold(void **state)
{
    (void)state;
    const char **values = values_of(LINE, 1);
    for (int64_t row = 0; row < LINES; row++)
        assert_in_range(atoll(values[row * 5 + 2]), 5, 60);
}

static void test_columns_that_go_together(void **state)
{
    static const double scales[] = {1, 0.1, 3};
    (void)state;
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        const char **values = values_of(LINE, scales[i]);
        int64_t rows = tables[LINE].rows, rome = 0, oslo = 0, nice = 0;
        for (int64_t row = 0; row < rows; row++) {
            const char *town = values[row * 5 + 3], *land = values[row * 5 + 4];
            rome += strcmp(town, "Rome") == 0 && strcmp(land, "it") == 0;
            oslo += strcmp(town, "Oslo") == 0 && strcmp(land, "no") == 0;
            nice += strcmp(town, "Nice") == 0 && strcmp(land, "\\N") == 0;
        }
        assert_true(llabs(rome - rows * 4 / 10) <= 1); /* all of Rome is in Italy */
        assert_true(llabs(oslo - rows * 2 / 10) <= 1);
        assert_true(nice >= rows / 20 && nice < rows / 15);
        assert_true(llabs(count(LINE, values, 3, "Rome") - rows * 4 / 10) <= 1);
        assert_true(llabs(count(LINE, values, 3, "Bonn") - rows * 2 / 10) <= 1);
        assert_true(llabs(count(LINE, values, 4, "it") - rows / 2) <= 1);
        assert_true(llabs(count(LINE, values, 4, "\\N") - rows / 10) <= 1);
    }
}

static void test_the_plan_s_word(void **state)
{
    (void)state;
    const char **values = values_of(OWNER, 0.1);
    assert_string_equal(values[4], "red");
    assert_string_equal(values[6 + 4], "gre\\ten");
    assert_string_equal(values[3 * 6 + 4], "red");
    assert_int_equal(count(OWNER, values, 5, "\\N"), OWNERS / 10);
    struct row_maker *maker;
    struct err err = {0};
    owner[5].given = NULL;
    owner[5].not_null = true;
    assert_false(row_maker_make(&arena, 5, &catalogue, OWNER, &maker, &err));
    assert_non_null(strstr(err.message, "table owner, column shape"));
    assert_non_null(strstr(err.hint, "data.tables.owner.columns.shape"));
    owner[5].given = &nothing;
    err = (struct err){0};
    assert_false(row_maker_make(&arena, 5, &catalogue, OWNER, &maker, &err));
    assert_non_null(strstr(err.message, "NOT NULL"));
    owner[5].not_null = false;
}

struct share {
    pthread_t thread;
    const struct row_maker *maker;
    int64_t first, last;
    struct buf text;
};

static void *make_share(void *context)
{
    struct share *share = context;
    for (int64_t row = share->first; row < share->last; row++)
        row_write(share->maker, row, &share->text);
    return NULL;
}

static void test_any_range_by_any_thread(void **state)
{
    (void)state;
    for (size_t table = 0; table < TABLES; table++) {
        struct share whole = {.maker = maker_of(table, 1), .last = tables[table].rows}, part[7];
        struct buf joined = {0};
        make_share(&whole);
        struct row_maker *again = maker_of(table, 1);
        for (int i = 0; i < 7; i++) {
            part[i] = (struct share){.maker = again,
                                     .first = tables[table].rows * i / 7,
                                     .last = tables[table].rows * (i + 1) / 7};
            assert_int_equal(pthread_create(&part[i].thread, NULL, make_share, &part[i]), 0);
        }
        for (int i = 0; i < 7; i++) {
            pthread_join(part[i].thread, NULL);
            buf_add(&joined, part[i].text.data, part[i].text.length);
            buf_free(&part[i].text);
        }
        assert_int_equal(joined.length, whole.text.length);
        assert_memory_equal(joined.data, whole.text.data, joined.length);
        buf_free(&joined);
        buf_free(&whole.text);
    }
}

static int forget(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_are_exact),
        cmocka_unit_test(test_children_per_parent),
        cmocka_unit_test(test_two_foreign_keys_as_key),
        cmocka_unit_test(test_trees_have_no_circles),
        cmocka_unit_test(test_checks_hold),
        cmocka_unit_test(test_columns_that_go_together),
        cmocka_unit_test(test_the_plan_s_word),
        cmocka_unit_test(test_any_range_by_any_thread),
    };
    return cmocka_run_group_tests(tests, NULL, forget);
}
