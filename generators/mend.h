/* mend: rows that would violate a CHECK over several columns get other values of the same distributions. Private to row.c.
 *
 * Each column is made by itself, so a row of independent values may break what the table demands of them together: an end
 * before its start, a status without its date. Where a constraint is understood (check_tree.h), the row's own values are
 * tried first; then nulls, as often as the source has them among the rows that are free to choose; then other values of one
 * column, then of all. What is chosen is a function of seed, table and row. Columns of keys stay what they are. Immutable once
 * made, any thread. */
#ifndef REHEARSE_GENERATORS_MEND_H
#define REHEARSE_GENERATORS_MEND_H

#include "generators/recipe.h"

struct mend;

struct mend_choice {
    enum { MEND_OWN, MEND_NULL, MEND_OTHER } kind;
    uint64_t draw; /* of another value */
};

/* Writes what a column would hold by this choice, as db_load reads text. */
typedef void mend_write_fn(const struct row_maker *maker, size_t column, int64_t row,
                           const struct mend_choice *choice, struct buf *out);

/* NULL: nothing is to be mended. */
const struct mend *mend_make(struct arena *arena, uint64_t seed, const struct row_maker *maker,
                             mend_write_fn *write);
struct mend_choice mend_choose(const struct mend *mend, const struct row_maker *maker, size_t column,
                               int64_t row);

#endif
