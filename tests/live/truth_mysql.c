/* Locks of known length on a throw-away MariaDB, or the server that the argument names (sandbox:mysql), held by hand or taken by ALTER TABLE, against what the observer says. */
#include "bench/observe/observer.h"
#include "bench/observe/watcher.h"
#include "bench/sandbox/sandbox.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WORKERS = 4, ROUNDS = 10, SPANS_MAX = 20000, ATTEMPTS_MAX = 64, ROWS = 1 << 17 };
enum { SHARED_NO_WRITE = 8, SHARED_NO_READ_WRITE = 9, EXCLUSIVE = 10 };

#define WORK_EVERY_NS (4 * NS_PER_MS)
#define SETTLE_NS     (30 * NS_PER_MS)
#define SATURATED_US  50000

static const char *const QUOTED[] = {"`rehearse`.`orders`"};
static const char *const NAMES[] = {"orders"};
static const char *const SCRIPTS[] = {"read", "write"};
static const uint64_t SCRIPT_TABLES[] = {1, 1};
static const bool SCRIPT_WRITES[] = {false, true};

struct bench {
    const char *dsn; /* of the sandbox */
    struct arena arena;
    struct sandbox *sandbox;
    struct db_target target;
};

struct worker {
    struct bench *bench;
    pthread_t thread;
    int number;
    _Atomic bool stop;
    struct request_span *spans;
    size_t count;
};

static struct db *open_as(struct bench *bench, const char *name)
{
    struct err err = {0};
    struct db *db = db_open(&bench->target, &(struct db_options){.application_name = name}, &err);
    if (db == NULL)
        fail_msg("%s", err.message);
    return db;
}

static void say(struct db *db, const char *sql)
{
    struct err err = {0};
    if (!db_command(db, sql, &err))
        fail_msg("%s: %s", sql, err.message);
}

static const char *sandbox_to_start = "sandbox:mariadb";

static int set_up(void **state)
{
    struct err err = {0};
    struct bench *bench = calloc(1, sizeof *bench);
    bench->dsn = sandbox_to_start;
    bench->sandbox = sandbox_start(bench->dsn, &err);
    if (bench->sandbox == NULL) {
        printf("skipped: %s\n", err.message);
        exit(77);
    }
    if (!db_target_parse(&bench->arena, sandbox_dsn(bench->sandbox), &bench->target, &err))
        fail_msg("%s", err.message);
    struct db *db = open_as(bench, "rehearse/test/setup");
    say(db, "CREATE TABLE orders (id int PRIMARY KEY, note varchar(20))");
    say(db, "INSERT INTO orders VALUES (1, 'x')");
    for (int rows = 1; rows < ROWS; rows *= 2)
        say(db, arena_printf(&bench->arena, "INSERT INTO orders SELECT id + %d, note FROM orders", rows));
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

/* Odd workers write. */
static void *work_on(void *context)
{
    struct worker *worker = context;
    struct db *db = open_as(worker->bench, "rehearse/test/app");
    bool writes = worker->number % 2 == 1;
    char sql[100];
    snprintf(sql, sizeof sql,
             writes ? "UPDATE orders SET note = 'y' WHERE id = %d" : "SELECT note FROM orders WHERE id = %d",
             worker->number + 1);
    int64_t due_ns = clock_ns();
    while (!worker->stop && worker->count < SPANS_MAX) {
        clock_sleep_until_ns(due_ns);
        struct request_span span = {.due_ns = due_ns, .sent_ns = clock_ns(), .session = db_session(db)};
        struct db_answer answer = db_exec(db, sql, CLOCK_NEVER_NS, NULL, NULL);
        span.done_ns = clock_ns();
        span.outcome = (uint8_t)answer.outcome;
        span.script = writes;
        span.finished = 1;
        if (span.done_ns - span.due_ns >= NS_PER_MS)
            worker->spans[worker->count++] = span;
        due_ns += WORK_EVERY_NS;
    }
    db_close(db);
    return NULL;
}

/* One watched rehearsal: an observer, workers, and a session that plays the migration. */
struct scene {
    struct bench *bench;
    struct arena arena;
    struct server_clock clock;
    struct observer *observer;
    struct worker workers[WORKERS];
    struct db *migration;
    struct attempt_span attempts[ATTEMPTS_MAX];
    struct attempt_statement statements[ATTEMPTS_MAX];
    int64_t truth_low_us[ATTEMPTS_MAX], truth_high_us[ATTEMPTS_MAX];
    size_t count;
    struct attempt_locks *locks;
    struct episode *episodes;
    size_t episode_count;
    struct observer_quality quality;
};

static void scene_start_as(struct scene *scene, struct bench *bench, const struct db_target *target)
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
    for (int i = 0; i < WORKERS; i++) {
        scene->workers[i] = (struct worker){.bench = bench, .number = i};
        scene->workers[i].spans = calloc(SPANS_MAX, sizeof(struct request_span));
        pthread_create(&scene->workers[i].thread, NULL, work_on, &scene->workers[i]);
    }
    scene->migration = open_as(bench, "rehearse/test/migration");
    observer_migration_session(scene->observer, db_session(scene->migration), true);
    clock_sleep_ns(100 * NS_PER_MS);
}

static void scene_start(struct scene *scene, struct bench *bench)
{
    scene_start_as(scene, bench, &bench->target);
}

static void read_stamp(void *context, int result, int columns, const char *const *values)
{
    (void)result;
    if (columns == 1 && values[0] != NULL && strlen(values[0]) > 12)
        *(int64_t *)context = strtoll(values[0], NULL, 10);
}

static int64_t stamp(struct scene *scene)
{
    int64_t server_us = 0;
    const char *sql = db_dialect(scene->migration)->text(DIALECT_NOW, db_version(scene->migration));
    db_exec(scene->migration, sql, CLOCK_NEVER_NS, read_stamp, &server_us);
    return server_clock_to_run_ns(&scene->clock, server_us);
}

static void keep(struct scene *scene, struct attempt_span span, enum sql_kind kind)
{
    assert_true(scene->count < ATTEMPTS_MAX);
    scene->statements[scene->count] = (struct attempt_statement){kind, "orders"};
    scene->attempts[scene->count++] = span;
    clock_sleep_ns(SETTLE_NS);
    observer_arm(scene->observer, false);
}

/* LOCK TABLES … WRITE for hold_ns. The truth lies between the stamps inside and those outside. */
static void scene_lock(struct scene *scene, enum sql_kind kind, int64_t hold_ns)
{
    struct attempt_span span = {.session = db_session(scene->migration), .attempt = 1};
    observer_arm(scene->observer, true);
    clock_sleep_ns(SETTLE_NS);
    span.sent_ns = span.request_ns = clock_ns();
    span.outcome = db_exec(scene->migration, "LOCK TABLES orders WRITE", CLOCK_NEVER_NS, NULL, NULL).outcome;
    span.after_ns = clock_ns();
    clock_sleep_ns(hold_ns);
    span.end_ns = clock_ns();
    say(scene->migration, "UNLOCK TABLES");
    span.done_ns = clock_ns();
    scene->truth_low_us[scene->count] = (span.end_ns - span.after_ns) / 1000;
    scene->truth_high_us[scene->count] = (span.done_ns - span.request_ns) / 1000;
    keep(scene, span, kind);
}

/* One DDL statement as the migrator sends it: it has committed, and given its locks back, before the second stamp. */
static void scene_alter(struct scene *scene, enum sql_kind kind, const char *sql)
{
    struct attempt_span span = {.session = db_session(scene->migration), .attempt = 1};
    observer_arm(scene->observer, true);
    clock_sleep_ns(SETTLE_NS);
    span.sent_ns = clock_ns();
    span.request_ns = stamp(scene);
    struct db_answer answer = db_exec(scene->migration, sql, CLOCK_NEVER_NS, NULL, NULL);
    span.outcome = answer.outcome;
    if (answer.outcome == OUTCOME_OK)
        span.after_ns = span.end_ns = stamp(scene);
    span.done_ns = clock_ns();
    if (answer.outcome != OUTCOME_OK && answer.outcome != OUTCOME_LOCK_TIMEOUT)
        fail_msg("%s: %s", sql, answer.message);
    keep(scene, span, kind);
}

static void scene_end(struct scene *scene)
{
    struct request_span *all = calloc((size_t)WORKERS * SPANS_MAX, sizeof *all);
    size_t count = 0;
    for (int i = 0; i < WORKERS; i++) {
        struct worker *worker = &scene->workers[i];
        worker->stop = true;
        pthread_join(worker->thread, NULL);
        memcpy(all + count, worker->spans, worker->count * sizeof *all);
        count += worker->count;
        free(worker->spans);
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
        .script_writes = SCRIPT_WRITES,
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

/* Where nobody looked for so long, nothing can be said of what the observer sees: ends the test, visibly. */
static void skip_when_saturated(struct scene *scene)
{
    int64_t gap_us = scene->quality.watcher_gap_max_us;
    if (gap_us <= SATURATED_US)
        return;
    print_message("skipped: this host let nobody run for %lld ms\n", (long long)gap_us / 1000);
    scene_free(scene);
    skip();
}

static int by_value(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* The value that so many hundredths of the values do not exceed, in ms. */
static double quantile_ms(int64_t *values_us, size_t count, size_t hundredths)
{
    qsort(values_us, count, sizeof *values_us, by_value);
    size_t rank = count > 0 ? (count - 1) * hundredths / 100 : 0;
    return count > 0 ? (double)values_us[rank] / 1e3 : 0;
}

static void print_figure(const char *name, const struct lock_figure *figure)
{
    print_message("  %s %.3f ms [%.3f, %.3f] %s gap %.3f\n", name, (double)figure->value_us / 1e3,
                  (double)figure->low_us / 1e3, (double)figure->high_us / 1e3, figure->source,
                  (double)figure->gap_us / 1e3);
}

static void print_attempt(const struct attempt_locks *locks)
{
    print_figure("queued", &locks->queued);
    print_figure("held  ", &locks->held);
    print_figure("window", &locks->window);
    for (size_t i = 0; i < locks->lock_count; i++)
        print_message("  %s: %s held %.3f ms, waited %.3f ms\n", locks->locks[i].object,
                      dialect_mariadb.lock_modes[locks->locks[i].mode].name,
                      (double)locks->locks[i].held_us / 1e3, (double)locks->locks[i].waited_us / 1e3);
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
    if (locks->degraded && locks->strongest < 0) { /* nobody looked in time: it says so, and knows nothing */
        rounds->unseen++;
        return;
    }
    assert_int_equal(locks->strongest, SHARED_NO_READ_WRITE);
    assert_string_equal(locks->object, "orders");
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

static void locks_of_one_length(struct bench *bench, int64_t length_ms)
{
    struct scene scene;
    struct tally_of_rounds rounds = {0};
    scene_start(&scene, bench);
    for (int i = 0; i < ROUNDS; i++)
        scene_lock(&scene, SQL_KIND_LOCK_TABLE, length_ms * NS_PER_MS);
    scene_end(&scene);
    for (size_t i = 0; i < ROUNDS; i++)
        count_round(&rounds, &scene, i);
    double limit_ms = (double)length_ms / 20 > 2 ? (double)length_ms / 20 : 2;
    double window_ms = quantile_ms(rounds.window_us, rounds.count, 50),
           held_ms = quantile_ms(rounds.held_us, rounds.count, 50),
           doubt_ms = quantile_ms(rounds.doubt_us, rounds.count, 50);
    print_message("%3lld ms: of %zu rounds error of window %.3f ms (p95 %.3f), of held %.3f ms (p95 %.3f), "
                  "truth known to ±%.3f ms; probe gap %.3f ms, watcher gap %.3f ms; episodes %zu\n",
                  (long long)length_ms, rounds.count, window_ms,
                  quantile_ms(rounds.window_us, rounds.count, 95), held_ms,
                  quantile_ms(rounds.held_us, rounds.count, 95), doubt_ms,
                  (double)scene.quality.probe_gap_max_us / 1e3,
                  (double)scene.quality.watcher_gap_max_us / 1e3, scene.episode_count);
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
    static const int64_t LENGTHS_MS[] = {5, 20, 100};
    for (size_t i = 0; i < sizeof LENGTHS_MS / sizeof *LENGTHS_MS; i++)
        locks_of_one_length(*state, LENGTHS_MS[i]);
}

/* A session that reads and stays in its transaction for hold_ms. */
struct intruder {
    struct bench *bench;
    pthread_t thread;
    _Atomic bool holding;
    int64_t hold_ns;
    int session;
};

static void *intrude(void *context)
{
    struct intruder *intruder = context;
    struct db *db = open_as(intruder->bench, "nightly report");
    intruder->session = db_session(db);
    say(db, "START TRANSACTION; SELECT count(*) FROM orders WHERE note = 'secret' AND id < 5");
    intruder->holding = true;
    clock_sleep_ns(intruder->hold_ns);
    say(db, "COMMIT");
    db_close(db);
    return NULL;
}

static void behind_a_reader(struct scene *scene, struct intruder *intruder, int64_t hold_ns, const char *sql)
{
    *intruder = (struct intruder){.bench = scene->bench, .hold_ns = hold_ns};
    pthread_create(&intruder->thread, NULL, intrude, intruder);
    while (!intruder->holding)
        clock_sleep_ns(NS_PER_MS);
    scene_alter(scene, SQL_KIND_ALTER_TABLE_ADD_COLUMN, sql);
    pthread_join(intruder->thread, NULL);
}

/* Right: even INSTANT queues behind a reader, for as long as the reader stays; the reader is the root, the migration waits
 * for it and blocks the application. */
static void a_reader_makes_the_migration_block_everyone(void **state)
{
    struct scene scene;
    struct intruder intruder;
    scene_start(&scene, *state);
    behind_a_reader(&scene, &intruder, 230 * NS_PER_MS,
                    "ALTER TABLE orders ADD COLUMN a int, ALGORITHM=INSTANT");
    say(scene.migration, "ALTER TABLE orders DROP COLUMN a");
    scene_end(&scene);
    skip_when_saturated(&scene);
    const struct attempt_locks *locks = &scene.locks[0];
    int64_t statement_us = (scene.attempts[0].after_ns - scene.attempts[0].request_ns) / 1000;
    print_message("statement %.3f ms\n", (double)statement_us / 1e3);
    print_attempt(locks);
    int64_t slack_us = 5000 + locks->queued.gap_us;
    assert_int_equal(locks->strongest, EXCLUSIVE);
    assert_true(llabs(locks->queued.value_us - 200000) <= slack_us + 5000);
    assert_true(locks->window.value_us <= statement_us + slack_us);
    assert_true(locks->held.value_us <= statement_us - locks->queued.value_us + slack_us);
    assert_true(llabs(locks->window.value_us - locks->queued.value_us - locks->held.value_us) <= slack_us);
    assert_true(scene.episode_count >= 1);
    const struct episode *episode = &scene.episodes[0];
    assert_int_equal(episode->attempt, 0);
    assert_int_equal(episode->blocker_count, 2);
    assert_int_equal(episode->blockers[0].session, intruder.session);
    assert_int_equal(episode->blockers[0].depth, 0);
    assert_string_equal(episode->blockers[0].application_name, "nightly report");
    assert_string_equal(episode->blockers[0].state, "idle in transaction");
    assert_null(strstr(episode->blockers[0].query, "secret"));
    assert_non_null(strstr(episode->blockers[0].query, "FROM orders WHERE note = ?"));
    assert_true(episode->blockers[0].xact_age_us > 20000 && episode->blockers[0].xact_age_us < 250000);
    assert_true(episode->blockers[1].is_migration);
    assert_int_equal(episode->blockers[1].depth, 1);
    assert_int_equal(episode->victim_sessions, WORKERS);
    assert_true(episode->victim_longest_us > 150000);
    print_message("  victims %lld, root '%s' \"%s\" age %.1f ms\n", (long long)episode->victim_count,
                  episode->blockers[0].state, episode->blockers[0].query,
                  (double)episode->blockers[0].xact_age_us / 1e3);
    scene_free(&scene);
}

/* Right: a request that gives up after 100 ms, below the server's whole seconds, held nothing and blocked everyone for it. */
static void giving_up_blocks_as_long_as_it_waited(void **state)
{
    struct scene scene;
    struct intruder intruder;
    scene_start(&scene, *state);
    db_set_lock_timeout(scene.migration, 100, CLOCK_NEVER_NS);
    behind_a_reader(&scene, &intruder, 300 * NS_PER_MS,
                    "ALTER TABLE orders ADD COLUMN a int, ALGORITHM=INSTANT");
    scene_end(&scene);
    skip_when_saturated(&scene);
    const struct attempt_locks *locks = &scene.locks[0];
    assert_int_equal(scene.attempts[0].outcome, OUTCOME_LOCK_TIMEOUT);
    print_attempt(locks);
    assert_int_equal(locks->held.value_us, 0);
    assert_int_equal(locks->grant_ns, 0);
    assert_int_equal(locks->queued.value_us, locks->window.value_us);
    assert_true(llabs(locks->window.value_us - 100000) <=
                25000 + (locks->degraded ? locks->window.gap_us : 0));
    assert_int_equal(scene.episodes[0].outcome, OUTCOME_LOCK_TIMEOUT);
    assert_int_equal(scene.episodes[0].blockers[0].session, intruder.session);
    scene_free(&scene);
}

/* How long a session held a mode, as the server's own list of true modes says to one who asks without pause. */
struct truth {
    struct bench *bench;
    pthread_t thread;
    _Atomic bool stop;
    int session;
    int64_t held_us[EXCLUSIVE + 1], longest_gap_us;
    bool now[EXCLUSIVE + 1];
};

static void read_truth(void *context, int result, int columns, const char *const *values)
{
    struct truth *truth = context;
    (void)result, (void)columns;
    truth->now[SHARED_NO_WRITE] |= strstr(values[0], "SHARED_NO_WRITE") != NULL;
    truth->now[EXCLUSIVE] |= strstr(values[0], "EXCLUSIVE") != NULL;
}

static const char *true_modes(const struct bench *bench)
{
    if (strcmp(bench->dsn, "sandbox:mariadb") == 0)
        return "SELECT LOCK_MODE FROM information_schema.METADATA_LOCK_INFO"
               " WHERE TABLE_NAME = 'orders' AND THREAD_ID = ";
    return "SELECT m.LOCK_TYPE FROM performance_schema.metadata_locks m JOIN performance_schema.threads t"
           " ON t.THREAD_ID = m.OWNER_THREAD_ID WHERE m.LOCK_STATUS = 'GRANTED'"
           " AND m.OBJECT_NAME = 'orders' AND t.PROCESSLIST_ID = ";
}

static void *ask_without_pause(void *context)
{
    struct truth *truth = context;
    struct db *db = open_as(truth->bench, "rehearse/test/truth");
    struct arena arena = {0};
    const char *sql = arena_printf(&arena, "%s%d", true_modes(truth->bench), truth->session);
    int64_t before_ns = clock_ns();
    while (!truth->stop) {
        memset(truth->now, 0, sizeof truth->now);
        db_exec(db, sql, CLOCK_NEVER_NS, read_truth, truth);
        int64_t now_ns = clock_ns(), gap_us = (now_ns - before_ns) / 1000;
        for (int mode = 0; mode <= EXCLUSIVE; mode++)
            truth->held_us[mode] += truth->now[mode] ? gap_us : 0;
        if ((truth->now[SHARED_NO_WRITE] || truth->now[EXCLUSIVE]) && gap_us > truth->longest_gap_us)
            truth->longest_gap_us = gap_us;
        before_ns = now_ns;
    }
    arena_free(&arena);
    db_close(db);
    return NULL;
}

static int64_t listed_us(const struct attempt_locks *locks, int mode)
{
    for (size_t i = 0; i < locks->lock_count; i++)
        if (locks->locks[i].mode == mode)
            return locks->locks[i].held_us;
    return 0;
}

static void compare(struct bench *bench, const char *sql, enum sql_kind kind, bool copies)
{
    struct scene scene;
    scene_start(&scene, bench);
    struct truth truth = {.bench = bench, .session = db_session(scene.migration)};
    pthread_create(&truth.thread, NULL, ask_without_pause, &truth);
    clock_sleep_ns(20 * NS_PER_MS);
    scene_alter(&scene, kind, sql);
    truth.stop = true;
    pthread_join(truth.thread, NULL);
    scene_end(&scene);
    skip_when_saturated(&scene);
    const struct attempt_locks *locks = &scene.locks[0];
    int64_t statement_us = (scene.attempts[0].after_ns - scene.attempts[0].request_ns) / 1000;
    print_message("%s: statement %.1f ms; true modes: SHARED NO WRITE %.3f ms, EXCLUSIVE %.3f ms, "
                  "asked every %.3f ms at most%s\n",
                  sql, (double)statement_us / 1e3, (double)truth.held_us[SHARED_NO_WRITE] / 1e3,
                  (double)truth.held_us[EXCLUSIVE] / 1e3, (double)truth.longest_gap_us / 1e3,
                  locks->degraded ? "; degraded" : "");
    print_attempt(locks);
    int64_t slack_us = 3000 + locks->window.gap_us + truth.longest_gap_us;
    int64_t exclusive_us = listed_us(locks, EXCLUSIVE);
    assert_true(exclusive_us <= truth.held_us[EXCLUSIVE] + 2 * slack_us);
    assert_true(truth.held_us[EXCLUSIVE] <= exclusive_us + 2 * slack_us);
    if (copies) {
        int64_t shut_us = truth.held_us[SHARED_NO_WRITE] + truth.held_us[EXCLUSIVE];
        assert_int_equal(locks->strongest, SHARED_NO_WRITE);
        assert_true(llabs(locks->held.value_us - shut_us) <= slack_us);
        assert_true(locks->held.value_us > statement_us / 2);
    } else
        assert_true(locks->held.value_us < statement_us / 2 + slack_us);
    scene_free(&scene);
}

/* Right: COPY shuts writers out for nearly all of its time and readers only at its end, INPLACE both only for moments. */
static void stages_of_an_alter_are_told_apart(void **state)
{
    compare(*state, "ALTER TABLE orders ADD COLUMN b int NOT NULL DEFAULT 5, ALGORITHM=COPY",
            SQL_KIND_ALTER_TABLE_ADD_COLUMN, true);
    compare(*state, "ALTER TABLE orders ADD INDEX noted (note), ALGORITHM=INPLACE, LOCK=NONE",
            SQL_KIND_CREATE_INDEX, false);
}

/* Right: without the list of true modes a hold that was made stronger is told by who waited for it, and reports say so. */
static void modes_are_read_from_who_waits(void **state)
{
    struct scene scene;
    struct bench *bench = *state;
    if (strcmp(bench->dsn, "sandbox:mariadb") != 0)
        skip(); /* MySQL's list follows since 8.4 */
    struct db *admin = open_as(bench, "rehearse/test/setup");
    say(admin, "UNINSTALL SONAME 'metadata_lock_info'");
    scene_start(&scene, *state);
    scene_alter(&scene, SQL_KIND_ALTER_TABLE_ADD_COLUMN,
                "ALTER TABLE orders ADD COLUMN c int NOT NULL DEFAULT 5, ALGORITHM=COPY");
    scene_end(&scene);
    say(admin, "INSTALL SONAME 'metadata_lock_info'");
    db_close(admin);
    skip_when_saturated(&scene);
    const struct attempt_locks *locks = &scene.locks[0];
    int64_t statement_us = (scene.attempts[0].after_ns - scene.attempts[0].request_ns) / 1000;
    print_message("statement %.3f ms; %s\n", (double)statement_us / 1e3, scene.quality.degraded);
    print_attempt(locks);
    assert_string_equal(scene.quality.degraded, dialect_mariadb.modes_untold);
    assert_int_equal(locks->strongest, SHARED_NO_WRITE);
    assert_true(locks->held.value_us > statement_us / 2 && locks->held.value_us <= statement_us + 3000);
    assert_true(scene.episode_count >= 1);
    assert_true(scene.episodes[0].blockers[0].is_migration);
    assert_true(scene.episodes[0].victim_sessions >=
                WORKERS / 2); /* readers too, for the moment at its end */
    scene_free(&scene);
}

/* Right: a role that may not read what the server lists finishes, and the observer says what that costs. */
static void a_role_without_rights_is_degraded(void **state)
{
    struct bench *bench = *state;
    struct scene scene;
    struct err err = {0};
    struct db_target plain;
    struct db *admin = open_as(bench, "rehearse/test/setup");
    say(admin, "CREATE USER plain@localhost; GRANT SELECT, UPDATE ON rehearse.* TO plain@localhost");
    db_close(admin);
    const char *dsn = sandbox_dsn(bench->sandbox), *at = strchr(dsn, '@');
    assert_non_null(at);
    assert_true(
        db_target_parse(&bench->arena, arena_printf(&bench->arena, "mysql://plain%s", at), &plain, &err));
    scene_start_as(&scene, bench, &plain);
    scene_lock(&scene, SQL_KIND_ALTER_TABLE_OTHER, 50 * NS_PER_MS); /* taken for one, by its kind */
    scene_end(&scene);
    assert_false(scene.quality.notices);
    assert_string_equal(scene.quality.degraded, dialect_mariadb.locks_denied);
    print_figure("window", &scene.locks[0].window);
    assert_true(scene.locks[0].window.value_us > 40000 && scene.locks[0].window.value_us < 120000);
    scene_free(&scene);
}

/* Right: who waits for a row is blocked by who holds it, found though row locks are asked for only every 200 ms. */
static void a_row_lock_is_an_episode(void **state)
{
    struct scene scene;
    scene_start(&scene, *state);
    struct db *stranger = open_as(scene.bench, "batch job");
    say(stranger, "START TRANSACTION; UPDATE orders SET note = 'z' WHERE id = 2");
    clock_sleep_ns(800 * NS_PER_MS);
    say(stranger, "COMMIT");
    int session = db_session(stranger);
    clock_sleep_ns(250 * NS_PER_MS);
    scene_end(&scene);
    db_close(stranger);
    skip_when_saturated(&scene);
    assert_int_equal(scene.episode_count, 1);
    const struct episode *episode = &scene.episodes[0];
    print_message("row lock: episode of %.1f ms, root '%s' '%s'\n",
                  (double)(episode->end_ns - episode->start_ns) / 1e6, episode->blockers[0].application_name,
                  episode->blockers[0].state);
    assert_int_equal(episode->attempt, -1);
    assert_int_equal(episode->blockers[0].session, session);
    assert_string_equal(episode->blockers[0].application_name, "batch job");
    assert_int_equal(episode->victim_sessions, 1);
    assert_true(llabs((episode->end_ns - episode->start_ns) / NS_PER_MS - 800) < 300);
    assert_false(watcher_rows_due(NS_PER_S, NS_PER_S + 150 * NS_PER_MS));
    scene_free(&scene);
}

/* Right: what is written shows in the bytes, and the size of the database is known. */
static void bytes_are_counted(void **state)
{
    struct scene scene;
    struct table_size *sizes;
    struct err err = {0};
    size_t count, points;
    scene_start(&scene, *state);
    say(scene.migration, "INSERT INTO orders (id) SELECT id + 500000 FROM orders WHERE id <= 1000");
    clock_sleep_ns(1100 * NS_PER_MS);
    say(scene.migration, "DELETE FROM orders WHERE id >= 500000");
    assert_true(observer_sizes(scene.observer, &scene.arena, &sizes, &count, &err));
    assert_int_equal(count, 1);
    assert_string_equal(sizes[0].name, "orders");
    assert_true(sizes[0].table_bytes > 0);
    scene_end(&scene);
    const struct bytes_point *bytes = observer_bytes(scene.observer, &points);
    assert_true(points >= 2);
    assert_true(bytes[0].database_bytes > 1000000);
    assert_true(bytes[points - 1].log_bytes > bytes[0].log_bytes);
    scene_free(&scene);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(injected_locks_are_found),
        cmocka_unit_test(a_reader_makes_the_migration_block_everyone),
        cmocka_unit_test(giving_up_blocks_as_long_as_it_waited),
        cmocka_unit_test(stages_of_an_alter_are_told_apart),
        cmocka_unit_test(modes_are_read_from_who_waits),
        cmocka_unit_test(a_row_lock_is_an_episode),
        cmocka_unit_test(a_role_without_rights_is_degraded),
        cmocka_unit_test(bytes_are_counted),
    };
    if (argc > 1)
        sandbox_to_start = argv[1];
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
