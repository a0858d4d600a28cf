/* The PostgreSQL driver against a real server: answers, deadlines, cancels, loads, lost connections and what is known after
 * them; every query of the dialect gives the columns that its contract names; the fingerprint sees each kind of change. */
#include "bench/base/buf.h"
#include "bench/db/db.h"
#include "bench/db/dialect.h"
#include "bench/db/server_clock.h"
#include "bench/sandbox/sandbox.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct world {
    struct sandbox *sandbox;
    struct arena arena;
    struct db_target target;
};

static struct db *connect_as(struct world *world, const struct db_options *options)
{
    struct err err = {0};
    struct db *db = db_open(&world->target, options, &err);
    if (db == NULL)
        fail_msg("%s", err.message);
    return db;
}

static struct db *connect_plain(struct world *world)
{
    return connect_as(world, &(struct db_options){.application_name = "rehearse/test"});
}

static struct db_answer run(struct db *db, const char *sql)
{
    return db_exec(db, sql, CLOCK_NEVER_NS, NULL, NULL);
}

static void must(struct db *db, const char *sql)
{
    struct db_answer answer = run(db, sql);
    if (answer.outcome != OUTCOME_OK)
        fail_msg("%s: %s", sql, answer.message);
}

static void expect(struct db_answer answer, enum outcome outcome)
{
    if (answer.outcome != outcome)
        fail_msg("%s, not %s: %s", outcome_name(answer.outcome), outcome_name(outcome), answer.message);
}

static void write_row(void *context, int result, int columns, const char *const *values)
{
    buf_printf(context, "%d:", result);
    for (int i = 0; i < columns; i++)
        buf_printf(context, "%s,", values[i] == NULL ? "NULL" : values[i]);
}

static void test_answers(void **state)
{
    struct db *db = connect_plain(*state);
    struct buf rows = {0};
    struct db_answer answer = db_exec(db, "SELECT 1, NULL; SELECT 'b' UNION ALL SELECT 'c'", CLOCK_NEVER_NS,
                                      write_row, &rows);
    expect(answer, OUTCOME_OK);
    assert_int_equal(answer.result, 2);
    assert_int_equal(answer.rows, 2);
    assert_string_equal(buf_text(&rows), "0:1,NULL,1:b,1:c,");
    answer = run(db, "SELECT 1; SELECT nope");
    expect(answer, OUTCOME_NO_SUCH_OBJECT);
    assert_int_equal(answer.position, 18);
    answer = run(db, "SELECT 1; SELECT 1 / (1 - 1)");
    assert_int_equal(answer.result, 1);
    expect(run(db, "SELEC"), OUTCOME_SYNTAX);
    must(db, "BEGIN");
    assert_true(db_in_transaction(db));
    expect(run(db, "SELECT nope"), OUTCOME_NO_SUCH_OBJECT);
    answer = run(db, "COMMIT");
    expect(answer, OUTCOME_OTHER);
    assert_string_equal(answer.code, "25P02");
    assert_false(db_in_transaction(db));
    expect(run(db, "BEGIN; ROLLBACK"), OUTCOME_OK);
    answer = run(db, "COPY (SELECT generate_series(1, 3)) TO STDOUT");
    expect(answer, OUTCOME_OK);
    expect(run(db, "CREATE TEMP TABLE c (a int); COPY c FROM STDIN"), OUTCOME_OTHER);
    must(db, "SELECT 1");
    buf_free(&rows);
    db_close(db);
}

/* Right: a message names what is wrong and where, never the value of a row. */
static void test_messages_hold_no_values(void **state)
{
    static const struct {
        const char *sql, *message;
    } cases[] = {
        {"SELECT 'secret'::int", "invalid input syntax for type integer: \"…\""},
        {"SELECT E'sec\"ret\\nx'::int", "invalid input syntax for type integer: \"…\""},
        {"SELECT '99999999999'::int", "value \"…\" is out of range for type integer"},
        {"SELECT repeat('sécret', 99)::date", "invalid input syntax for type date: \"…\""},
        {"SELECT 2147483647 + 1", "integer out of range"},
        {"SELECT nope", "column \"nope\" does not exist"},
    };
    struct db *db = connect_plain(*state);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(run(db, cases[i].sql).message, cases[i].message);
    must(db, "CREATE TABLE secrets (a text UNIQUE); INSERT INTO secrets VALUES ('secret')");
    struct db_answer answer = run(db, "INSERT INTO secrets VALUES ('secret')");
    assert_string_equal(answer.message, "duplicate key value violates unique constraint \"secrets_a_key\"");
    must(db, "DROP TABLE secrets");
    db_close(db);
}

static void test_prepared(void **state)
{
    struct db *db = connect_plain(*state);
    struct buf rows = {0};
    const char *const values[] = {"7", NULL};
    expect(db_prepare(db, 3, "SELECT $1::int + 1, $2::text", CLOCK_NEVER_NS), OUTCOME_OK);
    expect(db_run(db, 3, values, 2, CLOCK_NEVER_NS, write_row, &rows), OUTCOME_OK);
    assert_string_equal(buf_text(&rows), "0:8,NULL,");
    expect(db_prepare(db, 3, "SELECT * FROM p", CLOCK_NEVER_NS), OUTCOME_NO_SUCH_OBJECT);
    must(db, "CREATE TABLE p (a int); INSERT INTO p VALUES (1)");
    expect(db_prepare(db, 3, "SELECT * FROM p", CLOCK_NEVER_NS), OUTCOME_OK);
    assert_int_equal(db_run(db, 3, NULL, 0, CLOCK_NEVER_NS, NULL, NULL).rows, 1);
    must(db, "ALTER TABLE p ADD b int");
    expect(db_run(db, 3, NULL, 0, CLOCK_NEVER_NS, NULL, NULL), OUTCOME_SCHEMA_CHANGED);
    expect(db_run(db, 9, NULL, 0, CLOCK_NEVER_NS, NULL, NULL), OUTCOME_NO_SUCH_OBJECT);
    must(db, "DROP TABLE p");
    buf_free(&rows);
    db_close(db);
}

static void keep_notice(void *context, const struct db_notice *notice)
{
    buf_printf(context, "%s/%s/%s/%s;", notice->severity, notice->code, notice->message, notice->routine);
}

static void test_notices(void **state)
{
    struct buf notices = {0};
    struct db *db = connect_as(*state, &(struct db_options){.notice = keep_notice,
                                                            .notice_context = &notices,
                                                            .setup_sql = "SET client_min_messages = notice"});
    must(db, "DO $$BEGIN RAISE NOTICE 'hello'; END$$");
    assert_non_null(strstr(buf_text(&notices), "NOTICE/00000/hello/exec_stmt_raise;"));
    buf_free(&notices);
    db_close(db);
}

static void test_deadline(void **state)
{
    struct db *db = connect_plain(*state);
    int64_t start_ns = clock_ns();
    expect(db_exec(db, "SELECT pg_sleep(20)", start_ns + 200 * NS_PER_MS, NULL, NULL), OUTCOME_DEADLINE);
    int64_t took_ns = clock_ns() - start_ns;
    assert_true(took_ns >= 200 * NS_PER_MS && took_ns < 2 * NS_PER_S);
    must(db, "SELECT 1");
    expect(run(db, "SET statement_timeout = '50ms'; SELECT pg_sleep(20)"), OUTCOME_STATEMENT_TIMEOUT);
    db_close(db);
}

static void *cancel_soon(void *db)
{
    clock_sleep_ns(100 * NS_PER_MS);
    assert_true(db_cancel(db));
    return NULL;
}

static void test_cancel(void **state)
{
    struct db *db = connect_plain(*state);
    pthread_t thread;
    pthread_create(&thread, NULL, cancel_soon, db);
    expect(run(db, "SELECT pg_sleep(20)"), OUTCOME_CANCELLED);
    pthread_join(thread, NULL);
    assert_true(db_cancel(db)); /* idle: harmless */
    must(db, "SELECT 1");
    db_close(db);
}

struct source {
    int left;
    bool fails;
};

static long fill_rows(void *context, char *bytes, size_t capacity)
{
    struct source *source = context;
    size_t length = 0;
    if (source->left == 0)
        return source->fails ? -1 : 0;
    while (source->left > 0 && capacity - length > 64)
        length += (size_t)snprintf(bytes + length, capacity - length, "%d\ttext of a row\\tx\n",
                                   source->left--);
    return (long)length;
}

static void test_load(void **state)
{
    struct db *db = connect_plain(*state);
    struct source whole = {.left = 200000}, broken = {.left = 100000, .fails = true};
    must(db, "CREATE TABLE load (a int, b text)");
    struct db_answer answer = db_load_text(db, "load", "a, b", CLOCK_NEVER_NS, fill_rows, &whole);
    expect(answer, OUTCOME_OK);
    assert_int_equal(answer.rows, 200000);
    expect(db_load_text(db, "load", "a, b", CLOCK_NEVER_NS, fill_rows, &broken), OUTCOME_CANCELLED);
    assert_int_equal(run(db, "SELECT a FROM load").rows, 200000);
    expect(db_load_text(db, "nowhere", "a", CLOCK_NEVER_NS, fill_rows, &whole), OUTCOME_NO_SUCH_OBJECT);
    broken = (struct source){.left = 10000};
    expect(db_load_text(db, "load", "a, b", clock_ns() - 1, fill_rows, &broken), OUTCOME_DEADLINE);
    must(db, "DROP TABLE load");
    db_close(db);
}

struct killer {
    struct world *world;
    int session;
};

static void *kill_soon(void *context)
{
    struct killer *killer = context;
    struct db *db = connect_plain(killer->world);
    char sql[80];
    snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d)", killer->session);
    clock_sleep_ns(100 * NS_PER_MS);
    must(db, sql);
    db_close(db);
    return NULL;
}

static void expect_killed(struct world *world, const char *before, const char *sql, enum outcome outcome)
{
    struct db *db = connect_plain(world);
    struct killer killer = {world, db_session(db)};
    pthread_t thread;
    if (before != NULL)
        must(db, before);
    pthread_create(&thread, NULL, kill_soon, &killer);
    struct db_answer answer = run(db, sql);
    pthread_join(thread, NULL);
    expect(answer, outcome);
    assert_true(outcome_ends_session(answer.outcome));
    expect(run(db, "SELECT 1"), OUTCOME_CONNECTION_LOST);
    expect(db_load_text(db, "k", "a", CLOCK_NEVER_NS, NULL, NULL), OUTCOME_CONNECTION_LOST);
    assert_false(db_in_transaction(db));
    db_close(db);
}

static void test_killed(void **state)
{
    struct world *world = *state;
    struct db *db = connect_plain(world);
    must(db, "CREATE TABLE k (a int)");
    expect_killed(world, NULL, "SELECT pg_sleep(20)", OUTCOME_CONNECTION_LOST);
    expect_killed(world, "BEGIN", "INSERT INTO k SELECT 1 FROM pg_sleep(20)", OUTCOME_CONNECTION_LOST);
    expect_killed(world, NULL, "INSERT INTO k SELECT 1 FROM pg_sleep(20)", OUTCOME_UNKNOWN);
    expect_killed(world, NULL, "BEGIN; INSERT INTO k SELECT 1 FROM pg_sleep(20); COMMIT", OUTCOME_UNKNOWN);
    must(db, "DROP TABLE k");
    db_close(db);
}

/* A frozen server hears no cancel: the deadline, the cancel's own limit and the grace are all that it costs. */
static void test_frozen(void **state)
{
    struct world *world = *state;
    struct db *db = connect_plain(world);
    must(db, "CREATE TABLE z (a int)");
    assert_int_equal(kill(sandbox_pid(world->sandbox), SIGSTOP), 0);
    assert_int_equal(kill(db_session(db), SIGSTOP), 0);
    int64_t start_ns = clock_ns();
    struct db_answer answer = db_exec(db, "INSERT INTO z VALUES (1)", start_ns + 100 * NS_PER_MS, NULL, NULL);
    int64_t took_ns = clock_ns() - start_ns;
    kill(db_session(db), SIGCONT);
    kill(sandbox_pid(world->sandbox), SIGCONT);
    expect(answer, OUTCOME_UNKNOWN);
    assert_true(took_ns >= DB_CANCEL_GRACE_NS && took_ns < DB_CANCEL_GRACE_NS + 4 * NS_PER_S);
    db_close(db);
}

/* Right: a cancel that a frozen backend does not hear gives the caller back, deadline or none. Wrong: it waits for ever. */
static void test_cancel_of_frozen(void **state)
{
    struct db *db = connect_plain(*state);
    pthread_t thread;
    assert_int_equal(kill(db_session(db), SIGSTOP), 0);
    int64_t start_ns = clock_ns();
    pthread_create(&thread, NULL, cancel_soon, db);
    struct db_answer answer = run(db, "SELECT 1");
    int64_t took_ns = clock_ns() - start_ns;
    pthread_join(thread, NULL);
    kill(db_session(db), SIGCONT);
    expect(answer, OUTCOME_DEADLINE);
    assert_in_range(took_ns, DB_CANCELLED_NS, DB_CANCELLED_NS + DB_CANCEL_GRACE_NS + 4 * NS_PER_S);
    db_close(db);
}

/* Without the right to see lock waits, the migration session still hears of rewrites. */
static void test_ordinary_role(void **state)
{
    struct world *world = *state;
    struct db_table table;
    struct err err = {0};
    struct db *db = connect_plain(world);
    must(db, "CREATE ROLE ordinary; SET ROLE ordinary");
    expect(run(db, dialect_sql(&world->arena, db, DIALECT_SETUP_PROBE, NULL)), OUTCOME_PERMISSION);
    expect(run(db, dialect_sql(&world->arena, db, DIALECT_SETUP_MIGRATION, NULL)), OUTCOME_PERMISSION);
    assert_true(db_query(db, &world->arena, "SHOW client_min_messages", &table, &err));
    assert_string_equal(db_value(&table, 0, 0), "debug1");
    assert_true(
        db_query(db, &world->arena, dialect_sql(&world->arena, db, DIALECT_IDENTITY, NULL), &table, &err));
    must(db, "RESET ROLE; DROP ROLE ordinary");
    db_close(db);
}

static void test_identity(void **state)
{
    struct world *world = *state;
    struct db_table table;
    struct err err = {0};
    struct db_answer answer;
    struct db *db = connect_plain(world);
    assert_true(
        db_query(db, &world->arena, dialect_sql(&world->arena, db, DIALECT_IDENTITY, NULL), &table, &err));
    const char *identity = db_value(&table, 0, 0);
    db_close(db_open_outcome(&world->target, &(struct db_options){.expected_identity = identity}, &answer));
    expect(answer, OUTCOME_OK);
    assert_null(db_open_outcome(&world->target, &(struct db_options){.expected_identity = "other"}, &answer));
    expect(answer, OUTCOME_WRONG_SERVER);
    struct db_target other = world->target;
    other.database_override = "postgres";
    assert_null(db_open_outcome(&other, &(struct db_options){.expected_identity = identity}, &answer));
    expect(answer, OUTCOME_WRONG_SERVER);
    other.database_override = "nowhere";
    assert_null(db_open_outcome(&other, &(struct db_options){0}, &answer));
    assert_string_equal(answer.code, "3D000");
    db_close(db);
}

static void test_clock(void **state)
{
    struct world *world = *state;
    struct server_clock clock = {0};
    struct err err = {0};
    struct db *db = connect_plain(world);
    assert_true(server_clock_sync(&clock, db, 50, &err));
    int64_t apart_ns = server_clock_to_run_ns(&clock, clock_wall_us()) - clock_ns();
    assert_true(llabs(apart_ns) < 5 * NS_PER_MS + clock.error_ns);
    assert_int_equal(server_clock_to_run_ns(&clock, 0), 0);
    db_close(db);
}

static const struct {
    enum dialect_query query;
    int columns;
    bool of_table, some; /* some: at least one row */
} contract[] = {
    {DIALECT_NOW, 1, false, true},
    {DIALECT_VERSION, 2, false, true},
    {DIALECT_IDENTITY, 1, false, true},
    {DIALECT_DATABASE, 1, false, true},
    {DIALECT_SETTINGS, 2, false, true},
    {DIALECT_TABLES, 7, false, true},
    {DIALECT_COLUMNS, 12, true, true},
    {DIALECT_CONSTRAINTS, 8, true, true},
    {DIALECT_INDEXES, 7, true, true},
    {DIALECT_FINGERPRINT, 1, false, true},
    {DIALECT_LOCKS, 8, false, true},
    {DIALECT_SESSIONS, 10, false, true},
    {DIALECT_STATEMENT, 1, true, false},
    {DIALECT_LOG_BYTES, 1, false, true},
    {DIALECT_DATABASE_BYTES, 1, false, true},
    {DIALECT_FOREIGN_WRITERS, 5, true, false},
};

static void test_queries(void **state)
{
    struct world *world = *state;
    struct db_table table;
    struct err err = {0};
    struct db *db = connect_plain(world);
    must(db, "CREATE TABLE q (id bigserial PRIMARY KEY, n numeric(10, 2), v varchar(20) UNIQUE)");
    assert_true(db_query(db, &world->arena, "SELECT 'q'::regclass::oid", &table, &err));
    const char *id = db_value(&table, 0, 0);
    for (size_t i = 0; i < sizeof contract / sizeof contract[0]; i++) {
        char *sql = dialect_sql(&world->arena, db, contract[i].query, contract[i].of_table ? id : NULL);
        if (!db_query(db, &world->arena, sql, &table, &err))
            fail_msg("query %d: %s", contract[i].query, err.message);
        if (table.rows > 0 ? table.columns != contract[i].columns : contract[i].some)
            fail_msg("query %d has %d columns", contract[i].query, table.columns);
    }
    must(db, dialect_sql(&world->arena, db, DIALECT_PROBE_READ, "q"));
    must(db, dialect_sql(&world->arena, db, DIALECT_SETUP_MIGRATION, NULL));
    must(db, dialect_sql(&world->arena, db, DIALECT_SETUP_PROBE, NULL));
    must(db, dialect_sql(&world->arena, db, DIALECT_MARKER_CREATE, NULL));
    must(db, dialect_sql(&world->arena, db, DIALECT_MARKER_WRITE, "'me', 4102444800000000"));
    assert_true(
        db_query(db, &world->arena, dialect_sql(&world->arena, db, DIALECT_MARKER_READ, NULL), &table, &err));
    assert_string_equal(db_value(&table, 0, 0), "me");
    assert_string_equal(db_value(&table, 0, 1), "4102444800000000");
    must(db, dialect_sql(&world->arena, db, DIALECT_MARKER_DROP, NULL));
    must(db, "DROP TABLE q");
    db_close(db);
}

static void test_writers(void **state)
{
    struct world *world = *state;
    struct db_table table;
    struct err err = {0};
    struct db *db = connect_plain(world);
    struct db *foreign = connect_as(world, &(struct db_options){.application_name = "cron"});
    must(db, "CREATE TABLE w (a int)");
    must(foreign, "BEGIN; INSERT INTO w VALUES (1)");
    assert_true(db_query(db, &world->arena, "SELECT 'w'::regclass::oid", &table, &err));
    char *sql = dialect_sql(&world->arena, db, DIALECT_FOREIGN_WRITERS, db_value(&table, 0, 0));
    assert_true(db_query(db, &world->arena, sql, &table, &err));
    assert_int_equal(table.rows, 1);
    assert_string_equal(db_value(&table, 0, 1), "cron");
    assert_string_equal(db_value(&table, 0, 3), "public.w");
    db_close(foreign);
    must(db, "DROP TABLE w");
    db_close(db);
}

static const char *fingerprint(struct world *world, struct db *db)
{
    struct buf text = {0};
    struct db_answer answer = db_exec(db, dialect_sql(&world->arena, db, DIALECT_FINGERPRINT, NULL),
                                      CLOCK_NEVER_NS, write_row, &text);
    expect(answer, OUTCOME_OK);
    const char *kept = arena_strdup(&world->arena, buf_text(&text));
    buf_free(&text);
    return kept;
}

/* Each change and what undoes it. */
static const char *const changes[][2] = {
    {"ALTER TABLE f ADD c int", "ALTER TABLE f DROP c"},
    {"ALTER TABLE f ALTER b TYPE varchar(9)", "ALTER TABLE f ALTER b TYPE text"},
    {"ALTER TABLE f ALTER b SET NOT NULL", "ALTER TABLE f ALTER b DROP NOT NULL"},
    {"ALTER TABLE f ALTER b SET DEFAULT 'x'", "ALTER TABLE f ALTER b DROP DEFAULT"},
    {"ALTER TABLE f DROP b", "ALTER TABLE f ADD b text"},
    {"ALTER TABLE f ALTER b SET STORAGE external", "ALTER TABLE f ALTER b SET STORAGE extended"},
    {"ALTER TABLE f ALTER b SET (n_distinct = 5)", "ALTER TABLE f ALTER b RESET (n_distinct)"},
    {"ALTER TABLE f ADD CONSTRAINT k CHECK (a > 0) NOT VALID", "ALTER TABLE f DROP CONSTRAINT k"},
    {"ALTER TABLE g ADD FOREIGN KEY (a) REFERENCES f", "ALTER TABLE g DROP CONSTRAINT g_a_fkey"},
    {"CREATE INDEX i ON f (b)", "DROP INDEX i"},
    {"ALTER TABLE f SET (fillfactor = 50)", "ALTER TABLE f RESET (fillfactor)"},
    {"GRANT SELECT ON f TO pg_monitor", "REVOKE SELECT ON f FROM pg_monitor"},
    {"GRANT SELECT (b) ON f TO pg_monitor", "REVOKE SELECT (b) ON f FROM pg_monitor"},
    {"CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'", "DROP FUNCTION t"},
    {"ALTER TABLE f ENABLE ROW LEVEL SECURITY", "ALTER TABLE f DISABLE ROW LEVEL SECURITY"},
    {"CREATE POLICY o ON f USING (a > 0)", "DROP POLICY o ON f"},
    {"CREATE VIEW v AS SELECT a FROM f", "DROP VIEW v"},
    {"CREATE MATERIALIZED VIEW m AS SELECT a FROM f", "DROP MATERIALIZED VIEW m"},
    {"CREATE RULE r AS ON DELETE TO f DO INSTEAD NOTHING", "DROP RULE r ON f"},
    {"CREATE TYPE e AS ENUM ('x')", "DROP TYPE e"},
    {"CREATE DOMAIN d AS int CHECK (VALUE > 0)", "DROP DOMAIN d"},
    {"CREATE SEQUENCE s", "DROP SEQUENCE s"},
    {"ALTER SEQUENCE f_a_seq INCREMENT 2", "ALTER SEQUENCE f_a_seq INCREMENT 1"},
    {"ALTER SEQUENCE f_a_seq OWNED BY NONE", "ALTER SEQUENCE f_a_seq OWNED BY f.a"},
    {"CREATE TABLE part2 PARTITION OF part FOR VALUES IN (2)", "DROP TABLE part2"},
    {"ALTER TABLE part DETACH PARTITION part1", "ALTER TABLE part ATTACH PARTITION part1 FOR VALUES IN (1)"},
    {"ALTER TABLE f RENAME b TO z", "ALTER TABLE f RENAME z TO b"},
    {"CREATE SCHEMA other", "DROP SCHEMA other"},
    {"CREATE STATISTICS st ON a, b FROM f", "DROP STATISTICS st"},
};

static void test_fingerprint(void **state)
{
    struct world *world = *state;
    struct db *db = connect_plain(world);
    must(db, "CREATE TABLE f (a serial PRIMARY KEY, b text); CREATE TABLE g (a int);"
             " CREATE TABLE part (a int) PARTITION BY LIST (a); CREATE TABLE part1 PARTITION OF part FOR "
             "VALUES IN (1)");
    const char *before = fingerprint(world, db);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        must(db, changes[i][0]);
        if (strcmp(fingerprint(world, db), before) == 0)
            fail_msg("not seen: %s", changes[i][0]);
        must(db, changes[i][1]);
        if (strcmp(fingerprint(world, db), before) != 0)
            fail_msg("not back after: %s", changes[i][1]);
    }
    must(db, "INSERT INTO f (b) VALUES ('x'); COMMENT ON TABLE f IS 'x'; ANALYZE f; CREATE SCHEMA "
             "rehearse_staging;"
             " CREATE TABLE rehearse_staging.own (a int)");
    must(db, "VACUUM FULL f");
    assert_string_equal(fingerprint(world, db), before);
    db_close(db);
}

static int set_up(void **state)
{
    struct world *world = mem_alloc(sizeof *world);
    struct err err = {0};
    world->sandbox = sandbox_start("sandbox:postgresql", &err);
    if (world->sandbox == NULL ||
        !db_target_parse(&world->arena, sandbox_dsn(world->sandbox), &world->target, &err)) {
        print_error("%s\n", err.message);
        return -1;
    }
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    sandbox_stop(world->sandbox);
    arena_free(&world->arena);
    free(world);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_prepared),
        cmocka_unit_test(test_messages_hold_no_values),
        cmocka_unit_test(test_cancel_of_frozen),
        cmocka_unit_test(test_notices),
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_load),
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_frozen),
        cmocka_unit_test(test_ordinary_role),
        cmocka_unit_test(test_identity),
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_writers),
        cmocka_unit_test(test_fingerprint),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
