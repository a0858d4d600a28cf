/* attempt_locks: what the locks of one attempt did, as worked out from what the observer saw. Values; any thread.
 *
 * An external command is one attempt whose sessions are its own: it has a part for each stretch of time in which one of
 * them shut others out of a watched table, or waited to, and its figures are those of the longest parts. */
#ifndef REHEARSE_OBSERVE_ATTEMPT_LOCKS_H
#define REHEARSE_OBSERVE_ATTEMPT_LOCKS_H

#include "bench/stat/span.h"

#include <stdbool.h>
#include <stddef.h>

/* A figure that never stands alone: low ≤ truth ≤ high unless the window was degraded. */
struct lock_figure {
    int64_t value_us, low_us, high_us;
    const char *source; /* static: "stamps", "probe", "notice", "watcher", "bound" */
    int64_t gap_us;     /* largest hole of the watcher or a probe inside the window */
};

struct lock_held {      /* one lock of one attempt */
    const char *object; /* table or other relation, for people */
    int mode;           /* index into the dialect's lock modes */
    int64_t held_us, waited_us;
    bool seen; /* false: taken from the dialect's expected lock, too short to be seen */
};

/* What the locks of one attempt did. Where locks come in stages (see the dialect) held and window are of the longest stretch in
 * which others were shut out, strongest is the mode held longest in it; the list has every mode with all of its time. */
struct attempt_locks {
    struct lock_figure queued;    /* before the grant */
    struct lock_figure held;      /* grant to release; 0 when never granted */
    struct lock_figure window;    /* from the request to release or cancel: how long others were shut out */
    int64_t grant_ns, release_ns; /* on the run's clock; grant 0 = never granted */
    int strongest;                /* lock mode on a watched table, −1 none */
    const char *object;           /* the table it is on */
    struct lock_held *locks;
    size_t lock_count;
    const struct attempt_part *parts; /* of an external command only */
    size_t part_count;
    bool
        untold; /* no lock is listed: others were shut out by the queue for it or by the lock, held and queued are what
                       each may be at most */
    bool degraded;  /* a gap above 5 ms or probe slip above 2 ms fell into the window */
    int8_t rewrite; /* 1 table rewritten, 0 not, −1 unknown (storage id before and after) */
};

struct attempt_part {
    struct attempt_span span;   /* of one session, as if its statement were an attempt of ours */
    struct attempt_locks locks; /* has no parts */
    const char *statement;      /* redacted; NULL: nobody asked while it ran */
};

#endif
