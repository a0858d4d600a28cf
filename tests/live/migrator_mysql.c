/* The migrator against a server whose DDL commits by itself: stamps, tries, batches and what stays half done. Needs MariaDB. */
#define BED_SERVER "sandbox:mariadb"
#define BED_LEXIS  SQL_MYSQL
#define BED_TABLE                                                                                            \
    "DROP TABLE IF EXISTS t, u; CREATE TABLE t (id bigint PRIMARY KEY, v int);"                              \
    " INSERT INTO t SELECT seq * seq, 1 FROM seq_0_to_999; INSERT INTO t SELECT -seq, 1 FROM seq_1_to_100"
#include "tests/live/migrator_bed.h"

static const int64_t clock_slack_ns = 2 * NS_PER_MS;

static void assert_in_order(const struct attempt_span *span)
{
    assert_true(span->sent_ns - clock_slack_ns <= span->request_ns);
    assert_true(span->request_ns <= span->after_ns && span->after_ns <= span->end_ns);
    assert_true(span->end_ns <= span->done_ns + clock_slack_ns);
}

static void assert_stage(const struct statement_run *run, const char *name)
{
    for (size_t i = 0; i < run->stage_count; i++)
        if (strcasecmp(run->stages[i].name, name) == 0 && run->stages[i].duration_us > 0)
            return;
    fail_msg("%zu stages, none is %s", run->stage_count, name);
}

static void *hold(void *context)
{
    db_exec(context, "SELECT SLEEP(0.6); ROLLBACK", CLOCK_NEVER_NS, NULL, NULL);
    return NULL;
}

/* Right: the copy and the wait for the reader behind it stand among the statement's stages, under their whole names. */
static void where_the_time_went(void **state)
{
    struct bed *bed = *state;
    struct db *reader = connect_beside(bed);
    struct err err = {0};
    pthread_t thread;
    must(db_command(reader, "INSERT INTO t SELECT 2000000 + seq, 1 FROM seq_1_to_20000", &err), &err);
    must(db_command(reader, "START TRANSACTION; SELECT v FROM t LIMIT 1", &err), &err);
    struct step steps[] = {sql_step("ALTER TABLE t ADD COLUMN c int, ALGORITHM=COPY")};
    struct phase phase = phase_of("patient", steps, 1);
    assert_int_equal(pthread_create(&thread, NULL, hold, reader), 0);
    const struct migration_log *log = forward(bed, &phase, 1, MIGRATOR_DONE);
    pthread_join(thread, NULL);
    db_close(reader);
    assert_stage(&log->statements[0], "copy to tmp table");
    assert_stage(&log->statements[0], "Waiting for table metadata lock");
    assert_in_range(log->statements[0].stage_count, 1, 10);
}

/* Right: each stamp lies between the message and its answer, of DDL, DML and a CALL alike. */
static void stamps_are_ordered(void **state)
{
    struct bed *bed = *state;
    struct step steps[] = {sql_step("ALTER TABLE t ADD COLUMN c int, ALGORITHM=COPY"),
                           sql_step("UPDATE t SET c = 2"),
                           sql_step("CREATE OR REPLACE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END"),
                           sql_step("CALL p()"), sql_step("DROP PROCEDURE p # gone")};
    struct phase phase = phase_of("expand", steps, 5);
    const struct migration_log *log = forward(bed, &phase, 1, MIGRATOR_DONE);
    assert_int_equal(log->attempt_count, 5);
    for (int i = 0; i < 5; i++)
        if (i != 3)
            assert_in_order(&log->attempts[i]);
    assert_true(log->attempts[0].end_ns == log->attempts[0].after_ns);
    assert_true(log->attempts[3].request_ns > 0 && log->attempts[3].after_ns == 0);
    assert_string_equal(value(bed, "SELECT count(*) FROM t WHERE c = 2"),
                        value(bed, "SELECT count(*) FROM t"));
    assert_int_equal(log->statements[1].rows, atoi(value(bed, "SELECT count(*) FROM t")));
    assert_int_equal(log->statements[0].rows, 0);
}

/* Right: a DDL inside the file's own transaction commits what was before it; the rest is undone by the file's ROLLBACK. */
static void ddl_commits_the_files_transaction(void **state)
{
    struct bed *bed = *state;
    struct step steps[] = {sql_step("BEGIN"), sql_step("UPDATE t SET v = 2"),
                           sql_step("ALTER TABLE t ADD COLUMN a int"), sql_step("ROLLBACK")};
    struct phase phase = phase_of("own", steps, 4);
    const struct migration_log *log = forward(bed, &phase, 1, MIGRATOR_DONE);
    assert_int_equal(log->attempt_count, 4);
    assert_true(log->attempts[1].end_ns == log->attempts[2].end_ns && log->attempts[2].end_ns > 0);
    assert_string_equal(value(bed, "SELECT count(*) FROM t WHERE v = 1"), "0");
}

/* Right: a lock timeout below a second ends each try, and the migration lands once the reader is gone. */
static void waits_in_short_tries(void **state)
{
    struct bed *bed = *state;
    struct db *reader = connect_beside(bed);
    struct err err = {0};
    pthread_t thread;
    must(db_command(reader, "START TRANSACTION; SELECT v FROM t LIMIT 1", &err), &err);
    struct step steps[] = {sql_step("ALTER TABLE t ADD COLUMN c int, ALGORITHM=INSTANT")};
    struct phase phase = phase_of("impatient", steps, 1);
    phase.settings.lock_timeout_ms = 100;
    phase.settings.retries = 20;
    phase.settings.backoff_low_ns = phase.settings.backoff_high_ns = 50 * NS_PER_MS;
    assert_int_equal(pthread_create(&thread, NULL, hold, reader), 0);
    const struct migration_log *log = forward(bed, &phase, 1, MIGRATOR_DONE);
    pthread_join(thread, NULL);
    db_close(reader);
    assert_in_range(log->attempt_count, 3, 8);
    assert_int_equal(log->attempts[0].outcome, OUTCOME_LOCK_TIMEOUT);
    assert_in_range(log->attempts[0].done_ns - log->attempts[0].sent_ns, 90 * NS_PER_MS, 200 * NS_PER_MS);
    assert_int_equal(log->attempts[0].end_ns, 0);
    assert_int_equal(log->attempts[log->attempt_count - 1].outcome, OUTCOME_OK);
}

/* Row locks are waited for in the server's whole seconds. */
static void *hold_long(void *context)
{
    db_exec(context, "SELECT SLEEP(1.7); ROLLBACK", CLOCK_NEVER_NS, NULL, NULL);
    return NULL;
}

/* Right: every row once, negative keys too, although a row lock ends some batches with error 1205, which undoes only the
 * statement: the transaction is rolled back before the batch runs again. */
static void backfill_survives_row_locks(void **state)
{
    struct bed *bed = *state;
    struct db *holder = connect_beside(bed);
    struct err err = {0};
    pthread_t thread;
    must(db_command(holder, "START TRANSACTION; UPDATE t SET v = v WHERE id = 2500", &err), &err);
    struct step step = backfill_step("UPDATE t SET v = v + 1 WHERE id > :lo AND id <= :hi", 100);
    struct phase phase = phase_of("backfill", &step, 1);
    phase.settings.lock_timeout_ms = 100;
    phase.settings.retries = 20;
    phase.settings.backoff_low_ns = phase.settings.backoff_high_ns = 20 * NS_PER_MS;
    assert_int_equal(pthread_create(&thread, NULL, hold_long, holder), 0);
    const struct migration_log *log = forward(bed, &phase, 1, MIGRATOR_DONE);
    pthread_join(thread, NULL);
    db_close(holder);
    assert_int_equal(log->backfills[0]->rows, atoi(value(bed, "SELECT count(*) FROM t")));
    assert_true(log->backfills[0]->retried >= 1);
    assert_string_equal(value(bed, "SELECT count(*) FROM t WHERE v <> 2"), "0");
    assert_string_equal(value(bed, "SELECT count(*) FROM information_schema.innodb_trx"), "0");
}

/* Right: a key that is no integer is refused before a row is touched. */
static void backfill_refuses_text(void **state)
{
    struct bed *bed = *state;
    run(bed, "CREATE TABLE u (id varchar(9) PRIMARY KEY, v int); INSERT INTO u VALUES ('a', 1), ('b', 1)");
    struct step step = backfill_step("UPDATE u SET v = 2 WHERE id > :lo AND id <= :hi", 100);
    step.table = "u";
    struct phase phase = phase_of("backfill", &step, 1);
    forward(bed, &phase, 1, MIGRATOR_FAILED);
    assert_string_equal(value(bed, "SELECT count(*) FROM u WHERE v = 2"), "0");
}

/* Right: of three statements whose second fails the first stays, the third never runs, and going back says what is left. */
static void half_of_it_stays(void **state)
{
    struct bed *bed = *state;
    struct step steps[] = {sql_step("ALTER TABLE t ADD COLUMN a int"),
                           sql_step("ALTER TABLE t ADD COLUMN v int"),
                           sql_step("ALTER TABLE t ADD COLUMN b int")};
    struct phase phase = phase_of("migration", steps, 3);
    struct strategy strategy = {.name = "s", .phases = &phase, .phase_count = 1};
    struct err err = {0};
    open_migrator(bed, &strategy);
    assert_int_equal(migrator_forward(bed->migrator, 0, &err), MIGRATOR_FAILED);
    assert_non_null(strstr(err.message, "Duplicate column"));
    assert_int_equal(err.line, 7);
    const struct migration_log *log = migrator_log(bed->migrator);
    assert_int_equal(log->statement_count, 2);
    assert_int_equal(log->statements[0].outcome, OUTCOME_OK);
    assert_string_equal(
        value(bed, "SELECT group_concat(column_name ORDER BY ordinal_position) FROM"
                   " information_schema.columns WHERE table_schema = DATABASE() AND table_name = 't'"),
        "id,v,a");
    assert_int_equal(migrator_back(bed->migrator, false, &err), MIGRATOR_DONE);
    assert_false(migrator_went_back(bed->migrator));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(stamps_are_ordered),    CASE(ddl_commits_the_files_transaction),
        CASE(waits_in_short_tries),  CASE(backfill_survives_row_locks),
        CASE(backfill_refuses_text), CASE(half_of_it_stays),
        CASE(where_the_time_went),
    };
    return cmocka_run_group_tests(tests, open_bed, close_bed);
}
