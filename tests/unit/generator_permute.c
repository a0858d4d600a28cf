/* permute: every position its own place, whatever the count and key; the order shows no step. */
#include "generators/permute.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_bijection(uint64_t key, uint64_t count)
{
    bool *taken = calloc(count, sizeof *taken);
    assert_non_null(taken);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t at = permute(key, count, i);
        assert_true(at < count);
        assert_false(taken[at]);
        taken[at] = true;
    }
    free(taken);
}

static void small_counts_are_bijections(void **state)
{
    (void)state;
    for (uint64_t count = 1; count <= 1000; count++)
        assert_bijection(count * UINT64_C(0x9e3779b97f4a7c15), count);
}

static void large_odd_counts_are_bijections(void **state)
{
    (void)state;
    static const uint64_t counts[] = {65535, 65537, 99991, 131071, 262145, 1000003};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        assert_bijection(0, counts[i]), assert_bijection(UINT64_MAX - i, counts[i]);
}

/* Beyond what can be walked: below count, and no two alike among neighbours. */
static void huge_counts_stay_below(void **state)
{
    (void)state;
    static const uint64_t counts[] = {(UINT64_C(1) << 40) + 1, UINT64_C(9999999999999999), UINT64_MAX};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        uint64_t before = permute(7, counts[i], 0);
        for (uint64_t at = 1; at < 10000; at++) {
            uint64_t now = permute(7, counts[i], counts[i] - at);
            assert_true(now < counts[i]);
            assert_true(now != before);
            before = now;
        }
    }
}

/* An affine map keeps one distance between neighbours; a shuffle keeps none for long. */
static void neighbours_are_scattered(void **state)
{
    (void)state;
    enum { COUNT = 10007 };
    int same = 0, above = 0;
    uint64_t last = 0;
    for (uint64_t i = 1; i < COUNT; i++) {
        uint64_t here = permute(3, COUNT, i), before = permute(3, COUNT, i - 1);
        same += here - before == last;
        above += here > before;
        last = here - before;
    }
    assert_true(same < COUNT / 50);
    assert_in_range(above, COUNT * 45 / 100, COUNT * 55 / 100);
}

/* Places and where they come from are unrelated, at every size: a right shuffle lies within a few standard errors of 0. */
static void order_is_forgotten(void **state)
{
    (void)state;
    static const uint64_t counts[] = {700, 3000, 8191, 30000, 33000, 66000, 120000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (uint64_t key = 1; key <= 5; key++) {
            double sum = 0, n = (double)counts[i], mean = (n - 1) / 2;
            for (uint64_t j = 0; j < counts[i]; j++)
                sum += ((double)j - mean) *
                       ((double)permute(key * UINT64_C(0x9e3779b97f4a7c15), counts[i], j) - mean);
            double correlation = sum / n / ((n * n - 1) / 12);
            assert_true(correlation * correlation * n < 4.5 * 4.5);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_counts_are_bijections), cmocka_unit_test(large_odd_counts_are_bijections),
        cmocka_unit_test(huge_counts_stay_below),      cmocka_unit_test(neighbours_are_scattered),
        cmocka_unit_test(order_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
