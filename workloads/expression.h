/* expression: pgbench's arithmetic, as \set knows it. Parsed once, evaluated by many clients, each with its own values.
 *
 * Operators, from loosest: OR; AND; NOT; IS [NOT] NULL|TRUE|FALSE, ISNULL, NOTNULL; = <> != < <= > >=; | # & << >> ~;
 * + -; * / %; unary + -. Functions: the table in function.c. Integers are 64 bits and overflow is an error; an operand
 * of double makes the result double; NULL in gives NULL out. CASE is refused by name. */
#ifndef REHEARSE_WORKLOADS_EXPRESSION_H
#define REHEARSE_WORKLOADS_EXPRESSION_H

#include "bench/base/arena.h"
#include "bench/base/err.h"
#include "bench/base/rng.h"
#include "workloads/cursor.h"
#include "workloads/script.h"

enum expression_kind {
    EXPRESSION_CONSTANT,
    EXPRESSION_VARIABLE,
    EXPRESSION_CALL,
    EXPRESSION_AND,
    EXPRESSION_OR
};

struct expression {
    enum expression_kind kind;
    int line, column;
    struct script_value constant;
    int variable; /* slot */
    const struct function *function;
    struct expression *args; /* copies of arg_count operands; AND and OR have two */
    int arg_count;
};

/* Gives a variable's slot, making one for a new name. */
typedef int expression_slot_fn(void *context, const char *name, size_t length);

/* Reads one expression up to the end of the meta command. */
bool expression_parse(struct arena *arena, struct cursor *cursor, expression_slot_fn *slot, void *context,
                      const struct expression **expression, struct err *err);

/* False: *why (static text) says what is wrong with the values. Allocates nothing. */
bool expression_evaluate(const struct expression *expression, const struct script_value *values,
                         struct rng *rng, struct script_value *result, const char **why);

/* The first variable it reads that is not defined; NULL when none. */
const struct expression *expression_undefined(const struct expression *expression, const bool *defined);

#endif
