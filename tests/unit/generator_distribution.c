/* distribution: every row counted. Whatever the statistics, nulls, common values, different values and the spectrum of their
 * counts come out to the last row; ranks ascend in sort order; the physical order has the wanted correlation. */
#include "generators/distribution.h"

#include "bench/base/clock.h"
#include "bench/base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ATOMS = 40, BUCKETS = 60, COUNTS = 12 };

struct drawn { /* a spec and what it points to */
    struct distribution_spec spec;
    double share[ATOMS], within[ATOMS], bucket_share[BUCKETS], bucket_distinct[BUCKETS], capacity[BUCKETS];
    size_t bucket[ATOMS];
    struct profile_count counts[COUNTS];
};

static void draw_atoms(struct rng *rng, struct drawn *drawn, double room)
{
    struct distribution_spec *spec = &drawn->spec;
    spec->atom_count = rng_below(rng, 4) == 0 ? 0 : rng_below(rng, ATOMS);
    for (size_t i = 0; i < spec->atom_count; i++) {
        drawn->share[i] = room * (0.1 + rng_unit(rng)) / (double)(i + 2) / 4;
        room -= drawn->share[i];
        drawn->bucket[i] = rng_below(rng, spec->bucket_count + 1);
        drawn->within[i] = rng_below(rng, 3) == 0 ? 0 : rng_unit(rng);
    }
    spec->atom_share = drawn->share;
    spec->atom_bucket = drawn->bucket;
    spec->atom_within = rng_below(rng, 4) == 0 ? NULL : drawn->within;
}

static void draw_buckets(struct rng *rng, struct drawn *drawn)
{
    struct distribution_spec *spec = &drawn->spec;
    double sum = 0;
    for (size_t i = 0; i < spec->bucket_count; i++) {
        sum += drawn->bucket_share[i] = 0.05 + rng_unit(rng);
        drawn->bucket_distinct[i] = 1 + (double)rng_below(rng, 300);
        drawn->capacity[i] = rng_below(rng, 4) == 0 ? INFINITY : floor(exp(rng_unit(rng) * 12));
    }
    for (size_t i = 0; i < spec->bucket_count; i++)
        drawn->bucket_share[i] /= sum;
    spec->bucket_share = rng_below(rng, 2) ? drawn->bucket_share : NULL;
    spec->bucket_distinct = rng_below(rng, 5) == 0 ? drawn->bucket_distinct : NULL;
    spec->bucket_capacity = rng_below(rng, 2) ? drawn->capacity : NULL;
}

static void draw_spec(struct rng *rng, struct drawn *drawn)
{
    memset(drawn, 0, sizeof *drawn);
    struct distribution_spec *spec = &drawn->spec;
    spec->stream = rng_next(rng);
    spec->rows = (int64_t)(1 + rng_below(rng, rng_below(rng, 4) ? 3000 : 30));
    static const double nulls[] = {0, 0, 0.003, 0.25, 0.5, 0.97, 1};
    spec->null_ratio = nulls[rng_below(rng, 7)];
    spec->bucket_count = rng_below(rng, 5) == 0 ? 0 : 1 + rng_below(rng, BUCKETS - 1);
    draw_atoms(rng, drawn, 1 - spec->null_ratio);
    draw_buckets(rng, drawn);
    spec->distinct = rng_below(rng, 4) == 0 ? 0 : ceil((double)spec->rows * rng_unit(rng));
    spec->continuous = rng_below(rng, 2);
    spec->correlation = rng_below(rng, 3) == 0 ? NAN : 2 * rng_unit(rng) - 1;
}

/* All that a value of the column is, so that the same values compare alike. */
struct seen {
    struct element element;
    int64_t rows;
};

static int compare(const void *left, const void *right)
{
    const struct element *a = &((const struct seen *)left)->element,
                         *b = &((const struct seen *)right)->element;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->index != b->index)
        return a->index < b->index ? -1 : 1;
    return a->value < b->value ? -1 : a->value > b->value;
}

/* Every row, from the last to the first; then one entry per different value. */
static size_t count_rows(const struct distribution *distribution, int64_t rows, struct seen *seen)
{
    for (int64_t i = 0; i < rows; i++)
        seen[i] = (struct seen){.element = distribution_at(distribution, rows - 1 - i), .rows = 1};
    qsort(seen, (size_t)rows, sizeof *seen, compare);
    size_t kept = 0;
    for (int64_t i = 0; i < rows; i++)
        if (kept > 0 && compare(&seen[kept - 1], &seen[i]) == 0)
            seen[kept - 1].rows++;
        else
            seen[kept++] = seen[i];
    return kept;
}

static double capacity_of(const struct distribution_spec *spec, size_t bucket)
{
    return spec->bucket_capacity != NULL ? spec->bucket_capacity[bucket] : INFINITY;
}

static void assert_counts(const struct distribution_spec *spec, const struct distribution *distribution,
                          const struct seen *seen, size_t count)
{
    int64_t nulls = 0, atoms = 0;
    double shares = 0;
    for (size_t i = 0; i < spec->atom_count; i++)
        shares += spec->atom_share[i];
    bool fits = spec->bucket_count > 0 && shares + spec->null_ratio < 0.98 && spec->rows > 200;
    for (size_t i = 0; i < count; i++) {
        const struct element *element = &seen[i].element;
        assert_int_equal(distribution_count(distribution, element), seen[i].rows);
        if (element->kind == ELEMENT_NULL)
            nulls += seen[i].rows;
        if (element->kind == ELEMENT_ATOM) {
            atoms++;
            double wanted = spec->atom_share[element->index] * (double)spec->rows;
            assert_true(!fits || fabs((double)seen[i].rows - wanted) <= 0.5 + 1e-9);
        }
        if (element->kind == ELEMENT_BUCKET) {
            assert_true(element->value < element->values);
            double capacity = capacity_of(spec, element->index);
            assert_true(capacity < 1 || (double)element->values <= capacity);
        }
    }
    assert_int_equal(nulls, llround(spec->null_ratio * (double)spec->rows));
    int64_t distinct = (int64_t)count - (nulls > 0);
    assert_int_equal(distinct, distribution_distinct(distribution));
    double room = 0;
    for (size_t i = 0; i < spec->bucket_count; i++)
        room += floor(capacity_of(spec, i));
    int64_t tail = 0; /* rows */
    for (size_t i = 0; i < count; i++)
        tail += seen[i].element.kind == ELEMENT_BUCKET ? seen[i].rows : 0;
    if (tail > 0 && room >= (double)tail * 2 && spec->counts == NULL) {
        int64_t most = tail + atoms, wanted = spec->distinct > 0 ? (int64_t)spec->distinct : most;
        wanted = wanted > most ? most : wanted < atoms + 1 ? atoms + 1 : wanted;
        assert_int_equal(distinct, wanted);
    }
}

static double place_of(const struct distribution_spec *spec, const struct element *element)
{
    if (element->kind == ELEMENT_BUCKET)
        return element->index;
    double within = spec->atom_within != NULL ? spec->atom_within[element->index] : 0;
    return (double)spec->atom_bucket[element->index] + (within > 0 ? 0.5 : -0.5);
}

/* By rank: buckets and the places in them ascend, atoms stand where they belong. */
static void assert_ascending(const struct distribution_spec *spec, const struct distribution *distribution,
                             int64_t rows)
{
    struct element before = {0};
    for (int64_t i = 0; i < rows; i++) {
        struct element now = distribution_quantile(distribution, ((double)i + 0.5) / (double)rows);
        assert_int_not_equal(now.kind, ELEMENT_NULL);
        if (i > 0 && now.kind == ELEMENT_BUCKET && before.kind == ELEMENT_BUCKET)
            assert_true(now.index > before.index || (now.index == before.index && now.value >= before.value));
        else if (i > 0 && now.kind != before.kind)
            assert_true(place_of(spec, &now) >= place_of(spec, &before) - 0.5);
        before = now;
    }
}

static void every_row_is_counted(void **state)
{
    (void)state;
    struct rng rng = rng_start(4);
    struct seen *seen = calloc(3001, sizeof *seen);
    struct drawn *drawn = malloc(sizeof *drawn);
    for (int i = 0; i < 1500; i++) {
        struct arena arena = {0};
        draw_spec(&rng, drawn);
        const struct distribution *distribution = distribution_make(&arena, &drawn->spec);
        size_t count = count_rows(distribution, drawn->spec.rows, seen);
        assert_counts(&drawn->spec, distribution, seen, count);
        int64_t nulls = llround(drawn->spec.null_ratio * (double)drawn->spec.rows);
        assert_ascending(&drawn->spec, distribution, drawn->spec.rows - nulls);
        arena_free(&arena);
    }
    free(drawn);
    free(seen);
}

/* Counts of counts come out as they went in, with and without common values among them. */
static void counts_of_counts_come_out_again(void **state)
{
    (void)state;
    struct rng rng = rng_start(5);
    struct seen *seen = calloc(200000, sizeof *seen);
    for (int i = 0; i < 60; i++) {
        struct arena arena = {0};
        struct profile_count counts[COUNTS];
        size_t count = 1 + rng_below(&rng, COUNTS);
        int64_t rows = 0, values = 0, each = 0;
        for (size_t j = 0; j < count; j++) {
            each += 1 + (int64_t)rng_below(&rng, 1 + j * j);
            counts[j] = (struct profile_count){
                .rows = each, .values = 1 + (int64_t)rng_below(&rng, 2000 / (1 + j * j * j))};
            rows += each * counts[j].values;
            values += counts[j].values;
        }
        double share[2] = {(double)each / (double)rows, (double)each / (double)rows};
        size_t bucket[2] = {0, 3};
        struct distribution_spec spec = {.stream = rng_next(&rng),
                                         .rows = rows,
                                         .bucket_count = 1 + rng_below(&rng, 30),
                                         .counts = counts,
                                         .count_count = count,
                                         .distinct = (double)values,
                                         .atom_share = share,
                                         .atom_bucket = bucket,
                                         .correlation = NAN};
        spec.atom_count = values > 40 && counts[count - 1].values > 1 ? rng_below(&rng, 3) : 0;
        const struct distribution *distribution = distribution_make(&arena, &spec);
        size_t seen_count = count_rows(distribution, rows, seen);
        assert_int_equal(seen_count, values);
        for (size_t j = 0; j < count; j++) {
            int64_t found = 0;
            for (size_t k = 0; k < seen_count; k++)
                found += seen[k].rows == counts[j].rows;
            assert_int_equal(found, counts[j].values);
        }
        arena_free(&arena);
    }
    free(seen);
}

static int compare_places(const void *left, const void *right)
{
    int order = compare(left, right);
    const struct seen *a = left, *b = right;
    return order != 0 ? order : a->rows < b->rows ? -1 : 1;
}

/* Correlation as ANALYZE computes it, of all rows: values sorted, equal ones in the order they stand in. */
static double correlation_of(const struct distribution *distribution, int64_t rows)
{
    struct seen *seen = calloc((size_t)rows, sizeof *seen);
    int64_t count = 0;
    for (int64_t i = 0; i < rows; i++) {
        struct element element = distribution_at(distribution, i);
        if (element.kind !=
            ELEMENT_NULL) /* rows: the place in the table, which decides between equal values */
            seen[count] = (struct seen){.element = element, .rows = count}, count++;
    }
    qsort(seen, (size_t)count, sizeof *seen, compare_places);
    double sum = 0, n = (double)count;
    for (int64_t i = 0; i < count; i++)
        sum += (double)i * (double)seen[i].rows;
    free(seen);
    double mean = (n - 1) / 2, square = (n - 1) * (2 * n - 1) / 6;
    return (sum / n - mean * mean) / (square - mean * mean);
}

static void correlation_is_as_wanted(void **state)
{
    (void)state;
    static const double wanted[] = {1, 0.98, 0.7, 0.3, 0, -0.3, -0.8}, shares[] = {0, 0.1, 0.4, 0.8};
    enum { ROWS = 120000 };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        for (size_t j = 0; j < sizeof shares / sizeof *shares; j++) {
            struct arena arena = {0};
            struct distribution_spec spec = {.stream = i * 10 + j,
                                             .rows = ROWS,
                                             .null_ratio = j % 2 ? 0.2 : 0,
                                             .atom_share = &shares[j],
                                             .atom_count = 1,
                                             .atom_bucket = (size_t[]){0},
                                             .bucket_count = 1,
                                             .distinct = 3000,
                                             .tail_share = wanted[i] < 0 ? 0.001 : 0,
                                             .correlation = wanted[i]};
            /* What falls can do so but between values, not among equal ones: hence a tail without common values. */
            double share = shares[j] * ROWS / (ROWS - spec.null_ratio * ROWS);
            double reached = correlation_of(distribution_make(&arena, &spec), ROWS);
            double least = -1 + 2 * share * share * share, ties = share * share;
            double goal = fmax(wanted[i], least);
            if (fabs(reached - goal) > 0.01)
                print_message("wanted %.2f of an atom of %.1f (ties alone %.2f): %.4f\n", wanted[i], share,
                              ties, reached);
            assert_true(fabs(reached - goal) <= 0.01);
            arena_free(&arena);
        }
}

/* Common values alone correlate by their ties: 0 is another order than none, in which values lie anywhere. Wrong: where no
 * correlation is known rows come in an order that undoes that of the ties. */
static void no_order_is_none(void **state)
{
    (void)state;
    enum { ROWS = 40000, BLOCKS = 8 };
    static const double shares[] = {0.28, 0.28, 0.28, 0.16};
    int64_t in[BLOCKS][4] = {{0}};
    struct arena arena = {0};
    struct distribution_spec spec = {.stream = 12,
                                     .rows = ROWS,
                                     .atom_share = shares,
                                     .atom_count = 4,
                                     .atom_bucket = (size_t[]){0, 0, 0, 0},
                                     .correlation = NAN};
    const struct distribution *distribution = distribution_make(&arena, &spec);
    for (int64_t i = 0; i < ROWS; i++)
        in[i * BLOCKS / ROWS][distribution_at(distribution, i).index]++;
    for (int i = 0; i < BLOCKS; i++)
        for (int j = 0; j < 4; j++)
            assert_true(fabs((double)in[i][j] * BLOCKS / ROWS - shares[j]) < 0.05);
    arena_free(&arena);
}

/* The share of the rows up to each bound is the profile's, within a row; twice the rows or a tenth keep the shares. */
static void shares_hold_at_every_scale(void **state)
{
    (void)state;
    static const double atom[] = {0.2, 0.05, 0.01}, within[] = {0, 0.4, 0.9};
    static const size_t bucket[] = {0, 3, 9};
    double capacity[20], share[20], sum = 0;
    for (int i = 0; i < 20; i++)
        capacity[i] = i == 0 || i == 19 ? 1e9 : 1e6, sum += share[i] = 1 + i % 3;
    for (int i = 0; i < 20; i++)
        share[i] /= sum;
    for (int64_t rows = 5000; rows <= 500000; rows *= 10) {
        struct arena arena = {0};
        struct distribution_spec spec = {.stream = 3,
                                         .rows = rows,
                                         .null_ratio = 0.1,
                                         .atom_share = atom,
                                         .atom_count = 3,
                                         .atom_bucket = bucket,
                                         .atom_within = within,
                                         .bucket_count = 20,
                                         .bucket_share = share,
                                         .bucket_capacity = capacity,
                                         .distinct = (double)rows / 4,
                                         .correlation = 0.4};
        const struct distribution *distribution = distribution_make(&arena, &spec);
        int64_t in[20] = {0}, atoms[3] = {0}, nulls = 0, outer = 0;
        for (int64_t i = 0; i < rows; i++) {
            struct element element = distribution_at(distribution, i);
            nulls += element.kind == ELEMENT_NULL;
            if (element.kind == ELEMENT_ATOM)
                atoms[element.index]++;
            if (element.kind == ELEMENT_BUCKET)
                in[element.index]++;
            if (element.kind == ELEMENT_BUCKET && element.index == 19 && element.value > element.values / 2)
                outer++;
        }
        double n = (double)rows;
        assert_int_equal(nulls, rows / 10);
        for (int i = 0; i < 3; i++)
            assert_int_equal(atoms[i], llround(atom[i] * n));
        double tail = n * (1 - 0.1 - 0.26), up_to = 0;
        int64_t found = 0;
        for (int i = 0; i < 20; i++) {
            up_to += share[i] * tail;
            found += in[i];
            assert_true(fabs((double)found - up_to) <= 1.5);
        }
        assert_int_equal(distribution_distinct(distribution), rows / 4);
        assert_true(outer * 100 <
                    in[19]); /* a bucket of outliers: dense where its neighbour is, thin outside */
        arena_free(&arena);
    }
}

/* A tenth of the rows and three times as many: as many children per parent as there were, in the same proportions. */
static void fan_out_holds_at_every_scale(void **state)
{
    (void)state;
    static const struct profile_count counts[] = {{1, 9000}, {2, 7000}, {3, 5000}, {5, 3000},
                                                  {8, 1000}, {13, 300}, {40, 50}};
    enum { CLASSES = sizeof counts / sizeof *counts };
    double rows = 0, values = 0;
    for (int i = 0; i < CLASSES; i++)
        rows += (double)(counts[i].rows * counts[i].values), values += (double)counts[i].values;
    struct seen *seen = calloc((size_t)(3 * rows) + 1, sizeof *seen);
    static const double scales[] = {0.1, 1, 3};
    for (size_t i = 0; i < 3; i++) {
        struct arena arena = {0};
        struct distribution_spec spec = {.stream = 8,
                                         .rows = llround(rows * scales[i]),
                                         .bucket_count = 1,
                                         .bucket_capacity = (double[]){ceil(values * scales[i])},
                                         .distinct = round(values * scales[i]),
                                         .counts = counts,
                                         .count_count = CLASSES,
                                         .correlation = 1};
        const struct distribution *distribution = distribution_make(&arena, &spec);
        size_t found = count_rows(distribution, spec.rows, seen);
        assert_int_equal(found, (size_t)spec.distinct);
        double up_to = 0, worst = 0;
        for (int j = 0; j < CLASSES; j++) {
            double below = 0;
            for (size_t k = 0; k < found; k++)
                below += seen[k].rows <= counts[j].rows;
            up_to += (double)counts[j].values;
            worst = fmax(worst, fabs(below / (double)found - up_to / values));
        }
        assert_true(worst < 0.001);
        arena_free(&arena);
    }
    free(seen);
}

/* Ids that are unique and sparse: what a bucket cannot hold goes where there is room. */
static void narrow_buckets_pass_their_values_on(void **state)
{
    (void)state;
    static const double capacity[] = {100, 5000, 20, 90000};
    enum { ROWS = 20000 };
    struct arena arena = {0};
    struct distribution_spec spec = {
        .rows = ROWS, .bucket_count = 4, .bucket_capacity = capacity, .correlation = 1};
    const struct distribution *distribution = distribution_make(&arena, &spec);
    int64_t in[4] = {0};
    for (int64_t i = 0; i < ROWS; i++)
        in[distribution_at(distribution, i).index]++;
    assert_int_equal(distribution_distinct(distribution), ROWS);
    assert_int_equal(in[0], 100);
    assert_int_equal(in[1], 5000);
    assert_int_equal(in[2], 20);
    assert_int_equal(in[3], ROWS - 5120);
    arena_free(&arena);
}

/* Few values fit between close bounds, yet as many rows lie there as elsewhere: the frequent values do. Wrong: they are dealt
 * out by rows alone, and the narrow bucket loses half its rows. */
static void narrow_buckets_take_the_frequent_values(void **state)
{
    (void)state;
    enum { ROWS = 19000, NARROW = 950 };
    static const struct profile_count counts[] = {{1, 9000}, {10, 1000}};
    static const double capacity[] = {NARROW, 1e9};
    struct arena arena = {0};
    struct distribution_spec spec = {.stream = 6,
                                     .rows = ROWS,
                                     .bucket_count = 2,
                                     .bucket_capacity = capacity,
                                     .distinct = 10000,
                                     .counts = counts,
                                     .count_count = 2,
                                     .correlation = NAN};
    const struct distribution *distribution = distribution_make(&arena, &spec);
    int64_t in[2] = {0};
    for (int64_t i = 0; i < ROWS; i++)
        in[distribution_at(distribution, i).index]++;
    assert_int_equal(distribution_distinct(distribution), 10000);
    assert_int_equal(in[0], ROWS / 2);
    assert_int_equal(in[1], ROWS / 2);
    arena_free(&arena);
}

/* Numbers without gaps, common ones in narrow buckets: each bucket has the values that its rows would meet by chance. */
static void dense_buckets_hold_what_fits(void **state)
{
    (void)state;
    enum { BUCKETS_HERE = 10, ROWS = 100000 };
    double capacity[BUCKETS_HERE], distinct = 0;
    int64_t first_rank = 0;
    for (int i = 0; i < BUCKETS_HERE; i++) {
        capacity[i] = 200 * (i + 1) * (i + 1);
        distinct -= capacity[i] * expm1(-ROWS / (double)BUCKETS_HERE / capacity[i]);
    }
    struct arena arena = {0};
    struct distribution_spec spec = {.rows = ROWS,
                                     .bucket_count = BUCKETS_HERE,
                                     .bucket_capacity = capacity,
                                     .distinct = round(distinct),
                                     .correlation = NAN};
    const struct distribution *distribution = distribution_make(&arena, &spec);
    int64_t values[BUCKETS_HERE] = {0};
    while (first_rank < ROWS) {
        struct element element = distribution_quantile(distribution, ((double)first_rank + 0.5) / ROWS);
        values[element.index]++;
        first_rank += distribution_count(distribution, &element);
    }
    for (int i = 0; i < BUCKETS_HERE; i++) {
        double wanted = -capacity[i] * expm1(-ROWS / (double)BUCKETS_HERE / capacity[i]);
        assert_true(fabs((double)values[i] - wanted) <= 2);
    }
    arena_free(&arena);
}

/* Rows that no machine has: sums and counts stay consistent, nothing overflows. */
/* What is in no list is no more common than what is, also where a bucket has fewer places than its rows ask for. */
static void narrow_buckets_pass_their_rows_on(void **state)
{
    (void)state;
    enum { LISTED = 3, PARTS = 6 };
    double capacity[PARTS] = {0, 1, 2, 40, 1, 60}, share[LISTED] = {0.05, 0.03, 0.02};
    for (int tail = 0; tail < 2; tail++) {
        struct arena arena = {0};
        struct distribution_spec spec = {.stream = 3,
                                         .rows = 10000,
                                         .atom_share = share,
                                         .atom_count = LISTED,
                                         .bucket_count = PARTS,
                                         .bucket_capacity = capacity,
                                         .distinct = LISTED + 90,
                                         .tail_share = tail ? 0.019 : 0.01,
                                         .correlation = NAN};
        const struct distribution *distribution = distribution_make(&arena, &spec);
        assert_int_equal(distribution_distinct(distribution), LISTED + 90);
        int64_t rows = 0, taken = 0;
        for (int64_t rank = 0; rank < spec.rows; rank += rows) {
            struct element element = distribution_quantile(distribution, ((double)rank + 0.5) / 10000);
            rows = distribution_count(distribution, &element);
            assert_true(element.kind == ELEMENT_ATOM || rows <= 250);
            taken += element.kind == ELEMENT_BUCKET && element.index < 3 ? rows : 0;
        }
        assert_in_range(taken, 300, 610); /* what three places hold of half the rows */
        arena_free(&arena);
    }
}

static void huge_tables_stay_consistent(void **state)
{
    (void)state;
    for (int64_t rows = INT64_C(1) << 33; rows <= INT64_C(1) << 50; rows <<= 8)
        for (int i = 0; i < 4; i++) {
            struct arena arena = {0};
            double share = 0.001;
            struct distribution_spec spec = {.stream = 5,
                                             .rows = rows,
                                             .null_ratio = 0.3,
                                             .bucket_count = 100,
                                             .atom_share = &share,
                                             .atom_count = (size_t)(i & 1),
                                             .atom_bucket = (size_t[]){50},
                                             .distinct = i < 2 ? 0 : (double)rows / 7,
                                             .correlation = 0.5};
            const struct distribution *distribution = distribution_make(&arena, &spec);
            int64_t wanted = i < 2 ? 0 : rows / 7;
            assert_true(wanted == 0 || llabs(distribution_distinct(distribution) - wanted) <= 1);
            struct rng rng = rng_start(1);
            for (int j = 0; j < 2000; j++) {
                struct element element = distribution_at(distribution,
                                                         (int64_t)rng_below(&rng, (uint64_t)rows));
                assert_true(element.kind != ELEMENT_BUCKET || element.value < element.values);
                assert_true(distribution_count(distribution, &element) >= 1);
            }
            arena_free(&arena);
        }
}

static double odd(struct rng *rng, double scale)
{
    const double numbers[] = {0, NAN, INFINITY, -scale, 1e300, 1e-300, 1, scale / 2};
    return rng_below(rng, 3) ? rng_unit(rng) * scale : numbers[rng_below(rng, 8)];
}

/* A profile may be edited by hand: whatever stands in it, every row gets a value that the distribution knows. */
static void odd_numbers_do_no_harm(void **state)
{
    (void)state;
    struct rng rng = rng_start(6);
    struct drawn *drawn = malloc(sizeof *drawn);
    for (int i = 0; i < 1500; i++) {
        struct arena arena = {0};
        draw_spec(&rng, drawn);
        struct distribution_spec *spec = &drawn->spec;
        spec->rows = (int64_t)rng_below(&rng, 600);
        for (size_t j = 0; j < ATOMS; j++)
            drawn->share[j] = odd(&rng, 0.05), drawn->within[j] = odd(&rng, 1),
            drawn->bucket[j] += rng_below(&rng, 3);
        for (size_t j = 0; j < BUCKETS; j++)
            drawn->bucket_share[j] = odd(&rng, 0.05), drawn->bucket_distinct[j] = odd(&rng, 50),
            drawn->capacity[j] = odd(&rng, 1e4);
        spec->null_ratio = odd(&rng, 0.5);
        spec->distinct = odd(&rng, 600);
        spec->tail_share = odd(&rng, 0.1), spec->tail_slope = odd(&rng, 2), spec->tail_spread = odd(&rng, 3);
        const struct distribution *distribution = distribution_make(&arena, spec);
        for (int64_t row = 0; row < spec->rows; row++) {
            struct element element = distribution_at(distribution, row);
            assert_true(element.kind != ELEMENT_BUCKET || element.value < element.values);
            assert_true(row % 16 != 0 || distribution_count(distribution, &element) > 0);
        }
        arena_free(&arena);
    }
    free(drawn);
}

/* Not asserted: other things run beside a test. DATA's aim is 25 ns. */
static void cost_is_told(void **state)
{
    (void)state;
    static const char *const name[] = {"unique, ordered", "unique, shuffled", "power tail, shuffled",
                                       "power tail, nulls, correlation .5"};
    double share[100];
    size_t bucket[100];
    for (size_t i = 0; i < 100; i++)
        share[i] = 0.004 / (1 + 0.1 * (double)i), bucket[i] = i;
    for (int i = 0; i < 4; i++) {
        struct arena arena = {0};
        struct distribution_spec spec = {.stream = 9,
                                         .rows = 10000000,
                                         .null_ratio = i == 3 ? 0.1 : 0,
                                         .atom_share = share,
                                         .atom_count = i < 2 ? 0 : 100,
                                         .atom_bucket = bucket,
                                         .bucket_count = 100,
                                         .distinct = i < 2 ? 0 : 500000,
                                         .correlation = i == 0   ? 1
                                                        : i == 3 ? 0.5
                                                                 : 0};
        const struct distribution *distribution = distribution_make(&arena, &spec);
        double best = INFINITY;
        uint64_t sum = 0;
        for (int round = 0; round < 30; round++) {
            int64_t start = clock_ns();
            for (int64_t row = 0; row < 20000; row++)
                sum += distribution_at(distribution, row + (int64_t)round * 20000).value;
            best = fmin(best, (double)(clock_ns() - start) / 20000);
        }
        print_message("distribution_at, %s: %.1f ns%s\n", name[i], best, sum == 0 ? "!" : "");
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_counted),
        cmocka_unit_test(counts_of_counts_come_out_again),
        cmocka_unit_test(correlation_is_as_wanted),
        cmocka_unit_test(no_order_is_none),
        cmocka_unit_test(shares_hold_at_every_scale),
        cmocka_unit_test(fan_out_holds_at_every_scale),
        cmocka_unit_test(narrow_buckets_pass_their_values_on),
        cmocka_unit_test(narrow_buckets_take_the_frequent_values),
        cmocka_unit_test(narrow_buckets_pass_their_rows_on),
        cmocka_unit_test(huge_tables_stay_consistent),
        cmocka_unit_test(dense_buckets_hold_what_fits),
        cmocka_unit_test(odd_numbers_do_no_harm),
        cmocka_unit_test(cost_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
