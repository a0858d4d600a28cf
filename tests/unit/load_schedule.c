#include "bench/base/clock.h"
#include "bench/load/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void arrivals_do_not_drift(void **state)
{
    (void)state;
    static const int64_t rates[] = {1, 3, 7, 1850, 99991};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        struct schedule schedule = schedule_make(1000, (double)rates[i]);
        assert_int_equal(schedule_due_ns(&schedule, 0), 1000);
        /* After a day, to the nanosecond. */
        int64_t day_ns = 86400 * NS_PER_S;
        assert_true(llabs(schedule_due_ns(&schedule, 86400 * rates[i]) - (1000 + day_ns)) <= 1);
    }
}

static void counting_is_the_inverse_of_being_due(void **state)
{
    (void)state;
    static const double rates[] = {0.1, 3, 1850, 333333.3};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        struct schedule schedule = schedule_make(5 * NS_PER_S, rates[i]);
        assert_int_equal(schedule_count(&schedule, 5 * NS_PER_S - 1), 0);
        for (int64_t arrival = 0; arrival < 100000; arrival += 997) {
            int64_t due_ns = schedule_due_ns(&schedule, arrival);
            assert_int_equal(schedule_count(&schedule, due_ns), arrival + 1);
            assert_int_equal(schedule_count(&schedule, due_ns - 1), arrival);
        }
    }
}

static void a_closed_loop_has_no_schedule(void **state)
{
    (void)state;
    struct schedule schedule = schedule_make(0, 0);
    assert_int_equal(schedule_count(&schedule, INT64_MAX), 0);
}

static void far_away_saturates(void **state)
{
    (void)state;
    struct schedule schedule = schedule_make(1000, 1e-9);
    assert_int_equal(schedule_due_ns(&schedule, INT64_MAX), INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrivals_do_not_drift),
        cmocka_unit_test(counting_is_the_inverse_of_being_due),
        cmocka_unit_test(a_closed_loop_has_no_schedule),
        cmocka_unit_test(far_away_saturates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
