/* distribution: one column's values by rank: which there are, how often, in what order. Pure; immutable once made, any thread.
 *
 * row → null? → ordinal → rank → element (DATA): O(1), no state, no rejection. Null and atom counts are exact; the number of
 * different values is `distinct`, split over the buckets; the physical order has the wanted correlation. What an element
 * looks like is render's business: a distribution knows numbers only. */
#ifndef REHEARSE_GENERATORS_DISTRIBUTION_H
#define REHEARSE_GENERATORS_DISTRIBUTION_H

#include "bench/base/arena.h"
#include "generators/profile.h"

struct distribution;

struct distribution_spec {
    uint64_t stream; /* of the column: rng_hash_text of seed, table, name */
    uint64_t
        null_stream; /* columns of one are null in the same rows, where they have as many nulls; 0: stream */
    int64_t rows;
    double null_ratio;
    const double *atom_share; /* of all rows */
    size_t atom_count;
    const size_t *
        atom_bucket; /* in sort order atom i stands before the values of this bucket (= bucket_count: last) … */
    const double *atom_within; /* … or this far inside it, 0 … 1; NULL: 0 */
    size_t bucket_count; /* 0: the atoms are all rows that are not null; if there are none: one bucket */
    const double *bucket_share;    /* NULL: the same for all */
    const double *bucket_distinct; /* NULL: in proportion, water-filled up to capacity */
    const double *bucket_capacity; /* different values that fit between its bounds; NULL: no limit */
    double distinct; /* different values in all, atoms included; 0: as counts say, else every row its own */
    const struct profile_count
        *counts; /* ascending rows: the exact spectrum, which then counts the atoms too;
                                           NULL: a power tail that goes on where the atoms end; without atoms even */
    size_t count_count;
    double tail_share; /* of all rows, of the most common value that is no atom; 0: the rarest atom's */
    double
        tail_slope; /* of the power tail, which then ends in values that are all alike; 0: as fits distinct */
    double tail_spread; /* > 0: values alike but for this relative variance, no power tail */
    double tail_single; /* share of the tail's rows of which each has a value of its own */
    bool tail_exact; /* values that are alike have as many rows each as can be. All five: distinct_tail's */
    bool continuous; /* a measure: values drawn as if from a continuum, no power tail */
    double correlation; /* as ANALYZE measures it; NAN: none is wanted, rows in any order */
};

/* In the arena. Shares that add up to more than 1 are scaled down. */
const struct distribution *distribution_make(struct arena *arena, const struct distribution_spec *spec);

/* A bucket's `value` is a place among `values` places (no more than its capacity): places ascend in sort order, and
 * different values have different places. All places are taken but in outermost buckets that thin out outwards. */
struct element {
    enum { ELEMENT_NULL, ELEMENT_ATOM, ELEMENT_BUCKET } kind;
    uint32_t index; /* of the atom or bucket */
    uint64_t value, values;
};

struct element distribution_at(const struct distribution *distribution, int64_t row);
/* The element at this share (0 ≤ u < 1) of the rows that are not null, in sort order: for parameters drawn as production's. */
struct element distribution_quantile(const struct distribution *distribution, double u);
/* Exact: how many rows hold it; 0 for what no row holds. */
int64_t distribution_count(const struct distribution *distribution, const struct element *element);
int64_t distribution_distinct(const struct distribution *distribution); /* of the rows to be made */

#endif
