/* A migration stays in its database: what names another to change it there is told, what only reads there is not. */
#include "bench/run/reach.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void expect(enum sql_lexis lexis, const char *statement, const char *other)
{
    struct arena arena = {0};
    const char *found = reach_elsewhere(&arena, lexis, statement, "shop");
    if ((found == NULL) != (other == NULL) || (found != NULL && strcmp(found, other) != 0))
        fail_msg("%s: %s", statement, found == NULL ? "stays" : found);
    arena_free(&arena);
}

static void what_goes_elsewhere_is_told(void **state)
{
    (void)state;
    static const char *const statements[] = {
        "USE prod",
        "use `prod`",
        "ALTER TABLE prod.orders ADD x int",
        "ALTER TABLE `prod` . `orders` ADD x int",
        "UPDATE prod.orders SET a = 1",
        "INSERT INTO prod.orders VALUES (1)",
        "DELETE FROM prod.orders",
        "CREATE INDEX i ON prod.orders (a)",
        "TRUNCATE TABLE prod.orders",
        "DROP TABLE orders, prod.orders",
        "DROP TABLE IF EXISTS prod.orders",
        "RENAME TABLE orders TO prod.orders",
        "DROP DATABASE prod",
        "DROP SCHEMA IF EXISTS prod",
        "CREATE DATABASE prod",
        "CREATE OR REPLACE DATABASE prod",
        "/*!50000 DROP */ DATABASE /* this */ prod",
        "DROP VIEW prod.v",
    };
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        expect(SQL_MYSQL, statements[i], "prod");
}

static void what_stays_is_let_through(void **state)
{
    (void)state;
    static const char *const statements[] = {
        "USE shop",
        "USE `Shop`",
        "ALTER TABLE orders ADD x int",
        "ALTER TABLE shop.orders ADD x int",
        "ALTER TABLE orders DROP COLUMN x",
        "UPDATE orders o JOIN prod.tiers t ON t.id = o.id SET o.tier = t.tier",
        "INSERT INTO orders SELECT p.a FROM prod.orders p",
        "SELECT o.a FROM prod.orders o",
        "CREATE TABLE `use` (a int)",
        "CREATE VIEW v AS SELECT o.a FROM orders o",
        "DROP TABLE shop.orders, lines",
        "SET @x = 'USE prod'",
    };
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        expect(SQL_MYSQL, statements[i], NULL);
}

/* There a database cannot be left; what stands before the dot is a schema of it. */
static void schemas_of_postgresql_are_no_databases(void **state)
{
    (void)state;
    expect(SQL_POSTGRES, "ALTER TABLE sales.orders ADD x int", NULL);
    expect(SQL_POSTGRES, "DROP TABLE sales.orders", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goes_elsewhere_is_told),
        cmocka_unit_test(what_stays_is_let_through),
        cmocka_unit_test(schemas_of_postgresql_are_no_databases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
