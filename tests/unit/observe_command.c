/* The sessions of an external command, and whom they blocked, on MariaDB. */
#include "tests/unit/observe_story.h"

#define CREATE_TRIGGER "CREATE TRIGGER t AFTER DELETE ON `shop`.`orders` FOR EACH ROW DO ?"
#define ANALYZE        "ANALYZE TABLE `shop`.`_orders_new`"
#define RENAME         "RENAME TABLE `shop`.`orders` TO `shop`.`_orders_old`, `shop`.`_orders_new` TO `shop`.`orders`"
#define DROP           "DROP TABLE IF EXISTS `shop`.`_orders_old`"

static void join(struct story *story, enum outcome outcome)
{
    struct attempt_span command = {1, 0, 1, 0, MS(900), 0, 0, 0, MS(9000), outcome};
    join_attempt_of(story, &command);
}

/* A trigger shuts out writers, then waits behind a reader to shut out all; the writers go on at open_ns. */
static void trigger_waits(struct story *story, int64_t from_ns, int64_t to_ns, int64_t open_ns)
{
    lock(story, READER, SHARED_READ, 0);
    lock(story, MIGRATION, SHARED_NO_WRITE, 0);
    lock(story, MIGRATION, EXCLUSIVE, from_ns);
    for (int i = 0; i < APPS; i++)
        lock(story, FIRST_APP + i, SHARED_WRITE, from_ns + MS(10) * i + 1);
    seen(story, from_ns + MS(1), to_ns - MS(1));
    writes_blocked(story, from_ns, open_ns);
}

/* Right: refused after a second, asked again a second later, granted behind the same reader after 500 ms, held for 10. */
static void a_trigger_behind_a_reader_is_refused_then_granted(void **state)
{
    (void)state;
    struct story *story = story_begin();
    seen(story, MS(950), MS(998));
    trigger_waits(story, MS(1000), MS(2000), MS(2000));
    seen(story, MS(2001), MS(2998));
    trigger_waits(story, MS(3000), MS(3500), MS(3510));
    lock(story, MIGRATION, EXCLUSIVE, 0);
    lock(story, FIRST_APP, SHARED_WRITE, MS(3100));
    seen(story, MS(3501), MS(3509));
    seen(story, MS(3511), MS(3600));
    told(story, MIGRATION, CREATE_TRIGGER, MS(1010), MS(3400));
    told(story, READER, "SELECT max(id) FROM orders", MS(1010), MS(3400));
    join(story, OUTCOME_OK);
    assert_int_equal(story->locks.part_count, 2);
    const struct attempt_part *refused = &story->locks.parts[0], *granted = &story->locks.parts[1];
    assert_int_equal(refused->span.outcome, OUTCOME_LOCK_TIMEOUT);
    assert_int_equal(refused->locks.held.value_us, 0);
    assert_near(refused->locks.queued.value_us, 1000, 3);
    assert_int_equal(granted->span.outcome, OUTCOME_OK);
    assert_near(granted->locks.queued.value_us, 500, 3);
    assert_near(granted->locks.held.value_us, 10, 3);
    assert_string_equal(refused->statement, CREATE_TRIGGER);
    assert_string_equal(granted->statement, CREATE_TRIGGER);
    assert_near(story->locks.queued.value_us, 1000, 3);
    assert_near(story->locks.held.value_us, 10, 3);
    assert_string_equal(story->locks.object, "orders");
    assert_int_equal(story->episode_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct episode *episode = &story->episodes[i];
        assert_int_equal(episode->attempt, 0);
        assert_int_equal(episode->part, i);
        assert_int_equal(episode->mode, EXCLUSIVE);
        assert_int_equal(episode->blocker_count, 2);
        assert_int_equal(episode->blockers[0].session, READER);
        assert_int_equal(episode->blockers[1].session, MIGRATION);
        assert_true(episode->blockers[1].is_migration);
        assert_string_equal(episode->blockers[1].query, CREATE_TRIGGER);
        assert_true(episode->victim_count >= 40);
    }
    assert_near(story->episodes[0].waited_us, 1000, 3);
    assert_near(story->episodes[1].waited_us, 500, 3);
    assert_int_equal(story->episodes[0].outcome, OUTCOME_LOCK_TIMEOUT);
    story_end(story);
}

/* Right: a command that gives up at its last wait was refused; one that ends well was let in, for too short to be seen. */
static void the_last_wait_ends_as_its_command(void **state)
{
    (void)state;
    for (int failed = 0; failed < 2; failed++) {
        struct story *story = story_begin();
        seen(story, MS(950), MS(998));
        trigger_waits(story, MS(1000), MS(2000), MS(2000));
        seen(story, MS(2001), MS(2998));
        join(story, failed ? OUTCOME_OTHER : OUTCOME_OK);
        assert_int_equal(story->locks.part_count, 1);
        assert_int_equal(story->locks.parts[0].span.outcome, failed ? OUTCOME_LOCK_TIMEOUT : OUTCOME_OK);
        assert_null(story->locks.parts[0].statement);
        assert_int_equal(story->locks.parts[0].locks.grant_ns != 0, !failed);
        story_end(story);
    }
}

/* Right: the cut-over has its own statement, not the one before it that was asked about at its edge, nor the one after, and
 * its own hold, though the session held the same lock before. */
static void the_cut_over(void **state)
{
    (void)state;
    struct story *story = story_begin();
    seen(story, MS(950), MS(998));
    lock(story, MIGRATION, EXCLUSIVE, 0);
    seen(story, MS(1000), MS(1004));
    seen(story, MS(1006), MS(1999));
    lock(story, MIGRATION, EXCLUSIVE, 0);
    lock(story, FIRST_APP, SHARED_WRITE, MS(2003));
    seen(story, MS(2005), MS(2023));
    seen(story, MS(2026), MS(2100));
    writes_blocked(story, MS(2003), MS(2024));
    told(story, MIGRATION, ANALYZE, MS(1980), MS(2000));
    told(story, MIGRATION, RENAME, MS(2007), MS(2007));
    told(story, MIGRATION, DROP, MS(2025), MS(2025));
    join(story, OUTCOME_OK);
    assert_int_equal(story->locks.part_count, 2);
    assert_string_equal(story->locks.parts[1].statement, RENAME);
    assert_near(story->locks.parts[0].locks.held.value_us, 5, 3);
    assert_near(story->locks.held.value_us, 23, 4);
    assert_int_equal(story->locks.strongest, EXCLUSIVE);
    assert_int_equal(story->episode_count, 1);
    assert_int_equal(story->episodes[0].mode, EXCLUSIVE);
    assert_int_equal(story->episodes[0].part, 1);
    assert_int_equal(story->episodes[0].blocker_count, 1);
    assert_int_equal(story->episodes[0].blockers[0].session, MIGRATION);
    assert_string_equal(story->episodes[0].blockers[0].query, RENAME);
    assert_near(story->episodes[0].held_us, 23, 4);
    story_end(story);
}

/* Right: who was asked only as the lock went names it when it is about the table; of another table it is the next one. */
static void a_statement_told_late(void **state)
{
    (void)state;
    static const char *const LATE[] = {RENAME, DROP};
    for (int i = 0; i < 2; i++) {
        struct story *story = story_begin();
        seen(story, MS(950), MS(998));
        lock(story, MIGRATION, EXCLUSIVE, 0);
        seen(story, MS(1000), MS(1001));
        seen(story, MS(1003), MS(1100));
        told(story, MIGRATION, LATE[i], MS(1003), MS(1003));
        join(story, OUTCOME_OK);
        assert_int_equal(story->locks.part_count, 1);
        if (i == 0)
            assert_string_equal(story->locks.parts[0].statement, RENAME);
        else
            assert_null(story->locks.parts[0].statement);
        story_end(story);
    }
}

/* Right: the watcher asked when it saw the lock, and was told before it was gone; else what it was told is of another. */
static void a_statement_that_the_watcher_asked_for(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        struct story *story = story_begin();
        struct watcher_statement ran = {MIGRATION, MS(1001), late ? MS(1004) : MS(1002), RENAME};
        story->watcher.statements = &ran;
        story->watcher.statement_count = 1;
        seen(story, MS(950), MS(998));
        lock(story, MIGRATION, EXCLUSIVE, 0);
        seen(story, MS(1000), MS(1001));
        seen(story, MS(1003), MS(1100));
        told(story, MIGRATION, DROP, MS(1003), MS(1003));
        join(story, OUTCOME_OK);
        if (late)
            assert_null(story->locks.parts[0].statement);
        else
            assert_string_equal(story->locks.parts[0].statement, RENAME);
        story_end(story);
    }
}

/* Right: a session that waits for what it held a moment ago runs another statement. */
static void statements_without_a_pause_are_parts_of_their_own(void **state)
{
    (void)state;
    struct story *story = story_begin();
    seen(story, MS(950), MS(998));
    lock(story, MIGRATION, EXCLUSIVE, 0);
    seen(story, MS(1000), MS(1018));
    lock(story, FIRST_APP, SHARED_WRITE, 0);
    lock(story, MIGRATION, SHARED_NO_WRITE, MS(1019));
    seen(story, MS(1020), MS(1038));
    lock(story, MIGRATION, SHARED_NO_WRITE, 0);
    seen(story, MS(1040), MS(1048));
    seen(story, MS(1050), MS(1100));
    join(story, OUTCOME_OK);
    assert_int_equal(story->locks.part_count, 2);
    assert_int_equal(story->locks.parts[0].locks.strongest, EXCLUSIVE);
    assert_int_equal(story->locks.parts[1].locks.strongest, SHARED_NO_WRITE);
    assert_near(story->locks.parts[1].locks.queued.value_us, 20, 2);
    assert_near(story->locks.parts[1].locks.held.value_us, 10, 3);
    story_end(story);
}

/* Right: what passes by is no root, however often; who stands there all the time is. */
static void the_application_passing_by_is_no_root(void **state)
{
    (void)state;
    struct story *story = story_begin();
    seen(story, MS(950), MS(998));
    for (int i = 0; i < 20; i++) {
        lock(story, READER, SHARED_READ, 0);
        lock(story, MIGRATION, SHARED_NO_WRITE, 0);
        lock(story, MIGRATION, EXCLUSIVE, MS(1000));
        lock(story, FIRST_APP + i % APPS, SHARED_READ, 0);
        lock(story, FIRST_APP + APPS, SHARED_WRITE, MS(1002));
        seen(story, MS(1003 + 10 * i), MS(1005 + 10 * i));
    }
    seen(story, MS(1203), MS(1300));
    for (int i = 0; i <= APPS; i++)
        story->requests[story->request_count++] = (struct request_span){
            MS(1000), MS(1000), MS(1203), FIRST_APP + i, 1, OUTCOME_OK, 1};
    join(story, OUTCOME_OK);
    assert_int_equal(story->episode_count, 1);
    assert_int_equal(story->episodes[0].blocker_count, 2);
    assert_int_equal(story->episodes[0].blockers[0].session, READER);
    assert_int_equal(story->episodes[0].blockers[0].depth, 0);
    assert_int_equal(story->episodes[0].blockers[1].session, MIGRATION);
    story_end(story);
}

/* Right: rows of a table that is gone by now, which the command copies: its name, the command's session as the one root, and
 * nobody of those who wait for it, nor for each other. */
static void copied_rows(void **state)
{
    (void)state;
    struct story *story = story_begin();
    seen(story, MS(950), MS(998));
    row_lock(story, ROW_TARGET, MIGRATION, 0);
    row_lock(story, ROW_TARGET, FIRST_APP, MS(1000));
    for (int i = 1; i < 40; i++) {
        row_lock(story, ROW_TARGET + i, FIRST_APP + i - 1, 0);
        row_lock(story, ROW_TARGET + i, FIRST_APP + i, MS(1000 + i));
    }
    row_lock(story, ROW_TARGET + 100, FIRST_APP + 90, 0); /* the application in its own way */
    row_lock(story, ROW_TARGET + 100, FIRST_APP + 91, MS(1010));
    seen(story, MS(1050), MS(1400));
    seen(story, MS(1402), MS(1500));
    for (int i = 0; i < 40; i++)
        story->requests[story->request_count++] = (struct request_span){
            MS(1000 + i), MS(1000 + i), MS(1401), FIRST_APP + i, 1, OUTCOME_OK, 1};
    story->requests[story->request_count++] = (struct request_span){
        MS(999), MS(999), MS(1401), FIRST_APP + 90, 1, 0, 1};
    story->requests[story->request_count++] = (struct request_span){
        MS(999), MS(999), MS(1401), FIRST_APP + 91, 1, 0, 1};
    told(story, MIGRATION, "INSERT INTO _orders_new", MS(1001), MS(1300));
    join(story, OUTCOME_OK);
    assert_int_equal(story->locks.part_count, 0);
    assert_int_equal(story->locks.held.value_us, 0);
    assert_int_equal(story->episode_count, 1);
    const struct episode *episode = &story->episodes[0];
    assert_int_equal(episode->attempt, -1);
    assert_string_equal(episode->object, "_orders_new");
    assert_int_equal(episode->blocker_count, 1);
    assert_int_equal(episode->blockers[0].session, MIGRATION);
    assert_int_equal(episode->blockers[0].depth, 0);
    assert_true(episode->blockers[0].is_migration);
    assert_int_equal(episode->victim_count, 40);
    story_end(story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trigger_behind_a_reader_is_refused_then_granted),
        cmocka_unit_test(the_last_wait_ends_as_its_command),
        cmocka_unit_test(the_cut_over),
        cmocka_unit_test(a_statement_told_late),
        cmocka_unit_test(a_statement_that_the_watcher_asked_for),
        cmocka_unit_test(statements_without_a_pause_are_parts_of_their_own),
        cmocka_unit_test(the_application_passing_by_is_no_root),
        cmocka_unit_test(copied_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
