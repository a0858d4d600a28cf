/* pair: a unique key of several columns, as key_pair.c and pair_limit.c see it. Private to them. */
#ifndef REHEARSE_GENERATORS_PAIR_H
#define REHEARSE_GENERATORS_PAIR_H

#include "generators/profiled.h"

struct pair {
    struct arena *arena;
    struct row_maker *maker;
    const size_t *columns;
    size_t count;
};

struct reference *pair_reference(const struct pair *pair, size_t column);    /* NULL: no foreign key's */
bool pair_holds(const struct pair *pair, const struct catalogue_key *inner); /* all its columns */

/* Statistics of samples, bent to what the key tells. */
void pair_limit(const struct pair *pair);
/* How many orders have how many lines, by the numbers of the lines. */
void pair_learn(const struct pair *pair);

bool pair_starts_at_zero(const struct profile_column *statistics);
/* Lines that are numbered within their order tell how many orders have at least so many: the share of each number, which
 * falls from one to the next. False: it is no such column. */
bool pair_numbers(const struct profile_column *statistics, double *share);
/* Its values are those of numbers that count the rows of each of lead's. */
bool pair_looks_numbered(const struct profile_column *statistics, const struct distribution *lead);

#endif
