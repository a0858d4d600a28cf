#include "bench/load/pool.h"

#include "bench/load/client.h"
#include "bench/stat/reserve.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const int64_t default_longest_ns = NS_PER_S * 3600 * 24, poll_ns = NS_PER_MS,
                     cancel_every_ns = 100 * NS_PER_MS;

struct pool {
    struct arena arena;
    struct pool_config config;
    struct shared shared;
    struct client *clients; /* config.sessions of them, each on cache lines of its own */
    int opened, running;    /* sessions connected; threads started */
    atomic_bool gone;       /* the schedule stands: read by pool_progress on other threads */
    bool stopped;
    int64_t never_sent, last_due_ns;
    struct hist *lag; /* merged after stop */
};

/* Scripts that antagonists run see variables of their own: only those of apps are checked here. */
static bool check_app_variables(const struct pool *pool, const struct app *app, struct err *err)
{
    for (size_t i = 0; i < app->entry_count; i++) {
        int script = app->entries[i].script, line, column;
        const struct script_scope *scope = &pool->clients[0].player.scopes[script];
        const char *name = script_undefined(scope, &line, &column);
        if (name == NULL)
            continue;
        err_at(err, scope->script->file, line, column, "variable :%s has no value here", name);
        return err_hint(err, "Set it before with \\set, or give it with -D %s=VALUE.", name);
    }
    return true;
}

static bool check_workload(const struct pool *pool, struct err *err)
{
    const struct workload *workload = pool->config.workload;
    size_t statements = (size_t)workload_slots(workload) - workload->script_count;
    if (statements > DB_MAX_PREPARED)
        return err_set(err, ERR_USAGE, "the scripts hold %zu statements; a session prepares at most %d",
                       statements, DB_MAX_PREPARED);
    for (size_t i = 0; i < workload->app_count; i++) {
        if (!check_app_variables(pool, &workload->apps[i], err))
            return false;
    }
    return true;
}

static bool prepare_live(const struct pool *pool, struct client *client, struct err *err)
{
    const struct workload *workload = pool->config.workload;
    for (int i = 0; i < pool->config.mix.count; i++) {
        const struct app *app = &workload->apps[pool->config.mix.parts[i].app];
        for (size_t j = 0; j < app->entry_count; j++) {
            if (!player_prepare(&client->player, app->entries[j].script, err))
                return false;
        }
    }
    return true;
}

static bool connect_client(struct pool *pool, struct client *client, struct err *err)
{
    struct db_answer answer;
    if (!player_connect(&client->player, &answer)) {
        db_answer_error(&answer, err);
        if (answer.outcome == OUTCOME_TOO_MANY_CONNECTIONS)
            err_hint(err, "Raise the server's max_connections, or lower load.sessions (-c) below %d.",
                     pool->opened + 1);
        return err_wrap(err, "session %d of %d to %s", pool->opened + 1, pool->config.sessions,
                        pool->config.target->label);
    }
    pool->opened++;
    return pool->config.protocol != POOL_PREPARED || prepare_live(pool, client, err);
}

static bool start_clients(struct pool *pool, struct err *err)
{
    for (int i = 0; i < pool->config.sessions; i++) {
        if (!connect_client(pool, &pool->clients[i], err))
            return false;
    }
    for (; pool->running < pool->config.sessions; pool->running++) {
        if (!client_start(&pool->clients[pool->running], err))
            return false;
    }
    return true;
}

static size_t client_bytes(const struct pool *pool)
{
    return (size_t)pool->config.sessions * sizeof *pool->clients;
}

struct pool *pool_open(const struct pool_config *config, struct err *err)
{
    struct pool *pool = reserve_memory(sizeof *pool);
    *pool = (struct pool){.config = *config};
    assert(config->sessions > 0 && config->phases > 0 && config->mix.count > 0);
    shared_open(&pool->shared, &pool->config);
    const char *name = arena_printf(&pool->arena, "rehearse/%s/app", config->run_id);
    pool->clients = reserve_memory(client_bytes(pool));
    for (int i = 0; i < config->sessions; i++) {
        pool->clients[i] = (struct client){.id = i};
        client_init(&pool->clients[i], &pool->arena, &pool->shared, i, name);
    }
    if (check_workload(pool, err) && start_clients(pool, err))
        return pool;
    pool_close(pool);
    return NULL;
}

void pool_go(struct pool *pool, int64_t start_ns)
{
    int64_t longest_ns = pool->config.longest_ns > 0 ? pool->config.longest_ns : default_longest_ns;
    assert(!pool->gone);
    pool->shared.schedule = schedule_make(start_ns, pool->config.rate_per_s);
    pool->shared.series = series_create(start_ns, longest_ns);
    pool->gone = true;
    shared_open_gate(&pool->shared);
}

void pool_enter_phase(struct pool *pool, int phase)
{
    shared_begin_era(&pool->shared, phase, NULL);
}

static int count_older(const struct pool *pool, int deploy)
{
    int older = 0;
    for (int i = 0; i < pool->running; i++) {
        int running = atomic_load(&pool->clients[i].deploy);
        older += running != CLIENT_IDLE && running < deploy;
    }
    return older;
}

bool pool_deploy(struct pool *pool, const struct app_mix *mix, int64_t deadline_ns, int *still_old)
{
    shared_begin_era(&pool->shared, shared_era(&pool->shared)->phase, mix);
    int deploy = shared_era(&pool->shared)->deploy;
    while ((*still_old = count_older(pool, deploy)) > 0) {
        if (clock_ns() >= deadline_ns)
            return false;
        clock_sleep_ns(poll_ns);
    }
    return true;
}

void pool_interrupt(struct pool *pool)
{
    shared_stop(&pool->shared, clock_ns());
}

static bool all_ended(const struct pool *pool)
{
    for (int i = 0; i < pool->running; i++) {
        if (!atomic_load(&pool->clients[i].ended))
            return false;
    }
    return true;
}

static void cancel_rest(struct pool *pool)
{
    for (int i = 0; i < pool->running; i++) {
        if (!atomic_load(&pool->clients[i].ended))
            player_cancel(&pool->clients[i].player);
    }
}

static bool await_end(const struct pool *pool, int64_t deadline_ns)
{
    while (!all_ended(pool)) {
        if (clock_ns() >= deadline_ns)
            return false;
        clock_sleep_ns(poll_ns);
    }
    return true;
}

/* Arrivals that came due before the stop, and that no session ever took. */
static void count_never_sent(struct pool *pool, int64_t now_ns)
{
    struct shared *shared = &pool->shared;
    int64_t due_count = schedule_count(&shared->schedule, atomic_load(&shared->stop_ns));
    for (int64_t i = atomic_load(&shared->next); i < due_count; i++) {
        struct rng rng = shared_draws(shared, i);
        struct request_span span = {
            .due_ns = schedule_due_ns(&shared->schedule, i), .done_ns = now_ns, .outcome = OUTCOME_CANCELLED};
        span.script = (uint16_t)workload_pick(pool->config.workload, &shared_era(shared)->mix, &rng);
        series_due(shared->series, span.due_ns);
        shared_count(shared, 0, &span);
        pool->never_sent++;
    }
    pool->last_due_ns = due_count > 0 ? schedule_due_ns(&shared->schedule, due_count - 1)
                                      : atomic_load(&shared->stop_ns);
}

void pool_stop(struct pool *pool, int64_t deadline_ns)
{
    if (pool->stopped)
        return;
    pool->stopped = true;
    pool_interrupt(pool);
    if (!pool->gone)
        pool_go(pool, clock_ns() + NS_PER_S); /* after the stop: the threads end without an arrival */
    if (!await_end(pool, deadline_ns)) {
        atomic_store(&pool->shared.abandon, true);
        do {
            cancel_rest(pool);
        } while (!await_end(pool, clock_ns() + cancel_every_ns));
    }
    for (int i = 0; i < pool->running; i++)
        pthread_join(pool->clients[i].thread, NULL);
    count_never_sent(pool, clock_ns());
    pool->lag = mem_alloc(sizeof *pool->lag);
    for (int i = 0; i < pool->shared.stripes; i++)
        hist_merge(pool->lag, &pool->shared.lag[i]);
}

void pool_close(struct pool *pool)
{
    if (pool == NULL)
        return;
    pool_stop(pool, 0);
    for (int i = 0; i < pool->config.sessions; i++)
        player_free(&pool->clients[i].player);
    shared_close(&pool->shared);
    release_memory(pool->clients, client_bytes(pool));
    free(pool->lag);
    arena_free(&pool->arena);
    release_memory(pool, sizeof *pool);
}

struct pool_progress pool_progress(const struct pool *pool)
{
    struct pool_progress progress = {0};
    for (int i = 0; i < pool->config.sessions; i++) {
        const struct client *client = &pool->clients[i];
        progress.started += atomic_load_explicit(&client->started, memory_order_relaxed);
        progress.completed += atomic_load_explicit(&client->completed, memory_order_relaxed);
        progress.failed += atomic_load_explicit(&client->failed, memory_order_relaxed);
        progress.connected += atomic_load_explicit(&client->connected, memory_order_relaxed);
    }
    progress.due = progress.started;
    if (!pool->gone || pool->config.rate_per_s <= 0)
        return progress;
    int64_t now_ns = clock_ns(), stop_ns = atomic_load(&pool->shared.stop_ns);
    int64_t next = atomic_load(&pool->shared.next);
    progress.due = schedule_count(&pool->shared.schedule, now_ns < stop_ns ? now_ns : stop_ns);
    if (progress.due > next) {
        progress.backlog = progress.due - next;
        progress.oldest_due_ns = schedule_due_ns(&pool->shared.schedule, next);
    }
    return progress;
}

void pool_recent(struct pool *pool, struct hist *scratch, int64_t *p50_us, int64_t *p99_us, int64_t *max_us)
{
    memset(scratch, 0, sizeof *scratch);
    for (int i = 0; i < pool->shared.stripes; i++)
        hist_drain(&pool->shared.recent[i], scratch);
    *p50_us = hist_percentile_us(scratch, 50);
    *p99_us = hist_percentile_us(scratch, 99);
    *max_us = scratch->max_us;
}

const struct tally *pool_tally(const struct pool *pool)
{
    return pool->shared.tally;
}

const struct series *pool_series(const struct pool *pool)
{
    return pool->shared.series;
}

const struct request_span *pool_spans(const struct pool *pool, size_t *count, uint64_t *lost)
{
    return span_log_read(&pool->shared.spans, count, lost);
}

const struct hist *pool_schedule_lag(const struct pool *pool)
{
    assert(pool->stopped);
    return pool->lag;
}

int64_t pool_unfinished(const struct pool *pool, int phase)
{
    assert(pool->stopped && phase >= 0 && phase < pool->config.phases);
    return atomic_load(&pool->shared.unfinished[phase]);
}

struct pool_count pool_count(const struct pool *pool)
{
    struct pool_count count = {.unfinished = pool->never_sent};
    int64_t last_done_ns = pool->last_due_ns;
    for (int i = 0; i < pool->config.sessions; i++) {
        const struct client *client = &pool->clients[i];
        int64_t done_ns = atomic_load(&client->last_done_ns);
        count.requests += atomic_load(&client->completed);
        count.failed += atomic_load(&client->failed);
        count.reconnects += atomic_load(&client->reconnects);
        count.unfinished += atomic_load(&client->unfinished);
        last_done_ns = done_ns > last_done_ns ? done_ns : last_done_ns;
    }
    count.drain_ns = last_done_ns - pool->last_due_ns;
    return count;
}
