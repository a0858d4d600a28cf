#include "reports/metrics.h"

#include "bench/base/near.h"

#include <math.h>
#include <string.h>

#define UNMEASURED                                                                                           \
    (struct metric_value)                                                                                    \
    {                                                                                                        \
        .value = (double)NAN, .phase = NULL, .at_s = (double)NAN                                             \
    }

static bool is_kind(const struct record_phase *phase, const char *kind)
{
    return phase->kind != NULL && strcmp(phase->kind, kind) == 0;
}

static bool selected(const struct metric_scope *scope, const struct record_phase *phase)
{
    if (scope->phase != NULL)
        return phase->name != NULL && strcmp(phase->name, scope->phase) == 0;
    return !is_kind(phase, "baseline") && !is_kind(phase, "rollback");
}

static const struct record_phase *phase_named(const struct record_strategy *strategy, const char *name)
{
    for (size_t i = 0; name != NULL && i < strategy->phases.count; i++)
        if (strategy->phases.items[i].name != NULL && strcmp(strategy->phases.items[i].name, name) == 0)
            return &strategy->phases.items[i];
    return NULL;
}

/* NULL: an episode of a phase that the record does not have, or that does not count. */
static const struct record_phase *selected_named(const struct metric_scope *scope, const char *name)
{
    const struct record_phase *phase = phase_named(scope->strategy, name);
    return phase != NULL && selected(scope, phase) ? phase : NULL;
}

static void raise_to(struct metric_value *worst, double value, const char *phase, double at_s)
{
    if (!isnan(worst->value) && !(value > worst->value))
        return;
    *worst = (struct metric_value){.value = value, .phase = phase, .at_s = at_s};
}

static void add_to(struct metric_value *sum, double *largest, double value, const char *phase, double at_s)
{
    sum->value = isnan(sum->value) ? value : sum->value + value;
    if (value > *largest) {
        *largest = value;
        sum->phase = phase;
        sum->at_s = at_s;
    }
}

/* The start of the bin in the phase where the column (record_ints at `offset`) is largest, above zero; NaN when none. */
static double worst_moment_s(const struct record_strategy *strategy, const struct record_phase *phase,
                             size_t offset)
{
    const struct record_series *series = &strategy->timeline.coarse;
    record_ints column;
    memcpy(&column, (const char *)series + offset, sizeof column);
    int64_t largest = 0;
    double at_s = (double)NAN;
    for (size_t i = 0; i < series->t_s.count && i < column.count; i++) {
        const double t_s = series->t_s.items[i];
        if (t_s + series->bin_s <= phase->start_s || t_s >= phase->end_s || column.items[i] <= largest)
            continue;
        largest = column.items[i];
        at_s = t_s;
    }
    return at_s;
}

static const struct record_latency *latency_named(const record_latencies *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].name != NULL && strcmp(list->items[i].name, name) == 0)
            return &list->items[i];
    return NULL;
}

static const struct record_latency *latency_of(const struct record_latency_set *set, const char *statement)
{
    if (statement == NULL)
        return &set->all;
    const struct record_latency *latency = latency_named(&set->by_script, statement);
    return latency != NULL ? latency : latency_named(&set->by_statement, statement);
}

static int64_t figure_of(const struct metric *metric, const struct record_latency *latency)
{
    int64_t figure;
    memcpy(&figure, (const char *)latency + metric->offset, sizeof figure);
    return figure;
}

static struct metric_value worst_latency(const struct metric *metric, const struct metric_scope *scope,
                                         int64_t enough)
{
    struct metric_value worst = UNMEASURED;
    for (size_t i = 0; i < scope->strategy->phases.count; i++) {
        const struct record_phase *phase = &scope->strategy->phases.items[i];
        const struct record_latency *latency = latency_of(&phase->latency, scope->statement);
        if (!selected(scope, phase) || latency == NULL || latency->count < enough)
            continue;
        const int64_t figure = figure_of(metric, latency);
        if (figure != RECORD_NONE)
            raise_to(&worst, (double)figure, phase->name,
                     worst_moment_s(scope->strategy, phase, metric->at_offset));
    }
    return worst;
}

static struct metric_value measure_latency(const struct metric *metric, const struct metric_scope *scope)
{
    const struct metric_value worst = worst_latency(metric, scope, metric->enough);
    return isnan(worst.value) ? worst_latency(metric, scope, 1) : worst;
}

/* The longest response, whatever its outcome: of the phases, of the victims of episodes, and of what never finished. */
static struct metric_value measure_stall(const struct metric *metric, const struct metric_scope *scope)
{
    struct metric_value worst = worst_latency(metric, scope, 1);
    if (scope->statement != NULL)
        return worst;
    for (size_t i = 0; i < scope->strategy->episodes.count; i++) {
        const struct record_episode *episode = &scope->strategy->episodes.items[i];
        const struct record_phase *phase = selected_named(scope, episode->phase);
        if (phase == NULL || episode->victims.count <= 0 || episode->victims.longest_us == RECORD_NONE)
            continue;
        if ((double)episode->victims.longest_us >= worst.value || isnan(worst.value))
            worst = (struct metric_value){(double)episode->victims.longest_us, phase->name, episode->start_s};
    }
    const int64_t total_us = scope->strategy->totals.stall_max_us;
    if (scope->phase == NULL && total_us != RECORD_NONE && !((double)total_us <= worst.value))
        worst.value = (double)total_us;
    return worst;
}

static struct metric_value sum_outcomes(const struct metric_scope *scope, size_t offset, size_t column)
{
    struct metric_value sum = UNMEASURED;
    double largest = 0;
    for (size_t i = 0; i < scope->strategy->phases.count; i++) {
        const struct record_phase *phase = &scope->strategy->phases.items[i];
        int64_t count;
        memcpy(&count, (const char *)&phase->outcomes + offset, sizeof count);
        if (count != RECORD_NONE && (scope->phase == NULL || selected(scope, phase)))
            add_to(&sum, &largest, (double)count, phase->name,
                   worst_moment_s(scope->strategy, phase, column));
    }
    return sum;
}

static struct metric_value measure_failed(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    return sum_outcomes(scope, offsetof(struct record_outcomes, failed),
                        offsetof(struct record_series, failed));
}

static struct metric_value measure_retried(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    return sum_outcomes(scope, offsetof(struct record_outcomes, retried),
                        offsetof(struct record_series, p99_us));
}

static struct metric_value measure_throughput(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value value = UNMEASURED;
    value.value = scope->strategy->totals.throughput_ratio_min10s;
    return value;
}

/* Of a statement's locks those that conflict with reads or writes; −1 when it held none. */
static int64_t exclusive_held_us(const struct record_statement *statement)
{
    int64_t held_us = -1;
    for (size_t i = 0; i < statement->locks.count; i++) {
        const struct record_lock *lock = &statement->locks.items[i];
        if (lock->blocks.count > 0 && lock->held_us > held_us)
            held_us = lock->held_us;
    }
    return held_us >= 0 && statement->held.value_us != RECORD_NONE ? statement->held.value_us : held_us;
}

static int64_t lock_wait_us(const struct record_statement *statement)
{
    int64_t wait_us = statement->queued.value_us == RECORD_NONE ? -1 : statement->queued.value_us;
    for (size_t i = 0; i < statement->attempts.count; i++)
        if (statement->attempts.items[i].lock_wait_us > wait_us)
            wait_us = statement->attempts.items[i].lock_wait_us;
    return wait_us;
}

static int64_t lock_timeouts(const struct record_statement *statement)
{
    int64_t count = 0;
    for (size_t i = 0; i < statement->attempts.count; i++)
        count += statement->attempts.items[i].outcome != NULL &&
                 strcmp(statement->attempts.items[i].outcome, "lock_timeout") == 0;
    return count;
}

static struct metric_value worst_statement(const struct metric_scope *scope,
                                           int64_t (*figure)(const struct record_statement *))
{
    struct metric_value worst = UNMEASURED;
    for (size_t i = 0; i < scope->strategy->phases.count; i++) {
        const struct record_phase *phase = &scope->strategy->phases.items[i];
        if (!selected(scope, phase))
            continue;
        if (isnan(worst.value))
            worst.value = 0; /* phases were watched: no lock seen is zero */
        for (size_t k = 0; k < phase->statements.count; k++) {
            const int64_t value = figure(&phase->statements.items[k]);
            if (value > 0)
                raise_to(&worst, (double)value, phase->name, phase->statements.items[k].start_s);
        }
    }
    return worst;
}

static struct metric_value measure_held(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    return worst_statement(scope, exclusive_held_us);
}

static struct metric_value measure_wait(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    return worst_statement(scope, lock_wait_us);
}

static struct metric_value measure_timeouts(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value sum = UNMEASURED;
    double largest = 0;
    for (size_t i = 0; i < scope->strategy->phases.count; i++) {
        const struct record_phase *phase = &scope->strategy->phases.items[i];
        for (size_t k = 0; selected(scope, phase) && k < phase->statements.count; k++)
            add_to(&sum, &largest, (double)lock_timeouts(&phase->statements.items[k]), phase->name,
                   phase->statements.items[k].start_s);
        if (selected(scope, phase) && isnan(sum.value))
            sum.value = 0;
    }
    return sum;
}

static struct metric_value measure_blocked_sessions(const struct metric *metric,
                                                    const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value worst = UNMEASURED;
    for (size_t i = 0; i < scope->strategy->phases.count; i++)
        if (selected(scope, &scope->strategy->phases.items[i]) && isnan(worst.value))
            worst.value = 0;
    for (size_t i = 0; i < scope->strategy->episodes.count; i++) {
        const struct record_episode *episode = &scope->strategy->episodes.items[i];
        if (selected_named(scope, episode->phase) != NULL && episode->victims.sessions > 0)
            raise_to(&worst, (double)episode->victims.sessions, episode->phase, episode->start_s);
    }
    return worst;
}

static struct metric_value measure_blocked_time(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value sum = UNMEASURED;
    double largest = 0;
    sum.value = 0;
    for (size_t i = 0; i < scope->strategy->episodes.count; i++) {
        const struct record_episode *episode = &scope->strategy->episodes.items[i];
        if (selected_named(scope, episode->phase) != NULL && episode->victims.session_us > 0)
            add_to(&sum, &largest, (double)episode->victims.session_us, episode->phase, episode->start_s);
    }
    return sum;
}

static struct metric_value measure_duration(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value value = UNMEASURED;
    value.value = scope->strategy->totals.duration_s;
    return value;
}

static struct metric_value measure_backfill_rate(const struct metric *metric,
                                                 const struct metric_scope *scope)
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

static struct metric_value measure_lag(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value worst = UNMEASURED;
    const struct record_series *series = &scope->strategy->timeline.coarse;
    for (size_t i = 0; i < series->replica_lag_s.count && i < series->t_s.count; i++) {
        const char *phase = phase_at(scope->strategy, series->t_s.items[i]);
        if (!isnan(series->replica_lag_s.items[i]) && selected_named(scope, phase) != NULL)
            raise_to(&worst, series->replica_lag_s.items[i], phase, series->t_s.items[i]);
    }
    return worst;
}

static struct metric_value measure_wal(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value value = UNMEASURED;
    int64_t bytes = scope->strategy->totals.wal_bytes;
    if (scope->phase != NULL) {
        const struct record_phase *phase = phase_named(scope->strategy, scope->phase);
        bytes = phase == NULL ? RECORD_NONE : phase->wal_bytes;
    }
    if (bytes != RECORD_NONE)
        value.value = (double)bytes;
    value.phase = scope->phase;
    return value;
}

static struct metric_value measure_disk(const struct metric *metric, const struct metric_scope *scope)
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

static struct metric_value measure_checks(const struct metric *metric, const struct metric_scope *scope)
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

static struct metric_value measure_rollback(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value value = UNMEASURED;
    if (scope->strategy->rollback.rehearsed)
        value = (struct metric_value){scope->strategy->rollback.duration_s, "rollback", (double)NAN};
    return value;
}

static struct metric_value measure_rollback_stall(const struct metric *metric,
                                                  const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value value = UNMEASURED;
    const struct record_rollback *rollback = &scope->strategy->rollback;
    if (rollback->rehearsed && rollback->stall_max_us != RECORD_NONE)
        value = (struct metric_value){(double)rollback->stall_max_us, "rollback", (double)NAN};
    return value;
}

static bool has_backfill(const struct record_strategy *strategy)
{
    return strategy->backfills.count > 0;
}

static bool has_rollback(const struct record_strategy *strategy)
{
    return strategy->rollback.rehearsed;
}

/* clang-format off */
#define LATENCY(name, member, column, words, enough) \
    {"app.latency." name, "us", words ", worst phase", words " against baseline", true, true, false, measure_latency, NULL, \
     offsetof(struct record_latency, member), offsetof(struct record_series, column), enough}
#define MAX_AT offsetof(struct record_latency, max_us), offsetof(struct record_series, max_us), 1

/* name, unit, title, relative title, by phase, by statement, higher is better, measure, applies */
static const struct metric metrics[] = {
    {"app.stall_max", "us", "longest application stall", "longest stall against baseline", true, true, false, measure_stall, NULL, MAX_AT},
    {"app.failed", "count", "failed requests", NULL, true, false, false, measure_failed, NULL, 0, 0, 0},
    {"app.retried", "count", "retried requests", NULL, true, false, false, measure_retried, NULL, 0, 0, 0},
    LATENCY("p50", p50_us, p50_us, "p50", 2),
    LATENCY("p90", p90_us, p90_us, "p90", 10),
    LATENCY("p95", p95_us, p99_us, "p95", 20),
    LATENCY("p99", p99_us, p99_us, "p99", 100),
    LATENCY("p999", p999_us, max_us, "p99.9", 1000),
    LATENCY("max", max_us, max_us, "longest response", 1),
    {"app.throughput_ratio.min10s", "ratio", "throughput, worst 10 s", NULL, false, false, true, measure_throughput, NULL, 0, 0, 0},
    {"lock.exclusive_held_max", "us", "exclusive lock held", NULL, true, false, false, measure_held, NULL, 0, 0, 0},
    {"lock.wait_max", "us", "migration waited for a lock", NULL, true, false, false, measure_wait, NULL, 0, 0, 0},
    {"lock.blocked_sessions_max", "count", "sessions blocked at once", NULL, true, false, false, measure_blocked_sessions, NULL, 0, 0, 0},
    {"lock.blocked_session_time", "us", "time sessions were blocked", NULL, true, false, false, measure_blocked_time, NULL, 0, 0, 0},
    {"lock.row_wait_max", "us", "longest wait for a row lock", NULL, true, false, false, NULL, NULL, 0, 0, 0},
    {"lock.timeouts", "count", "lock timeouts of the migration", NULL, true, false, false, measure_timeouts, NULL, 0, 0, 0},
    {"migration.duration", "s", "migration took", NULL, false, false, false, measure_duration, NULL, 0, 0, 0},
    {"backfill.rows_per_s.min", "per_s", "slowest 10 s of the backfill", NULL, false, false, true, measure_backfill_rate, has_backfill, 0, 0, 0},
    {"replica.lag_max", "s", "replica replay lag", NULL, true, false, false, measure_lag, NULL, 0, 0, 0},
    {"wal.bytes", "bytes", "WAL written", NULL, true, false, false, measure_wal, NULL, 0, 0, 0},
    {"wal.amplification_ratio", "ratio", "WAL per byte changed", NULL, false, false, false, NULL, NULL, 0, 0, 0},
    {"disk.extra_peak_ratio", "ratio", "extra disk at peak", NULL, false, false, false, measure_disk, NULL, 0, 0, 0},
    {"bloat.dead_ratio", "ratio", "dead rows", NULL, false, false, false, NULL, NULL, 0, 0, 0},
    {"plan.regressions", "count", "query plans made worse", NULL, false, false, false, NULL, NULL, 0, 0, 0},
    {"checks.failed", "count", "failed checks", NULL, true, false, false, measure_checks, NULL, 0, 0, 0},
    {"rollback.duration", "s", "rollback rehearsed", NULL, false, false, false, measure_rollback, has_rollback, 0, 0, 0},
    {"rollback.stall_max", "us", "longest stall in rollback", NULL, false, false, false, measure_rollback_stall, has_rollback, 0, 0, 0},
    {"data.fidelity_min", "ratio", "least faithful column", NULL, false, false, true, NULL, NULL, 0, 0, 0},
};
/* clang-format on */

enum { METRIC_COUNT = sizeof metrics / sizeof metrics[0] };

const struct metric *metric_find(const char *name)
{
    for (size_t i = 0; name != NULL && i < METRIC_COUNT; i++)
        if (strcmp(metrics[i].name, name) == 0)
            return &metrics[i];
    return NULL;
}

const char *metric_near(const char *name)
{
    const char *names[METRIC_COUNT + 1] = {NULL};
    for (size_t i = 0; i < METRIC_COUNT; i++)
        names[i] = metrics[i].name;
    return near_word(name, names);
}

struct metric_value metric_measure(const struct metric *metric, const struct metric_scope *scope)
{
    return metric->measure == NULL ? UNMEASURED : metric->measure(metric, scope);
}

double metric_baseline(const struct metric *metric, const struct metric_scope *scope)
{
    const struct record_latency_set *set = &scope->record->baseline.latency;
    if (scope->strategy->phases.count > 0 && is_kind(&scope->strategy->phases.items[0], "baseline"))
        set = &scope->strategy->phases.items[0].latency;
    const struct record_latency *latency = latency_of(set, scope->statement);
    if (metric->relative_title == NULL || latency == NULL || latency->count <= 0 ||
        figure_of(metric, latency) <= 0)
        return (double)NAN;
    return (double)figure_of(metric, latency);
}

bool metric_applies(const struct metric *metric, const struct metric_scope *scope)
{
    if (scope->phase != NULL && phase_named(scope->strategy, scope->phase) == NULL)
        return false;
    return metric->applies == NULL || metric->applies(scope->strategy);
}
