#include "reports/metrics.h"

#include "bench/base/near.h"
#include "reports/measure.h"

#include <math.h>
#include <string.h>

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
    {"backfill.rows_per_s.min", "per_s", "slowest 10 s of the backfill", NULL, false, false, true, measure_backfill_rate, measure_has_backfill, 0, 0, 0},
    {"replica.lag_max", "s", "replica replay lag", NULL, true, false, false, measure_lag, NULL, 0, 0, 0},
    {"wal.bytes", "bytes", "WAL written", NULL, true, false, false, measure_wal, NULL, 0, 0, 0},
    {"wal.amplification_ratio", "ratio", "WAL per byte changed", NULL, false, false, false, NULL, NULL, 0, 0, 0},
    {"disk.extra_peak_ratio", "ratio", "extra disk at peak", NULL, false, false, false, measure_disk, NULL, 0, 0, 0},
    {"bloat.dead_ratio", "ratio", "dead rows", NULL, false, false, false, NULL, NULL, 0, 0, 0},
    {"plan.regressions", "count", "query plans made worse", NULL, false, false, false, NULL, NULL, 0, 0, 0},
    {"checks.failed", "count", "failed checks", NULL, true, false, false, measure_checks, NULL, 0, 0, 0},
    {"rollback.duration", "s", "rollback rehearsed", NULL, false, false, false, measure_rollback, measure_has_rollback, 0, 0, 0},
    {"rollback.stall_max", "us", "longest stall in rollback", NULL, false, false, false, measure_rollback_stall, measure_has_rollback, 0, 0, 0},
    {"data.fidelity_min", "ratio", "least faithful table", NULL, false, false, true, measure_fidelity, NULL, 0, 0, 0},
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
    if (scope->strategy->phases.count > 0 && measure_is_kind(&scope->strategy->phases.items[0], "baseline"))
        set = &scope->strategy->phases.items[0].latency;
    const struct record_latency *latency = measure_latency_of(set, scope->statement);
    if (metric->relative_title == NULL || latency == NULL || latency->count <= 0 ||
        measure_figure(metric, latency) <= 0)
        return (double)NAN;
    return (double)measure_figure(metric, latency);
}

bool metric_applies(const struct metric *metric, const struct metric_scope *scope)
{
    if (scope->phase != NULL && measure_phase(scope->strategy, scope->phase) == NULL)
        return false;
    return metric->applies == NULL || metric->applies(scope->strategy);
}
