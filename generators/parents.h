/* parents: how parents.c makes a fan-out. Private to it and parents_counts.c. One thread. */
#ifndef REHEARSE_GENERATORS_PARENTS_H
#define REHEARSE_GENERATORS_PARENTS_H

#include "generators/profiled.h"

struct parents_making {
    struct arena *arena;
    const struct row_maker *maker;
    struct reference *reference;
    const struct profile_column *statistics; /* NULL: of several columns */
    const struct render *render;
    struct distribution_spec spec;
    struct parents *parents;
    int64_t parents_count;
    double ratio;      /* parents to be made for each of the source's */
    double next_share; /* of the most common value that is no atom though it might be; 0 */
};

/* Of a key of one column with bounds: keys of parents below and above all children. */
void parents_find_gaps(const struct parents_making *m, double *before, double *behind);
/* What is counted of all rows is truer than a sample's nulls, if they are about as many. */
void parents_count_nulls(struct parents_making *m, const struct profile_count *counts, size_t count);
/* Counts of the source's parents, for as many as there are to be. */
void parents_use_counts(struct parents_making *m, const struct profile_count *counts, size_t count);
/* Nearly all parents have children: how many the less common ones have. false: it cannot be told. */
bool parents_spread(struct parents_making *m);

#endif
