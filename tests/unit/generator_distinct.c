/* distinct: the true number of different values from what ANALYZE of a sample reports. The samples here are drawn and
 * reported as PostgreSQL does; populations are of many shapes. Right: within a tenth of the truth on average, and a column
 * that is generated from what was recovered makes ANALYZE report the same again. */
#include "generators/distinct.h"
#include "generators/distribution.h"

#include "bench/base/arena.h"
#include "bench/base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SAMPLE = 30000, LIST = 100 };

struct population {
    uint64_t *end; /* of each value, in rows: sorted by value */
    uint64_t values, rows;
};

/* ---- populations ---- */

static void add(struct population *population, uint64_t rows)
{
    if (rows == 0)
        return;
    population->rows += rows;
    population->end[population->values++] = population->rows;
}

static uint64_t poisson(struct rng *rng, double mean)
{
    if (mean > 50)
        return (uint64_t)fmax(
            0, round(mean + sqrt(mean) * (rng_unit(rng) + rng_unit(rng) + rng_unit(rng) - 1.5) * 2));
    double limit = exp(-mean), product = rng_unit(rng);
    uint64_t rows = 0;
    for (; product > limit; rows++)
        product *= rng_unit(rng);
    return rows;
}

static void draw_even(struct population *p, struct rng *rng, double rows, double mean)
{
    for (int64_t i = 0; i < (int64_t)(rows / mean); i++)
        add(p, poisson(rng, mean));
}

static void fixed(struct population *p, struct rng *rng, double rows, double each)
{
    (void)rng;
    for (int64_t i = 0; i < (int64_t)(rows / each); i++)
        add(p, (uint64_t)each);
}

static void zipf(struct population *p, struct rng *rng, double rows, double values, double slope)
{
    double sum = 0;
    for (int64_t i = 1; i <= (int64_t)values; i++)
        sum += pow((double)i, -slope);
    for (int64_t i = 1; i <= (int64_t)values; i++)
        add(p, poisson(rng, rows / sum * pow((double)i, -slope)));
}

/* What floor(random() ^ power × values) makes. */
static void random_power(struct population *p, struct rng *rng, double rows, double values, double power)
{
    for (int64_t i = 0; i < (int64_t)values; i++)
        add(p, poisson(rng, rows * (pow((double)(i + 1) / values, 1 / power) -
                                    pow((double)i / values, 1 / power))));
}

/* Counts as of followers or words: 1 … many, P(count ≥ k) = k^−alpha. */
static void pareto(struct population *p, struct rng *rng, double rows, double alpha)
{
    uint64_t until = p->rows + (uint64_t)rows;
    while (p->rows < until)
        add(p, (uint64_t)fmin(rows / 50, floor(pow(1 - rng_unit(rng), -1 / alpha))));
}

static void lognormal(struct population *p, struct rng *rng, double rows, double median, double sigma)
{
    uint64_t until = p->rows + (uint64_t)rows;
    while (p->rows < until) {
        double normal = sqrt(-2 * log(1 - rng_unit(rng))) * cos(6.283185307179586 * rng_unit(rng));
        add(p, (uint64_t)ceil(median * exp(sigma * normal)));
    }
}

/* ---- ANALYZE ---- */

static int by_falling(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a < b) - (a > b);
}

static uint64_t value_of(const struct population *p, uint64_t row)
{
    uint64_t low = 0, high = p->values - 1;
    while (low < high) {
        uint64_t middle = (low + high) / 2;
        if (p->end[middle] <= row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Rows seen of each value, falling; without replacement. per_page 0: rows lie anywhere. */
static uint32_t *sample(const struct population *p, struct rng *rng, uint64_t per_page, size_t *distinct)
{
    uint8_t *taken = calloc(p->rows / 8 + 1, 1);
    uint32_t *count = calloc(p->values + 1, sizeof *count);
    uint64_t pages = per_page > 0 ? p->rows / per_page : 0;
    bool *read = calloc(pages + 1, sizeof *read);
    uint64_t *list = calloc(SAMPLE + 1, sizeof *list);
    for (uint64_t i = 0; pages > 0 && i < SAMPLE;) {
        uint64_t page = rng_below(rng, pages);
        if (!read[page])
            read[page] = true, list[i++] = page;
    }
    for (int i = 0; i < SAMPLE;) {
        uint64_t row = pages > 0 ? list[rng_below(rng, SAMPLE)] * per_page + rng_below(rng, per_page)
                                 : rng_below(rng, p->rows);
        if (taken[row / 8] >> (row % 8) & 1)
            continue;
        taken[row / 8] = (uint8_t)(taken[row / 8] | 1 << (row % 8));
        count[value_of(p, row)]++;
        i++;
    }
    qsort(count, p->values, sizeof *count, by_falling);
    for (*distinct = 0; *distinct < p->values && count[*distinct] > 0;)
        ++*distinct;
    free(list);
    free(read);
    free(taken);
    return count;
}

/* analyze_mcv_list of PostgreSQL: how many of the list are clearly more common than the average of the rest. */
static size_t listed(const uint32_t *count, size_t list, double distinct, double rows)
{
    double sum = 0, taken = SAMPLE;
    for (size_t i = 0; i + 1 < list; i++)
        sum += count[i];
    while (list > 0) {
        double mean = fmax(0, 1 - sum / taken), others = distinct - (double)(list - 1);
        if (others > 1)
            mean /= others;
        double all = rows * count[list - 1] / taken;
        double variance = taken * all * (rows - all) * (rows - taken) / (rows * rows * (rows - 1));
        if (count[list - 1] > mean * taken + 2 * sqrt(variance) + 0.5)
            break;
        if (--list == 0)
            break;
        sum -= count[list - 1];
    }
    return list;
}

static void analyze(const struct population *p, struct rng *rng, uint64_t per_page, struct arena *arena,
                    struct profile_column *column)
{
    size_t distinct, multiple = 0;
    uint32_t *count = sample(p, rng, per_page, &distinct);
    while (multiple < distinct && count[multiple] > 1)
        multiple++;
    double once = (double)(distinct - multiple), taken = SAMPLE, rows = (double)p->rows;
    double estimate = multiple == distinct ? (double)distinct
                                           : taken * (double)distinct / (taken - once + once * taken / rows);
    estimate = floor(fmin(rows, estimate) + 0.5);
    size_t list = multiple < LIST ? multiple : LIST;
    bool complete = multiple == distinct && distinct <= LIST;
    list = complete ? list : listed(count, list, estimate, rows);
    *column = (struct profile_column){
        .null_ratio = 0, .correlation = per_page > 0 ? 1 : 0, .mcv_count = list};
    column->distinct_reported = estimate > 0.1 * rows ? -estimate / rows : estimate;
    column->mcv = arena_alloc(arena, list * sizeof *column->mcv + 1);
    for (size_t i = 0; i < list; i++)
        column->mcv[i].share = count[i] / taken;
    free(count);
}

/* ---- the set ---- */

struct tried {
    double log_error, log_naive, log_again, worst;
    int count, again;
};

static double absolute(double reported, double rows)
{
    return reported < 0 ? -reported * rows : reported;
}

/* The rows generated from a column's statistics, by rank, as a population. */
static void generate(const struct distinct_facts *facts, const struct profile_column *column,
                     struct population *p, struct arena *arena)
{
    double share[LIST];
    size_t bucket[LIST];
    for (size_t i = 0; i < column->mcv_count; i++)
        share[i] = column->mcv[i].share, bucket[i] = i;
    struct distinct_tail tail = distinct_tail(facts, column);
    struct distribution_spec spec = {.stream = 1,
                                     .rows = (int64_t)facts->rows,
                                     .atom_share = share,
                                     .atom_count = column->mcv_count,
                                     .atom_bucket = bucket,
                                     .bucket_count = 100,
                                     .distinct = column->distinct,
                                     .tail_share = tail.share,
                                     .tail_slope = tail.slope,
                                     .tail_spread = tail.spread,
                                     .tail_single = tail.single,
                                     .tail_exact = tail.exact,
                                     .correlation = NAN};
    const struct distribution *distribution = distribution_make(arena, &spec);
    *p = (struct population){.end = calloc((size_t)distribution_distinct(distribution), sizeof(uint64_t))};
    for (int64_t rank = 0; rank < spec.rows;) {
        struct element element = distribution_quantile(distribution, ((double)rank + 0.5) / facts->rows);
        int64_t rows = distribution_count(distribution, &element);
        add(p, (uint64_t)rows);
        rank += rows;
    }
    assert_int_equal(p->rows, spec.rows);
    assert_int_equal(p->values, distribution_distinct(distribution));
}

/* What ANALYZE says of the copy, relative to what it said of the source. */
static double ask_again(const struct distinct_facts *facts, const struct profile_column *column,
                        struct arena *arena)
{
    struct population copy;
    generate(facts, column, &copy, arena);
    struct rng rng = rng_start(9);
    struct profile_column again;
    analyze(&copy, &rng, 0, arena, &again);
    free(copy.end);
    return absolute(again.distinct_reported, facts->rows) / absolute(column->distinct_reported, facts->rows);
}

static void try_one(struct tried *tried, const char *name, const struct population *p, uint64_t per_page)
{
    for (uint64_t seed = 0; seed < 2; seed++) {
        struct rng rng = rng_start(seed + 100);
        struct arena arena = {0};
        struct profile_column column;
        analyze(p, &rng, per_page, &arena, &column);
        struct distinct_facts facts = {.rows = (double)p->rows,
                                       .sample_rows = SAMPLE,
                                       .pages = per_page > 0 ? (double)p->rows / (double)per_page : 0};
        distinct_recover(&facts, &column);
        double truth = (double)p->values, reported = absolute(column.distinct_reported, facts.rows),
               again = 1;
        double error = fabs(log(column.distinct / truth));
        if (seed == 0 && per_page == 0 && p->rows < 2000000) {
            again = ask_again(&facts, &column, &arena);
            tried->log_again += fabs(log(again));
            tried->again++;
        }
        tried->log_error += error;
        tried->log_naive += fabs(log(reported / truth));
        tried->worst = fmax(tried->worst, error);
        tried->count++;
        print_message(
            "%-24s %7.0f rows, true %7.0f, reported %7.0f (of %3zu listed), recovered %7.0f, q %.2f, "
            "self-test %.2f, copy %.2f\n",
            name, facts.rows, truth, reported, column.mcv_count, column.distinct, exp(error),
            column.distinct_ratio, again);
        assert_string_equal(column.distinct_by, "tail");
        assert_true(fabs(column.distinct_ratio - 1) < 0.02);
        arena_free(&arena);
    }
}

static double conclude(const struct tried *tried, const char *what)
{
    double mean = exp(tried->log_error / tried->count), naive = exp(tried->log_naive / tried->count);
    print_message(
        "%s: %d columns, q-error geomean %.3f, worst %.2f (as reported: %.2f); ANALYZE of a copy %.3f\n",
        what, tried->count, mean, exp(tried->worst), naive, exp(tried->log_again / tried->again));
    assert_true(mean < naive);
    return mean;
}

#define TRY(name, per_page, ...)                                                                             \
    do {                                                                                                     \
        struct rng rng = rng_start(7);                                                                       \
        struct population p = {.end = calloc((size_t)rows, sizeof(uint64_t))};                               \
        __VA_ARGS__;                                                                                         \
        try_one(&tried, name, &p, per_page);                                                                 \
        free(p.end);                                                                                         \
    } while (0)

/* Power laws, equal chances, both beside values that are far more common; side by side or not. */
static void common_shapes_are_recovered(void **state)
{
    (void)state;
    struct tried tried = {0};
    for (int64_t size = 1000000; size < 5000000; size *= 4) {
        double rows = (double)size;
        TRY("even, 1.5 each", 0, draw_even(&p, &rng, rows, 1.5));
        TRY("even, 4 each", 0, draw_even(&p, &rng, rows, 4));
        TRY("even, 20 each", 0, draw_even(&p, &rng, rows, 20));
        TRY("even, 200 each", 0, draw_even(&p, &rng, rows, 200));
        TRY("10 each", 0, fixed(&p, &rng, rows, 10));
        TRY("zipf .5 of a tenth", 0, zipf(&p, &rng, rows, rows / 10, 0.5));
        TRY("zipf .8 of a tenth", 0, zipf(&p, &rng, rows, rows / 10, 0.8));
        TRY("zipf 1 of a tenth", 0, zipf(&p, &rng, rows, rows / 10, 1));
        TRY("zipf 1 of a hundredth", 0, zipf(&p, &rng, rows, rows / 100, 1));
        TRY("zipf 1.2 of a tenth", 0, zipf(&p, &rng, rows, rows / 10, 1.2));
        TRY("zipf .8 of a half", 0, zipf(&p, &rng, rows, rows / 2, 0.8));
        TRY("random() ^ 2 of a tenth", 0, random_power(&p, &rng, rows, rows / 10, 2));
        TRY("random() ^ 3 of a fifth", 0, random_power(&p, &rng, rows, rows / 5, 3));
        TRY("one 70 %, rest even 2", 0, add(&p, (uint64_t)(rows * 0.7)); draw_even(&p, &rng, rows * 0.3, 2));
        TRY("20 common, rest even 30", 0, fixed(&p, &rng, rows * 0.4, rows / 50);
            draw_even(&p, &rng, rows * 0.6, 30));
        TRY("pareto 1.5", 0, pareto(&p, &rng, rows, 1.5));
        TRY("side by side, even 5", 20, draw_even(&p, &rng, rows, 5));
    }
    assert_true(conclude(&tried, "shapes of the model") <= 1.10);
}

/* What no model with one unknown tells apart: counts without any spread, with far more of it, or of two kinds. */
static void uncommon_shapes_are_recovered_roughly(void **state)
{
    (void)state;
    struct tried tried = {0};
    for (int64_t size = 1000000; size < 5000000; size *= 4) {
        double rows = (double)size;
        TRY("3 each", 0, fixed(&p, &rng, rows, 3));
        TRY("pareto 1", 0, pareto(&p, &rng, rows, 1));
        TRY("pareto 2.5", 0, pareto(&p, &rng, rows, 2.5));
        TRY("lognormal 3, 1", 0, lognormal(&p, &rng, rows, 3, 1));
        TRY("lognormal 10, 1.5", 0, lognormal(&p, &rng, rows, 10, 1.5));
        TRY("half zipf, half even 5", 0, zipf(&p, &rng, rows / 2, rows / 100, 1);
            draw_even(&p, &rng, rows / 2, 5));
        TRY("side by side, 3 each", 20, fixed(&p, &rng, rows, 3));
        TRY("side by side, lognormal", 20, lognormal(&p, &rng, rows, 3, 1));
    }
    assert_true(conclude(&tried, "other shapes") <= 1.7);
}

/* ---- the order of trust ---- */

static struct profile_column column_of(double reported)
{
    return (struct profile_column){.distinct_reported = reported, .correlation = NAN};
}

static void better_sources_come_first(void **state)
{
    (void)state;
    struct distinct_facts facts = {.rows = 1e6, .sample_rows = SAMPLE, .unique = true};
    struct profile_column column = column_of(-0.9);
    column.null_ratio = 0.1;
    distinct_recover(&facts, &column);
    assert_string_equal(column.distinct_by, "unique");
    assert_true(column.distinct == 9e5 && fabs(column.distinct_ratio - 1) < 1e-9);

    facts.unique = false;
    struct profile_atom atoms[] = {{.share = 0.7}, {.share = 0.3}};
    column = column_of(2);
    column.mcv = atoms, column.mcv_count = 2;
    distinct_recover(&facts, &column);
    assert_string_equal(column.distinct_by, "mcv");
    assert_true(column.distinct == 2);

    struct profile_count counts[] = {
        {.rows = 0, .values = 50}, {.rows = 2, .values = 300000}, {.rows = 400, .values = 1000}};
    column = column_of(9000);
    column.counts = counts, column.count_count = 3;
    distinct_recover(&facts, &column);
    assert_string_equal(column.distinct_by, "counts");
    assert_true(column.distinct == 301000);

    column = column_of(50000);
    facts.parent_rows = 20000;
    distinct_recover(&facts, &column);
    assert_string_equal(column.distinct_by, "parent");
    assert_true(column.distinct == 20000);

    column = column_of(50000); /* statistics of an index that tell far less */
    facts.parent_rows = 0, facts.index_distinct = 15000;
    distinct_recover(&facts, &column);
    assert_string_equal(column.distinct_by, "index");
    assert_true(column.distinct == 15000);

    column = column_of(777);
    facts = (struct distinct_facts){.rows = 1e6};
    distinct_recover(&facts, &column);
    assert_string_equal(column.distinct_by, "reported");
    assert_true(column.distinct == 777);

    column = column_of(0);
    distinct_recover(&facts, &column);
    assert_null(column.distinct_by);
    assert_true(column.distinct == 0);
}

/* A profile may be edited by hand: whatever stands in it, the answer is a number. */
static void odd_numbers_do_no_harm(void **state)
{
    (void)state;
    const double odd[] = {0, NAN, INFINITY, -1, 1e300, 1e-300, 1, 0.3, 5000, 4e6};
    struct rng rng = rng_start(3);
    for (int i = 0; i < 600; i++) {
        struct profile_atom atoms[20] = {{.share = odd[rng_below(&rng, 10)]}};
        struct profile_column column = {.mcv = atoms, .mcv_count = rng_below(&rng, 20)};
        column.null_ratio = odd[rng_below(&rng, 10)], column.correlation = odd[rng_below(&rng, 10)];
        column.distinct_reported = rng_below(&rng, 2) ? 40000 : odd[rng_below(&rng, 10)];
        struct distinct_facts facts = {.rows = rng_below(&rng, 2) ? 1e6 : odd[rng_below(&rng, 10)],
                                       .sample_rows = rng_below(&rng, 2) ? SAMPLE : odd[rng_below(&rng, 10)],
                                       .pages = odd[rng_below(&rng, 10)],
                                       .capacity = odd[rng_below(&rng, 10)],
                                       .parent_rows = odd[rng_below(&rng, 10)],
                                       .index_distinct = odd[rng_below(&rng, 10)],
                                       .index_pages = odd[rng_below(&rng, 10)],
                                       .index_key_bytes = odd[rng_below(&rng, 10)],
                                       .index_fresh = rng_below(&rng, 2)};
        distinct_recover(&facts, &column);
        assert_true(isfinite(column.distinct) && column.distinct >= 0);
        struct distinct_tail tail = distinct_tail(&facts, &column);
        assert_true(isfinite(tail.share) && isfinite(tail.slope) && isfinite(tail.spread) &&
                    isfinite(tail.single));
    }
}

/* Whole numbers, cents, multiples, minutes, without gaps: what fits between the bounds is there, if that explains the report. */
static void dense_numbers_are_recognized(void **state)
{
    (void)state;
    enum { VALUES = 40000, BOUNDS = 101 };
    const char *bounds[BOUNDS];
    char text[BOUNDS][24];
    struct profile_count counts[] = {{.rows = 25, .values = VALUES}};
    struct distinct_facts facts = {.rows = 1e6, .sample_rows = SAMPLE};
    struct profile_column column = column_of(distinct_duj1(1e6, SAMPLE, counts, 1));
    for (int form = 0; form < 4; form++) {
        for (int i = 0; i < BOUNDS; i++) {
            int step = VALUES / (BOUNDS - 1) * i + (i % 7 == 1);
            if (form == 0)
                snprintf(text[i], sizeof text[i], "%d", 500 + step);
            else if (form == 1)
                snprintf(text[i], sizeof text[i], "%d.%02d", 5 + step / 100, step % 100);
            else if (form == 2)
                snprintf(text[i], sizeof text[i], "%d", 70 * step - 35);
            else /* a minute each */
                snprintf(text[i], sizeof text[i], "2024-02-%02d %02d:%02d:07+00", 1 + step / 1440,
                         step / 60 % 24, step % 60);
            bounds[i] = text[i];
        }
        column.bounds = bounds, column.bound_count = BOUNDS;
        distinct_recover(&facts, &column);
        assert_string_equal(column.distinct_by, "density");
        assert_true(fabs(column.distinct / VALUES - 1) < 0.01);
    }
    column.distinct_reported = 9000; /* far fewer than would fit */
    distinct_recover(&facts, &column);
    assert_string_equal(column.distinct_by, "tail");
    assert_true(column.distinct < 20000);
}

/* Different values in each bucket of 788 rows, as MariaDB 10.11's JSON_HB counted them in 200,000 rows; but the last bucket. Five
 * rows each by chance; log-normal counts (median 3, sigma 1); a thousand values of 160 rows and 40,000 of one. */
enum { JSON_HB = 253 };
static const double counted[][JSON_HB] = {
    {155, 161, 157, 162, 161, 156, 154, 159, 145, 162, 159, 156, 147, 153, 158, 150, 162, 155, 148, 154,
     160, 147, 155, 161, 154, 165, 158, 147, 148, 161, 155, 161, 157, 153, 155, 158, 151, 159, 156, 162,
     151, 151, 158, 153, 162, 160, 148, 154, 160, 169, 165, 148, 161, 162, 158, 167, 161, 152, 154, 163,
     151, 162, 154, 156, 163, 159, 154, 156, 152, 162, 153, 164, 168, 155, 152, 162, 158, 164, 143, 158,
     160, 167, 162, 161, 162, 162, 149, 160, 154, 147, 153, 155, 155, 152, 155, 157, 166, 161, 155, 158,
     156, 167, 164, 167, 155, 158, 157, 167, 164, 152, 157, 151, 154, 160, 158, 148, 157, 146, 159, 146,
     161, 165, 160, 156, 152, 148, 159, 157, 148, 157, 157, 159, 163, 147, 157, 157, 165, 157, 161, 159,
     160, 156, 157, 147, 162, 150, 154, 156, 159, 162, 151, 152, 160, 163, 159, 163, 158, 155, 152, 160,
     160, 155, 156, 145, 151, 165, 168, 153, 141, 169, 164, 160, 164, 157, 154, 165, 148, 157, 167, 163,
     157, 160, 165, 153, 154, 166, 148, 156, 164, 151, 152, 155, 155, 158, 157, 163, 160, 157, 152, 158,
     162, 161, 148, 160, 152, 162, 162, 159, 165, 157, 166, 164, 163, 158, 162, 154, 160, 163, 156, 163,
     161, 159, 152, 146, 166, 150, 160, 157, 163, 153, 163, 155, 147, 157, 164, 149, 153, 167, 159, 150,
     161, 152, 158, 149, 154, 163, 163, 155, 151, 154, 159, 154, 168},
    {166, 188, 166, 136, 156, 144, 151, 151, 115, 138, 114, 125, 131, 136, 131, 156, 163, 153, 151, 121,
     134, 132, 155, 153, 125, 155, 154, 138, 143, 158, 154, 134, 155, 144, 164, 154, 152, 140, 151, 146,
     157, 151, 155, 139, 147, 137, 130, 162, 143, 161, 167, 154, 166, 149, 154, 140, 163, 156, 162, 149,
     169, 145, 164, 139, 138, 140, 171, 134, 162, 141, 126, 151, 149, 154, 152, 127, 157, 143, 152, 155,
     141, 146, 146, 121, 163, 139, 140, 137, 141, 148, 116, 134, 139, 153, 145, 113, 136, 150, 166, 119,
     160, 129, 162, 133, 146, 152, 126, 115, 113, 138, 147, 135, 136, 171, 158, 147, 165, 144, 150, 147,
     138, 153, 148, 157, 141, 152, 132, 165, 159, 167, 134, 135, 139, 151, 130, 126, 163, 148, 161, 164,
     137, 141, 132, 159, 174, 150, 163, 134, 151, 163, 132, 125, 146, 140, 124, 153, 156, 145, 140, 145,
     160, 128, 157, 150, 128, 130, 154, 132, 151, 142, 130, 150, 151, 172, 141, 131, 148, 136, 156, 164,
     141, 152, 155, 154, 138, 149, 153, 146, 121, 135, 139, 151, 161, 133, 158, 164, 122, 151, 136, 132,
     154, 156, 127, 131, 168, 147, 143, 103, 132, 158, 116, 142, 138, 138, 146, 142, 169, 145, 129, 160,
     132, 118, 154, 150, 122, 132, 143, 154, 148, 156, 149, 138, 132, 138, 138, 147, 159, 158, 158, 133,
     148, 123, 162, 147, 129, 148, 158, 150, 174, 147, 154, 153, 137},
    {181, 254, 125, 133, 106, 90,  123, 190, 142, 85,  158, 153, 261, 153, 136, 184, 100, 163, 236, 180,
     118, 278, 182, 129, 178, 142, 173, 95,  188, 147, 178, 58,  220, 216, 231, 254, 128, 119, 147, 128,
     86,  193, 167, 171, 72,  215, 220, 103, 156, 247, 217, 134, 204, 121, 116, 130, 117, 115, 295, 254,
     248, 214, 57,  74,  276, 69,  162, 124, 220, 97,  218, 187, 248, 185, 87,  138, 103, 118, 343, 97,
     175, 82,  90,  203, 206, 136, 193, 84,  200, 166, 204, 229, 227, 107, 186, 80,  52,  230, 170, 78,
     178, 180, 153, 125, 214, 161, 219, 126, 127, 119, 255, 340, 128, 255, 243, 109, 143, 122, 197, 138,
     154, 198, 83,  117, 83,  218, 92,  129, 191, 140, 171, 206, 108, 202, 316, 131, 160, 92,  132, 287,
     94,  145, 182, 154, 162, 141, 151, 158, 136, 156, 147, 305, 85,  139, 225, 115, 102, 234, 216, 112,
     245, 187, 218, 245, 103, 179, 145, 307, 110, 95,  64,  158, 211, 89,  100, 154, 131, 74,  146, 41,
     124, 87,  158, 115, 126, 210, 203, 180, 181, 136, 88,  196, 119, 139, 77,  79,  118, 301, 185, 59,
     167, 111, 113, 143, 153, 183, 125, 242, 273, 212, 143, 178, 205, 267, 170, 286, 309, 125, 172, 215,
     192, 181, 75,  320, 167, 388, 91,  264, 159, 144, 117, 186, 173, 163, 156, 154, 266, 80,  219, 110,
     134, 168, 231, 36,  88,  169, 175, 205, 116, 131, 125, 100, 57},
};

/* How much values differ in their rows shows in how much buckets differ in their values. */
static void buckets_tell_the_spread(void **state)
{
    (void)state;
    static const double different[] = {39709, 36733, 41000}, least[] = {0, 0.8, 18}, most[] = {0.06, 1.5, 32};
    double share[JSON_HB];
    const char *bounds[JSON_HB + 1];
    for (int i = 0; i <= JSON_HB; i++) {
        bounds[i] = "";
        share[i < JSON_HB ? i : 0] = 1.0 / (JSON_HB + 0.8);
    }
    for (int i = 0; i < 3; i++) {
        double values[JSON_HB];
        memcpy(values, counted[i], sizeof values);
        struct profile_column column = column_of(different[i]);
        column.bounds = bounds, column.bound_count = JSON_HB + 1;
        column.bucket_share = share, column.bucket_distinct = values;
        struct distinct_facts facts = {.rows = 200000, .sample_rows = 200000};
        distinct_recover(&facts, &column);
        assert_string_equal(column.distinct_by, "reported");
        double spread = distinct_tail(&facts, &column).spread;
        print_message("spread %.2f\n", spread);
        assert_true(spread >= least[i] && spread <= most[i]);
    }
}

/* Duj1 by its formula, where the sample is the table and where it is not. */
static void duj1_is_what_analyze_reports(void **state)
{
    (void)state;
    struct profile_count unique = {.rows = 1, .values = 500000}, few = {.rows = 50000, .values = 10};
    assert_true(fabs(distinct_duj1(500000, SAMPLE, &unique, 1) + 1) < 1e-9);
    assert_true(distinct_duj1(500000, SAMPLE, &few, 1) == 10);
    struct profile_count pairs = {.rows = 2, .values = 5000};
    assert_true(fabs(distinct_duj1(10000, SAMPLE, &pairs, 1) + 0.5) < 1e-9);
    /* 1,000,000 rows, 4 each: of 30,000 rows 27,380.9 are alone … n·d / (n − f1 + f1·n/N) */
    struct profile_count fours = {.rows = 4, .values = 250000};
    double q = 0.03, d = 250000 * (1 - pow(1 - q, 4)), f1 = 1000000 * q * pow(1 - q, 3);
    assert_true(fabs(distinct_duj1(1e6, SAMPLE, &fours, 1) + 30000 * d / (30000 - f1 + f1 * q) / 1e6) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(duj1_is_what_analyze_reports),
        cmocka_unit_test(better_sources_come_first),
        cmocka_unit_test(dense_numbers_are_recognized),
        cmocka_unit_test(odd_numbers_do_no_harm),
        cmocka_unit_test(buckets_tell_the_spread),
        cmocka_unit_test(common_shapes_are_recovered),
        cmocka_unit_test(uncommon_shapes_are_recovered_roughly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
