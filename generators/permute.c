#include "generators/permute.h"

#include <assert.h>

/* Few positions are mixed as bits alone: a digit would leave too few of them. */
enum { DIGIT_BITS = 6, BITS_AT_LEAST = 9 };

struct permutation permute_make(uint64_t key, uint64_t count)
{
    int bits = count < 2 ? 0 : 64 - __builtin_clzll(count - 1);
    if (bits >= DIGIT_BITS + BITS_AT_LEAST)
        bits -= DIGIT_BITS;
    uint64_t below = (UINT64_C(1) << bits) - 1;
    struct permutation permutation = {.count = count, .bits = bits, .mask = below, .shift = (bits + 1) / 2};
    permutation.digits = count < 2 ? 1 : ((count - 1) >> bits) + 1;
    for (int i = 0; i < 3; i++) {
        permutation.key[i] = key;
        key = key >> 21 | key << 43;
    }
    return permutation;
}

uint64_t permute(uint64_t key, uint64_t count, uint64_t position)
{
    assert(position < count);
    struct permutation permutation = permute_make(key, count);
    return permute_at(&permutation, position);
}
