#include "bench/run/validity.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#define LATE_P99_US  25000 /* a generator that is later than this at p99 measures itself, not the server */
#define LOAD_REACHED 0.95  /* completed over due in the baseline */

static void invalid(struct arena *arena, struct record_strategy *strategy, struct record *record,
                    const char *reason)
{
    strategy->invalid = true;
    *RECORD_ADD(arena, record->validity.reasons) = arena_printf(arena, "%s: %s", strategy->name, reason);
}

static void check_generator(struct arena *arena, struct record_strategy *strategy, struct record *record)
{
    if (strategy->schedule_lag_p99_us > LATE_P99_US)
        invalid(arena, strategy, record,
                arena_printf(
                    arena,
                    "the load generator itself was late (p99 %.1f ms): this machine is too busy for the load",
                    (double)strategy->schedule_lag_p99_us / 1000));
    if (strategy->schedule_lag_p99_us > record->validity.generator.schedule_lag_p99_us)
        record->validity.generator.schedule_lag_p99_us = strategy->schedule_lag_p99_us;
}

static void check_baseline(struct arena *arena, const struct trial *trial, struct record_strategy *strategy,
                           struct record *record)
{
    const struct record_phase *baseline = strategy->phases.count > 0 ? &strategy->phases.items[0] : NULL;
    if (baseline == NULL || strcmp(baseline->kind, "baseline") != 0 || baseline->latency.all.count == 0) {
        invalid(arena, strategy, record, "the baseline is missing");
        return;
    }
    double seconds = baseline->end_s - baseline->start_s;
    strategy->achieved_rate_per_s = (double)baseline->latency.all.count / seconds;
    double target_per_s = trial->config->rate_per_s;
    record->validity.generator.target_rate_per_s = target_per_s > 0 ? target_per_s : NAN;
    record->validity.generator.achieved_rate_per_s = strategy->achieved_rate_per_s;
    if (target_per_s > 0 && strategy->achieved_rate_per_s < LOAD_REACHED * target_per_s)
        invalid(arena, strategy, record,
                arena_printf(arena, "the load was not reached before the migration: %.0f of %.0f requests/s",
                             strategy->achieved_rate_per_s, target_per_s));
}

static void check_observers(struct arena *arena, const struct trial *trial, struct record_strategy *strategy,
                            struct record *record)
{
    struct observer_quality quality = observer_quality(trial->observer);
    static const char *const levels[] = {
        [OBSERVE_FULL] = "full", [OBSERVE_IDLE] = "idle", [OBSERVE_OFF] = "off"};
    record->validity.observer.level = levels[trial->config->level];
    record->validity.observer.notices = quality.notices;
    if (quality.probe_gap_max_us > record->validity.observer.blind_spot_us)
        record->validity.observer.blind_spot_us = quality.probe_gap_max_us;
    if (quality.watcher_gap_max_us > record->validity.observer.watcher_gap_max_us)
        record->validity.observer.watcher_gap_max_us = quality.watcher_gap_max_us;
    if (quality.clock_error_us > record->validity.observer.clock_error_us)
        record->validity.observer.clock_error_us = quality.clock_error_us;
    if (quality.lost_connection)
        invalid(arena, strategy, record, "the server went away and came back during the run");
    else if (quality.degraded != NULL)
        *RECORD_ADD(arena, record->validity.reasons) = arena_printf(arena, "%s: %s", strategy->name,
                                                                    quality.degraded);
}

static void check_replicas(struct arena *arena, const struct trial *trial, struct record_strategy *strategy,
                           struct record *record)
{
    if (trial->config->replica_count == 0 &&
        threshold_names(&trial->config->plan->thresholds, "replica.lag_max"))
        invalid(arena, strategy, record, "replica.lag_max is limited, but no replica was watched");
}

void validity_of_strategy(struct arena *arena, const struct trial *trial, struct record_strategy *strategy,
                          struct record *record)
{
    check_generator(arena, strategy, record);
    check_baseline(arena, trial, strategy, record);
    check_observers(arena, trial, strategy, record);
    check_replicas(arena, trial, strategy, record);
    double cores = (double)sysconf(_SC_NPROCESSORS_ONLN);
    double cpu_ratio = trial->wall_ns > 0 ? (double)trial->cpu_ns / (double)trial->wall_ns / cores : 0;
    if (cpu_ratio > record->validity.generator.cpu_ratio)
        record->validity.generator.cpu_ratio = cpu_ratio;
}

void validity_of_run(struct arena *arena, struct record *record)
{
    record->validity.state = record->validity.reasons.count > 0 ? "degraded" : "valid";
    if (record->strategies.count == 0) {
        record->validity.state = "invalid";
        *RECORD_ADD(arena, record->validity.reasons) = "no strategy was run";
    }
    for (size_t i = 0; i < record->strategies.count; i++)
        if (record->strategies.items[i].invalid)
            record->validity.state = "invalid";
}
