#include "bench/observe/pace.h"

#include "bench/base/clock.h"

#include <time.h>

void pace_init(struct pace *pace)
{
    *pace = (struct pace){0};
    pthread_mutex_init(&pace->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&pace->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

void pace_free(struct pace *pace)
{
    interval_free(&pace->armed_spans);
    pthread_cond_destroy(&pace->changed);
    pthread_mutex_destroy(&pace->lock);
}

/* Closes the armed span that is open. The caller holds the lock. */
static void end_span(struct pace *pace)
{
    if (!pace->armed)
        return;
    pace->disarmed_ns = clock_ns();
    interval_add(&pace->armed_spans, pace->armed_since_ns, pace->disarmed_ns);
}

void pace_arm(struct pace *pace, bool armed)
{
    pthread_mutex_lock(&pace->lock);
    if (armed != pace->armed && !pace->stopped) {
        end_span(pace);
        pace->armed_since_ns = clock_ns();
        pace->armed = armed;
        pthread_cond_broadcast(&pace->changed);
    }
    pthread_mutex_unlock(&pace->lock);
}

void pace_stop(struct pace *pace)
{
    pthread_mutex_lock(&pace->lock);
    if (!pace->stopped) {
        end_span(pace);
        pace->armed = false;
        pace->stopped = true;
        pthread_cond_broadcast(&pace->changed);
    }
    pthread_mutex_unlock(&pace->lock);
}

void pace_armed_after(struct pace *pace, int64_t after_ns, struct interval_list *spans)
{
    pthread_mutex_lock(&pace->lock);
    for (size_t i = 0; i < pace->armed_spans.count; i++) {
        struct interval span = pace->armed_spans.items[i];
        interval_add(spans, span.start_ns > after_ns ? span.start_ns : after_ns, span.end_ns);
    }
    pthread_mutex_unlock(&pace->lock);
}

bool pace_wait(struct pace *pace, int64_t due_ns)
{
    struct timespec due = {due_ns / NS_PER_S, due_ns % NS_PER_S};
    pthread_mutex_lock(&pace->lock);
    bool armed = pace->armed;
    while (!pace->stopped && pace->armed == armed && clock_ns() < due_ns)
        pthread_cond_timedwait(&pace->changed, &pace->lock, &due);
    bool go_on = !pace->stopped;
    pthread_mutex_unlock(&pace->lock);
    return go_on;
}
