#include "bench/load/schedule.h"

#include <math.h>

__extension__ typedef unsigned __int128 wide;

struct schedule schedule_make(int64_t start_ns, double rate_per_s)
{
    struct schedule schedule = {.start_ns = start_ns, .rate_per_s = rate_per_s};
    if (rate_per_s > 0) {
        double period_ns = fmin(1e9 / rate_per_s, 0x1p60), whole = floor(period_ns);
        schedule.period_ns = (uint64_t)whole;
        schedule.period_fraction = (uint64_t)((period_ns - whole) * 0x1p64);
    }
    return schedule;
}

int64_t schedule_due_ns(const struct schedule *schedule, int64_t arrival)
{
    wide whole = (wide)(uint64_t)arrival * schedule->period_ns;
    wide fraction = (wide)(uint64_t)arrival * schedule->period_fraction >> 64;
    wide since = whole + fraction, most = (wide)(INT64_MAX - schedule->start_ns);
    return since > most ? INT64_MAX : schedule->start_ns + (int64_t)since;
}

int64_t schedule_count(const struct schedule *schedule, int64_t now_ns)
{
    if (schedule->rate_per_s <= 0 || now_ns < schedule->start_ns)
        return 0;
    int64_t count = (int64_t)((double)(now_ns - schedule->start_ns) * 1e-9 * schedule->rate_per_s);
    while (count > 0 && schedule_due_ns(schedule, count - 1) > now_ns)
        count--;
    while (schedule_due_ns(schedule, count) <= now_ns)
        count++;
    return count;
}
