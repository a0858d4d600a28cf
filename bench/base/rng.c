#include "bench/base/rng.h"

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t rng_hash(uint64_t seed, uint64_t stream, uint64_t index)
{
    uint64_t key = mix(seed + UINT64_C(0x9e3779b97f4a7c15)) ^ stream;
    return mix(mix(key) + index * UINT64_C(0x9e3779b97f4a7c15));
}

uint64_t rng_hash_text(uint64_t seed, const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return rng_hash(seed, hash, 0);
}

struct rng rng_start(uint64_t seed)
{
    return (struct rng){.state = mix(seed)};
}

uint64_t rng_next(struct rng *rng)
{
    rng->state += UINT64_C(0x9e3779b97f4a7c15);
    return mix(rng->state);
}

uint64_t rng_below(struct rng *rng, uint64_t bound)
{
    uint64_t limit = -bound % bound;
    for (;;) {
        __extension__ unsigned __int128 product = (unsigned __int128)rng_next(rng) * bound;
        if ((uint64_t)product >= limit)
            return (uint64_t)(product >> 64);
    }
}

double rng_unit(struct rng *rng)
{
    return (double)(rng_next(rng) >> 11) * 0x1.0p-53;
}
