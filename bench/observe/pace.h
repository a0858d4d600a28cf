/* pace: when observer threads look: fast while armed, slowly otherwise, not at all once stopped. Any thread. */
#ifndef REHEARSE_OBSERVE_PACE_H
#define REHEARSE_OBSERVE_PACE_H

#include "bench/observe/interval.h"

#include <pthread.h>
#include <stdbool.h>

struct pace {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    _Atomic bool armed, stopped;
    _Atomic int64_t armed_since_ns;   /* when it was last armed or disarmed; 0 never */
    _Atomic int64_t disarmed_ns;      /* 0 never */
    struct interval_list armed_spans; /* complete after pace_stop */
};

void pace_init(struct pace *pace);
void pace_free(struct pace *pace);
void pace_arm(struct pace *pace, bool armed);
void pace_stop(struct pace *pace); /* wakes all */
/* Appends what of the armed spans that are over lies after the time. */
void pace_armed_after(struct pace *pace, int64_t after_ns, struct interval_list *spans);
/* Sleeps until due, or until arming changes (then returns early). False once stopped. */
bool pace_wait(struct pace *pace, int64_t due_ns);

#endif
