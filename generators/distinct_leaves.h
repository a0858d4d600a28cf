/* distinct_leaves: what the leaves of a b-tree take that stores equal keys once (PostgreSQL's deduplication). Pure.
 *
 * A key of one row is a tuple; rows of the same key share posting lists of at most a tenth of a page. Pages are as CREATE
 * INDEX fills them: nine tenths, as nbtsort.c does it. */
#ifndef REHEARSE_GENERATORS_DISTINCT_LEAVES_H
#define REHEARSE_GENERATORS_DISTINCT_LEAVES_H

#include <stdbool.h>

enum { LEAVES_FEW = 64 };

struct distinct_leaves {
    double tuple;                 /* bytes of a key's tuple, without its line pointer */
    double list_rows, list_pages; /* of a posting list that is full */
    double few[LEAVES_FEW];       /* pages of a key of so many rows */
    double pages;                 /* of leaves, so far */
};

struct distinct_leaves distinct_leaves_make(double key_bytes);
/* Keys of so many rows each; drawn: so many are expected, the true count is Poisson's. */
void distinct_leaves_add(struct distinct_leaves *leaves, double rows_each, double keys, bool drawn);
/* Of a fresh index: leaves, what leads to them, and the page before all. */
double distinct_leaves_pages(const struct distinct_leaves *leaves);

#endif
