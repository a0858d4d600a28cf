#include "reports/record_fields.h"

#include <stddef.h>

/* Members named in macros are designators: parentheses around them would not compile. */
/* NOLINTBEGIN(bugprone-macro-parentheses) */
/* clang-format off */
#define KIND(value) _Generic((value), const char *: RECORD_TEXT, int64_t: RECORD_INT, double: RECORD_REAL, bool: RECORD_BOOL, \
                    record_strings: RECORD_TEXTS, record_ints: RECORD_INTS, record_doubles: RECORD_REALS, \
                    record_pairs: RECORD_PAIRS, record_numbers: RECORD_COUNTS)

#define MEMBER(type, member)            (((const type *)0)->member)
#define AT(type, member, kind, shape)   (kind), offsetof(type, member), sizeof MEMBER(type, member), (shape)
#define ITEMS(type, member, shape)      RECORD_ARRAY, offsetof(type, member), sizeof *MEMBER(type, member).items, &(shape)

#define PLAIN(type, member)             {#member, AT(type, member, KIND(MEMBER(type, member)), NULL)}
#define MAYBE(type, member)             {#member, AT(type, member, RECORD_MAYBE, NULL)}
#define OBJECT(type, member, shape)     {#member, AT(type, member, RECORD_OBJECT, &(shape))}
#define SPREAD(type, member, shape)     {NULL, AT(type, member, RECORD_SPREAD, &(shape))}
#define ARRAY(type, member, shape)      {#member, ITEMS(type, member, shape)}

/* Members of a nameless struct `in`; NAMELESS is that struct itself: its shape counts offsets from the struct around. */
#define INNER(type, in, member)               {#member, AT(type, in.member, KIND(MEMBER(type, in.member)), NULL)}
#define INNER_OBJECT(type, in, member, shape) {#member, AT(type, in.member, RECORD_OBJECT, &(shape))}
#define INNER_ARRAY(type, in, member, shape)  {#member, ITEMS(type, in.member, shape)}
#define NAMELESS(type, in, key, shape)        {#key, RECORD_OBJECT, 0, sizeof MEMBER(type, in), &(shape)}

#define SHAPE(fields) {(fields), sizeof(fields) / sizeof(fields)[0]}
/* clang-format on */
/* NOLINTEND(bugprone-macro-parentheses) */

static const struct record_field latency_fields[] = {
    PLAIN(struct record_latency, name),    PLAIN(struct record_latency, count),
    PLAIN(struct record_latency, p50_us),  PLAIN(struct record_latency, p90_us),
    PLAIN(struct record_latency, p95_us),  PLAIN(struct record_latency, p99_us),
    PLAIN(struct record_latency, p999_us), PLAIN(struct record_latency, max_us),
    PLAIN(struct record_latency, hdr_v2),
};
static const struct record_shape latency_shape = SHAPE(latency_fields);

static const struct record_field latency_set_fields[] = {
    OBJECT(struct record_latency_set, all, latency_shape),
    OBJECT(struct record_latency_set, service, latency_shape),
    ARRAY(struct record_latency_set, by_script, latency_shape),
    ARRAY(struct record_latency_set, by_statement, latency_shape),
};
static const struct record_shape latency_set_shape = SHAPE(latency_set_fields);

static const struct record_field lock_fields[] = {
    PLAIN(struct record_lock, object),    PLAIN(struct record_lock, mode),
    PLAIN(struct record_lock, source),    PLAIN(struct record_lock, held_us),
    PLAIN(struct record_lock, waited_us), PLAIN(struct record_lock, blocks),
};
static const struct record_shape lock_shape = SHAPE(lock_fields);

static const struct record_field figure_fields[] = {
    PLAIN(struct record_figure, value_us), PLAIN(struct record_figure, low_us),
    PLAIN(struct record_figure, high_us),  PLAIN(struct record_figure, gap_us),
    PLAIN(struct record_figure, source),
};
static const struct record_shape figure_shape = SHAPE(figure_fields);

static const struct record_field attempt_fields[] = {
    PLAIN(struct record_attempt, outcome),      PLAIN(struct record_attempt, code),
    PLAIN(struct record_attempt, lock_wait_us), PLAIN(struct record_attempt, start_s),
    PLAIN(struct record_attempt, duration_us),
};
static const struct record_shape attempt_shape = SHAPE(attempt_fields);

static const struct record_field stage_fields[] = {
    PLAIN(struct record_stage, name),
    PLAIN(struct record_stage, duration_us),
};
static const struct record_shape stage_shape = SHAPE(stage_fields);

static const struct record_field statement_fields[] = {
    PLAIN(struct record_statement, sql),
    PLAIN(struct record_statement, file),
    PLAIN(struct record_statement, kind),
    PLAIN(struct record_statement, line),
    PLAIN(struct record_statement, start_s),
    PLAIN(struct record_statement, duration_us),
    PLAIN(struct record_statement, outcome),
    PLAIN(struct record_statement, message),
    ARRAY(struct record_statement, attempts, attempt_shape),
    ARRAY(struct record_statement, locks, lock_shape),
    ARRAY(struct record_statement, stages, stage_shape),
    OBJECT(struct record_statement, queued, figure_shape),
    OBJECT(struct record_statement, held, figure_shape),
    OBJECT(struct record_statement, window, figure_shape),
    PLAIN(struct record_statement, degraded),
    MAYBE(struct record_statement, rewrite),
    PLAIN(struct record_statement, rows),
    PLAIN(struct record_statement, output),
};
static const struct record_shape statement_shape = SHAPE(statement_fields);

static const struct record_field outcomes_fields[] = {
    PLAIN(struct record_outcomes, ok),       PLAIN(struct record_outcomes, failed),
    PLAIN(struct record_outcomes, retried),  PLAIN(struct record_outcomes, unfinished),
    PLAIN(struct record_outcomes, by_class),
};
static const struct record_shape outcomes_shape = SHAPE(outcomes_fields);

static const struct record_field phase_fields[] = {
    PLAIN(struct record_phase, name),
    PLAIN(struct record_phase, kind),
    PLAIN(struct record_phase, app),
    PLAIN(struct record_phase, start_s),
    PLAIN(struct record_phase, end_s),
    PLAIN(struct record_phase, completed),
    ARRAY(struct record_phase, statements, statement_shape),
    OBJECT(struct record_phase, latency, latency_set_shape),
    OBJECT(struct record_phase, outcomes, outcomes_shape),
    PLAIN(struct record_phase, wal_bytes),
};
static const struct record_shape phase_shape = SHAPE(phase_fields);

static const struct record_field series_fields[] = {
    PLAIN(struct record_series, bin_s),
    PLAIN(struct record_series, t_s),
    PLAIN(struct record_series, throughput_per_s),
    PLAIN(struct record_series, wal_bytes_per_s),
    PLAIN(struct record_series, replica_lag_s),
    PLAIN(struct record_series, backlog),
    PLAIN(struct record_series, in_flight),
    PLAIN(struct record_series, p50_us),
    PLAIN(struct record_series, p90_us),
    PLAIN(struct record_series, p99_us),
    PLAIN(struct record_series, max_us),
    PLAIN(struct record_series, failed),
    PLAIN(struct record_series, blocked_sessions),
};
static const struct record_shape series_shape = SHAPE(series_fields);

static const struct record_field timeline_fields[] = {
    SPREAD(struct record_timeline, coarse, series_shape),
    ARRAY(struct record_timeline, fine, series_shape),
};
static const struct record_shape timeline_shape = SHAPE(timeline_fields);

static const struct record_field blocker_fields[] = {
    PLAIN(struct record_blocker, session), PLAIN(struct record_blocker, application_name),
    PLAIN(struct record_blocker, state),   PLAIN(struct record_blocker, query),
    PLAIN(struct record_blocker, role),    PLAIN(struct record_blocker, xact_age_us),
    PLAIN(struct record_blocker, depth),   PLAIN(struct record_blocker, until_s),
};
static const struct record_shape blocker_shape = SHAPE(blocker_fields);

static const struct record_field victim_fields[] = {
    PLAIN(struct record_victim, session),  PLAIN(struct record_victim, script),
    PLAIN(struct record_victim, due_s),    PLAIN(struct record_victim, sent_s),
    PLAIN(struct record_victim, done_s),   PLAIN(struct record_victim, response_us),
    PLAIN(struct record_victim, finished),
};
static const struct record_shape victim_shape = SHAPE(victim_fields);

static const struct record_field victims_fields[] = {
    PLAIN(struct record_victims, count),
    PLAIN(struct record_victims, sessions),
    PLAIN(struct record_victims, session_us),
    PLAIN(struct record_victims, longest_us),
    ARRAY(struct record_victims, top, victim_shape),
};
static const struct record_shape victims_shape = SHAPE(victims_fields);

static const struct record_field episode_fields[] = {
    PLAIN(struct record_episode, start_s),
    PLAIN(struct record_episode, end_s),
    PLAIN(struct record_episode, phase),
    PLAIN(struct record_episode, statement),
    PLAIN(struct record_episode, lock_mode),
    PLAIN(struct record_episode, object),
    PLAIN(struct record_episode, outcome),
    PLAIN(struct record_episode, migration_part),
    PLAIN(struct record_episode, attempt),
    PLAIN(struct record_episode, waited_us),
    PLAIN(struct record_episode, held_us),
    PLAIN(struct record_episode, root_held_us),
    PLAIN(struct record_episode, window_us),
    PLAIN(struct record_episode, degraded),
    ARRAY(struct record_episode, blockers, blocker_shape),
    OBJECT(struct record_episode, victims, victims_shape),
};
static const struct record_shape episode_shape = SHAPE(episode_fields);

static const struct record_field check_fields[] = {
    PLAIN(struct record_check, name),    PLAIN(struct record_check, sql),
    PLAIN(struct record_check, expect),  PLAIN(struct record_check, found),
    PLAIN(struct record_check, state),   PLAIN(struct record_check, after_phase),
    PLAIN(struct record_check, message),
};
static const struct record_shape check_shape = SHAPE(check_fields);

static const struct record_field backfill_fields[] = {
    PLAIN(struct record_backfill, phase),          PLAIN(struct record_backfill, table),
    PLAIN(struct record_backfill, rows),           PLAIN(struct record_backfill, batches),
    PLAIN(struct record_backfill, retried),        PLAIN(struct record_backfill, rows_per_s),
    PLAIN(struct record_backfill, rows_per_s_min), PLAIN(struct record_backfill, throttled_s),
    PLAIN(struct record_backfill, duration_s),
};
static const struct record_shape backfill_shape = SHAPE(backfill_fields);

static const struct record_field replica_fields[] = {
    PLAIN(struct record_replica, name),      PLAIN(struct record_replica, lag_max_s),
    PLAIN(struct record_replica, lag_p99_s), PLAIN(struct record_replica, lag_max_bytes),
    PLAIN(struct record_replica, unknown_s),
};
static const struct record_shape replica_shape = SHAPE(replica_fields);

static const struct record_field replication_fields[] = {
    PLAIN(struct record_replication, pauses),
    PLAIN(struct record_replication, paused_s),
    ARRAY(struct record_replication, replicas, replica_shape),
};
static const struct record_shape replication_shape = SHAPE(replication_fields);

static const struct record_field rollback_fields[] = {
    PLAIN(struct record_rollback, rehearsed),        PLAIN(struct record_rollback, complete),
    PLAIN(struct record_rollback, duration_s),       PLAIN(struct record_rollback, stall_max_us),
    PLAIN(struct record_rollback, schema_identical), PLAIN(struct record_rollback, changes),
};
static const struct record_shape rollback_shape = SHAPE(rollback_fields);

static const struct record_field verdict_fields[] = {
    PLAIN(struct record_verdict, state),
    PLAIN(struct record_verdict, sentence),
    PLAIN(struct record_verdict, causes),
};
static const struct record_shape verdict_shape = SHAPE(verdict_fields);

static const struct record_field totals_fields[] = {
    PLAIN(struct record_totals, duration_s),  PLAIN(struct record_totals, requests),
    PLAIN(struct record_totals, failed),      PLAIN(struct record_totals, retried),
    PLAIN(struct record_totals, unfinished),  PLAIN(struct record_totals, stall_max_us),
    PLAIN(struct record_totals, wal_bytes),   PLAIN(struct record_totals, disk_extra_peak_bytes),
    PLAIN(struct record_totals, backlog_max), PLAIN(struct record_totals, reconnects),
    PLAIN(struct record_totals, drain_s),     PLAIN(struct record_totals, throughput_ratio_min10s),
};
static const struct record_shape totals_shape = SHAPE(totals_fields);

static const struct record_field strategy_fields[] = {
    PLAIN(struct record_strategy, name),
    PLAIN(struct record_strategy, kind),
    PLAIN(struct record_strategy, file),
    PLAIN(struct record_strategy, summary),
    PLAIN(struct record_strategy, candidate),
    OBJECT(struct record_strategy, verdict, verdict_shape),
    OBJECT(struct record_strategy, totals, totals_shape),
    ARRAY(struct record_strategy, phases, phase_shape),
    OBJECT(struct record_strategy, timeline, timeline_shape),
    ARRAY(struct record_strategy, episodes, episode_shape),
    ARRAY(struct record_strategy, backfills, backfill_shape),
    OBJECT(struct record_strategy, replication, replication_shape),
    ARRAY(struct record_strategy, checks, check_shape),
    OBJECT(struct record_strategy, rollback, rollback_shape),
    PLAIN(struct record_strategy, leftovers),
    PLAIN(struct record_strategy, notes),
    PLAIN(struct record_strategy, invalid),
    PLAIN(struct record_strategy, target_rate_milli_per_s),
    PLAIN(struct record_strategy, achieved_rate_per_s),
    PLAIN(struct record_strategy, schedule_lag_p99_us),
};
static const struct record_shape strategy_shape = SHAPE(strategy_fields);

static const struct record_field threshold_fields[] = {
    PLAIN(struct record_threshold, strategy),   PLAIN(struct record_threshold, metric),
    PLAIN(struct record_threshold, expression), PLAIN(struct record_threshold, limit),
    PLAIN(struct record_threshold, unit),       PLAIN(struct record_threshold, level),
    PLAIN(struct record_threshold, measured),   PLAIN(struct record_threshold, limit_value),
    PLAIN(struct record_threshold, used_ratio), PLAIN(struct record_threshold, state),
    PLAIN(struct record_threshold, phase),      PLAIN(struct record_threshold, at_s),
    PLAIN(struct record_threshold, is_default),
};
static const struct record_shape threshold_shape = SHAPE(threshold_fields);

static const struct record_field run_fields[] = {
    INNER(struct record, run, id),       INNER(struct record, run, name),
    INNER(struct record, run, title),    INNER(struct record, run, started_at),
    INNER(struct record, run, ended_at), INNER(struct record, run, duration_s),
    INNER(struct record, run, argv),     INNER(struct record, run, exit_code),
};
static const struct record_shape run_shape = SHAPE(run_fields);

static const struct record_field tool_fields[] = {
    INNER(struct record, tool, name),
    INNER(struct record, tool, version),
    INNER(struct record, tool, build),
    INNER(struct record, tool, client_version),
};
static const struct record_shape tool_shape = SHAPE(tool_fields);

static const struct record_field generator_fields[] = {
    INNER(struct record, validity.generator, schedule_lag_p99_us),
    INNER(struct record, validity.generator, target_rate_per_s),
    INNER(struct record, validity.generator, achieved_rate_per_s),
    INNER(struct record, validity.generator, cpu_ratio),
};
static const struct record_shape generator_shape = SHAPE(generator_fields);

static const struct record_field observer_fields[] = {
    INNER(struct record, validity.observer, level),
    INNER(struct record, validity.observer, blind_spot_us),
    INNER(struct record, validity.observer, watcher_gap_max_us),
    INNER(struct record, validity.observer, clock_error_us),
    INNER(struct record, validity.observer, notices),
};
static const struct record_shape observer_shape = SHAPE(observer_fields);

static const struct record_field validity_fields[] = {
    INNER(struct record, validity, state),
    INNER(struct record, validity, reasons),
    NAMELESS(struct record, validity.generator, generator, generator_shape),
    NAMELESS(struct record, validity.observer, observer, observer_shape),
};
static const struct record_shape validity_shape = SHAPE(validity_fields);

static const struct record_field server_fields[] = {
    INNER(struct record, environment.server, engine),   INNER(struct record, environment.server, version),
    INNER(struct record, environment.server, target),   INNER(struct record, environment.server, version_num),
    INNER(struct record, environment.server, settings),
};
static const struct record_shape server_shape = SHAPE(server_fields);

static const struct record_field replica_server_fields[] = {
    PLAIN(struct record_server, target),
    PLAIN(struct record_server, role),
    PLAIN(struct record_server, version),
};
static const struct record_shape replica_server_shape = SHAPE(replica_server_fields);

static const struct record_field network_fields[] = {
    INNER(struct record, environment.network, rtt_p50_us),
};
static const struct record_shape network_shape = SHAPE(network_fields);

static const struct record_field environment_fields[] = {
    INNER(struct record, environment, client),
    NAMELESS(struct record, environment.server, server, server_shape),
    INNER_ARRAY(struct record, environment, replicas, replica_server_shape),
    NAMELESS(struct record, environment.network, network, network_shape),
    INNER(struct record, environment, fingerprint),
};
static const struct record_shape environment_shape = SHAPE(environment_fields);

static const struct record_field reproduce_fields[] = {
    INNER(struct record, reproduce, seed),
    INNER(struct record, reproduce, plan_sha256),
    INNER(struct record, reproduce, profile_sha256),
    INNER(struct record, reproduce, command),
    INNER(struct record, reproduce, strategy_sha256),
    INNER(struct record, reproduce, workload_sha256),
};
static const struct record_shape reproduce_shape = SHAPE(reproduce_fields);

static const struct record_field fidelity_fields[] = {
    PLAIN(struct record_fidelity, score_ratio),
    PLAIN(struct record_fidelity, worst),
    PLAIN(struct record_fidelity, rows_ratio),
    PLAIN(struct record_fidelity, heap_pages_ratio),
    PLAIN(struct record_fidelity, index_pages_ratio),
    PLAIN(struct record_fidelity, nulls_distance_ratio),
    PLAIN(struct record_fidelity, width_distance_ratio),
    PLAIN(struct record_fidelity, mcv_distance_ratio),
    PLAIN(struct record_fidelity, histogram_distance_ratio),
    PLAIN(struct record_fidelity, correlation_distance_ratio),
    PLAIN(struct record_fidelity, distinct_error_ratio),
    PLAIN(struct record_fidelity, distinct_reported_error_ratio),
    PLAIN(struct record_fidelity, fanout_distance_ratio),
    PLAIN(struct record_fidelity, queries_count),
    PLAIN(struct record_fidelity, queries_rows_error_median_ratio),
    PLAIN(struct record_fidelity, queries_rows_error_p90_ratio),
};
static const struct record_shape fidelity_shape = SHAPE(fidelity_fields);

static const struct record_field table_fields[] = {
    PLAIN(struct record_table, name),
    PLAIN(struct record_table, rows),
    PLAIN(struct record_table, production_rows),
    PLAIN(struct record_table, bytes),
    PLAIN(struct record_table, index_bytes),
    PLAIN(struct record_table, fill_duration_s),
    PLAIN(struct record_table, fill_rows_per_s),
    OBJECT(struct record_table, fidelity, fidelity_shape),
};
static const struct record_shape table_shape = SHAPE(table_fields);

static const struct record_field data_fields[] = {
    INNER_ARRAY(struct record, data, tables, table_shape),
    INNER_OBJECT(struct record, data, fidelity, fidelity_shape),
};
static const struct record_shape data_shape = SHAPE(data_fields);

static const struct record_field app_fields[] = {
    PLAIN(struct record_app, name),
    PLAIN(struct record_app, scripts),
};
static const struct record_shape app_shape = SHAPE(app_fields);

static const struct record_field antagonist_fields[] = {
    PLAIN(struct record_antagonist, script),
    PLAIN(struct record_antagonist, start_s),
    PLAIN(struct record_antagonist, every_s),
    PLAIN(struct record_antagonist, hold_s),
};
static const struct record_shape antagonist_shape = SHAPE(antagonist_fields);

static const struct record_field load_fields[] = {
    INNER(struct record, load, arrival),
    INNER(struct record, load, protocol),
    INNER(struct record, load, rate_per_s),
    INNER(struct record, load, sessions),
    INNER_ARRAY(struct record, load, apps, app_shape),
    INNER_ARRAY(struct record, load, antagonists, antagonist_shape),
};
static const struct record_shape load_shape = SHAPE(load_fields);

static const struct record_field baseline_fields[] = {
    INNER_OBJECT(struct record, baseline, latency, latency_set_shape),
    INNER(struct record, baseline, throughput_per_s),
    INNER(struct record, baseline, schema_sha256),
};
static const struct record_shape baseline_shape = SHAPE(baseline_fields);

static const struct record_field record_fields[] = {
    PLAIN(struct record, kind),
    NAMELESS(struct record, run, run, run_shape),
    NAMELESS(struct record, tool, tool, tool_shape),
    OBJECT(struct record, verdict, verdict_shape),
    NAMELESS(struct record, validity, validity, validity_shape),
    PLAIN(struct record, candidate),
    NAMELESS(struct record, environment, environment, environment_shape),
    NAMELESS(struct record, reproduce, reproduce, reproduce_shape),
    NAMELESS(struct record, data, data, data_shape),
    NAMELESS(struct record, load, load, load_shape),
    NAMELESS(struct record, baseline, baseline, baseline_shape),
    ARRAY(struct record, strategies, strategy_shape),
    ARRAY(struct record, thresholds, threshold_shape),
};
const struct record_shape record_shape = SHAPE(record_fields);

bool record_shape_is_flat(const struct record_shape *shape)
{
    for (size_t i = 0; i < shape->count; i++)
        if (shape->fields[i].kind > RECORD_MAYBE)
            return false;
    return true;
}
