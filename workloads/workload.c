#include "workloads/workload.h"

#include <assert.h>
#include <string.h>

void workload_init(struct workload *workload, struct arena *arena, enum sql_lexis lexis)
{
    *workload = (struct workload){.arena = arena, .lexis = lexis};
}

int workload_app(const struct workload *workload, const char *name)
{
    for (size_t i = 0; i < workload->app_count; i++) {
        if (strcmp(workload->apps[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

int workload_slots(const struct workload *workload)
{
    return workload_slot_of_statement(workload, (int)workload->script_count, 0);
}

int workload_slot_of_statement(const struct workload *workload, int script, int statement)
{
    int slot = (int)workload->script_count + statement;
    for (int i = 0; i < script; i++)
        slot += workload->scripts[i]->statement_count;
    return slot;
}

bool workload_slot_is_script(const struct workload *workload, int slot)
{
    return slot >= 0 && (size_t)slot < workload->script_count;
}

static const struct script_command *command_of(const struct script *script, int statement)
{
    for (size_t i = 0; i < script->command_count; i++) {
        if (script->commands[i].kind == SCRIPT_SQL && script->commands[i].statement == statement)
            return &script->commands[i];
    }
    assert(false);
    return NULL;
}

const char *workload_slot_name(const struct workload *workload, int slot)
{
    if (workload_slot_is_script(workload, slot))
        return workload->scripts[slot]->name;
    int statement = slot - (int)workload->script_count;
    for (size_t i = 0; i < workload->script_count; i++) {
        if (statement < workload->scripts[i]->statement_count)
            return command_of(workload->scripts[i], statement)->name;
        statement -= workload->scripts[i]->statement_count;
    }
    return NULL;
}

static const struct app *pick_app(const struct workload *workload, const struct app_mix *mix, double at)
{
    int last = -1;
    for (int i = 0; i < mix->count; i++) {
        if (mix->parts[i].share <= 0)
            continue;
        last = mix->parts[i].app;
        at -= mix->parts[i].share;
        if (at < 0)
            break;
    }
    return last < 0 ? NULL : &workload->apps[last];
}

int workload_pick(const struct workload *workload, const struct app_mix *mix, struct rng *rng)
{
    const struct app *app = pick_app(workload, mix, rng_unit(rng));
    assert(app != NULL);
    double at = rng_unit(rng) * app->weight_sum;
    int last = app->entries[0].script;
    for (size_t i = 0; i < app->entry_count; i++) {
        if (app->entries[i].weight <= 0)
            continue;
        last = app->entries[i].script;
        at -= app->entries[i].weight;
        if (at < 0)
            break;
    }
    return last;
}

static bool script_names(const struct workload *workload, const struct script *script, const char *table,
                         const char *column, const char **where)
{
    for (size_t i = 0; i < script->command_count; i++) {
        const struct script_command *command = &script->commands[i];
        if (command->kind != SCRIPT_SQL || !sql_mentions(workload->lexis, command->sql, table) ||
            !sql_mentions(workload->lexis, command->sql, column))
            continue;
        if (where != NULL)
            *where = arena_printf(workload->arena, "%s:%d", script->file, command->line);
        return true;
    }
    return false;
}

bool workload_app_names(const struct workload *workload, int app, const char *table, const char *column,
                        const char **where)
{
    const struct app *named = &workload->apps[app];
    for (size_t i = 0; i < named->entry_count; i++) {
        if (named->entries[i].weight > 0 &&
            script_names(workload, workload->scripts[named->entries[i].script], table, column, where))
            return true;
    }
    return false;
}

bool workload_script_touches(const struct workload *workload, int script, const char *table)
{
    const struct script *searched = workload->scripts[script];
    for (size_t i = 0; i < searched->command_count; i++) {
        if (searched->commands[i].kind == SCRIPT_SQL &&
            sql_mentions(workload->lexis, searched->commands[i].sql, table))
            return true;
    }
    return false;
}
