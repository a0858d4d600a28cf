#include "bench/run/capacity.h"

#include "bench/run/interrupt.h"

bool capacity_probe(const struct trial_config *config, double *requests_per_s, struct err *err)
{
    struct trial_config closed = *config;
    closed.rate_per_s = 0;
    struct pool_config settings = trial_pool_config(&closed);
    struct pool *pool = pool_open(&settings, err);
    if (pool == NULL)
        return false;
    int64_t start_ns = clock_ns();
    pool_go(pool, start_ns);
    while (!interrupt_requested() && clock_ns() < start_ns + CAPACITY_PROBE_NS)
        clock_sleep_ns(50 * NS_PER_MS);
    struct pool_progress progress = pool_progress(pool);
    double elapsed_s = (double)(clock_ns() - start_ns) / NS_PER_S;
    pool_close(pool);
    if (interrupt_requested())
        return err_set(err, ERR_INTERRUPTED, "interrupted");
    if (progress.completed - progress.failed <= 0)
        return err_set(err, ERR_ENVIRONMENT, "no request of the first app succeeded");
    *requests_per_s = (double)(progress.completed - progress.failed) / elapsed_s;
    return true;
}
