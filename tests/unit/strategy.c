#include "bench/migrate/strategy.h"
#include "tests/mutate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char phased[] = "-- rehearse:strategy phased  engine=postgresql min=11\n"
                             "-- rehearse:set lock_timeout=200ms retries=10 backoff=1s..8s\n"
                             "-- rehearse:PHASE expand  kind=ddl hold=15s\n"
                             "ALTER TABLE orders ADD COLUMN tier smallint;\n"
                             "-- rehearse:phase dual-write  kind=app hold=60s\n"
                             "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$\n"
                             "BEGIN\n"
                             "-- rehearse:phase not-a-mark\n"
                             "  RETURN NEW; END $$;\n"
                             "-- rehearse:app v1=50% v2=50%\n"
                             "-- rehearse:wait lag<1s timeout=5min\n"
                             "-- rehearse:app v2\n"
                             "-- rehearse:phase backfill  kind=data\n"
                             "-- rehearse:backfill table=orders key=id batch=5k max_lag=2s on_deadlock=fail\n"
                             "UPDATE orders SET tier = 1 WHERE id > :lo AND id <= :hi;\n"
                             "ANALYZE orders;\n"
                             "-- rehearse:phase index  kind=ddl lock_timeout=0\n"
                             "CREATE INDEX CONCURRENTLY i ON orders (tier);\n"
                             "-- rehearse:rollback\n"
                             "-- rehearse:set lock_timeout=0\n"
                             "DROP INDEX CONCURRENTLY i;\n"
                             "-- rehearse:set lock_timeout=300ms\n"
                             "-- rehearse:check \"gone\" expect=0\n"
                             "SELECT 0;\n"
                             "-- rehearse:rollback from=dual-write\n"
                             "-- rehearse:app v1\n"
                             "-- rehearse:begin\n"
                             "DROP FUNCTION f(); '\n"
                             "-- rehearse:end\n"
                             "-- rehearse:check \"no NULL\"  expect=0 after=backfill timeout=30s\n"
                             "SELECT count(*) FROM orders WHERE tier IS NULL;\n";

static struct strategy *read_good(struct arena *arena, const char *text,
                                  const struct strategy_settings *overrides)
{
    struct strategy *strategy = NULL;
    struct err err = {0};
    if (!strategy_read(arena, SQL_POSTGRES, "dir/way.sql", text, strlen(text), overrides, &strategy, &err))
        fail_msg("%d:%d: %s", err.line, err.column, err.message);
    return strategy;
}

static void test_phases_and_steps(void **state)
{
    struct arena arena = {0};
    (void)state;
    const struct strategy *s = read_good(&arena, phased, NULL);
    assert_true(s->marked);
    assert_string_equal(s->name, "phased");
    assert_string_equal(s->engine, "postgresql");
    assert_int_equal(s->min_version, 11);
    assert_int_equal(s->phase_count, 4);
    assert_int_equal(s->phases[0].hold_ns, INT64_C(15000000000));
    assert_int_equal(s->phases[3].hold_ns, -1);
    assert_int_equal(s->phases[1].kind, PHASE_APP);
    assert_int_equal(s->phases[1].step_count, 4);
    const struct step *app = &s->phases[1].steps[1];
    assert_int_equal(app->kind, STEP_APP);
    assert_int_equal(app->share_count, 2);
    assert_float_equal(app->shares[1].share, 0.5, 0);
    const struct step *wait = &s->phases[1].steps[2];
    assert_int_equal(wait->wait_ns, -1);
    assert_int_equal(wait->wait_lag_ns, INT64_C(1000000000));
    assert_int_equal(wait->wait_timeout_ns, INT64_C(300000000000));
    const struct step *backfill = &s->phases[2].steps[0];
    assert_int_equal(backfill->kind, STEP_BACKFILL);
    assert_string_equal(backfill->table, "orders");
    assert_int_equal(backfill->batch_rows, 5000);
    assert_false(backfill->retry_deadlock);
    assert_int_equal(backfill->line, 15);
    assert_int_equal(s->phases[2].steps[1].kind, STEP_SQL);
    assert_int_equal(s->phases[2].check_count, 1);
    assert_string_equal(s->phases[2].checks[0].text, "no NULL");
    assert_int_equal(s->phases[2].checks[0].timeout_ns, INT64_C(30000000000));
    assert_true(s->phases[3].steps[0].no_transaction);
    arena_free(&arena);
}

static void test_rollbacks_in_order_of_phases(void **state)
{
    struct arena arena = {0};
    (void)state;
    const struct strategy *s = read_good(&arena, phased, NULL);
    assert_int_equal(s->rollback_count, 2);
    assert_int_equal(s->rollbacks[0].from, 1);
    assert_string_equal(s->rollbacks[0].phase.name, "rollback dual-write");
    assert_string_equal(s->rollbacks[0].phase.steps[1].sql, "DROP FUNCTION f(); '");
    assert_int_equal(s->rollbacks[1].from, 3);
    assert_int_equal(s->rollbacks[1].phase.check_count, 1);
    arena_free(&arena);
}

static void test_settings_precedence(void **state)
{
    struct arena arena = {0};
    struct strategy_settings overrides = strategy_settings_unset();
    (void)state;
    const struct strategy *s = read_good(&arena, phased, NULL);
    assert_int_equal(s->phases[0].steps[0].settings.lock_timeout_ms, 200); /* set of the file */
    assert_int_equal(s->phases[0].steps[0].settings.retries, 10);
    assert_int_equal(s->phases[0].steps[0].settings.statement_timeout_ms, 0); /* default */
    assert_int_equal(s->phases[3].steps[0].settings.lock_timeout_ms, 0);      /* key of the phase */
    assert_int_equal(s->rollbacks[1].phase.steps[0].settings.lock_timeout_ms, 0);
    assert_int_equal(s->rollbacks[0].phase.steps[0].settings.lock_timeout_ms, 300); /* set goes on */
    overrides.lock_timeout_ms = 2000;
    s = read_good(&arena, phased, &overrides);
    assert_int_equal(s->phases[3].steps[0].settings.lock_timeout_ms, 2000);
    assert_int_equal(s->rollbacks[1].phase.steps[0].settings.lock_timeout_ms, 2000);
    assert_int_equal(s->rollbacks[1].phase.steps[0].settings.backoff_high_ns, INT64_C(8000000000));
    arena_free(&arena);
}

static void test_bare_files(void **state)
{
    struct arena arena = {0};
    (void)state;
    const struct strategy *s = read_good(&arena, "ALTER TABLE t ADD a int; UPDATE t SET a = 1", NULL);
    assert_false(s->marked);
    assert_string_equal(s->name, "way");
    assert_string_equal(s->phases[0].name, "migration");
    assert_true(s->phases[0].tx);
    assert_int_equal(s->phases[0].step_count, 2);
    assert_int_equal(s->phases[0].steps[0].settings.backoff_low_ns, INT64_C(1000000000));
    s = read_good(&arena, "SELECT 1; CREATE INDEX CONCURRENTLY ON t (a);", NULL);
    assert_false(s->phases[0].tx);
    s = read_good(&arena, "BEGIN; SELECT 1; COMMIT;", NULL);
    assert_false(s->phases[0].tx);
    assert_int_equal(s->phases[0].step_count, 3);
    s = read_good(&arena, "SELECT 1; -- rehearse:phase not at column one\n  -- rehearse:phase nor here\n",
                  NULL);
    assert_false(s->marked);
    arena_free(&arena);
}

#define PHASE "-- rehearse:phase p\n"

static void test_refused(void **state)
{
    static const struct {
        const char *text;
        int line, column;
        const char *message, *hint;
    } cases[] = {
        {"-- rehearse:phsae a\n", 1, 13, "unknown mark", "\"phase\""},
        {"-- rehearse:phase a lock_timout=1s\n", 1, 21, "unknown key", "\"lock_timeout\""},
        {"-- rehearse:phase a kind=dll\n", 1, 26, "unknown kind", "\"ddl\""},
        {"-- rehearse:phase a hold=5m\n", 1, 26, "ambiguous", ""},
        {"-- rehearse:phase a hold=1s hold=2s\n", 1, 29, "duplicate key", ""},
        {"-- rehearse:phase\n", 1, 13, "name", ""},
        {"-- rehearse:phase a b\n", 1, 21, "not expected", ""},
        {PHASE PHASE, 2, 19, "duplicate phase", ""},
        {"SELECT 1;\n" PHASE, 1, 1, "no phase", ""},
        {PHASE "SELECT 1\n-- rehearse:wait 1s\n", 3, 1, "no ';'", ""},
        {PHASE "BEGIN;\n", 2, 1, "transactions itself", "tx=on"},
        {PHASE "-- rehearse:app v1=50% v2=40%\n", 2, 13, "90 %", ""},
        {PHASE "-- rehearse:app v1=50% v1=50%\n", 2, 24, "twice", ""},
        {PHASE "-- rehearse:wait 30\n", 2, 18, "unit", ""},
        {"-- rehearse:wait 30s\n", 1, 13, "no phase", ""},
        {"-- rehearse:phase a tx=on\n-- rehearse:wait 1s\n", 2, 13, "one transaction", "tx=on"},
        {"-- rehearse:phase a tx=on\nVACUUM t;\n", 2, 1, "cannot be in a transaction", "tx=on"},
        {PHASE "-- rehearse:backfill table=t key=id\nUPDATE t SET a = ':hi' WHERE id > :lo;\n", 3, 1,
         ":lo and :hi", "id > :lo"},
        {PHASE "-- rehearse:backfill table=t key=id\nUPDATE t SET a = 1::lo WHERE id < :hi;\n", 3, 1,
         ":lo and :hi", ""},
        {PHASE "-- rehearse:backfill table=t key=id\n", 2, 13, "statement is missing", ""},
        {PHASE "-- rehearse:backfill table=t key=id batch=1 target=1s\n", 2, 13, "exclude", ""},
        {PHASE "-- rehearse:backfill table=t\n", 2, 13, "key= are needed", ""},
        {PHASE "-- rehearse:check \"x\" expect=0\nUPDATE t SET a = 1;\n", 3, 1, "one SELECT", ""},
        {PHASE "-- rehearse:check \"x\" expect=0\n" PHASE, 2, 13, "SELECT is missing", ""},
        {PHASE "-- rehearse:check \"x expect=0\n", 2, 19, "no end", ""},
        {PHASE "-- rehearse:check \"x\" expect=0 after=q\nSELECT 1;\n", 2, 38, "unknown phase \"q\"", ""},
        {PHASE "-- rehearse:rollback from=q\n", 2, 27, "unknown phase", ""},
        {"-- rehearse:rollback\n", 1, 13, "no phase", ""},
        {PHASE "-- rehearse:rollback\n-- rehearse:rollback\n", 3, 13, "rollback already", ""},
        {PHASE "-- rehearse:rollback\n-- rehearse:check \"x\" expect=0 after=p\nSELECT 1;\nSELECT 2;\n", 5, 1,
         "no phase", ""},
        {PHASE "-- rehearse:begin\nSELECT 1;\n", 2, 13, "no end", ""},
        {PHASE "-- rehearse:end\n", 2, 13, "no begin", ""},
        {PHASE "SELECT 'abc\n-- rehearse:wait 1s\n", 2, 8, "string has no end", ""},
        {"-- rehearse:set lock_timeout=1s\n", 1, 1, "at least one phase", ""},
        {"-- migrate:up\nSELECT 1;\n", 1, 1, "dbmate", "Copy"},
        {"-- +goose Up\nSELECT 1;\n", 1, 1, "goose", "Copy"},
        {"--liquibase formatted sql\nSELECT 1;\n", 1, 1, "Liquibase", "Copy"},
        {"-- nothing\n", 1, 1, "no statement", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena arena = {0};
        struct err err = {0};
        struct strategy *strategy = NULL;
        if (strategy_read(&arena, SQL_POSTGRES, "s.sql", cases[i].text, strlen(cases[i].text), NULL,
                          &strategy, &err))
            fail_msg("case %zu is accepted: %s", i, cases[i].text);
        if (strstr(err.message, cases[i].message) == NULL || err.line != cases[i].line ||
            err.column != cases[i].column || strstr(err.hint, cases[i].hint) == NULL)
            fail_msg("case %zu: %d:%d: %s (%s)", i, err.line, err.column, err.message, err.hint);
        arena_free(&arena);
    }
}

static const char marks[] = "-- rehearse:phase a hold=1s\n"
                            "-- rehearse:app v1=50% v2=50%\n"
                            "-- rehearse:wait lag<1s\n"
                            "-- rehearse:backfill table=t key=id\n"
                            "UPDATE t SET a = $$x$$ WHERE id > :lo AND id <= :hi;\n"
                            "-- rehearse:rollback from=a\n"
                            "-- rehearse:begin\n"
                            "DROP;\n"
                            "-- rehearse:end\n"
                            "-- rehearse:check \"c\" expect=0 after=a\n"
                            "SELECT (0);\n";

static void read_any(const char *text, size_t length)
{
    struct arena arena = {0};
    struct err err = {0};
    struct strategy *s = NULL;
    if (strategy_read(&arena, SQL_POSTGRES, "s.sql", text, length, NULL, &s, &err)) {
        assert_true(s->phase_count > 0);
        for (size_t i = 0; i < s->phase_count; i++) {
            for (size_t j = 0; j < s->phases[i].step_count; j++)
                assert_true(s->phases[i].steps[j].settings.backoff_high_ns >= 0);
        }
    } else {
        assert_int_equal(err.kind, ERR_USAGE);
        assert_true(err.line > 0 && err.column > 0);
    }
    arena_free(&arena);
}

/* Right: a delimiter holds over marks; a DDL in a tx=on phase is refused at its place. */
static void test_mysql(void **state)
{
    static const char text[] = "-- rehearse:strategy m engine=mysql min=10.11\n"
                               "DELIMITER //\n"
                               "-- rehearse:phase a\n"
                               "CREATE PROCEDURE p() BEGIN SELECT 1; SELECT \"//;\"; END//\n"
                               "# rehearse:phase b\n"
                               "DELIMITER ;\n"
                               "-- rehearse:phase c tx=on\n"
                               "INSERT INTO t VALUES (1);\n"
                               "ALTER TABLE t ADD COLUMN a INT;\n";
    struct arena arena = {0};
    struct strategy *s;
    struct err err = {0};
    (void)state;
    char *moved = arena_strdup(&arena, text);
    assert_false(strategy_read(&arena, SQL_MYSQL, "m.sql", moved, strlen(moved), NULL, &s, &err));
    assert_int_equal(err.line, 9);
    assert_non_null(strstr(err.message, "commits by itself"));
    assert_true(err.hint[0] != '\0');
    *strstr(moved, " tx=on") = '\n';
    memset(strstr(moved, "tx=on"), ' ', 5);
    err = (struct err){0};
    if (!strategy_read(&arena, SQL_MYSQL, "m.sql", moved, strlen(moved), NULL, &s, &err))
        fail_msg("%d:%d: %s", err.line, err.column, err.message);
    assert_int_equal(s->min_version, 10);
    assert_int_equal(s->min_minor, 11);
    assert_int_equal(s->phase_count, 2);
    assert_string_equal(s->phases[0].steps[0].sql,
                        "CREATE PROCEDURE p() BEGIN SELECT 1; SELECT \"//;\"; END");
    assert_int_equal(s->phases[1].steps[1].sql_kind, SQL_KIND_ALTER_TABLE_ADD_COLUMN);
    const char *bare = "INSERT INTO t VALUES (1); UPDATE t SET a = 2";
    assert_true(strategy_read(&arena, SQL_MYSQL, "b.sql", bare, strlen(bare), NULL, &s, &err));
    assert_false(s->phases[0].tx);
    arena_free(&arena);
}

static void test_mutations(void **state)
{
    (void)state;
    mutate(marks, read_any);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_phases_and_steps),
        cmocka_unit_test(test_rollbacks_in_order_of_phases),
        cmocka_unit_test(test_settings_precedence),
        cmocka_unit_test(test_bare_files),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_mysql),
        cmocka_unit_test(test_mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
