/* Attempts and episodes joined from snapshots, probes and requests made up by hand. Times below are milliseconds. */
#include "bench/observe/evidence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS(n) ((int64_t)(n)*NS_PER_MS)

enum { READER = 10, MIGRATION = 20, FIRST_APP = 100, APPS = 8, ORDERS_ID = 16400 };

enum { ACCESS_SHARE = 0, SHARE_UPDATE_EXCLUSIVE = 3, SHARE = 4, ACCESS_EXCLUSIVE = 7 };

static const char *const NAMES[] = {"orders"}, *const QUOTED[] = {"\"orders\""};
static const char *const SCRIPTS[] = {"read orders", "read users", "write orders"};
static const uint64_t SCRIPT_TABLES[] = {1, 0, 1};
static const bool SCRIPT_WRITES[] = {false, false, true};

struct story {
    struct arena arena;
    struct tables_object object;
    struct tables tables;
    struct roster roster;
    struct watcher_run runs[1000];
    struct lock_row rows[4000];
    struct watcher_log watcher;
    struct probe_sample sample;
    struct probe_log probe;
    const struct probe_log *probes[1];
    struct sighting sightings[2];
    struct request_span requests[4000];
    size_t request_count;
    struct evidence evidence;
};

static struct story *story_begin(void)
{
    struct story *story = calloc(1, sizeof *story);
    story->object = (struct tables_object){ORDERS_ID, 0, NAMES[0]};
    story->tables = (struct tables){
        .names = NAMES, .quoted = QUOTED, .count = 1, .objects = &story->object, .object_count = 1};
    roster_init(&story->roster);
    roster_join(&story->roster, MIGRATION, ROSTER_MIGRATION);
    story->roster.entries[0].from_ns = 0;
    story->watcher.runs = story->runs;
    story->watcher.rows = story->rows;
    story->probe = (struct probe_log){.notices = true, .period_ns = MS(1), .samples = &story->sample};
    story->probes[0] = &story->probe;
    story->sightings[0] = (struct sighting){.at_ns = MS(1000),
                                            .session = READER,
                                            .application_name = "psql",
                                            .state = "idle in transaction",
                                            .query = "SELECT ?",
                                            .xact_start_ns = MS(400),
                                            .told_ns = MS(1001),
                                            .last_ns = MS(1000)};
    story->evidence = (struct evidence){
        .dialect = &dialect_postgres,
        .watcher = &story->watcher,
        .probes = story->probes,
        .probe_count = 1,
        .sightings = story->sightings,
        .sighting_count = 1,
        .tables = &story->tables,
        .roster = &story->roster,
        .watcher_period_ns = MS(1),
    };
    return story;
}

static void story_end(struct story *story)
{
    roster_free(&story->roster);
    arena_free(&story->arena);
    free(story);
}

static void lock(struct story *story, int session, int mode, int64_t wait_start_ns)
{
    story->rows[story->watcher.row_count++] = (struct lock_row){
        .target = ORDERS_ID,
        .object = ORDERS_ID,
        .kind = LOCK_KIND_RELATION,
        .session = session,
        .mode = (uint8_t)mode,
        .granted = wait_start_ns == 0,
        .wait_start_ns = wait_start_ns,
    };
}

/* Ends one run of equal snapshots that began at from and was last taken at to, of the rows added since the one before. */
static void seen(struct story *story, int64_t from_ns, int64_t to_ns)
{
    size_t count = story->watcher.run_count;
    size_t row = count > 0 ? story->runs[count - 1].row + story->runs[count - 1].row_count : 0;
    locks_sort(&story->rows[row], story->watcher.row_count - row);
    story->runs[story->watcher.run_count++] = (struct watcher_run){
        from_ns, from_ns + MS(1) / 2, to_ns, to_ns + MS(1) / 2, 0, row, story->watcher.row_count - row};
}

/* 500 reads a second over eight sessions and a queue: due every 2 ms; from `from` on none is answered before `to`. */
static void requests_blocked(struct story *story, int64_t from_ns, int64_t to_ns)
{
    int session = 0;
    for (int64_t due_ns = from_ns; due_ns < to_ns; due_ns += MS(2), session++) {
        bool sent = session < APPS;
        story->requests[story->request_count++] = (struct request_span){
            .due_ns = due_ns,
            .sent_ns = sent ? due_ns : to_ns + MS(1),
            .done_ns = to_ns + MS(2),
            .session = FIRST_APP + session % APPS,
            .finished = 1,
        };
    }
}

static struct episode *join_kind(struct story *story, enum sql_kind kind, const struct attempt_span *attempt,
                                 struct attempt_locks *locks, size_t *count)
{
    struct attempt_statement statement = {kind, "public.orders"};
    static const int64_t PHASE_STARTS_NS[] = {0, MS(900)};
    struct episode *episodes = NULL;
    if (attempt != NULL)
        *locks = attempt_locks(&story->evidence, &story->arena, attempt, &statement, 0);
    struct episode_input input = {
        .attempts = attempt,
        .locks = locks,
        .attempt_count = attempt != NULL,
        .requests = story->requests,
        .request_count = story->request_count,
        .script_names = SCRIPTS,
        .script_tables = SCRIPT_TABLES,
        .script_writes = SCRIPT_WRITES,
        .phase_starts_ns = PHASE_STARTS_NS,
        .phase_count = 2,
        .floor_ns = MS(1),
    };
    episodes_join(&story->evidence, &story->arena, &input, &episodes, count);
    return episodes;
}

static struct episode *join(struct story *story, const struct attempt_span *attempt,
                            struct attempt_locks *locks, size_t *count)
{
    return join_kind(story, SQL_KIND_ALTER_TABLE_ADD_COLUMN, attempt, locks, count);
}

/* Behind a reader for 2.5 s, then held for 40 ms. */
static void tell_queue(struct story *story)
{
    lock(story, READER, ACCESS_SHARE, 0);
    lock(story, MIGRATION, ACCESS_EXCLUSIVE, MS(1000));
    for (int i = 0; i < APPS; i++)
        lock(story, FIRST_APP + i, ACCESS_SHARE, MS(1000) + MS(2) * i + 1);
    seen(story, MS(1001), MS(3499));
    lock(story, MIGRATION, ACCESS_EXCLUSIVE, 0);
    for (int i = 0; i < APPS; i++)
        lock(story, FIRST_APP + i, ACCESS_SHARE, MS(1000) + MS(2) * i + 1);
    seen(story, MS(3500), MS(3539));
    seen(story, MS(3541), MS(3600));
    requests_blocked(story, MS(1000), MS(3540));
}

static void the_queue_of_a_blocked_alter(void **state)
{
    (void)state;
    struct story *story = story_begin();
    tell_queue(story);
    story->sample = (struct probe_sample){MS(1001), MS(3540), 2539000, true};
    story->probe.sample_count = 1;
    struct attempt_span attempt = {1,        0,        1,        MIGRATION, MS(999),
                                   MS(1000), MS(3501), MS(3539), MS(3545),  OUTCOME_OK};
    struct attempt_locks locks;
    size_t count;
    struct episode *episodes = join(story, &attempt, &locks, &count);
    assert_true(llabs(locks.queued.value_us - 2500000) <= 1000);
    assert_true(llabs(locks.held.value_us - 40000) <= 1000);
    assert_int_equal(locks.window.value_us, 2540000);
    assert_true(locks.window.low_us <= 2540000 && locks.window.high_us >= 2540000);
    assert_int_equal(locks.release_ns, MS(3540));
    assert_int_equal(locks.strongest, ACCESS_EXCLUSIVE);
    assert_true(locks.locks[0].seen);
    assert_false(locks.degraded);
    assert_int_equal(count, 1);
    assert_int_equal(episodes[0].phase, 1);
    assert_int_equal(episodes[0].victim_count, 1270);
    assert_int_equal(episodes[0].victim_sessions, APPS);
    assert_int_equal(episodes[0].victim_longest_us, 2542000);
    assert_int_equal(episodes[0].top_count, 8);
    assert_int_equal(episodes[0].blocker_count, 2);
    assert_int_equal(episodes[0].blockers[0].session, READER);
    assert_int_equal(episodes[0].blockers[0].xact_age_us, 600000);
    assert_int_equal(episodes[0].blockers[1].session, MIGRATION);
    assert_int_equal(episodes[0].blockers[1].depth, 1);
    assert_int_equal(episodes[0].held_us, 600000 + 2499000);
    story_end(story);
}

/* Right: what finished long before the end, or reads another table and was sent in time, is no victim. */
static void others_are_no_victims(void **state)
{
    (void)state;
    struct story *story = story_begin();
    tell_queue(story);
    size_t blocked = story->request_count;
    story->requests[story->request_count++] = (struct request_span){MS(900), MS(900), MS(1100), 300, 0, 0, 1};
    story->requests[story->request_count++] = (struct request_span){MS(3530), MS(3530), MS(3560), 301,
                                                                    1,        0,        1};
    story->requests[story->request_count++] = (struct request_span){MS(3541), MS(3541), MS(3560), 302,
                                                                    0,        0,        1};
    struct attempt_span attempt = {1,        0,        1,        MIGRATION, MS(999),
                                   MS(1000), MS(3501), MS(3539), MS(3540),  OUTCOME_OK};
    struct attempt_locks locks;
    size_t count;
    struct episode *episodes = join(story, &attempt, &locks, &count);
    assert_int_equal(count, 1);
    assert_int_equal(episodes[0].victim_count, (int64_t)blocked);
    story_end(story);
}

static void giving_up_holds_nothing(void **state)
{
    (void)state;
    struct story *story = story_begin();
    lock(story, READER, ACCESS_SHARE, 0);
    lock(story, MIGRATION, ACCESS_EXCLUSIVE, MS(1000));
    seen(story, MS(1001), MS(1099));
    seen(story, MS(1101), MS(1200));
    requests_blocked(story, MS(1000), MS(1100));
    struct attempt_span attempt = {1, 0, 1, MIGRATION, MS(1000), 0, 0, 0, MS(1100), OUTCOME_LOCK_TIMEOUT};
    struct attempt_locks locks;
    size_t count;
    struct episode *episodes = join(story, &attempt, &locks, &count);
    assert_int_equal(locks.held.value_us, 0);
    assert_int_equal(locks.grant_ns, 0);
    assert_int_equal(locks.window.value_us, 100000);
    assert_int_equal(locks.queued.value_us, 100000);
    assert_int_equal(count, 1);
    assert_int_equal(episodes[0].outcome, OUTCOME_LOCK_TIMEOUT);
    assert_int_equal(episodes[0].victim_count, 50);
    story_end(story);
}

/* Right: nothing seen, so the mode is what such a statement takes, and what cannot be known is a bound. */
static void a_lock_too_short_to_see(void **state)
{
    (void)state;
    struct story *story = story_begin();
    struct attempt_span attempt = {1,
                                   0,
                                   1,
                                   MIGRATION,
                                   MS(1000),
                                   MS(1000),
                                   MS(1000) + 300000,
                                   MS(1000) + 400000,
                                   MS(1000) + 600000,
                                   OUTCOME_OK};
    struct attempt_locks locks;
    size_t count;
    join(story, &attempt, &locks, &count);
    assert_int_equal(locks.strongest, ACCESS_EXCLUSIVE);
    assert_string_equal(locks.object, "orders");
    assert_int_equal(locks.lock_count, 1);
    assert_false(locks.locks[0].seen);
    assert_int_equal(locks.queued.value_us, 0);
    assert_int_equal(locks.queued.high_us, 300);
    assert_string_equal(locks.queued.source, "bound");
    assert_int_equal(locks.window.high_us, 600);
    assert_int_equal(count, 0);
    story_end(story);
}

/* Right: what the watcher or a probe did not see for more than 5 ms inside the window marks the attempt. */
static void a_hole_degrades(void **state)
{
    (void)state;
    struct story *story = story_begin();
    tell_queue(story);
    interval_add(&story->watcher.holes.list, MS(2000), MS(2200));
    struct attempt_span attempt = {1,        0,        1,        MIGRATION, MS(999),
                                   MS(1000), MS(3501), MS(3539), MS(3540),  OUTCOME_OK};
    struct attempt_locks locks;
    size_t count;
    struct episode *episodes = join(story, &attempt, &locks, &count);
    assert_true(locks.degraded);
    assert_int_equal(locks.window.gap_us, 200000);
    assert_true(episodes[0].degraded);
    interval_free(&story->watcher.holes.list);
    story_end(story);
}

static void strangers_and_the_application_itself(void **state)
{
    (void)state;
    struct story *story = story_begin();
    lock(story, READER, ACCESS_EXCLUSIVE, 0);
    lock(story, FIRST_APP, ACCESS_SHARE, MS(1000));
    seen(story, MS(1020), MS(1420));
    seen(story, MS(1470), MS(1900));
    lock(story, FIRST_APP + 1, SHARE_UPDATE_EXCLUSIVE, 0); /* the application in its own way is no episode */
    lock(story, FIRST_APP, SHARE_UPDATE_EXCLUSIVE, MS(2000));
    seen(story, MS(2010), MS(2300));
    requests_blocked(story, MS(1000), MS(1420));
    struct attempt_locks locks;
    size_t count;
    struct episode *episodes = join(story, NULL, &locks, &count);
    assert_int_equal(count, 1);
    assert_int_equal(episodes[0].attempt, -1);
    assert_int_equal(episodes[0].start_ns, MS(1000));
    assert_int_equal(episodes[0].mode, ACCESS_EXCLUSIVE);
    assert_int_equal(episodes[0].blocker_count, 1);
    assert_int_equal(episodes[0].blockers[0].session, READER);
    assert_true(episodes[0].victim_count > 0);
    story_end(story);
}

/* One snapshot of its own, in the era that began at era_ns. */
static void looked(struct story *story, int64_t era_ns, int64_t sent_ns, int64_t done_ns)
{
    seen(story, sent_ns, sent_ns);
    struct watcher_run *run = &story->runs[story->watcher.run_count - 1];
    run->first_done_ns = run->last_done_ns = done_ns;
    run->era_ns = era_ns;
}

/* Right: a snapshot that was sent before a statement and answered in it shows the lock of the statement before; nor is one
 * that is answered after the statement a witness of it. */
static void a_snapshot_across_two_attempts_is_of_neither(void **state)
{
    (void)state;
    struct story *story = story_begin();
    lock(story, MIGRATION, ACCESS_EXCLUSIVE, 0);
    looked(story, MS(990), MS(1004), MS(1010));
    for (int i = 0; i < 100; i++) {
        lock(story, MIGRATION, SHARE_UPDATE_EXCLUSIVE, 0);
        looked(story, MS(1007), MS(1011) + i * MS(10), MS(1012) + i * MS(10));
    }
    lock(story, MIGRATION, ACCESS_EXCLUSIVE, 0);
    looked(story, MS(1007), MS(2005), MS(2020));
    requests_blocked(story, MS(1008), MS(2008));
    struct attempt_span attempt = {1, 0, 1, MIGRATION, MS(1008), MS(1008), 0, 0, MS(2010), OUTCOME_OK};
    struct attempt_locks locks;
    size_t count;
    join_kind(story, SQL_KIND_ALTER_TABLE_VALIDATE, &attempt, &locks, &count);
    assert_int_equal(locks.strongest, SHARE_UPDATE_EXCLUSIVE);
    assert_int_equal(locks.lock_count, 1);
    assert_true(locks.locks[0].seen);
    assert_int_equal(locks.window.value_us, 0);
    assert_int_equal(locks.window.high_us, 0);
    assert_int_equal(count, 0);
    story_end(story);
}

/* Right: what an earlier statement of the transaction locked is that statement's, though it lasts to the commit. */
static void a_lock_of_the_statement_before_is_inherited(void **state)
{
    (void)state;
    struct story *story = story_begin();
    lock(story, MIGRATION, ACCESS_EXCLUSIVE, 0);
    looked(story, MS(990), MS(1002), MS(1003));
    lock(story, MIGRATION, ACCESS_EXCLUSIVE, 0);
    lock(story, MIGRATION, SHARE_UPDATE_EXCLUSIVE, 0);
    looked(story, MS(990), MS(1050), MS(1051));
    struct attempt_span first = {1,        0,        1,        MIGRATION, MS(1000),
                                 MS(1001), MS(1004), MS(1099), MS(1100),  OUTCOME_OK};
    struct attempt_span second = {1,        1,        1,        MIGRATION, MS(1005),
                                  MS(1006), MS(1090), MS(1099), MS(1100),  OUTCOME_OK};
    struct attempt_locks locks;
    size_t count;
    join(story, &first, &locks, &count);
    assert_int_equal(locks.strongest, ACCESS_EXCLUSIVE);
    assert_true(llabs(locks.held.value_us - 99000) <= 1000);
    join_kind(story, SQL_KIND_ALTER_TABLE_VALIDATE, &second, &locks, &count);
    assert_int_equal(locks.strongest, SHARE_UPDATE_EXCLUSIVE);
    assert_int_equal(locks.window.value_us, 0);
    story_end(story);
}

/* Right: the wait was seen, so the lock was, although it was gone before the next snapshot. */
static void a_wait_that_was_seen_names_the_lock(void **state)
{
    (void)state;
    struct story *story = story_begin();
    lock(story, READER, ACCESS_SHARE, 0);
    lock(story, MIGRATION, ACCESS_EXCLUSIVE, MS(1000));
    seen(story, MS(1001), MS(3499));
    seen(story, MS(3503), MS(3600));
    struct attempt_span attempt = {1,        0,        1,        MIGRATION, MS(999),
                                   MS(1000), MS(3501), MS(3501), MS(3502),  OUTCOME_OK};
    struct attempt_locks locks;
    size_t count;
    join(story, &attempt, &locks, &count);
    assert_int_equal(locks.lock_count, 1);
    assert_true(locks.locks[0].seen);
    assert_int_equal(locks.locks[0].mode, ACCESS_EXCLUSIVE);
    assert_int_equal(locks.locks[0].waited_us, locks.queued.value_us);
    assert_true(llabs(locks.queued.value_us - 2500000) <= 1000);
    story_end(story);
}

/* Right: a lock that lets readers in has only writers among its victims. */
static void readers_pass_a_share_lock(void **state)
{
    (void)state;
    struct story *story = story_begin();
    lock(story, MIGRATION, SHARE, 0);
    seen(story, MS(1001), MS(1099));
    seen(story, MS(1101), MS(1200));
    for (int i = 0; i < 10; i++)
        story->requests[story->request_count++] = (struct request_span){
            MS(1050), MS(1050), MS(1101), FIRST_APP + i, (uint16_t)(i < 3 ? 2 : 0), OUTCOME_OK, 1};
    struct attempt_span attempt = {1,        0,        1,        MIGRATION, MS(1000),
                                   MS(1000), MS(1099), MS(1099), MS(1100),  OUTCOME_OK};
    struct attempt_locks locks;
    size_t count;
    struct episode *episodes = join_kind(story, SQL_KIND_CREATE_INDEX, &attempt, &locks, &count);
    assert_int_equal(locks.strongest, SHARE);
    assert_int_equal(count, 1);
    assert_int_equal(episodes[0].victim_count, 3);
    story_end(story);
}

/* Right: what shuts others out right after VALIDATE, in a stronger mode than it ever held, is the next statement on its session:
 * the clocks cannot tell them apart, the modes can. Wrong: an episode of VALIDATE. */
static void a_stronger_neighbour_is_not_the_attempt(void **state)
{
    (void)state;
    struct story *story = story_begin();
    lock(story, MIGRATION, SHARE_UPDATE_EXCLUSIVE, 0);
    seen(story, MS(1001), MS(1047));
    lock(story, MIGRATION, ACCESS_EXCLUSIVE, 0);
    lock(story, FIRST_APP, ACCESS_SHARE, MS(1049));
    seen(story, MS(1050), MS(1053));
    requests_blocked(story, MS(1048), MS(1054));
    struct attempt_span attempt = {1, 0, 1, MIGRATION, MS(999), MS(1000), MS(1049), 0, MS(1050), OUTCOME_OK};
    struct attempt_locks locks;
    size_t count;
    struct episode *episodes = join_kind(story, SQL_KIND_ALTER_TABLE_VALIDATE, &attempt, &locks, &count);
    assert_int_equal(locks.strongest, SHARE_UPDATE_EXCLUSIVE);
    assert_int_equal(count, 1);
    assert_int_equal(episodes[0].attempt, -1);
    assert_int_equal(episodes[0].blockers[0].session, MIGRATION);
    story_end(story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_queue_of_a_blocked_alter),
        cmocka_unit_test(others_are_no_victims),
        cmocka_unit_test(giving_up_holds_nothing),
        cmocka_unit_test(a_lock_too_short_to_see),
        cmocka_unit_test(a_hole_degrades),
        cmocka_unit_test(a_snapshot_across_two_attempts_is_of_neither),
        cmocka_unit_test(a_lock_of_the_statement_before_is_inherited),
        cmocka_unit_test(a_wait_that_was_seen_names_the_lock),
        cmocka_unit_test(readers_pass_a_share_lock),
        cmocka_unit_test(a_stronger_neighbour_is_not_the_attempt),
        cmocka_unit_test(strangers_and_the_application_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
