/* watcher: one thread that takes snapshots of the server's locks, while armed as often as the dialect says (1 ms where it
 * says nothing), every 50 ms otherwise. Where row locks are asked for apart, that is every 200 ms, and what they show
 * stands in every snapshot until the next asking.
 *
 * A wait keeps the start with which it was first seen: servers may reckon it back from a timer of their own, which drifts.
 * One whose start the server does not tell began when it was first seen.
 * Kept are only snapshots in which somebody waits or the migration holds a lock, the one after each of them, and of their
 * rows those that tell who waits for whom; equal ones that follow each other, with no arming or disarming between them, are
 * one run. A snapshot was read at some moment between its sending and its answer, which may be far apart: what it shows is
 * true of one moment of that stretch, not of its ends. Read after watcher_join. */
#ifndef REHEARSE_OBSERVE_WATCHER_H
#define REHEARSE_OBSERVE_WATCHER_H

#include "bench/base/arena.h"
#include "bench/db/server_clock.h"
#include "bench/observe/holes.h"
#include "bench/observe/locks.h"
#include "bench/observe/wire.h"

#define WATCHER_ARMED_NS (1 * NS_PER_MS)
#define WATCHER_IDLE_NS  (50 * NS_PER_MS)
#define WATCHER_ROWS_NS  (200 * NS_PER_MS)
/* MariaDB shows what it showed before to who asks again within 100 ms, and starts these anew: it is never asked sooner. */
#define WATCHER_ROWS_LEAST_NS (150 * NS_PER_MS)

/* What the server tells of its locks; found by asking, when a session opens. */
enum watcher_source { WATCHER_UNASKED, WATCHER_TRUE, WATCHER_WEAK, WATCHER_NOTHING };

struct watcher_run {
    int64_t first_sent_ns, first_done_ns; /* of the first of these equal snapshots */
    int64_t last_sent_ns, last_done_ns;   /* of the last of them */
    int64_t era_ns;                       /* when arming last changed before they were sent */
    size_t row, row_count; /* in watcher rows; 0 rows: nobody waits, the migration holds nothing */
};

/* A table as a row lock on it was told: it may be gone before anybody lists the tables. */
struct watcher_name {
    uint32_t object;
    const char *name;
};

/* What a session of the migration ran when it had begun to shut a table. */
struct watcher_statement {
    int32_t session;
    int64_t asked_ns, told_ns;
    const char *text; /* redacted */
};

struct watcher_log {
    struct watcher_run *runs;
    size_t run_count, run_capacity;
    struct lock_row *rows;
    size_t row_count, row_capacity;
    struct watcher_name *names; /* each object once */
    size_t name_count, name_capacity;
    struct watcher_statement *statements;
    size_t statement_count, statement_capacity;
    struct arena arena; /* of the names and the statements */
    struct holes holes;
    enum watcher_source source; /* the weakest there was; unasked: no snapshot was taken */
    bool denied;                /* the role has no right to a better one */
};

struct attribution;

struct watcher {
    struct pace *pace;
    struct roster *roster;
    struct server_clock *clock;
    struct attribution *attribution; /* asked who they are when somebody waits; NULL: nobody is */
    bool fast;                       /* goes to 1 ms while armed */
    struct wire wire;
    bool prepared;
    pthread_t thread;
    bool started;
    _Atomic int blocked; /* sessions waiting in the last snapshot, observers not counted */
    struct watcher_log log;
    enum watcher_source source; /* of this session */
    int64_t armed_ns;           /* between snapshots while armed; known once started */
    struct lock_rows scratch;   /* the snapshot being read */
    struct lock_rows waits;     /* who waited in the last, each since when */
    int64_t waits_ns;           /* when that was sent */
    int32_t shutting; /* session of the migration that it showed to shut others out, or to wait to; 0 none */
    int64_t asked_ns; /* what that one runs */
    struct lock_rows row_locks; /* as last told */
    int64_t row_locks_ns;       /* when they were last asked for; 0 never */
};

/* True when enough time has passed since the last asking for row locks. */
bool watcher_rows_due(int64_t last_ns, int64_t now_ns);

bool watcher_start(struct watcher *watcher, const struct wire_config *wire, struct err *err);
void watcher_join(struct watcher *watcher); /* after pace_stop */
void watcher_free(struct watcher *watcher);

#endif
