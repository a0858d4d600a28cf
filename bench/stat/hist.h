/* hist: latencies as a value: a log-linear histogram, 1 µs to 1 h, 3 significant digits (error below 0.1 %).
 *
 * Layout and encoding are HdrHistogram's (Gil Tene), V2 compressed base64, so any HdrHistogram library reads it.
 * Values below 1 µs count as 1 µs. Copy, merge by addition; never average percentiles. hist_add may be called from any thread (relaxed atomics);
 * everything else wants the adding to be over, or accepts a moment's skew. A hist is 94 KB: keep it off the stack. */
#ifndef REHEARSE_STAT_HIST_H
#define REHEARSE_STAT_HIST_H

#include "bench/base/arena.h"

#include <stdbool.h>
#include <stdint.h>

#define HIST_MAX_US INT64_C(3600000000) /* larger values count as this */
enum { HIST_SUB_BITS = 11, HIST_SLOTS = 23552 };

struct hist {
    uint64_t total, sum_us;
    int64_t min_us, max_us; /* exact; both 0 while total is 0 */
    uint32_t counts[HIST_SLOTS];
};

void hist_add(struct hist *hist, int64_t value_us);
void hist_merge(struct hist *into, const struct hist *from);
void hist_drain(struct hist *from,
                struct hist *into); /* merges and empties, while others may be adding to from */
/* percent 0…100. The highest value of the slot that holds it, never above max_us; 0 when empty. */
int64_t hist_percentile_us(const struct hist *hist, double percent);
double hist_mean_us(const struct hist *hist);
uint64_t hist_count_above(const struct hist *hist, int64_t value_us);
int hist_slot(int64_t value_us);
int64_t hist_slot_low_us(int slot);

char *hist_encode(struct arena *arena, const struct hist *hist); /* V2 compressed base64 (zlib) */
/* False when it is not such a text, or not of 1 µs and 3 digits. Counts come back exactly; minimum, maximum and mean
 * only as well as slots tell. */
bool hist_decode(const char *base64, struct hist *hist);

#endif
