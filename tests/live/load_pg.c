#include "bench/load/pool.h"
#include "bench/sandbox/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SESSIONS = 12 };

struct fixture {
    struct arena arena;
    struct sandbox *sandbox;
    struct db_target target;
    struct workload workload;
    struct app_entry entries[2];
    struct app apps[2];
    struct pool_config config;
};

static struct fixture shop;
static const struct pool_variable zero_n = {.name = "n", .value = {.type = SCRIPT_INTEGER, .integer = 0}};

static void ask(const char *sql, struct db_table *table)
{
    struct err err = {0};
    struct db *db = db_open(&shop.target, &(struct db_options){.application_name = "rehearse/t/test"}, &err);
    if (db == NULL || !db_query(db, &shop.arena, sql, table, &err))
        fail_msg("%s", err.message);
    db_close(db);
}

static void command(const char *sql)
{
    struct db_table none;
    ask(sql, &none);
}

static long number(const char *sql)
{
    struct db_table table = {0};
    ask(sql, &table);
    return table.rows == 1 && table.values != NULL ? strtol(table.values[0], NULL, 10) : -1;
}

static int start(void **state)
{
    (void)state;
    struct err err = {0};
    shop.sandbox = sandbox_start("sandbox:postgresql?set.max_connections=40", &err);
    if (shop.sandbox == NULL ||
        !db_target_parse(&shop.arena, sandbox_dsn(shop.sandbox), &shop.target, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return -1;
    }
    return 0;
}

static int stop(void **state)
{
    (void)state;
    sandbox_stop(shop.sandbox);
    arena_free(&shop.arena);
    return 0;
}

/* Two apps of one script each; the second may be NULL. */
static void make_apps(const char *v1, const char *v2)
{
    const char *const texts[] = {v1, v2}, *const names[] = {"v1", "v2"};
    struct err err = {0};
    workload_init(&shop.workload, &shop.arena, SQL_POSTGRES);
    shop.workload.apps = shop.apps;
    for (int i = 0; i < 2 && texts[i] != NULL; i++) {
        shop.entries[i].weight = 1;
        if (!workload_add_text(&shop.workload, names[i], texts[i], &shop.entries[i].script, &err))
            fail_msg("%s", err.message);
        shop.apps[i] = (struct app){
            .name = names[i], .entries = &shop.entries[i], .entry_count = 1, .weight_sum = 1};
        shop.workload.app_count = (size_t)i + 1;
    }
    shop.config = (struct pool_config){.target = &shop.target,
                                       .workload = &shop.workload,
                                       .run_id = "t",
                                       .variables = &zero_n,
                                       .variable_count = 1,
                                       .mix = {.parts = {{0, 1}}, .count = 1},
                                       .seed = 3,
                                       .sessions = SESSIONS,
                                       .phases = 1,
                                       .longest_ns = 120 * NS_PER_S};
}

static struct pool *go(void)
{
    struct err err = {0};
    struct pool *pool = pool_open(&shop.config, &err);
    if (pool == NULL)
        fail_msg("%s: %s", err.message, err.hint);
    pool_go(pool, clock_ns());
    return pool;
}

static struct tally_cell *collect(const struct pool *pool)
{
    struct tally_cell *cell = mem_alloc(sizeof *cell);
    tally_collect(pool_tally(pool), -1, 0, cell);
    return cell;
}

static void what_is_counted_is_in_the_table(void **state)
{
    (void)state;
    command("CREATE TABLE ledger (client int, n bigint, PRIMARY KEY (client, n))");
    make_apps("\\set n :n + 1\nBEGIN;\nINSERT INTO ledger VALUES (:client_id, :n);\nCOMMIT;", NULL);
    for (int protocol = 0; protocol < 2; protocol++) {
        shop.config.protocol = protocol == 0 ? POOL_PREPARED : POOL_SIMPLE;
        struct pool *pool = go();
        clock_sleep_ns(NS_PER_S);
        pool_stop(pool, clock_ns() + 5 * NS_PER_S);
        struct pool_count count = pool_count(pool);
        assert_true(count.requests > 100);
        assert_int_equal(count.failed + count.unfinished, 0);
        assert_int_equal(number("SELECT count(*) FROM ledger"), count.requests);
        pool_close(pool);
        command("TRUNCATE ledger");
    }
    command("DROP TABLE ledger");
}

/* The server dies at once and comes back: sessions come back, arrivals that came due meanwhile are served late, and
 * rows present lie between those acknowledged and those acknowledged or of unknown fate. */
static void a_killed_server_loses_nothing_acknowledged(void **state)
{
    (void)state;
    struct err err = {0};
    command("CREATE TABLE ledger (client int, n bigint)");
    make_apps("\\set n :n + 1\nINSERT INTO ledger VALUES (:client_id, :n);", NULL);
    shop.config.rate_per_s = 500;
    struct pool *pool = go();
    int64_t start_ns = clock_ns();
    clock_sleep_ns(NS_PER_S);
    assert_true(sandbox_stop_server(shop.sandbox, true, &err));
    clock_sleep_ns(500 * NS_PER_MS);
    assert_true(sandbox_start_server(shop.sandbox, &err));
    clock_sleep_ns(3 * NS_PER_S);
    struct pool_progress progress = pool_progress(pool);
    pool_stop(pool, clock_ns() + 10 * NS_PER_S);
    int64_t due_count = (clock_ns() - start_ns) * 500 / NS_PER_S;

    struct pool_count count = pool_count(pool);
    struct tally_cell *all = collect(pool);
    int64_t ok = (int64_t)all->outcomes[OUTCOME_OK], unknown = (int64_t)all->outcomes[OUTCOME_UNKNOWN];
    long rows = number("SELECT count(*) FROM ledger");
    assert_int_equal(progress.connected, SESSIONS);
    assert_int_equal(count.reconnects, SESSIONS);
    assert_in_range(count.failed, 1, SESSIONS);
    assert_int_equal(count.unfinished, 0);
    assert_in_range(count.requests, due_count - 100, due_count + 100);
    assert_true(all->response.max_us > 500000);
    assert_true(ok <= rows && rows <= ok + unknown);
    assert_int_equal(number("SELECT count(*) FROM (SELECT DISTINCT client, n FROM ledger) AS d"), rows);
    free(all);
    pool_close(pool);
    command("DROP TABLE ledger");
}

/* Code that names a column is gone when pool_deploy returns: dropping the column then fails nobody. */
static void a_drained_column_can_be_dropped(void **state)
{
    (void)state;
    const struct app_mix next = {.parts = {{1, 1}}, .count = 1};
    int still_old;
    command("CREATE TABLE orders (id int, tier_code text, tier int)");
    make_apps("SELECT tier_code FROM orders WHERE id = 1;", "SELECT tier FROM orders WHERE id = 1;");
    struct pool *pool = go();
    clock_sleep_ns(300 * NS_PER_MS);
    assert_true(pool_deploy(pool, &next, clock_ns() + 5 * NS_PER_S, &still_old));
    command("ALTER TABLE orders DROP COLUMN tier_code");
    clock_sleep_ns(300 * NS_PER_MS);
    pool_stop(pool, clock_ns() + 5 * NS_PER_S);
    assert_int_equal(pool_count(pool).failed, 0);
    pool_close(pool);
    command("DROP TABLE orders");
}

static void a_changed_result_type_fails_once_per_session(void **state)
{
    (void)state;
    command("CREATE TABLE orders (id int)");
    make_apps("SELECT * FROM orders WHERE id = 1;", NULL);
    struct pool *pool = go();
    clock_sleep_ns(300 * NS_PER_MS);
    command("ALTER TABLE orders ADD COLUMN tier int");
    clock_sleep_ns(500 * NS_PER_MS);
    pool_stop(pool, clock_ns() + 5 * NS_PER_S);
    struct tally_cell *all = collect(pool);
    assert_int_equal(all->outcomes[OUTCOME_SCHEMA_CHANGED], SESSIONS);
    assert_int_equal(pool_count(pool).failed, SESSIONS);
    free(all);
    pool_close(pool);
    command("DROP TABLE orders");
}

static void a_script_without_commit_leaves_no_transaction(void **state)
{
    (void)state;
    make_apps("BEGIN;\nSELECT 1;", NULL);
    struct pool *pool = go();
    clock_sleep_ns(200 * NS_PER_MS);
    pool_interrupt(pool);
    clock_sleep_ns(200 * NS_PER_MS);
    assert_int_equal(number("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%'"), 0);
    pool_stop(pool, clock_ns() + 5 * NS_PER_S);
    assert_int_equal(pool_count(pool).failed, pool_count(pool).requests);
    pool_close(pool);
}

static void too_many_sessions_are_refused_with_advice(void **state)
{
    (void)state;
    struct err err = {0};
    make_apps("SELECT 1;", NULL);
    shop.config.sessions = 100;
    assert_null(pool_open(&shop.config, &err));
    assert_int_equal(err.kind, ERR_ENVIRONMENT);
    assert_non_null(strstr(err.hint, "max_connections"));
}

static void a_statement_that_does_not_prepare_is_told_by_line(void **state)
{
    (void)state;
    struct err err = {0};
    make_apps("SELECT 1;\n  SELECT nothing FROM nowhere;", NULL);
    assert_null(pool_open(&shop.config, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_counted_is_in_the_table),
        cmocka_unit_test(a_killed_server_loses_nothing_acknowledged),
        cmocka_unit_test(a_drained_column_can_be_dropped),
        cmocka_unit_test(a_changed_result_type_fails_once_per_session),
        cmocka_unit_test(a_script_without_commit_leaves_no_transaction),
        cmocka_unit_test(too_many_sessions_are_refused_with_advice),
        cmocka_unit_test(a_statement_that_does_not_prepare_is_told_by_line),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
