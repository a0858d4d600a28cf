/* The migrator when things go wrong: timeouts after a COMMIT that failed, indexes that could not be built, a killed server.
 * Needs PostgreSQL. */
#include "tests/live/migrator_bed.h"

#include <signal.h>

static struct step note_timeout(void)
{
    return sql_step("INSERT INTO seen SELECT current_setting('lock_timeout')");
}

/* Right: each phase has its own lock_timeout, also after one that a failed COMMIT took back; a COMMIT that fails fails the
 * phase. Wrong: 300ms is held to be set still, and the way back runs with the phase's first lock_timeout. */
static void timeouts_survive_a_failed_commit(void **state)
{
    struct bed *bed = *state;
    struct err err = {0};
    run(bed, "DROP TABLE IF EXISTS seen; CREATE TABLE seen (v text, at serial);"
             " DROP TABLE IF EXISTS late; CREATE TABLE late (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
    struct step first[] = {note_timeout()}, second[] = {note_timeout()}, back[] = {note_timeout()};
    struct step doomed[] = {sql_step("INSERT INTO late VALUES (1)"), sql_step("INSERT INTO late VALUES (1)")};
    struct phase phases[] = {phase_of("first", first, 1), phase_of("second", second, 1),
                             phase_of("doomed", doomed, 2)};
    struct strategy_rollback rollback = {1, phase_of("rollback second", back, 1)};
    struct strategy strategy = {
        .phases = phases, .phase_count = 3, .rollbacks = &rollback, .rollback_count = 1};
    phases[0].settings.lock_timeout_ms = 60;
    phases[1].settings.lock_timeout_ms = 0;
    phases[2].tx = true;
    doomed[0].settings.lock_timeout_ms = 100;
    doomed[1].settings.lock_timeout_ms = rollback.phase.settings.lock_timeout_ms = 300;
    open_migrator(bed, &strategy);
    assert_int_equal(migrator_forward(bed->migrator, 0, &err), MIGRATOR_FAILED);
    const struct migration_log *log = migrator_log(bed->migrator);
    assert_int_equal(log->statements[3].outcome, OUTCOME_CONSTRAINT);
    assert_false(log->phases[2].completed);
    assert_string_equal(value(bed, "SELECT count(*) FROM late"), "0");
    assert_int_equal(migrator_back(bed->migrator, false, &err), MIGRATOR_DONE);
    assert_string_equal(value(bed, "SELECT string_agg(v, ' ' ORDER BY at) FROM seen"), "60ms 0 300ms");
}

static const char *invalid_indexes(struct bed *bed)
{
    return value(bed, "SELECT count(*) FROM pg_index WHERE NOT indisvalid");
}

/* An old snapshot makes every concurrent build wait, without a lock on the table. */
static struct db *hold_snapshot(struct bed *bed)
{
    struct err err = {0};
    struct db *db = connect_beside(bed);
    must(db_command(db, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM pg_class LIMIT 1", &err), &err);
    return db;
}

static struct phase impatient(struct step *steps, size_t count)
{
    struct phase phase = phase_of("impatient", steps, count);
    phase.settings.lock_timeout_ms = 60;
    phase.settings.retries = 2;
    phase.settings.backoff_low_ns = phase.settings.backoff_high_ns = 20 * NS_PER_MS;
    return phase;
}

/* Right: every try waits for lock_timeout and is cleaned up after, the last one too. Wrong: IF NOT EXISTS takes the invalid
 * index for the index; what REINDEX INDEX built stays. */
static void tries_of_a_concurrent_index_leave_nothing(void **state)
{
    static const char *const statements[] = {"CREATE INDEX CONCURRENTLY IF NOT EXISTS t_v ON t (v)",
                                             "REINDEX INDEX CONCURRENTLY t_pkey",
                                             "REINDEX TABLE CONCURRENTLY t"};
    struct bed *bed = *state;
    struct db *reader = hold_snapshot(bed);
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        struct step steps[] = {sql_step(statements[i])};
        struct phase phase = impatient(steps, 1);
        const struct migration_log *log = forward(bed, &phase, 1, MIGRATOR_FAILED);
        assert_int_equal(log->attempt_count, 3);
        for (int j = 0; j < 3; j++)
            assert_int_equal(log->attempts[j].outcome, OUTCOME_LOCK_TIMEOUT);
        assert_string_equal(invalid_indexes(bed), "0");
        end(state);
    }
    db_close(reader);
}

/* Right: what cannot be dropped ends the tries, and the way back drops it. Wrong: the second try finds it there and is ok. */
static void leftover_that_stays_ends_the_tries(void **state)
{
    struct bed *bed = *state;
    struct err err = {0};
    struct db *reader = hold_snapshot(bed);
    struct step steps[] = {sql_step("CREATE INDEX CONCURRENTLY IF NOT EXISTS t_v ON t (v)")};
    struct phase phase = impatient(steps, 1);
    run(bed, "CREATE OR REPLACE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql"
             " AS $$ BEGIN RAISE 'not now'; END $$;"
             " CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('DROP INDEX')"
             " EXECUTE FUNCTION refuse()");
    const struct migration_log *log = forward(bed, &phase, 1, MIGRATOR_FAILED);
    assert_int_equal(log->attempt_count, 1);
    assert_false(migrator_went_back(bed->migrator));
    db_close(reader);
    run(bed, "DROP EVENT TRIGGER refuse");
    assert_int_equal(migrator_back(bed->migrator, false, &err), MIGRATOR_DONE);
    assert_true(migrator_went_back(bed->migrator));
    assert_string_equal(invalid_indexes(bed), "0");
}

/* Right: a check without a value is an error of the check. */
static void check_without_a_column_is_an_error(void **state)
{
    struct bed *bed = *state;
    struct strategy_check check = {.text = "empty", .sql = "SELECT FROM t LIMIT 1", .expect = "0"};
    struct step steps[] = {sql_step("SELECT 1")};
    struct phase phase = phase_of("check", steps, 1);
    phase.checks = &check;
    phase.check_count = 1;
    const struct migration_log *log = forward(bed, &phase, 1, MIGRATOR_DONE);
    assert_null(log->checks[0].found);
    assert_false(log->checks[0].passed);
}

/* The migration on a thread of its own, so that the main thread may kill the server and start it again. */
struct journey {
    struct migrator *migrator;
    enum migrator_result result;
    struct err err;
    pthread_t thread;
};

static void *travel(void *context)
{
    struct journey *journey = context;
    journey->result = migrator_forward(journey->migrator, 0, &journey->err);
    return NULL;
}

static void wait_for_statement(struct bed *bed, const char *part)
{
    const char *sql = arena_printf(&bed->arena,
                                   "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND"
                                   " application_name = 'rehearse/test/migration' AND query LIKE '%%%s%%'",
                                   part);
    for (int i = 0; i < 500 && strcmp(value(bed, sql), "0") == 0; i++)
        clock_sleep_ns(10 * NS_PER_MS);
}

/* Runs the step, kills the server when it is at `part`, and brings it back. */
static struct journey travel_over_a_crash(struct bed *bed, struct step *step, const char *part)
{
    struct phase phase = phase_of("journey", step, 1);
    struct strategy strategy = {.phases = &phase, .phase_count = 1};
    struct journey journey = {.result = MIGRATOR_DONE};
    struct err err = {0};
    open_migrator(bed, &strategy);
    journey.migrator = bed->migrator;
    assert_int_equal(pthread_create(&journey.thread, NULL, travel, &journey), 0);
    wait_for_statement(bed, part);
    kill(sandbox_pid(bed->sandbox), SIGKILL);
    clock_sleep_ns(300 * NS_PER_MS);
    must(sandbox_start_server(bed->sandbox, &err), &err);
    pthread_join(journey.thread, NULL);
    db_close(bed->db);
    bed->db = connect_beside(bed);
    return journey;
}

/* Right: a backfill goes on where it was, each row once. */
static void backfill_outlives_a_crash(void **state)
{
    struct bed *bed = *state;
    const char *rows = value(bed, "SELECT count(*) FROM t");
    struct step step = backfill_step(
        "UPDATE t SET v = v + 1 FROM (SELECT pg_sleep(0.3)) s WHERE id > :lo AND id <= :hi", 300);
    struct journey journey = travel_over_a_crash(bed, &step, "UPDATE t");
    if (journey.result != MIGRATOR_DONE)
        fail_msg("%s", journey.err.message);
    const struct backfill_run *run = migrator_log(bed->migrator)->backfills[0];
    assert_true(run->retried > 0);
    assert_int_equal(run->rows, atoi(rows));
    assert_string_equal(value(bed, "SELECT count(*) FROM t WHERE v = 2"), rows);
}

/* Right: what was in a transaction is said not to be there, what commits by itself not to be known; and nothing is left. */
static void statements_in_a_crash_are_told_truly(void **state)
{
    struct bed *bed = *state;
    run(bed, "CREATE OR REPLACE FUNCTION slow(v int) RETURNS int LANGUAGE sql IMMUTABLE"
             " AS 'SELECT v FROM pg_sleep(0.1)'");
    struct step alter = sql_step("ALTER TABLE t ALTER COLUMN v TYPE bigint USING slow(v)");
    struct journey journey = travel_over_a_crash(bed, &alter, "ALTER TABLE");
    assert_int_equal(journey.result, MIGRATOR_FAILED);
    assert_int_equal(migrator_log(bed->migrator)->statements[0].outcome, OUTCOME_CONNECTION_LOST);
    assert_non_null(strstr(journey.err.message, "nothing of it is there"));
    assert_true(migrator_went_back(bed->migrator));
    end(state);
    struct step index = sql_step("CREATE INDEX CONCURRENTLY ON t (slow(v))");
    journey = travel_over_a_crash(bed, &index, "CREATE INDEX");
    assert_int_equal(journey.result, MIGRATOR_FAILED);
    assert_int_equal(migrator_log(bed->migrator)->statements[0].outcome, OUTCOME_UNKNOWN);
    assert_false(migrator_went_back(bed->migrator));
    assert_string_equal(invalid_indexes(bed), "0");
}

/* Does something to the migration's session once it sleeps. */
struct intruder {
    struct bed *bed;
    const char *sql; /* NULL: freezes it */
    int session;
    pthread_t thread;
};

static void *intrude(void *context)
{
    struct intruder *intruder = context;
    struct bed *bed = intruder->bed;
    wait_for_statement(bed, "pg_sleep");
    intruder->session = atoi(value(bed, "SELECT pid FROM pg_stat_activity WHERE application_name ="
                                        " 'rehearse/test/migration'"));
    if (intruder->sql != NULL)
        run(bed, intruder->sql);
    else
        kill(intruder->session, SIGSTOP);
    return NULL;
}

static enum migrator_result sleep_among(struct intruder *intruder, struct err *err)
{
    struct bed *bed = intruder->bed;
    struct step steps[] = {sql_step("UPDATE t SET v = 2 FROM pg_sleep(20)")};
    struct phase phase = phase_of("sleep", steps, 1);
    struct strategy strategy = {.phases = &phase, .phase_count = 1};
    phase.settings.statement_timeout_ms = 2000;
    open_migrator(bed, &strategy);
    assert_int_equal(pthread_create(&intruder->thread, NULL, intrude, intruder), 0);
    enum migrator_result result = migrator_forward(bed->migrator, 0, err);
    pthread_join(intruder->thread, NULL);
    return result;
}

/* Right: a cancel by another session fails the migration. Wrong: it looks like our own interrupt, exit 130. */
static void foreign_cancel_is_a_failure(void **state)
{
    struct intruder intruder = {.bed = *state,
                                .sql = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE"
                                       " application_name = 'rehearse/test/migration'"};
    struct err err = {0};
    assert_int_equal(sleep_among(&intruder, &err), MIGRATOR_FAILED);
    assert_int_equal(err.kind, ERR_ENVIRONMENT);
    assert_int_equal(migrator_log(intruder.bed->migrator)->statements[0].outcome, OUTCOME_CANCELLED);
}

/* Right: a frozen backend, which keeps no statement_timeout, is given up, and the migrator goes on. Wrong: it waits for it. */
static void frozen_backend_is_given_up(void **state)
{
    struct bed *bed = *state;
    struct intruder intruder = {.bed = bed};
    struct err err = {0};
    int64_t start_ns = clock_ns();
    assert_int_equal(sleep_among(&intruder, &err), MIGRATOR_FAILED);
    int64_t took_ns = clock_ns() - start_ns;
    kill(intruder.session, SIGCONT);
    assert_true(took_ns < 20 * NS_PER_S);
    assert_int_equal(migrator_log(bed->migrator)->statements[0].outcome, OUTCOME_DEADLINE);
    end(state);
    struct step steps[] = {sql_step("ALTER TABLE t ADD COLUMN c int")};
    struct phase phase = phase_of("after", steps, 1);
    forward(bed, &phase, 1, MIGRATOR_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(timeouts_survive_a_failed_commit),   CASE(tries_of_a_concurrent_index_leave_nothing),
        CASE(leftover_that_stays_ends_the_tries), CASE(check_without_a_column_is_an_error),
        CASE(backfill_outlives_a_crash),          CASE(statements_in_a_crash_are_told_truly),
        CASE(foreign_cancel_is_a_failure),        CASE(frozen_backend_is_given_up),
    };
    return cmocka_run_group_tests(tests, open_bed, close_bed);
}
