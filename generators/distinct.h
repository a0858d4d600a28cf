/* distinct: the true number of different values of a column, recovered from what a catalogue reports of a sample. Pure.
 *
 * ANALYZE reports Duj1 (Haas and Stokes: Estimating the number of classes in a finite population, 1998) of 300 × target rows,
 * which is far too low for skewed columns. Order of trust: unique index, complete list of common values, counts of counts,
 * density model when it predicts the report within 20 %, tail model inverted through Duj1, so that a fresh index would have the
 * pages that it has; capped by the parent's rows. */
#ifndef REHEARSE_GENERATORS_DISTINCT_H
#define REHEARSE_GENERATORS_DISTINCT_H

#include "generators/profile.h"

struct distinct_facts {
    double rows,
        sample_rows; /* sample: 300 × statistics target on PostgreSQL; 0: the server reports true numbers */
    double pages; /* of the heap; 0 unknown. ANALYZE reads as many pages as rows: neighbours come together */
    bool unique;
    double parent_rows;    /* of a foreign key's parent; 0: no foreign key */
    double index_distinct; /* different keys told by the statistics of an index of this column; 0: none */
    double index_pages;    /* of a b-tree of this column alone that stores equal keys once; 0: none */
    double index_key_bytes;
    bool index_fresh; /* as it was built; else inserts may have left gaps in it */
    double capacity;  /* different values that fit between the outermost bounds; 0 unknown */
};

/* Sets distinct, distinct_by and distinct_ratio of the column. */
void distinct_recover(const struct distinct_facts *facts, struct profile_column *column);
/* What the catalogue tells of the indexes of a column, but whether they are fresh. */
void distinct_ask_indexes(const struct profile_table *table, size_t column, struct distinct_facts *facts);
/* Pages of the index by those it would have if it were fresh, as far as the sample tells. NAN: not known. firm: whatever the
 * number of different values is, within a factor of 1.5. */
double distinct_index_ratio(const struct distinct_facts *facts, const struct profile_column *column,
                            bool *firm);
/* What ANALYZE would report (as pg_stats: negative above a tenth of the rows) of a column with these counts and no null. */
double distinct_duj1(double rows, double sample_rows, const struct profile_count *counts, size_t count);

/* How values go on that are in no list: distribution_spec has fields of these names with tail_ before them. */
struct distinct_tail {
    double share; /* of all rows, of the most common one; the average where all are alike. 0: not known */
    double
        slope; /* of the common values, when the tail is made of more of these and of others that are all alike */
    double spread; /* of values that are alike but for it; 0 */
    double
        single; /* share of the rows in no list of which each has a value of its own; the others are as above */
    bool exact; /* values that are alike have the same number of rows, as far as that can be */
};
/* After distinct_recover, of the same facts. */
struct distinct_tail distinct_tail(const struct distinct_facts *facts, const struct profile_column *column);

#endif
