/* distribution_rank: a distribution by rank: where in the sort order of the rows that are not null something stands. For keys of
 * several columns, whose rows are told apart by counting. Pure; any thread. */
#ifndef REHEARSE_GENERATORS_DISTRIBUTION_RANK_H
#define REHEARSE_GENERATORS_DISTRIBUTION_RANK_H

#include "generators/distribution.h"

struct distribution_range { /* the ranks that hold one value */
    int64_t first, rows;
};

int64_t distribution_filled(const struct distribution *distribution); /* rows that are not null */
struct element distribution_ranked(const struct distribution *distribution, int64_t rank); /* rank < filled */
struct
    distribution_standing { /* of a row: its rank, and which of the rows that hold its value it is, from 0 */
    struct element element;
    int64_t rank, nth, count;
};

bool distribution_standing(const struct distribution *distribution, int64_t row,
                           struct distribution_standing *standing); /* false: it is null */
/* The ranks of each value that has at least so many rows, by falling rows. Looks at every value there is. */
struct distribution_range *distribution_common(const struct distribution *distribution, struct arena *arena,
                                               int64_t least_rows, size_t *count);
/* Places: ranks, and behind them the nulls: every row has one of its own, and so has each value its stretch of them. */
int64_t distribution_place(const struct distribution *distribution, int64_t row);
struct element distribution_placed(const struct distribution *distribution, int64_t place);
struct distribution_range distribution_around(const struct distribution *distribution, int64_t place);
struct distribution_range distribution_range_of(const struct distribution *distribution,
                                                const struct element *element); /* an atom's or the nulls' */
int64_t distribution_rows(const struct distribution *distribution);             /* nulls too */
int64_t distribution_most(const struct distribution *distribution);             /* rows of any value */
/* Counts of counts, ascending rows: so many values have so many rows each. */
const struct profile_count *distribution_counts(const struct distribution *distribution, size_t *count);
/* The row at a rank: the other way round. */
int64_t distribution_row(const struct distribution *distribution, int64_t rank);

#endif
