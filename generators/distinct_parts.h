/* distinct_parts: what distinct.c shares with its models. */
#ifndef REHEARSE_GENERATORS_DISTINCT_PARTS_H
#define REHEARSE_GENERATORS_DISTINCT_PARTS_H

#include "generators/distinct.h"
#include "generators/distinct_leaves.h"
#include "generators/distinct_sample.h"
#include "generators/tail.h"

/* A column as far as its statistics tell: common values, and a tail of unknown shape. */
struct distinct_subject {
    struct distinct_facts facts; /* what cannot be left out */
    const struct profile_column *column;
    double rows, taken;            /* not null: of the table, of the sample */
    double reported;               /* different values */
    double tail_rows;              /* that are in no common value */
    double single_rows;            /* of these set aside: each has a value of its own */
    bool exact;                    /* values of the tail that are alike have the same number of rows */
    bool clustered;                /* equal values lie side by side */
    struct distinct_sample listed; /* what the sample holds of the common values, and of those set aside */
    struct distinct_leaves leaves; /* what they take of an index, nulls with them */
};

struct distinct_guess {
    double distinct, predicted; /* predicted: what ANALYZE would report */
    double pages;               /* of a fresh index */
    struct tail law;
    struct distinct_tail tail;
};

struct distinct_subject distinct_subject_make(const struct distinct_facts *facts,
                                              const struct profile_column *column);
/* Share of all rows of a common value, made sound. */
double distinct_listed_share(const struct profile_column *column, size_t atom);

/* distinct_invert.c: the tail for which ANALYZE would report what it reported. */
struct distinct_guess distinct_invert(const struct distinct_subject *subject);
/* How the tail begins: rows of its most common value. even: all of it is as common as that. */
double distinct_first(const struct distinct_subject *subject, bool *even);
/* What a tail tells; what it predicts. */
struct distinct_guess distinct_guess_of(const struct distinct_subject *subject, const struct tail *law);
/* All values of the tail equally likely, each expected in so many rows. */
struct tail distinct_law_even(const struct distinct_subject *subject, double expected);

/* distinct_index.c: the tail for which, too, an index takes the pages it takes. False: it tells no more than the guess. */
bool distinct_heed_index(const struct distinct_subject *subject, struct distinct_guess *guess);
/* The pages are too many or too few for it. */
bool distinct_index_denies(const struct distinct_subject *subject, const struct distinct_guess *guess);

/* distinct_density.c: everything that fits between the bounds is there. False: they tell nothing. */
bool distinct_density(const struct distinct_subject *subject, struct distinct_guess *guess);
/* The same, whatever that would report. */
bool distinct_fills_bounds(const struct distinct_subject *subject, struct distinct_guess *guess);
/* Different values at most, by the bounds: listed ones may lie outside, and so does what lies beyond a sample's extremes. */
double distinct_capacity(const struct distinct_subject *subject);

#endif
