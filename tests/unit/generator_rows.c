/* Rows made for a hand-made catalogue: the same whoever makes them, keys that hold, values that fit. */
#include "generators/check.h"
#include "generators/row.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CUSTOMER, NODE, ORDERS, ITEM, PROFILE, TABLES };
enum { CUSTOMERS = 701, NODES = 500, ORDER_ROWS = 3001, ITEMS = 9001 };

#define COLUMN(n, t, required)                                                                               \
    {                                                                                                        \
        .name = (n), .quoted = (n), .type = (t), .base_type = (t), .not_null = (required), .max_length = -1, \
        .precision = -1, .scale = -1                                                                         \
    }

static struct catalogue_column customer[] = {COLUMN("id", "int8", true), COLUMN("email", "varchar", true),
                                             COLUMN("code", "bpchar", true), COLUMN("ref", "uuid", true),
                                             COLUMN("nick", "text", false)};
static struct catalogue_column node[] = {COLUMN("id", "int4", true), COLUMN("parent_id", "int4", false),
                                         COLUMN("root_id", "int4", true)};
static struct catalogue_column orders[] = {COLUMN("id", "int8", true),
                                           COLUMN("customer_id", "int8", true),
                                           COLUMN("guest_id", "int8", false),
                                           COLUMN("status", "text", true),
                                           COLUMN("score", "numeric", true),
                                           COLUMN("rate", "numeric", true),
                                           COLUMN("name", "varchar", true),
                                           COLUMN("grade", "bpchar", true),
                                           COLUMN("flags", "bit", true),
                                           COLUMN("quantity", "int2", true),
                                           COLUMN("created_at", "timestamptz", true),
                                           COLUMN("updated_at", "timestamptz", true)};
static struct catalogue_column item[] = {COLUMN("order_id", "int8", true), COLUMN("line_no", "int4", true),
                                         COLUMN("note", "text", false)};
static struct catalogue_column profile[] = {COLUMN("customer_id", "int8", true),
                                            COLUMN("born", "date", false)};

#define UNIQUE(letter, n, ...)                                                                               \
    {                                                                                                        \
        .kind = (letter), .name = (n), .definition = "", .columns = (size_t[]){__VA_ARGS__},                 \
        .column_count = sizeof((size_t[]){__VA_ARGS__}) / sizeof(size_t), .parent = -1                       \
    }
#define REFERENCE(n, column, table)                                                                          \
    {                                                                                                        \
        .kind = 'f', .name = (n), .definition = "", .columns = (size_t[]){column}, .column_count = 1,        \
        .parent = (table), .parent_columns = (size_t[])                                                      \
        {                                                                                                    \
            0                                                                                                \
        }                                                                                                    \
    }

static struct catalogue_key customer_keys[] = {UNIQUE('p', "customer_pkey", 0), UNIQUE('u', "email_key", 1),
                                               UNIQUE('u', "code_key", 2), UNIQUE('u', "ref_key", 3),
                                               UNIQUE('u', "nick_key", 4)};
static struct catalogue_key node_keys[] = {UNIQUE('p', "node_pkey", 0), REFERENCE("parent_fkey", 1, NODE),
                                           REFERENCE("root_fkey", 2, NODE)};
static struct catalogue_key orders_keys[] = {UNIQUE('p', "orders_pkey", 0),
                                             REFERENCE("customer_fkey", 1, CUSTOMER),
                                             REFERENCE("guest_fkey", 2, CUSTOMER)};
static struct catalogue_key item_keys[] = {UNIQUE('p', "item_pkey", 0, 1),
                                           REFERENCE("order_fkey", 0, ORDERS)};
static struct catalogue_key profile_keys[] = {UNIQUE('p', "profile_pkey", 0),
                                              REFERENCE("profile_fkey", 0, CUSTOMER)};

static struct catalogue_check orders_checks[] = {
    {"status_check", "CHECK ((status = ANY (ARRAY['new'::text, 'it''s paid'::text, 'a\tb'::text])))"},
    {"score_check", "CHECK (((score >= 9.5) AND (score < (20)::numeric)))"},
    {"quantity_check", "CHECK (((quantity > 2) AND (quantity <= 9)))"},
};

#define TABLE(number, n, count)                                                                              \
    {                                                                                                        \
        .id = (number) + 1, .schema = "public", .name = #n, .quoted = #n, .kind = "", .rows = (count),       \
        .columns = (n), .column_count = sizeof(n) / sizeof *(n), .keys = n##_keys,                           \
        .key_count = sizeof(n##_keys) / sizeof *(n##_keys)                                                   \
    }

static struct catalogue_table tables[TABLES] = {TABLE(CUSTOMER, customer, CUSTOMERS),
                                                TABLE(NODE, node, NODES), TABLE(ORDERS, orders, ORDER_ROWS),
                                                TABLE(ITEM, item, ITEMS), TABLE(PROFILE, profile, CUSTOMERS)};
static const struct catalogue catalogue = {tables, TABLES};
static struct arena arena;

static int describe(void **state)
{
    (void)state;
    struct check_bounds bounds = {0};
    customer[1].max_length = 60;
    customer[2].max_length = 8;
    orders[4].precision = 6, orders[4].scale = 2;
    orders[5].precision = 4, orders[5].scale = 3;
    orders[6].max_length = 5;
    orders[7].max_length = 3;
    orders[8].max_length = 7;
    tables[ORDERS].checks = orders_checks;
    tables[ORDERS].check_count = sizeof orders_checks / sizeof *orders_checks;
    check_read(&arena, SQL_POSTGRES, orders_checks[0].definition, "status", &bounds);
    orders[3].labels = bounds.labels;
    orders[3].label_count = bounds.label_count;
    return bounds.label_count == 3 ? 0 : -1;
}

static int forget(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static struct row_maker *maker_of(size_t table, uint64_t seed)
{
    struct row_maker *maker;
    struct err err = {0};
    if (!row_maker_make(&arena, seed, &catalogue, table, &maker, &err))
        fail_msg("%s", err.message);
    return maker;
}

/* All values of a table: rows × columns. */
static const char **values_of(size_t table)
{
    const struct catalogue_table *self = &tables[table];
    struct row_maker *maker = maker_of(table, 1);
    const char **values = arena_alloc(&arena, (size_t)self->rows * self->column_count * sizeof *values);
    struct buf line = {0};
    for (int64_t row = 0; row < self->rows; row++) {
        buf_clear(&line);
        row_write(maker, row, &line);
        assert_int_equal(line.data[line.length - 1], '\n');
        line.data[line.length - 1] = '\0';
        char *rest = arena_strdup(&arena, line.data);
        for (size_t i = 0; i < self->column_count; i++)
            assert_non_null(values[(size_t)row * self->column_count + i] = strsep(&rest, "\t"));
        assert_null(rest);
    }
    buf_free(&line);
    return values;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The key of every row that has no null in it, in order. */
static const char **keys_of(size_t table, const size_t *columns, size_t count, size_t *found)
{
    const struct catalogue_table *self = &tables[table];
    const char **values = values_of(table), **keys = arena_alloc(&arena, (size_t)self->rows * sizeof *keys);
    *found = 0;
    for (size_t row = 0; row < (size_t)self->rows; row++) {
        const char *key = "";
        for (size_t i = 0; i < count && key != NULL; i++) {
            const char *value = values[row * self->column_count + columns[i]];
            key = strcmp(value, "\\N") == 0 ? NULL : arena_printf(&arena, "%s\t%s", key, value);
        }
        if (key != NULL)
            keys[(*found)++] = key;
    }
    qsort(keys, *found, sizeof *keys, by_text);
    return keys;
}

/* Right: backwards, in pieces, one by one or all at once, by another maker: the same bytes. Another seed: other bytes. */
static void any_order_makes_the_same_bytes(void **state)
{
    (void)state;
    for (size_t table = 0; table < TABLES; table++) {
        int64_t rows = tables[table].rows;
        struct row_maker *first = maker_of(table, 42), *second = maker_of(table, 42),
                         *other = maker_of(table, 43);
        struct buf whole = {0}, one = {0}, different = {0};
        size_t *starts = arena_alloc(&arena, ((size_t)rows + 1) * sizeof *starts);
        for (int64_t row = 0; row < rows; row++) {
            starts[row] = whole.length;
            row_write(first, row, &whole);
            row_write(other, row, &different);
        }
        starts[rows] = whole.length;
        for (int64_t row = rows; row-- > 0;) {
            buf_clear(&one);
            row_write(second, row, &one);
            assert_int_equal(one.length, starts[row + 1] - starts[row]);
            assert_memory_equal(one.data, whole.data + starts[row], one.length);
        }
        assert_string_not_equal(whole.data, different.data);
        buf_free(&whole), buf_free(&one), buf_free(&different);
    }
}

static void unique_keys_are_unique(void **state)
{
    (void)state;
    for (size_t table = 0; table < TABLES; table++)
        for (size_t k = 0; k < tables[table].key_count; k++) {
            const struct catalogue_key *key = &tables[table].keys[k];
            size_t count;
            if (key->kind == 'f')
                continue;
            const char **keys = keys_of(table, key->columns, key->column_count, &count);
            if (key->kind == 'p')
                assert_int_equal(count, tables[table].rows);
            for (size_t i = 1; i < count; i++)
                if (strcmp(keys[i - 1], keys[i]) == 0)
                    fail_msg("%s: %s twice", key->name, keys[i]);
        }
}

static void foreign_keys_find_their_parent(void **state)
{
    (void)state;
    for (size_t table = 0; table < TABLES; table++)
        for (size_t k = 0; k < tables[table].key_count; k++) {
            const struct catalogue_key *key = &tables[table].keys[k];
            size_t count, parents;
            if (key->kind != 'f')
                continue;
            const char **keys = keys_of(table, key->columns, key->column_count, &count);
            const char **parent = keys_of((size_t)key->parent, key->parent_columns, key->column_count,
                                          &parents);
            bool nullable = !tables[table].columns[key->columns[0]].not_null;
            assert_in_range(count, nullable ? 1 : tables[table].rows,
                            nullable ? tables[table].rows - 1 : tables[table].rows);
            for (size_t i = 0; i < count; i++)
                if (bsearch(&keys[i], parent, parents, sizeof *parent, by_text) == NULL)
                    fail_msg("%s: %s has no parent", key->name, keys[i]);
        }
}

/* A parent's row is loaded no later than the row that references it. */
static void own_table_is_referenced_backwards(void **state)
{
    (void)state;
    const char **values = values_of(NODE);
    assert_string_equal(values[1], "\\N");
    assert_string_equal(values[2], values[0]);
    for (size_t row = 1; row < NODES; row++)
        for (size_t i = 1; i <= 2; i++)
            if (strcmp(values[row * 3 + i], "\\N") != 0)
                assert_true(atoi(values[row * 3 + i]) < atoi(values[row * 3]));
}

/* "12.34" as a number of 10^−scale; the digits behind the point must be exactly scale. */
static long units_of(const char *text, int scale)
{
    const char *point = strchr(text, '.');
    assert_non_null(point);
    assert_int_equal(strlen(point + 1), scale);
    return atol(text) * (scale == 2 ? 100 : 1000) + atol(point + 1);
}

static void values_fit_their_column(void **state)
{
    (void)state;
    const size_t width = tables[ORDERS].column_count;
    const char **values = values_of(ORDERS);
    int labels[3] = {0};
    for (size_t row = 0; row < ORDER_ROWS; row++) {
        const char **of = values + row * width;
        size_t label = strcmp(of[3], "new") == 0 ? 0 : strcmp(of[3], "it's paid") == 0 ? 1 : 2;
        if (label == 2)
            assert_string_equal(of[3], "a\\tb");
        labels[label]++;
        assert_in_range(units_of(of[4], 2), 950, 1999);
        assert_in_range(units_of(of[5], 3), 0, 9999);
        assert_in_range(strlen(of[6]), 1, 5);
        assert_in_range(strlen(of[7]), 1, 3);
        assert_int_equal(strlen(of[8]), 7);
        assert_int_equal(strspn(of[8], "01"), 7);
        assert_in_range(atoi(of[9]), 3, 9);
        assert_true(strcmp(of[10], of[11]) <= 0);
        if (row > 0)
            assert_true(strcmp(of[10], values[(row - 1) * width + 10]) >= 0);
    }
    assert_true(labels[0] > 0 && labels[1] > 0 && labels[2] > 0);
    values = values_of(CUSTOMER);
    for (size_t row = 0; row < CUSTOMERS; row++) {
        assert_in_range(strlen(values[row * 5 + 1]), 1, 60);
        assert_in_range(strlen(values[row * 5 + 2]), 1, 8);
    }
}

/* 1,000 rows of a char(1) key: more than it has values. The refusal names the table and the key. */
static void a_key_too_narrow_is_refused(void **state)
{
    (void)state;
    struct catalogue_column column = COLUMN("letter", "bpchar", true);
    struct catalogue_key key = UNIQUE('p', "narrow_pkey", 0);
    struct catalogue_table narrow = {.schema = "public",
                                     .name = "narrow",
                                     .quoted = "narrow",
                                     .kind = "",
                                     .rows = 1000,
                                     .columns = &column,
                                     .column_count = 1,
                                     .keys = &key,
                                     .key_count = 1};
    struct row_maker *maker;
    struct err err = {0};
    column.max_length = 1;
    assert_false(row_maker_make(&arena, 1, &(struct catalogue){&narrow, 1}, 0, &maker, &err));
    assert_non_null(strstr(err.message, "narrow_pkey"));
    assert_non_null(strstr(err.message, "table narrow"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_makes_the_same_bytes), cmocka_unit_test(unique_keys_are_unique),
        cmocka_unit_test(foreign_keys_find_their_parent), cmocka_unit_test(own_table_is_referenced_backwards),
        cmocka_unit_test(values_fit_their_column),        cmocka_unit_test(a_key_too_narrow_is_refused),
    };
    return cmocka_run_group_tests(tests, describe, forget);
}
