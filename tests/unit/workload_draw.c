/* Seeds are fixed, so a run cannot fail by chance; for a seed drawn at random each chi-square test would fail a sound
 * generator with probability 10^-4, by the Wilson-Hilferty approximation of its limit. */
#include "workloads/draw.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { CELLS = 50, DRAWS = 200000 };
static const double z_of_one_in_10000 = 3.719;

static double chi_square_limit(int freedom)
{
    double n = 2.0 / (9.0 * freedom);
    return freedom * pow(1 - n + z_of_one_in_10000 * sqrt(n), 3);
}

/* Draws of 1 … CELLS against the chances expected. Cells that expect fewer than 5 are taken together. */
static void compare(const double chances[CELLS], const int counts[CELLS])
{
    double chi = 0, rest_expected = 0, rest_found = 0;
    int freedom = -1;
    for (int i = 0; i < CELLS; i++) {
        rest_expected += chances[i] * DRAWS;
        rest_found += counts[i];
        if (rest_expected < 5)
            continue;
        chi += (rest_found - rest_expected) * (rest_found - rest_expected) / rest_expected;
        rest_expected = rest_found = 0;
        freedom++;
    }
    assert_true(freedom > 2);
    assert_true(chi < chi_square_limit(freedom));
}

static void count_draw(int counts[CELLS], int64_t drawn)
{
    assert_in_range(drawn, 1, CELLS);
    counts[drawn - 1]++;
}

static void uniform_is_flat(void **state)
{
    (void)state;
    double chances[CELLS];
    int counts[CELLS] = {0};
    struct rng rng = rng_start(101);
    for (int i = 0; i < DRAWS; i++)
        count_draw(counts, draw_uniform(&rng, 1, CELLS));
    for (int i = 0; i < CELLS; i++)
        chances[i] = 1.0 / CELLS;
    compare(chances, counts);
}

static void zipfian_falls_as_the_power(void **state)
{
    (void)state;
    static const double parameters[] = {1.001, 1.1, 1.5, 2, 3};
    for (size_t p = 0; p < sizeof parameters / sizeof *parameters; p++) {
        double chances[CELLS], sum = 0;
        int counts[CELLS] = {0};
        struct rng rng = rng_start(103 + p);
        for (int i = 0; i < CELLS; i++)
            sum += chances[i] = pow(i + 1, -parameters[p]);
        for (int i = 0; i < CELLS; i++)
            chances[i] /= sum;
        for (int i = 0; i < DRAWS; i++)
            count_draw(counts, draw_zipfian(&rng, 1, CELLS, parameters[p]));
        compare(chances, counts);
    }
}

/* pgbench's manual: the chance of a value is the normal density's mass over its share of ±parameter. */
static void gaussian_is_a_bell(void **state)
{
    (void)state;
    const double parameter = 2.5;
    double chances[CELLS], whole = erf(parameter / sqrt(2));
    int counts[CELLS] = {0};
    struct rng rng = rng_start(107);
    for (int i = 0; i < CELLS; i++) {
        double low = (2.0 * i / CELLS - 1) * parameter, high = (2.0 * (i + 1) / CELLS - 1) * parameter;
        chances[i] = (erf(high / sqrt(2)) - erf(low / sqrt(2))) / 2 / whole;
    }
    for (int i = 0; i < DRAWS; i++)
        count_draw(counts, draw_gaussian(&rng, 1, CELLS, parameter));
    compare(chances, counts);
}

static void exponential_decays(void **state)
{
    (void)state;
    const double parameter = 5;
    double chances[CELLS];
    int counts[CELLS] = {0};
    struct rng rng = rng_start(109);
    for (int i = 0; i < CELLS; i++)
        chances[i] = (exp(-parameter * i / CELLS) - exp(-parameter * (i + 1) / CELLS)) /
                     (1 - exp(-parameter));
    for (int i = 0; i < DRAWS; i++)
        count_draw(counts, draw_exponential(&rng, 1, CELLS, parameter));
    compare(chances, counts);
}

static void edges_hold(void **state)
{
    (void)state;
    struct rng rng = rng_start(113);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(draw_uniform(&rng, 5, 5), 5);
        assert_int_equal(draw_zipfian(&rng, -3, -3, 1.1), -3);
        int64_t far = draw_zipfian(&rng, 10, 24000009, 1.001);
        assert_true(far >= 10 && far <= 24000009);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uniform_is_flat),    cmocka_unit_test(zipfian_falls_as_the_power),
        cmocka_unit_test(gaussian_is_a_bell), cmocka_unit_test(exponential_decays),
        cmocka_unit_test(edges_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
