#include "generators/permute.h"

#include <assert.h>

/* Multiplications by odd numbers and xor-shifts are bijections of 0 … mask; three rounds hide the order. */
static uint64_t scramble(uint64_t key, uint64_t mask, int shift, uint64_t x)
{
    static const uint64_t odd[3] = {UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xbf58476d1ce4e5b9),
                                    UINT64_C(0x94d049bb133111eb)};
    for (int i = 0; i < 3; i++) {
        x = ((x ^ (key & mask)) * odd[i]) & mask;
        x ^= x >> shift;
        key = key >> 21 | key << 43;
    }
    return x;
}

uint64_t permute(uint64_t key, uint64_t count, uint64_t position)
{
    assert(position < count);
    if (count < 2)
        return 0;
    int bits = 64 - __builtin_clzll(count - 1);
    uint64_t mask = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
    uint64_t x = position;
    do /* the cycle comes back below count after less than two steps on average */
        x = scramble(key, mask, (bits + 1) / 2, x);
    while (x >= count);
    return x;
}
