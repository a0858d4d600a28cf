/* distinct_parts: what distinct.c shares with its models. */
#ifndef REHEARSE_GENERATORS_DISTINCT_PARTS_H
#define REHEARSE_GENERATORS_DISTINCT_PARTS_H

#include "generators/distinct.h"
#include "generators/distinct_sample.h"

/* A column as far as its statistics tell: common values, and a tail of unknown shape. */
struct distinct_subject {
    struct distinct_facts facts; /* what cannot be left out */
    const struct profile_column *column;
    double rows, taken;            /* not null: of the table, of the sample */
    double reported;               /* different values */
    double tail_rows;              /* that are in no common value */
    bool clustered;                /* equal values lie side by side */
    struct distinct_sample listed; /* what the sample holds of the common values */
};

struct distinct_guess {
    double distinct, predicted; /* predicted: what ANALYZE would report */
    struct distinct_tail tail;
};

/* Share of all rows of a common value, made sound. */
double distinct_listed_share(const struct profile_column *column, size_t atom);

/* distinct_invert.c: the tail for which ANALYZE would report what it reported. */
struct distinct_guess distinct_invert(const struct distinct_subject *subject);
/* How the tail begins: rows of its most common value. even: all of it is as common as that. */
double distinct_first(const struct distinct_subject *subject, bool *even);

/* distinct_density.c: everything that fits between the bounds is there. False: ANALYZE would have reported something else. */
bool distinct_density(const struct distinct_subject *subject, struct distinct_guess *guess);
/* Different values at most, by the bounds: listed ones may lie outside, and so does what lies beyond a sample's extremes. */
double distinct_capacity(const struct distinct_subject *subject);

#endif
