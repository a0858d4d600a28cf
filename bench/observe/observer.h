/* observer: threads that look at the server while the migration runs: locks, bytes, sizes.
 *
 * Levels: FULL: watcher at 1 ms (MariaDB, MySQL: 2 ms) and probes at 1 kHz while armed, 50 ms and 50 Hz otherwise;
 * IDLE: always 50 ms and 50 Hz; OFF: nothing but the bytes. Probes share 1,000 looks a second for each CPU of this
 * host, 4,000 at most: of four CPUs, one table has two per kind half a period apart, two tables one per kind at 1 kHz,
 * three and four one per kind every 1.5 and 2 ms; of two CPUs one table has one per kind at 1 kHz and each further one
 * makes all look so much more rarely; tables after the fourth stay at 50 Hz.
 * Cost, server and client sharing two busy CPUs: armed, 0.15 to 0.4 of a CPU in the watcher's backend, 0.1 in the probes'
 * and 0.1 in threads here, which leaves eight clients that send without pause 0.93 of their throughput with one table and
 * 0.89 with two; not armed 0.03 of a CPU in all. Where no CPU is free looks come late: gaps say so.
 * Every thread appends to arrays of its own; the joining happens after observer_stop (MEASURE).
 * observer_arm, observer_migration_session and observer_mark may be called from any thread. */
#ifndef REHEARSE_OBSERVE_OBSERVER_H
#define REHEARSE_OBSERVE_OBSERVER_H

#include "bench/base/arena.h"
#include "bench/db/db.h"
#include "bench/db/server_clock.h"
#include "bench/db/sql.h"
#include "bench/observe/attempt_locks.h"
#include "bench/observe/episode.h"

enum observe_level { OBSERVE_FULL, OBSERVE_IDLE, OBSERVE_OFF };

struct observer_config {
    const struct db_target *target;
    const char *run_id; /* application_name is rehearse/<run id>/watch, …/probe */
    const char *expected_identity;
    enum observe_level level;
    struct server_clock *clock;     /* kept in step by the observer, every 10 s */
    const char *const *tables;      /* quoted names of the watched tables */
    const char *const *table_names; /* the same, for people */
    size_t table_count;
};

/* Bytes and sizes, one point a second. */
struct bytes_point {
    int64_t at_ns;
    int64_t log_bytes;        /* WAL/redo written since the start of the observer */
    int64_t database_bytes;   /* size of the database; −1 not measured at this point (asked every 5 s) */
    int32_t blocked_sessions; /* waiting for a lock as the watcher saw it last */
};

struct table_size {
    const char *name;
    int64_t rows_estimate, table_bytes, index_bytes;
    const char *storage; /* changes on a rewrite */
};

struct observer;
struct observer *observer_start(const struct observer_config *config, struct err *err);
void observer_arm(struct observer *observer,
                  bool armed); /* a migration statement may run from now on / no more */
void observer_migration_session(struct observer *observer, int session,
                                bool active); /* which sessions are the migration's */
/* Storage ids of the watched tables now, cheap: called before and after each DDL attempt, from the migrator's thread over a
 * session of the observer's own. attempt: index in the array later given to observer_attempt_locks; after: false before. */
void observer_mark(struct observer *observer, int attempt, bool after);
bool observer_sizes(struct observer *observer, struct arena *arena, struct table_size **sizes, size_t *count,
                    struct err *err);
/* True for a session that observer_migration_session named, while it lasts. Any thread. */
bool observer_is_migration(struct observer *observer, int session);
int observer_blocked_now(
    const struct observer *observer);           /* sessions waiting at the last snapshot; any thread */
void observer_stop(struct observer *observer);  /* joins; results below can be read. Idempotent */
void observer_close(struct observer *observer); /* accepts NULL */

/* After observer_stop. */
const struct bytes_point *observer_bytes(const struct observer *observer, size_t *count);
struct observer_quality {
    int64_t watcher_gap_max_us; /* armed */
    int64_t probe_gap_max_us;   /* armed; the blind spot promised */
    int64_t clock_error_us;
    int64_t probe_slip_max_us;
    bool notices;         /* the server told every probe how long it waited for a lock */
    bool lost_connection; /* an observer had to reconnect */
    const char *degraded; /* one sentence why the numbers are weaker, NULL when they are not */
};
struct observer_quality observer_quality(const struct observer *observer);
/* Locks of each attempt, same order and count as attempts. expected[i]: statement kind of attempts[i] and its table (may be
 * NULL), for locks too short to be seen. An attempt of session 0 is an external command: its locks are those of all sessions
 * that were the migration's while it ran. */
struct attempt_statement {
    enum sql_kind kind;
    const char *table; /* as sql_target_table gives it, or NULL */
};
struct attempt_locks *observer_attempt_locks(struct observer *observer, struct arena *arena,
                                             const struct attempt_span *attempts,
                                             const struct attempt_statement *statements, size_t count);
/* Episodes: who blocked whom, joined from the watcher, the probes, the attempts and the application's slow requests. */
bool observer_episodes(struct observer *observer, struct arena *arena, const struct episode_input *input,
                       struct episode **episodes, size_t *count);

#endif
