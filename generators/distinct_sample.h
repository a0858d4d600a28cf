/* distinct_sample: what ANALYZE's sample of a table holds, as expected. Pure.
 *
 * PostgreSQL samples in two stages: as many pages as rows wanted, then rows of these pages. Rows of one value that lie on
 * the same page come together more often than chance would have it. */
#ifndef REHEARSE_GENERATORS_DISTINCT_SAMPLE_H
#define REHEARSE_GENERATORS_DISTINCT_SAMPLE_H

#include <stdbool.h>

struct distinct_sample {
    double rows, taken; /* of the table and of the sample, not null */
    double page_share;  /* of the pages that are read; 1: rows lie anywhere */
    double page_rows;   /* of a page; infinite: rows lie anywhere */
    double seen, once;  /* different values, and those of one row */
};

/* clustered: equal values lie side by side. pages 0: unknown. */
struct distinct_sample distinct_sample_make(double rows, double taken, double pages, bool clustered);
/* Values of so many rows each; drawn: so many are expected, the true count is Poisson's. */
void distinct_sample_add(struct distinct_sample *sample, double rows_each, double values, bool drawn);
/* The Duj1 estimate of all different values of the table. */
double distinct_sample_estimate(const struct distinct_sample *sample);

#endif
