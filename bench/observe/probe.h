/* probe: a thread that takes and gives back one lock on one table, at 1 kHz while armed, at 50 Hz otherwise.
 *
 * Open loop: a probe that had to wait goes on with the next due time. Kept are only the looks that took longer than
 * PROBE_SLOW_NS or that the server said waited for a lock. Read after probe_join. */
#ifndef REHEARSE_OBSERVE_PROBE_H
#define REHEARSE_OBSERVE_PROBE_H

#include "bench/observe/attribution.h"
#include "bench/observe/holes.h"

#define PROBE_SLOW_NS (1 * NS_PER_MS)
#define PROBE_IDLE_NS (20 * NS_PER_MS)

struct probe_sample {
    int64_t sent_ns, done_ns;
    int64_t waited_us; /* for a lock, as the server timed it; −1: it did not say */
    bool answered;     /* false: failed, or still waiting when watching ended */
};

struct probe_log {
    int table; /* index among the watched */
    bool write, notices;
    int64_t period_ns; /* while armed */
    struct probe_sample *samples;
    size_t sample_count, sample_capacity;
    struct holes holes;
};

struct probe {
    struct pace *pace;
    struct attribution *attribution; /* NULL: nobody is asked */
    const char *quoted_table;
    bool fast;         /* takes the armed period while armed, and only then when `spare` */
    bool spare;        /* the second of a kind: looks only while armed */
    int64_t offset_ns; /* of its due times */
    struct wire wire;
    pthread_t thread;
    bool started;
    _Atomic bool ended;
    bool refused;      /* the role may not do what it does */
    int64_t waited_us; /* of the look in flight, from the notice */
    bool prepared;
    struct probe_log log;
};

bool probe_start(struct probe *probe, const struct wire_config *wire, struct err *err);
void probe_join(struct probe *probe); /* after pace_stop; cancels what waits */
void probe_free(struct probe *probe);
bool probe_was_blocked(const struct probe_log *log, const struct probe_sample *sample);

#endif
