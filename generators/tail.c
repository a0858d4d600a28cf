#include "generators/tail.h"

#include <math.h>

static const double rare = 0.01; /* hardly a value of so few expected rows occurs twice */

/* Rows of the first `to` values. */
static double rows_up_to(const struct tail *tail, double to)
{
    double scale = tail->first * tail->knee, turn = 1 - tail->slope, grown = log1p(to / tail->knee);
    return fabs(turn) < 1e-9 ? scale * grown : scale * expm1(turn * grown) / turn;
}

/* The other way round; infinite where the law never holds so many. */
static double values_for(const struct tail *tail, double rows)
{
    double share = rows / (tail->first * tail->knee), turn = 1 - tail->slope;
    if (fabs(turn) < 1e-9)
        return tail->knee * expm1(share);
    return share * turn <= -1 ? INFINITY : tail->knee * expm1(log1p(share * turn) / turn);
}

struct tail tail_make(double first, double knee, double slope, double floor, double rows)
{
    struct tail tail = {.first = first, .knee = knee, .slope = slope, .floor = floor, .rows = rows};
    tail.values = values_for(&tail, rows);
    double last = slope > 0 ? knee * expm1(log(first / floor) / slope) : INFINITY;
    if (tail.values > last) {
        tail.values = last;
        tail.plain = fmax(0, rows - rows_up_to(&tail, last)) / floor;
    }
    return tail;
}

struct tail tail_make_spread(double mean, double spread, double rows)
{
    return (struct tail){.first = mean, .spread = spread, .rows = rows};
}

/* The rows of a gamma distribution by the logarithm of what is expected. */
static void walk_spread(const struct tail *tail,
                        void (*visit)(void *context, double expected_rows, double values), void *context)
{
    enum { STEPS = 48 };
    double shape = 1 / tail->spread, share[STEPS], sum = 0;
    double reach = 5 * sqrt(tail->spread) + 3 * tail->spread, low = -log1p(4 * reach), high = log1p(reach);
    for (int i = 0; i < STEPS; i++) {
        double at = low + (high - low) * (i + 0.5) / STEPS;
        sum += share[i] = exp((shape + 1) * at - shape * expm1(at));
    }
    for (int i = 0; i < STEPS; i++) {
        double expected = tail->first * exp(low + (high - low) * (i + 0.5) / STEPS);
        visit(context, expected, tail->rows * share[i] / sum / expected);
    }
}

void tail_walk(const struct tail *tail, void (*visit)(void *context, double expected_rows, double values),
               void *context)
{
    if (tail->spread > 0) {
        walk_spread(tail, visit, context);
        return;
    }
    double from = 0, before = 0;
    while (from < tail->values) {
        double to = fmin(tail->values, from + fmax(1, (from + tail->knee) / 16));
        double rows = rows_up_to(tail, to);
        visit(context, (rows - before) / (to - from), to - from);
        from = to;
        before = rows;
    }
    if (tail->plain > 0)
        visit(context, tail->floor, tail->plain);
}

static void add_seen(void *context, double expected_rows, double values)
{
    *(double *)context += -values * expm1(-expected_rows);
}

double tail_distinct(const struct tail *tail)
{
    double seen = 0;
    tail_walk(tail, add_seen, &seen);
    return seen;
}

static struct tail fit_floor(double first, double knee, double slope, double rows, double distinct)
{
    double low = log(rare), high = log(first);
    for (int i = 0; i < 40; i++) {
        struct tail tail = tail_make(first, knee, slope, exp((low + high) / 2), rows);
        *(tail_distinct(&tail) < distinct ? &high : &low) = (low + high) / 2;
    }
    return tail_make(first, knee, slope, exp((low + high) / 2), rows);
}

struct tail tail_fit(double first, double knee, double slope, double rows, double distinct)
{
    if (slope > 0 && first > rare)
        return fit_floor(first, knee, slope, rows, distinct);
    double low = 0, high = TAIL_STEEPEST, floor_rows = fmin(rare, first);
    for (int i = 0; i < 40; i++) {
        struct tail tail = tail_make(first, knee, (low + high) / 2, floor_rows, rows);
        *(tail_distinct(&tail) < distinct ? &low : &high) = (low + high) / 2;
    }
    return tail_make(first, knee, (low + high) / 2, floor_rows, rows);
}

struct tail tail_fit_spread(double spread, double rows, double distinct)
{
    double low = log(rare), high = log(rows);
    for (int i = 0; i < 40; i++) {
        struct tail tail = tail_make_spread(exp((low + high) / 2), spread, rows);
        *(tail_distinct(&tail) > distinct ? &low : &high) = (low + high) / 2;
    }
    return tail_make_spread(exp((low + high) / 2), spread, rows);
}

double tail_even(double rows, double distinct)
{
    double mean = rows / distinct;
    if (mean <= 1 + 1e-12)
        return 0;
    double low = 0, high = mean; /* mean = expected / (1 − e^−expected) */
    for (int i = 0; i < 60; i++) {
        double expected = (low + high) / 2;
        *(expected < -mean * expm1(-expected) ? &low : &high) = expected;
    }
    return (low + high) / 2;
}
