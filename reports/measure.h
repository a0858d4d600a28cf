/* measure: how each metric is found in a record; the functions behind the table in metrics.c. Pure.
 *
 * The measuring functions share one signature, that of struct metric's `measure`. */
#ifndef REHEARSE_REPORTS_MEASURE_H
#define REHEARSE_REPORTS_MEASURE_H

#include "reports/metrics.h"

#define UNMEASURED                                                                                           \
    (struct metric_value)                                                                                    \
    {                                                                                                        \
        .value = (double)NAN, .phase = NULL, .at_s = (double)NAN                                             \
    }

bool measure_is_kind(const struct record_phase *phase, const char *kind);
/* The phase selected, or without a selector any but baseline and rollback. */
bool measure_counts(const struct metric_scope *scope, const struct record_phase *phase);
const struct record_phase *measure_phase(const struct record_strategy *strategy,
                                         const char *name); /* NULL: none */
/* The phase of that name when it counts, else NULL. */
const struct record_phase *measure_counting_phase(const struct metric_scope *scope, const char *name);

void measure_raise(struct metric_value *worst, double value, const char *phase, double at_s);
/* Adds to a sum whose place is that of its largest part so far. */
void measure_add(struct metric_value *sum, double *largest, double value, const char *phase, double at_s);
/* Start of the bin, or of the phase where it begins later, in which the column (record_ints at `offset` of a series) is largest; NaN: none above 0. */
double measure_worst_moment_s(const struct record_strategy *strategy, const struct record_phase *phase,
                              size_t offset);

/* Of all requests, or of a script or statement by name; NULL when there is no such. */
const struct record_latency *measure_latency_of(const struct record_latency_set *set, const char *statement);
int64_t measure_figure(const struct metric *metric,
                       const struct record_latency *latency); /* its percentile */

bool measure_has_backfill(const struct record_strategy *strategy);
bool measure_has_rollback(const struct record_strategy *strategy);

typedef struct metric_value metric_measure_function(const struct metric *metric,
                                                    const struct metric_scope *scope);
metric_measure_function measure_latency, measure_stall, measure_failed, measure_retried, measure_throughput,
    measure_held, measure_wait, measure_timeouts, measure_blocked_sessions, measure_blocked_time,
    measure_duration, measure_backfill_rate, measure_lag, measure_wal, measure_disk, measure_checks,
    measure_rollback, measure_rollback_stall, measure_fidelity;

#endif
