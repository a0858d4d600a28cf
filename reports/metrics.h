/* metrics: what a threshold can limit, one const row each, and how it is measured from a record. Pure.
 *
 * Phases that count: app.latency.*, app.stall_max and lock.* look at what ran from the first migration phase to the end of
 * settle; the baseline is what they are compared with, and the rollback has rollback.* of its own. app.failed, app.retried
 * and checks.failed count everywhere, the baseline and the rollback included; requests that never finished are not failed,
 * they count in app.stall_max, up to the end of watching. A selector {phase=…} names any phase.
 * Percentiles are the worst phase's; a phase with too few requests for the percentile (p99: 100) counts only when there
 * is no other: its longest wait is app.stall_max's. */
#ifndef REHEARSE_REPORTS_METRICS_H
#define REHEARSE_REPORTS_METRICS_H

#include "reports/record.h"

struct metric_scope {
    const struct record *record;
    const struct record_strategy *strategy;
    const char *phase, *statement; /* NULL: all; statement: a script or a statement of one */
};

struct metric_value {
    double value;      /* in the metric's unit; NaN: could not be measured */
    const char *phase; /* of the worst; NULL: of none */
    double at_s;       /* of the worst; NaN */
};

struct metric {
    const char *name;
    const char *unit;           /* us s bytes ratio count per_s */
    const char *title;          /* "longest application stall" */
    const char *relative_title; /* against the baseline; NULL: there is nothing to compare with */
    bool by_phase, by_statement;
    bool higher_is_better;
    /* NULL: known, not measured by this release; such thresholds are skipped. */
    struct metric_value (*measure)(const struct metric *metric, const struct metric_scope *scope);
    /* Has the strategy what the metric is about (a backfill, a rollback)? NULL: always. */
    bool (*applies)(const struct record_strategy *strategy);
    size_t offset; /* app.latency.*: of the percentile in struct record_latency */
    size_t
        at_offset; /* app.latency.*: of the column in struct record_series in which the worst moment is sought */
    int64_t enough; /* app.latency.*: requests a percentile needs */
};

const struct metric *metric_find(const char *name); /* NULL when there is none */
const char *metric_near(const char *name);          /* "did you mean"; NULL when none is near */
struct metric_value metric_measure(const struct metric *metric, const struct metric_scope *scope);
/* The same in the strategy's own baseline (or the record's, merged); NaN when there is none. */
double metric_baseline(const struct metric *metric, const struct metric_scope *scope);
/* False when the strategy lacks the phase selected, or what the metric is about. */
bool metric_applies(const struct metric *metric, const struct metric_scope *scope);

#endif
