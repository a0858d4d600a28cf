/* trial_timeline: a trial's time series and episodes for the record, and the figures that come from series. Pure. */
#ifndef REHEARSE_RUN_TRIAL_TIMELINE_H
#define REHEARSE_RUN_TRIAL_TIMELINE_H

#include "bench/run/trial.h"
#include "reports/record.h"

/* Whole seconds over the trial, and 100 ms around every attempt of a statement. */
void trial_timeline(struct arena *arena, const struct trial *trial, struct record_timeline *out);
void trial_episodes(struct arena *arena, struct trial *trial, const struct dialect *dialect,
                    const struct attempt_locks *locks, struct record_strategy *out);

/* Seconds since the start of the baseline; NaN for a moment that never was (0). */
double trial_seconds(const struct trial *trial, int64_t at_ns);
/* WAL or redo bytes written between two moments, interpolated between the observer's points; RECORD_NONE: not measured. */
int64_t trial_log_bytes(const struct trial *trial, int64_t start_ns, int64_t end_ns);
/* Largest size of the database since then, less its size then; RECORD_NONE: not measured. */
int64_t trial_disk_peak_bytes(const struct trial *trial, int64_t start_ns);
/* The worst lag of any replica between two moments, in seconds; NaN: no replica, or one of unknown lag. */
double trial_lag_s(const struct trial *trial, int64_t start_ns, int64_t end_ns);
/* The replicas between the first migration phase and the end of settling; notes on what a reviewer should know of them. */
void trial_replicas(struct arena *arena, const struct trial *trial, struct record_strategy *out);
int64_t trial_backlog_max(const struct trial *trial);
/* Completed over due in the worst 10 s that lie wholly after start_ns; NaN when there are none. */
double trial_throughput_ratio_min10s(const struct trial *trial, int64_t start_ns);

#endif
