#include "bench/base/near.h"
#include "bench/base/units.h"
#include "bench/base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void check_duration(const char *text, int64_t expected)
{
    int64_t ns = -1;
    const char *why = NULL;
    assert_true(units_duration_ns(text, &ns, &why));
    assert_int_equal(ns, expected);
}

static void test_durations(void **state)
{
    (void)state;
    check_duration("200ms", 200000000);
    check_duration("1.5s", 1500000000);
    check_duration("5min", INT64_C(300000000000));
    check_duration("2h", INT64_C(7200000000000));
    check_duration("10us", 10000);
    check_duration("10µs", 10000);
    check_duration("1d", INT64_C(86400000000000));
    check_duration("0", 0);
    check_duration("106751d", INT64_C(106751) * 86400 * 1000000000);
}

static void test_durations_refused(void **state)
{
    static const char *const bad[] = {"",     "5",   "ms",    "-1s",  "1.s",     ".5s",
                                      "5 ms", "5mS", "1e3ms", "+1ms", "106752d", "1..5s"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t ns;
        const char *why = NULL;
        assert_false(units_duration_ns(bad[i], &ns, &why));
        assert_non_null(why);
    }
    int64_t ns;
    const char *why;
    assert_false(units_duration_ns("5m", &ns, &why));
    assert_non_null(strstr(why, "ambiguous"));
}

static void test_sizes_counts_rates(void **state)
{
    int64_t value;
    double number;
    const char *why;
    (void)state;
    assert_true(units_bytes("20GB", &value, &why));
    assert_int_equal(value, INT64_C(20000000000));
    assert_true(units_bytes("1.5KiB", &value, &why));
    assert_int_equal(value, 1536);
    assert_false(units_bytes("20Gb", &value, &why));
    assert_true(units_count("24M", &value, &why));
    assert_int_equal(value, 24000000);
    assert_true(units_count("1.5k", &value, &why));
    assert_int_equal(value, 1500);
    assert_false(units_count("1.0005k", &value, &why));
    assert_false(units_count("99999999999G", &value, &why));
    assert_true(units_rate("1850/s", &number, &why));
    assert_float_equal(number, 1850, 0);
    assert_true(units_rate("90/min", &number, &why));
    assert_float_equal(number, 1.5, 0);
    assert_false(units_rate("1850", &number, &why));
    assert_true(units_percent("95%", &number, &why));
    assert_float_equal(number, 0.95, 0);
    assert_false(units_percent("0.95", &number, &why));
}

static void test_format(void **state)
{
    char text[64];
    (void)state;
    assert_string_equal(units_format_duration(205000000, text, sizeof text), "205 ms");
    assert_string_equal(units_format_duration(INT64_C(12400000000), text, sizeof text), "12.4 s");
    assert_string_equal(units_format_duration(INT64_C(1080000000000), text, sizeof text), "18 m 00 s");
    assert_string_equal(units_format_duration(2070000, text, sizeof text), "2.07 ms");
    assert_string_equal(units_format_duration(350000, text, sizeof text), "350 µs");
    assert_string_equal(units_format_duration(999999999, text, sizeof text), "1.00 s");
    assert_string_equal(units_format_duration(INT64_C(59990000000), text, sizeof text), "1 m 00 s");
    assert_string_equal(units_format_duration(-2070000, text, sizeof text), "-2.07 ms");
    assert_string_equal(units_format_bytes(INT64_C(26500000000), text, sizeof text), "26.5 GB");
    assert_string_equal(units_format_bytes(999999, text, sizeof text), "1.00 MB");
    assert_string_equal(units_format_bytes(12, text, sizeof text), "12 B");
    assert_string_equal(units_format_short(24000000, text, sizeof text), "24.0 M");
    assert_string_equal(units_format_short(850, text, sizeof text), "850");
    assert_string_equal(units_format_count(1850, text, sizeof text), "1\u2009850");
    assert_string_equal(units_format_count(-1234567, text, sizeof text), "-1\u2009234\u2009567");
    assert_string_equal(units_format_count(INT64_MIN, text, sizeof text),
                        "-9\u2009223\u2009372\u2009036\u2009854\u2009775\u2009808");
}

static void test_near(void **state)
{
    static const char *const words[] = {"lock_timeout", "retries", "set", "phase", "app", NULL};
    (void)state;
    assert_string_equal(near_word("lock_timout", words), "lock_timeout");
    assert_string_equal(near_word("lokc_timeout", words), "lock_timeout");
    assert_string_equal(near_word("phsae", words), "phase");
    assert_string_equal(near_word("PHASE", words), "phase");
    assert_string_equal(near_word("ap", words), "app");
    assert_null(near_word("zzz", words));
    assert_null(near_word("", words));
    assert_null(near_word("statement_timeout", words));
}

static void test_utf8(void **state)
{
    (void)state;
    assert_true(utf8_is_valid("a\u00e9\u20ac\U0001F600", 10));
    assert_false(utf8_is_valid("\xC0\x80", 2));         /* overlong */
    assert_false(utf8_is_valid("\xED\xA0\x80", 3));     /* surrogate */
    assert_false(utf8_is_valid("\xF4\x90\x80\x80", 4)); /* above U+10FFFF */
    assert_false(utf8_is_valid("\xE2\x82", 2));         /* cut */
    assert_false(utf8_is_valid("\x80", 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_durations_refused),
        cmocka_unit_test(test_sizes_counts_rates),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_near),
        cmocka_unit_test(test_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
