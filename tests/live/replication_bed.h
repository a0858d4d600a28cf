/* bed: a primary and its replica, both of a sandbox, for live tests of replication. */
#ifndef REHEARSE_TESTS_REPLICATION_BED_H
#define REHEARSE_TESTS_REPLICATION_BED_H

#include "bench/base/buf.h"
#include "bench/base/clock.h"
#include "bench/migrate/migrator.h"
#include "bench/observe/replication.h"
#include "bench/sandbox/sandbox.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct bed {
    struct arena arena;
    struct sandbox *sandbox;
    struct db_target primary, replica;
    struct db *on_primary, *on_replica; /* foreign */
    struct replication *replication;
    int64_t stop_ns;  /* the replay stopped */
    bool stopped;     /* … and has not been resumed */
    int64_t late_ns;  /* the longest between the stop and the last lag that let a batch pass */
    const char *stop; /* statements for the replica */
    const char *resume;
};

static inline void must(bool ok, const struct err *err)
{
    if (!ok)
        fail_msg("%s", err->message);
}

static inline struct db *connect_to(const struct db_target *target)
{
    struct err err = {0};
    struct db_options options = {.application_name = "test"};
    struct db *db = db_open(target, &options, &err);
    must(db != NULL, &err);
    return db;
}

static inline void command(struct db *db, const char *sql)
{
    struct err err = {0};
    must(db_command(db, sql, &err), &err);
}

static inline void watch(struct bed *bed)
{
    struct err err = {0};
    struct replication_config config = {
        .primary = &bed->primary, .replicas = &bed->replica, .replica_count = 1, .run_id = "test"};
    bed->replication = replication_start(&config, &err);
    must(bed->replication != NULL, &err);
}

static inline int open_bed(void **state, const char *dsn, const char *stop, const char *resume)
{
    struct err err = {0};
    struct bed *bed = mem_alloc(sizeof *bed);
    bed->stop = stop;
    bed->resume = resume;
    bed->sandbox = sandbox_start(dsn, &err);
    if (bed->sandbox == NULL) {
        printf("skipped: %s\n", err.message);
        exit(77);
    }
    must(db_target_parse(&bed->arena, sandbox_dsn(bed->sandbox), &bed->primary, &err), &err);
    assert_non_null(sandbox_replica_dsn(bed->sandbox));
    must(db_target_parse(&bed->arena, sandbox_replica_dsn(bed->sandbox), &bed->replica, &err), &err);
    bed->on_primary = connect_to(&bed->primary);
    bed->on_replica = connect_to(&bed->replica);
    watch(bed);
    *state = bed;
    return 0;
}

static inline int close_bed(void **state)
{
    struct bed *bed = *state;
    replication_close(bed->replication);
    db_close(bed->on_primary);
    db_close(bed->on_replica);
    sandbox_stop(bed->sandbox);
    arena_free(&bed->arena);
    free(bed);
    return 0;
}

/* The lag once it has come below the limit, or after 5 s. */
static inline int64_t settle(struct bed *bed, int64_t limit_ns)
{
    int64_t until_ns = clock_ns() + 5 * NS_PER_S, lag_ns;
    while ((lag_ns = replication_lag_ns(bed->replication)) < 0 || lag_ns >= limit_ns) {
        if (clock_ns() > until_ns)
            break;
        clock_sleep_ns(10 * NS_PER_MS);
    }
    return lag_ns;
}

static void a_replica_that_is_well_hardly_lags(void **state)
{
    struct bed *bed = *state;
    int small = 0;
    for (int i = 0; i < 50; i++) {
        clock_sleep_ns(20 * NS_PER_MS);
        int64_t lag_ns = replication_lag_ns(bed->replication);
        assert_in_range(lag_ns, 0, 900 * NS_PER_MS);
        small += lag_ns < 200 * NS_PER_MS;
    }
    assert_in_range(small, 45, 50);
}

static void lag_grows_while_the_replay_stands_still(void **state)
{
    struct bed *bed = *state;
    command(bed->on_replica, bed->stop);
    int64_t stop_ns = clock_ns();
    clock_sleep_until_ns(stop_ns + 1200 * NS_PER_MS);
    int64_t lag_ns = replication_lag_ns(bed->replication), age_ns = clock_ns() - stop_ns;
    assert_in_range(lag_ns, NS_PER_S, age_ns + 150 * NS_PER_MS);
    command(bed->on_replica, bed->resume);
    assert_in_range(settle(bed, 200 * NS_PER_MS), 0, 200 * NS_PER_MS);
}

/* A backfill of 2 s, whose replica stands still for 1.5 s in the middle. */

static int64_t lag_of_bed(void *context)
{
    struct bed *bed = context;
    static const int64_t stop_after_ns = 500 * NS_PER_MS, resume_after_ns = 2000 * NS_PER_MS;
    static int64_t first_ns;
    int64_t now_ns = clock_ns();
    first_ns = first_ns == 0 ? now_ns : first_ns;
    if (bed->stop_ns == 0 && now_ns - first_ns >= stop_after_ns) {
        command(bed->on_replica, bed->stop);
        bed->stopped = true;
        bed->stop_ns = clock_ns();
    }
    if (bed->stopped && now_ns - first_ns >= resume_after_ns) {
        command(bed->on_replica, bed->resume);
        bed->stopped = false;
    }
    int64_t lag_ns = replication_lag_ns(bed->replication);
    if (bed->stopped && lag_ns >= 0 && lag_ns <= 400 * NS_PER_MS)
        bed->late_ns = clock_ns() - bed->stop_ns;
    return lag_ns;
}

static void fill_table(struct bed *bed)
{
    struct buf rows = {0};
    command(bed->on_primary, "CREATE TABLE t (id bigint PRIMARY KEY, v int)");
    buf_puts(&rows, "INSERT INTO t VALUES (1, 1)");
    for (int i = 2; i <= 400; i++)
        buf_printf(&rows, ", (%d, 1)", i);
    command(bed->on_primary, buf_text(&rows));
    buf_free(&rows);
}

static void a_backfill_pauses_for_it_and_goes_on(void **state)
{
    struct bed *bed = *state;
    struct err err = {0};
    struct server_clock clock = {0};
    struct strategy_settings unset = strategy_settings_unset();
    struct step step = {.kind = STEP_BACKFILL,
                        .file = "t.sql",
                        .line = 1,
                        .column = 1,
                        .sql = "UPDATE t SET v = 2 WHERE id > :lo AND id <= :hi",
                        .sql_kind = SQL_KIND_UPDATE,
                        .settings = unset,
                        .table = "t",
                        .key = "id",
                        .batch_rows = 10,
                        .pause_ns = 50 * NS_PER_MS,
                        .max_lag_ns = 400 * NS_PER_MS,
                        .threads = 1};
    struct phase phase = {
        .name = "backfill", .hold_ns = -1, .settings = unset, .steps = &step, .step_count = 1};
    struct strategy strategy = {.name = "s", .phases = &phase, .phase_count = 1};
    fill_table(bed);
    must(server_clock_sync(&clock, bed->on_primary, 10, &err), &err);
    struct migrator_config config = {.target = &bed->primary,
                                     .run_id = "test",
                                     .clock = &clock,
                                     .seed = 1,
                                     .hooks = {.context = bed, .lag_ns = lag_of_bed}};
    struct migrator *migrator = migrator_open(&config, &strategy, &err);
    must(migrator != NULL, &err);
    enum migrator_result result = migrator_forward(migrator, 0, &err);
    const struct backfill_run *run = migrator_log(migrator)->backfills[0];
    must(result == MIGRATOR_DONE, &err);
    assert_int_equal(run->rows, 400);
    assert_true(bed->stop_ns > 0 && !bed->stopped);
    assert_in_range(bed->late_ns, 1, NS_PER_S); /* paused within a second of the stop */
    assert_in_range(run->lag_pauses, 1, 3);
    assert_in_range(run->lag_paused_ns, 600 * NS_PER_MS, 2500 * NS_PER_MS);
    assert_true(run->throttled_ns >= run->lag_paused_ns);
    migrator_close(migrator);
}

static void one_that_is_gone_is_unknown_and_the_points_say_so(void **state)
{
    struct bed *bed = *state;
    size_t count, unknown = 0;
    int64_t longest_ns = 0, most_bytes = 0;
    assert_in_range(settle(bed, 200 * NS_PER_MS), 0, 200 * NS_PER_MS);
    kill(sandbox_replica_pid(bed->sandbox), SIGKILL);
    clock_sleep_ns(1500 * NS_PER_MS);
    assert_int_equal(replication_lag_ns(bed->replication), -1);
    replication_stop(bed->replication);
    const struct lag_point *points = replication_points(bed->replication, 0, &count);
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || points[i].at_ns == points[i - 1].at_ns + LAG_POINT_NS);
        unknown += points[i].lag_ns < 0;
        longest_ns = points[i].lag_ns > longest_ns ? points[i].lag_ns : longest_ns;
        most_bytes = points[i].lag_bytes > most_bytes ? points[i].lag_bytes : most_bytes;
    }
    assert_true(count > 40);
    assert_int_equal(points[count - 1].lag_ns, -1);
    assert_in_range(unknown, 3, 15);
    assert_in_range(longest_ns, NS_PER_S, 3 * NS_PER_S);
    assert_in_range(most_bytes, 1000, 10000000); /* at least the beats themselves */
}

static const struct CMUnitTest replication_tests[] = {
    cmocka_unit_test(a_replica_that_is_well_hardly_lags),
    cmocka_unit_test(lag_grows_while_the_replay_stands_still),
    cmocka_unit_test(a_backfill_pauses_for_it_and_goes_on),
    cmocka_unit_test(one_that_is_gone_is_unknown_and_the_points_say_so),
};

#endif
