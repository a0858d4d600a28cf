/* distinct_index: how many different values a column has, from ANALYZE's report and the pages of a fresh index on it. What stands
 * here was measured: PostgreSQL 15, default statistics, indexes made after the rows. Right: the pages are told within two
 * percent; different values within a few, where the sample alone is far off. */
#include "generators/distinct.h"
#include "generators/distinct_leaves.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- pages ---- */

/* Two kinds of keys: so many of so many rows; drawn: by chance about as many. */
static const struct {
    double key_bytes, pages, rows[2], keys[2];
    bool drawn;
} trees[] = {
    {8, 150, {2}, {30000}, false},
    {8, 122, {3}, {20000}, false},
    {8, 992, {2}, {200000}, false},
    {8, 464, {10}, {40000}, false},
    {8, 3711, {2}, {750000}, false},
    {8, 3008, {3}, {500000}, false},
    {8, 4077, {1, 2}, {1350000, 75000}, false},
    {8, 579, {5}, {80000}, true},
    {8, 343, {200}, {2000}, true},
    {8, 1461, {20}, {75000}, true},
    {33, 934, {5}, {80000}, true},
    {8, 496, {320, 1}, {1000, 80000}, false},
    {8, 486, {280000, 2}, {1, 60000}, true},
};

static void pages_are_told_by_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
        struct distinct_leaves leaves = distinct_leaves_make(trees[i].key_bytes);
        for (int kind = 0; kind < 2; kind++)
            if (trees[i].keys[kind] > 0)
                distinct_leaves_add(&leaves, trees[i].rows[kind], trees[i].keys[kind], trees[i].drawn);
        double pages = distinct_leaves_pages(&leaves);
        print_message("%4.0f pages, told %.1f\n", trees[i].pages, pages);
        assert_true(fabs(trees[i].pages / pages - 1) < 0.02);
    }
}

/* ---- columns ---- */

enum { MOST = 15 };

static const struct {
    const char *shape;
    double rows, pages, null_ratio, reported, correlation, key_bytes, index_pages, truth;
    size_t listed;
    double share[MOST];
} columns[] = {
    {"f2", 60000, 3750, 0, -0.49965, -0.001814992, 8, 150, 30000, 0, {0}},
    {"f3", 60000, 3750, 0, -0.33435, 0.005254192, 8, 122, 20000, 0, {0}},
    {"near1", 60000, 3750, 0, -0.9267667, 0.006233898, 8, 165, 57000, 0, {0}},
    {"u5", 400000, 25000, 0, -0.1770525, -0.0006277576, 8, 579, 79461, 0, {0}},
    {"f2", 400000, 25000, 0, -0.49159, -0.01199016, 8, 992, 200000, 0, {0}},
    {"f3", 400000, 25000, 0, -0.3360525, 0.004887343, 8, 804, 133333, 0, {0}},
    {"f10", 400000, 25000, 0, -0.1013675, 0.002382748, 8, 464, 40000, 1, {0.0002}},
    {"mix70", 400000, 25000, 0, 11008, 0.4921073, 8, 486, 51817, 1, {0.7008}},
    {"par25",
     400000,
     25000,
     0,
     -0.48214,
     -0.001052346,
     8,
     978,
     299036,
     15,
     {0.00026666667, 0.00023333334, 0.0002, 0.0002, 0.0002, 0.0002, 0.0002, 0.0002, 0.00016666666,
      0.00016666666, 0.00016666666, 0.00016666666, 0.00016666666, 0.00016666666, 0.00016666666}},
    {"null5", 400000, 25000, 0.2988333, -0.160315, -0.005851105, 8, 571, 77483, 0, {0}},
    {"tu5", 400000, 25000, 0, -0.1702125, -0.007605979, 33, 934, 79383, 1, {0.0002}},
    {"c3h", 400000, 25000, 0, -0.3373375, 0.01012677, 8, 804, 133333, 0, {0}},
    {"near1", 400000, 25000, 0, -0.9009175, 0.0006190628, 8, 1089, 380000, 0, {0}},
    {"u2", 1500000, 93750, 0, -0.32294732, 0.002407052, 8, 3080, 647042, 0, {0}},
    {"u20", 1500000, 93750, 0, 71977, -0.007616926, 8, 1461, 75000, 0, {0}},
    {"f3", 1500000, 93750, 0, -0.339958, -0.003447584, 8, 3008, 500000, 0, {0}},
    {"ln1",
     1500000,
     93750,
     0,
     132269,
     0.002376301,
     8,
     2065,
     275265,
     10,
     {0.00026666667, 0.00026666667, 0.00023333334, 0.00023333334, 0.0002, 0.0002, 0.0002, 0.0002, 0.0002,
      0.0002}},
    {"mixus",
     1500000,
     93750,
     0,
     75187,
     0.006262139,
     8,
     2712,
     765000,
     11,
     {0.00023333334, 0.0002, 0.0002, 0.0002, 0.0002, 0.0002, 0.0002, 0.0002, 0.0002, 0.0002, 0.0002}},
    {"par25",
     1500000,
     93750,
     0,
     -0.41926733,
     -0.007285343,
     8,
     3651,
     1117316,
     4,
     {0.0002, 0.00016666666, 0.00016666666, 0.00016666666}},
    {"rp2",
     1500000,
     93750,
     0,
     -0.38031268,
     -0.001822863,
     8,
     3545,
     987328,
     7,
     {0.00066666666, 0.00033333333, 0.00026666667, 0.0002, 0.00016666666, 0.00016666666, 0.00016666666}},
    {"tln1",
     1500000,
     93750,
     0,
     133020,
     2.550704e-05,
     33,
     3293,
     275059,
     4,
     {0.0003, 0.00023333334, 0.0002, 0.0002}},
    {"w5a", 1500000, 93750, 0, -0.15949333, 0.9999999, 8, 2161, 297878, 0, {0}},
    {"c5a", 1500000, 93750, 0, 100178, 1, 8, 2161, 297516, 0, {0}},
    {"c3h", 1500000, 93750, 0, -0.14116466, 0.01260161, 8, 3008, 500000, 0, {0}},
    {"null5", 1500000, 93750, 0.2991333, -0.155946, 0.003453075, 8, 2135, 290955, 0, {0}},
};

static struct distinct_facts facts_of(size_t i)
{
    return (struct distinct_facts){.rows = columns[i].rows,
                                   .sample_rows = 30000,
                                   .pages = columns[i].pages,
                                   .index_pages = columns[i].index_pages,
                                   .index_key_bytes = columns[i].key_bytes,
                                   .index_fresh = true};
}

static struct profile_column column_of(size_t i, struct profile_atom *atoms)
{
    for (size_t j = 0; j < columns[i].listed; j++)
        atoms[j].share = columns[i].share[j];
    return (struct profile_column){.null_ratio = columns[i].null_ratio,
                                   .distinct_reported = columns[i].reported,
                                   .correlation = columns[i].correlation,
                                   .mcv = atoms,
                                   .mcv_count = columns[i].listed};
}

/* u: by chance as often; f: just as often; ln, par, rp: ever rarer; mix: of two kinds; c: equal values side by side, where a
 * sample of pages sees too many of them, w: nearly. */
static void samples_and_pages_together_tell_columns(void **state)
{
    (void)state;
    double sum = 0, worst = 0, alone = 0;
    size_t count = sizeof columns / sizeof *columns;
    for (size_t i = 0; i < count; i++) {
        struct profile_atom atoms[MOST] = {{0}};
        struct profile_column column = column_of(i, atoms), sampled = column;
        struct distinct_facts facts = facts_of(i), bare = facts;
        bare.index_pages = 0;
        distinct_recover(&facts, &column);
        distinct_recover(&bare, &sampled);
        double error = fabs(log(column.distinct / columns[i].truth));
        print_message("%-6s %7.0f rows: true %7.0f, recovered %7.0f by %s, %.2f; sample alone %7.0f\n",
                      columns[i].shape, columns[i].rows, columns[i].truth, column.distinct,
                      column.distinct_by, column.distinct_ratio, sampled.distinct);
        assert_true(isfinite(column.distinct_ratio));
        assert_true(strcmp(column.distinct_by, "index") == 0 || column.distinct == sampled.distinct);
        sum += error;
        worst = fmax(worst, error);
        alone += fabs(log(sampled.distinct / columns[i].truth));
    }
    print_message("q-error geomean %.3f, worst %.2f; sample alone %.3f\n", exp(sum / (double)count),
                  exp(worst), exp(alone / (double)count));
    assert_true(exp(sum / (double)count) <= 1.10);
    assert_true(exp(worst) <= 2);
    assert_true(alone > 1.5 * sum);
}

/* What inserts left in disorder has more pages: those tell nothing about keys. Fewer pages than the sample lets one think tell
 * always. */
static void an_old_index_is_not_believed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        struct profile_atom atoms[MOST] = {{0}};
        struct profile_column column = column_of(i, atoms), sampled = column;
        struct distinct_facts facts = facts_of(i), bare = facts;
        bare.index_pages = 0;
        distinct_recover(&bare, &sampled);
        bool firm;
        double ratio = distinct_index_ratio(&facts, &column, &firm);
        facts.index_fresh = false;
        facts.index_pages *= fmax(1, 1.3 / ratio);
        distinct_recover(&facts, &column);
        assert_string_equal(column.distinct_by, "tail");
        assert_true(column.distinct == sampled.distinct);
    }
}

/* The rows are made so that the same is reported and the index gets as large again: the tail says how. */
static void the_tail_tells_what_was_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        struct profile_atom atoms[MOST] = {{0}};
        struct profile_column column = column_of(i, atoms);
        struct distinct_facts facts = facts_of(i);
        distinct_recover(&facts, &column);
        struct distinct_tail tail = distinct_tail(&facts, &column);
        assert_true(tail.single >= 0 && tail.single < 1);
        if (strcmp(columns[i].shape, "mixus") == 0) /* half the rows are alone, the others have fifty */
            assert_true(fabs(tail.single - 0.5) < 0.1);
        if (strcmp(columns[i].shape, "f3") == 0 && columns[i].rows > 1e5)
            assert_true(tail.exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_told_by_keys),
        cmocka_unit_test(samples_and_pages_together_tell_columns),
        cmocka_unit_test(an_old_index_is_not_believed),
        cmocka_unit_test(the_tail_tells_what_was_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
