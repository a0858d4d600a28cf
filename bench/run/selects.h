/* selects: what the scripts of a plan's apps ask for, as statements that stand alone, for an audit. One thread. */
#ifndef REHEARSE_RUN_SELECTS_H
#define REHEARSE_RUN_SELECTS_H

#include "bench/load/pool.h"
#include "generators/audit.h"

/* Each SELECT that takes no lock, a few times, with its variables drawn as the load draws them for its first arrivals. What
 * reads a variable that has no value is left out. In the arena. */
size_t selects_make(struct arena *arena, const struct workload *workload,
                    const struct pool_variable *variables, size_t variable_count, uint64_t seed,
                    struct audit_statement **statements);

#endif
