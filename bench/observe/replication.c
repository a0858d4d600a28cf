#include "bench/observe/replication.h"

#include "bench/base/log.h"
#include "bench/observe/wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLLOW_NS (10 * NS_PER_S) /* how long a replica may take to show the first beat */
#define LOOK_NS   (20 * NS_PER_MS)

struct replica {
    struct replication *replication;
    const struct db_target *target;
    struct wire wire;
    pthread_t thread;
    bool opened, started;
    struct lag_sight *sights; /* under the lock while threads run */
    size_t sight_count, sight_capacity;
    struct lag_point *points; /* after the stop */
    size_t point_count;
};

struct replication {
    struct replication_config config;
    struct arena arena;
    const char *identity; /* of the primary */
    struct pace pace;
    struct roster roster;
    pthread_mutex_t lock; /* beats, and the sights of all replicas */
    struct wire wire;     /* of the heartbeat */
    pthread_t thread;
    bool created, opened, started, stopped;
    int64_t first_beat; /* the number of beats[0]: those of earlier runs are smaller */
    int64_t from_ns;    /* the points begin */
    struct lag_beat *beats;
    size_t beat_count, beat_capacity;
    struct replica *replicas;
};

static void read_number(void *context, int result, int columns, const char *const *values)
{
    (void)result;
    if (columns >= 1 && values[0] != NULL)
        *(int64_t *)context = strtoll(values[0], NULL, 10);
}

/* The primary. */

static int64_t ask_log_bytes(struct replication *replication)
{
    int64_t log_bytes = -1;
    struct db_answer answer = wire_ask(&replication->wire, DIALECT_LOG_BYTES, NULL, LAG_SILENCE_NS,
                                       read_number, &log_bytes);
    return answer.outcome == OUTCOME_OK ? log_bytes : -1;
}

static void keep_beat(struct replication *replication, struct lag_beat beat)
{
    pthread_mutex_lock(&replication->lock);
    if (replication->beat_count == replication->beat_capacity) {
        replication->beat_capacity = replication->beat_capacity > 0 ? 2 * replication->beat_capacity : 1024;
        replication->beats = mem_realloc(replication->beats,
                                         replication->beat_capacity * sizeof *replication->beats);
    }
    replication->beats[replication->beat_count++] = beat;
    pthread_mutex_unlock(&replication->lock);
}

static void beat_once(struct replication *replication)
{
    char number[24];
    snprintf(number, sizeof number, "%" PRId64, replication->first_beat + (int64_t)replication->beat_count);
    struct db_answer answer = wire_ask(&replication->wire, DIALECT_HEARTBEAT_BEAT, number,
                                       10 * LAG_SILENCE_NS, NULL, NULL);
    struct lag_beat beat = {.at_ns = clock_ns(), .log_bytes = -1};
    if (answer.outcome == OUTCOME_OK) {
        beat.log_bytes = ask_log_bytes(replication);
        keep_beat(replication, beat);
    } else if (outcome_ends_session(answer.outcome)) {
        wire_reopen(&replication->wire);
    }
}

static bool wait_next(struct replication *replication, int64_t *due_ns)
{
    int64_t now_ns = clock_ns();
    *due_ns = *due_ns + LAG_BEAT_NS > now_ns ? *due_ns + LAG_BEAT_NS : now_ns;
    while (!replication->pace.stopped && clock_ns() < *due_ns)
        pace_wait(&replication->pace, *due_ns);
    return !replication->pace.stopped;
}

static void *beat(void *context)
{
    struct replication *replication = context;
    int64_t due_ns = clock_ns();
    do {
        if (replication->wire.db != NULL)
            beat_once(replication);
    } while (wait_next(replication, &due_ns));
    return NULL;
}

/* A session for one message that is not the heartbeat's own. */
static bool command(const struct replication *replication, enum dialect_query query, struct err *err)
{
    struct arena arena = {0};
    struct db_options options = {.application_name = "rehearse/heartbeat",
                                 .expected_identity = replication->config.expected_identity};
    struct db *db = db_open(replication->config.primary, &options, err);
    bool done = false;
    if (db != NULL) {
        const char *sql = dialect_sql(&arena, db, query, NULL);
        done = sql != NULL ? db_command(db, sql, err)
                           : err_set(err, ERR_ENVIRONMENT, "replicas of %s cannot be watched",
                                     db_dialect(db)->engine);
    }
    db_close(db);
    arena_free(&arena);
    return done || err_wrap(err, "heartbeat for the replicas");
}

/* The replicas. */

static void keep_sight(struct replica *replica, struct lag_sight sight)
{
    pthread_mutex_lock(&replica->replication->lock);
    if (replica->sight_count == replica->sight_capacity) {
        replica->sight_capacity = replica->sight_capacity > 0 ? 2 * replica->sight_capacity : 1024;
        replica->sights = mem_realloc(replica->sights, replica->sight_capacity * sizeof *replica->sights);
    }
    replica->sights[replica->sight_count++] = sight;
    pthread_mutex_unlock(&replica->replication->lock);
}

/* A replica without the table yet, or with the row of an earlier run, shows no beat. */
static void look(struct replica *replica)
{
    int64_t number = -1, asked_ns = clock_ns();
    struct db_answer answer = wire_ask(&replica->wire, DIALECT_HEARTBEAT_READ, NULL, LAG_SILENCE_NS,
                                       read_number, &number);
    if (outcome_ends_session(answer.outcome)) {
        wire_reopen(&replica->wire);
        return;
    }
    if (answer.outcome != OUTCOME_OK && answer.outcome != OUTCOME_NO_SUCH_OBJECT)
        return;
    int64_t beat = number - replica->replication->first_beat;
    bool shows = answer.outcome == OUTCOME_OK && beat >= 0;
    keep_sight(replica, (struct lag_sight){asked_ns, clock_ns(), shows ? beat : -1});
}

static void *watch(void *context)
{
    struct replica *replica = context;
    int64_t due_ns = clock_ns();
    do {
        if (replica->wire.db != NULL)
            look(replica);
    } while (wait_next(replica->replication, &due_ns));
    return NULL;
}

static struct lag_point lag_now(const struct replica *replica, int64_t now_ns)
{
    const struct replication *replication = replica->replication;
    struct lag_point unknown = {now_ns, -1, -1};
    if (replica->sight_count == 0)
        return unknown;
    return lag_at(replication->beats, replication->beat_count, &replica->sights[replica->sight_count - 1],
                  now_ns);
}

int64_t replication_lag_ns(struct replication *replication)
{
    int64_t now_ns = clock_ns();
    struct lag_point worst = {now_ns, 0, 0};
    pthread_mutex_lock(&replication->lock);
    for (size_t i = 0; i < replication->config.replica_count; i++)
        worst = lag_worse(worst, lag_now(&replication->replicas[i], now_ns));
    pthread_mutex_unlock(&replication->lock);
    return worst.lag_ns;
}

/* Starting. */

/* NULL: err says why. */
static const char *read_identity(struct wire *wire, struct arena *arena, struct err *err)
{
    struct db_table table;
    const char *sql = dialect_sql(arena, wire->db, DIALECT_IDENTITY, NULL);
    if (sql != NULL && !db_query(wire->db, arena, sql, &table, err))
        return NULL;
    if (sql != NULL && table.rows == 1 && db_value(&table, 0, 0) != NULL)
        return db_value(&table, 0, 0);
    err_set(err, ERR_ENVIRONMENT, "the server does not tell its identity");
    return NULL;
}

/* The primary is as near to itself as can be: named by mistake, it would keep every limit. */
static bool check_other(struct replication *replication, struct replica *replica, struct err *err)
{
    const char *identity = read_identity(&replica->wire, &replication->arena, err);
    if (identity == NULL)
        return false;
    return strcmp(identity, replication->identity) != 0 ||
           err_set(err, ERR_ENVIRONMENT, "it is the primary itself");
}

static bool start_replica(struct replication *replication, struct replica *replica, struct err *err)
{
    struct wire_config wire = {.target = replica->target,
                               .run_id = replication->config.run_id,
                               .role = "replica",
                               .pace = &replication->pace,
                               .roster = &replication->roster};
    replica->opened = true;
    if (!wire_open(&replica->wire, &wire, err) || !check_other(replication, replica, err))
        return err_wrap(err, "replica %s", replica->target->label);
    if (pthread_create(&replica->thread, NULL, watch, replica) != 0)
        return err_set(err, ERR_ENVIRONMENT, "cannot start a thread for replica %s", replica->target->label);
    replica->started = true;
    return true;
}

static bool start_heartbeat(struct replication *replication, struct err *err)
{
    const struct replication_config *config = &replication->config;
    struct wire_config wire = {.target = config->primary,
                               .run_id = config->run_id,
                               .role = "heartbeat",
                               .identity = config->expected_identity,
                               .pace = &replication->pace,
                               .roster = &replication->roster};
    replication->opened = true;
    if (!wire_open(&replication->wire, &wire, err))
        return false;
    replication->identity = read_identity(&replication->wire, &replication->arena, err);
    if (replication->identity == NULL)
        return false;
    if (pthread_create(&replication->thread, NULL, beat, replication) != 0)
        return err_set(err, ERR_ENVIRONMENT, "cannot start the heartbeat's thread");
    replication->started = true;
    return true;
}

/* One that shows no beat yet; NULL when all do. */
static const struct replica *find_blind(struct replication *replication)
{
    const struct replica *blind = NULL;
    pthread_mutex_lock(&replication->lock);
    for (size_t i = 0; i < replication->config.replica_count && blind == NULL; i++) {
        const struct replica *replica = &replication->replicas[i];
        if (replica->sight_count == 0 || replica->sights[replica->sight_count - 1].beat < 0)
            blind = replica;
    }
    pthread_mutex_unlock(&replication->lock);
    return blind;
}

static bool wait_for_all(struct replication *replication, struct err *err)
{
    int64_t until_ns = clock_ns() + FOLLOW_NS;
    const struct replica *blind;
    while ((blind = find_blind(replication)) != NULL && clock_ns() < until_ns)
        clock_sleep_ns(LOOK_NS);
    if (blind == NULL)
        return true;
    err_set(err, ERR_ENVIRONMENT, "replica %s does not show what is written to %s: no heartbeat in %d s",
            blind->target->label, replication->config.primary->label, (int)(FOLLOW_NS / NS_PER_S));
    return err_hint(err, "it must follow this server, this database, and apply what it receives");
}

static bool start_all(struct replication *replication, struct err *err)
{
    replication->created = command(replication, DIALECT_HEARTBEAT_CREATE, err);
    if (!replication->created || !start_heartbeat(replication, err))
        return false;
    for (size_t i = 0; i < replication->config.replica_count; i++)
        if (!start_replica(replication, &replication->replicas[i], err))
            return false;
    if (!wait_for_all(replication, err))
        return false;
    replication->from_ns = clock_ns();
    return true;
}

struct replication *replication_start(const struct replication_config *config, struct err *err)
{
    struct replication *replication = mem_alloc(sizeof *replication);
    replication->config = *config;
    replication->first_beat = clock_wall_us();
    replication->replicas = mem_alloc(config->replica_count * sizeof *replication->replicas);
    for (size_t i = 0; i < config->replica_count; i++)
        replication->replicas[i] = (struct replica){.replication = replication,
                                                    .target = &config->replicas[i]};
    pace_init(&replication->pace);
    roster_init(&replication->roster);
    pthread_mutex_init(&replication->lock, NULL);
    if (start_all(replication, err))
        return replication;
    replication_close(replication);
    return NULL;
}

/* Stopping. */

static void join(struct wire *wire, pthread_t thread, bool started, bool opened)
{
    if (started) {
        wire_cancel(wire);
        pthread_join(thread, NULL);
    }
    if (opened)
        wire_close(wire);
}

static void make_points(struct replication *replication, struct replica *replica, int64_t end_ns)
{
    int64_t span_ns = end_ns - replication->from_ns;
    replica->points = mem_alloc((size_t)(span_ns / LAG_POINT_NS + 1) * sizeof *replica->points);
    replica->point_count = lag_points(replication->beats, replication->beat_count, replica->sights,
                                      replica->sight_count, replication->from_ns, end_ns, replica->points);
}

void replication_stop(struct replication *replication)
{
    int64_t end_ns = clock_ns();
    if (replication->stopped)
        return;
    replication->stopped = true;
    pace_stop(&replication->pace);
    for (size_t i = 0; i < replication->config.replica_count; i++) {
        struct replica *replica = &replication->replicas[i];
        join(&replica->wire, replica->thread, replica->started, replica->opened);
    }
    join(&replication->wire, replication->thread, replication->started, replication->opened);
    for (size_t i = 0; i < replication->config.replica_count && replication->from_ns != 0; i++)
        make_points(replication, &replication->replicas[i], end_ns);
    struct err err = {0};
    if (replication->created && !command(replication, DIALECT_HEARTBEAT_DROP, &err))
        log_warn("the heartbeat's table may be left behind: %s", err.message);
}

const struct lag_point *replication_points(const struct replication *replication, size_t replica,
                                           size_t *count)
{
    *count = replication->replicas[replica].point_count;
    return replication->replicas[replica].points;
}

void replication_close(struct replication *replication)
{
    if (replication == NULL)
        return;
    replication_stop(replication);
    for (size_t i = 0; i < replication->config.replica_count; i++) {
        free(replication->replicas[i].sights);
        free(replication->replicas[i].points);
    }
    free(replication->replicas);
    free(replication->beats);
    arena_free(&replication->arena);
    pthread_mutex_destroy(&replication->lock);
    roster_free(&replication->roster);
    pace_free(&replication->pace);
    free(replication);
}
