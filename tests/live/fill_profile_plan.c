/* Filled from a profile: what the plan says of columns, foreign keys that share columns, and a schema with one of everything. */
#include "fill_profile_bed.h"
#include "fill_profile_shop.h"
#include "profile_schema.h"

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
    struct db *session = made("shop", (const char *const[]){shop_schema, shop_rows, "DROP FUNCTION h", NULL});
    struct profile *shop = profile_of("shop", false, false);
    db_close(session);
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

static const char tenants[] =
    "CREATE TABLE tenant (id int PRIMARY KEY, name text NOT NULL UNIQUE);"
    "CREATE TABLE usr (tenant_id int NOT NULL REFERENCES tenant, id int NOT NULL, email text NOT NULL, "
    "PRIMARY KEY "
    "(tenant_id, id), UNIQUE (tenant_id, email));"
    "CREATE TABLE doc (tenant_id int NOT NULL REFERENCES tenant, id bigint NOT NULL, owner_id int, PRIMARY "
    "KEY "
    "(tenant_id, id), FOREIGN KEY (tenant_id, owner_id) REFERENCES usr);"
    "CREATE TABLE acl (tenant_id int NOT NULL, doc_id bigint NOT NULL, user_id int NOT NULL, PRIMARY KEY "
    "(tenant_id, "
    "doc_id, user_id), FOREIGN KEY (tenant_id, doc_id) REFERENCES doc, FOREIGN KEY (tenant_id, user_id) "
    "REFERENCES "
    "usr);"
    "CREATE TABLE ev (id bigint PRIMARY KEY, at timestamptz NOT NULL, kind text NOT NULL);"
    "CREATE UNIQUE INDEX ON ev (lower(kind), at);"
    "INSERT INTO tenant SELECT i, 'tenant ' || i FROM generate_series(1, 20) i;"
    "INSERT INTO usr SELECT 1 + i * i % 19, i, 'u' || i || '@x.y' FROM generate_series(1, 1000) i;"
    "INSERT INTO doc SELECT tenant_id, id * 3 + k, CASE WHEN (id + k) % 5 > 0 THEN id END FROM usr, "
    "generate_series(0, 2) k;"
    "INSERT INTO acl SELECT d.tenant_id, d.id, u.id FROM doc d JOIN LATERAL (SELECT id FROM usr u WHERE "
    "u.tenant_id = "
    "d.tenant_id ORDER BY id * 7919 % 1009 LIMIT 1 + d.id % 3) u ON true;"
    "INSERT INTO ev SELECT i, '2024-01-01'::timestamptz + i * interval '7 s', CASE WHEN i % 10 < 7 THEN "
    "'click' WHEN i % "
    "10 < 9 THEN 'view' ELSE 'buy' END FROM generate_series(1, 5000) i;";

/* Foreign keys that share a column, keys of three columns, an index of an expression: the server's constraints hold. */
static void test_shared_columns(void **state)
{
    static const double scales[] = {1, 0.1, 3};
    (void)state;
    struct db *session = made("tenants", (const char *const[]){tenants, NULL});
    struct profile *profile = profile_of("tenants", false, false);
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        struct db *copy = filled(profile, "copy", scales[i], NULL, 0);
        assert_int_equal(
            number(copy, "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated"), 5);
        assert_int_equal(number(copy, "SELECT count(*) FROM doc"), llround(3000 * scales[i]));
        assert_int_equal(number(copy, "SELECT count(*) FROM acl"),
                         llround((double)number(session, "SELECT count(*) FROM acl") * scales[i]));
        assert_int_equal(number(copy, "SELECT count(*) FROM doc WHERE owner_id IS NULL"),
                         llround(600 * scales[i]));
        assert_int_equal(number(copy, "SELECT count(*) FROM ev WHERE kind = 'click'"),
                         llround(3500 * scales[i]));
        assert_int_equal(number(copy, "SELECT count(*) FROM ev WHERE kind = 'buy'"),
                         llround(500 * scales[i]));
        db_close(copy);
    }
    db_close(session);
}

/* One of everything, from statistics alone. */
static void test_everything(void **state)
{
    (void)state;
    struct db *session = made("odd", (const char *const[]){profile_schema, profile_more, profile_rows, NULL});
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

static int start(void **state)
{
    (void)state;
    return bed_start() ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    bed_stop();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_plan_s_word),
        cmocka_unit_test(test_shared_columns),
        cmocka_unit_test(test_everything),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
