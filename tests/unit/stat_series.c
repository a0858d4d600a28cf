#include "bench/base/clock.h"
#include "bench/stat/series.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const int64_t zero_ns = 5 * NS_PER_S;

static int64_t at_ms(int64_t ms)
{
    return zero_ns + ms * NS_PER_MS;
}

/* One request per 10 ms for 2 s; the server stands still from 500 to 900 ms, then serves all that waited at once. */
static struct series *stalled(void)
{
    struct series *series = series_create(zero_ns, 10 * NS_PER_S);
    for (int ms = 0; ms < 2000; ms += 10) {
        int64_t sent_ms = ms >= 500 && ms < 900 ? 900 : ms;
        series_due(series, at_ms(ms));
        series_started(series, at_ms(sent_ms));
        series_completed(series, at_ms(ms), at_ms(sent_ms + 2), ms == 1990);
    }
    return series;
}

static void a_stall_is_a_slope_of_due_times(void **state)
{
    (void)state;
    struct series *series = stalled();
    assert_int_equal(series_bins(series), 20);
    assert_int_equal(series_zero_ns(series), zero_ns);
    for (size_t bin = 5; bin < 9; bin++) {
        struct series_point point = series_read(series, bin, 1);
        assert_int_equal(point.due, 10);
        assert_int_equal(point.completed, 0);
        assert_int_equal(point.measured, 10);
        assert_int_equal(point.max_us, (900 - 100 * (int64_t)bin + 2) * 1000);
        assert_int_equal(point.backlog, 10 * ((int64_t)bin - 4));
        assert_true(point.t_s > 0.1 * (double)bin - 1e-9 && point.t_s < 0.1 * (double)bin + 1e-9);
    }
    struct series_point after = series_read(series, 9, 1);
    assert_int_equal(after.completed, 50);
    assert_int_equal(after.backlog, 0);
    assert_int_equal(after.max_us, 2000);
    series_destroy(series);
}

static void bins_merge_into_one_point(void **state)
{
    (void)state;
    struct series *series = stalled();
    struct series_point all = series_read(series, 0, 1000);
    assert_int_equal(all.due, 200);
    assert_int_equal(all.completed, 200);
    assert_int_equal(all.failed, 1);
    assert_int_equal(all.in_flight, 0);
    assert_true(all.p50_us >= 2000 && (double)all.p50_us < 2000 * 1.032);
    assert_int_equal(all.max_us, 402000);
    assert_true(all.p99_us >= 382000 && (double)all.p99_us < 382000 * 1.032);
    series_destroy(series);
}

static void in_flight_is_as_of_the_end_of_the_bin(void **state)
{
    (void)state;
    struct series *series = series_create(zero_ns, NS_PER_S);
    series_due(series, at_ms(10));
    series_started(series, at_ms(10));
    series_completed(series, at_ms(10), at_ms(350), false);
    assert_int_equal(series_read(series, 0, 1).in_flight, 1);
    assert_int_equal(series_read(series, 2, 1).in_flight, 1);
    assert_int_equal(series_read(series, 3, 1).in_flight, 0);
    assert_int_equal(series_read(series, 1, 1).measured, 0);
    series_destroy(series);
}

static void times_outside_count_at_the_edges(void **state)
{
    (void)state;
    struct series *series = series_create(zero_ns, NS_PER_S);
    series_due(series, zero_ns - NS_PER_S);
    series_due(series, at_ms(999999));
    assert_int_equal(series_read(series, 0, 1).due, 1);
    assert_int_equal(series_read(series, 0, SIZE_MAX).due, 2);
    series_destroy(series);
    series_destroy(NULL);
}

static void long_runs_sum_as_short_ones(void **state)
{
    (void)state;
    struct series *series = series_create(zero_ns, 3600 * NS_PER_S);
    for (int64_t ms = 0; ms < 200000; ms += 50)
        series_due(series, at_ms(ms));
    assert_int_equal(series_read(series, 0, 2000).backlog, 4000);
    assert_int_equal(series_read(series, 700, 3).due, 6);
    assert_int_equal(series_read(series, 700, 3).backlog, 1406);
    series_destroy(series);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stall_is_a_slope_of_due_times),
        cmocka_unit_test(bins_merge_into_one_point),
        cmocka_unit_test(in_flight_is_as_of_the_end_of_the_bin),
        cmocka_unit_test(times_outside_count_at_the_edges),
        cmocka_unit_test(long_runs_sum_as_short_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
