/* render: an element of a distribution as a value of its column's type. Immutable once made, any thread.
 *
 * An atom is its literal. A value of a bucket lies from the bucket's lower bound on and below the upper one (the last bucket's
 * upper bound counts in), is no atom, different for every index below render_capacity, and ascends with it in the server's
 * order. Documents, arrays and ranges do so as far as their types allow: documents differ but do not ascend, arrays are
 * drawn. Numbers and times keep the granularity of the bounds, texts their shape (length, character classes), uuids and
 * documents their form. A bucket without room repeats its lower bound. */
#ifndef REHEARSE_GENERATORS_RENDER_H
#define REHEARSE_GENERATORS_RENDER_H

#include "bench/base/arena.h"
#include "bench/base/buf.h"
#include "bench/base/err.h"
#include "generators/catalogue.h"
#include "generators/distribution.h"
#include "generators/profile.h"

struct render;

/* of: the target's column; statistics: of the source's, or NULL. stream keys what is free to choose. Err when no value of this type can be made: names
 * the column and how the plan can give an expression, a constant or values. */
const struct render *render_make(struct arena *arena, uint64_t stream, const struct catalogue_table *table,
                                 const struct catalogue_column *of, const struct profile_column *statistics,
                                 struct err *err);

/* In the text format of db_load, escaped; null is \N. */
void render_text(const struct render *render, const struct element *element, struct buf *out);
/* Length word and bytes as COPY … (FORMAT binary) takes them; false: this type has no binary writer. */
bool render_has_binary(const struct render *render);
void render_binary(const struct render *render, const struct element *element, struct buf *out);

/* Different values that fit into a bucket: for distribution_spec. Exact for numbers, moments and labels; INFINITY where there is
 * no limit worth knowing. */
double render_capacity(const struct render *render, size_t bucket);
/* Where atom i stands among the bounds: bucket (their number: behind the last) and share of the way through it. */
void render_place(const struct render *render, size_t atom, size_t *bucket, double *within);
/* Different values of buckets differ also where the server's order takes upper and lower case for the same. */
bool render_differs_folded(const struct render *render);
/* Values are drawn from a continuum: money, measures, moments with fractions. */
bool render_is_continuous(const struct render *render);

#endif
