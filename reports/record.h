/* record: result.json as values: the only source of every report. Filled by run/, or read from a file.
 *
 * The member names are the JSON keys; units are the last word of each. One table (record_fields.c) drives both writing and
 * reading, so the two cannot disagree; docs/result.schema.json is checked against it. Strings and arrays belong to the
 * arena of whoever filled it. Absent numbers are RECORD_NONE / NaN and are written as null. Times *_s in strategies are
 * seconds since the strategy's zero (its first arrival after the baseline's start is negative to nothing: the baseline of a
 * strategy is its phase 0). */
#ifndef REHEARSE_REPORTS_RECORD_H
#define REHEARSE_REPORTS_RECORD_H

#include "bench/base/arena.h"
#include "bench/base/buf.h"
#include "bench/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_NONE INT64_MIN
enum { RECORD_SCHEMA_VERSION = 1 };

/* A list: items owned by an arena. */
#define RECORD_LIST(type)                                                                                    \
    struct {                                                                                                 \
        type *items;                                                                                         \
        size_t count, capacity;                                                                              \
    }
#define RECORD_ADD(arena, list) ARENA_PUSH((arena), (list).items, (list).count, (list).capacity)

struct record_pair { /* written as a member of an object: "name": "value" */
    const char *name, *value;
};
struct record_number { /* "name": 12 */
    const char *name;
    int64_t value;
};
typedef RECORD_LIST(struct record_pair) record_pairs;
typedef RECORD_LIST(struct record_number) record_numbers;
typedef RECORD_LIST(const char *) record_strings;
typedef RECORD_LIST(int64_t) record_ints;
typedef RECORD_LIST(double) record_doubles;

struct record_latency {
    const char *name;                                               /* statement or script; "" for all */
    int64_t count, p50_us, p90_us, p95_us, p99_us, p999_us, max_us; /* RECORD_NONE when count is 0 */
    const char *hdr_v2;
};
typedef RECORD_LIST(struct record_latency) record_latencies;

struct record_latency_set {
    struct record_latency all;     /* response: from due */
    struct record_latency service; /* from sent */
    record_latencies by_script;    /* response */
    record_latencies by_statement; /* service */
};

struct record_lock {
    const char *object, *mode, *source; /* source: "seen" or "expected" */
    int64_t held_us, waited_us;
    record_strings blocks; /* "reads", "writes" */
};

struct record_figure {
    int64_t value_us, low_us, high_us, gap_us;
    const char *source;
};

struct record_attempt {
    const char *outcome, *code;
    int64_t lock_wait_us; /* queued */
    double start_s;
    int64_t duration_us;
};

struct record_stage { /* as the server calls it: "copy to tmp table" */
    const char *name;
    int64_t duration_us;
};

struct record_statement {
    const char *sql; /* literals as they stand in the migration file: the file is the reviewer's own text */
    const char *file, *kind;
    int64_t line;
    double start_s;
    int64_t duration_us;
    const char *outcome, *message;
    RECORD_LIST(struct record_attempt) attempts;
    RECORD_LIST(struct record_lock) locks;
    RECORD_LIST(struct record_stage) stages; /* of the last attempt; none where the server cannot tell */
    struct record_figure queued, held, window;
    bool degraded;
    int64_t rewrite; /* 1, 0, RECORD_NONE: written true, false, null */
    int64_t rows;
    record_strings output; /* of a command: its last lines, secrets cut */
};

struct record_outcomes {
    int64_t ok, failed, retried, unfinished;
    record_numbers by_class; /* failed ones, by outcome name */
};

struct record_phase {
    const char *name, *kind; /* kind: baseline ddl data app check settle rollback */
    record_pairs app;        /* live mix at the end: "v1": "50 %" */
    double start_s, end_s;
    bool completed;
    RECORD_LIST(struct record_statement) statements;
    struct record_latency_set latency;
    struct record_outcomes outcomes;
    int64_t wal_bytes;
};

struct record_series { /* columnar: all lists have the length of t_s; NaN and RECORD_NONE are gaps */
    double bin_s;
    record_doubles t_s, throughput_per_s, wal_bytes_per_s, replica_lag_s;
    record_ints backlog, in_flight, p50_us, p90_us, p99_us, max_us, failed, blocked_sessions;
};

struct record_timeline {
    struct record_series coarse;            /* 1 s bins: its members stand directly in "timeline" */
    RECORD_LIST(struct record_series) fine; /* 100 ms bins around every DDL statement */
};

struct record_blocker {
    const char *session, *application_name, *state, *query, *role; /* role: migration application other */
    int64_t xact_age_us, depth;
    double until_s;
};

struct record_victim {
    const char *session, *script;
    double due_s, sent_s, done_s; /* sent_s NaN: never sent */
    int64_t response_us;
    bool finished;
};

struct record_victims {
    int64_t count, sessions, session_us, longest_us;
    RECORD_LIST(struct record_victim) top;
};

struct record_episode {
    double start_s, end_s;
    const char *phase, *statement, *lock_mode, *object, *outcome;
    bool migration_part; /* the migration took part; false: others among themselves */
    int64_t attempt;     /* 1-based, of its statement */
    int64_t waited_us; /* with held_us RECORD_NONE: the server lists no locks, window_us was either or both */
    int64_t held_us;   /* by the migration statement; by the root when the migration took no part */
    int64_t root_held_us; /* by the root, whoever it is */
    int64_t window_us;
    bool degraded;
    RECORD_LIST(struct record_blocker) blockers;
    struct record_victims victims;
};

struct record_check {
    const char *name, *sql, *expect, *found, *state, *after_phase, *message; /* state: pass fail error */
};

struct record_backfill {
    const char *phase, *table;
    int64_t rows, batches, retried;
    double rows_per_s, rows_per_s_min, throttled_s, duration_s;
};

struct
    record_replica {  /* from the first migration phase to the end of settle; NaN, RECORD_NONE: never known */
    const char *name; /* where it is, without a password */
    double lag_max_s, lag_p99_s, unknown_s;
    int64_t lag_max_bytes; /* logged by the primary since what the replica showed */
};

struct record_replication { /* pauses: of the backfills, for the worst replica, beyond max_lag or unknown */
    int64_t pauses;
    double paused_s;
    RECORD_LIST(struct record_replica) replicas; /* none: none were watched */
};

struct record_rollback {
    bool rehearsed, complete;
    double duration_s; /* NaN: none */
    int64_t stall_max_us;
    bool schema_identical;
    record_strings changes; /* "+ line" / "- line", what differs from before */
};

struct record_verdict {
    const char *state, *sentence; /* pass warn fail invalid aborted */
    record_strings causes;
};

struct
    record_totals { /* from the first migration phase to the end of settle: neither baseline nor rollback */
    double duration_s; /* of the migration, forward */
    int64_t requests, failed, retried, unfinished;
    int64_t stall_max_us; /* whatever the outcome; unfinished requests count to the end of watching */
    int64_t wal_bytes, disk_extra_peak_bytes;
    int64_t backlog_max, reconnects;
    double drain_s;
    double throughput_ratio_min10s;
};

struct record_strategy {
    const char *name, *kind, *file, *summary; /* kind: migration; summary: one line under the name */
    bool candidate;
    struct record_verdict verdict;
    struct record_totals totals;
    RECORD_LIST(struct record_phase) phases; /* the first is the baseline, then in the order they ran */
    struct record_timeline timeline;
    RECORD_LIST(struct record_episode) episodes;
    RECORD_LIST(struct record_backfill) backfills;
    struct record_replication replication;
    RECORD_LIST(struct record_check) checks;
    struct record_rollback rollback;
    record_strings leftovers;
    record_strings notes; /* things seen that a reviewer should know: "server restarted at 12.3 s" */
    bool invalid;         /* its numbers cannot be trusted; why is in validity.reasons */
    int64_t target_rate_milli_per_s; /* requests per 1000 s asked for; RECORD_NONE closed loop */
    double achieved_rate_per_s;
    int64_t schedule_lag_p99_us;
};

struct record_threshold {
    const char *strategy, *metric, *expression, *limit, *unit,
        *level;                   /* level: fail warn; unit: us bytes ratio count per_s s */
    double measured, limit_value; /* in `unit`; NaN: could not be measured */
    double used_ratio;            /* share of the limit used, NaN when it makes no sense */
    const char *state;            /* pass warn fail skipped */
    const char *phase;            /* where the worst was; NULL */
    double at_s;                  /* NaN */
    bool is_default;              /* not written by the user */
};

struct record_server { /* a replica; target: the label, no password; role: "replica" */
    const char *target, *role, *version;
};

struct record_fidelity { /* how near the data is to the profile: as audit measures it; NaN: not measured */
    double score_ratio;
    const char *worst; /* column; of the database table.column; NULL: none is off */
    double rows_ratio, heap_pages_ratio, index_pages_ratio, nulls_distance_ratio, width_distance_ratio,
        mcv_distance_ratio, histogram_distance_ratio, correlation_distance_ratio, distinct_error_ratio,
        distinct_reported_error_ratio, fanout_distance_ratio;
    int64_t
        queries_count; /* whose rows were compared with what the profile lets one expect; RECORD_NONE: none were asked */
    double queries_rows_error_median_ratio, queries_rows_error_p90_ratio; /* q-errors */
};

struct record_table {
    const char *name;
    int64_t rows, production_rows, bytes, index_bytes; /* production_rows: as the profile knows them */
    double fill_duration_s, fill_rows_per_s;           /* NaN: was there already */
    struct record_fidelity fidelity;
};

struct record_app {
    const char *name;
    record_strings scripts; /* "read_order@40" */
};

struct record_antagonist {
    const char *script;
    double start_s, every_s, hold_s;
};

struct record {
    const char *kind; /* "rehearsal" */
    struct {
        const char *id, *name, *title, *started_at, *ended_at;
        double duration_s;
        record_strings argv;
        int64_t exit_code;
    } run;
    struct {
        const char *name, *version, *build, *client_version; /* client_version: "libpq 15.18" */
    } tool;
    struct record_verdict verdict;
    struct {
        const char *state; /* valid, degraded, invalid */
        record_strings reasons;
        struct {
            int64_t schedule_lag_p99_us;
            double target_rate_per_s, achieved_rate_per_s,
                cpu_ratio; /* cpu_ratio: client CPU over wall, all cores */
        } generator;
        struct {
            const char *level;
            int64_t blind_spot_us, watcher_gap_max_us, clock_error_us;
            bool notices;
        } observer;
    } validity;
    const char *candidate;
    struct {
        const char *client; /* "4 cores, Linux 6.1" */
        struct {
            const char *engine, *version, *target; /* target: the label, no password */
            int64_t version_num;
            record_pairs settings;
        } server;
        RECORD_LIST(struct record_server) replicas; /* that followed when the run began */
        struct {
            int64_t rtt_p50_us;
        } network;
        const char *fingerprint;
    } environment;
    struct {
        const char *seed, *plan_sha256, *profile_sha256, *command;
        record_pairs strategy_sha256, workload_sha256;
    } reproduce;
    struct {
        RECORD_LIST(struct record_table) tables;
        struct record_fidelity fidelity;
    } data;
    struct {
        const char *arrival, *protocol; /* arrival: constant, closed */
        double rate_per_s;              /* NaN: closed loop */
        int64_t sessions;
        RECORD_LIST(struct record_app) apps;
        RECORD_LIST(struct record_antagonist) antagonists;
    } load;
    struct {
        struct record_latency_set latency; /* of all strategies' baselines, merged */
        double throughput_per_s;
        const char *schema_sha256;
    } baseline;
    RECORD_LIST(struct record_strategy) strategies;
    RECORD_LIST(struct record_threshold) thresholds;
    bool complete;
};

/* JSON text of the record, "complete": true last. */
void record_write(const struct record *record, struct buf *out);
/* Reads a file's text back; refuses what is not complete, or of another schema_version. */
bool record_read(struct arena *arena, const char *file, const char *text, size_t length,
                 struct record **record, struct err *err);
#endif
