/* preflight: what can be refused before anything runs, by reading strategy and workload together. Pure. */
#ifndef REHEARSE_RUN_PREFLIGHT_H
#define REHEARSE_RUN_PREFLIGHT_H

#include "bench/migrate/strategy.h"
#include "workloads/workload.h"

/* Follows the live apps through the strategy forward, and back from the end of each phase, as a migration that breaks off
 * does. Refuses app marks that name no app of the plan, and a rollback that removes a column which a live app names (its
 * requests would fail from then on). */
bool preflight_check(struct arena *arena, const struct strategy *strategy, const struct workload *workload,
                     struct err *err);

#endif
