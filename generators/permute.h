/* permute: a keyed bijection of 0 … count−1, O(1) and without state: who comes where in a shuffled order. Pure.
 *
 * A position is a digit (0 … 63 at most) and bits below it; both are mixed with each other by turns. The digit lets the
 * domain fit count within 3 %, so that hardly a step leads outside and back by walking the cycle on: branches that are
 * seldom taken cost nothing. */
#ifndef REHEARSE_GENERATORS_PERMUTE_H
#define REHEARSE_GENERATORS_PERMUTE_H

#include <stdint.h>

struct permutation {
    uint64_t count, digits, mask, key[3];
    int bits, shift;
};

struct permutation permute_make(uint64_t key, uint64_t count);

static const uint64_t permute_odd[3] = {UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xbf58476d1ce4e5b9),
                                        UINT64_C(0x94d049bb133111eb)};
#define PERMUTE_DIGIT UINT64_C(0xd6e8feb86659fd93)

/* Multiplications by odd numbers and xor-shifts are bijections of 0 … mask. */
static inline uint64_t permute_bits(const struct permutation *permutation, int round, uint64_t digit,
                                    uint64_t bits)
{
    bits ^= (digit * PERMUTE_DIGIT) ^ permutation->key[round];
    bits = (bits * permute_odd[round]) & permutation->mask;
    return bits ^ bits >> permutation->shift;
}

static inline uint64_t permute_digit(const struct permutation *permutation, int round, uint64_t digit,
                                     uint64_t bits)
{
    uint64_t drawn = (bits ^ permutation->key[round]) * UINT64_C(0xd1342543de82ef95);
    digit += ((drawn >> 32) * permutation->digits) >> 32;
    return digit >= permutation->digits ? digit - permutation->digits : digit;
}

static inline uint64_t permute_step(const struct permutation *permutation, uint64_t x)
{
    uint64_t digit = x >> permutation->bits, bits = x & permutation->mask;
    bits = permute_bits(permutation, 0, digit, bits);
    digit = permute_digit(permutation, 1, digit, bits);
    bits = permute_bits(permutation, 1, digit, bits);
    digit = permute_digit(permutation, 2, digit, bits);
    bits = permute_bits(permutation, 2, digit, bits);
    return digit << permutation->bits | bits;
}

/* position < count; the result is < count, and different for different positions of the same permutation. */
static inline uint64_t permute_at(const struct permutation *permutation, uint64_t position)
{
    uint64_t x = position;
    do
        x = permute_step(permutation, x);
    while (__builtin_expect(x >= permutation->count, 0));
    return x;
}

/* permute_at the other way round: the position of what is at this one. */
uint64_t permute_back(const struct permutation *permutation, uint64_t position);

/* The same for a single position. */
uint64_t permute(uint64_t key, uint64_t count, uint64_t position);

#endif
