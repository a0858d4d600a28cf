/* lag: how far behind a replica is, from the beats of the primary and what the replica was seen to show. Pure.
 *
 * Beats are numbered by their place in a list, in order of time. A replica that shows beat n lags since beat n + 1 was
 * committed: by at most the time between two beats more, and by nothing when it shows the newest. */
#ifndef REHEARSE_OBSERVE_LAG_H
#define REHEARSE_OBSERVE_LAG_H

#include "bench/base/clock.h"

#include <stddef.h>
#include <stdint.h>

#define LAG_BEAT_NS (50 * NS_PER_MS)
#define LAG_OVERDUE_NS                                                                                       \
    (100 * NS_PER_MS)           /* after so long without an answer the replica is taken to stand still */
#define LAG_SILENCE_NS NS_PER_S /* after so long without an answer, or a beat, nothing is known */
#define LAG_POINT_NS   (100 * NS_PER_MS)

struct lag_beat {
    int64_t at_ns;     /* the primary said that it is committed */
    int64_t log_bytes; /* the primary had logged then; −1 it did not say */
};

struct lag_sight { /* one look at a replica */
    int64_t asked_ns, answered_ns;
    int64_t beat; /* the newest it shows; −1: none of this run */
};

struct lag_point {
    int64_t at_ns;     /* run clock */
    int64_t lag_ns;    /* −1 unknown */
    int64_t lag_bytes; /* logged by the primary since what the replica shows; −1 unknown */
};

/* At a moment not before the sight, the replica's newest. */
struct lag_point lag_at(const struct lag_beat *beats, size_t count, const struct lag_sight *sight,
                        int64_t at_ns);
/* The worse of two at one moment: unknown is worse than any. */
struct lag_point lag_worse(struct lag_point a, struct lag_point b);
/* The worst of every 100 ms from … to; a replica without sights is unknown. points has room for (to − from) / LAG_POINT_NS;
 * returns how many it got. */
size_t lag_points(const struct lag_beat *beats, size_t beat_count, const struct lag_sight *sights,
                  size_t sight_count, int64_t from_ns, int64_t to_ns, struct lag_point *points);

#endif
