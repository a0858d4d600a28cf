/* schedule: when arrivals are due. Pure; immutable once made, shared by all clients.
 *
 * Arrival i is due at start + i × 10^9 / rate nanoseconds. The period is kept to 2^−64 ns, so that a day's arrivals do not
 * drift by one. Rate 0 is the closed loop: nothing is due by schedule. */
#ifndef REHEARSE_LOAD_SCHEDULE_H
#define REHEARSE_LOAD_SCHEDULE_H

#include <stdint.h>

struct schedule {
    int64_t start_ns;
    double rate_per_s;
    uint64_t period_ns, period_fraction; /* whole nanoseconds and 2^−64ths of one */
};

struct schedule schedule_make(int64_t start_ns, double rate_per_s);
int64_t schedule_due_ns(const struct schedule *schedule, int64_t arrival);
int64_t schedule_count(const struct schedule *schedule, int64_t now_ns); /* arrivals due at or before now */

#endif
