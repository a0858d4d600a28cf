#include "generators/tail.h"

#include <math.h>

static const double rare = 0.01; /* hardly a value of so few expected rows occurs twice */

/* ---- power laws, straight and curved ---- */

/* Rows of the first `to` values of a straight one. */
static double rows_up_to(const struct tail *tail, double to)
{
    double scale = tail->first * tail->knee, turn = 1 - tail->slope, grown = log1p(to / tail->knee);
    return fabs(turn) < 1e-9 ? scale * grown : scale * expm1(turn * grown) / turn;
}

static double expected_at(const struct tail *tail, double value)
{
    double x = log1p(value / tail->knee);
    return tail->first * exp(-x * (tail->slope + tail->curve * x * x));
}

static double rows_between(const struct tail *tail, double from, double to)
{
    if (tail->curve > 0)
        return (to - from) * expected_at(tail, (from + to) / 2);
    return rows_up_to(tail, to) - rows_up_to(tail, from);
}

/* The value at which the expected rows are down to the floor. */
static double value_of_floor(const struct tail *tail)
{
    double drop = log(tail->first / tail->floor);
    if (drop <= 0)
        return 0;
    double low = 0, high = tail->slope > 0 ? drop / tail->slope : INFINITY;
    if (tail->curve <= 0)
        return tail->knee * expm1(high);
    high = fmin(high, cbrt(drop / tail->curve));
    for (int i = 0; i < 40; i++) {
        double x = (low + high) / 2;
        *(x * (tail->slope + tail->curve * x * x) < drop ? &low : &high) = x;
    }
    return tail->knee * expm1(low);
}

static double next_step(const struct tail *tail, double from)
{
    return from + fmax(1, (from + tail->knee) / 16);
}

/* Until the rows are used up, or down to the floor. */
static void fill_rows(struct tail *tail)
{
    double last = value_of_floor(tail), from = 0, left = tail->rows;
    while (from < last && left > 0) {
        double to = fmin(last, next_step(tail, from)), rows = rows_between(tail, from, to);
        if (rows >= left) {
            tail->values = from + (to - from) * left / rows;
            return;
        }
        left -= rows;
        from = to;
    }
    tail->values = from;
    tail->plain = fmax(0, left) / tail->floor;
}

struct tail tail_make(double first, double knee, double slope, double floor, double rows)
{
    struct tail tail = {.first = first, .knee = knee, .slope = slope, .floor = floor, .rows = rows};
    fill_rows(&tail);
    return tail;
}

struct tail tail_make_curved(double first, double knee, double slope, double curve, double rows)
{
    struct tail tail = {.first = first,
                        .knee = knee,
                        .slope = slope,
                        .curve = curve,
                        .floor = fmin(rare, first),
                        .rows = rows};
    fill_rows(&tail);
    return tail;
}

static void walk_law(const struct tail *tail,
                     void (*visit)(void *context, double expected_rows, double values), void *context)
{
    double from = 0, left = tail->rows;
    while (from < tail->values) {
        double to = fmin(tail->values, next_step(tail, from));
        double rows = fmin(left, rows_between(tail, from, to));
        visit(context, rows / (to - from), to - from);
        left -= rows;
        from = to;
    }
    if (tail->plain > 0)
        visit(context, tail->floor, tail->plain);
}

/* ---- spread ---- */

struct tail tail_make_spread(double mean, double spread, double rows)
{
    return (struct tail){.first = mean, .spread = spread, .rows = rows};
}

/* The rows of a log-normal distribution by the logarithm of what is expected: a normal one, centred half a variance above. */
static void walk_spread(const struct tail *tail,
                        void (*visit)(void *context, double expected_rows, double values), void *context)
{
    enum { STEPS = 48 };
    static const double reach = 5;
    double share[STEPS], sum = 0, variance = log1p(tail->spread), sigma = sqrt(variance);
    for (int i = 0; i < STEPS; i++) {
        double z = reach * ((i + 0.5) / STEPS * 2 - 1);
        sum += share[i] = exp(-z * z / 2);
    }
    for (int i = 0; i < STEPS; i++) {
        double z = reach * ((i + 0.5) / STEPS * 2 - 1),
               expected = tail->first * exp(variance / 2 + sigma * z);
        expected = tail->most > 0 ? fmin(tail->most, expected) : expected;
        visit(context, expected, tail->rows * share[i] / sum / expected);
    }
}

void tail_walk(const struct tail *tail, void (*visit)(void *context, double expected_rows, double values),
               void *context)
{
    if (tail->spread > 0)
        walk_spread(tail, visit, context);
    else
        walk_law(tail, visit, context);
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

/* ---- fitting ---- */

static struct tail fit_floor(double first, double knee, double slope, double rows, double distinct)
{
    double low = log(rare), high = log(first);
    for (int i = 0; i < 40; i++) {
        struct tail tail = tail_make(first, knee, slope, exp((low + high) / 2), rows);
        *(tail_distinct(&tail) < distinct ? &high : &low) = (low + high) / 2;
    }
    return tail_make(first, knee, slope, exp((low + high) / 2), rows);
}

static struct tail fit_curve(double first, double knee, double slope, double rows, double distinct)
{
    double low = 0, high = TAIL_STEEPEST;
    for (int i = 0; i < 40; i++) {
        struct tail tail = tail_make_curved(first, knee, slope, (low + high) / 2, rows);
        *(tail_distinct(&tail) < distinct ? &low : &high) = (low + high) / 2;
    }
    return tail_make_curved(first, knee, slope, (low + high) / 2, rows);
}

static struct tail fit_slope(double first, double knee, double rows, double distinct)
{
    double low = 0, high = TAIL_STEEPEST, floor_rows = fmin(rare, first);
    for (int i = 0; i < 40; i++) {
        struct tail tail = tail_make(first, knee, (low + high) / 2, floor_rows, rows);
        *(tail_distinct(&tail) < distinct ? &low : &high) = (low + high) / 2;
    }
    return tail_make(first, knee, (low + high) / 2, floor_rows, rows);
}

struct tail tail_fit(double first, double knee, double slope, double rows, double distinct)
{
    if (slope <= 0 || first <= rare)
        return fit_slope(first, knee, rows, distinct);
    struct tail straight = tail_make(first, knee, slope, rare, rows);
    return tail_distinct(&straight) < distinct ? fit_curve(first, knee, slope, rows, distinct)
                                               : fit_floor(first, knee, slope, rows, distinct);
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
