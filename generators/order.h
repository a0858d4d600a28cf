/* order: where in a column's sorted values a row stands: row → null? → ordinal → rank. Pure; immutable once made.
 *
 * Nulls: each block of 64 rows has its share (Bresenham), a keyed mask tells which rows; the ordinal of a row counts the
 * rows before it that are not null. Ranks: of each 256 ordinals some keep their place, the others change places among
 * themselves all over the column; reversed for falling orders. */
#ifndef REHEARSE_GENERATORS_ORDER_H
#define REHEARSE_GENERATORS_ORDER_H

#include "generators/permute.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ORDER_SLOTS = 256, ORDER_MASKS = 32 };

struct order_nulls {
    uint64_t rows, nulls, step; /* step: nulls per row in 1/2^64 */
    uint64_t key, last_mask;
    uint64_t low; /* a block has so many nulls, or one more */
    uint64_t masks[2][ORDER_MASKS];
};

struct order {
    struct order_nulls nulls;
    uint64_t count; /* rows that are not null */
    enum { ORDER_KEPT, ORDER_SHUFFLED, ORDER_MIXED } mode;
    bool falling;
    struct permutation pool;
    uint64_t mixed, per_slot;      /* slots of a block that change places; blocks per pool index in 1/2^64 */
    int16_t index_of[ORDER_SLOTS]; /* of a slot among those that change places; −1: it keeps its place */
    uint8_t slot_of[ORDER_SLOTS];  /* the other way round */
};

/* A stretch of equal values, or of values that are each rare, in sort order. */
struct order_stretch {
    double share,
        squares; /* of the rows that are not null; squares: sum over its values of their squared shares */
    bool equal;
};

/* kept: the share of the rows that keep their place, as order_mix finds it. */
/* Two orders with the same null_key, rows and nulls have them in the same rows. */
void order_make(struct order *order, uint64_t key, uint64_t null_key, int64_t rows, int64_t nulls,
                double kept, bool falling);
/* −1: null. row < rows. */
int64_t order_rank(const struct order *order, int64_t row);
/* order_row.c: the other way round. rank < rows that are not null. */
int64_t order_row(const struct order *order, int64_t rank);
/* Rows before this one that are null. */
int64_t order_nulls_before(const struct order *order, int64_t row);
/* The same, nulls behind all others: every row has a place of its own. */
int64_t order_place(const struct order *order, int64_t row);

/* What ANALYZE measures as correlation when this share of the rows keeps its place: equal values count in the order they
 * stand in, so a shuffled column shows the sum of its squared shares. */
double order_correlation(const struct order_stretch *stretch, size_t count, double kept, bool falling);
/* The share to keep for a wanted correlation. */
double order_mix(const struct order_stretch *stretch, size_t count, double correlation, bool *falling);

#endif
