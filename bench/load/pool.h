/* pool: the application under load: sessions, one thread each, that take arrivals from one schedule.
 *
 * Open loop: arrival i is due at start + i/rate, whatever the server does; any free session takes the oldest due one;
 * nothing is skipped or dropped. Closed loop (rate 0): a session's next arrival is due when its last is done.
 * Clients share three things with the outside: the next arrival, the era (phase and live mix), stop. An arrival belongs to
 * the phase in which it was due; it runs the code that is live when it is sent. A lost connection is opened again with
 * jittered back-off (50 ms … 2 s) and the request counts by its class; a session that is not connected takes no arrival.
 * Arrival i draws from (seed, i): the same seed asks for the same, whatever the sessions. pool_* calls come from one thread (the run's),
 * except pool_progress and pool_interrupt (any). */
#ifndef REHEARSE_LOAD_POOL_H
#define REHEARSE_LOAD_POOL_H

#include "bench/db/db.h"
#include "bench/stat/series.h"
#include "bench/stat/span.h"
#include "bench/stat/tally.h"
#include "workloads/workload.h"

enum pool_protocol { POOL_PREPARED, POOL_SIMPLE };

struct pool_variable {
    const char *name;
    struct script_value value;
};

struct pool_config {
    const struct db_target *target;
    const struct workload *workload;
    const char *run_id;                    /* application_name is rehearse/<run_id>/app */
    const char *expected_identity;         /* for db_options, may be NULL */
    const struct pool_variable *variables; /* :orders_rows, :scale, -D …; :client_id is the pool's own */
    size_t variable_count;
    struct app_mix mix; /* live at the start */
    uint64_t seed;
    double rate_per_s; /* 0: closed loop */
    int sessions;
    enum pool_protocol protocol;
    int phases;                  /* how many phases pool_enter_phase may name: 0 … phases−1 */
    int64_t request_deadline_ns; /* per statement; 0: 10 min */
    int64_t slow_floor_ns;       /* requests at least this slow are kept one by one; 0: 1 ms */
    int64_t longest_ns;          /* longest run; 0: 24 h */
};

struct pool;

/* Connects all sessions (serially), prepares the statements of the live mix, then waits at GO. Undefined variables of any
 * app and statements of the live mix that do not prepare are errors naming file and line. Statements of other apps are
 * prepared when first needed, for what they name may not exist yet; one that then does not prepare is that request's
 * outcome. */
struct pool *pool_open(const struct pool_config *config, struct err *err);
void pool_go(struct pool *pool, int64_t start_ns);   /* first arrival is due at start_ns, in phase 0 */
void pool_enter_phase(struct pool *pool, int phase); /* arrivals due from now on belong to it */
/* Changes the live code and waits until no request of the old mix is in flight (old code is drained before the next DDL).
 * False: not drained by the deadline; *still_old tells how many are left. */
bool pool_deploy(struct pool *pool, const struct app_mix *mix, int64_t deadline_ns, int *still_old);
/* No further arrivals. Waits for requests in flight and due until deadline, then cancels and counts what is unfinished as
 * such (its stall runs to now). Threads are joined; the results below can be read. Idempotent. */
void pool_stop(struct pool *pool, int64_t deadline_ns);
void pool_interrupt(struct pool *pool); /* no further arrivals, from any thread, at once; pool_stop follows */
void pool_close(struct pool *pool);     /* accepts NULL; stops if need be; frees the results too */

struct pool_progress {
    int64_t due, started, completed, failed, backlog,
        oldest_due_ns; /* oldest_due_ns: due time of the oldest waiting, 0 none */
    int connected;
};
struct pool_progress pool_progress(const struct pool *pool);
/* Recent latency for the progress line: of the requests completed since the last call. One caller. */
void pool_recent(struct pool *pool, struct hist *scratch, int64_t *p50_us, int64_t *p99_us, int64_t *max_us);

/* After pool_stop. */
const struct tally *pool_tally(const struct pool *pool);
const struct series *pool_series(const struct pool *pool);
const struct request_span *pool_spans(const struct pool *pool, size_t *count, uint64_t *lost);
/* How late the generator itself was: from due (or session free, whichever is later) to sent. For validity. */
const struct hist *pool_schedule_lag(const struct pool *pool);
struct pool_count {
    int64_t requests, failed, reconnects, unfinished;
    int64_t drain_ns; /* from the last arrival's due time to the last completion */
};
struct pool_count pool_count(const struct pool *pool);
/* Requests due in a phase that never finished; the tally has them among the cancelled. */
int64_t pool_unfinished(const struct pool *pool, int phase);

#endif
