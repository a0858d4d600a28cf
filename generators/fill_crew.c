#include "bench/db/dialect.h"
#include "generators/fill_parts.h"

#include <string.h>
#include <unistd.h>

struct hand {
    struct fill_crew *crew;
    struct db *session;
    fill_job_fn *job;
    const void *context;
};

struct db *fill_open(const struct fill *fill, struct err *err)
{
    const struct fill_config *config = fill->config;
    struct db_options options = {
        .application_name = arena_printf(fill->arena, "rehearse/%s/fill",
                                         config->run_id ? config->run_id : "0"),
        .expected_identity = config->expected_identity,
    };
    struct db *session = db_open(config->target, &options, err);
    if (session == NULL)
        return NULL;
    const char *setup[] = {dialect_sql(fill->arena, session, DIALECT_SETUP_SESSION, NULL),
                           dialect_sql(fill->arena, session, DIALECT_BULK_SETUP, NULL)};
    for (int i = 0; i < 2; i++)
        if (setup[i] != NULL && !db_command(session, setup[i], err)) {
            db_close(session);
            return NULL;
        }
    return session;
}

struct db *fill_open_loader(const struct fill *fill, struct err *err)
{
    struct db *session = fill_open(fill, err);
    char *sql = session == NULL ? NULL : dialect_sql(fill->arena, session, DIALECT_BULK_LOAD, NULL);
    if (sql == NULL || db_command(session, sql, err))
        return session;
    db_close(session);
    return NULL;
}

int fill_thread_count(const struct fill_config *config)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int wanted = config->threads > 0 ? config->threads : cores > 0 ? (int)cores : 1;
    return wanted < FILL_MAX_THREADS ? wanted : FILL_MAX_THREADS;
}

bool fill_crew_open(struct fill_crew *crew, const struct fill *fill)
{
    int wanted = fill_thread_count(fill->config);
    *crew = (struct fill_crew){.fill = fill, .rows = fill->rows_resumed};
    pthread_mutex_init(&crew->lock, NULL);
    for (; crew->count < wanted; crew->count++)
        if ((crew->sessions[crew->count] = fill_open_loader(fill, fill->err)) == NULL)
            return false;
    return true;
}

static void *work(void *argument)
{
    struct hand *hand = argument;
    struct fill_crew *crew = hand->crew;
    struct err err = {0};
    if (!hand->job(crew, hand->session, hand->context, &err)) {
        pthread_mutex_lock(&crew->lock);
        if (!crew->failed)
            crew->err = err;
        crew->failed = true;
        pthread_mutex_unlock(&crew->lock);
        atomic_store(&crew->stop, true);
    }
    atomic_fetch_sub(&crew->running, 1);
    return NULL;
}

static void tell(const struct fill_config *config, const struct fill_target *target,
                 struct fill_progress progress)
{
    double elapsed_s = (double)(clock_ns() - atomic_load(&target->started_ns)) / (double)NS_PER_S;
    progress.table = target->table->name;
    progress.table_rows_done = atomic_load(&target->rows_done);
    progress.table_rows_total = target->table->rows;
    if (elapsed_s > 0) {
        progress.rows_per_s = (double)(progress.table_rows_done - target->rows_found) / elapsed_s;
        progress.bytes_per_s = (double)atomic_load(&target->bytes_done) / elapsed_s;
    }
    if (progress.rows_per_s > 0)
        progress.eta_s = (double)(progress.table_rows_total - progress.table_rows_done) / progress.rows_per_s;
    config->progress(config->context, &progress);
}

/* Every table that is loaded tells of itself until it is whole; the last time as "loaded". */
static void tick(struct fill_crew *crew, const char *stage)
{
    const struct fill *fill = crew->fill;
    struct fill_progress progress = {
        .stage = stage,
        .rows_done = atomic_load(&crew->rows),
        .rows_total = fill->rows_total,
        .bytes_done = atomic_load(&crew->bytes),
        .pieces_done = atomic_load(&crew->pieces),
        .pieces_total = fill->piece_count,
    };
    bool told = false;
    if (fill->config->progress == NULL)
        return;
    for (size_t i = 0; i < fill->target_count && strcmp(stage, "load") == 0; i++) {
        struct fill_target *target = &fill->targets[i];
        if (atomic_load(&target->started_ns) == 0 || target->told)
            continue;
        target->told = atomic_load(&target->rows_done) == target->table->rows;
        progress.stage = target->told ? "loaded" : stage;
        tell(fill->config, target, progress);
        told = told || !target->told;
    }
    progress.stage = stage;
    if (!told)
        fill->config->progress(fill->config->context, &progress);
}

/* An index that is being built hears a cancel request; a load asks crew->stop itself. */
static void stop_all(struct fill_crew *crew)
{
    atomic_store(&crew->stop, true);
    for (int i = 0; i < crew->count; i++)
        db_cancel(crew->sessions[i]);
}

static void watch(struct fill_crew *crew, const char *stage)
{
    const struct fill_config *config = crew->fill->config;
    int64_t due_ns = clock_ns();
    bool stopped = false;
    while (atomic_load(&crew->running) > 0) {
        clock_sleep_ns(5 * NS_PER_MS);
        if (!stopped && (atomic_load(&crew->stop) ||
                         (config->interrupted != NULL && config->interrupted(config->context)))) {
            stop_all(crew);
            stopped = true;
        }
        if (clock_ns() < due_ns)
            continue;
        tick(crew, stage);
        due_ns += NS_PER_S / 4;
    }
    tick(crew, stage);
}

bool fill_crew_run(struct fill_crew *crew, const char *stage, fill_job_fn *job, const void *context)
{
    pthread_t threads[FILL_MAX_THREADS];
    struct hand hands[FILL_MAX_THREADS];
    int started = 0;
    atomic_store(&crew->next, 0);
    atomic_store(&crew->running, crew->count);
    for (; started < crew->count; started++) {
        hands[started] = (struct hand){crew, crew->sessions[started], job, context};
        if (pthread_create(&threads[started], NULL, work, &hands[started]) != 0)
            break;
    }
    atomic_fetch_sub(&crew->running, crew->count - started);
    watch(crew, stage);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    const struct fill_config *config = crew->fill->config;
    if (config->interrupted != NULL && config->interrupted(config->context))
        return err_set(crew->fill->err, ERR_INTERRUPTED, "fill was interrupted");
    if (started == 0)
        return err_set(crew->fill->err, ERR_ENVIRONMENT, "no thread could be started");
    if (crew->failed)
        *crew->fill->err = crew->err;
    return !crew->failed;
}

void fill_crew_close(struct fill_crew *crew)
{
    for (int i = 0; i < crew->count; i++)
        db_close(crew->sessions[i]);
    pthread_mutex_destroy(&crew->lock);
}
