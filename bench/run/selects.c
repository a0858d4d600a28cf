#include "bench/run/selects.h"

#include <string.h>

enum { DRAWS = 3 };

struct selects {
    struct arena *arena;
    const struct workload *workload;
    struct audit_statement *items;
    size_t count, capacity;
};

static bool only_reads(const struct workload *workload, const struct script_command *command)
{
    return command->kind == SCRIPT_SQL && command->sql_kind == SQL_KIND_SELECT &&
           !sql_mentions(workload->lexis, command->sql, "for") &&
           !sql_mentions(workload->lexis, command->sql, "into");
}

static bool is_of_an_app(const struct workload *workload, size_t script)
{
    for (size_t a = 0; a < workload->app_count; a++)
        for (size_t e = 0; e < workload->apps[a].entry_count; e++)
            if (workload->apps[a].entries[e].script == (int)script)
                return true;
    return false;
}

static void play(struct selects *selects, struct script_scope *scope)
{
    const struct script *script = scope->script;
    const char *why;
    for (size_t i = 0; i < script->command_count; i++) {
        const struct script_command *command = &script->commands[i];
        if (command->kind == SCRIPT_SET && !script_set(scope, command, &why))
            return;
        if (!only_reads(selects->workload, command))
            continue;
        char *sql = arena_alloc(selects->arena, command->rendered_bytes + 1);
        script_render(scope, command, sql);
        *ARENA_PUSH(selects->arena, selects->items, selects->count,
                    selects->capacity) = (struct audit_statement){
            .name = arena_printf(selects->arena, "%s: %s", script->name, command->name), .sql = sql};
    }
}

size_t selects_make(struct arena *arena, const struct workload *workload,
                    const struct pool_variable *variables, size_t variable_count, uint64_t seed,
                    struct audit_statement **statements)
{
    static const struct pool_variable client = {"client_id", {.type = SCRIPT_INTEGER}};
    struct selects selects = {.arena = arena, .workload = workload};
    int line, column;
    for (size_t s = 0; s < workload->script_count; s++) {
        if (!is_of_an_app(workload, s))
            continue;
        struct script_scope scope = script_scope(arena, workload->scripts[s], seed);
        script_define(&scope, client.name, client.value);
        for (size_t v = 0; v < variable_count; v++)
            script_define(&scope, variables[v].name, variables[v].value);
        for (uint64_t i = 0; i < DRAWS && script_undefined(&scope, &line, &column) == NULL; i++) {
            scope.rng = rng_start(rng_hash(seed, s, i));
            play(&selects, &scope);
        }
    }
    *statements = selects.items;
    return selects.count;
}
