/* rng: random numbers without shared state. Any thread; each struct rng belongs to one.
 *
 * rng_hash is a keyed function of (seed, stream, index): what depends on a row or an arrival is drawn from it, so that
 * any thread may draw it in any order. Mixing: SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
 * generators, OOPSLA 2014). Bounded draws: Lemire, Fast random integer generation in an interval, 2019. */
#ifndef REHEARSE_BASE_RNG_H
#define REHEARSE_BASE_RNG_H

#include <stdint.h>

struct rng {
    uint64_t state;
};

uint64_t rng_hash(uint64_t seed, uint64_t stream, uint64_t index);
uint64_t rng_hash_text(uint64_t seed,
                       const char *text); /* a stream's name to its number; FNV-1a, then mixed */

struct rng rng_start(uint64_t seed);
uint64_t rng_next(struct rng *rng);
uint64_t rng_below(struct rng *rng, uint64_t bound); /* 0 … bound−1, unbiased; bound > 0 */
double rng_unit(struct rng *rng);                    /* [0, 1) with 53 bits */

#endif
