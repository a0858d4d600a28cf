/* The scripted engine does what its script says, the same for the same seed, and names the line that it cannot read. */
#include "bench/db/db.h"
#include "bench/db/dialect.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static bool parse(struct arena *arena, const char *script, struct db_target *target, struct err *err)
{
    char path[] = "/tmp/rh-fake.XXXXXX", dsn[64];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, script, strlen(script)), (ssize_t)strlen(script));
    close(fd);
    snprintf(dsn, sizeof dsn, "fake:%s", path);
    bool ok = db_target_parse(arena, dsn, target, err);
    unlink(path);
    return ok;
}

static struct db *open_script(struct arena *arena, const char *script)
{
    struct db_target *target = arena_alloc(arena, sizeof *target);
    struct db_options options = {.application_name = "rehearse/test"};
    struct err err = {0};
    struct db *db = parse(arena, script, target, &err) ? db_open(target, &options, &err) : NULL;
    if (db == NULL)
        fail_msg("%s", err.message);
    return db;
}

static struct db_answer run(struct db *db, const char *sql)
{
    return db_exec(db, sql, CLOCK_NEVER_NS, NULL, NULL);
}

static void test_catalogue(void **state)
{
    struct arena arena = {0};
    struct db_table table;
    struct err err = {0};
    struct db *db = open_script(&arena,
                                "table \"shop.orders\" rows 1k # big\non \"count\" returns \"42\" \"x\"\n");
    (void)state;
    assert_true(db_query(db, &arena, dialect_sql(&arena, db, DIALECT_TABLES, NULL), &table, &err));
    assert_int_equal(table.rows, 1);
    assert_string_equal(db_value(&table, 0, 1), "shop");
    assert_string_equal(db_value(&table, 0, 3), "1000");
    assert_true(db_query(db, &arena, "SELECT count(*) FROM orders", &table, &err));
    assert_int_equal(table.columns, 2);
    assert_string_equal(db_value(&table, 0, 0), "42");
    db_close(db);
    arena_free(&arena);
}

static void test_time_and_lock(void **state)
{
    struct arena arena = {0};
    (void)state;
    int64_t start_ns = clock_ns();
    struct db *db = open_script(&arena, "on \"slow\" takes 30ms\nlock \"orders\" from 0 to 200ms\n");
    assert_int_equal(db_exec(db, "SELECT slow", clock_ns() + 5 * NS_PER_MS, NULL, NULL).outcome,
                     OUTCOME_DEADLINE);
    run(db, "SET lock_timeout = 20");
    assert_int_equal(run(db, "SELECT FROM ORDERS").outcome, OUTCOME_LOCK_TIMEOUT);
    run(db, "SET lock_timeout = 0");
    assert_true(clock_ns() - start_ns < 200 * NS_PER_MS);
    assert_int_equal(run(db, "SELECT FROM orders").outcome, OUTCOME_OK);
    assert_true(clock_ns() - start_ns >= 200 * NS_PER_MS);
    db_close(db);
    arena_free(&arena);
}

static void test_draws(void **state)
{
    struct arena arena = {0};
    int failed[2] = {0};
    uint64_t pattern[2] = {0};
    (void)state;
    for (int round = 0; round < 2; round++) {
        struct db *db = open_script(&arena, "seed 7\non \"UPDATE\" fails deadlock 25%\n");
        for (int i = 0; i < 1000; i++) {
            enum outcome outcome = run(db, "UPDATE t SET a = 1").outcome;
            failed[round] += outcome == OUTCOME_DEADLOCK;
            pattern[round] = pattern[round] * 31 + outcome;
        }
        db_close(db);
    }
    assert_true(failed[0] > 200 && failed[0] < 300);
    assert_int_equal(pattern[0], pattern[1]);
    arena_free(&arena);
}

static void test_transaction(void **state)
{
    struct arena arena = {0};
    (void)state;
    struct db *db = open_script(&arena, "on \"bad\" fails constraint\non \"gone\" fails connection_lost\n");
    assert_int_equal(run(db, "BEGIN").outcome, OUTCOME_OK);
    assert_true(db_in_transaction(db));
    assert_int_equal(run(db, "INSERT bad").outcome, OUTCOME_CONSTRAINT);
    assert_string_equal(run(db, "COMMIT").code, "25P02");
    assert_false(db_in_transaction(db));
    struct db_answer answer = run(db, "SELECT 1; SELECT 2; INSERT bad; SELECT 3");
    assert_int_equal(answer.result, 2);
    assert_int_equal(run(db, "SELECT gone").outcome, OUTCOME_CONNECTION_LOST);
    assert_int_equal(run(db, "SELECT 1").outcome, OUTCOME_CONNECTION_LOST);
    db_close(db);
    arena_free(&arena);
}

static void *cancel_soon(void *db)
{
    clock_sleep_ns(20 * NS_PER_MS);
    db_cancel(db);
    return NULL;
}

static void test_cancel(void **state)
{
    struct arena arena = {0};
    pthread_t thread;
    (void)state;
    struct db *db = open_script(&arena, "on \"long\" takes 20s\n");
    pthread_create(&thread, NULL, cancel_soon, db);
    int64_t start_ns = clock_ns();
    assert_int_equal(run(db, "SELECT long").outcome, OUTCOME_CANCELLED);
    assert_true(clock_ns() - start_ns < 5 * NS_PER_S);
    pthread_join(thread, NULL);
    db_cancel(db); /* idle: harmless */
    assert_int_equal(run(db, "SELECT 1").outcome, OUTCOME_OK);
    db_close(db);
    arena_free(&arena);
}

static void test_errors(void **state)
{
    struct arena arena = {0};
    struct db_target target;
    struct err err = {0};
    (void)state;
    assert_false(parse(&arena, "seed 1\n\non \"x\" fails dedlock 1%\n", &target, &err));
    assert_int_equal(err.line, 3);
    assert_true(err.file[0] == '/');
    assert_false(parse(&arena, "lock \"x\" from 1ms until 2ms\n", &target, &err));
    assert_int_equal(err.line, 1);
    assert_false(parse(&arena, "on x takes 1ms\n", &target, &err));
    assert_int_equal(err.column, 4);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_catalogue), cmocka_unit_test(test_time_and_lock),
        cmocka_unit_test(test_draws),     cmocka_unit_test(test_transaction),
        cmocka_unit_test(test_cancel),    cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
