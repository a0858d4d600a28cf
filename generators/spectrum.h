/* spectrum: how many different values occur in how many rows each. One thread, in an arena.
 *
 * Exact integers: the classes hold the values and rows they are asked for, to the last one. */
#ifndef REHEARSE_GENERATORS_SPECTRUM_H
#define REHEARSE_GENERATORS_SPECTRUM_H

#include "bench/base/arena.h"
#include "generators/profile.h"
#include "generators/tail.h"

#include <stdint.h>

struct spectrum {
    struct arena *arena;
    struct profile_count *classes; /* ascending rows, no two alike, no empty one */
    size_t count, capacity;
};

/* 1 ≤ values ≤ rows in all of these. */
struct spectrum spectrum_even(struct arena *arena, int64_t rows, int64_t values); /* as alike as can be */
struct spectrum spectrum_poisson(struct arena *arena, int64_t rows,
                                 int64_t values); /* as if drawn evenly from a continuum */
struct spectrum spectrum_tail(struct arena *arena, const struct tail *tail, int64_t rows, int64_t values);
/* Counts of counts, as they are if they hold the values and rows; scaled if not: first in values, then in rows each. */
struct spectrum spectrum_counts(struct arena *arena, const struct profile_count *counts, size_t count,
                                int64_t rows, int64_t values);

void spectrum_add(struct spectrum *spectrum, int64_t rows_each, int64_t values);
/* Adds or takes rows where it shows least until there are so many. rows ≥ values. */
void spectrum_settle(struct spectrum *spectrum, int64_t rows);
int64_t spectrum_rows(const struct spectrum *spectrum);
int64_t spectrum_values(const struct spectrum *spectrum);
double spectrum_squares(const struct spectrum *spectrum); /* sum over the values of their rows squared */

#endif
