/* episode: one blocking event: the root, the migration statement in the queue (if it took part), the victims. Values.
 *
 * Window: from the moment the first strong request is enqueued until it is released or gives up. Requests are the
 * application's; probes and observers are never victims. One episode per attempt that made somebody wait (statements of one
 * transaction that shut the same table are one), one per part of an external command, and one per stretch in which a session
 * that is neither the application's nor inside an attempt blocked the application. */
#ifndef REHEARSE_OBSERVE_EPISODE_H
#define REHEARSE_OBSERVE_EPISODE_H

#include "bench/stat/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct episode_blocker {
    int session;
    const char *application_name, *state; /* "" when not seen */
    const char *query;                    /* redacted */
    int64_t xact_age_us;                  /* at the start of the episode; −1 unknown */
    int64_t until_ns;                     /* when it last was seen blocking, run clock */
    int64_t blocking_ns;                  /* how long it was seen to */
    bool is_migration, is_application;
    int depth; /* 0: the root; 1: it waits for the root and blocks others … */
};

struct episode_victim { /* the longest waits, for the Gantt chart */
    int session;
    const char *script; /* name of the workload script */
    int64_t due_ns, sent_ns, done_ns;
    bool finished;
};

struct episode {
    int64_t start_ns, end_ns; /* the window */
    int attempt;              /* index into the attempts, −1: the migration took no part */
    int part;                 /* index into the parts of its locks, −1: it has none */
    int phase;                /* phase run in which it began */
    const char *object;       /* table */
    int mode;                 /* lock mode of the strong request or hold */
    int64_t waited_us;        /* queued by the migration statement */
    int64_t
        held_us; /* of the root: the migration statement's hold; of a foreign root its transaction's age when it was
                        last seen blocking, which is the most it can have held */
    enum outcome outcome;             /* of the attempt: ok, lock_timeout …; ok when no attempt */
    struct episode_blocker *blockers; /* root first */
    size_t blocker_count;
    int64_t victim_count;      /* application requests due or in flight while blocked, backlog included */
    int64_t victim_sessions;   /* application sessions waiting at once, at most */
    int64_t victim_session_us; /* sum over them of time blocked */
    int64_t victim_longest_us; /* longest response among the victims */
    struct episode_victim
        *top;         /* each session's longest, ranked: the longest of all first, the others spread evenly */
    size_t top_count; /* ≤ 8 */
    bool further;     /* of an attempt that shut others out several times: not its longest */
    bool untold;      /* waited and held cannot be told apart: no lock is listed */
    bool degraded;
};

struct episode_input {
    const struct attempt_span *attempts;
    const struct attempt_locks *locks; /* of the attempts, from observer_attempt_locks */
    size_t attempt_count;
    const struct request_span *requests;
    size_t request_count;
    const char *const *script_names;
    const uint64_t *script_tables;  /* by script: bit t = touches watched table t */
    const bool *script_writes;      /* by script: it changes rows; NULL: unknown, any may */
    const int64_t *phase_starts_ns; /* by phase run */
    size_t phase_count;
    int64_t floor_ns; /* shorter blocking is no episode: max(1 ms, the noise of the probes) */
};

#endif
