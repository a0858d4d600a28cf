/* validity: whether a run's numbers can be trusted, and why not. Pure. */
#ifndef REHEARSE_RUN_VALIDITY_H
#define REHEARSE_RUN_VALIDITY_H

#include "bench/run/trial.h"
#include "reports/record.h"

/* One strategy's: marks it invalid and adds the reasons and the worst figures to record->validity. The strategy's phases
 * and totals must have been recorded. */
void validity_of_strategy(struct arena *arena, const struct trial *trial, struct record_strategy *strategy,
                          struct record *record);
/* Sets record->validity.state from what the strategies left there. */
void validity_of_run(struct arena *arena, struct record *record);

#endif
