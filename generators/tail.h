/* tail: how often the values occur that are too rare to be listed as common ones. Pure.
 *
 * A power law that goes on where the list of common values ends: by x = log(1 + i/knee), value i (from 0) is expected in
 * first·e^(−slope·x − curve·x³) rows, down to a floor; what rows are left belong to values of the floor, all equally likely. Or
 * values that are alike but for some spread (log-normal). Counts are drawn (Poisson). */
#ifndef REHEARSE_GENERATORS_TAIL_H
#define REHEARSE_GENERATORS_TAIL_H

#define TAIL_STEEPEST 200.0 /* hardly anything after the first few values but the rarest */
#define TAIL_WIDEST   60.0  /* spread */

struct tail {
    double first; /* rows of the most common one */
    double knee, slope, curve, floor;
    double values; /* of the power law */
    double plain;  /* of the floor. Of both, some occur in no row */
    double
        spread; /* > 0: no power law; variance of the expected rows by their squared mean, which is first */
    double rows;
    double most; /* of the values alike but for some spread none is expected in more rows; 0: no matter */
};

/* Fills the rows. */
struct tail tail_make(double first, double knee, double slope, double floor, double rows);
struct tail tail_make_curved(double first, double knee, double slope, double curve, double rows);
struct tail tail_make_spread(double mean, double spread, double rows);
/* The one that has so many different values. slope 0: by its slope, down to the rarest; else by its floor if the law as it is
 * has too many of them, by its curve if too few. */
struct tail tail_fit(double first, double knee, double slope, double rows, double distinct);
struct tail tail_fit_spread(double spread, double rows, double distinct);
/* Calls visit for groups of values that are expected in about as many rows each. */
void tail_walk(const struct tail *tail, void (*visit)(void *context, double expected_rows, double values),
               void *context);
double tail_distinct(const struct tail *tail);

/* Expected rows of a value when so many different values were seen in so many rows, all equally likely. */
double tail_even(double rows, double distinct);

#endif
