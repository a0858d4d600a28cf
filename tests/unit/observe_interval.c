/* Interval algebra, and the holes that are made of it. */
#include "bench/base/clock.h"
#include "bench/observe/holes.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void overlap_is_what_both_have(void **state)
{
    (void)state;
    assert_int_equal(interval_overlap_ns((struct interval){10, 20}, (struct interval){15, 40}), 5);
    assert_int_equal(interval_overlap_ns((struct interval){10, 20}, (struct interval){12, 14}), 2);
    assert_int_equal(interval_overlap_ns((struct interval){10, 20}, (struct interval){20, 30}), 0);
    assert_int_equal(interval_overlap_ns((struct interval){10, 20}, (struct interval){50, 60}), 0);
}

static void union_joins_what_touches(void **state)
{
    (void)state;
    struct interval_list list = {0};
    interval_add(&list, 30, 40);
    interval_add(&list, 10, 20);
    interval_add(&list, 20, 25);
    interval_add(&list, 12, 14);
    interval_add(&list, 50, 50);
    assert_int_equal(list.count, 4);
    interval_union(&list);
    assert_int_equal(list.count, 2);
    assert_int_equal(interval_total_ns(&list), 25);
    interval_free(&list);
}

static void longest_counts_whole_items_that_meet(void **state)
{
    (void)state;
    struct interval_list list = {0};
    assert_int_equal(interval_longest_ns(&list, (struct interval){0, 100}), 0);
    interval_add(&list, 10, 40);
    interval_add(&list, 60, 65);
    assert_int_equal(interval_longest_ns(&list, (struct interval){39, 62}), 30);
    assert_int_equal(interval_longest_ns(&list, (struct interval){40, 62}), 5);
    assert_int_equal(interval_longest_ns(&list, (struct interval){70, 99}), 0);
    interval_free(&list);
}

static void meet_is_the_hole_of_both_probes(void **state)
{
    (void)state;
    struct interval_list a = {0}, b = {0}, both = {0};
    interval_add(&a, 0, 10);
    interval_add(&a, 20, 60);
    interval_add(&b, 5, 25);
    interval_add(&b, 30, 35);
    interval_meet(&a, &b, &both);
    assert_int_equal(both.count, 3);
    assert_int_equal(interval_total_ns(&both), 5 + 5 + 5);
    interval_free(&a);
    interval_free(&b);
    interval_free(&both);
}

static void depth_counts_what_is_open_at_once(void **state)
{
    (void)state;
    struct interval items[] = {{30, 40}, {0, 10}, {5, 20}, {10, 15}, {12, 13}};
    assert_int_equal(interval_depth_max(items, 5), 3);
    assert_int_equal(interval_depth_max(items, 0), 0);
}

/* Right: a late look leaves a hole and is late; a look that waited for a lock is not a hole, and the time it was blocked
 * counts to none. */
static void holes_are_when_nobody_looked(void **state)
{
    (void)state;
    struct pace pace;
    struct holes holes = {0};
    pace_init(&pace);
    holes_look(&holes, &pace, NS_PER_MS, 0, 500 * NS_PER_MS, 501 * NS_PER_MS, false);
    assert_int_equal(holes.longest_ns, 0); /* not armed: nothing is promised */
    pace_arm(&pace, true);
    int64_t at_ns = pace.armed_since_ns, ms = NS_PER_MS;
    holes_look(&holes, &pace, ms, at_ns + ms, at_ns + ms, at_ns + ms + 1000, false);
    assert_int_equal(holes.list.count, 0);
    holes_look(&holes, &pace, ms, at_ns + 2 * ms, at_ns + 2 * ms, at_ns + 102 * ms, true);
    assert_int_equal(holes.list.count, 0);
    holes_look(&holes, &pace, ms, at_ns + 103 * ms, at_ns + 109 * ms, at_ns + 110 * ms, false);
    assert_int_equal(holes.list.count, 1);
    assert_int_equal(holes.longest_ns, 8 * ms);
    assert_int_equal(holes.late.count, 1);
    assert_int_equal(holes.late_longest_ns, 6 * ms);
    holes_free(&holes);
    struct holes blind = {.last_ns = at_ns};
    clock_sleep_ns(5 * ms);
    pace_stop(&pace);
    holes_end(&blind, &pace, ms); /* never looked while armed */
    assert_int_equal(blind.list.count, 1);
    assert_true(blind.longest_ns >= 5 * ms);
    holes_free(&blind);
    pace_free(&pace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overlap_is_what_both_have),
        cmocka_unit_test(union_joins_what_touches),
        cmocka_unit_test(longest_counts_whole_items_that_meet),
        cmocka_unit_test(meet_is_the_hole_of_both_probes),
        cmocka_unit_test(depth_counts_what_is_open_at_once),
        cmocka_unit_test(holes_are_when_nobody_looked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
