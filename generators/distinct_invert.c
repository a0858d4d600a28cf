#include "generators/distinct_parts.h"

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

/* ---- what a tail predicts ---- */

struct prediction {
    const struct distinct_subject *subject;
    struct distinct_sample sample;
    struct distinct_leaves leaves;
    double values;
};

static void predict(void *context, double expected_rows, double values)
{
    struct prediction *self = context;
    bool drawn = !self->subject->exact;
    distinct_sample_add(&self->sample, expected_rows, values, drawn);
    if (self->subject->facts.index_pages > 0)
        distinct_leaves_add(&self->leaves, expected_rows, values, drawn);
    self->values += drawn ? -values * expm1(-expected_rows) : values;
}

struct distinct_guess distinct_guess_of(const struct distinct_subject *self, const struct tail *law)
{
    struct prediction prediction = {.subject = self, .sample = self->listed, .leaves = self->leaves};
    tail_walk(law, predict, &prediction);
    return (struct distinct_guess){
        .distinct = (double)self->column->mcv_count + self->single_rows + prediction.values,
        .predicted = distinct_sample_estimate(&prediction.sample),
        .pages = distinct_leaves_pages(&prediction.leaves),
        .law = *law,
        .tail = {.share = law->first / self->facts.rows, .spread = law->spread, .exact = self->exact}};
}

/* What is bisected: one number of the law, by its logarithm or as it is. */
struct unknown {
    struct tail (*law)(const struct distinct_subject *self, const struct unknown *unknown, double x);
    double low, high; /* more is predicted the greater it is: rising; else falling */
    bool rising;
    double first, slope;
    int steps;
};

static struct distinct_guess bisect(const struct distinct_subject *self, const struct unknown *unknown,
                                    double *found)
{
    double low = unknown->low, high = unknown->high;
    for (int i = 0; i < unknown->steps; i++) {
        double middle = (low + high) / 2;
        struct tail law = unknown->law(self, unknown, middle);
        bool less = distinct_guess_of(self, &law).predicted < self->reported;
        *(less == unknown->rising ? &low : &high) = middle;
    }
    *found = (low + high) / 2;
    struct tail law = unknown->law(self, unknown, *found);
    return distinct_guess_of(self, &law);
}

static double knee(const struct distinct_subject *self)
{
    return fmax(1, (double)self->column->mcv_count);
}

/* ---- values that are all alike ---- */

struct tail distinct_law_even(const struct distinct_subject *self, double expected)
{
    return tail_make(expected, 1, 0, expected, self->tail_rows);
}

static struct tail law_even(const struct distinct_subject *self, const struct unknown *unknown, double x)
{
    (void)unknown;
    return distinct_law_even(self, exp(x));
}

/* As common as the rarest that is listed, at most. */
static struct distinct_guess invert_even(const struct distinct_subject *self)
{
    size_t listed = self->column->mcv_count;
    double found, most = self->tail_rows; /* found: log of the rows expected per value */
    if (listed > 0)
        most = fmin(most, distinct_listed_share(self->column, listed - 1) * self->facts.rows);
    return bisect(self,
                  &(struct unknown){
                      .law = law_even, .low = self->exact ? 0 : -14, .high = log(fmax(2, most)), .steps = 50},
                  &found);
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

static struct tail law_spread(const struct distinct_subject *self, const struct unknown *unknown, double x)
{
    return tail_make_spread(exp(x), unknown->slope, self->tail_rows);
}

static struct distinct_guess invert_mean(const struct distinct_subject *self, double spread)
{
    double found;
    return bisect(self,
                  &(struct unknown){.law = law_spread,
                                    .slope = spread,
                                    .low = -14,
                                    .high = log(fmax(2, self->tail_rows)),
                                    .steps = 30},
                  &found);
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
    double low = log(0.02), high = log(TAIL_WIDEST), count = count_near(self);
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

static struct tail law_straight(const struct distinct_subject *self, const struct unknown *unknown, double x)
{
    return tail_make(unknown->first, knee(self), x, rarest, self->tail_rows);
}

static struct tail law_floored(const struct distinct_subject *self, const struct unknown *unknown, double x)
{
    return tail_make(unknown->first, knee(self), unknown->slope, exp(x), self->tail_rows);
}

static struct tail law_curved(const struct distinct_subject *self, const struct unknown *unknown, double x)
{
    return tail_make_curved(unknown->first, knee(self), unknown->slope, x, self->tail_rows);
}

static struct distinct_guess invert_slope(const struct distinct_subject *self, double first, double *slope)
{
    return bisect(
        self,
        &(struct unknown){
            .law = law_straight, .first = first, .high = TAIL_STEEPEST, .rising = true, .steps = 40},
        slope);
}

static struct distinct_guess invert_floor(const struct distinct_subject *self, double first, double slope)
{
    double found;
    struct unknown unknown = {.law = law_floored,
                              .first = first,
                              .slope = slope,
                              .low = log(rarest),
                              .high = log(first),
                              .steps = 40};
    struct distinct_guess guess = bisect(self, &unknown, &found);
    guess.tail.slope = slope;
    return guess;
}

static struct distinct_guess invert_curve(const struct distinct_subject *self, double first, double slope)
{
    double found;
    struct unknown unknown = {.law = law_curved,
                              .first = first,
                              .slope = slope,
                              .high = TAIL_STEEPEST,
                              .rising = true,
                              .steps = 40};
    struct distinct_guess guess = bisect(self, &unknown, &found);
    guess.tail.slope = slope;
    return guess;
}

/* A law that the list follows as well as the tail; else the tail bends: it falls ever steeper, or all its values are alike in
 * the end. The list's slope has an error: that of counts, and of what happened to be common. The tail may be as much steeper as
 * most of it, or half as much flatter, before it is bent. */
static struct distinct_guess invert_law(const struct distinct_subject *self, double first)
{
    double slope, error, listed = list_slope(self, &error);
    struct distinct_guess guess = invert_slope(self, first, &slope);
    if (!isfinite(listed))
        return guess;
    error = sqrt(error * error + listed * listed / (double)self->column->mcv_count);
    if (slope > listed + error * 0.75) { /* no bend is as sharp as where two kinds of values meet */
        struct distinct_guess bent = invert_curve(self, first, fmax(0.02, listed + error * 0.75));
        return fabs(bent.predicted / self->reported - 1) < 0.02 ? bent : guess;
    }
    if (slope < listed - error / 2 - 0.03)
        return invert_floor(self, first, listed - error / 2);
    return guess;
}

/* Few are listed, yet they fall as the others would if all followed one law. */
static bool is_straight(const struct distinct_subject *self, double first)
{
    double slope, error, listed = list_slope(self, &error);
    if (!isfinite(listed) || error > 0.05 + 0.15 * listed)
        return false;
    (void)invert_slope(self, first, &slope);
    error = sqrt(error * error + listed * listed / (double)self->column->mcv_count);
    return fabs(slope - listed) < error;
}

struct distinct_guess distinct_invert(const struct distinct_subject *self)
{
    bool even, full = (double)self->column->mcv_count >= self->facts.sample_rows / 300;
    double first = distinct_first(self, &even);
    struct distinct_guess guess;
    struct tail flat = tail_make(first, knee(self), 0, rarest, self->tail_rows);
    if (even || first <= 1 || distinct_guess_of(self, &flat).predicted > self->reported)
        return invert_even(self);
    if (self->exact)
        return (struct distinct_guess){0};
    if (!full && !is_straight(self, first) && invert_spread(self, &guess))
        return guess;
    return full ? invert_law(self, first) : invert_slope(self, first, &first);
}
