/* threshold: limits on metrics, k6's idea, and the verdict. Works on a record alone. Pure. */
#ifndef REHEARSE_REPORTS_THRESHOLD_H
#define REHEARSE_REPORTS_THRESHOLD_H

#include "reports/record.h"

/* One limit, parsed: "app.latency.p99{phase=backfill}" with "< 25ms" or "< +100% of baseline" or "warn < 5s". */
struct threshold {
    const char *metric;            /* the row of the metric table, selector cut off */
    const char *selector;          /* "{phase=backfill}" as written, NULL */
    const char *phase, *statement; /* from the selector, NULL: all */
    const char *expression;        /* as written */
    double limit; /* in the metric's unit; for relative ones the allowed ratio (1.0 = +100 %) */
    char compare; /* '<' '>' 'l' (<=) 'g' (>=) '=' */
    bool of_baseline, warn, is_default;
};

struct thresholds {
    struct threshold *items;
    size_t count, capacity;
};

/* Adds one expression. place errors with err_set(ERR_USAGE); the caller adds the place. Unknown metrics: "did you mean". */
bool threshold_parse(struct arena *arena, const char *metric, const char *expression,
                     struct thresholds *thresholds, struct err *err);
/* The default set, for the metrics the user's set does not limit as a whole: app.stall_max, app.failed, app.latency.p99 against the
 * baseline (never tighter than 10 ms), checks.failed, and replica.lag_max where there are replicas. Metrics that this release
 * does not measure (plan.regressions) are limited only when the user says so. */
void threshold_defaults(struct arena *arena, bool replicas, struct thresholds *thresholds);
/* Whether the user said what of the metric is too much; a limit on one phase or statement leaves the rest to the default. */
bool threshold_names(const struct thresholds *thresholds, const char *metric);

/* Measures every metric of every strategy of the record, fills record->thresholds, each strategy's verdict (state,
 * sentence with the cause, causes) and the run's, which is the candidate's or else the worst. aborted outranks invalid,
 * invalid outranks fail, warn and pass; verdicts already set to "aborted", sentences already set and strategies marked
 * invalid are respected. What could not be measured is skipped: a default limit then warns, the user's makes the strategy
 * invalid, unless it is about a phase, backfill or rollback that only other strategies of the run have: then it is left
 * out. A migration phase that was not completed fails the strategy, so does a rollback; a schema that came back different
 * warns. Called once per record. */
void threshold_judge(struct arena *arena, const struct thresholds *thresholds, struct record *record);

#endif
