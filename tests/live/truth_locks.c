/* Locks of known length, held by hand on a throw-away server, against what the observer says of them. */
#include "bench/observe/observer.h"
#include "bench/sandbox/sandbox.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { READERS = 2, ROUNDS = 10, SPANS_MAX = 20000 };

#define READ_EVERY_NS (4 * NS_PER_MS)
#define SETTLE_NS     (30 * NS_PER_MS)

static const char *const QUOTED[] = {"\"public\".\"orders\""};
static const char *const NAMES[] = {"public.orders"};
static const char *const SCRIPTS[] = {"read"};
static const uint64_t SCRIPT_TABLES[] = {1};

struct bench {
    struct arena arena;
    struct sandbox *sandbox;
    struct db_target target;
};

struct reader {
    struct bench *bench;
    pthread_t thread;
    _Atomic bool stop;
    struct request_span *spans;
    size_t count;
};

static struct db *open_as(struct bench *bench, const struct db_target *target, const char *name)
{
    struct err err = {0};
    struct db *db = db_open(target, &(struct db_options){.application_name = name}, &err);
    if (db == NULL)
        fail_msg("%s", err.message);
    (void)bench;
    return db;
}

static void say(struct db *db, const char *sql)
{
    struct err err = {0};
    if (!db_command(db, sql, &err))
        fail_msg("%s: %s", sql, err.message);
}

static int set_up(void **state)
{
    struct err err = {0};
    struct bench *bench = calloc(1, sizeof *bench);
    bench->sandbox = sandbox_start("sandbox:postgresql", &err);
    if (bench->sandbox == NULL)
        fail_msg("%s", err.message);
    if (!db_target_parse(&bench->arena, sandbox_dsn(bench->sandbox), &bench->target, &err))
        fail_msg("%s", err.message);
    struct db *db = open_as(bench, &bench->target, "rehearse/test/setup");
    say(db, "CREATE TABLE orders (id int PRIMARY KEY, note text);"
            "INSERT INTO orders SELECT i, 'x' FROM generate_series(1, 1000) i;"
            "CREATE ROLE plain LOGIN; GRANT SELECT ON orders TO plain");
    db_close(db);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    sandbox_stop(bench->sandbox);
    arena_free(&bench->arena);
    free(bench);
    return 0;
}

static void *read_on(void *context)
{
    struct reader *reader = context;
    struct db *db = open_as(reader->bench, &reader->bench->target, "rehearse/test/app");
    int64_t due_ns = clock_ns();
    while (!reader->stop && reader->count < SPANS_MAX) {
        clock_sleep_until_ns(due_ns);
        struct request_span span = {.due_ns = due_ns, .sent_ns = clock_ns(), .session = db_session(db)};
        struct db_answer answer = db_exec(db, "SELECT note FROM orders WHERE id = 7", CLOCK_NEVER_NS, NULL,
                                          NULL);
        span.done_ns = clock_ns();
        span.outcome = (uint8_t)answer.outcome;
        span.finished = 1;
        if (span.done_ns - span.due_ns >= NS_PER_MS)
            reader->spans[reader->count++] = span;
        due_ns += READ_EVERY_NS;
    }
    db_close(db);
    return NULL;
}

/* One watched rehearsal: an observer, readers, and a session that plays the migration. */
struct scene {
    struct bench *bench;
    struct arena arena;
    struct server_clock clock;
    struct observer *observer;
    struct reader readers[READERS];
    struct db *migration;
    struct attempt_span attempts[64];
    struct attempt_statement statements[64];
    int64_t truth_low_us[64], truth_high_us[64];
    size_t count;
    struct attempt_locks *locks;
    struct episode *episodes;
    size_t episode_count;
    struct observer_quality quality;
};

static void scene_start(struct scene *scene, struct bench *bench, const struct db_target *target)
{
    struct err err = {0};
    *scene = (struct scene){.bench = bench};
    struct observer_config config = {
        .target = target,
        .run_id = "test",
        .level = OBSERVE_FULL,
        .clock = &scene->clock,
        .tables = QUOTED,
        .table_names = NAMES,
        .table_count = 1,
    };
    scene->observer = observer_start(&config, &err);
    if (scene->observer == NULL)
        fail_msg("%s", err.message);
    for (int i = 0; i < READERS; i++) {
        scene->readers[i].bench = bench;
        scene->readers[i].spans = calloc(SPANS_MAX, sizeof(struct request_span));
        pthread_create(&scene->readers[i].thread, NULL, read_on, &scene->readers[i]);
    }
    scene->migration = open_as(bench, &bench->target, "rehearse/test/migration");
    observer_migration_session(scene->observer, db_session(scene->migration), true);
    clock_sleep_ns(100 * NS_PER_MS);
}

struct stamps {
    int64_t us[4];
    size_t count;
};

static void read_stamp(void *context, int result, int columns, const char *const *values)
{
    struct stamps *stamps = context;
    (void)result;
    if (columns == 1 && values[0] != NULL && strlen(values[0]) > 12 && stamps->count < 4)
        stamps->us[stamps->count++] = strtoll(values[0], NULL, 10);
}

#define STAMP "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;"

/* Takes the lock as the migrator does, keeps it for hold_ns, gives it back. The truth is known to lie between two times: the
 * lock was there from the stamp after it to the stamp before COMMIT, and not before the request nor after the reply. */
static void scene_lock(struct scene *scene, int64_t hold_ns)
{
    struct attempt_span span = {.session = db_session(scene->migration), .attempt = 1};
    struct stamps stamps = {0};
    observer_arm(scene->observer, true);
    clock_sleep_ns(SETTLE_NS);
    span.sent_ns = clock_ns();
    struct db_answer answer = db_exec(scene->migration,
                                      "BEGIN;" STAMP "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE;" STAMP,
                                      CLOCK_NEVER_NS, read_stamp, &stamps);
    span.outcome = answer.outcome;
    if (answer.outcome == OUTCOME_OK) {
        clock_sleep_ns(hold_ns);
        db_exec(scene->migration, STAMP "COMMIT", CLOCK_NEVER_NS, read_stamp, &stamps);
    }
    span.done_ns = clock_ns();
    if (answer.outcome != OUTCOME_OK)
        db_exec(scene->migration, "ROLLBACK", CLOCK_NEVER_NS, NULL, NULL);
    int64_t *times[] = {&span.request_ns, &span.after_ns, &span.end_ns};
    for (size_t i = 0; i < stamps.count && i < 3; i++)
        *times[i] = server_clock_to_run_ns(&scene->clock, stamps.us[i]);
    scene->truth_low_us[scene->count] = (span.end_ns - span.after_ns) / 1000;
    scene->truth_high_us[scene->count] = (span.done_ns - span.request_ns) / 1000;
    scene->statements[scene->count] = (struct attempt_statement){SQL_KIND_ALTER_TABLE_ADD_COLUMN, "orders"};
    scene->attempts[scene->count++] = span;
    clock_sleep_ns(SETTLE_NS);
    observer_arm(scene->observer, false);
}

/* Sends a statement that commits by itself, as the migrator does. */
static void scene_statement(struct scene *scene, enum sql_kind kind, const char *sql)
{
    struct attempt_span span = {.session = db_session(scene->migration), .attempt = 1};
    struct stamps stamps = {0};
    observer_arm(scene->observer, true);
    span.sent_ns = clock_ns();
    db_exec(scene->migration, STAMP, CLOCK_NEVER_NS, read_stamp, &stamps);
    span.request_ns = server_clock_to_run_ns(&scene->clock, stamps.us[0]);
    span.outcome = db_exec(scene->migration, sql, CLOCK_NEVER_NS, NULL, NULL).outcome;
    span.done_ns = clock_ns();
    observer_arm(scene->observer, false);
    scene->statements[scene->count] = (struct attempt_statement){kind, "orders"};
    scene->attempts[scene->count++] = span;
}

static void scene_end(struct scene *scene)
{
    struct request_span *all = calloc(READERS * SPANS_MAX, sizeof *all);
    size_t count = 0;
    for (int i = 0; i < READERS; i++) {
        scene->readers[i].stop = true;
        pthread_join(scene->readers[i].thread, NULL);
        memcpy(all + count, scene->readers[i].spans, scene->readers[i].count * sizeof *all);
        count += scene->readers[i].count;
        free(scene->readers[i].spans);
    }
    db_close(scene->migration);
    observer_stop(scene->observer);
    scene->quality = observer_quality(scene->observer);
    scene->locks = observer_attempt_locks(scene->observer, &scene->arena, scene->attempts, scene->statements,
                                          scene->count);
    int64_t phase_start_ns = 0;
    struct episode_input input = {
        .attempts = scene->attempts,
        .locks = scene->locks,
        .attempt_count = scene->count,
        .requests = all,
        .request_count = count,
        .script_names = SCRIPTS,
        .script_tables = SCRIPT_TABLES,
        .phase_starts_ns = &phase_start_ns,
        .phase_count = 1,
        .floor_ns = NS_PER_MS,
    };
    assert_true(
        observer_episodes(scene->observer, &scene->arena, &input, &scene->episodes, &scene->episode_count));
    free(all);
}

static void scene_free(struct scene *scene)
{
    observer_close(scene->observer);
    arena_free(&scene->arena);
}

static int by_value(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static void print_figure(const char *name, const struct lock_figure *figure)
{
    print_message("  %s %.3f ms [%.3f, %.3f] %s gap %.3f\n", name, (double)figure->value_us / 1e3,
                  (double)figure->low_us / 1e3, (double)figure->high_us / 1e3, figure->source,
                  (double)figure->gap_us / 1e3);
}

/* What the rounds of one length came to. Rounds that the observer calls degraded are left out of the errors. */
struct tally_of_rounds {
    int64_t window_us[ROUNDS], held_us[ROUNDS], doubt_us[ROUNDS];
    size_t count;
    int outside, unseen;
};

static void count_round(struct tally_of_rounds *rounds, const struct scene *scene, size_t i)
{
    const struct attempt_locks *locks = &scene->locks[i];
    int64_t low_us = scene->truth_low_us[i], high_us = scene->truth_high_us[i],
            middle_us = (low_us + high_us) / 2;
    assert_int_equal(locks->strongest, 7);
    assert_string_equal(locks->object, "public.orders");
    rounds->unseen += locks->window.value_us < low_us / 2;
    if (locks->degraded)
        return;
    bool inside = locks->window.low_us <= high_us && low_us <= locks->window.high_us;
    rounds->outside += !inside;
    if (!inside)
        print_figure("outside: window", &locks->window);
    rounds->window_us[rounds->count] = llabs(locks->window.value_us - middle_us);
    rounds->held_us[rounds->count] = llabs(locks->held.value_us - middle_us);
    rounds->doubt_us[rounds->count++] = (high_us - low_us) / 2;
}

static double median_ms(int64_t *values_us, size_t count)
{
    qsort(values_us, count, sizeof *values_us, by_value);
    return count > 0 ? (double)values_us[count / 2] / 1e3 : 0;
}

static void locks_of_one_length(struct bench *bench, int64_t length_ms)
{
    struct scene scene;
    struct tally_of_rounds rounds = {0};
    scene_start(&scene, bench, &bench->target);
    for (int i = 0; i < ROUNDS; i++)
        scene_lock(&scene, length_ms * NS_PER_MS);
    scene_end(&scene);
    for (size_t i = 0; i < ROUNDS; i++)
        count_round(&rounds, &scene, i);
    double limit_ms = (double)length_ms / 20 > 2 ? (double)length_ms / 20 : 2;
    double window_ms = median_ms(rounds.window_us, rounds.count),
           held_ms = median_ms(rounds.held_us, rounds.count);
    double doubt_ms = median_ms(rounds.doubt_us, rounds.count);
    print_message(
        "%3lld ms: of %zu rounds median error of window %.3f ms, of held %.3f ms, truth known to ±%.3f "
        "ms; probe gap %.3f ms, watcher gap %.3f ms; episodes %zu\n",
        (long long)length_ms, rounds.count, window_ms, held_ms, doubt_ms,
        (double)scene.quality.probe_gap_max_us / 1e3, (double)scene.quality.watcher_gap_max_us / 1e3,
        scene.episode_count);
    assert_true(scene.quality.notices);
    assert_int_equal(rounds.unseen, 0);
    assert_int_equal(rounds.outside, 0);
    assert_true(window_ms <= limit_ms + doubt_ms);
    assert_true(held_ms <= limit_ms + doubt_ms);
    scene_free(&scene);
}

/* Right: every injected lock is found, with its mode and table; where the observer does not call itself degraded, the median
 * error of window and hold is within 2 ms or 5 % of the truth, and the truth lies inside the bounds. */
static void injected_locks_are_found(void **state)
{
    static const int64_t LENGTHS_MS[] = {2, 5, 20, 100};
    for (size_t i = 0; i < sizeof LENGTHS_MS / sizeof *LENGTHS_MS; i++)
        locks_of_one_length(*state, LENGTHS_MS[i]);
}

/* A session that reads and stays in its transaction for hold_ms. */
struct intruder {
    struct bench *bench;
    pthread_t thread;
    _Atomic bool holding;
    int64_t hold_ns, released_ns;
    int session;
};

static void *intrude(void *context)
{
    struct intruder *intruder = context;
    struct db *db = open_as(intruder->bench, &intruder->bench->target, "nightly report");
    intruder->session = db_session(db);
    say(db, "BEGIN; SELECT count(*) FROM orders WHERE note = 'secret'");
    intruder->holding = true;
    clock_sleep_ns(intruder->hold_ns);
    say(db, "COMMIT");
    intruder->released_ns = clock_ns();
    db_close(db);
    return NULL;
}

static void behind_a_reader(struct scene *scene, struct intruder *intruder, int64_t hold_ns)
{
    *intruder = (struct intruder){.bench = scene->bench, .hold_ns = hold_ns};
    pthread_create(&intruder->thread, NULL, intrude, intruder);
    while (!intruder->holding)
        clock_sleep_ns(NS_PER_MS);
    scene_lock(scene, 5 * NS_PER_MS);
    pthread_join(intruder->thread, NULL);
}

/* Right: queued is what the reader made it wait, window is queued and held, the reader is the root, the migration waits for
 * it and blocks the application. */
static void a_reader_makes_the_migration_block_everyone(void **state)
{
    struct scene scene;
    struct intruder intruder;
    scene_start(&scene, *state, &((struct bench *)*state)->target);
    behind_a_reader(&scene, &intruder, 230 * NS_PER_MS);
    scene_end(&scene);
    const struct attempt_locks *locks = &scene.locks[0];
    int64_t queued_us = (scene.attempts[0].after_ns - scene.attempts[0].request_ns) / 1000;
    print_message("queued truth %.3f ms\n", (double)queued_us / 1e3);
    print_figure("queued", &locks->queued);
    print_figure("held", &locks->held);
    print_figure("window", &locks->window);
    int64_t slack_us = 5000 + locks->queued.gap_us;
    assert_true(llabs(locks->queued.value_us - queued_us) <= slack_us);
    assert_true(llabs(locks->window.value_us - locks->queued.value_us - locks->held.value_us) <= slack_us);
    assert_true(queued_us > 20000 && locks->window.value_us > queued_us);
    assert_int_equal(scene.episode_count, 1);
    const struct episode *episode = &scene.episodes[0];
    assert_int_equal(episode->attempt, 0);
    assert_int_equal(episode->blocker_count, 2);
    assert_int_equal(episode->blockers[0].session, intruder.session);
    assert_int_equal(episode->blockers[0].depth, 0);
    assert_string_equal(episode->blockers[0].application_name, "nightly report");
    assert_null(strstr(episode->blockers[0].query, "secret"));
    assert_true(episode->blockers[1].is_migration);
    assert_int_equal(episode->blockers[1].depth, 1);
    assert_int_equal(episode->victim_sessions, READERS);
    assert_true(episode->victim_longest_us > queued_us / 2);
    print_message("  victims %lld, root '%s' \"%s\" age %.1f ms\n", (long long)episode->victim_count,
                  episode->blockers[0].state, episode->blockers[0].query,
                  (double)episode->blockers[0].xact_age_us / 1e3);
    scene_free(&scene);
}

/* Right: a request that gives up after 100 ms held nothing and blocked everyone for 100 ms. */
static void giving_up_blocks_as_long_as_it_waited(void **state)
{
    struct scene scene;
    struct intruder intruder;
    scene_start(&scene, *state, &((struct bench *)*state)->target);
    say(scene.migration, "SET lock_timeout = '100ms'");
    behind_a_reader(&scene, &intruder, 300 * NS_PER_MS);
    scene_end(&scene);
    const struct attempt_locks *locks = &scene.locks[0];
    assert_int_equal(scene.attempts[0].outcome, OUTCOME_LOCK_TIMEOUT);
    print_figure("held", &locks->held);
    print_figure("window", &locks->window);
    assert_int_equal(locks->held.value_us, 0);
    assert_int_equal(locks->grant_ns, 0);
    assert_int_equal(locks->queued.value_us, locks->window.value_us);
    assert_true(llabs(locks->window.value_us - 100000) <=
                5000 + (locks->degraded ? locks->window.gap_us : 0));
    assert_int_equal(scene.episode_count, 1);
    assert_int_equal(scene.episodes[0].outcome, OUTCOME_LOCK_TIMEOUT);
    assert_int_equal(scene.episodes[0].blockers[0].session, intruder.session);
    scene_free(&scene);
}

/* Right: blocking by a stranger without any migration is an episode of its own, with the stranger as its root. */
static void a_stranger_alone_is_an_episode(void **state)
{
    struct scene scene;
    scene_start(&scene, *state, &((struct bench *)*state)->target);
    struct db *stranger = open_as(scene.bench, &scene.bench->target, "psql");
    say(stranger, "BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
    clock_sleep_ns(400 * NS_PER_MS);
    say(stranger, "COMMIT");
    int session = db_session(stranger);
    clock_sleep_ns(120 * NS_PER_MS);
    scene_end(&scene);
    db_close(stranger);
    assert_int_equal(scene.episode_count, 1);
    const struct episode *episode = &scene.episodes[0];
    assert_int_equal(episode->attempt, -1);
    assert_int_equal(episode->blockers[0].session, session);
    assert_string_equal(episode->object, "public.orders");
    assert_int_equal(episode->victim_sessions, READERS);
    assert_true(llabs((episode->end_ns - episode->start_ns) / NS_PER_MS - 400) < 120);
    scene_free(&scene);
}

/* Right: a role that may only read finishes, and the observer says what that costs. */
static void a_role_without_rights_is_degraded(void **state)
{
    struct bench *bench = *state;
    struct scene scene;
    struct err err = {0};
    struct db_target plain;
    const char *dsn = arena_printf(&bench->arena, "%s user=plain", sandbox_dsn(bench->sandbox));
    assert_true(db_target_parse(&bench->arena, dsn, &plain, &err));
    scene_start(&scene, bench, &plain);
    scene_lock(&scene, 50 * NS_PER_MS);
    scene_end(&scene);
    assert_false(scene.quality.notices);
    assert_non_null(scene.quality.degraded);
    print_message("%s\n", scene.quality.degraded);
    print_figure("window", &scene.locks[0].window);
    assert_true(scene.locks[0].window.value_us > 40000);
    scene_free(&scene);
}

static void *burn(void *context)
{
    _Atomic bool *stop = context;
    while (!*stop)
        ;
    return NULL;
}

/* Right: on a host without a free CPU, what ADD CONSTRAINT NOT VALID held is not laid to VALIDATE, which lets reads and
 * writes through and comes at once after it on the same session. */
static void validating_shuts_nobody_out(void **state)
{
    enum { HOGS = 6, PAIRS = 3 };
    struct scene scene;
    pthread_t hogs[HOGS];
    _Atomic bool stop = false;
    scene_start(&scene, *state, &((struct bench *)*state)->target);
    say(scene.migration, "INSERT INTO orders SELECT i, 'x' FROM generate_series(2000, 1000000) i");
    for (int i = 0; i < HOGS; i++)
        pthread_create(&hogs[i], NULL, burn, &stop);
    for (int i = 0; i < PAIRS; i++) {
        scene_statement(&scene, SQL_KIND_ALTER_TABLE_OTHER,
                        "ALTER TABLE orders ADD CONSTRAINT noted CHECK (note <> 'y') NOT VALID");
        scene_statement(&scene, SQL_KIND_ALTER_TABLE_VALIDATE,
                        "ALTER TABLE orders VALIDATE CONSTRAINT noted");
        say(scene.migration, "ALTER TABLE orders DROP CONSTRAINT noted");
    }
    say(scene.migration, "DELETE FROM orders WHERE id > 1000");
    stop = true;
    for (int i = 0; i < HOGS; i++)
        pthread_join(hogs[i], NULL);
    scene_end(&scene);
    for (size_t i = 1; i < scene.count; i += 2) {
        const struct attempt_locks *locks = &scene.locks[i];
        print_figure("VALIDATE held", &locks->held);
        assert_int_equal(scene.attempts[i].outcome, OUTCOME_OK);
        assert_int_equal(locks->strongest, 3);
        assert_int_equal(locks->window.high_us, 0);
        if (scene.locks[i - 1].strongest !=
            7) /* gone before anybody looked, and such a kind may take anything */
            assert_int_equal(scene.locks[i - 1].strongest, -1);
    }
    for (size_t i = 0; i < scene.episode_count; i++)
        assert_int_not_equal(scene.episodes[i].attempt % 2, 1); /* DROP CONSTRAINT is nobody's attempt: −1 */

    scene_free(&scene);
}

/* Right: an index built concurrently waits for those who may still write without it, and shuts nobody out meanwhile. */
static void an_index_built_concurrently_waits_for_a_writer(void **state)
{
    struct scene scene;
    scene_start(&scene, *state, &((struct bench *)*state)->target);
    struct db *writer = open_as(scene.bench, &scene.bench->target, "slow writer");
    say(writer,
        "BEGIN; UPDATE orders SET note = 'z' WHERE id = 1; SET idle_in_transaction_session_timeout = 300");
    scene_statement(&scene, SQL_KIND_CREATE_INDEX_CONCURRENTLY,
                    "CREATE INDEX CONCURRENTLY orders_note ON orders (note)");
    db_close(writer);
    scene_statement(&scene, SQL_KIND_DROP_INDEX_CONCURRENTLY, "DROP INDEX CONCURRENTLY orders_note");
    scene_end(&scene);
    const struct attempt_locks *locks = &scene.locks[0];
    print_figure("queued", &locks->queued);
    print_figure("held", &locks->held);
    assert_int_equal(scene.attempts[0].outcome, OUTCOME_OK);
    assert_int_equal(locks->strongest, 3);
    assert_true(llabs(locks->queued.value_us - 300000) <= 10000 + locks->queued.gap_us);
    assert_int_equal(locks->window.value_us, 0);
    assert_int_equal(scene.locks[1].window.value_us, 0);
    assert_int_equal(scene.episode_count, 0);
    scene_free(&scene);
}

static void count_rows(void *context, int result, int columns, const char *const *values)
{
    (void)result, (void)columns, (void)values;
    ++*(int *)context;
}

/* Waits up to 15 s for an autovacuum worker on the table to be at work. */
static bool await_autovacuum(struct db *db)
{
    int workers = 0;
    for (int i = 0; i < 150 && workers == 0; i++) {
        clock_sleep_ns(100 * NS_PER_MS);
        db_exec(db, "SELECT 1 FROM pg_stat_progress_vacuum WHERE relid = 'orders'::regclass", CLOCK_NEVER_NS,
                count_rows, &workers);
    }
    return workers > 0;
}

/* Right: a lock request behind an autovacuum waits for deadlock_timeout, then has it cancelled: the observer changes nothing
 * about this second, and sees it. */
static void an_autovacuum_gives_way_after_deadlock_timeout(void **state)
{
    struct scene scene;
    scene_start(&scene, *state, &((struct bench *)*state)->target);
    say(scene.migration, "ALTER SYSTEM SET autovacuum_naptime = 1");
    say(scene.migration, "ALTER SYSTEM SET autovacuum = on");
    say(scene.migration, "SELECT pg_reload_conf()");
    say(scene.migration,
        "ALTER TABLE orders SET (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1,"
        " autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0)");
    say(scene.migration, "INSERT INTO orders SELECT i, 'x' FROM generate_series(2000, 40000) i;"
                         "DELETE FROM orders WHERE id > 1000");
    bool working = await_autovacuum(scene.migration);
    if (working)
        scene_lock(&scene, 5 * NS_PER_MS);
    say(scene.migration,
        "ALTER TABLE orders RESET (autovacuum_vacuum_cost_delay, autovacuum_vacuum_cost_limit,"
        " autovacuum_vacuum_threshold, autovacuum_vacuum_scale_factor)");
    say(scene.migration, "ALTER SYSTEM RESET ALL");
    say(scene.migration, "SELECT pg_reload_conf()");
    scene_end(&scene);
    assert_true(working);
    print_figure("queued", &scene.locks[0].queued);
    print_figure("window", &scene.locks[0].window);
    assert_true(llabs(scene.locks[0].queued.value_us - 1000000) <= 20000 + scene.locks[0].queued.gap_us);
    assert_int_equal(scene.episode_count, 1);
    const struct episode_blocker *root = &scene.episodes[0].blockers[0];
    print_message("  root '%s' '%s' \"%s\"\n", root->application_name, root->state, root->query);
    assert_false(root->is_migration);
    assert_int_equal(scene.episodes[0].blocker_count, 2);
    scene_free(&scene);
}

static int ended(struct db *db, const char *sql)
{
    struct db_answer answer = db_exec(db, sql, CLOCK_NEVER_NS, NULL, NULL);
    assert_int_equal(answer.outcome, OUTCOME_OK);
    return (int)answer.rows;
}

/* Right: observers whose sessions were ended come back, see the next lock, and say that they were away. */
static void observers_come_back(void **state)
{
    struct scene scene;
    scene_start(&scene, *state, &((struct bench *)*state)->target);
    assert_true(ended(scene.migration, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                                       "application_name IN ('rehearse/test/watch', 'rehearse/test/probe', "
                                       "'rehearse/test/bytes', 'rehearse/test/tables')") >= 5);
    clock_sleep_ns(600 * NS_PER_MS);
    observer_mark(scene.observer, 0, false);
    scene_lock(&scene, 100 * NS_PER_MS);
    observer_mark(scene.observer, 0, true);
    scene_end(&scene);
    print_figure("window", &scene.locks[0].window);
    assert_true(scene.quality.lost_connection);
    assert_non_null(scene.quality.degraded);
    assert_true(scene.locks[0].locks[0].seen);
    assert_int_equal(scene.locks[0].strongest, 7);
    assert_int_equal(scene.locks[0].rewrite, 0);
    assert_true(scene.locks[0].window.value_us > 50000);
    assert_int_equal(scene.episode_count, 1);
    scene_free(&scene);
}

/* Right: a table that was written anew is told from one that was not, and what was written shows in the bytes. */
static void a_rewrite_is_told(void **state)
{
    struct scene scene;
    struct table_size *sizes;
    struct err err = {0};
    size_t count, points;
    scene_start(&scene, *state, &((struct bench *)*state)->target);
    observer_mark(scene.observer, 0, false);
    scene_lock(&scene, 2 * NS_PER_MS);
    observer_mark(scene.observer, 0, true);
    observer_mark(scene.observer, 1, false);
    scene_lock(&scene, 2 * NS_PER_MS);
    say(scene.migration, "ALTER TABLE orders ALTER COLUMN id TYPE bigint");
    observer_mark(scene.observer, 1, true);
    clock_sleep_ns(1100 * NS_PER_MS);
    assert_true(observer_sizes(scene.observer, &scene.arena, &sizes, &count, &err));
    assert_int_equal(count, 1);
    assert_string_equal(sizes[0].name, "public.orders");
    assert_true(sizes[0].table_bytes > 0 && sizes[0].index_bytes > 0);
    scene_end(&scene);
    assert_int_equal(scene.locks[0].rewrite, 0);
    assert_int_equal(scene.locks[1].rewrite, 1);
    const struct bytes_point *bytes = observer_bytes(scene.observer, &points);
    assert_true(points >= 2);
    assert_true(bytes[0].database_bytes > 0);
    assert_true(bytes[points - 1].log_bytes > bytes[0].log_bytes);
    scene_free(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(injected_locks_are_found),
        cmocka_unit_test(a_reader_makes_the_migration_block_everyone),
        cmocka_unit_test(giving_up_blocks_as_long_as_it_waited),
        cmocka_unit_test(a_stranger_alone_is_an_episode),
        cmocka_unit_test(validating_shuts_nobody_out),
        cmocka_unit_test(an_index_built_concurrently_waits_for_a_writer),
        cmocka_unit_test(an_autovacuum_gives_way_after_deadlock_timeout),
        cmocka_unit_test(observers_come_back),
        cmocka_unit_test(a_rewrite_is_told),
        cmocka_unit_test(a_role_without_rights_is_degraded),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
