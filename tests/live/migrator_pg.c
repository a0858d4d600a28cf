/* The migrator against a real server: stamps, tries, batches, interrupts and the way back. Needs PostgreSQL. */
#include "bench/migrate/fingerprint.h"
#include "tests/live/migrator_bed.h"

static const int64_t clock_slack_ns = 2 * NS_PER_MS, stop_limit_ns = 200 * NS_PER_MS;

static void assert_in_order(const struct attempt_span *span)
{
    assert_true(span->sent_ns - clock_slack_ns <= span->request_ns);
    assert_true(span->request_ns <= span->after_ns && span->after_ns <= span->end_ns);
    assert_true(span->end_ns <= span->done_ns + clock_slack_ns);
}

/* Right: each stamp lies between the message and its answer, and a rewrite is told. */
static void stamps_are_ordered(void **state)
{
    struct bed *bed = *state;
    struct step steps[] = {sql_step("ALTER TABLE t ADD COLUMN c int"), sql_step("UPDATE t SET c = 2"),
                           sql_step("ALTER TABLE t ALTER COLUMN v TYPE bigint"),
                           sql_step("CREATE INDEX CONCURRENTLY t_c ON t (c)")};
    struct phase phase = phase_of("expand", steps, 4);
    const struct migration_log *log = forward(bed, &phase, 1, MIGRATOR_DONE);
    assert_int_equal(log->attempt_count, 4);
    for (int i = 0; i < 3; i++)
        assert_in_order(&log->attempts[i]);
    assert_int_equal(log->attempts[3].end_ns, 0);
    assert_true(log->attempts[3].request_ns > 0 && log->attempts[3].after_ns == 0);
    assert_string_equal(value(bed, "SELECT count(*) FROM t WHERE c = 2"),
                        value(bed, "SELECT count(*) FROM t"));
    assert_int_equal(log->statements[1].rows, atoi(value(bed, "SELECT count(*) FROM t")));
    assert_false(log->statements[0].notice_rewrite);
    assert_true(log->statements[2].notice_rewrite);
}

/* Right: in a tx=on phase the first lock is held to the commit of all; statements one by one give it back. */
static void transaction_holds_to_the_end(void **state)
{
    struct bed *bed = *state;
    struct step together[] = {sql_step("ALTER TABLE t ADD COLUMN a int"), sql_step("SELECT pg_sleep(0.2)")};
    struct step apart[] = {sql_step("ALTER TABLE t ADD COLUMN b int"), sql_step("SELECT pg_sleep(0.2)")};
    struct phase phases[] = {phase_of("together", together, 2), phase_of("apart", apart, 2)};
    phases[0].tx = true;
    const struct migration_log *log = forward(bed, phases, 2, MIGRATOR_DONE);
    assert_true(log->attempts[0].end_ns - log->attempts[0].after_ns > 190 * NS_PER_MS);
    assert_true(log->attempts[0].done_ns == log->attempts[1].done_ns);
    assert_true(log->attempts[2].done_ns - log->attempts[2].after_ns < 100 * NS_PER_MS);
}

/* Right: a bare file's own BEGIN … COMMIT is one transaction, as under psql; one without COMMIT comes to nothing. */
static void file_has_its_own_transaction(void **state)
{
    struct bed *bed = *state;
    struct step steps[] = {sql_step("BEGIN"), sql_step("ALTER TABLE t ADD COLUMN a int"),
                           sql_step("SELECT pg_sleep(0.2)"), sql_step("COMMIT")};
    struct step open[] = {sql_step("BEGIN"), sql_step("DROP TABLE t")};
    struct phase phases[] = {phase_of("own", steps, 4), phase_of("open", open, 2)};
    const struct migration_log *log = forward(bed, phases, 1, MIGRATOR_DONE);
    assert_int_equal(log->attempt_count, 4);
    assert_true(log->attempts[1].end_ns - log->attempts[1].after_ns > 190 * NS_PER_MS);
    assert_true(log->attempts[1].done_ns == log->attempts[3].done_ns);
    assert_string_equal(value(bed, "SELECT count(*) FROM t WHERE a IS NOT NULL"), "0");
    end((void **)&bed);
    struct err err = {0};
    struct strategy strategy = {.phases = &phases[1], .phase_count = 1};
    open_migrator(bed, &strategy);
    assert_int_equal(migrator_forward(bed->migrator, 0, &err), MIGRATOR_DONE);
    assert_int_equal(bed->armed, 0);
    assert_string_equal(value(bed, "SELECT to_regclass('t') IS NOT NULL"), "t");
}

/* Holds a lock on t until the release time, on a thread of its own. */
struct blocker {
    struct db *db;
    const char *hold;
    pthread_t thread;
};

static void *block(void *context)
{
    struct blocker *blocker = context;
    db_exec(blocker->db, blocker->hold, CLOCK_NEVER_NS, NULL, NULL);
    return NULL;
}

static struct blocker start_blocker(struct bed *bed, const char *seconds)
{
    struct blocker blocker = {.db = connect_beside(bed)};
    struct err err = {0};
    must(db_command(blocker.db, "BEGIN; LOCK TABLE t IN ACCESS SHARE MODE", &err), &err);
    blocker.hold = arena_printf(&bed->arena, "SELECT pg_sleep(%s); COMMIT", seconds);
    return blocker;
}

static void end_blocker(struct blocker *blocker)
{
    db_exec(blocker->db, "ROLLBACK", CLOCK_NEVER_NS, NULL, NULL);
    db_close(blocker->db);
}

static struct phase impatient(struct step *steps, size_t count, int retries)
{
    struct phase phase = phase_of("impatient", steps, count);
    phase.settings.lock_timeout_ms = 60;
    phase.settings.retries = retries;
    phase.settings.backoff_low_ns = 50 * NS_PER_MS;
    phase.settings.backoff_high_ns = 120 * NS_PER_MS;
    return phase;
}

/* Right: 1 + retries attempts, each ended by lock_timeout, with waits inside the bounds and no transaction open. */
static void gives_up_after_its_tries(void **state)
{
    struct bed *bed = *state;
    struct blocker blocker = start_blocker(bed, "0");
    struct step steps[] = {sql_step("ALTER TABLE t ADD COLUMN c int")};
    struct phase phase = impatient(steps, 1, 3);
    const struct migration_log *log = forward(bed, &phase, 1, MIGRATOR_FAILED);
    assert_int_equal(log->attempt_count, 4);
    assert_int_equal(log->statements[0].attempt_count, 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(log->attempts[i].outcome, OUTCOME_LOCK_TIMEOUT);
        assert_int_equal(log->attempts[i].end_ns, 0);
        int64_t waited_ns = i == 0 ? 60 * NS_PER_MS : log->attempts[i].sent_ns - log->attempts[i - 1].done_ns;
        assert_in_range(waited_ns, 50 * NS_PER_MS, 170 * NS_PER_MS);
    }
    assert_true(migrator_went_back(bed->migrator)); /* nothing of it was done */
    end_blocker(&blocker);
}

/* Right: a transaction that met a lock is tried again whole, and its first statement is there once. */
static void transaction_is_tried_again_whole(void **state)
{
    struct bed *bed = *state;
    struct blocker blocker = start_blocker(bed, "0.25");
    run(bed, "DROP TABLE IF EXISTS u; CREATE TABLE u (id int)");
    struct step steps[] = {sql_step("INSERT INTO u VALUES (1)"), sql_step("ALTER TABLE t ADD COLUMN c int"),
                           sql_step("INSERT INTO u VALUES (2)")};
    struct phase phase = impatient(steps, 3, 20);
    phase.tx = true;
    assert_int_equal(pthread_create(&blocker.thread, NULL, block, &blocker), 0);
    const struct migration_log *log = forward(bed, &phase, 1, MIGRATOR_DONE);
    pthread_join(blocker.thread, NULL);
    assert_true(log->attempt_count >= 5);
    assert_int_equal((log->attempt_count - 3) % 2, 0); /* a failed try reaches the second statement */
    assert_int_equal(log->attempts[1].outcome, OUTCOME_LOCK_TIMEOUT);
    assert_string_equal(value(bed, "SELECT string_agg(id::text, ',') FROM u"), "1,2");
    end_blocker(&blocker);
}

static const char *const once =
    "UPDATE t SET v = v + 1 /* :lo */ WHERE id > :lo AND id <= :hi AND ':hi' <> ''";

/* Right: every row exactly once, over gaps and negative keys; an empty table and a single row are no special case. */
static void backfill_covers_every_row_once(void **state)
{
    struct bed *bed = *state;
    static const char *const tables[] = {"SELECT 1", "DELETE FROM t WHERE id <> 16", "DELETE FROM t",
                                         "INSERT INTO t VALUES (-9, 1), (-8, 1), (9223372036854775807, 1)"};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        run(bed, tables[i]);
        const char *rows = value(bed, "SELECT count(*) FROM t");
        struct step steps[] = {backfill_step(once, 7)};
        struct phase phase = phase_of("backfill", steps, 1);
        run(bed, "UPDATE t SET v = 1");
        const struct migration_log *log = forward(bed, &phase, 1, MIGRATOR_DONE);
        assert_string_equal(value(bed, "SELECT count(*) FROM t WHERE v = 2"), rows);
        assert_int_equal(log->backfills[0]->rows, atoi(rows));
        assert_int_equal(log->backfills[0]->batches, (atoi(rows) + 6) / 7);
        end(state);
    }
}

static void *ask_to_stop(void *context)
{
    struct bed *bed = context;
    clock_sleep_ns(300 * NS_PER_MS);
    bed->stop_ns = clock_ns();
    atomic_store(&bed->stop, true);
    migrator_cancel(bed->migrator);
    return NULL;
}

/* Right: whatever the step, it ends soon after the interrupt, and back() returns the schema to what it was. */
static void interrupt_ends_each_kind_of_step(void **state)
{
    struct bed *bed = *state;
    struct step wait = {.kind = STEP_WAIT, .wait_ns = 20 * NS_PER_S, .settings = unset()};
    struct step slow = backfill_step(once, 1);
    slow.pause_ns = 10 * NS_PER_MS;
    struct step lasts[] = {
        wait, slow, sql_step("SELECT pg_sleep(20)"),
        backfill_step("UPDATE t SET v = 3 FROM pg_sleep(20) WHERE id > :lo AND id <= :hi", 5)};
    struct fingerprint before, after;
    struct err err = {0};
    must(fingerprint_take(bed->db, &bed->arena, &before, &err), &err);
    for (size_t i = 0; i < sizeof lasts / sizeof lasts[0]; i++) {
        struct step steps[] = {sql_step("ALTER TABLE t ADD COLUMN c int"), lasts[i]};
        struct step undo[] = {sql_step("DROP FUNCTION never_made()"),
                              sql_step("ALTER TABLE t DROP COLUMN c")};
        struct phase phase = phase_of("expand", steps, 2);
        struct strategy_rollback rollback = {0, phase_of("rollback expand", undo, 2)};
        struct strategy strategy = {
            .phases = &phase, .phase_count = 1, .rollbacks = &rollback, .rollback_count = 1};
        pthread_t thread;
        atomic_store(&bed->stop, false);
        open_migrator(bed, &strategy);
        assert_int_equal(pthread_create(&thread, NULL, ask_to_stop, bed), 0);
        assert_int_equal(migrator_forward(bed->migrator, 0, &err), MIGRATOR_INTERRUPTED);
        int64_t ended_ns = clock_ns();
        pthread_join(thread, NULL);
        assert_in_range(ended_ns - bed->stop_ns, 0, stop_limit_ns);
        assert_false(migrator_went_back(bed->migrator));
        assert_int_equal(migrator_back(bed->migrator, true, &err), MIGRATOR_DONE);
        assert_true(migrator_went_back(bed->migrator));
        must(fingerprint_take(bed->db, &bed->arena, &after, &err), &err);
        assert_string_equal(before.sha256, after.sha256);
        end(state);
    }
}

/* Right: a unique index that cannot be built leaves nothing; one that was invalid before is not ours to drop. */
static void failed_concurrent_index_leaves_nothing(void **state)
{
    struct bed *bed = *state;
    struct step steps[] = {sql_step("CREATE UNIQUE INDEX CONCURRENTLY ON t (v)")};
    struct phase phase = phase_of("index", steps, 1);
    struct db_answer answer = db_exec(bed->db, "CREATE UNIQUE INDEX CONCURRENTLY other_broken ON t (v)",
                                      CLOCK_NEVER_NS, NULL, NULL);
    assert_int_equal(answer.outcome, OUTCOME_CONSTRAINT);
    const struct migration_log *log = forward(bed, &phase, 1, MIGRATOR_FAILED);
    assert_int_equal(log->attempts[0].outcome, OUTCOME_CONSTRAINT);
    assert_string_equal(value(bed, "SELECT string_agg(indexrelid::regclass::text, ',') FROM pg_index"
                                   " WHERE NOT indisvalid"),
                        "other_broken");
}

static void *terminate_migration(void *context)
{
    struct bed *bed = context;
    for (int i = 0; i < 5; i++) {
        clock_sleep_ns(150 * NS_PER_MS);
        run(bed, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ="
                 " 'rehearse/test/migration' AND query LIKE '%UPDATE t%' AND state = 'active'");
    }
    return NULL;
}

/* Right: sessions killed while a batch runs cost a try, and no row is done twice or left out. */
static void backfill_outlives_its_session(void **state)
{
    struct bed *bed = *state;
    struct step steps[] = {backfill_step(
        "UPDATE t SET v = v + 1 FROM (SELECT pg_sleep(0.1)) s WHERE id > :lo AND id <= :hi", 100)};
    struct phase phase = phase_of("backfill", steps, 1);
    pthread_t thread;
    const char *rows = value(bed, "SELECT count(*) FROM t");
    assert_int_equal(pthread_create(&thread, NULL, terminate_migration, bed), 0);
    const struct migration_log *log = forward(bed, &phase, 1, MIGRATOR_DONE);
    pthread_join(thread, NULL);
    assert_true(log->backfills[0]->retried > 0);
    assert_string_equal(value(bed, "SELECT count(*) FROM t WHERE v = 2"), rows);
}

/* Right: rollbacks run from the last one reached; what none of them covers is told. */
static void goes_back_rollback_by_rollback(void **state)
{
    struct bed *bed = *state;
    struct step forth[3][1] = {{sql_step("ALTER TABLE t ADD COLUMN a int")},
                               {sql_step("ALTER TABLE t ADD COLUMN b int")},
                               {sql_step("ALTER TABLE t ADD COLUMN a int")}};
    struct step undo_a[] = {sql_step("ALTER TABLE t DROP COLUMN a")},
                undo_b[] = {sql_step("ALTER TABLE t DROP COLUMN b")};
    struct phase phases[] = {phase_of("a", forth[0], 1), phase_of("b", forth[1], 1),
                             phase_of("fails", forth[2], 1)};
    struct strategy_rollback rollbacks[] = {{0, phase_of("rollback a", undo_a, 1)},
                                            {1, phase_of("rollback b", undo_b, 1)}};
    struct strategy strategy = {
        .phases = phases, .phase_count = 3, .rollbacks = rollbacks, .rollback_count = 2};
    struct fingerprint before, between, after;
    struct fingerprint_change changes[4];
    struct err err = {0};
    must(fingerprint_take(bed->db, &bed->arena, &before, &err), &err);
    open_migrator(bed, &strategy);
    assert_int_equal(migrator_forward(bed->migrator, 0, &err), MIGRATOR_FAILED);
    assert_non_null(strstr(err.message, "already exists"));
    assert_int_equal(err.line, 7);
    must(fingerprint_take(bed->db, &bed->arena, &between, &err), &err);
    assert_true(fingerprint_diff(&bed->arena, &before, &between, changes, 4) >= 2);
    assert_int_equal(changes[0].sign, '+');
    assert_int_equal(migrator_back(bed->migrator, false, &err), MIGRATOR_DONE);
    must(fingerprint_take(bed->db, &bed->arena, &after, &err), &err);
    assert_int_equal(fingerprint_diff(&bed->arena, &before, &after, changes, 4), 0);
    assert_true(migrator_went_back(bed->migrator));
    const struct migration_log *log = migrator_log(bed->migrator);
    assert_int_equal(log->phase_count, 5);
    assert_string_equal(log->phases[3].phase->name, "rollback b");
    assert_true(log->phases[3].rollback && log->phases[4].completed && !log->phases[2].completed);
}

static void uncovered_phase_is_told(void **state)
{
    struct bed *bed = *state;
    struct err err = {0};
    struct step steps[] = {sql_step("ALTER TABLE t ADD COLUMN a int")};
    struct phase phase = phase_of("a", steps, 1);
    forward(bed, &phase, 1, MIGRATOR_DONE);
    assert_int_equal(migrator_back(bed->migrator, false, &err), MIGRATOR_DONE);
    assert_false(migrator_went_back(bed->migrator));
    assert_string_equal(migrator_uncovered(bed->migrator), "a");
}

/* Right: "same" is compared with before the first phase; a check that cannot run fails without a value. */
static void checks_are_kept(void **state)
{
    struct bed *bed = *state;
    struct step steps[] = {sql_step("DELETE FROM t WHERE id = 0")};
    struct strategy_check checks[] = {
        {.text = "none at 1", .sql = "SELECT count(*) FROM t WHERE v <> 1", .expect = "0"},
        {.text = "as many", .sql = "SELECT count(*) FROM t", .expect = "same"},
        {.text = "broken", .sql = "SELECT no_such FROM t", .expect = "0"}};
    struct phase phase = phase_of("delete", steps, 1);
    phase.checks = checks;
    phase.check_count = 3;
    const struct migration_log *log = forward(bed, &phase, 1, MIGRATOR_DONE);
    assert_int_equal(log->check_count, 3);
    assert_true(log->checks[0].passed);
    assert_false(log->checks[1].passed);
    assert_int_equal(atoi(log->checks[1].expected) - atoi(log->checks[1].found), 1);
    assert_null(log->checks[2].found);
    assert_non_null(strstr(log->checks[2].message, "no_such"));
}

/* Right: a key that is no integer is refused by name, where it stands. */
static void refuses_other_keys(void **state)
{
    struct bed *bed = *state;
    struct err err = {0};
    run(bed, "ALTER TABLE t ADD COLUMN name text DEFAULT '7'");
    struct step steps[] = {backfill_step(once, 7)};
    steps[0].key = "name";
    struct phase phase = phase_of("backfill", steps, 1);
    struct strategy strategy = {.phases = &phase, .phase_count = 1};
    open_migrator(bed, &strategy);
    assert_int_equal(migrator_forward(bed->migrator, 0, &err), MIGRATOR_FAILED);
    assert_non_null(strstr(err.message, "key name of t"));
    assert_string_equal(err.file, "t.sql");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(stamps_are_ordered),
        CASE(transaction_holds_to_the_end),
        CASE(file_has_its_own_transaction),
        CASE(gives_up_after_its_tries),
        CASE(transaction_is_tried_again_whole),
        CASE(backfill_covers_every_row_once),
        CASE(interrupt_ends_each_kind_of_step),
        CASE(failed_concurrent_index_leaves_nothing),
        CASE(backfill_outlives_its_session),
        CASE(goes_back_rollback_by_rollback),
        CASE(uncovered_phase_is_told),
        CASE(checks_are_kept),
        CASE(refuses_other_keys),
    };
    return cmocka_run_group_tests(tests, open_bed, close_bed);
}
