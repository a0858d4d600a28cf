#include "workloads/expression.h"
#include "workloads/script.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_BYTES = 32 };

struct script_scope script_scope(struct arena *arena, const struct script *script, uint64_t seed)
{
    size_t count = script->variable_count + 1;
    struct script_scope scope = {.script = script, .rng = rng_start(seed)};
    scope.values = arena_alloc(arena, count * sizeof *scope.values);
    scope.defined = arena_alloc(arena, count * sizeof *scope.defined);
    return scope;
}

bool script_define(struct script_scope *scope, const char *name, struct script_value value)
{
    for (size_t i = 0; i < scope->script->variable_count; i++) {
        if (strcmp(scope->script->variables[i], name) != 0)
            continue;
        scope->values[i] = value;
        scope->defined[i] = true;
        return true;
    }
    return false;
}

/* The slot of a variable that the command reads and defined does not hold, −1 when none. */
static int undefined_of(const struct script_command *command, const bool *defined, int *line, int *column)
{
    *line = command->line;
    *column = command->column;
    for (int i = 0; i < command->param_count; i++) {
        if (!defined[command->params[i]])
            return command->params[i];
    }
    if (command->kind == SCRIPT_SLEEP)
        return command->sleep_variable >= 0 && !defined[command->sleep_variable] ? command->sleep_variable
                                                                                 : -1;
    if (command->kind != SCRIPT_SET)
        return -1;
    const struct expression *found = expression_undefined(command->expression, defined);
    if (found == NULL)
        return -1;
    *line = found->line;
    *column = found->column;
    return found->variable;
}

const char *script_undefined(const struct script_scope *scope, int *line, int *column)
{
    const struct script *script = scope->script;
    bool *defined = mem_alloc((script->variable_count + 1) * sizeof *defined);
    memcpy(defined, scope->defined, script->variable_count * sizeof *defined);
    int found = -1;
    for (size_t i = 0; i < script->command_count && found < 0; i++) {
        found = undefined_of(&script->commands[i], defined, line, column);
        if (script->commands[i].kind == SCRIPT_SET)
            defined[script->commands[i].variable] = true;
    }
    free(defined);
    return found < 0 ? NULL : script->variables[found];
}

bool script_set(struct script_scope *scope, const struct script_command *command, const char **why)
{
    struct script_value value;
    if (!expression_evaluate(command->expression, scope->values, &scope->rng, &value, why))
        return false;
    scope->values[command->variable] = value;
    scope->defined[command->variable] = true;
    return true;
}

int64_t script_sleep_ns(const struct script_scope *scope, const struct script_command *command)
{
    int64_t amount = command->sleep_constant, ns;
    if (command->sleep_variable >= 0) {
        const struct script_value *value = &scope->values[command->sleep_variable];
        amount = value->type == SCRIPT_DOUBLE ? (int64_t)fmax(-1e9, fmin(1e9, value->real)) : value->integer;
    }
    if (amount < 0)
        return 0;
    return __builtin_mul_overflow(amount, command->sleep_unit_ns, &ns) ? INT64_MAX / 2 : ns;
}

const char *script_value_text(const struct script_scope *scope, int variable, char text[VALUE_BYTES])
{
    const struct script_value *value = &scope->values[variable];
    switch (value->type) {
    case SCRIPT_NULL:
        return NULL;
    case SCRIPT_BOOLEAN:
        return value->integer ? "true" : "false";
    case SCRIPT_INTEGER:
        snprintf(text, VALUE_BYTES, "%" PRId64, value->integer);
        return text;
    case SCRIPT_DOUBLE:
        snprintf(text, VALUE_BYTES, "%.15g", value->real);
        return text;
    }
    return NULL;
}

void script_render(const struct script_scope *scope, const struct script_command *command, char *text)
{
    for (size_t i = 0; i < command->piece_count; i++) {
        const struct script_piece *piece = &command->pieces[i];
        memcpy(text, piece->text, piece->length);
        text += piece->length;
        if (piece->variable < 0)
            break;
        char value[VALUE_BYTES];
        const char *rendered = script_value_text(scope, piece->variable, value);
        text = stpcpy(text, rendered == NULL ? "NULL" : rendered);
    }
    *text = '\0';
}
