/* trial_record: what a trial measured, as a strategy of the record. Pure but for reading the trial. */
#ifndef REHEARSE_RUN_TRIAL_RECORD_H
#define REHEARSE_RUN_TRIAL_RECORD_H

#include "bench/run/trial.h"
#include "reports/record.h"

/* Fills *strategy (name, kind, candidate and summary are the caller's) in the arena. Adds the baseline's latency to
 * *baseline. dialect: for the names of lock modes. */
void trial_record(struct arena *arena, struct trial *trial, const struct dialect *dialect,
                  struct record_strategy *strategy, struct tally_cell *baseline);

/* Percentiles and encoding of a histogram. */
struct record_latency trial_record_latency(struct arena *arena, const char *name, const struct hist *hist);

#endif
