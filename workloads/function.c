#include "workloads/function.h"

#include "bench/base/near.h"
#include "workloads/draw.h"

#include <math.h>
#include <string.h>
#include <strings.h>

static bool fail(struct call *call, const char *why)
{
    call->why = why;
    return false;
}

static bool any_double(const struct call *call)
{
    for (int i = 0; i < call->count; i++) {
        if (call->args[i].type == SCRIPT_DOUBLE)
            return true;
    }
    return false;
}

/* Doubles are rounded to the nearest integer, halves to even, as pgbench does. */
static bool integer_arg(struct call *call, int i, int64_t *integer)
{
    const struct script_value *arg = &call->args[i];
    if (arg->type == SCRIPT_BOOLEAN)
        return fail(call, "a boolean is not a number");
    if (arg->type == SCRIPT_INTEGER) {
        *integer = arg->integer;
        return true;
    }
    double rounded = rint(arg->real);
    if (!(rounded >= -0x1p63 && rounded < 0x1p63))
        return fail(call, "double to integer out of range");
    *integer = (int64_t)rounded;
    return true;
}

static bool double_arg(struct call *call, int i, double *real)
{
    const struct script_value *arg = &call->args[i];
    if (arg->type == SCRIPT_BOOLEAN)
        return fail(call, "a boolean is not a number");
    *real = arg->type == SCRIPT_INTEGER ? (double)arg->integer : arg->real;
    return true;
}

static bool integer_pair(struct call *call, int64_t pair[2])
{
    return integer_arg(call, 0, &pair[0]) && integer_arg(call, 1, &pair[1]);
}

static bool double_pair(struct call *call, double pair[2])
{
    return double_arg(call, 0, &pair[0]) && double_arg(call, 1, &pair[1]);
}

bool value_boolean(const struct script_value *value, bool *boolean, const char **why)
{
    if (value->type != SCRIPT_BOOLEAN) {
        *why = "a number is not a boolean";
        return false;
    }
    *boolean = value->integer != 0;
    return true;
}

/* Arithmetic: on integers with overflow seen, on doubles as they are. */
#define ARITHMETIC(NAME, BUILTIN, SIGN, TOO_LARGE)                                                           \
    static bool NAME(struct call *call, struct script_value *result)                                         \
    {                                                                                                        \
        int64_t i[2], integer;                                                                               \
        double d[2];                                                                                         \
        if (any_double(call)) {                                                                              \
            if (!double_pair(call, d))                                                                       \
                return false;                                                                                \
            *result = value_of_double(d[0] SIGN d[1]);                                                       \
            return true;                                                                                     \
        }                                                                                                    \
        if (!integer_pair(call, i))                                                                          \
            return false;                                                                                    \
        if (BUILTIN(i[0], i[1], &integer))                                                                   \
            return fail(call, TOO_LARGE);                                                                    \
        *result = value_of_integer(integer);                                                                 \
        return true;                                                                                         \
    }

ARITHMETIC(add, __builtin_add_overflow, +, "bigint add out of range")
ARITHMETIC(subtract, __builtin_sub_overflow, -, "bigint sub out of range")
ARITHMETIC(multiply, __builtin_mul_overflow, *, "bigint mul out of range")

static bool divide(struct call *call, struct script_value *result)
{
    int64_t i[2];
    double d[2];
    if (any_double(call)) {
        if (!double_pair(call, d))
            return false;
        *result = value_of_double(d[0] / d[1]);
        return true;
    }
    if (!integer_pair(call, i))
        return false;
    if (i[1] == 0)
        return fail(call, "division by zero");
    if (i[0] == INT64_MIN && i[1] == -1)
        return fail(call, "bigint div out of range");
    *result = value_of_integer(i[0] / i[1]);
    return true;
}

static bool modulo(struct call *call, struct script_value *result)
{
    int64_t i[2];
    if (!integer_pair(call, i))
        return false;
    if (i[1] == 0)
        return fail(call, "division by zero");
    *result = value_of_integer(i[1] == -1 ? 0 : i[0] % i[1]);
    return true;
}

static bool negate(struct call *call, struct script_value *result)
{
    const struct script_value zero_first[2] = {value_of_integer(0), call->args[0]};
    struct call difference = {.args = zero_first, .count = 2};
    bool ok = subtract(&difference, result);
    call->why = difference.why;
    return ok;
}

#define BITWISE(NAME, EXPRESSION)                                                                            \
    static bool NAME(struct call *call, struct script_value *result)                                         \
    {                                                                                                        \
        int64_t i[2];                                                                                        \
        if (!integer_pair(call, i))                                                                          \
            return false;                                                                                    \
        uint64_t a = (uint64_t)i[0], b = (uint64_t)i[1];                                                     \
        *result = value_of_integer((int64_t)(EXPRESSION));                                                   \
        return true;                                                                                         \
    }

BITWISE(bit_or, a | b)
BITWISE(bit_xor, a ^ b)
BITWISE(bit_and, a &b)
BITWISE(shift_left, a << (b & 63))
BITWISE(shift_right, (int64_t)a >> (b & 63))

#define COMPARISON(NAME, SIGN)                                                                               \
    static bool NAME(struct call *call, struct script_value *result)                                         \
    {                                                                                                        \
        int64_t i[2];                                                                                        \
        double d[2];                                                                                         \
        bool real = any_double(call);                                                                        \
        if (real ? !double_pair(call, d) : !integer_pair(call, i))                                           \
            return false;                                                                                    \
        *result = value_of_boolean(real ? d[0] SIGN d[1] : i[0] SIGN i[1]);                                  \
        return true;                                                                                         \
    }

COMPARISON(is_equal, ==)
COMPARISON(is_different, !=)
COMPARISON(is_less, <)
COMPARISON(is_at_most, <=)

static bool not(struct call * call, struct script_value *result)
{
    bool boolean;
    if (!value_boolean(&call->args[0], &boolean, &call->why))
        return false;
    *result = value_of_boolean(!boolean);
    return true;
}

static bool is_null(struct call *call, struct script_value *result)
{
    *result = value_of_boolean(call->args[0].type == SCRIPT_NULL);
    return true;
}

static bool is_true(struct call *call, struct script_value *result)
{
    *result = value_of_boolean(call->args[0].type == SCRIPT_BOOLEAN && call->args[0].integer != 0);
    return true;
}

static bool is_false(struct call *call, struct script_value *result)
{
    *result = value_of_boolean(call->args[0].type == SCRIPT_BOOLEAN && call->args[0].integer == 0);
    return true;
}

static bool absolute(struct call *call, struct script_value *result)
{
    bool negative = call->args[0].type == SCRIPT_DOUBLE ? signbit(call->args[0].real) != 0
                                                        : call->args[0].integer < 0;
    *result = call->args[0];
    return call->args[0].type == SCRIPT_BOOLEAN ? fail(call, "a boolean is not a number")
           : negative                           ? negate(call, result)
                                                : true;
}

static bool to_double(struct call *call, struct script_value *result)
{
    double real;
    if (!double_arg(call, 0, &real))
        return false;
    *result = value_of_double(real);
    return true;
}

static bool to_integer(struct call *call, struct script_value *result)
{
    int64_t integer;
    if (!integer_arg(call, 0, &integer))
        return false;
    *result = value_of_integer(integer);
    return true;
}

/* greatest (sign 1) and least (sign −1): doubles as soon as one is. */
static bool extreme(struct call *call, int sign, struct script_value *result)
{
    bool real = any_double(call);
    for (int i = 0; i < call->count; i++) {
        int64_t integer = 0;
        double number = 0;
        if (real ? !double_arg(call, i, &number) : !integer_arg(call, i, &integer))
            return false;
        bool further = sign > 0 ? (real ? number > result->real : integer > result->integer)
                                : (real ? number < result->real : integer < result->integer);
        if (i == 0 || further)
            *result = real ? value_of_double(number) : value_of_integer(integer);
    }
    return true;
}

static bool greatest(struct call *call, struct script_value *result)
{
    return extreme(call, 1, result);
}

static bool least(struct call *call, struct script_value *result)
{
    return extreme(call, -1, result);
}

static bool pi(struct call *call, struct script_value *result)
{
    (void)call;
    *result = value_of_double(3.14159265358979323846);
    return true;
}

#define REAL(NAME, FUNCTION)                                                                                 \
    static bool NAME(struct call *call, struct script_value *result)                                         \
    {                                                                                                        \
        double real;                                                                                         \
        if (!double_arg(call, 0, &real))                                                                     \
            return false;                                                                                    \
        *result = value_of_double(FUNCTION(real));                                                           \
        return true;                                                                                         \
    }

REAL(square_root, sqrt)
REAL(natural_logarithm, log)
REAL(exponential, exp)

static bool power(struct call *call, struct script_value *result)
{
    double d[2];
    if (!double_pair(call, d))
        return false;
    *result = value_of_double(pow(d[0], d[1]));
    return true;
}

static bool range_args(struct call *call, int64_t range[2])
{
    int64_t width;
    if (!integer_pair(call, range))
        return false;
    if (range[0] > range[1])
        return fail(call, "empty range given to random");
    if (__builtin_sub_overflow(range[1], range[0], &width) || width == INT64_MAX)
        return fail(call, "random range is too large");
    return true;
}

static bool random_uniform(struct call *call, struct script_value *result)
{
    int64_t range[2];
    if (!range_args(call, range))
        return false;
    *result = value_of_integer(draw_uniform(call->rng, range[0], range[1]));
    return true;
}

#define RANDOM(NAME, DRAW, IS_FIT, WHY)                                                                      \
    static bool NAME(struct call *call, struct script_value *result)                                         \
    {                                                                                                        \
        int64_t range[2];                                                                                    \
        double parameter;                                                                                    \
        if (!range_args(call, range) || !double_arg(call, 2, &parameter))                                    \
            return false;                                                                                    \
        if (!(IS_FIT))                                                                                       \
            return fail(call, WHY);                                                                          \
        *result = value_of_integer(DRAW(call->rng, range[0], range[1], parameter));                          \
        return true;                                                                                         \
    }

RANDOM(random_gaussian, draw_gaussian, parameter >= 2, "gaussian parameter must be at least 2.0")
RANDOM(random_exponential, draw_exponential, parameter > 0, "exponential parameter must be greater than zero")
RANDOM(random_zipfian, draw_zipfian, parameter >= 1.001 && parameter <= 1000,
       "zipfian parameter must be in range [1.001, 1000]")

static const struct function operators[] = {
    {"+", 2, 2, false, add},
    {"-", 2, 2, false, subtract},
    {"*", 2, 2, false, multiply},
    {"/", 2, 2, false, divide},
    {"%", 2, 2, false, modulo},
    {"|", 2, 2, false, bit_or},
    {"#", 2, 2, false, bit_xor},
    {"&", 2, 2, false, bit_and},
    {"<<", 2, 2, false, shift_left},
    {">>", 2, 2, false, shift_right},
    {"=", 2, 2, false, is_equal},
    {"<>", 2, 2, false, is_different},
    {"<", 2, 2, false, is_less},
    {"<=", 2, 2, false, is_at_most},
    {"unary -", 1, 1, false, negate},
    {"not", 1, 1, false, not },
    {"is null", 1, 1, true, is_null},
    {"is true", 1, 1, true, is_true},
    {"is false", 1, 1, true, is_false},
};

static const struct function functions[] = {
    {"abs", 1, 1, false, absolute},
    {"double", 1, 1, false, to_double},
    {"exp", 1, 1, false, exponential},
    {"greatest", 1, FUNCTION_MAX_ARGS, false, greatest},
    {"int", 1, 1, false, to_integer},
    {"least", 1, FUNCTION_MAX_ARGS, false, least},
    {"ln", 1, 1, false, natural_logarithm},
    {"mod", 2, 2, false, modulo},
    {"pi", 0, 0, false, pi},
    {"pow", 2, 2, false, power},
    {"power", 2, 2, false, power},
    {"random", 2, 2, false, random_uniform},
    {"random_exponential", 3, 3, false, random_exponential},
    {"random_gaussian", 3, 3, false, random_gaussian},
    {"random_zipfian", 3, 3, false, random_zipfian},
    {"sqrt", 1, 1, false, square_root},
};
enum { FUNCTION_COUNT = sizeof functions / sizeof *functions };

static const char *const refused[] = {"debug",   "hash",    "hash_fnv1a", "hash_murmur2",
                                      "permute", "profile", NULL};

const struct function *function_operator(const char *sign)
{
    const struct function *found = operators;
    while (strcmp(found->name, sign) != 0)
        found++;
    return found;
}

const struct function *function_named(const char *name, size_t length)
{
    for (size_t i = 0; i < FUNCTION_COUNT; i++) {
        if (strlen(functions[i].name) == length && strncasecmp(functions[i].name, name, length) == 0)
            return &functions[i];
    }
    return NULL;
}

const char *function_near(const char *name)
{
    const char *names[FUNCTION_COUNT + 1] = {NULL};
    for (size_t i = 0; i < FUNCTION_COUNT; i++)
        names[i] = functions[i].name;
    return near_word(name, names);
}

bool function_is_refused(const char *name)
{
    for (size_t i = 0; refused[i] != NULL; i++) {
        if (strcasecmp(refused[i], name) == 0)
            return true;
    }
    return false;
}
