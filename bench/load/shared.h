/* shared: what the clients of one pool have in common, and all of it.
 *
 * Written while they run: next (the next arrival), the eras (phase and live mix), stop and abandon; and the counts of
 * tally, series, spans, histograms and of the unfinished, with relaxed atomics. The rest does not change after GO. */
#ifndef REHEARSE_LOAD_SHARED_H
#define REHEARSE_LOAD_SHARED_H

#include "bench/load/pool.h"
#include "bench/load/schedule.h"
#include "bench/load/span_log.h"

#include <pthread.h>
#include <stdatomic.h>

enum { CACHE_LINE = 64, ERAS_MAX = 1 << 14 };

/* From start_ns on: arrivals due belong to phase, and mix is live. Appended, never changed. */
struct era {
    int64_t start_ns;
    int phase;
    int deploy; /* counts the mixes: 0, 1, 2 … */
    struct app_mix mix;
};

/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): the padding keeps what is written apart from what is read */
struct shared {
    const struct pool_config *config;
    struct era *eras;
    struct schedule schedule;
    uint64_t arrival_stream; /* of rng_hash: what arrival i draws from */
    struct tally *tally;
    struct series *series;
    struct hist *lag, *recent;   /* one per stripe */
    _Atomic int64_t *unfinished; /* requests by phase */
    int stripes;
    bool opened; /* under gate: nobody passes before GO, or the end without one */
    pthread_mutex_t gate;
    pthread_cond_t gate_moved;
    struct span_log spans;
    _Alignas(CACHE_LINE) _Atomic int64_t next;
    _Alignas(CACHE_LINE) _Atomic int era_count;
    atomic_bool abandon;     /* nothing more is sent */
    _Atomic int64_t stop_ns; /* no arrival due later is taken; CLOCK_NEVER_NS while running */
};

void shared_open(struct shared *shared, const struct pool_config *config);
void shared_close(struct shared *shared);
void shared_open_gate(struct shared *shared);
void shared_pass_gate(struct shared *shared);
void shared_stop(struct shared *shared, int64_t now_ns); /* the first call counts */

void shared_begin_era(struct shared *shared, int phase, const struct app_mix *mix); /* NULL: the same mix */
const struct era *shared_era(const struct shared *shared);                          /* the latest */
int shared_phase(const struct shared *shared, int64_t due_ns);

/* What an arrival draws from: the same for the same seed, whatever the sessions and their order. */
struct rng shared_draws(const struct shared *shared, int64_t arrival);

/* One finished (or given up) request into all counts. sent_ns 0: never sent. */
void shared_count(struct shared *shared, int stripe, const struct request_span *span);

#endif
