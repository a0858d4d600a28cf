#include "reports/measure.h"

#include <math.h>
#include <string.h>

bool measure_is_kind(const struct record_phase *phase, const char *kind)
{
    return phase->kind != NULL && strcmp(phase->kind, kind) == 0;
}

bool measure_counts(const struct metric_scope *scope, const struct record_phase *phase)
{
    if (scope->phase != NULL)
        return phase->name != NULL && strcmp(phase->name, scope->phase) == 0;
    return !measure_is_kind(phase, "baseline") && !measure_is_kind(phase, "rollback");
}

const struct record_phase *measure_phase(const struct record_strategy *strategy, const char *name)
{
    for (size_t i = 0; name != NULL && i < strategy->phases.count; i++)
        if (strategy->phases.items[i].name != NULL && strcmp(strategy->phases.items[i].name, name) == 0)
            return &strategy->phases.items[i];
    return NULL;
}

const struct record_phase *measure_counting_phase(const struct metric_scope *scope, const char *name)
{
    const struct record_phase *phase = measure_phase(scope->strategy, name);
    return phase != NULL && measure_counts(scope, phase) ? phase : NULL;
}

void measure_raise(struct metric_value *worst, double value, const char *phase, double at_s)
{
    if (!isnan(worst->value) && !(value > worst->value))
        return;
    *worst = (struct metric_value){.value = value, .phase = phase, .at_s = at_s};
}

void measure_add(struct metric_value *sum, double *largest, double value, const char *phase, double at_s)
{
    sum->value = isnan(sum->value) ? value : sum->value + value;
    if (value > *largest) {
        *largest = value;
        sum->phase = phase;
        sum->at_s = at_s;
    }
}

double measure_worst_moment_s(const struct record_strategy *strategy, const struct record_phase *phase,
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
        at_s = t_s > phase->start_s ? t_s : phase->start_s;
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

const struct record_latency *measure_latency_of(const struct record_latency_set *set, const char *statement)
{
    if (statement == NULL)
        return &set->all;
    const struct record_latency *latency = latency_named(&set->by_script, statement);
    return latency != NULL ? latency : latency_named(&set->by_statement, statement);
}

int64_t measure_figure(const struct metric *metric, const struct record_latency *latency)
{
    int64_t figure;
    memcpy(&figure, (const char *)latency + metric->offset, sizeof figure);
    return figure;
}
