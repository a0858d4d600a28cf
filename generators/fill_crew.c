#include "bench/db/dialect.h"
#include "generators/fill_parts.h"

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

bool fill_crew_open(struct fill_crew *crew, const struct fill *fill)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int wanted = fill->config->threads > 0 ? fill->config->threads : cores > 0 ? (int)cores : 1;
    *crew = (struct fill_crew){.fill = fill};
    pthread_mutex_init(&crew->lock, NULL);
    for (; crew->count < wanted && crew->count < FILL_MAX_THREADS; crew->count++)
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

static void tick(const struct fill_crew *crew, const char *stage, int64_t started_ns)
{
    const struct fill_config *config = crew->fill->config;
    if (config->progress == NULL)
        return;
    double elapsed_s = (double)(clock_ns() - started_ns) / (double)NS_PER_S;
    size_t at = atomic_load(&crew->next);
    struct fill_progress progress = {
        .stage = stage,
        .rows_done = atomic_load(&crew->rows),
        .rows_total = crew->fill->rows_total,
        .bytes_done = atomic_load(&crew->bytes),
    };
    if (stage[0] == 'l' && crew->fill->target_count > 0) {
        size_t last = crew->fill->target_count - 1;
        progress.table = crew->fill->targets[at < last ? at : last].table->name;
        progress.rows_per_s = elapsed_s > 0 ? (double)progress.rows_done / elapsed_s : 0;
    }
    if (progress.rows_per_s > 0)
        progress.eta_s = (double)(progress.rows_total - progress.rows_done) / progress.rows_per_s;
    config->progress(config->context, &progress);
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
    int64_t started_ns = clock_ns(), due_ns = started_ns;
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
        tick(crew, stage, started_ns);
        due_ns += NS_PER_S / 4;
    }
    tick(crew, stage, started_ns);
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
