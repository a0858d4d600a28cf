/* Strategy and workload read together: which apps are live when, and what a rollback would take from under them. */
#include "bench/run/preflight.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void add_app(struct workload *workload, const char *name, const char *text)
{
    struct err err = {0};
    struct app_entry *entry = arena_alloc(workload->arena, sizeof *entry);
    entry->weight = 1;
    if (!workload_add_text(workload, name, text, &entry->script, &err))
        fail_msg("%s: %s", name, err.message);
    *ARENA_PUSH(workload->arena, workload->apps, workload->app_count,
                workload->app_capacity) = (struct app){name, entry, 1, 1};
}

/* v1 knows the old column alone, v2 writes the new one too; what v3 reads stands in the schema sales. */
static bool check_strategy(struct arena *arena, const char *text, struct err *err)
{
    struct workload *workload = arena_alloc(arena, sizeof *workload);
    struct strategy *strategy;
    *err = (struct err){0};
    workload_init(workload, arena, SQL_POSTGRES);
    add_app(workload, "v1", "SELECT tier_code FROM orders WHERE id = 1;\n");
    add_app(workload, "v2", "SELECT 1;\nINSERT INTO orders (tier_code, customer_tier) VALUES ('S', 2);\n");
    add_app(workload, "v3", "SELECT \"Tier\" FROM sales.\"Orders\";\n");
    if (!strategy_read(arena, SQL_POSTGRES, "s.sql", text, strlen(text), NULL, &strategy, err))
        fail_msg("%d:%d: %s", err->line, err->column, err->message);
    return preflight_check(arena, strategy, workload, err);
}

static void expect_accepted(const char *text)
{
    struct arena arena = {0};
    struct err err;
    if (!check_strategy(&arena, text, &err))
        fail_msg("%d:%d: %s", err.line, err.column, err.message);
    arena_free(&arena);
}

static void expect_refused(const char *text, int line, int column, const char *message, const char *hint)
{
    struct arena arena = {0};
    struct err err;
    assert_false(check_strategy(&arena, text, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_string_equal(err.file, "s.sql");
    if (err.line != line || err.column != column || strstr(err.message, message) == NULL ||
        strstr(err.hint, hint) == NULL)
        fail_msg("%d:%d: %s (hint: %s)", err.line, err.column, err.message, err.hint);
    arena_free(&arena);
}

#define EXPAND                                                                                               \
    "-- rehearse:strategy s\n"                                                                               \
    "-- rehearse:phase expand\n"                                                                             \
    "ALTER TABLE orders ADD COLUMN customer_tier int;\n"

#define DEPLOY EXPAND "-- rehearse:phase deploy kind=app\n-- rehearse:app v2\n"

static void apps_of_the_plan_are_accepted(void **state)
{
    (void)state;
    expect_accepted(DEPLOY);
    expect_accepted(EXPAND "-- rehearse:phase deploy kind=app\n-- rehearse:app v1=50% v2=50%\n");
}

static void an_unknown_app_is_refused(void **state)
{
    (void)state;
    expect_refused(EXPAND "-- rehearse:phase deploy kind=app\n-- rehearse:app v1=50% v22=50%\n", 5, 1,
                   "no app named \"v22\"", "did you mean \"v2\"?");
    expect_refused(DEPLOY "-- rehearse:rollback\n-- rehearse:app canary\n", 7, 1, "no app named \"canary\"",
                   "load.apps");
}

static void a_rollback_under_a_live_app_is_refused(void **state)
{
    (void)state;
    expect_refused(DEPLOY "-- rehearse:rollback\nALTER TABLE orders DROP COLUMN customer_tier;\n", 7, 1,
                   "removes orders.customer_tier while app v2 is live", "go back to an app");
    expect_refused(
        DEPLOY "-- rehearse:rollback\nSELECT 1;\n  ALTER TABLE orders RENAME COLUMN customer_tier TO x;\n", 8,
        3, "orders.customer_tier", "go back to an app");
    /* Half of the code still is v2. */
    expect_refused(DEPLOY "-- rehearse:rollback\n-- rehearse:app v1=90% v2=10%\n"
                          "ALTER TABLE orders DROP customer_tier;\n",
                   8, 1, "app v2", "go back to an app");
    /* The app that is live before any mark: the first of the plan. */
    expect_refused(EXPAND "-- rehearse:rollback\nALTER TABLE orders DROP COLUMN IF EXISTS tier_code;\n", 5, 1,
                   "app v1", "go back to an app");
}

static void code_that_goes_back_first_is_accepted(void **state)
{
    (void)state;
    expect_accepted(DEPLOY "-- rehearse:rollback\n-- rehearse:app v1\n"
                           "ALTER TABLE orders DROP COLUMN customer_tier;\n");
    /* The later phases' rollback moves the code, that of the first takes the column. */
    expect_accepted(EXPAND "-- rehearse:rollback\nALTER TABLE orders DROP COLUMN customer_tier;\n"
                           "-- rehearse:phase deploy kind=app\n-- rehearse:app v2\n"
                           "-- rehearse:rollback\n-- rehearse:app v1\n");
}

/* Right: refused, as a migration that breaks off after deploy takes the column while v2 is live; only the way back from the
 * very end moves the code first. */
static void every_phase_has_a_way_back(void **state)
{
    (void)state;
    expect_refused(EXPAND "-- rehearse:rollback\nALTER TABLE orders DROP COLUMN customer_tier;\n"
                          "-- rehearse:phase deploy kind=app\n-- rehearse:app v2\n"
                          "-- rehearse:phase last\nSELECT 1;\n"
                          "-- rehearse:rollback\n-- rehearse:app v1\n",
                   5, 1, "going back from phase deploy", "go back to an app");
}

static void going_forward_may_remove(void **state)
{
    (void)state;
    expect_accepted("-- rehearse:strategy s\n-- rehearse:phase contract\n"
                    "ALTER TABLE orders DROP COLUMN tier_code;\n");
}

static void only_the_column_of_that_table_counts(void **state)
{
    (void)state;
    expect_accepted(DEPLOY "-- rehearse:rollback\nALTER TABLE customers DROP COLUMN customer_tier;\n");
    expect_accepted(DEPLOY "-- rehearse:rollback\nALTER TABLE orders DROP COLUMN other;\n");
}

static void names_are_read_as_the_server_reads_them(void **state)
{
    (void)state;
    static const char sales[] = EXPAND "-- rehearse:phase deploy kind=app\n-- rehearse:app v3\n";
    static const struct {
        const char *rollback;
        bool same; /* as sales."Orders"."Tier" */
    } names[] = {
        {"ALTER TABLE sales.\"Orders\" DROP COLUMN \"Tier\";\n", true},
        {"ALTER TABLE \"sales\".\"Orders\" DROP COLUMN \"Tier\";\n", true},
        {"ALTER TABLE ONLY SALES.\"Orders\" DROP COLUMN \"Tier\";\n", true},
        {"ALTER TABLE sales.\"Orders\" DROP COLUMN Tier;\n", false},
        {"ALTER TABLE sales.Orders DROP COLUMN \"Tier\";\n", false},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct arena arena = {0};
        struct err err;
        char text[512];
        strcpy(text, sales);
        strcat(text, "-- rehearse:rollback\n");
        strcat(text, names[i].rollback);
        if (check_strategy(&arena, text, &err) == names[i].same)
            fail_msg("%s is %s", names[i].rollback, names[i].same ? "accepted" : "refused");
        arena_free(&arena);
    }
    expect_refused(DEPLOY "-- rehearse:rollback\nALTER TABLE Public.ORDERS DROP COLUMN Customer_Tier;\n", 7,
                   1, "customer_tier while app v2", "");
}

/* The same on MySQL: `…`, no folding of tables, columns in any case, and what SET sql_mode makes of "…". */
static bool check_mysql(struct arena *arena, const char *rollback, struct err *err)
{
    struct workload *workload = arena_alloc(arena, sizeof *workload);
    struct strategy *strategy;
    char text[1024] = EXPAND "-- rehearse:rollback\n";
    strcat(text, rollback);
    *err = (struct err){0};
    workload_init(workload, arena, SQL_MYSQL);
    add_app(workload, "v1",
            "# not `orders`.`ghost`\nSELECT `customer_tier`, `odd ``name` FROM `orders` WHERE c = "
            "\"it\\\"s\";\n");
    if (!strategy_read(arena, SQL_MYSQL, "s.sql", text, strlen(text), NULL, &strategy, err))
        fail_msg("%d:%d: %s", err->line, err->column, err->message);
    return preflight_check(arena, strategy, workload, err);
}

static void names_of_mysql_are_read_as_mysql_reads_them(void **state)
{
    (void)state;
    static const struct {
        const char *rollback;
        bool same;
    } names[] = {
        {"ALTER TABLE orders DROP COLUMN customer_tier;\n", true},
        {"ALTER TABLE `orders` DROP COLUMN `Customer_Tier`;\n", true},
        {"ALTER TABLE shop.orders DROP `odd ``name`;\n", true},
        {"/*!50000 ALTER TABLE */ orders DROP customer_tier;\n", true},
        {"SET sql_mode = 'ANSI_QUOTES';\nALTER TABLE \"orders\" DROP \"customer_tier\";\n", true},
        {"ALTER TABLE orders DROP COLUMN ghost;\n", false},
        {"ALTER TABLE orders DROP COLUMN `odd name`;\n", false},
        {"ALTER TABLE customers DROP COLUMN customer_tier;\n", false},
        {"-- ALTER TABLE orders DROP COLUMN customer_tier;\nSELECT 1;\n", false},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct arena arena = {0};
        struct err err;
        if (check_mysql(&arena, names[i].rollback, &err) == names[i].same)
            fail_msg("%s is %s", names[i].rollback, names[i].same ? "accepted" : "refused");
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(apps_of_the_plan_are_accepted),
        cmocka_unit_test(an_unknown_app_is_refused),
        cmocka_unit_test(a_rollback_under_a_live_app_is_refused),
        cmocka_unit_test(code_that_goes_back_first_is_accepted),
        cmocka_unit_test(every_phase_has_a_way_back),
        cmocka_unit_test(going_forward_may_remove),
        cmocka_unit_test(only_the_column_of_that_table_counts),
        cmocka_unit_test(names_are_read_as_the_server_reads_them),
        cmocka_unit_test(names_of_mysql_are_read_as_mysql_reads_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
