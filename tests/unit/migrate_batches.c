/* Batches of a backfill: their bounds put into the statement, and how slow they were at their slowest. */
#include "bench/base/clock.h"
#include "bench/base/rng.h"
#include "bench/migrate/range.h"
#include "bench/migrate/rate.h"
#include "bench/migrate/retry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Right: marks in the statement's own text only; a cast, a string, a comment and a longer word stay. */
static void bounds_go_where_they_are_meant(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *expected;
    } cases[] = {
        {"id > :lo AND id <= :hi", "id > (-5) AND id <= (12)"},
        {"id>:lo and id<=:HI", "id>(-5) and id<=(12)"},
        {"x::lo ':lo' \":hi\" -- :hi", "x::lo ':lo' \":hi\" -- :hi"},
        {"/* :lo */ :low $$ :lo $$ :lo", "/* :lo */ :low $$ :lo $$ (-5)"},
        {"", ""},
    };
    const struct range range = {.lo = -5, .hi = 12};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = {0};
        range_statement(SQL_POSTGRES, cases[i].sql, &range, &out);
        assert_string_equal(buf_text(&out), cases[i].expected);
        buf_free(&out);
    }
}

/* Right: a stall of 8 s between steady batches of 100 rows per second leaves 200 rows in the slowest 10 s. */
static void slowest_window_sees_the_stall(void **state)
{
    (void)state;
    struct rate_mark marks[40];
    for (int i = 0; i < 40; i++)
        marks[i] = (struct rate_mark){.at_ns = (i + 1 + (i >= 20 ? 8 : 0)) * NS_PER_S, .rows = 100};
    double slowest = rate_slowest(marks, 40, 0, 48 * NS_PER_S, 10 * NS_PER_S);
    assert_true(slowest > 19 && slowest < 21);
    double steady = rate_slowest(marks, 20, 0, 20 * NS_PER_S, 10 * NS_PER_S);
    assert_true(steady > 99 && steady < 101);
    double whole = rate_slowest(marks, 3, 0, 4 * NS_PER_S, 10 * NS_PER_S);
    assert_true(whole > 74 && whole < 76);
    assert_true(rate_slowest(marks, 0, 0, 0, 10 * NS_PER_S) == 0);
}

/* Right: drawn from the whole interval, both ends included, never beyond. */
static void jitter_fills_its_interval(void **state)
{
    (void)state;
    struct rng rng = rng_start(3);
    int seen[4] = {0};
    for (int i = 0; i < 400; i++) {
        int64_t drawn = retry_jitter_ns(&rng, 10, 13);
        assert_in_range(drawn, 10, 13);
        seen[drawn - 10]++;
    }
    for (int i = 0; i < 4; i++)
        assert_in_range(seen[i], 60, 140);
    assert_int_equal(retry_jitter_ns(&rng, 7, 7), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_go_where_they_are_meant),
        cmocka_unit_test(slowest_window_sees_the_stall),
        cmocka_unit_test(jitter_fills_its_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
