/* quick: a plan made from the command line, for `rehearse run FILE.sql`; and flags laid over a plan that was read. Pure. */
#ifndef REHEARSE_RUN_QUICK_H
#define REHEARSE_RUN_QUICK_H

#include "bench/run/plan.h"

/* What the command line may say about a run. Zero, NULL and −1 (rates, counts, times) mean: not said. */
struct quick {
    const char *dsn;
    const char *const *scripts; /* -f FILE@W */
    size_t script_count;
    const char *const *builtins; /* -b NAME@W */
    size_t builtin_count;
    int sessions;
    double rate_per_s; /* 0: closed loop */
    int64_t watch_ns;  /* -T: baseline before and watching after */
    bool simple_protocol;
    bool has_seed;
    uint64_t seed;
};

#define QUICK_BUILTIN "builtin:" /* prefix of a plan_app entry that names one of pgbench's built-in scripts */

/* A plan with one strategy, the SQL file (relative to the working directory, "-": standard input). */
struct plan *quick_plan(struct arena *arena, const char *file, const struct quick *quick);
/* Flags win over what the plan says. */
void quick_override(struct arena *arena, struct plan *plan, const struct quick *quick);

#endif
