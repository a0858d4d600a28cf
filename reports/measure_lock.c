#include "reports/measure.h"

#include <math.h>
#include <string.h>

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
        if (!measure_counts(scope, phase))
            continue;
        if (isnan(worst.value))
            worst.value = 0; /* phases were watched: no lock seen is zero */
        for (size_t k = 0; k < phase->statements.count; k++) {
            const int64_t value = figure(&phase->statements.items[k]);
            if (value > 0)
                measure_raise(&worst, (double)value, phase->name, phase->statements.items[k].start_s);
        }
    }
    return worst;
}

struct metric_value measure_held(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    return worst_statement(scope, exclusive_held_us);
}

struct metric_value measure_wait(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    return worst_statement(scope, lock_wait_us);
}

struct metric_value measure_timeouts(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value sum = UNMEASURED;
    double largest = 0;
    for (size_t i = 0; i < scope->strategy->phases.count; i++) {
        const struct record_phase *phase = &scope->strategy->phases.items[i];
        for (size_t k = 0; measure_counts(scope, phase) && k < phase->statements.count; k++)
            measure_add(&sum, &largest, (double)lock_timeouts(&phase->statements.items[k]), phase->name,
                        phase->statements.items[k].start_s);
        if (measure_counts(scope, phase) && isnan(sum.value))
            sum.value = 0;
    }
    return sum;
}

struct metric_value measure_blocked_sessions(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value worst = UNMEASURED;
    for (size_t i = 0; i < scope->strategy->phases.count; i++)
        if (measure_counts(scope, &scope->strategy->phases.items[i]) && isnan(worst.value))
            worst.value = 0;
    for (size_t i = 0; i < scope->strategy->episodes.count; i++) {
        const struct record_episode *episode = &scope->strategy->episodes.items[i];
        if (measure_counting_phase(scope, episode->phase) != NULL && episode->victims.sessions > 0)
            measure_raise(&worst, (double)episode->victims.sessions, episode->phase, episode->start_s);
    }
    return worst;
}

struct metric_value measure_blocked_time(const struct metric *metric, const struct metric_scope *scope)
{
    (void)metric;
    struct metric_value sum = UNMEASURED;
    double largest = 0;
    sum.value = 0;
    for (size_t i = 0; i < scope->strategy->episodes.count; i++) {
        const struct record_episode *episode = &scope->strategy->episodes.items[i];
        if (measure_counting_phase(scope, episode->phase) != NULL && episode->victims.session_us > 0)
            measure_add(&sum, &largest, (double)episode->victims.session_us, episode->phase,
                        episode->start_s);
    }
    return sum;
}
