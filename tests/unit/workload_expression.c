#include "workloads/expression.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Variable :x is slot 0, with the value 7. */
static int slot(void *context, const char *name, size_t length)
{
    (void)context;
    assert_int_equal(length, 1);
    assert_int_equal(name[0], 'x');
    return 0;
}

/* The value as text, or "error: …". */
static const char *result_of(const char *text, char found[1600])
{
    struct arena arena = {0};
    struct err err = {0};
    struct cursor cursor = {.file = "t", .at = text, .end = text + strlen(text), .line = 1, .column = 1};
    const struct script_value x = {.type = SCRIPT_INTEGER, .integer = 7};
    struct script_value value;
    struct rng rng = rng_start(1);
    const struct expression *expression;
    const char *why = NULL;
    if (!expression_parse(&arena, &cursor, slot, NULL, &expression, &err))
        snprintf(found, 1600, "%d: %s%s%s", err.column, err.message, *err.hint ? " " : "", err.hint);
    else if (!expression_evaluate(expression, &x, &rng, &value, &why))
        snprintf(found, 1600, "error: %s", why);
    else if (value.type == SCRIPT_DOUBLE)
        snprintf(found, 1600, "%.6g", value.real);
    else if (value.type == SCRIPT_INTEGER)
        snprintf(found, 1600, "%" PRId64, value.integer);
    else
        snprintf(found, 1600, "%s", value.type == SCRIPT_NULL ? "null" : value.integer ? "true" : "false");
    arena_free(&arena);
    return found;
}

struct expected {
    const char *text, *result;
};

static void compare(const struct expected *expected, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char found[1600];
        if (strcmp(result_of(expected[i].text, found), expected[i].result) != 0)
            fail_msg("%s: %s, not %s", expected[i].text, found, expected[i].result);
    }
}

#define COMPARE(TABLE) compare(TABLE, sizeof(TABLE) / sizeof *(TABLE))

static void precedence_is_pgbenchs(void **state)
{
    (void)state;
    static const struct expected table[] = {
        {"1 + 2 * 3", "7"},
        {"10 - 4 - 3", "3"},
        {"100000 * :x", "700000"},
        {"-:x * 2", "-14"},
        {"- - 3", "3"},
        {"2 * -3", "-6"},
        {"(1 + 2) * 3", "9"},
        {"7 / 2 * 2", "6"},
        {"-7 / 2", "-3"},
        {"-7 % 3", "-1"},
        {"1 << 2 + 1", "8"},
        {"6 & 3 + 1", "4"},
        {"~0 + 1", "-2"},
        {"5 # 1", "4"},
        {"1 + 1 = 2 and 3 > 2", "true"},
        {"not 1 = 2", "true"},
        {"true or false and false", "true"},
        {"null is null", "true"},
        {"1 is not null", "true"},
        {"1 = 2 is false", "true"},
        {":x notnull", "true"},
        {"1 <> 2", "true"},
        {"1 != 1", "false"},
        {"1 + \\\n 2", "3"},
    };
    COMPARE(table);
}

static void types_mix_as_in_pgbench(void **state)
{
    (void)state;
    static const struct expected table[] = {
        {"7 / 2", "3"},
        {"7 / 2.0", "3.5"},
        {"1e3 + 1", "1001"},
        {".5 * 2", "1"},
        {"int(2.5)", "2"},
        {"int(3.5)", "4"},
        {"double(3) / 2", "1.5"},
        {"greatest(1, 2.5, 2)", "2.5"},
        {"least(3, 1, 2)", "1"},
        {"abs(-3)", "3"},
        {"ABS(-3.5)", "3.5"},
        {"mod(17, 5)", "2"},
        {"sqrt(16)", "4"},
        {"pi()", "3.14159"},
        {"power(2, 10)", "1024"},
        {"1 + null", "null"},
        {"null and false", "false"},
        {"null or false", "null"},
        {"false and 1 / 0 = 1", "false"},
        {"1 < 1.5", "true"},
    };
    COMPARE(table);
}

static void what_does_not_fit_is_an_error(void **state)
{
    (void)state;
    static const struct expected table[] = {
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"9223372036854775807 + 1", "error: bigint add out of range"},
        {"-9223372036854775808 - 1", "error: bigint sub out of range"},
        {"4611686018427387904 * 2", "error: bigint mul out of range"},
        {"-9223372036854775808 / -1", "error: bigint div out of range"},
        {"-9223372036854775808 % -1", "0"},
        {"1 / 0", "error: division by zero"},
        {"1 % 0", "error: division by zero"},
        {"int(1e30)", "error: double to integer out of range"},
        {"true + 1", "error: a boolean is not a number"},
        {"1 and true", "error: a number is not a boolean"},
        {"random(2, 1)", "error: empty range given to random"},
        {"random(-9223372036854775808, 9223372036854775807)", "error: random range is too large"},
        {"random_zipfian(1, 10, 1.0)", "error: zipfian parameter must be in range [1.001, 1000]"},
        {"random_gaussian(1, 10, 1.9)", "error: gaussian parameter must be at least 2.0"},
        {"random_exponential(1, 10, 0)", "error: exponential parameter must be greater than zero"},
    };
    COMPARE(table);
}

static void mistakes_are_told_at_their_place(void **state)
{
    (void)state;
    static const struct expected table[] = {
        {"", "1: a number, variable or function should stand here"},
        {"1 +", "4: a number, variable or function should stand here"},
        {"1 2", "3: an operator should stand here"},
        {"(1", "3: a closing parenthesis is missing"},
        {"randon(1, 2)", "1: there is no function or constant named randon Did you mean random?"},
        {"1 + hash(3)",
         "5: hash is of pgbench's language, but not supported here Known are arithmetic, comparisons, "
         "abs, greatest, least and the random functions."},
        {"random(1)", "1: random takes 2 arguments, not 1"},
        {"abs(1, 2)", "1: abs takes 1 argument, not 2"},
        {": x", "2: a variable's name should follow the colon"},
        {"9223372036854775808", "1: \"9223372036854775808\" is too large for an integer of 64 bits"},
        {"1.2.3", "1: \"1.2.3\" is not a number of type double"},
    };
    COMPARE(table);
}

static void deep_nesting_is_refused_not_fatal(void **state)
{
    (void)state;
    char text[40001], found[1600];
    memset(text, '(', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_non_null(strstr(result_of(text, found), "nested too deeply"));
    memset(text, '-', sizeof text - 1);
    assert_non_null(strstr(result_of(text, found), "nested too deeply"));
    memset(text, '~', sizeof text - 1);
    assert_non_null(strstr(result_of(text, found), "nested too deeply"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(precedence_is_pgbenchs),
        cmocka_unit_test(types_mix_as_in_pgbench),
        cmocka_unit_test(what_does_not_fit_is_an_error),
        cmocka_unit_test(mistakes_are_told_at_their_place),
        cmocka_unit_test(deep_nesting_is_refused_not_fatal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
