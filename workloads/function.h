/* function: what an expression can call: operators and functions alike, one row each. Pure but for the rng. */
#ifndef REHEARSE_WORKLOADS_FUNCTION_H
#define REHEARSE_WORKLOADS_FUNCTION_H

#include "bench/base/rng.h"
#include "workloads/script.h"

enum { FUNCTION_MAX_ARGS = 16 };

struct call {
    const struct script_value *args;
    int count;
    struct rng *rng;
    const char *why; /* set when the function fails: static text */
};

struct function {
    const char *name; /* operators by their sign; unary ones and IS tests by names that no script can write */
    int min_args, max_args;
    bool takes_null; /* otherwise NULL in gives NULL out */
    bool (*apply)(struct call *call, struct script_value *result);
};

const struct function *function_operator(const char *sign);
const struct function *function_named(const char *name, size_t length); /* case-insensitive; NULL unknown */
const char *function_near(const char *name);                            /* for "did you mean"; NULL none */
bool function_is_refused(const char *name); /* of pgbench's language, but not of ours */

/* As pgbench judges: non-zero numbers are not booleans. False: *why. */
bool value_boolean(const struct script_value *value, bool *boolean, const char **why);
static inline struct script_value value_of_integer(int64_t integer)
{
    return (struct script_value){.type = SCRIPT_INTEGER, .integer = integer};
}
static inline struct script_value value_of_double(double real)
{
    return (struct script_value){.type = SCRIPT_DOUBLE, .real = real};
}
static inline struct script_value value_of_boolean(bool boolean)
{
    return (struct script_value){.type = SCRIPT_BOOLEAN, .integer = boolean};
}

#endif
