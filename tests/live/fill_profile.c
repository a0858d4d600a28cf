/* A shop → its profile → empty databases a tenth, the same and three times as large: rows, nulls, common values, numbers of
 * different values and children per parent are the source's, and every constraint holds, because the server has put it back. */
#include "fill_profile_bed.h"
#include "fill_profile_shop.h"

static struct db *source;
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
        /* Rows of the brand, of the line and of both are whole numbers, each for itself. */
        if (found < wanted - 1.5 || found > wanted + 3 + 0.02 * wanted)
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

static int start(void **state)
{
    (void)state;
    bed_start();
    source = made("shop", (const char *const[]){shop_schema, shop_rows, "DROP FUNCTION h", NULL});
    shop = profile_of("shop", true, false);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    db_close(source);
    bed_stop();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same),
        cmocka_unit_test(test_a_tenth),
        cmocka_unit_test(test_three_times),
        cmocka_unit_test(test_redacted),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
