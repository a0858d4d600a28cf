/* tail: how often the values occur that are too rare to be listed as common ones. Pure.
 *
 * A power law that goes on where the list of common values ends: value i (from 0) is expected in first·(1 + i/knee)^−slope
 * rows, and each count is drawn (Poisson). What such a law cannot hold are values of one row each. */
#ifndef REHEARSE_GENERATORS_TAIL_H
#define REHEARSE_GENERATORS_TAIL_H

struct tail {
    double first; /* rows of the most common one */
    double knee, slope;
    double values;  /* that are expected in some rows; some of them occur in none */
    double singles; /* more values, of one row each */
};

/* The tail of this slope that fills the rows. */
struct tail tail_make(double first, double knee, double slope, double rows);
/* The one that has so many different values. */
struct tail tail_fit(double first, double knee, double rows, double distinct);
/* Calls visit for groups of values that are expected in about as many rows each; not for the singles. */
void tail_walk(const struct tail *tail, void (*visit)(void *context, double expected_rows, double values),
               void *context);
double tail_distinct(const struct tail *tail);

/* Expected rows of a value when so many different values were seen in so many rows, all equally likely. */
double tail_even(double rows, double distinct);

#endif
