/* permute: a keyed bijection of 0 … count−1, O(1) and without state: who comes where in a shuffled order. Pure. */
#ifndef REHEARSE_GENERATORS_PERMUTE_H
#define REHEARSE_GENERATORS_PERMUTE_H

#include <stdint.h>

/* position < count; the result is < count, and different for different positions of the same key and count. */
uint64_t permute(uint64_t key, uint64_t count, uint64_t position);

#endif
