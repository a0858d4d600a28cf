#include "bench/load/shared.h"

#include "bench/stat/reserve.h"

#include <assert.h>
#include <unistd.h>

enum { SPANS_MAX = 8 << 20 };

void shared_open(struct shared *shared, const struct pool_config *config)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    shared->config = config;
    shared->stripes = cores < 1 ? 1 : cores > 64 ? 64 : (int)cores;
    shared->arrival_stream = rng_hash_text(config->seed, "arrival");
    shared->tally = tally_create(config->phases, workload_slots(config->workload), shared->stripes);
    shared->lag = reserve_memory((size_t)shared->stripes * sizeof *shared->lag);
    shared->recent = reserve_memory((size_t)shared->stripes * sizeof *shared->recent);
    shared->unfinished = reserve_memory((size_t)config->phases * sizeof *shared->unfinished);
    shared->eras = reserve_memory(ERAS_MAX * sizeof *shared->eras);
    shared->eras[0] = (struct era){.start_ns = INT64_MIN, .mix = config->mix};
    span_log_open(&shared->spans, SPANS_MAX);
    pthread_mutex_init(&shared->gate, NULL);
    pthread_cond_init(&shared->gate_moved, NULL);
    atomic_init(&shared->next, 0);
    atomic_init(&shared->era_count, 1);
    atomic_init(&shared->stop_ns, CLOCK_NEVER_NS);
    atomic_init(&shared->abandon, false);
}

void shared_close(struct shared *shared)
{
    tally_destroy(shared->tally);
    series_destroy(shared->series);
    span_log_close(&shared->spans);
    release_memory(shared->eras, ERAS_MAX * sizeof *shared->eras);
    release_memory(shared->unfinished, (size_t)shared->config->phases * sizeof *shared->unfinished);
    release_memory(shared->lag, (size_t)shared->stripes * sizeof *shared->lag);
    release_memory(shared->recent, (size_t)shared->stripes * sizeof *shared->recent);
    pthread_mutex_destroy(&shared->gate);
    pthread_cond_destroy(&shared->gate_moved);
}

void shared_open_gate(struct shared *shared)
{
    pthread_mutex_lock(&shared->gate);
    shared->opened = true;
    pthread_cond_broadcast(&shared->gate_moved);
    pthread_mutex_unlock(&shared->gate);
}

void shared_pass_gate(struct shared *shared)
{
    pthread_mutex_lock(&shared->gate);
    while (!shared->opened)
        pthread_cond_wait(&shared->gate_moved, &shared->gate);
    pthread_mutex_unlock(&shared->gate);
}

void shared_stop(struct shared *shared, int64_t now_ns)
{
    int64_t running = CLOCK_NEVER_NS;
    atomic_compare_exchange_strong(&shared->stop_ns, &running, now_ns);
}

void shared_begin_era(struct shared *shared, int phase, const struct app_mix *mix)
{
    int count = atomic_load(&shared->era_count);
    assert(count < ERAS_MAX && phase >= 0 && phase < shared->config->phases);
    const struct era *last = &shared->eras[count - 1];
    shared->eras[count] = (struct era){.start_ns = clock_ns(),
                                       .phase = phase,
                                       .deploy = last->deploy + (mix != NULL),
                                       .mix = mix != NULL ? *mix : last->mix};
    atomic_store(&shared->era_count, count + 1);
}

const struct era *shared_era(const struct shared *shared)
{
    return &shared->eras[atomic_load(&shared->era_count) - 1];
}

int shared_phase(const struct shared *shared, int64_t due_ns)
{
    const struct era *era = shared_era(shared);
    while (era->start_ns > due_ns)
        era--;
    return era->phase;
}

struct rng shared_draws(const struct shared *shared, int64_t arrival)
{
    return rng_start(rng_hash(shared->config->seed, shared->arrival_stream, (uint64_t)arrival));
}

static bool is_kept(const struct shared *shared, const struct request_span *span)
{
    int64_t floor_ns = shared->config->slow_floor_ns > 0 ? shared->config->slow_floor_ns : NS_PER_MS;
    return span->outcome != OUTCOME_OK || !span->finished || span->done_ns - span->due_ns >= floor_ns;
}

void shared_count(struct shared *shared, int stripe, const struct request_span *span)
{
    int64_t response_us = (span->done_ns - span->due_ns) / NS_PER_US;
    int64_t service_us = span->sent_ns == 0 ? -1 : (span->done_ns - span->sent_ns) / NS_PER_US;
    int phase = shared_phase(shared, span->due_ns);
    tally_add(shared->tally, stripe, phase, span->script, response_us, service_us,
              (enum outcome)span->outcome);
    if (!span->finished)
        atomic_fetch_add_explicit(&shared->unfinished[phase], 1, memory_order_relaxed);
    if (span->finished) {
        series_completed(shared->series, span->due_ns, span->done_ns, span->outcome != OUTCOME_OK);
        hist_add(&shared->recent[stripe], response_us);
    }
    if (is_kept(shared, span))
        span_log_add(&shared->spans, span);
}
