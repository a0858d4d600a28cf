/* draw: integers in [low, high] in pgbench's distributions. The ranges are checked by the caller. */
#ifndef REHEARSE_WORKLOADS_DRAW_H
#define REHEARSE_WORKLOADS_DRAW_H

#include "bench/base/rng.h"

#include <stdint.h>

int64_t draw_uniform(struct rng *rng, int64_t low, int64_t high);
int64_t draw_gaussian(struct rng *rng, int64_t low, int64_t high, double parameter);    /* ≥ 2 */
int64_t draw_exponential(struct rng *rng, int64_t low, int64_t high, double parameter); /* > 0 */
int64_t draw_zipfian(struct rng *rng, int64_t low, int64_t high, double s);             /* 1.001 … 1000 */

#endif
