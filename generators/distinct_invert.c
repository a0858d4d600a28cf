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

/* Slope of the logarithm of the counts by the logarithm of the rank, weighted as counts are certain. NAN: too few.
 * error: its standard error. */
static double list_slope(const struct distinct_subject *self, double *error)
{
    const struct profile_column *column = self->column;
    double slope = 1;
    *error = 0;
    if (column->mcv_count < 10)
        return NAN;
    for (int round = 0; round < 5; round++) {
        double sum = 0, x_sum = 0, y_sum = 0, xx_sum = 0, xy_sum = 0;
        for (size_t i = column->mcv_count / 10; i < column->mcv_count; i++) {
            double seen = distinct_listed_share(column, i) * fmin(self->facts.rows, self->facts.sample_rows);
            double weight = without_luck(seen, slope), x = log((double)i + 1), y = log(fmax(0.5, weight));
            sum += weight;
            x_sum += weight * x;
            y_sum += weight * y;
            xx_sum += weight * x * x;
            xy_sum += weight * x * y;
        }
        slope = -(sum * xy_sum - x_sum * y_sum) / (sum * xx_sum - x_sum * x_sum);
        *error = sqrt(sum / (sum * xx_sum - x_sum * x_sum));
    }
    return slope;
}

double distinct_first(const struct distinct_subject *self, bool *even)
{
    const struct distinct_facts *facts = &self->facts;
    size_t count = self->column->mcv_count;
    double last = count > 0 ? distinct_listed_share(self->column, count - 1) * facts->rows : 0;
    double rate = fmin(1, facts->sample_rows / facts->rows), error;
    double slope = list_slope(self, &error);
    *even = count == 0;
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
    struct distinct_sample sample = self->listed;
    tail_walk(&tail, add_drawn, &sample);
    return (struct distinct_guess){.distinct = listed + tail_distinct(&tail),
                                   .predicted = distinct_sample_estimate(&sample),
                                   .tail = {.share = first / self->facts.rows}};
}

/* All values of the tail equally likely, each expected in so many rows. */
static struct distinct_guess guess_even(const struct distinct_subject *self, double expected)
{
    double values = self->tail_rows / expected;
    struct distinct_sample sample = self->listed;
    distinct_sample_add(&sample, expected, values, true);
    return (struct distinct_guess){.distinct = (double)self->column->mcv_count - values * expm1(-expected),
                                   .predicted = distinct_sample_estimate(&sample),
                                   .tail = {.share = expected / self->facts.rows}};
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

/* ---- values alike but for some spread ---- */

/* How often a value must be seen to be listed, and how many such values are expected. */
struct listing {
    double rate, expected;
    int seen;
};

static void add_listed(void *context, double expected_rows, double values)
{
    struct listing *listing = context;
    double mean = expected_rows * listing->rate, chance = exp(-mean), below = 0;
    for (int seen = 1; seen <= listing->seen; chance *= mean / seen, seen++)
        below += chance;
    listing->expected += values * fmax(0, 1 - below);
}

static struct distinct_guess guess_spread(const struct distinct_subject *self, double spread, double mean)
{
    struct tail tail = tail_make_spread(mean, spread, self->tail_rows);
    struct distinct_sample sample = self->listed;
    tail_walk(&tail, add_drawn, &sample);
    return (struct distinct_guess){.distinct = (double)self->column->mcv_count + tail_distinct(&tail),
                                   .predicted = distinct_sample_estimate(&sample),
                                   .tail = {.share = mean / self->facts.rows, .spread = spread}};
}

static struct distinct_guess invert_mean(const struct distinct_subject *self, double spread)
{
    double low = -14, high = log(fmax(2, self->tail_rows));
    for (int i = 0; i < 30; i++) {
        double middle = (low + high) / 2;
        *(guess_spread(self, spread, exp(middle)).predicted > self->reported ? &low : &high) = middle;
    }
    return guess_spread(self, spread, exp((low + high) / 2));
}

/* The most often a value of the tail can have been seen without being listed. */
static double seen_unlisted(const struct distinct_subject *self)
{
    double rate = self->taken / self->rows;
    double others = fmax(1, self->reported - (double)self->column->mcv_count);
    return most_unlisted(self->tail_rows / others * rate, rate);
}

static double expect_listed(const struct distinct_subject *self, const struct distinct_guess *guess)
{
    struct listing listing = {.rate = self->taken / self->rows,
                              .seen = (int)fmin(1e6, floor(seen_unlisted(self))) + 1};
    double mean = guess->tail.share * self->facts.rows;
    struct tail tail = tail_make_spread(mean, guess->tail.spread, self->tail_rows);
    tail_walk(&tail, add_listed, &listing);
    return listing.expected;
}

/* Listed values that may be of the tail's kind: seen not much more often than what is not listed. */
static double count_near(const struct distinct_subject *self)
{
    double most = 2 * seen_unlisted(self) / self->taken * self->rows / self->facts.rows, near = 0;
    for (size_t i = 0; i < self->column->mcv_count; i++)
        near += distinct_listed_share(self->column, i) <= most;
    return near;
}

/* The spread with which as many values are seen often enough to be listed as are. False: none. */
static bool invert_spread(const struct distinct_subject *self, struct distinct_guess *guess)
{
    double low = log(0.02), high = log(4), count = count_near(self);
    struct distinct_guess most = invert_mean(self, exp(high)), least = invert_mean(self, exp(low));
    if (expect_listed(self, &least) + 1.5 > count) { /* one may be chance */
        *guess = invert_even(self);
        return true;
    }
    if (expect_listed(self, &most) < count)
        return false;
    for (int i = 0; i < 14; i++) {
        double middle = (low + high) / 2;
        *guess = invert_mean(self, exp(middle));
        *(expect_listed(self, guess) < count ? &low : &high) = middle;
    }
    return true;
}

/* ---- power laws ---- */

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
    bool even, full = (double)self->column->mcv_count >= self->facts.sample_rows / 300;
    double first = distinct_first(self, &even), slope, error, listed = list_slope(self, &error);
    struct distinct_guess guess;
    if (even || first <= 1 || guess_tail(self, first, 0, rarest).predicted > self->reported)
        return invert_even(self);
    if (!full && invert_spread(self, &guess))
        return guess;
    guess = invert_slope(self, first, &slope);
    /* Flatter than the list: some follow the law of the list, and the others are all alike. */
    return full && slope < listed - 0.03 - 2 * error ? invert_floor(self, first, listed) : guess;
}
