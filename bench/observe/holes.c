#include "bench/observe/holes.h"

#include "bench/base/clock.h"

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

void holes_look(struct holes *holes, const struct pace *pace, int64_t period_ns, int64_t due_ns,
                int64_t sent_ns, int64_t done_ns, bool blocked)
{
    if (pace->armed) {
        int64_t since_ns = pace->armed_since_ns;
        int64_t from_ns = later(holes->last_ns, since_ns), to_ns = blocked ? sent_ns : done_ns;
        holes->longest_ns = later(holes->longest_ns, to_ns - from_ns);
        if (to_ns - from_ns > period_ns + period_ns / 2)
            interval_add(&holes->list, from_ns, to_ns);
        int64_t late_ns = sent_ns - later(due_ns, since_ns);
        holes->late_longest_ns = later(holes->late_longest_ns, late_ns);
        if (late_ns > HOLES_LATE_NS)
            interval_add(&holes->late, sent_ns - late_ns, sent_ns);
    }
    holes->last_ns = blocked ? done_ns : sent_ns;
}

void holes_free(struct holes *holes)
{
    interval_free(&holes->list);
    interval_free(&holes->late);
}
