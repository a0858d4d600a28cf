/* How far behind a replica is: beats on the one side, what it was seen to show on the other. */
#include "bench/observe/lag.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define MS NS_PER_MS

enum { BEATS = 200 };

/* A beat every 50 ms from 0, the primary logging 1000 bytes between two. */
static struct lag_beat *ten_seconds(void)
{
    static struct lag_beat beats[BEATS];
    for (int i = 0; i < BEATS; i++)
        beats[i] = (struct lag_beat){i * LAG_BEAT_NS, INT64_C(1000) * i};
    return beats;
}

static struct lag_point look(int64_t asked_ns, int64_t beat, int64_t at_ns)
{
    struct lag_sight sight = {asked_ns, asked_ns + MS, beat};
    return lag_at(ten_seconds(), BEATS, &sight, at_ns);
}

static void assert_point(struct lag_point point, int64_t lag_ns, int64_t lag_bytes)
{
    assert_int_equal(point.lag_ns, lag_ns);
    assert_int_equal(point.lag_bytes, lag_bytes);
}

static void one_that_shows_the_newest_beat_does_not_lag(void **state)
{
    (void)state;
    assert_point(look(1010 * MS, 20, 1011 * MS), 0, 0);
    /* A beat that came after the question says nothing yet. */
    assert_point(look(1049 * MS, 20, 1060 * MS), 0, 0);
    /* Applied before the primary told us that it is committed. */
    assert_point(look(1049 * MS, 21, 1049 * MS), 0, 0);
}

static void lag_is_the_age_of_the_oldest_beat_that_is_missing(void **state)
{
    (void)state;
    /* It shows the beat of 1000 ms; those of 1050 to 3000 are missing. */
    assert_point(look(3010 * MS, 20, 3011 * MS), 1960 * MS, 40000);
    assert_point(look(1060 * MS, 20, 1061 * MS), 10 * MS, 1000);
}

static void one_that_does_not_answer_lags_and_is_then_unknown(void **state)
{
    (void)state;
    assert_point(look(1010 * MS, 20, 1100 * MS), 0, 0);
    assert_point(look(1010 * MS, 20, 1120 * MS), 70 * MS, 2000);
    assert_point(look(1010 * MS, 20, 2010 * MS), 960 * MS, 20000);
    assert_point(look(1010 * MS, 20, 2012 * MS), -1, -1);
}

static void without_a_beat_nothing_is_known(void **state)
{
    (void)state;
    struct lag_sight sight = {10 * MS, 11 * MS, 0};
    assert_point(look(1010 * MS, -1, 1011 * MS), -1, -1);
    assert_point(lag_at(ten_seconds(), 0, &sight, 12 * MS), -1, -1);
    /* The primary takes no more beats after 9950 ms: a replica that has them all may lag or not. */
    assert_point(look(10900 * MS, 199, 10901 * MS), 0, 0);
    assert_point(look(10960 * MS, 199, 10961 * MS), -1, -1);
    assert_point(look(10960 * MS, 197, 10961 * MS), 1060 * MS, 2000);
}

static void bytes_are_unknown_alone(void **state)
{
    (void)state;
    struct lag_beat beats[] = {{0, 500}, {50 * MS, -1}, {100 * MS, 700}, {150 * MS, -1}};
    struct lag_sight sight = {120 * MS, 121 * MS, 0};
    assert_point(lag_at(beats, 4, &sight, 121 * MS), 70 * MS, 200);
    sight = (struct lag_sight){160 * MS, 161 * MS, 0};
    assert_point(lag_at(beats, 4, &sight, 161 * MS), 110 * MS, -1);
}

/* Healthy until 2 s, standing still at the beat of 2 s until 4 s, then away until 6 s, then healthy again. */
static size_t a_bad_day(struct lag_sight *sights)
{
    size_t count = 0;
    for (int64_t at_ns = 10 * MS; at_ns < 9900 * MS; at_ns += LAG_BEAT_NS) {
        int64_t beat = at_ns / LAG_BEAT_NS;
        if (at_ns < 4000 * MS || at_ns > 6000 * MS)
            sights[count++] = (struct lag_sight){at_ns, at_ns + MS,
                                                 at_ns > 2000 * MS && at_ns < 4000 * MS ? 40 : beat};
    }
    return count;
}

static void points_are_the_worst_of_every_100_ms(void **state)
{
    (void)state;
    struct lag_sight sights[BEATS];
    struct lag_point points[100];
    size_t sight_count = a_bad_day(sights);
    size_t count = lag_points(ten_seconds(), BEATS, sights, sight_count, 0, 9900 * MS, points);
    assert_int_equal(count, 99);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(points[i].at_ns, (int64_t)(i + 1) * LAG_POINT_NS);
        if (points[i].at_ns <= 2000 * MS || points[i].at_ns > 6100 * MS)
            assert_point(points[i], 0, 0);
        else if (points[i].at_ns > 5000 * MS && points[i].at_ns <= 6000 * MS)
            assert_int_equal(points[i].lag_ns, -1);
        else if (points[i].at_ns > 2100 * MS && points[i].at_ns < 4900 * MS)
            assert_in_range(points[i].lag_ns, points[i].at_ns - 2200 * MS, points[i].at_ns - 2050 * MS);
    }
    assert_int_equal(lag_points(ten_seconds(), BEATS, sights, 0, 0, 100 * MS, points), 1);
    assert_int_equal(points[0].lag_ns, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_shows_the_newest_beat_does_not_lag),
        cmocka_unit_test(lag_is_the_age_of_the_oldest_beat_that_is_missing),
        cmocka_unit_test(one_that_does_not_answer_lags_and_is_then_unknown),
        cmocka_unit_test(without_a_beat_nothing_is_known),
        cmocka_unit_test(bytes_are_unknown_alone),
        cmocka_unit_test(points_are_the_worst_of_every_100_ms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
