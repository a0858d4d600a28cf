#include "bench/migrate/retry.h"

int64_t retry_jitter_ns(struct rng *rng, int64_t low_ns, int64_t high_ns)
{
    if (high_ns <= low_ns)
        return low_ns;
    return low_ns + (int64_t)rng_below(rng, (uint64_t)(high_ns - low_ns) + 1);
}

bool retry_again(struct retry *retry, struct migrator *migrator, enum outcome outcome)
{
    if (!outcome_is_retryable(outcome) || retry->used >= retry->settings.retries)
        return false;
    retry->used++;
    return migration_pause(migrator, retry_jitter_ns(&migrator->rng, retry->settings.backoff_low_ns,
                                                     retry->settings.backoff_high_ns));
}
