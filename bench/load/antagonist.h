/* antagonist: a long transaction that sits in the lock queue's way: one thread, one session, outside the tally.
 *
 * Runs its script at `start` after antagonist_go, then every `every` (0: once), with :hold_ms set. Its spans are kept. */
#ifndef REHEARSE_LOAD_ANTAGONIST_H
#define REHEARSE_LOAD_ANTAGONIST_H

#include "bench/load/pool.h"

struct antagonist_config {
    const struct pool_config *pool; /* target, workload, run id, variables, seed */
    int script;
    int64_t start_ns, every_ns, hold_ns; /* durations */
};

struct antagonist;

struct antagonist *antagonist_open(const struct antagonist_config *config, struct err *err);
void antagonist_go(struct antagonist *antagonist, int64_t zero_ns);
void antagonist_stop(struct antagonist *antagonist); /* cancels what runs, joins; accepts NULL; idempotent */
void antagonist_close(struct antagonist *antagonist);
/* After stop: what it ran and when. */
const struct request_span *antagonist_spans(const struct antagonist *antagonist, size_t *count);

#endif
