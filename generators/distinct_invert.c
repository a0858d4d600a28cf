#include "generators/distinct_parts.h"
#include "generators/tail.h"

#include <math.h>

static const double rarest = 0.01; /* expected rows of a value that hardly ever occurs twice */

/* ---- how the tail begins ---- */

/* ANALYZE lists what is clearly more common than the average of the rest. If there was room in the list, everything else
 * was not: this is the most often such a value can have been seen. */
static double most_unlisted(double mean, double rate)
{
    double seen = mean + 0.5;
    for (int i = 0; i < 30; i++)
        seen = mean + 0.5 + 2 * sqrt(seen * (1 - rate));
    return seen;
}

/* A value is in the list because it was seen often, so on average it was seen more often than its due: of values whose
 * counts fall with this slope by rank, by 1/slope at a given count, half of that at a given rank. */
static double without_luck(double seen, double slope)
{
    return fmax(seen / 2, seen - 0.5 / fmax(0.2, slope));
}

/* Slope of the logarithm of the counts by the logarithm of the rank, weighted as counts are certain. NAN: too few. */
static double list_slope(const struct distinct_subject *self)
{
    const struct profile_column *column = self->column;
    double slope = 1;
    if (column->mcv_count < 10)
        return NAN;
    for (int round = 0; round < 5; round++) {
        double sum = 0, x_sum = 0, y_sum = 0, xx_sum = 0, xy_sum = 0;
        for (size_t i = column->mcv_count / 10; i < column->mcv_count; i++) {
            double seen = column->mcv[i].share * fmin(self->facts->rows, self->facts->sample_rows);
            double weight = without_luck(seen, slope), x = log((double)i + 1), y = log(fmax(0.5, weight));
            sum += weight;
            x_sum += weight * x;
            y_sum += weight * y;
            xx_sum += weight * x * x;
            xy_sum += weight * x * y;
        }
        slope = -(sum * xy_sum - x_sum * y_sum) / (sum * xx_sum - x_sum * x_sum);
    }
    return slope;
}

double distinct_first(const struct distinct_subject *self, bool *even)
{
    const struct distinct_facts *facts = self->facts;
    size_t count = self->column->mcv_count;
    double last = count > 0 ? self->column->mcv[count - 1].share * facts->rows : 0;
    double rate = fmin(1, facts->sample_rows / facts->rows), slope = list_slope(self);
    *even = count < 4; /* one or two by chance */
    if (count == 0 || rate <= 0 || rate >= 1)
        return last;
    if (isfinite(slope))
        last = without_luck(last * rate, slope) / rate;
    if ((double)count >= facts->sample_rows / 300)
        return last;
    double others = fmax(1, self->reported - (double)count);
    double most = most_unlisted(self->tail_rows / others * rate, rate) / rate;
    *even = *even || last > 2 * most; /* a gap: the common values are of another kind */
    return fmin(last, most);
}

/* ---- inversion ---- */

static void add_drawn(void *context, double expected_rows, double values)
{
    distinct_sample_add(context, expected_rows, values, true);
}

static struct distinct_guess guess_tail(const struct distinct_subject *self, double first, double slope,
                                        double floor_rows)
{
    double listed = (double)self->column->mcv_count;
    struct tail tail = tail_make(first, fmax(1, listed), slope, floor_rows, self->tail_rows);
    struct distinct_sample sample = distinct_sample_listed(self);
    tail_walk(&tail, add_drawn, &sample);
    return (struct distinct_guess){.distinct = listed + tail_distinct(&tail),
                                   .predicted = distinct_sample_estimate(&sample),
                                   .tail = {.share = first / self->facts->rows}};
}

/* All values of the tail equally likely, each expected in so many rows. */
static struct distinct_guess guess_even(const struct distinct_subject *self, double expected)
{
    double values = self->tail_rows / expected;
    struct distinct_sample sample = distinct_sample_listed(self);
    distinct_sample_add(&sample, expected, values, true);
    return (struct distinct_guess){.distinct = (double)self->column->mcv_count - values * expm1(-expected),
                                   .predicted = distinct_sample_estimate(&sample),
                                   .tail = {.share = expected / self->facts->rows}};
}

static struct distinct_guess invert_even(const struct distinct_subject *self)
{
    double low = -14, high = log(fmax(2, self->tail_rows)); /* log of the rows expected per value */
    for (int i = 0; i < 50; i++) {
        double middle = (low + high) / 2;
        *(guess_even(self, exp(middle)).predicted > self->reported ? &low : &high) = middle;
    }
    return guess_even(self, exp((low + high) / 2));
}

static struct distinct_guess invert_slope(const struct distinct_subject *self, double first, double *slope)
{
    double low = 0, high = TAIL_STEEPEST;
    for (int i = 0; i < 40; i++) {
        double middle = (low + high) / 2;
        *(guess_tail(self, first, middle, rarest).predicted < self->reported ? &low : &high) = middle;
    }
    *slope = (low + high) / 2;
    return guess_tail(self, first, *slope, rarest);
}

static struct distinct_guess invert_floor(const struct distinct_subject *self, double first, double slope)
{
    double low = log(rarest), high = log(first);
    for (int i = 0; i < 40; i++) {
        double middle = (low + high) / 2;
        *(guess_tail(self, first, slope, exp(middle)).predicted < self->reported ? &high : &low) = middle;
    }
    struct distinct_guess guess = guess_tail(self, first, slope, exp((low + high) / 2));
    guess.tail.slope = slope;
    return guess;
}

struct distinct_guess distinct_invert(const struct distinct_subject *self)
{
    bool even;
    double first = distinct_first(self, &even), slope, listed = list_slope(self);
    if (even || first <= 1 || guess_tail(self, first, 0, rarest).predicted > self->reported)
        return invert_even(self);
    struct distinct_guess guess = invert_slope(self, first, &slope);
    bool full = (double)self->column->mcv_count >= self->facts->sample_rows / 300;
    /* Flatter than the list: some follow the law of the list, and the others are all alike. */
    return full && slope < listed - 0.06 ? invert_floor(self, first, listed) : guess;
}
