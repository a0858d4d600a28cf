#include "bench/base/rng.h"
#include "bench/stat/hist.h"

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* 100, 200 and 250 recorded in (1 … 300, 3 digits), as a HdrHistogram port publishes it. */
static const char published[] = "HISTFAAAACV4nJNpmSzMwMDAwQABzFCaEUrp2H+AsI4zMh1lZEpkAgBdIQSk";
/* 2048 recorded in (1 … 2048, 3 digits): the same text from HdrHistogram in Java and in C. */
static const char boundary[] = "HISTFAAAACB4nJNpmSzMwMDAzAABMJoRQnEw2H+AsP7LMwEARZgDpQ==";
/* HdrHistogram_c's standard test histogram in our range: 10,000 × 1,000 and 1 × 100,000,000. */
static const char standard[] = "HISTFAAAACl4nJNpmSzMwMDAyQABzFCaEURcm7yEwf4DROA8/4I5jNM7mJgAjtkHzg==";

static struct hist *new_hist(void)
{
    return mem_alloc(sizeof(struct hist));
}

/* Log-uniform from 1 µs to 1 h: every magnitude gets its share. */
static int64_t draw_us(struct rng *rng)
{
    return (int64_t)exp(rng_unit(rng) * log((double)HIST_MAX_US));
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void slots_cover_the_range_without_gaps(void **state)
{
    (void)state;
    assert_int_equal(hist_slot(0), 0);
    assert_int_equal(hist_slot(2047), 2047);
    assert_int_equal(hist_slot(2048), 2048);
    assert_int_equal(hist_slot(2049), 2048);
    assert_int_equal(hist_slot(INT64_MAX), hist_slot(HIST_MAX_US));
    for (int slot = 0; slot <= hist_slot(HIST_MAX_US); slot++) {
        int64_t low_us = hist_slot_low_us(slot), next_us = hist_slot_low_us(slot + 1);
        assert_true(low_us < next_us);
        assert_int_equal(hist_slot(low_us), slot);
        if (next_us <= HIST_MAX_US)
            assert_int_equal(hist_slot(next_us - 1), slot);
        if (low_us > 0)
            assert_true((double)(next_us - 1 - low_us) / (double)low_us < 0.001);
    }
}

static void percentiles_err_by_less_than_a_thousandth(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    static const double percents[] = {0, 1, 50, 90, 95, 99, 99.9, 99.99, 100};
    struct hist *hist = new_hist();
    int64_t *values = mem_alloc(COUNT * sizeof *values);
    struct rng rng = rng_start(7);
    for (int i = 0; i < COUNT; i++)
        hist_add(hist, values[i] = draw_us(&rng));
    qsort(values, COUNT, sizeof *values, ascending);
    for (size_t i = 0; i < sizeof percents / sizeof *percents; i++) {
        int rank = (int)ceil(percents[i] / 100 * COUNT - 1e-6);
        int64_t exact_us = values[rank < 1 ? 0 : rank - 1];
        int64_t found_us = hist_percentile_us(hist, percents[i]);
        assert_true(found_us >= exact_us);
        assert_true((double)(found_us - exact_us) <= 0.001 * (double)exact_us);
    }
    assert_int_equal(hist->min_us, values[0]);
    assert_int_equal(hist_percentile_us(hist, 100), values[COUNT - 1]);
    assert_int_equal(hist_count_above(hist, values[0] - 1), COUNT);
    assert_int_equal(hist_count_above(hist, HIST_MAX_US), 0);
    free(values);
    free(hist);
}

static void merging_is_adding_together(void **state)
{
    (void)state;
    struct hist *apart[2] = {new_hist(), new_hist()}, *together = new_hist(), *merged = new_hist();
    struct rng rng = rng_start(11);
    for (int i = 0; i < 1000; i++) {
        int64_t us = draw_us(&rng);
        hist_add(apart[i % 2], us);
        hist_add(together, us);
    }
    hist_merge(merged, apart[0]);
    hist_merge(merged, apart[1]);
    assert_memory_equal(merged, together, sizeof *merged);
    hist_merge(merged, &(struct hist){0});
    assert_memory_equal(merged, together, sizeof *merged);
    for (int i = 0; i < 2; i++)
        free(apart[i]);
    free(together);
    free(merged);
}

static void draining_moves_everything(void **state)
{
    (void)state;
    struct hist *from = new_hist(), *into = new_hist(), *kept = new_hist();
    const struct hist empty = {0};
    struct rng rng = rng_start(12);
    for (int i = 0; i < 1000; i++)
        hist_add(from, draw_us(&rng));
    hist_merge(kept, from);
    hist_drain(from, into);
    assert_memory_equal(into, kept, sizeof *into);
    assert_memory_equal(from, &empty, sizeof *from);
    free(from);
    free(into);
    free(kept);
}

static void the_empty_and_the_out_of_range(void **state)
{
    (void)state;
    struct hist *hist = new_hist();
    assert_int_equal(hist_percentile_us(hist, 99), 0);
    assert_true(hist_mean_us(hist) == 0);
    hist_add(hist, -5);
    hist_add(hist, 3 * HIST_MAX_US);
    assert_int_equal(hist->min_us, 1);
    assert_int_equal(hist->total, 2);
    assert_int_equal(hist_percentile_us(hist, 50), 1);
    assert_int_equal(hist->max_us, 3 * HIST_MAX_US);
    free(hist);
}

static void published_texts_are_read_and_written(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct hist *hist = new_hist(), *own = new_hist();
    assert_true(hist_decode(published, hist));
    assert_int_equal(hist->total, 3);
    assert_int_equal(hist->counts[100] + hist->counts[200] + hist->counts[250], 3);
    assert_int_equal(hist->min_us, 100);
    assert_int_equal(hist->max_us, 250);
    assert_true(hist_decode(boundary, hist));
    assert_int_equal(hist->total, 1);
    assert_int_equal(hist->counts[2048], 1);
    for (int i = 0; i < 10000; i++)
        hist_add(own, 1000);
    hist_add(own, 100000000);
    assert_string_equal(hist_encode(&arena, own), standard);
    arena_free(&arena);
    free(own);
    free(hist);
}

static void what_is_encoded_decodes_to_the_same_counts(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct hist *hist = new_hist(), *back = new_hist();
    struct rng rng = rng_start(13);
    for (int round = 0; round < 20; round++) {
        memset(hist, 0, sizeof *hist);
        int count = round == 0 ? 0 : 1 << round / 2;
        for (int i = 0; i < count; i++)
            hist_add(hist, round % 3 == 0 ? (int64_t)rng_below(&rng, 300) : draw_us(&rng));
        hist->counts[5] += round == 19 ? 4000000000U : 0; /* a count of five LEB128 bytes */
        assert_true(hist_decode(hist_encode(&arena, hist), back));
        assert_memory_equal(back->counts, hist->counts, sizeof hist->counts);
    }
    arena_free(&arena);
    free(hist);
    free(back);
}

static void what_is_no_histogram_is_refused(void **state)
{
    (void)state;
    struct hist *hist = new_hist();
    char text[sizeof published];
    assert_false(hist_decode("", hist));
    assert_false(hist_decode("HIST", hist));
    assert_false(hist_decode("not base64 at all!!!", hist));
    /* zlib's checksum catches any change, the cookie and length checks what stands before it. */
    for (size_t i = 0; i < sizeof published - 3; i++) {
        memcpy(text, published, sizeof text);
        text[i] = text[i] == 'A' ? 'B' : 'A';
        assert_false(hist_decode(text, hist));
    }
    /* A sound text of another precision: (1 … 1000, 0 digits). */
    assert_false(hist_decode("HISTFAAAAB14nJNpmSzMwMDAxIAKGCEU8wv7DxAWLxMASToDcw==", hist));
    free(hist);
}

enum { ADDERS = 4, ADDS = 20000 };

static void *add_many(void *hist)
{
    for (int i = 1; i <= ADDS; i++)
        hist_add(hist, i);
    return NULL;
}

static void threads_lose_nothing(void **state)
{
    (void)state;
    struct hist *hist = new_hist();
    pthread_t threads[ADDERS];
    for (int i = 0; i < ADDERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_many, hist), 0);
    for (int i = 0; i < ADDERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(hist->total, ADDERS * ADDS);
    assert_int_equal(hist->sum_us, (uint64_t)ADDERS * ADDS * (ADDS + 1) / 2);
    assert_int_equal(hist->min_us, 1);
    assert_int_equal(hist->max_us, ADDS);
    assert_int_equal(hist->counts[77], ADDERS);
    free(hist);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_cover_the_range_without_gaps),
        cmocka_unit_test(percentiles_err_by_less_than_a_thousandth),
        cmocka_unit_test(merging_is_adding_together),
        cmocka_unit_test(draining_moves_everything),
        cmocka_unit_test(the_empty_and_the_out_of_range),
        cmocka_unit_test(published_texts_are_read_and_written),
        cmocka_unit_test(what_is_encoded_decodes_to_the_same_counts),
        cmocka_unit_test(what_is_no_histogram_is_refused),
        cmocka_unit_test(threads_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
