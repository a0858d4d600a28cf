/* interval: stretches of time on the run's clock, and lists of them. A list belongs to one thread at a time.
 *
 * Lists are append-only while a thread records, sorted by start, and hold no overlaps unless said otherwise. */
#ifndef REHEARSE_OBSERVE_INTERVAL_H
#define REHEARSE_OBSERVE_INTERVAL_H

#include <stddef.h>
#include <stdint.h>

struct interval {
    int64_t start_ns, end_ns; /* empty when end_ns ≤ start_ns */
};

struct interval_list {
    struct interval *items; /* owned */
    size_t count, capacity;
};

void interval_add(struct interval_list *list, int64_t start_ns, int64_t end_ns); /* empty ones are left out */
void interval_free(struct interval_list *list);
int64_t interval_overlap_ns(struct interval a, struct interval b); /* 0 when they do not meet */
/* Length of the longest item that meets the window (the whole item, not only the part inside); 0 when none does. */
int64_t interval_longest_ns(const struct interval_list *list, struct interval window);
void interval_union(struct interval_list *list); /* sorts, joins what meets or touches */
int64_t interval_total_ns(const struct interval_list *list);
/* What lies in both; both sorted and without overlaps. Appends to out. */
void interval_meet(const struct interval_list *a, const struct interval_list *b, struct interval_list *out);
size_t interval_depth_max(struct interval *items, size_t count); /* most that meet at once; reorders items */

#endif
