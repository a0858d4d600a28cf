/* retry: whether and when to try again after an answer that another try may cure. The migrator's thread.
 *
 * Every try keeps its lock_timeout; between tries no transaction is open, and the wait is drawn evenly from the whole of
 * backoff_low … backoff_high, so that migrations which met once do not meet again. */
#ifndef REHEARSE_MIGRATE_RETRY_H
#define REHEARSE_MIGRATE_RETRY_H

#include "bench/migrate/migration.h"

struct retry {
    struct strategy_settings settings;
    int used;
};

int64_t retry_jitter_ns(struct rng *rng, int64_t low_ns, int64_t high_ns);
/* After an answer: waits and returns true when another try is due; false when the outcome is final, the tries are used
 * up, or the wait was interrupted. */
bool retry_again(struct retry *retry, struct migrator *migrator, enum outcome outcome);

#endif
