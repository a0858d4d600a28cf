/* share: whole numbers in proportion to weights. Pure. */
#ifndef REHEARSE_GENERATORS_SHARE_H
#define REHEARSE_GENERATORS_SHARE_H

#include <stddef.h>
#include <stdint.h>

/* Water-filling: total over out in proportion to weight (≥ 0), none above its cap (NULL: no caps), by largest remainder.
 * Returns what was handed out: less than total when the caps of all with a weight hold less. */
int64_t share_out(const double *weight, const int64_t *cap, size_t count, int64_t total, int64_t *out);
/* The same without caps, so that no sum of the first i is off by one or more. Weights that are all 0 count as equal. */
void share_evenly(const double *weight, size_t count, int64_t total, int64_t *out);
/* The greatest number that divides both; that of 0 and another is the other. */
int64_t share_divisor(int64_t a, int64_t b);

#endif
