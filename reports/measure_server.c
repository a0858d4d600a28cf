#include "reports/measure.h"

#include <math.h>
#include <string.h>

struct metric_value measure_duration(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value value = UNMEASURED;
    value.value = scope->strategy->totals.duration_s;
    return value;
}

struct metric_value measure_backfill_rate(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value worst = UNMEASURED;
    for (size_t i = 0; i < scope->strategy->backfills.count; i++) {
        const struct record_backfill *backfill = &scope->strategy->backfills.items[i];
        if (!isnan(backfill->rows_per_s_min) && !(backfill->rows_per_s_min >= worst.value))
            worst = (struct metric_value){backfill->rows_per_s_min, backfill->phase, (double)NAN};
    }
    return worst;
}

static const char *phase_at(const struct record_strategy *strategy, double t_s)
{
    for (size_t i = 0; i < strategy->phases.count; i++)
        if (t_s >= strategy->phases.items[i].start_s && t_s < strategy->phases.items[i].end_s)
            return strategy->phases.items[i].name;
    return NULL;
}

/* A replica that came back shows by its lag how far behind it was; of one that did not, nobody knows. */
struct metric_value measure_lag(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value worst = UNMEASURED;
    bool known = true;
    const struct record_series *series = &scope->strategy->timeline.coarse;
    for (size_t i = 0; i < series->replica_lag_s.count && i < series->t_s.count; i++) {
        const char *phase = phase_at(scope->strategy, series->t_s.items[i]);
        if (measure_counting_phase(scope, phase) == NULL)
            continue;
        known = !isnan(series->replica_lag_s.items[i]);
        if (known)
            measure_raise(&worst, series->replica_lag_s.items[i], phase, series->t_s.items[i]);
    }
    return known ? worst : UNMEASURED;
}

struct metric_value measure_wal(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value value = UNMEASURED;
    int64_t bytes = scope->strategy->totals.wal_bytes;
    if (scope->phase != NULL) {
        const struct record_phase *phase = measure_phase(scope->strategy, scope->phase);
        bytes = phase == NULL ? RECORD_NONE : phase->wal_bytes;
    }
    if (bytes != RECORD_NONE)
        value.value = (double)bytes;
    value.phase = scope->phase;
    return value;
}

struct metric_value measure_disk(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value value = UNMEASURED;
    double whole = 0;
    for (size_t i = 0; i < scope->record->data.tables.count; i++) {
        const struct record_table *table = &scope->record->data.tables.items[i];
        whole += table->bytes > 0 ? (double)table->bytes : 0;
        whole += table->index_bytes > 0 ? (double)table->index_bytes : 0;
    }
    if (whole > 0 && scope->strategy->totals.disk_extra_peak_bytes != RECORD_NONE)
        value.value = (double)scope->strategy->totals.disk_extra_peak_bytes / whole;
    return value;
}

struct metric_value measure_fidelity(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value least = UNMEASURED;
    for (size_t i = 0; i < scope->record->data.tables.count; i++)
        least.value = fmin(least.value, scope->record->data.tables.items[i].fidelity.score_ratio);
    return least;
}

struct metric_value measure_checks(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value sum = UNMEASURED;
    sum.value = 0;
    for (size_t i = 0; i < scope->strategy->checks.count; i++) {
        const struct record_check *check = &scope->strategy->checks.items[i];
        const bool counts = scope->phase == NULL ||
                            (check->after_phase != NULL && strcmp(check->after_phase, scope->phase) == 0);
        if (!counts || (check->state != NULL && strcmp(check->state, "pass") == 0))
            continue;
        sum.value += 1;
        if (sum.phase == NULL)
            sum.phase = check->after_phase;
    }
    return sum;
}

struct metric_value measure_rollback(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value value = UNMEASURED;
    if (scope->strategy->rollback.rehearsed)
        value = (struct metric_value){scope->strategy->rollback.duration_s, "rollback", (double)NAN};
    return value;
}

struct metric_value measure_rollback_stall(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value value = UNMEASURED;
    const struct record_rollback *rollback = &scope->strategy->rollback;
    if (rollback->rehearsed && rollback->stall_max_us != RECORD_NONE)
        value = (struct metric_value){(double)rollback->stall_max_us, "rollback", (double)NAN};
    return value;
}

bool measure_has_backfill(const struct record_strategy *strategy)
{
    return strategy->backfills.count > 0;
}

bool measure_has_rollback(const struct record_strategy *strategy)
{
    return strategy->rollback.rehearsed;
}
