/* check: what a CHECK constraint says of one column, as far as it is a plain conjunction. Pure.
 *
 * Understood: column compared with a literal, = ANY (ARRAY[…]), IN (…), BETWEEN, IS NOT NULL, joined by AND. Casts and parentheses are
 * looked through. What is not understood is left to the sample that fill loads first. */
#ifndef REHEARSE_GENERATORS_CHECK_H
#define REHEARSE_GENERATORS_CHECK_H

#include "bench/base/arena.h"
#include "bench/db/sql.h"

#include <stdbool.h>
#include <stddef.h>

struct check_bounds {
    const char *low, *high; /* literals, unquoted; NULL: none */
    bool low_open, high_open;
    bool not_null;
    const char **labels; /* the values allowed; NULL: any */
    size_t label_count;
};

/* Adds to bounds what definition ("CHECK (…)") says of column. */
void check_read(struct arena *arena, enum sql_lexis lexis, const char *definition, const char *column,
                struct check_bounds *bounds);

/* Two columns that definition compares: the first is below the second. Understood as well: … OR column IS NULL. */
struct check_order {
    const char *low, *high;
    bool strict; /* never equal */
};

/* The list is in the arena; *count of it. */
const struct check_order *check_orders(struct arena *arena, enum sql_lexis lexis, const char *definition,
                                       size_t *count);

#endif
