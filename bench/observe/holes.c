#include "bench/observe/holes.h"

#include "bench/base/clock.h"

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void note(struct holes *holes, int64_t period_ns, int64_t from_ns, int64_t to_ns)
{
    holes->longest_ns = later(holes->longest_ns, to_ns - from_ns);
    if (to_ns - from_ns > period_ns + period_ns / 2)
        interval_add(&holes->list, from_ns, to_ns);
}

/* Armed spans that ended since the last look, unseen from it on. */
static void note_ended_spans(struct holes *holes, struct pace *pace, int64_t period_ns)
{
    if (holes->last_ns >= pace->disarmed_ns)
        return;
    struct interval_list spans = {0};
    pace_armed_after(pace, holes->last_ns, &spans);
    for (size_t i = 0; i < spans.count; i++)
        note(holes, period_ns, spans.items[i].start_ns, spans.items[i].end_ns);
    interval_free(&spans);
}

void holes_look(struct holes *holes, struct pace *pace, int64_t period_ns, int64_t due_ns, int64_t sent_ns,
                int64_t done_ns, bool blocked)
{
    note_ended_spans(holes, pace, period_ns);
    if (pace->armed) {
        int64_t since_ns = pace->armed_since_ns;
        note(holes, period_ns, later(holes->last_ns, since_ns), blocked ? sent_ns : done_ns);
        int64_t late_ns = sent_ns - later(due_ns, since_ns);
        holes->late_longest_ns = later(holes->late_longest_ns, late_ns);
        if (late_ns > HOLES_LATE_NS)
            interval_add(&holes->late, sent_ns - late_ns, sent_ns);
    }
    holes->last_ns = blocked ? done_ns : sent_ns;
}

void holes_end(struct holes *holes, struct pace *pace, int64_t period_ns)
{
    note_ended_spans(holes, pace, period_ns);
}

void holes_free(struct holes *holes)
{
    interval_free(&holes->list);
    interval_free(&holes->late);
}
