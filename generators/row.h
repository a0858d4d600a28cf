/* row: value = f(seed, table, column, row). No state, no lookups: any thread makes any row in any order, byte-identical.
 *
 * A column's recipe is chosen once from its type and constraints; the seam for profiles is struct recipe: a profile will
 * choose another distribution for the same recipe (DATA: null? → ordinal → rank → element → rendering). */
#ifndef REHEARSE_GENERATORS_ROW_H
#define REHEARSE_GENERATORS_ROW_H

#include "bench/base/buf.h"
#include "bench/base/err.h"
#include "generators/catalogue.h"

#include <stdint.h>

struct recipe;    /* one column's */
struct row_maker; /* one table's: immutable, shared by threads */

/* tables: the whole catalogue, so that a foreign key's value is recomputed by the parent's own recipe. */
bool row_maker_make(struct arena *arena, uint64_t seed, const struct catalogue *catalogue, size_t table,
                    struct row_maker **maker, struct err *err);
const char *row_maker_columns(const struct row_maker *maker); /* "a, b, c", quoted: those that are written */
/* Appends row (0 … rows−1) in the text format of db_load, newline included. */
void row_write(const struct row_maker *maker, int64_t row, struct buf *out);
/* The same row as a tuple of COPY … (FORMAT binary), when every column has such a form. */
bool row_has_binary(const struct row_maker *maker);
void row_write_binary(const struct row_maker *maker, int64_t row, struct buf *out);

#endif
