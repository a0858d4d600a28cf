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

/* Newton: each step doubles the bits that are right. */
static uint64_t inverse(uint64_t odd)
{
    uint64_t x = odd;
    for (int i = 0; i < 5; i++)
        x *= 2 - odd * x;
    return x;
}

static uint64_t bits_back(const struct permutation *permutation, int round, uint64_t digit, uint64_t bits)
{
    bits ^= bits >> permutation->shift; /* by half of them or more: it undoes itself */
    bits = (bits * inverse(permute_odd[round])) & permutation->mask;
    return bits ^ (((digit * PERMUTE_DIGIT) ^ permutation->key[round]) & permutation->mask);
}

static uint64_t digit_back(const struct permutation *permutation, int round, uint64_t digit, uint64_t bits)
{
    uint64_t added = permute_digit(permutation, round, 0, bits);
    return digit >= added ? digit - added : digit + permutation->digits - added;
}

static uint64_t step_back(const struct permutation *permutation, uint64_t x)
{
    uint64_t digit = x >> permutation->bits, bits = x & permutation->mask;
    bits = bits_back(permutation, 2, digit, bits);
    digit = digit_back(permutation, 2, digit, bits);
    bits = bits_back(permutation, 1, digit, bits);
    digit = digit_back(permutation, 1, digit, bits);
    bits = bits_back(permutation, 0, digit, bits);
    return digit << permutation->bits | bits;
}

uint64_t permute_back(const struct permutation *permutation, uint64_t position)
{
    uint64_t x = position;
    do
        x = step_back(permutation, x);
    while (x >= permutation->count);
    return x;
}

uint64_t permute(uint64_t key, uint64_t count, uint64_t position)
{
    assert(position < count);
    struct permutation permutation = permute_make(key, count);
    return permute_at(&permutation, position);
}
