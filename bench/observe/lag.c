#include "bench/observe/lag.h"

#include <stdbool.h>

/* How many beats were committed by then. */
static size_t beats_by(const struct lag_beat *beats, size_t count, int64_t at_ns)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (beats[middle].at_ns <= at_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int64_t bytes_between(const struct lag_beat *shown, const struct lag_beat *newest)
{
    if (shown->log_bytes < 0 || newest->log_bytes < 0)
        return -1;
    return newest->log_bytes > shown->log_bytes ? newest->log_bytes - shown->log_bytes : 0;
}

struct lag_point lag_at(const struct lag_beat *beats, size_t count, const struct lag_sight *sight,
                        int64_t at_ns)
{
    struct lag_point point = {at_ns, -1, -1};
    if (sight->beat < 0 || count == 0 || at_ns - sight->answered_ns > LAG_SILENCE_NS)
        return point;
    bool overdue = at_ns - sight->asked_ns > LAG_OVERDUE_NS;
    int64_t seen_ns = overdue ? at_ns : sight->asked_ns;
    size_t shown = (size_t)sight->beat, known = beats_by(beats, count, seen_ns);
    if (known > shown + 1) {
        point.lag_ns = seen_ns - beats[shown + 1].at_ns;
        point.lag_bytes = bytes_between(&beats[shown], &beats[known - 1]);
        return point;
    }
    /* It shows the newest: nothing is missing, as long as there still are new ones. */
    if (at_ns - beats[shown < count ? shown : count - 1].at_ns <= LAG_SILENCE_NS)
        point.lag_ns = point.lag_bytes = 0;
    return point;
}

struct lag_point lag_worse(struct lag_point a, struct lag_point b)
{
    if (a.lag_ns < 0 || b.lag_ns < 0)
        return a.lag_ns < 0 ? a : b;
    struct lag_point worse = a.lag_ns >= b.lag_ns ? a : b;
    worse.lag_bytes = a.lag_bytes > b.lag_bytes ? a.lag_bytes : b.lag_bytes;
    return worse;
}

size_t lag_points(const struct lag_beat *beats, size_t beat_count, const struct lag_sight *sights,
                  size_t sight_count, int64_t from_ns, int64_t to_ns, struct lag_point *points)
{
    struct lag_sight none = {.beat = -1};
    const struct lag_sight *last = &none;
    size_t count = 0, next = 0;
    for (int64_t at_ns = from_ns + LAG_POINT_NS; at_ns <= to_ns; at_ns += LAG_POINT_NS) {
        struct lag_point worst = {at_ns, 0, 0};
        for (; next < sight_count && sights[next].answered_ns <= at_ns; next++) {
            last = &sights[next];
            if (last->answered_ns > at_ns - LAG_POINT_NS)
                worst = lag_worse(worst, lag_at(beats, beat_count, last, last->answered_ns));
        }
        worst = lag_worse(worst, lag_at(beats, beat_count, last, at_ns));
        worst.at_ns = at_ns;
        points[count++] = worst;
    }
    return count;
}
