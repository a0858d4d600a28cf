/* A shop → its profile → empty databases a tenth, the same and three times as large: rows, nulls, common values, numbers of
 * different values and children per parent are the source's, and every constraint holds, because the server has put it back. */
#include "bench/base/buf.h"
#include "bench/sandbox/sandbox.h"
#include "fill_profile_shop.h"
#include "generators/fill.h"
#include "generators/profile.h"
#include "generators/redact.h"
#include "generators/scan.h"
#include "profile_schema.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct sandbox *server;
static struct arena arena;
static struct db *source;
static struct db_target target;
static struct profile *shop;

static int wrong;

/* All that is wrong is told before the test fails. */
__attribute__((format(printf, 1, 2))) static void complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    wrong++;
}

static void run(struct db *session, const char *sql)
{
    struct err err = {0};
    if (!db_command(session, sql, &err))
        fail_msg("%s in %.300s", err.message, sql);
}

static struct db_target *database(const char *name)
{
    struct db_target *other = arena_alloc(&arena, sizeof *other);
    *other = target;
    other->database_override = name;
    return other;
}

static struct db *session_in(const struct db_target *where)
{
    struct err err = {0};
    struct db *session = db_open(
        where, &(struct db_options){.application_name = "rehearse/test/fill_profile"}, &err);
    if (session == NULL)
        fail_msg("%s", err.message);
    return session;
}

static struct db_table ask(struct db *session, const char *sql)
{
    struct err err = {0};
    struct db_table rows = {0};
    if (!db_query(session, &arena, sql, &rows, &err))
        fail_msg("%s in %.300s", err.message, sql);
    return rows;
}

static int64_t number(struct db *session, const char *sql)
{
    struct db_table rows = ask(session, sql);
    assert_int_equal(rows.rows, 1);
    return atoll(db_value(&rows, 0, 0));
}

static int start(void **state)
{
    struct err err = {0};
    (void)state;
    server = sandbox_start("sandbox:postgresql", &err);
    if (server == NULL || !db_target_parse(&arena, sandbox_dsn(server), &target, &err))
        fail_msg("%s", err.message);
    struct db *session = session_in(&target);
    run(session, "CREATE DATABASE shop TEMPLATE template0");
    run(session, "CREATE DATABASE odd TEMPLATE template0");
    db_close(session);
    source = session_in(database("shop"));
    run(source, shop_schema);
    run(source, shop_rows);
    run(source, "DROP FUNCTION h");
    run(source, "VACUUM ANALYZE");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    db_close(source);
    sandbox_stop(server);
    arena_free(&arena);
    return 0;
}

/* As it travels: written and read again. */
static struct profile *profile_of(const char *name, bool counts, bool redact)
{
    struct err err = {0};
    struct profile *made, *read;
    struct buf text = {0};
    const struct scan_config config = {
        .target = database(name), .counts = counts, .statement_timeout_ms = 60000};
    if (!scan_run(&config, &arena, &made, &err))
        fail_msg("%s", err.message);
    static const char *const none[] = {NULL};
    if (redact && !redact_profile(made, &arena, &(struct redact_rules){none}, &err))
        fail_msg("%s", err.message);
    profile_write(made, &text);
    if (!profile_read(&arena, "profile.json", arena_strdup(&arena, buf_text(&text)), text.length, &read,
                      &err))
        fail_msg("%s", err.message);
    buf_free(&text);
    return read;
}

static struct db *filled(const struct profile *profile, const char *name, double scale,
                         const struct fill_table_spec *tables, size_t table_count)
{
    struct err err = {0};
    struct fill_result result;
    struct db_target *where = database(name);
    struct db *session = session_in(&target);
    run(session, arena_printf(&arena, "DROP DATABASE IF EXISTS %s WITH (FORCE)", name));
    run(session, arena_printf(&arena, "CREATE DATABASE %s TEMPLATE template0", name));
    db_close(session);
    const struct fill_config config = {.target = where,
                                       .run_id = "fill_profile",
                                       .profile = profile,
                                       .scale = scale,
                                       .tables = tables,
                                       .table_count = table_count,
                                       .seed = 7,
                                       .threads = 2};
    if (!fill_run(&config, &arena, &result, &err)) {
        char message[2048];
        err_text(&err, message, sizeof message);
        fail_msg("%s %s", message, err.hint);
    }
    return session_in(where);
}

static const struct profile_table *table_called(const struct profile *profile, const char *name)
{
    const struct profile_table *table = profile_find(profile, "public", name);
    if (table == NULL)
        fail_msg("no table %s", name);
    return table;
}

static const struct profile_column *column_called(const struct profile *profile, const char *table,
                                                  const char *name)
{
    const struct profile_table *of = table_called(profile, table);
    for (size_t i = 0; i < of->column_count; i++)
        if (strcmp(of->columns[i].name, name) == 0)
            return &of->columns[i];
    fail_msg("no column %s.%s", table, name);
    return NULL;
}

static const char *const tables[] = {"country", "category", "customer", "product", "orders",
                                     "item",    "wish",     "session",  "hit"};

static void check_rows(struct db *copy, const struct profile *profile, double scale)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        int64_t rows = number(copy, arena_printf(&arena, "SELECT count(*) FROM %s", tables[i]));
        assert_int_equal(rows, llround(table_called(profile, tables[i])->rows * scale));
    }
    assert_int_equal(number(copy, "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated"),
                     number(source, "SELECT count(*) FROM pg_constraint WHERE contype = 'f'"));
    assert_int_equal(number(copy, "SELECT count(*) FROM pg_constraint WHERE contype IN ('p', 'u', 'c')"),
                     number(source, "SELECT count(*) FROM pg_constraint WHERE contype IN ('p', 'u', 'c')"));
    assert_int_equal(number(copy, "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'"),
                     number(source, "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'"));
}

static void check_nulls(struct db *copy, const struct profile *profile, double scale)
{
    static const char *const columns[][2] = {{"customer", "nick"},     {"customer", "mood"},
                                             {"customer", "settings"}, {"orders", "ship_country"},
                                             {"orders", "note"},       {"session", "customer_id"}};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        const char *table = columns[i][0], *column = columns[i][1];
        double rows = round(table_called(profile, table)->rows * scale);
        double wanted = column_called(profile, table, column)->null_ratio * rows;
        int64_t nulls = number(
            copy, arena_printf(&arena, "SELECT count(*) FROM %s WHERE %s IS NULL", table, column));
        if (nulls != llround(wanted))
            complain("%s.%s: %lld nulls, wanted %.1f", table, column, (long long)nulls, wanted);
    }
}

/* Every common value, to the row. */
static void check_common(struct db *copy, const struct profile *profile, double scale)
{
    static const char *const columns[][2] = {{"customer", "mood"}, {"customer", "nick"}, {"customer", "vip"},
                                             {"orders", "status"}, {"orders", "level"},  {"item", "quantity"},
                                             {"product", "price"}, {"hit", "path"}};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        const char *table = columns[i][0], *name = columns[i][1];
        const struct profile_column *column = column_called(profile, table, name);
        double rows = round(table_called(profile, table)->rows * scale), shares = column->null_ratio;
        assert_true(column->mcv_count > 1 || column->bound_count > 1);
        for (size_t j = 0; j < column->mcv_count; j++)
            shares += column->mcv[j].share;
        for (size_t j = 0; j < column->mcv_count; j++) {
            const char *sql = arena_printf(&arena, "SELECT count(*) FROM %s WHERE %s = $q$%s$q$", table, name,
                                           column->mcv[j].value);
            double found = (double)number(copy, sql), wanted = column->mcv[j].share * rows;
            double slack = shares > 0.999 ? 1.001 : 0.5001; /* all of them share what rounding leaves */
            if (fabs(found - wanted) > slack)
                complain("%s.%s = %s: %g rows, wanted %.2f", table, name, column->mcv[j].value, found,
                         wanted);
        }
    }
}

static void check_distinct(struct db *copy, const struct profile *profile, double scale)
{
    static const char *const columns[][2] = {
        {"customer", "nick"},   {"customer", "score"}, {"orders", "level"},
        {"item", "quantity"},   {"product", "brand"},  {"product", "price"},
        {"item", "product_id"}, {"hit", "path"},       {"orders", "customer_id"}};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        const char *table = columns[i][0], *name = columns[i][1];
        const struct profile_column *column = column_called(profile, table, name);
        const char *sql = arena_printf(&arena, "SELECT count(DISTINCT %s) FROM %s", name, table);
        double found = (double)number(copy, sql), truth = (double)number(source, sql);
        printf("%g× %s.%s: %g different values; source %g, profile %g by %s\n", scale, table, name, found,
               truth, column->distinct, column->distinct_by);
        if (scale == 1 && column->distinct > 0 && fabs(found - column->distinct) > 1.5)
            complain("%s.%s: %g different values, the profile has %g", table, name, found, column->distinct);
    }
}

/* Children per parent, as a share of the parents: largest distance of the two cumulative distributions. */
static double distance(struct db *copy, const char *sql)
{
    struct db_table a = ask(source, sql), b = ask(copy, sql);
    double sum_a = 0, sum_b = 0, all_a = 0, all_b = 0, worst = 0;
    for (size_t i = 0; i < a.rows; i++)
        all_a += atof(db_value(&a, i, 1));
    for (size_t i = 0; i < b.rows; i++)
        all_b += atof(db_value(&b, i, 1));
    for (size_t i = 0, j = 0; i < a.rows || j < b.rows;) {
        double at = fmin(i < a.rows ? atof(db_value(&a, i, 0)) : INFINITY,
                         j < b.rows ? atof(db_value(&b, j, 0)) : INFINITY);
        while (i < a.rows && atof(db_value(&a, i, 0)) <= at)
            sum_a += atof(db_value(&a, i++, 1));
        while (j < b.rows && atof(db_value(&b, j, 0)) <= at)
            sum_b += atof(db_value(&b, j++, 1));
        worst = fmax(worst, fabs(sum_a / all_a - sum_b / all_b));
    }
    return worst;
}

static void check_fan_out(struct db *copy, double scale)
{
    static const struct {
        const char *child, *column, *parent, *key;
        double limit[3]; /* a tenth, the same, three times */
    } keys[] = {
        {"orders", "customer_id", "customer", "id", {.05, .05, .05}},
        {"item", "order_id", "orders", "id", {.05, .05, .05}},
        {"item", "product_id", "product", "id", {.05, .05, .05}},
        {"wish", "customer_id", "customer", "id", {.05, .05, .05}},
        {"wish", "product_id", "product", "id", {.05, .05, .05}},
        {"hit", "session_id", "session", "id", {.05, .05, .05}},
        {"session", "customer_id", "customer", "id", {.05, .05, .05}},
        {"customer", "referred_by", "customer", "id", {.05, .05, .05}},
        {"product", "category_id", "category", "id", {.1, .05, .05}}, /* of 30 parents one is 3 % */
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        double ks = distance(
            copy, arena_printf(&arena,
                               "SELECT n, count(*) FROM (SELECT count(c.%s) n FROM %s p LEFT JOIN %s c"
                               " ON c.%s = p.%s GROUP BY p.%s) s GROUP BY 1 ORDER BY 1",
                               keys[i].column, keys[i].parent, keys[i].child, keys[i].column, keys[i].key,
                               keys[i].key));
        printf("%g× %s.%s: fan-out KS %.4f\n", scale, keys[i].child, keys[i].column, ks);
        if (ks > keys[i].limit[scale < 1 ? 0 : scale > 1 ? 2 : 1])
            complain("too far");
    }
}

/* No row is its own ancestor. */
static void check_trees(struct db *copy)
{
    static const char walk[] =
        "WITH RECURSIVE up (id, step) AS (SELECT id, 0 FROM %s WHERE %s IS NULL UNION ALL SELECT "
        "c.id, step + 1 FROM %s c JOIN up ON c.%s = up.id) SELECT count(*) FROM up";
    assert_int_equal(
        number(copy, arena_printf(&arena, walk, "category", "parent_id", "category", "parent_id")),
        number(copy, "SELECT count(*) FROM category"));
    assert_int_equal(
        number(copy, arena_printf(&arena, walk, "customer", "referred_by", "customer", "referred_by")),
        number(copy, "SELECT count(*) FROM customer"));
}

static void check_pairs(struct db *copy, const struct profile *profile, double scale)
{
    const struct profile_table *product = table_called(profile, "product");
    assert_int_equal(product->group_count, 1);
    const struct profile_group *group = &product->groups[0];
    assert_true(group->mcv_count > 10);
    for (size_t i = 0; i < group->mcv_count; i++) {
        bool brand_first = strcmp(product->columns[group->columns[0]].name, "brand") == 0;
        const char *sql = arena_printf(&arena,
                                       "SELECT count(*) FROM product WHERE brand = '%s' AND line = '%s'",
                                       group->mcv[i].values[!brand_first], group->mcv[i].values[brand_first]);
        double wanted = group->mcv[i].share * product->rows * scale, found = (double)number(copy, sql);
        if (found < wanted - 1 || found > wanted + 3 + 0.02 * wanted)
            complain("%s: %g rows, wanted %.1f", sql, found, wanted);
    }
}

static void check_order(struct db *copy)
{
    static const char *const columns[][2] = {{"orders", "placed_at"}, {"orders", "customer_id"},
                                             {"item", "order_id"},    {"customer", "created_at"},
                                             {"product", "price"},    {"orders", "status"}};
    run(copy, "ANALYZE");
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        const char *sql = arena_printf(&arena,
                                       "SELECT correlation FROM pg_stats WHERE schemaname = 'public' AND "
                                       "tablename = '%s' AND attname = '%s'",
                                       columns[i][0], columns[i][1]);
        struct db_table there = ask(source, sql), here = ask(copy, sql);
        double wanted = atof(db_value(&there, 0, 0)), found = atof(db_value(&here, 0, 0));
        if (fabs(wanted - found) > 0.05)
            complain("%s.%s: correlation %g, source %g", columns[i][0], columns[i][1], found, wanted);
    }
}

static void check_at(const struct profile *profile, double scale)
{
    struct db *copy = filled(profile, "copy", scale, NULL, 0);
    wrong = 0;
    check_rows(copy, profile, scale);
    check_nulls(copy, profile, scale);
    check_common(copy, profile, scale);
    check_distinct(copy, profile, scale);
    check_fan_out(copy, scale);
    check_trees(copy);
    check_pairs(copy, profile, scale);
    if (scale == 1)
        check_order(copy);
    db_close(copy);
    assert_int_equal(wrong, 0);
}

static void test_the_same(void **state)
{
    (void)state;
    shop = profile_of("shop", true, false);
    check_at(shop, 1);
}

static void test_a_tenth(void **state)
{
    (void)state;
    check_at(shop, 0.1);
}

static void test_three_times(void **state)
{
    (void)state;
    check_at(shop, 3);
}

static void test_redacted(void **state)
{
    (void)state;
    check_at(profile_of("shop", true, true), 1);
}

static bool fill_columns(const struct fill_column_spec *columns, size_t count, const struct profile *profile,
                         struct err *err)
{
    static const struct fill_table_spec few = {"customer", 50};
    struct fill_result result;
    const struct fill_config config = {.target = database("copy"),
                                       .run_id = "fill_profile",
                                       .profile = profile,
                                       .scale = 0.02,
                                       .tables = &few,
                                       .table_count = 1,
                                       .columns = columns,
                                       .column_count = count,
                                       .seed = 7,
                                       .threads = 2};
    *err = (struct err){0};
    return fill_run(&config, &arena, &result, err);
}

static void test_the_plan_s_word(void **state)
{
    static const char *const brands[] = {"a\tb", "c"}, *const paid[] = {"paid"},
                             *const wrong_price[] = {"-1"};
    static const struct fill_column_spec columns[] = {
        {.table = "product", .name = "tags", .kind = FILL_COLUMN_EXPRESSION, .expression = "ARRAY['n' || n]"},
        {.table = "product", .name = "brand", .kind = FILL_COLUMN_VALUES, .values = brands, .value_count = 2},
        {.table = "orders", .name = "status", .kind = FILL_COLUMN_VALUES, .values = paid, .value_count = 1},
        {.table = "customer", .name = "nick", .kind = FILL_COLUMN_NULL}};
    const struct fill_column_spec unknown = {.table = "product", .name = "tagz", .kind = FILL_COLUMN_NULL};
    const struct fill_column_spec required = {.table = "product", .name = "sku", .kind = FILL_COLUMN_NULL};
    const struct fill_column_spec broken = {
        .table = "product", .name = "line", .kind = FILL_COLUMN_EXPRESSION, .expression = "no_such(n)"};
    const struct fill_column_spec refused = {.table = "product",
                                             .name = "price",
                                             .kind = FILL_COLUMN_VALUES,
                                             .values = wrong_price,
                                             .value_count = 1};
    struct err err;
    (void)state;
    db_close(filled(shop, "copy", 0.01, NULL, 0)); /* the schema; its rows go */
    struct db *copy = session_in(database("copy"));
    run(copy, "TRUNCATE country, category, customer, product, orders, item, wish, session, hit");
    assert_false(fill_columns(&unknown, 1, shop, &err));
    assert_non_null(strstr(err.hint, "\"tags\""));
    assert_false(fill_columns(&required, 1, shop, &err));
    assert_non_null(strstr(err.message, "column sku"));
    assert_false(fill_columns(&broken, 1, shop, &err));
    assert_non_null(strstr(err.message, "no_such"));
    assert_false(fill_columns(&refused, 1, shop, &err));
    assert_non_null(strstr(err.message, "product"));
    assert_int_equal(number(copy, "SELECT count(*) FROM product"), 0);
    assert_true(fill_columns(columns, 4, shop, &err));
    assert_int_equal(number(copy, "SELECT count(*) FROM customer"), 50);
    assert_int_equal(number(copy, "SELECT count(*) FROM customer WHERE nick IS NOT NULL"), 0);
    assert_int_equal(number(copy, "SELECT count(*) FROM product"), 40);
    assert_int_equal(number(copy, "SELECT count(*) FROM product WHERE tags = ARRAY['n' || (id - 1)]"), 40);
    assert_int_equal(number(copy, "SELECT count(*) FROM product WHERE brand = E'a\\tb'"), 20);
    assert_int_equal(number(copy, "SELECT count(*) FROM orders WHERE status <> 'paid'"), 0);
    db_close(copy);
}

/* One of everything, from statistics alone. */
static void test_everything(void **state)
{
    (void)state;
    struct db *session = session_in(database("odd"));
    run(session, profile_schema);
    run(session, profile_more);
    run(session, profile_rows);
    run(session, "VACUUM");
    run(session, "ANALYZE");
    db_close(session);
    const struct profile *profile = profile_of("odd", false, false);
    struct db *copy = filled(profile, "copy", 2, NULL, 0);
    for (size_t i = 0; i < profile->table_count; i++) {
        const struct profile_table *table = &profile->tables[i];
        if (strcmp(table->kind, "partition") == 0 || strcmp(table->kind, "child") == 0)
            continue;
        const char *sql = arena_printf(&arena, "SELECT count(*) FROM ONLY \"%s\".%s", table->schema,
                                       strchr(table->name, '"') ? "\"Customer \"\"Table\"" : table->name);
        if (strcmp(table->kind, "") == 0)
            assert_int_equal(number(copy, sql), llround(fmax(0, table->rows) * 2));
    }
    db_close(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same),        cmocka_unit_test(test_a_tenth),
        cmocka_unit_test(test_three_times),     cmocka_unit_test(test_redacted),
        cmocka_unit_test(test_the_plan_s_word), cmocka_unit_test(test_everything),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
