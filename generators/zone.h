/* zone: class tables: from a rank in sort order to the value that stands there, and back to how many rows hold it. Pure;
 * immutable once made.
 *
 * A zone is a stretch of ranks with one pattern: values of the same number of rows (or as even as can be), or blocks that
 * repeat, each with so many values of so many rows. A part of a bucket is one zone or some; a guide table leads to them. */
#ifndef REHEARSE_GENERATORS_ZONE_H
#define REHEARSE_GENERATORS_ZONE_H

#include "generators/distribution.h"
#include "generators/segment.h"

enum { ZONE_CLASSES = 8 };

struct zone {
    uint64_t ratio; /* blocks per row in 1/2^64; 0: one block */
    uint64_t block_rows, block_values;
    uint64_t first;            /* place of its first value … */
    uint64_t whole, part;      /* … and places per value, part in 1/2^64 */
    uint64_t places;           /* of the bucket; 0: an atom */
    uint32_t index;            /* of the atom or bucket */
    uint32_t classes;          /* which of the tables */
    int32_t end[ZONE_CLASSES]; /* of each class, in rows of the block; INT32_MAX from the last class on */
};

struct zone_class {
    uint64_t start, ratio; /* first row of the block; values per row in 1/2^64 */
    uint64_t first;        /* value of the block */
    uint64_t rows;         /* per value, 0: as even as can be */
};

struct zones {
    struct arena *arena;
    struct zone *list;
    uint64_t *start; /* first rank of each, and the end */
    uint64_t *values;
    struct zone_class *classes;
    size_t count, capacity, start_count, start_capacity, value_count, value_capacity, class_count,
        class_capacity;
    uint32_t *guide; /* the zone in which each 2^shift-th rank lies */
    int shift;
};

void zones_make(struct zones *zones, const struct segments *segments);
struct element zones_at(const struct zones *zones, uint64_t rank); /* rank < rows that are not null */
/* Which of the rows of its value this rank is, and how many there are. */
void zones_nth(const struct zones *zones, uint64_t rank, int64_t *nth, int64_t *count);
int64_t zones_rows(const struct zones *zones, const struct element *element);

#endif
