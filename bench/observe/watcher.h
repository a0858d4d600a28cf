/* watcher: one thread that takes snapshots of the server's locks, every 1 ms while armed, every 50 ms otherwise.
 *
 * Kept are only snapshots in which somebody waits or the migration holds a lock, the one after each of them, and of their
 * rows those that tell who waits for whom; equal ones that follow each other, with no arming or disarming between them, are
 * one run. A snapshot was read at some moment between its sending and its answer, which may be far apart: what it shows is
 * true of one moment of that stretch, not of its ends. Read after watcher_join. */
#ifndef REHEARSE_OBSERVE_WATCHER_H
#define REHEARSE_OBSERVE_WATCHER_H

#include "bench/db/server_clock.h"
#include "bench/observe/holes.h"
#include "bench/observe/locks.h"
#include "bench/observe/wire.h"

#define WATCHER_ARMED_NS (1 * NS_PER_MS)
#define WATCHER_IDLE_NS  (50 * NS_PER_MS)

struct watcher_run {
    int64_t first_sent_ns, first_done_ns; /* of the first of these equal snapshots */
    int64_t last_sent_ns, last_done_ns;   /* of the last of them */
    int64_t era_ns;                       /* when arming last changed before they were sent */
    size_t row, row_count; /* in watcher rows; 0 rows: nobody waits, the migration holds nothing */
};

struct watcher_log {
    struct watcher_run *runs;
    size_t run_count, run_capacity;
    struct lock_row *rows;
    size_t row_count, row_capacity;
    struct holes holes;
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
    struct lock_row *scratch; /* of the snapshot being read */
    size_t scratch_count, scratch_capacity;
};

bool watcher_start(struct watcher *watcher, const struct wire_config *wire, struct err *err);
void watcher_join(struct watcher *watcher); /* after pace_stop */
void watcher_free(struct watcher *watcher);

#endif
