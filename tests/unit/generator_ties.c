/* Columns that go together: by statistics of several columns, in the order of the rows, by the plan's rules. Both keep their
 * counts; what determines what holds; whoever makes which row. */
#include "bench/base/rng.h"
#include "generators/profile.h"
#include "generators/row.h"
#include "generators/scan_parts.h"
#include "generators/tie.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static int forget(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

/* ---- two distributions ---- */

static const struct distribution *flat(uint64_t stream, int64_t rows, double distinct, double nulls)
{
    const struct distribution_spec spec = {
        .stream = stream, .rows = rows, .distinct = distinct, .null_ratio = nulls, .correlation = NAN};
    return distribution_make(&arena, &spec);
}

/* Which value a place belongs to, and how many different pairs a tie makes. */
static int64_t value_at(const struct distribution *of, int64_t place)
{
    return distribution_around(of, place).first;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t different(int64_t *list, int64_t count)
{
    int64_t found = count > 0;
    qsort(list, (size_t)count, sizeof *list, by_number);
    for (int64_t i = 1; i < count; i++)
        found += list[i] != list[i - 1];
    return found;
}

static int64_t pairs_of(const struct tie_spec *spec, int64_t rows)
{
    const struct tie *tie = tie_make(&arena, spec);
    const struct distribution *leader = spec->fine_leads ? spec->fine : spec->coarse;
    const struct distribution *led = spec->fine_leads ? spec->coarse : spec->fine;
    int64_t *pairs = arena_alloc(&arena, (size_t)rows * sizeof *pairs),
            *places = arena_alloc(&arena, (size_t)rows * sizeof *places);
    for (int64_t i = 0; i < rows; i++) {
        int64_t place = tie_place(tie, i);
        assert_in_range(place, 0, rows - 1);
        places[i] = place;
        pairs[i] = value_at(leader, i) * rows + value_at(led, place);
    }
    assert_int_equal(different(places, rows), rows); /* a bijection: both keep their counts */
    return different(pairs, rows);
}

static void test_packed(void **state)
{
    enum { ROWS = 60000 };
    (void)state;
    struct tie_spec spec = {
        .stream = 5, .fine = flat(1, ROWS, 900, 0.01), .coarse = flat(2, ROWS, 40, 0), .degree = 1};
    for (int i = 0; i < 2; i++) {
        spec.fine_leads = i == 0;
        assert_in_range(pairs_of(&spec, ROWS), 901, 945); /* hardly a value is split */
    }
    spec.degree = 0.6; /* two fifths of the rows have any of 40 values */
    assert_in_range(pairs_of(&spec, ROWS), 0.3 * 900 * 25, 0.45 * 900 * 40);
    spec.degree = 0;
    int64_t all = pairs_of(&spec, ROWS);
    assert_true(all > 28000);
    spec.distinct = 8000;
    assert_in_range(pairs_of(&spec, ROWS), 6500, 9500);
}

static void test_one_to_one(void **state)
{
    enum { ROWS = 20000 };
    (void)state;
    double shares[50];
    for (int i = 0; i < 50; i++)
        shares[i] = (double)(2 * (50 - i)) / (50 * 51);
    struct distribution_spec code = {
        .stream = 3, .rows = ROWS, .atom_share = shares, .atom_count = 50, .correlation = NAN};
    struct distribution_spec name = code;
    name.stream = 4;
    const struct tie_spec spec = {.stream = 6,
                                  .fine = distribution_make(&arena, &code),
                                  .coarse = distribution_make(&arena, &name),
                                  .fine_leads = true,
                                  .degree = 1};
    assert_in_range(pairs_of(&spec, ROWS), 50, 55);
}

static void test_known_pairs(void **state)
{
    enum { ROWS = 10000 };
    (void)state;
    double shares[] = {0.5, 0.3, 0.2};
    struct distribution_spec of = {
        .stream = 3, .rows = ROWS, .atom_share = shares, .atom_count = 3, .correlation = NAN};
    const struct tie_pair pairs[] = {{0, 1, 0.3}, {0, 2, 0.2}, {1, 0, 0.3}};
    struct tie_spec spec = {.stream = 7,
                            .fine = distribution_make(&arena, &of),
                            .coarse = distribution_make(&arena, &of),
                            .fine_leads = true,
                            .pairs = pairs,
                            .pair_count = 3,
                            .degree = 1};
    const struct tie *tie = tie_make(&arena, &spec);
    int64_t met[3][3] = {0};
    for (int64_t row = 0; row < ROWS; row++) {
        int64_t place = distribution_place(spec.fine, row);
        met[distribution_placed(spec.fine, place).index]
           [distribution_placed(spec.coarse, tie_place(tie, place)).index]++;
    }
    assert_int_equal(met[0][1], 3000);
    assert_int_equal(met[0][2], 2000);
    assert_int_equal(met[1][0], 3000);
    assert_int_equal(met[2][0], 2000);
}

/* Equal ranks, whichever has more nulls: these are spread. */
static void test_in_order(void **state)
{
    enum { ROWS = 5000 };
    (void)state;
    static const double nulls[] = {0, 0.1, 0.4, 1};
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 8; j++) {
            const struct tie_spec spec = {.stream = 7,
                                          .fine = flat(1, ROWS, ROWS, nulls[i]),
                                          .coarse = flat(2, ROWS, ROWS, nulls[j % 4]),
                                          .fine_leads = true,
                                          .ordered = true,
                                          .turned = j >= 4};
            const struct tie *tie = tie_make(&arena, &spec);
            int64_t places[ROWS], last = -1, late = 0, filled = distribution_filled(spec.fine),
                                  other = distribution_filled(spec.coarse);
            for (int64_t place = 0; place < ROWS; place++) {
                places[place] = tie_place(tie, j >= 4 && place < filled ? filled - 1 - place : place);
                if (place >= filled || places[place] >= other)
                    continue;
                assert_true(places[place] > last);
                late += place > filled / 2;
                last = places[place];
            }
            if (filled > other && other > 0)
                assert_in_range(late, other / 2 - 2, other / 2 + 2);
            assert_int_equal(different(places, ROWS), ROWS);
        }
}

/* ---- whole rows ---- */

enum { CUSTOMER, ORDERS, TABLES };
enum { CUSTOMERS = 3000, ROWS = 40000 };
enum { ID, BUYER, LAND, ZIP, CITY, STATE, CREATED, SHIPPED, PRICE, TOTAL, ERA, COLUMNS };

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
#define KNOWN(n, t, d)                                                                                       \
    .name = (n), .type = (t), .base = (t), .width_bytes = 4, .distinct_ratio = NAN, .values = PROFILE_KEPT,  \
    .distinct_reported = (d), .distinct = (d) < 0 ? 0 : (d)

static struct profile_column customer_known[] = {
    {KNOWN("id", "int8", -1), .correlation = 1, BOUNDS("1", "3000")},
    {KNOWN("land", "text", 4), .correlation = 0, ATOMS({0.4, "it"}, {0.3, "no"}, {0.2, "de"}, {0.1, "fr"})},
};
static struct profile_column orders_known[COLUMNS] = {
    {KNOWN("id", "int8", -1), .correlation = 1, BOUNDS("1", "40000")},
    {KNOWN("buyer", "int8", 3000), .correlation = 0, BOUNDS("1", "3000")},
    {KNOWN("land", "text", 4), .correlation = 0, ATOMS({0.4, "it"}, {0.3, "no"}, {0.2, "de"}, {0.1, "fr"})},
    {KNOWN("zip", "int4", 800), .correlation = 0, ATOMS({0.04, "17"}, {0.02, "18"}), BOUNDS("1000", "9999")},
    {KNOWN("city", "int4", 30), .correlation = 0, ATOMS({0.3, "1"}, {0.1, "2"}, {0.05, "3"}),
     BOUNDS("4", "60", "99")},
    {KNOWN("state", "text", 3), .correlation = 0.9, ATOMS({0.7, "done"}, {0.2, "new"}, {0.1, "back"})},
    {KNOWN("created", "timestamp", -1), .correlation = 1,
     BOUNDS("2024-01-01 00:00:00", "2024-12-31 00:00:00")},
    {KNOWN("shipped", "timestamp", -0.8), .null_ratio = 0.2, .correlation = 1,
     BOUNDS("2024-01-01 00:00:00", "2025-01-02 00:00:00")},
    {KNOWN("price", "numeric", 900), .correlation = 0, BOUNDS("1.00", "10.00", "500.00")},
    {KNOWN("total", "numeric", 900), .correlation = 0, BOUNDS("1.00", "10.00", "500.00")},
    {KNOWN("era", "text", 3), .correlation = 0.5, ATOMS({0.5, "a"}, {0.3, "b"}, {0.2, "c"})},
};
static struct profile_dependency orders_dependencies[] = {{(size_t[]){ZIP}, 1, CITY, 1.0},
                                                          {(size_t[]){CITY}, 1, ZIP, 0.01}};
static struct profile_group orders_groups[] = {
    {.columns = (size_t[]){ZIP, CITY},
     .column_count = 2,
     .distinct = 800,
     .dependencies = orders_dependencies,
     .dependency_count = 2},
    {.columns = (size_t[]){STATE, ERA},
     .column_count = 2,
     .mcv_count = 4,
     .mcv = (struct profile_group_atom[]){{0.5, (const char *[]){"done", "a"}},
                                          {0.2, (const char *[]){"done", "b"}},
                                          {0.2, (const char *[]){"new", "c"}},
                                          {0.1, (const char *[]){"back", "b"}}}}};
static struct profile_table known[TABLES] = {
    {.schema = "public",
     .name = "customer",
     .kind = "",
     .rows = CUSTOMERS,
     .columns = customer_known,
     .column_count = 2},
    {.schema = "public",
     .name = "orders",
     .kind = "",
     .rows = ROWS,
     .columns = orders_known,
     .column_count = COLUMNS,
     .groups = orders_groups,
     .group_count = 2},
};
static struct catalogue_column customer[] = {COLUMN("id", "int8", true, &customer_known[0]),
                                             COLUMN("land", "text", true, &customer_known[1])};
static struct catalogue_column orders[] = {
    COLUMN("id", "int8", true, &orders_known[ID]),
    COLUMN("buyer", "int8", true, &orders_known[BUYER]),
    COLUMN("land", "text", true, &orders_known[LAND]),
    COLUMN("zip", "int4", true, &orders_known[ZIP]),
    COLUMN("city", "int4", true, &orders_known[CITY]),
    COLUMN("state", "text", true, &orders_known[STATE]),
    COLUMN("created", "timestamp", true, &orders_known[CREATED]),
    COLUMN("shipped", "timestamp", false, &orders_known[SHIPPED]),
    COLUMN("price", "numeric", true, &orders_known[PRICE]),
    COLUMN("total", "numeric", true, &orders_known[TOTAL]),
    COLUMN("era", "text", true, &orders_known[ERA]),
};
static struct catalogue_key customer_keys[] = {{.kind = 'p',
                                                .name = "customer_pkey",
                                                .definition = "",
                                                .columns = (size_t[]){0},
                                                .column_count = 1,
                                                .parent = -1}};
static struct catalogue_key orders_keys[] = {{.kind = 'p',
                                              .name = "orders_pkey",
                                              .definition = "",
                                              .columns = (size_t[]){0},
                                              .column_count = 1,
                                              .parent = -1},
                                             {.kind = 'f',
                                              .name = "orders_buyer",
                                              .definition = "",
                                              .columns = (size_t[]){BUYER},
                                              .column_count = 1,
                                              .parent = CUSTOMER,
                                              .parent_columns = (size_t[]){0}}};
static struct catalogue_table tables[TABLES] = {
    {.id = 1,
     .schema = "public",
     .name = "customer",
     .quoted = "customer",
     .kind = "",
     .rows = CUSTOMERS,
     .columns = customer,
     .column_count = 2,
     .keys = customer_keys,
     .key_count = 1,
     .profile = &known[CUSTOMER]},
    {.id = 2,
     .schema = "public",
     .name = "orders",
     .quoted = "orders",
     .kind = "",
     .rows = ROWS,
     .columns = orders,
     .column_count = COLUMNS,
     .keys = orders_keys,
     .key_count = 2,
     .profile = &known[ORDERS]},
};
static const struct catalogue catalogue = {tables, TABLES};

#define RULE(...)                                                                                            \
    &(struct catalogue_rule)                                                                                 \
    {                                                                                                        \
        .nulls = NAN, .file = "p.json", .line = 3, .place = 4, __VA_ARGS__                                   \
    }
#define HOUR_US 3600e6

static void forget_rules(void)
{
    for (size_t i = 0; i < COLUMNS; i++)
        orders[i].rule = NULL;
}

static const char *(*rows_of(void))[COLUMNS]
{
    struct row_maker *maker;
    struct err err = {0};
    struct buf text = {0};
    if (!row_maker_make(&arena, 5, &catalogue, ORDERS, &maker, &err))
        fail_msg("%s (%s)", err.message, err.hint);
    const char *(*values)[COLUMNS] = arena_alloc(&arena, ROWS * sizeof *values);
    for (size_t row = 0; row < ROWS; row++) {
        buf_clear(&text);
        row_write(maker, (int64_t)row, &text);
        text.data[text.length - 1] = '\0';
        char *rest = arena_strdup(&arena, text.data);
        for (size_t i = 0; i < COLUMNS; i++)
            assert_non_null(values[row][i] = strsep(&rest, "\t"));
    }
    buf_free(&text);
    return values;
}

static int64_t count(const char *(*values)[COLUMNS], size_t column, const char *wanted)
{
    int64_t found = 0;
    for (size_t row = 0; row < ROWS; row++)
        found += strcmp(values[row][column], wanted) == 0;
    return found;
}

static int64_t distinct(const char *(*values)[COLUMNS], size_t a, size_t b)
{
    int64_t *hashes = arena_alloc(&arena, ROWS * sizeof *hashes);
    for (size_t row = 0; row < ROWS; row++)
        hashes[row] = (int64_t)rng_hash_text(rng_hash_text(1, values[row][a]), values[row][b]);
    return different(hashes, ROWS);
}

static void test_dependencies(void **state)
{
    (void)state;
    const char *(*values)[COLUMNS] = rows_of();
    assert_int_equal(distinct(values, ZIP, ZIP), 800);
    assert_int_equal(distinct(values, CITY, CITY), 30);
    assert_in_range(distinct(values, ZIP, CITY), 800, 835);
    assert_int_equal(count(values, ZIP, "17"), ROWS * 4 / 100);
    assert_int_equal(count(values, CITY, "1"), ROWS * 3 / 10);
    assert_int_equal(count(values, CITY, "3"), ROWS / 20);
}

/* An index of two columns is as small as its pairs are few. */
static void test_pairs_of_an_index(void **state)
{
    struct profile_index index = {.name = "i",
                                  .method = "btree",
                                  .columns = (int[]){LAND, PRICE},
                                  .column_count = 2,
                                  .deduplicated = true,
                                  .rows = ROWS};
    (void)state;
    known[ORDERS].indexes = &index;
    known[ORDERS].index_count = 1;
    index.pages = llround(scan_index_pages(&index, 900, 8));
    assert_in_range(distinct(rows_of(), LAND, PRICE), 900, 1000);
    index.pages = llround(scan_index_pages(&index, 1800, 8));
    assert_in_range(distinct(rows_of(), LAND, PRICE), 1300, 2400);
    index.pages = llround(scan_index_pages(&index, 3600, 8));
    assert_in_range(distinct(rows_of(), LAND, PRICE), 3100, 3600);
    index.prefix_distinct = (double[]){4, 900}; /* as other servers count */
    assert_in_range(distinct(rows_of(), LAND, PRICE), 900, 1000);
    known[ORDERS].index_count = 0;
}

/* Combinations, and the first column's order, which makes new ones the last rows. */
static void test_order_of_combinations(void **state)
{
    (void)state;
    const char *(*values)[COLUMNS] = rows_of();
    int64_t met[4] = {0}, late = 0;
    for (size_t row = 0; row < ROWS; row++) {
        bool new = strcmp(values[row][STATE], "new") == 0, done = strcmp(values[row][STATE], "done") == 0;
        met[0] += done && values[row][ERA][0] == 'a';
        met[1] += done && values[row][ERA][0] == 'b';
        met[2] += new &&values[row][ERA][0] == 'c';
        late += new &&row > ROWS / 2;
    }
    assert_in_range(met[0], ROWS / 2 - 1, ROWS / 2 + 1);
    assert_in_range(met[1], ROWS / 5 - 1, ROWS / 5 + 1);
    assert_int_equal(met[2], count(values, STATE, "new"));
    assert_int_equal(count(values, STATE, "new"), ROWS / 5);
    assert_true((double)late > 0.8 * ROWS / 5); /* they sort last; half of them if in any order */
}

/* CHECKs between columns: kept by construction, and both keep their values. */
static void test_checks_between_columns(void **state)
{
    static struct catalogue_check checks[] = {
        {"a", "CHECK (((shipped IS NULL) OR (shipped > created)))"},
        {"b", "CHECK (((total >= price) AND (price > (0)::numeric)))"},
        {"c", "CHECK ((zip < city) OR (land = 'it'::text))"}}; /* nobody knows which */
    (void)state;
    tables[ORDERS].checks = checks;
    tables[ORDERS].check_count = 3;
    orders_known[CREATED].correlation = orders_known[SHIPPED].correlation = 0;
    orders[CREATED].scale = orders[SHIPPED].scale = 0;
    orders[PRICE].scale = orders[TOTAL].scale = 2;
    const char *(*values)[COLUMNS] = rows_of();
    int64_t nulls = 0, above = 0, equal = 0;
    double apart = 0;
    for (size_t row = 0; row < ROWS; row++) {
        const char *const *value = values[row];
        assert_true(atof(value[TOTAL]) >= atof(value[PRICE]));
        equal += atof(value[TOTAL]) <= atof(value[PRICE]);
        nulls += value[SHIPPED][0] == '\\';
        above += atoll(value[ZIP]) >= atoll(value[CITY]);
        assert_true(value[SHIPPED][0] == '\\' || strcmp(value[SHIPPED], value[CREATED]) > 0);
        apart += atof(value[TOTAL]) - atof(value[PRICE]);
    }
    assert_int_equal(nulls, ROWS / 5);
    assert_true(apart / ROWS < 5); /* equal ranks go together: by chance they would be 100 apart */
    assert_true(equal < ROWS);
    assert_true(above > ROWS / 2);
    assert_int_equal(distinct(values, ZIP, ZIP), 800);
    orders_known[CREATED].correlation = orders_known[SHIPPED].correlation = 1;
    tables[ORDERS].check_count = 0;
}

static double seconds(const char *moment)
{
    int month, day, hour, minute;
    double second;
    assert_int_equal(sscanf(moment, "20%*d-%d-%d %d:%d:%lf", &month, &day, &hour, &minute, &second), 5);
    static const int before[] = {0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335};
    int year = moment[3] - '4';
    return ((year * 366 + before[month - 1] + day) * 24.0 + hour) * 3600 + minute * 60 + second;
}

static void test_rules(void **state)
{
    (void)state;
    orders[LAND].rule = RULE(.kind = RULE_FROM, .other = 1, .key = &orders_keys[1], .share = 0.93);
    orders[SHIPPED].rule = RULE(.kind = RULE_AFTER, .other = CREATED, .moments = true, .low = HOUR_US,
                                .median = 20 * HOUR_US, .high = 48 * HOUR_US, .when = STATE,
                                .when_values = (const char *[]){"new"}, .when_count = 1);
    orders[TOTAL].rule = RULE(.kind = RULE_AFTER, .other = PRICE, .low = 0.5, .high = 2, .median = NAN);
    orders[ZIP].rule = RULE(.kind = RULE_FOLLOWS, .other = BUYER, .share = 1);
    const char *(*values)[COLUMNS] = rows_of();
    struct row_maker *parents;
    struct err err = {0};
    struct buf parent = {0};
    assert_true(row_maker_make(&arena, 5, &catalogue, CUSTOMER, &parents, &err));
    int64_t agree = 0, below = 0;
    for (size_t row = 0; row < ROWS; row++) {
        const char *const *value = values[row];
        buf_clear(&parent);
        row_write(parents, atoll(value[BUYER]) - 1, &parent);
        agree += strncmp(strchr(buf_text(&parent), '\t') + 1, value[LAND], 2) == 0;
        double more = atof(value[TOTAL]) - atof(value[PRICE]);
        assert_true(more > 0.4999 && more < 2.0001);
        assert_true((strcmp(value[SHIPPED], "\\N") == 0) == (strcmp(value[STATE], "new") == 0));
        if (value[SHIPPED][0] == '\\')
            continue;
        double later = seconds(value[SHIPPED]) - seconds(value[CREATED]);
        assert_true(later >= 3600 && later <= 48 * 3600);
        below += later < 20 * 3600;
    }
    assert_in_range(agree, ROWS * 0.92, ROWS * 0.94);
    assert_in_range(below, ROWS * 0.8 * 0.48, ROWS * 0.8 * 0.52);
    assert_in_range(count(values, LAND, "it"), ROWS * 0.36, ROWS * 0.44);
    assert_in_range(distinct(values, BUYER, ZIP), 3000,
                    3900); /* each buyer's zip, and it has its own rows still */
    assert_int_equal(count(values, ZIP, "17"), ROWS * 4 / 100);
    buf_free(&parent);
    forget_rules();
}

static void refused(const char *message, const char *hint)
{
    struct row_maker *maker;
    struct err err = {0};
    if (row_maker_make(&arena, 5, &catalogue, ORDERS, &maker, &err))
        fail_msg("not refused: %s", message);
    if (strstr(err.message, message) == NULL || strstr(err.hint, hint) == NULL || err.line != 3 ||
        err.column != 4)
        fail_msg("%s:%d:%d: %s (%s)", err.file, err.line, err.column, err.message, err.hint);
    forget_rules();
}

static void test_rules_refused(void **state)
{
    (void)state;
    orders[SHIPPED].rule = RULE(.kind = RULE_FROM, .other = 1, .key = &orders_keys[1], .share = 1);
    refused("table orders, column shipped: it cannot hold", "of type timestamp, customer.land of type text");
    orders[STATE].rule = RULE(.kind = RULE_AFTER, .other = CREATED, .moments = true, .high = 1,
                              .median = NAN);
    refused("column state: it cannot come after", "created of type timestamp");
    orders[TOTAL].rule = RULE(.kind = RULE_AFTER, .other = CREATED, .high = 1, .median = NAN);
    refused("column total: it cannot come after", "durations");
    orders[BUYER].rule = RULE(.kind = RULE_FROM, .other = ID, .share = 1);
    refused("column buyer: it belongs to a key", "");
    orders[SHIPPED].rule = RULE(.kind = RULE_AFTER, .other = CREATED, .moments = true, .median = NAN);
    orders[CREATED].rule = RULE(.kind = RULE_AFTER, .other = SHIPPED, .moments = true, .median = NAN);
    refused("the plan's rules lead back to it", "");
    orders[SHIPPED].rule = RULE(.kind = RULE_AFTER, .other = CREATED, .moments = true, .when = STATE,
                                .when_values = (const char *[]){"neww"}, .when_count = 1, .median = NAN);
    orders_known[STATE].values = PROFILE_SHAPE;
    refused("does not hold this value", "--literals orders.state");
    orders_known[STATE].values = PROFILE_KEPT;
    orders[CITY].rule = RULE(.kind = RULE_FOLLOWS, .other = ID, .share = 1);
    refused("column city: it cannot follow id", "id has none or belongs to a key");
    orders[CITY].rule = RULE(.kind = RULE_FOLLOWS, .other = ZIP, .share = 1);
    orders[ZIP].rule = RULE(.kind = RULE_FOLLOWS, .other = CITY, .share = 1);
    refused("already", "");
}

/* Where values are surrogates, those of two columns have nothing in common: rows that do not copy hold another parent's. */
static void test_copies_of_surrogates(void **state)
{
    (void)state;
    customer_known[1].values = orders_known[LAND].values = PROFILE_SHAPE;
    orders_known[LAND].mcv = (struct profile_atom[]){{0.4, "xx"}, {0.3, "yy"}, {0.2, "zz"}, {0.1, "ww"}};
    orders[LAND].rule = RULE(.kind = RULE_FROM, .other = 1, .key = &orders_keys[1], .share = 0.5);
    const char *(*values)[COLUMNS] = rows_of();
    assert_int_equal(distinct(values, LAND, LAND), 4);
    assert_in_range(count(values, LAND, "no"), ROWS * 0.26, ROWS * 0.34);
    customer_known[1].values = orders_known[LAND].values = PROFILE_KEPT;
    forget_rules();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packed),
        cmocka_unit_test(test_one_to_one),
        cmocka_unit_test(test_known_pairs),
        cmocka_unit_test(test_dependencies),
        cmocka_unit_test(test_pairs_of_an_index),
        cmocka_unit_test(test_order_of_combinations),
        cmocka_unit_test(test_in_order),
        cmocka_unit_test(test_checks_between_columns),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_rules_refused),
        cmocka_unit_test(test_copies_of_surrogates),
    };
    return cmocka_run_group_tests(tests, NULL, forget);
}
