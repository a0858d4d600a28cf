/* profiled: columns whose values follow the statistics of their source. Private to row.c and key.c.
 *
 * One thread makes them, once; then they are immutable. Statistics are of a table of another size: shares stay what they
 * are, numbers of different values are scaled as a sample of the rows would show them (profiled_distinct). */
#ifndef REHEARSE_GENERATORS_PROFILED_H
#define REHEARSE_GENERATORS_PROFILED_H

#include "generators/distribution_rank.h"
#include "generators/recipe.h"
#include "generators/render.h"

/* What of a column's rows is made elsewhere: by combinations of several columns. */
struct profiled_rest {
    int64_t rows, nulls; /* rows that are left, and nulls among the others */
    const int64_t *used; /* rows of each atom among the others */
    const char **more;   /* literals beside the atoms, which only the others hold */
    size_t more_count;
};

/* Sets recipe's render and distribution. Err when no values of its type can be made. rest: NULL, all rows. */
bool profiled_make(struct arena *arena, const struct row_maker *maker, struct recipe *recipe,
                   const struct profiled_rest *rest, struct err *err);
/* Different values among `rows`, of `distinct` among source_rows; 0 unknown. */
double profiled_distinct(double distinct, double source_rows, int64_t rows);
bool profiled_is_known(
    const struct recipe *recipe); /* it has statistics, and nothing else makes its values */
/* Columns that are null in the same rows have the same one. */
uint64_t profiled_null_stream(const struct row_maker *maker, size_t column);
/* How values go on that are no atoms. capacity: how many values there may be; parents: of a foreign key, 0 of none. */
void profiled_tail(const struct profile_table *source, const struct profile_column *statistics,
                   double parents, double capacity, struct distribution_spec *spec);
/* A copy whose numbers are what the table's CHECKs allow: surrogates may lie a little outside. */
const struct profile_column *profiled_clamped(struct arena *arena, const struct catalogue_table *table,
                                              const struct recipe *recipe);

/* After keys and foreign keys have claimed theirs: combinations, then whatever column has statistics. */
bool profiled_finish(struct arena *arena, struct row_maker *maker, struct err *err);

/* parents.c: which parent a row has. Children per parent follow the source; few parents take the common ones by turns. */
bool parents_make(struct arena *arena, const struct row_maker *maker, struct reference *reference,
                  struct err *err);
int64_t parents_at(const struct parents *parents, const struct element *element); /* row of the parent */

/* follow.c: a second column of a unique key, by the so-manyth row of the first one's value. NULL: they cannot keep rows
 * apart. */
const struct follow *follow_make(struct arena *arena, uint64_t stream, const struct distribution *lead,
                                 const struct distribution *own);
bool follow_at(const struct follow *follow, int64_t row,
               struct element *element); /* false: no key, as lead is null */

/* kin.c: a foreign key that shares columns with another. After that one is made. */
bool kin_make(struct arena *arena, struct row_maker *maker, struct reference *reference, struct err *err);
int64_t kin_at(const struct row_maker *maker, const struct reference *reference, int64_t row);

/* key_part.c: the part of a foreign key that is in a unique key, as a foreign key; NULL: there is none, or no need of it. */
const struct catalogue_key *key_part(struct arena *arena, const struct catalogue *catalogue,
                                     const struct row_maker *maker, const struct catalogue_key *key,
                                     const struct catalogue_key *unique);

/* key_pair.c: a unique key of several columns, by their statistics; false: they cannot keep rows apart. */
bool alone_claim(struct arena *arena, struct row_maker *maker,
                 size_t column); /* each of its values comes once */
bool pair_claim(struct arena *arena, struct row_maker *maker, const size_t *columns, size_t count);
/* Pairs that are all different though nobody declared it, as sizes of indexes tell; where it cannot be made so, it is not. */
void pair_claim_indexes(struct arena *arena, struct row_maker *maker);

/* tie_find.c: columns that go together two by two. Err when the plan ties what cannot be. */
bool ties_make(struct arena *arena, struct row_maker *maker, struct err *err);
int64_t tied_place(const struct recipe *recipe, int64_t row); /* of its distribution */

/* joint.c: combinations of values that go together. */
bool joint_make(struct arena *arena, struct row_maker *maker, struct err *err);
struct element joint_at(const struct recipe *recipe, int64_t row);

#endif
