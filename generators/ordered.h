/* ordered: columns of one row that a CHECK keeps in order, as starts <= ends. Private to row*.c.
 *
 * Each is made by its own recipe; then the row's values are dealt out in the order that the CHECKs want, nulls apart. So the
 * columns together keep their values, and where the order was right before, each keeps its own. Immutable once made, any
 * thread. */
#ifndef REHEARSE_GENERATORS_ORDERED_H
#define REHEARSE_GENERATORS_ORDERED_H

#include "generators/recipe.h"

enum { ORDERED_MOST = 6 };

struct render_codec;

struct ordered {
    size_t columns[ORDERED_MOST], count; /* the lowest first */
    bool strict;
    const struct render_codec *codec;
    int scale;
    int64_t unit; /* the least difference */
};

/* Of a table's CHECKs, after its columns have been made. */
void ordered_make(struct arena *arena, struct row_maker *maker);
/* How often two of them, each made alone, would be out of order: a share of some rows that are looked at. Both profiled. */
double ordered_wrong(const struct ordered *ordered, const struct recipe *low, const struct recipe *high);

/* texts: of the row, in the order of columns, as db_load reads them. Which of them stands at place `at`; −1: none, they are
 * equal where they may not be, but what *raised says in the codec's units. */
int ordered_pick(const struct ordered *ordered, const char *const *texts, size_t at, int64_t *raised);
void ordered_put(const struct ordered *ordered, int64_t raised, bool binary, struct buf *out);

#endif
