/* Keys made from statistics: rows lie as the source's do, both sides of a key keep their rows, references find their parents. */
#include "generators/distribution_rank.h"
#include "generators/profile.h"
#include "generators/row.h"
#include "generators/scan_parts.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 4 };

/* Tables by hand, as a catalogue and its profile. */
struct bed {
    struct catalogue_table tables[MOST];
    struct profile_table profiles[MOST];
    struct catalogue catalogue;
};

static struct arena arena;

static const char *number(double value)
{
    return arena_printf(&arena, "%lld", (long long)value);
}

static size_t add_table(struct bed *bed, const char *name, int64_t rows, size_t columns)
{
    size_t at = bed->catalogue.count++;
    bed->profiles[at] = (struct profile_table){
        .schema = "public", .name = name, .kind = "", .rows = (double)rows};
    bed->profiles[at].sample_rows = 30000;
    bed->profiles[at].columns = arena_alloc(&arena, columns * sizeof(struct profile_column));
    bed->tables[at] = (struct catalogue_table){.id = (uint32_t)at + 1,
                                               .schema = "public",
                                               .name = name,
                                               .quoted = name,
                                               .kind = "",
                                               .rows = rows,
                                               .profile = &bed->profiles[at]};
    bed->tables[at].columns = arena_alloc(&arena, columns * sizeof(struct catalogue_column));
    bed->tables[at].keys = arena_alloc(&arena, 8 * sizeof(struct catalogue_key));
    bed->catalogue.tables = bed->tables;
    return at;
}

static struct profile_column *add_column(struct bed *bed, size_t table, const char *name, double distinct,
                                         double correlation)
{
    size_t at = bed->tables[table].column_count++;
    struct profile_column *told = &bed->profiles[table].columns[bed->profiles[table].column_count++];
    *told = (struct profile_column){.name = name,
                                    .type = "int8",
                                    .base = "int8",
                                    .width_bytes = 8,
                                    .distinct_ratio = NAN,
                                    .distinct_reported = distinct,
                                    .distinct = distinct,
                                    .correlation = correlation};
    bed->tables[table].columns[at] = (struct catalogue_column){.name = name,
                                                               .quoted = name,
                                                               .type = "int8",
                                                               .base_type = "int8",
                                                               .not_null = true,
                                                               .max_length = -1,
                                                               .precision = -1,
                                                               .scale = -1,
                                                               .statistics = told};
    return told;
}

static void add_key(struct bed *bed, size_t table, char kind, size_t column, int other, int parent)
{
    struct catalogue_table *self = &bed->tables[table];
    struct catalogue_key *key = &self->keys[self->key_count++];
    size_t *columns = arena_alloc(&arena, 2 * sizeof *columns);
    columns[0] = column;
    columns[1] = other < 0 ? 0 : (size_t)other;
    *key = (struct catalogue_key){.kind = kind,
                                  .name = arena_printf(&arena, "%s_%c%zu", self->name, kind, column),
                                  .definition = "",
                                  .columns = columns,
                                  .column_count = other < 0 ? 1 : 2,
                                  .parent = parent,
                                  .parent_columns = arena_alloc(&arena, 2 * sizeof *columns)};
}

/* value(u) at even steps; common ones by their shares. */
static void set_bounds(struct profile_column *told, size_t count, double (*value)(double u))
{
    told->bound_count = count;
    told->bounds = arena_alloc(&arena, count * sizeof(const char *));
    for (size_t i = 0; i < count; i++)
        told->bounds[i] = number(value((double)i / (double)(count - 1)));
}

static void set_common(struct profile_column *told, size_t count, double (*share)(size_t rank))
{
    told->mcv_count = count;
    told->mcv = arena_alloc(&arena, count * sizeof *told->mcv);
    for (size_t i = 0; i < count; i++)
        told->mcv[i] = (struct profile_atom){share(i), number((double)(i + 1))};
}

/* Values by row and column; −1: null. */
static int64_t *values_of(struct bed *bed, size_t table, double scale)
{
    struct row_maker *maker;
    struct err err = {0};
    struct buf text = {0};
    for (size_t i = 0; i < bed->catalogue.count; i++)
        bed->tables[i].rows = llround(bed->profiles[i].rows * scale);
    if (!row_maker_make(&arena, 11, &bed->catalogue, table, &maker, &err))
        fail_msg("%s", err.message);
    size_t columns = bed->tables[table].column_count, rows = (size_t)bed->tables[table].rows;
    int64_t *values = arena_alloc(&arena, rows * columns * sizeof *values);
    for (size_t row = 0; row < rows; row++) {
        buf_clear(&text);
        row_write(maker, (int64_t)row, &text);
        char *at = text.data;
        for (size_t i = 0; i < columns; i++, at++)
            values[row * columns + i] = *at == '\\' ? (at += 2, -1) : strtoll(at, &at, 10);
    }
    buf_free(&text);
    return values;
}

struct sorted {
    int64_t value, row;
};

static int by_value(const void *left, const void *right)
{
    const struct sorted *a = left, *b = right;
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return a->row < b->row ? -1 : 1;
}

static struct sorted *sort_column(const int64_t *values, size_t rows, size_t columns, size_t column,
                                  size_t *count)
{
    struct sorted *list = arena_alloc(&arena, (rows + 1) * sizeof *list);
    *count = 0;
    for (size_t i = 0; i < rows; i++)
        if (values[i * columns + column] >= 0) {
            list[*count] = (struct sorted){values[i * columns + column], (int64_t)*count};
            ++*count;
        }
    qsort(list, *count, sizeof *list, by_value);
    return list;
}

/* As ANALYZE measures it: place in the sort order against place in the table. */
static double correlation(const int64_t *values, size_t rows, size_t columns, size_t column)
{
    size_t count;
    struct sorted *list = sort_column(values, rows, columns, column, &count);
    double n = (double)count, sum = 0, mean = (n - 1) / 2, squares = (n * n - 1) / 12;
    for (size_t i = 0; i < count; i++)
        sum += ((double)i - mean) * ((double)list[i].row - mean);
    return sum / n / squares;
}

static int by_count(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a < b) - (a > b);
}

/* Rows of each value there is, by falling rows. */
static int64_t *rows_of(const int64_t *values, size_t rows, size_t columns, size_t column, size_t *distinct)
{
    size_t count;
    struct sorted *list = sort_column(values, rows, columns, column, &count);
    int64_t *found = arena_alloc(&arena, (count + 1) * sizeof *found);
    *distinct = 0;
    for (size_t i = 0; i < count; i++) {
        *distinct += i == 0 || list[i].value != list[i - 1].value;
        found[*distinct - 1]++;
    }
    qsort(found, *distinct, sizeof *found, by_count);
    return found;
}

static int64_t count_of(const int64_t *values, size_t rows, size_t columns, size_t column, int64_t value)
{
    int64_t found = 0;
    for (size_t i = 0; i < rows; i++)
        found += values[i * columns + column] == value;
    return found;
}

static void assert_unique_pairs(const int64_t *values, size_t rows)
{
    struct sorted *pairs = arena_alloc(&arena, rows * sizeof *pairs);
    for (size_t i = 0; i < rows; i++)
        pairs[i] = (struct sorted){values[2 * i], values[2 * i + 1]};
    qsort(pairs, rows, sizeof *pairs, by_value);
    for (size_t i = 1; i < rows; i++)
        assert_true(by_value(&pairs[i - 1], &pairs[i]) < 0);
}

static const double scales[] = {1, 0.1, 3};

/* ---- how rows lie ---- */

static double five(size_t rank)
{
    static const double share[] = {0.24, 0.22, 0.2, 0.18, 0.16};
    return share[rank];
}

static void test_few_parents_in_order(void **state)
{
    (void)state;
    static const double wanted[] = {0.98, 0.6, 0.1, -0.7, 1};
    static const char *const mixed[] = {"3", "1", "5", "2", "4"}; /* the most common is not the first */
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct bed bed = {0};
        size_t branch = add_table(&bed, "branch", 5, 1), account = add_table(&bed, "account", 20000, 1);
        add_column(&bed, branch, "id", 5, 1);
        add_key(&bed, branch, 'p', 0, -1, -1);
        struct profile_column *told = add_column(&bed, account, "branch_id", 5, wanted[i]);
        set_common(told, 5, five);
        for (size_t j = 0; j < 5; j++)
            told->mcv[j].value = mixed[j];
        add_key(&bed, account, 'f', 0, -1, (int)branch);
        const int64_t *values = values_of(&bed, account, 1);
        if (fabs(correlation(values, 20000, 1, 0) - wanted[i]) > 0.02)
            fail_msg("wanted %f, is %f", wanted[i], correlation(values, 20000, 1, 0));
        for (size_t j = 0; j < 5; j++)
            assert_int_equal(count_of(values, 20000, 1, 0, atoll(mixed[j])), llround(five(j) * 20000));
    }
}

static double newest(double u)
{
    return 9001 + u * 990;
}

/* Right: lines that are kept of the newest tenth of the orders are of those in the copy too, also of a smaller one. Wrong: of
 * all orders, or of none beyond the outermost bounds where these are nearly the first and the last. */
static void test_children_of_the_newest(void **state)
{
    (void)state;
    for (int tenth = 0; tenth < 2; tenth++) {
        struct bed bed = {0};
        size_t orders = add_table(&bed, "orders", 10000, 1), lines = add_table(&bed, "line", 3000, 1);
        add_column(&bed, orders, "id", 10000, 1);
        add_key(&bed, orders, 'p', 0, -1, -1);
        struct profile_column *told = add_column(&bed, lines, "order_id", 950, 1);
        set_bounds(told, 101, newest);
        add_key(&bed, lines, 'f', 0, -1, (int)orders);
        size_t rows = tenth ? 300 : 3000, count;
        struct sorted *list = sort_column(values_of(&bed, lines, tenth ? 0.1 : 1), rows, 1, 0, &count);
        assert_int_equal(count, rows);
        assert_in_range(list[0].value, tenth ? 895 : 8950, tenth ? 905 : 9050);
        assert_in_range(list[count - 1].value, tenth ? 990 : 9900, tenth ? 1000 : 10000);
    }
}

static void test_keys_lie_as_they_did(void **state)
{
    (void)state;
    static const double wanted[] = {1, 0.6, 0.05, -0.5, -1};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct bed bed = {0};
        size_t parent = add_table(&bed, "parent", 9000, 1), child = add_table(&bed, "child", 9000, 1);
        add_column(&bed, parent, "id", 9000, wanted[i]);
        add_key(&bed, parent, 'p', 0, -1, -1);
        struct profile_column *told = add_column(&bed, child, "parent_id", 900, 1);
        told->bound_count = 2; /* a tenth of the parents have ten each, in the order of their keys */
        told->bounds = (const char *[]){"1", "9000"};
        told->counts = (struct profile_count[]){{10, 900}};
        told->count_count = 1;
        add_key(&bed, child, 'f', 0, -1, (int)parent);
        const int64_t *keys = values_of(&bed, parent, 1), *values = values_of(&bed, child, 1);
        assert_true(fabs(correlation(keys, 9000, 1, 0) - wanted[i]) < 0.02);
        assert_true(correlation(values, 9000, 1, 0) > 0.999);
        size_t distinct;
        const int64_t *rows = rows_of(values, 9000, 1, 0, &distinct);
        assert_int_equal(distinct, 900);
        assert_int_equal(rows[0], 10);
        rows_of(keys, 9000, 1, 0, &distinct);
        assert_int_equal(distinct, 9000);
    }
}

/* The row at a rank is the row of that rank, with nulls and without, in any order. */
static void test_rows_of_ranks(void **state)
{
    (void)state;
    static const double orders[] = {1, 0.7, 0, -0.3, -1}, nulls[] = {0, 0.3, 0.99};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        for (size_t j = 0; j < sizeof nulls / sizeof *nulls; j++)
            for (int64_t rows = 1; rows < 3000; rows = rows * 3 + 1) {
                struct distribution_spec spec = {
                    .stream = 3, .rows = rows, .null_ratio = nulls[j], .correlation = orders[i]};
                const struct distribution *made = distribution_make(&arena, &spec);
                for (int64_t rank = 0; rank < distribution_filled(made); rank++)
                    assert_int_equal(distribution_place(made, distribution_row(made, rank)), rank);
            }
}

/* ---- trees ---- */

static double cube(double u)
{
    return 40 + u * u * u * 15000;
}

static double patron_share(size_t rank)
{
    return 0.0129 / pow((double)rank + 1, 0.9);
}

static void test_trees_keep_order(void **state)
{
    (void)state;
    static const double wanted[] = {0.4, 0.6, 0.9};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct bed bed = {0};
        size_t customer = add_table(&bed, "customer", 20000, 2);
        add_column(&bed, customer, "id", 20000, 1);
        struct profile_column *told = add_column(&bed, customer, "patron", 3200, wanted[i]);
        bed.tables[customer].columns[1].not_null = false;
        told->null_ratio = 0.7;
        set_common(told, 30, patron_share);
        set_bounds(told, 101, cube);
        add_key(&bed, customer, 'p', 0, -1, -1);
        add_key(&bed, customer, 'f', 1, -1, (int)customer);
        const int64_t *values = values_of(&bed, customer, 1);
        if (fabs(correlation(values, 20000, 2, 1) - wanted[i]) > 0.03)
            fail_msg("wanted %f, is %f", wanted[i], correlation(values, 20000, 2, 1));
        size_t distinct, late = 0;
        rows_of(values, 20000, 2, 1, &distinct);
        assert_in_range(distinct, 3150, 3250);
        for (size_t row = 0; row < 20000; row++)
            late += values[2 * row + 1] >= values[2 * row];
        assert_int_equal(late, 0);
        assert_in_range(count_of(values, 20000, 2, 1, -1), 14000, 14001);
    }
}

/* ---- keys of several columns ---- */

static double line_share(size_t rank)
{
    static const double share[] = {0.4658, 0.2088, 0.1425, 0.0961, 0.0567, 0.0301};
    return share[rank];
}

static void test_lines_are_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < 5; i++) { /* not three times as many values between the same bounds */
        bool references = i % 2 == 0;
        double scale = scales[i / 2];
        struct bed bed = {0};
        size_t order = add_table(&bed, "orders", 30000, 1), item = add_table(&bed, "item", 64161, 2);
        add_column(&bed, order, "id", 30000, 1);
        add_key(&bed, order, 'p', 0, -1, -1);
        struct profile_column *told = add_column(&bed, item, "order_id", 26399, 1);
        told->bound_count = 2;
        told->bounds = (const char *[]){"1", "30000"};
        told->mcv = (struct profile_atom[]){{0.0002, "77"}}; /* a sample's: no order has 13 lines */
        told->mcv_count = 1;
        set_common(add_column(&bed, item, "line", 6, 0.3), 6, line_share);
        add_key(&bed, item, 'p', 0, 1, -1);
        if (references)
            add_key(&bed, item, 'f', 0, -1, (int)order);
        size_t rows = (size_t)llround(64161 * scale);
        const int64_t *values = values_of(&bed, item, scale);
        assert_unique_pairs(values, rows);
        for (size_t j = 0; j < 6; j++) {
            double wanted = line_share(j) * (double)rows,
                   is = (double)count_of(values, rows, 2, 1, (int64_t)j + 1);
            if (fabs(is - wanted) > 1)
                fail_msg("scale %g, line %zu: %.0f rows, wanted %.1f", scale, j + 1, is, wanted);
        }
        assert_int_equal(count_of(values, rows, 2, 1, 7), 0);
    }
}

static double tenant_share(size_t rank)
{
    return 0.0757 * pow(0.925, (double)rank) + 0.0002;
}

/* Documents with a number up to this one. */
static double documents_up_to(double number)
{
    double documents = 0;
    for (size_t i = 0; i < 50; i++)
        documents += fmin(number, tenant_share(i) * 22127);
    return documents;
}

/* Numbers above 100. */
static double document_number(double u)
{
    double from = documents_up_to(100), wanted = from + u * (documents_up_to(1e9) - from), number = 101;
    while (number < 1679 && documents_up_to(number) < wanted)
        number++;
    return number;
}

static double same_small(size_t rank)
{
    (void)rank;
    return 0.00226;
}

/* Documents are numbered within their tenant: 100 common numbers and a histogram tell. */
static void test_long_numbering(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        struct bed bed = {0};
        size_t tenant = add_table(&bed, "tenant", 50, 1), document = add_table(&bed, "document", 22127, 2);
        add_column(&bed, tenant, "id", 50, 1);
        add_key(&bed, tenant, 'p', 0, -1, -1);
        struct profile_column *tenants = add_column(&bed, document, "tenant_id", 50, 1);
        set_common(tenants, 50, tenant_share);
        struct profile_column *numbers = add_column(&bed, document, "number", 1681, 0.07);
        set_common(numbers, 100, same_small);
        set_bounds(numbers, 101, document_number);
        add_key(&bed, document, 'p', 0, 1, -1);
        add_key(&bed, document, 'f', 0, -1, (int)tenant);
        size_t rows = (size_t)llround(22127 * scales[i]), distinct;
        const int64_t *values = values_of(&bed, document, scales[i]);
        assert_unique_pairs(values, rows);
        const int64_t *each = rows_of(values, rows, 2, 0, &distinct);
        assert_int_equal(distinct, llround(50 * scales[i]));
        if (scales[i] == 1) {
            assert_in_range(each[0], 1678, 1682);
            assert_int_equal(count_of(values, rows, 2, 1, 1), 50); /* every tenant has a first one */
            assert_true(correlation(values, rows, 2, 0) > 0.99);
        }
    }
}

static double group_share(size_t rank)
{
    return 0.093 * pow((double)rank + 1, -0.7) * 0.5;
}

static double member_share(size_t rank)
{
    return 0.0099 * pow((double)rank + 1, -0.67);
}

static double first_members(double u)
{
    return 101 + 19899 * pow(u, 1.8);
}

static double first_groups(double u)
{
    return 101 + 399 * u;
}

/* Who is in many groups is in the common ones, of which each member counts once: both sides keep their rows. */
static void test_many_to_many(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        struct bed bed = {0};
        size_t one = add_table(&bed, "customer", 20000, 1), other = add_table(&bed, "team", 500, 1);
        size_t both = add_table(&bed, "member", 45000, 2);
        add_column(&bed, one, "id", 20000, 1);
        add_key(&bed, one, 'p', 0, -1, -1);
        add_column(&bed, other, "id", 500, 1);
        add_key(&bed, other, 'p', 0, -1, -1);
        struct profile_column *members = add_column(&bed, both, "customer_id", 15000, 1);
        set_common(members, 100, member_share);
        set_bounds(members, 101, first_members);
        struct profile_column *groups = add_column(&bed, both, "team_id", 500, -0.05);
        set_common(groups, 100, group_share);
        set_bounds(groups, 101, first_groups);
        add_key(&bed, both, 'p', 0, 1, -1);
        add_key(&bed, both, 'f', 0, -1, (int)one);
        add_key(&bed, both, 'f', 1, -1, (int)other);
        size_t rows = (size_t)llround(45000 * scales[i]);
        const int64_t *values = values_of(&bed, both, scales[i]);
        assert_unique_pairs(values, rows);
        for (size_t j = 0; j < 20 && scales[i] == 1; j++) {
            double wanted = group_share(j) * 45000, is = (double)count_of(values, rows, 2, 1, (int64_t)j + 1);
            if (fabs(is - wanted) > 3 + 0.05 * wanted)
                fail_msg("team %zu: %.0f members, wanted %.0f", j + 1, is, wanted);
            wanted = member_share(j) * 45000;
            is = (double)count_of(values, rows, 2, 0, (int64_t)j + 1);
            assert_true(fabs(is - wanted) <= 1);
        }
    }
}

static double even_sensors(size_t rank)
{
    return (1 + 0.05 * sin((double)rank)) / 60; /* as a sample shows them */
}

static double even_times(double u)
{
    return 1000 + u * 90000;
}

/* Each sensor reads at each time: the lead is what lies in the order of the rows, and no value has more than there are. */
static void test_full_grid(void **state)
{
    (void)state;
    for (int by_sensor = 0; by_sensor < 2; by_sensor++) {
        struct bed bed = {0};
        size_t sensor = add_table(&bed, "sensor", 60, 1), reading = add_table(&bed, "reading", 90000, 2);
        add_column(&bed, sensor, "id", 60, 1);
        add_key(&bed, sensor, 'p', 0, -1, -1);
        set_common(add_column(&bed, reading, "sensor_id", 60, by_sensor ? 1 : 0.02), 60, even_sensors);
        struct profile_column *times = add_column(&bed, reading, "at", 1503, by_sensor ? 0.02 : 1);
        set_bounds(times, 101, even_times);
        add_key(&bed, reading, 'p', 0, 1, -1);
        add_key(&bed, reading, 'f', 0, -1, (int)sensor);
        const int64_t *values = values_of(&bed, reading, 1);
        size_t distinct;
        assert_unique_pairs(values, 90000);
        assert_in_range(rows_of(values, 90000, 2, 0, &distinct)[0], 1500, 1503);
        assert_int_equal(distinct, 60);
        assert_true(correlation(values, 90000, 2, by_sensor ? 0 : 1) > 0.99);
        assert_true(fabs(correlation(values, 90000, 2, by_sensor ? 1 : 0)) < 0.1);
    }
}

static int forget(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static double fewer_and_fewer(size_t rank)
{
    return (20 - (double)rank) / 210;
}

/* Right: an index that is not unique, but as large as if all pairs of (session, step) differed, has them different; one as
 * small as chance would have it has not. */
static void test_pairs_that_nobody_declared(void **state)
{
    (void)state;
    for (int fresh = 0; fresh < 2; fresh++) {
        struct bed bed = {0};
        struct profile_index index = {.name = "i",
                                      .method = "btree",
                                      .columns = (int[]){0, 1},
                                      .column_count = 2,
                                      .deduplicated = true,
                                      .rows = 8000};
        size_t sessions = add_table(&bed, "session", 1000, 1), steps = add_table(&bed, "step", 8000, 2);
        add_column(&bed, sessions, "id", 1000, 1);
        add_key(&bed, sessions, 'p', 0, -1, -1);
        add_column(&bed, steps, "session_id", 1000, 1);
        set_common(add_column(&bed, steps, "step", 20, 0), 20, fewer_and_fewer);
        add_key(&bed, steps, 'f', 0, -1, (int)sessions);
        index.pages = llround(scan_index_pages(&index, fresh ? 8000 : 6000, 16));
        bed.profiles[steps].indexes = &index;
        bed.profiles[steps].index_count = 1;
        const int64_t *values = values_of(&bed, steps, 1);
        int64_t *pairs = arena_alloc(&arena, 8000 * sizeof *pairs);
        for (size_t row = 0; row < 8000; row++)
            pairs[row] = values[row * 2] * 100 + values[row * 2 + 1];
        size_t count, different = 0;
        struct sorted *list = sort_column(pairs, 8000, 1, 0, &count);
        for (size_t i = 0; i < count; i++)
            different += i == 0 || list[i].value != list[i - 1].value;
        if (fresh)
            assert_int_equal(different, 8000);
        else
            assert_in_range(different, 4000, 7500);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_few_parents_in_order),   cmocka_unit_test(test_keys_lie_as_they_did),
        cmocka_unit_test(test_rows_of_ranks),          cmocka_unit_test(test_trees_keep_order),
        cmocka_unit_test(test_lines_are_exact),        cmocka_unit_test(test_long_numbering),
        cmocka_unit_test(test_many_to_many),           cmocka_unit_test(test_full_grid),
        cmocka_unit_test(test_children_of_the_newest), cmocka_unit_test(test_pairs_that_nobody_declared),
    };
    return cmocka_run_group_tests(tests, NULL, forget);
}
