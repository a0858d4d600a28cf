#include "workloads/expression.h"

#include "workloads/function.h"

/* What an evaluation carries down the tree. */
struct evaluation {
    const struct script_value *values;
    struct rng *rng;
    const char **why;
};

static bool evaluate(const struct evaluation *evaluation, const struct expression *expression,
                     struct script_value *result);

static bool call(const struct evaluation *evaluation, const struct expression *expression,
                 struct script_value *result)
{
    struct script_value args[FUNCTION_MAX_ARGS];
    bool has_null = false;
    for (int i = 0; i < expression->arg_count; i++) {
        if (!evaluate(evaluation, &expression->args[i], &args[i]))
            return false;
        has_null = has_null || args[i].type == SCRIPT_NULL;
    }
    *result = (struct script_value){.type = SCRIPT_NULL};
    if (has_null && !expression->function->takes_null)
        return true;
    struct call made = {.args = args, .count = expression->arg_count, .rng = evaluation->rng};
    if (expression->function->apply(&made, result))
        return true;
    *evaluation->why = made.why;
    return false;
}

/* AND (decided by false) and OR (decided by true): the right side is looked at only when the left does not decide. */
static bool connect(const struct evaluation *evaluation, const struct expression *expression,
                    struct script_value *result)
{
    bool decisive = expression->kind == EXPRESSION_OR, saw_null = false;
    for (int i = 0; i < 2; i++) {
        bool side;
        struct script_value value;
        if (!evaluate(evaluation, &expression->args[i], &value))
            return false;
        if (value.type == SCRIPT_NULL) {
            saw_null = true;
            continue;
        }
        if (!value_boolean(&value, &side, evaluation->why))
            return false;
        if (side == decisive) {
            *result = value_of_boolean(decisive);
            return true;
        }
    }
    *result = saw_null ? (struct script_value){.type = SCRIPT_NULL} : value_of_boolean(!decisive);
    return true;
}

static bool evaluate(const struct evaluation *evaluation, const struct expression *expression,
                     struct script_value *result)
{
    switch (expression->kind) {
    case EXPRESSION_CONSTANT:
        *result = expression->constant;
        return true;
    case EXPRESSION_VARIABLE:
        *result = evaluation->values[expression->variable];
        return true;
    case EXPRESSION_CALL:
        return call(evaluation, expression, result);
    case EXPRESSION_AND:
    case EXPRESSION_OR:
        return connect(evaluation, expression, result);
    }
    return false;
}

bool expression_evaluate(const struct expression *expression, const struct script_value *values,
                         struct rng *rng, struct script_value *result, const char **why)
{
    struct evaluation evaluation = {.values = values, .rng = rng, .why = why};
    return evaluate(&evaluation, expression, result);
}

const struct expression *expression_undefined(const struct expression *expression, const bool *defined)
{
    if (expression->kind == EXPRESSION_VARIABLE)
        return defined[expression->variable] ? NULL : expression;
    for (int i = 0; i < expression->arg_count; i++) {
        const struct expression *found = expression_undefined(&expression->args[i], defined);
        if (found != NULL)
            return found;
    }
    return NULL;
}
