#include "reports/measure.h"

#include <math.h>
#include <string.h>

static struct metric_value worst_latency(const struct metric *metric, const struct metric_scope *scope,
                                         int64_t enough)
{
    struct metric_value worst = UNMEASURED;
    for (size_t i = 0; i < scope->strategy->phases.count; i++) {
        const struct record_phase *phase = &scope->strategy->phases.items[i];
        const struct record_latency *latency = measure_latency_of(&phase->latency, scope->statement);
        if (!measure_counts(scope, phase) || latency == NULL || latency->count < enough)
            continue;
        const int64_t figure = measure_figure(metric, latency);
        if (figure != RECORD_NONE)
            measure_raise(&worst, (double)figure, phase->name,
                          measure_worst_moment_s(scope->strategy, phase, metric->at_offset));
    }
    return worst;
}

struct metric_value measure_latency(const struct metric *metric, const struct metric_scope *scope)
{
    const struct metric_value worst = worst_latency(metric, scope, metric->enough);
    return isnan(worst.value) ? worst_latency(metric, scope, 1) : worst;
}

/* The longest response, whatever its outcome: of the phases, of the victims of episodes, and of what never finished. */
struct metric_value measure_stall(const struct metric *metric, const struct metric_scope *scope)
{
    struct metric_value worst = worst_latency(metric, scope, 1);
    if (scope->statement != NULL)
        return worst;
    for (size_t i = 0; i < scope->strategy->episodes.count; i++) {
        const struct record_episode *episode = &scope->strategy->episodes.items[i];
        const struct record_phase *phase = measure_counting_phase(scope, episode->phase);
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
        if (count != RECORD_NONE && (scope->phase == NULL || measure_counts(scope, phase)))
            measure_add(&sum, &largest, (double)count, phase->name,
                        measure_worst_moment_s(scope->strategy, phase, column));
    }
    return sum;
}

struct metric_value measure_failed(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    return sum_outcomes(scope, offsetof(struct record_outcomes, failed),
                        offsetof(struct record_series, failed));
}

struct metric_value measure_retried(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    return sum_outcomes(scope, offsetof(struct record_outcomes, retried),
                        offsetof(struct record_series, p99_us));
}

struct metric_value measure_throughput(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value value = UNMEASURED;
    value.value = scope->strategy->totals.throughput_ratio_min10s;
    return value;
}
