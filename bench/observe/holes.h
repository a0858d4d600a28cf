/* holes: when an observer did not look although it was armed. One thread records; read after it ended. */
#ifndef REHEARSE_OBSERVE_HOLES_H
#define REHEARSE_OBSERVE_HOLES_H

#include "bench/observe/pace.h"

struct holes {
    struct interval_list
        list; /* those longer than one and a half periods, from one look to the end of the next */
    struct interval_list late; /* looks that began more than 2 ms after they were due: from due to begun */
    int64_t longest_ns, late_longest_ns;
    int64_t last_ns; /* the last look began, or a block that it met ended */
};

#define HOLES_LATE_NS (2 * NS_PER_MS)

/* A look that was due at due_ns began at sent_ns and had its answer at done_ns; blocked: it had to wait for a lock, which
 * is no hole but what it looks for. */
void holes_look(struct holes *holes, struct pace *pace, int64_t period_ns, int64_t due_ns, int64_t sent_ns,
                int64_t done_ns, bool blocked);
/* No further look comes: what was armed after the last one is a hole. After pace_stop. */
void holes_end(struct holes *holes, struct pace *pace, int64_t period_ns);
void holes_free(struct holes *holes);

#endif
