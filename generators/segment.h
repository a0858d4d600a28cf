/* segment: a column's values in sort order, cut where something changes: a common value, a bucket, the part of a bucket
 * before and after a common value, the eighths of an outermost bucket. With whole rows and whole values. One thread. */
#ifndef REHEARSE_GENERATORS_SEGMENT_H
#define REHEARSE_GENERATORS_SEGMENT_H

#include "generators/distribution.h"
#include "generators/spectrum.h"

struct segment {
    bool atom;
    size_t index;         /* of the atom or bucket */
    int64_t rows, values; /* of an atom: one value */
    double weight;        /* of a bucket's part: its share of the rows that are in no atom */
    double value_weight;  /* and of their values */
    int64_t capacity;
    bool placed;   /* its values have places in the bucket, not just an order */
    int64_t place; /* the first one; there are `capacity` */
    struct spectrum spectrum;
};

struct segments {
    struct arena *arena;
    const struct distribution_spec *spec;
    struct segment *list;
    size_t count, capacity;
    int64_t rows; /* that are not null */
    int64_t tail_rows, tail_values;
    double last_atom;             /* rows of the rarest atom */
    struct profile_count *counts; /* of the values that are no atoms; NULL: not known */
};

/* Cuts, counts the atoms and shares out the rows of the rest. */
void segments_make(struct segments *segments, struct arena *arena, const struct distribution_spec *spec,
                   int64_t rows);
/* Shares out the values and says how many rows each has. Afterwards no segment is empty. */
void segments_fill(struct segments *segments);

#endif
