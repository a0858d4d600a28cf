#include "generators/distinct_sample.h"

#include <math.h>

struct distinct_sample distinct_sample_make(double rows, double taken, double pages, bool clustered)
{
    struct distinct_sample sample = {
        .rows = rows, .taken = fmin(rows, taken), .page_share = 1, .page_rows = INFINITY};
    if (clustered && pages > taken && rows > 0) {
        sample.page_share = taken / pages;
        sample.page_rows = rows / pages;
    }
    return sample;
}

/* Rows of one page: how probable none of them is taken, and just one. */
static void look_at_page(const struct distinct_sample *sample, double rows, bool drawn, double *none,
                         double *one)
{
    double rate = sample->taken / sample->rows / sample->page_share;
    rate = fmin(1, rate);
    double zero, single;
    if (drawn) {
        zero = exp(-rows * rate);
        single = rows * rate * zero;
    } else if (rate >= 1) {
        zero = rows > 0 ? 0 : 1;
        single = rows == 1 ? 1 : 0;
    } else {
        zero = exp(rows * log1p(-rate));
        single = rows * rate * zero / (1 - rate);
    }
    *none = 1 - sample->page_share * (1 - zero);
    *one = sample->page_share * single;
}

void distinct_sample_add(struct distinct_sample *sample, double rows_each, double values, bool drawn)
{
    double pages = 1 + fmax(0, rows_each - 1) / sample->page_rows, none, one;
    look_at_page(sample, rows_each / pages, drawn, &none, &one);
    sample->seen += values * (1 - pow(none, pages));
    sample->once += values * pages * one * pow(none, pages - 1);
}

double distinct_sample_estimate(const struct distinct_sample *sample)
{
    double taken = sample->taken, once = fmin(sample->once, taken);
    if (sample->seen <= 0 || sample->rows <= 0)
        return 0;
    double estimate = taken * sample->seen / (taken - once + once * taken / sample->rows);
    return fmin(sample->rows, fmax(sample->seen, estimate));
}
