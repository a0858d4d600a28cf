#include "bench/run/material.h"

#include "bench/base/clock.h"
#include "bench/base/file.h"
#include "bench/base/hash.h"
#include "bench/base/near.h"
#include "bench/run/preflight.h"
#include "bench/run/quick.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where an error that has no place of its own was caused. */
static bool blame(struct err *err, const struct plan_place *place)
{
    if (err->file[0] != '\0' || place->file == NULL)
        return false;
    struct err placed = {0};
    err_at(&placed, place->file, place->line, place->column, "%s", err->message);
    memcpy(placed.hint, err->hint, sizeof placed.hint);
    *err = placed;
    return false;
}

static bool read_strategy(const struct plan *plan, const struct plan_strategy *wanted, struct arena *arena,
                          struct material *material, struct err *err)
{
    struct material_strategy *read = &material->strategies[material->strategy_count];
    if (wanted->exec != NULL) {
        struct strategy *made = strategy_of_command(arena, wanted->name, wanted->exec, &wanted->overrides);
        *read = (struct material_strategy){wanted, made};
        material->strategy_count++;
        return true;
    }
    bool standard_input = strcmp(wanted->migration, "-") == 0;
    const char *file = standard_input ? "-" : file_join(arena, plan->directory, wanted->migration);
    char *text;
    size_t length;
    struct strategy *strategy;
    if (!file_read(arena, file, &text, &length, err))
        return blame(err, &wanted->place);
    if (!strategy_read(arena, material->workload.lexis, file, text, length, &wanted->overrides, &strategy,
                       err) ||
        !preflight_check(arena, strategy, &material->workload, err))
        return false;
    *read = (struct material_strategy){wanted, strategy};
    material->strategy_count++;
    return true;
}

static bool is_wanted(const char *name, const char *const *only, size_t only_count)
{
    for (size_t i = 0; i < only_count; i++)
        if (strcmp(only[i], name) == 0)
            return true;
    return only_count == 0;
}

/* Every name given with --strategy is one of the plan's. */
static bool check_wanted(const struct plan *plan, const char *const *only, size_t only_count,
                         struct arena *arena, struct err *err)
{
    const char **names = arena_alloc(arena, (plan->strategy_count + 1) * sizeof *names);
    for (size_t i = 0; i < plan->strategy_count; i++)
        names[i] = plan->strategies[i].name;
    for (size_t i = 0; i < only_count; i++) {
        bool known = false;
        for (size_t j = 0; j < plan->strategy_count; j++)
            known = known || strcmp(names[j], only[i]) == 0;
        if (known)
            continue;
        err_set(err, ERR_USAGE, "the plan has no strategy named \"%s\"", only[i]);
        const char *near = near_word(only[i], names);
        return near != NULL ? err_hint(err, "did you mean \"%s\"?", near) : false;
    }
    return true;
}

/* An app from the command line may name pgbench's built-in scripts beside files. */
static bool add_builtin_app(const struct plan_app *app, const char *directory, struct material *material,
                            struct err *err)
{
    struct workload *workload = &material->workload;
    struct app made = {.name = app->name};
    made.entries = arena_alloc(workload->arena, app->entry_count * sizeof *made.entries);
    for (size_t i = 0; i < app->entry_count; i++) {
        struct app_entry *entry = &made.entries[made.entry_count++];
        const char *at = strrchr(app->entries[i], '@');
        size_t length = at != NULL ? (size_t)(at - app->entries[i]) : strlen(app->entries[i]);
        const char *name = arena_strndup(workload->arena, app->entries[i], length);
        bool builtin = strncmp(name, QUICK_BUILTIN, strlen(QUICK_BUILTIN)) == 0;
        entry->weight = at != NULL ? atof(at + 1) : 1;
        made.weight_sum += entry->weight;
        if (!(builtin ? workload_add_builtin(workload, name + strlen(QUICK_BUILTIN), &entry->script, err)
                      : workload_add_script(workload, directory, name, &entry->script, err)))
            return false;
    }
    if (!(made.weight_sum > 0))
        return err_set(err, ERR_USAGE, "the weights of the scripts must be numbers above 0");
    *ARENA_PUSH(workload->arena, workload->apps, workload->app_count, workload->app_capacity) = made;
    return true;
}

static bool has_builtin(const struct plan_app *app)
{
    for (size_t i = 0; i < app->entry_count; i++)
        if (strncmp(app->entries[i], QUICK_BUILTIN, strlen(QUICK_BUILTIN)) == 0)
            return true;
    return false;
}

static bool read_workload(const struct plan *plan, struct arena *arena, struct material *material,
                          struct err *err)
{
    for (size_t i = 0; i < plan->app_count; i++) {
        const struct plan_app *app = &plan->apps[i];
        if (!(has_builtin(app) ? add_builtin_app(app, plan->directory, material, err)
                               : workload_add_app(&material->workload, app->name, plan->directory,
                                                  app->entries, app->entry_count, err)))
            return blame(err, &app->place);
    }
    material->antagonist_scripts = arena_alloc(arena, plan->antagonist_count * sizeof(int));
    for (size_t i = 0; i < plan->antagonist_count; i++)
        if (!workload_add_script(&material->workload, plan->directory, plan->antagonists[i].script,
                                 &material->antagonist_scripts[i], err))
            return blame(err, &plan->antagonists[i].place);
    return true;
}

static bool read_schema(const struct plan *plan, struct arena *arena, struct material *material,
                        struct err *err)
{
    char *text;
    size_t length;
    if (plan->schema == NULL)
        return true;
    material->schema_file = file_join(arena, plan->directory, plan->schema);
    if (!file_read(arena, material->schema_file, &text, &length, err))
        return err_wrap(err, "data.schema");
    material->schema_text = text;
    return true;
}

static bool read_profile(const struct plan *plan, struct arena *arena, struct material *material,
                         struct err *err)
{
    char *text, hex[65];
    size_t length;
    struct profile *profile;
    if (plan->profile == NULL)
        return true;
    const char *file = file_join(arena, plan->directory, plan->profile);
    if (!file_read(arena, file, &text, &length, err) ||
        !profile_read(arena, file, text, length, &profile, err))
        return err_wrap(err, "data.profile");
    hash_sha256(text, length, hex);
    material->profile = profile;
    material->profile_sha256 = arena_strdup(arena, hex);
    return true;
}

static bool read_define(const char *text, struct arena *arena, struct pool_variable *variable,
                        struct err *err)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text)
        return err_set(err, ERR_USAGE, "-D wants NAME=VALUE, not \"%s\"", text);
    char *end;
    variable->name = arena_strndup(arena, text, (size_t)(equals - text));
    variable->value = (struct script_value){.type = SCRIPT_INTEGER, .integer = strtoll(equals + 1, &end, 10)};
    if (*end == '\0' && end != equals + 1)
        return true;
    variable->value = (struct script_value){.type = SCRIPT_DOUBLE, .real = strtod(equals + 1, &end)};
    if (*end == '\0' && end != equals + 1)
        return true;
    return err_set(err, ERR_USAGE, "-D %s: the value is not a number", variable->name);
}

static bool read_defines(const struct rehearsal_options *options, struct arena *arena,
                         struct material *material, struct err *err)
{
    material->defines = arena_alloc(arena, options->define_count * sizeof *material->defines);
    for (; material->define_count < options->define_count; material->define_count++)
        if (!read_define(options->defines[material->define_count], arena,
                         &material->defines[material->define_count], err))
            return false;
    return true;
}

/* True for a variable that the harness gives by itself: a table's rows are known once the server is. */
static bool is_given(const struct material *material, const char *name)
{
    static const char *const given[] = {"client_id", "scale", "hold_ms"};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        if (strcmp(given[i], name) == 0)
            return true;
    for (size_t i = 0; i < material->define_count; i++)
        if (strcmp(material->defines[i].name, name) == 0)
            return true;
    size_t length = strlen(name), tail = strlen("_rows");
    return length > tail && strcmp(name + length - tail, "_rows") == 0;
}

/* A variable that nothing sets is found before anything is started. */
static bool check_variables(const struct material *material, struct arena *arena, struct err *err)
{
    for (size_t i = 0; i < material->workload.script_count; i++) {
        const struct script *script = material->workload.scripts[i];
        struct script_scope scope = script_scope(arena, script, 0);
        for (size_t v = 0; v < script->variable_count; v++)
            if (is_given(material, script->variables[v]))
                script_define(&scope, script->variables[v], (struct script_value){.type = SCRIPT_INTEGER});
        int line, column;
        const char *name = script_undefined(&scope, &line, &column);
        if (name == NULL)
            continue;
        err_at(err, script->file, line, column, "variable :%s has no value here", name);
        return err_hint(err, "set it before with \\set, or give it with -D %s=VALUE", name);
    }
    return true;
}

bool material_read(const struct plan *plan, const struct rehearsal_options *options, enum sql_lexis lexis,
                   struct arena *arena, struct material *material, struct err *err)
{
    *material = (struct material){0};
    workload_init(&material->workload, arena, lexis);
    if (!check_wanted(plan, options->only, options->only_count, arena, err) ||
        !read_defines(options, arena, material, err) || !read_schema(plan, arena, material, err) ||
        !read_profile(plan, arena, material, err) || !read_workload(plan, arena, material, err) ||
        !check_variables(material, arena, err))
        return false;
    material->strategies = arena_alloc(arena, plan->strategy_count * sizeof *material->strategies);
    for (size_t i = 0; i < plan->strategy_count; i++)
        if (is_wanted(plan->strategies[i].name, options->only, options->only_count) &&
            !read_strategy(plan, &plan->strategies[i], arena, material, err))
            return false;
    if (material->strategy_count == 0 && !options->only_fills)
        return err_set(err, ERR_USAGE, "the plan names no strategy to run");
    return true;
}

static void record_antagonists(const struct plan *plan, struct arena *arena, struct record *record)
{
    for (size_t i = 0; i < plan->antagonist_count; i++)
        *RECORD_ADD(arena, record->load.antagonists) = (struct record_antagonist){
            file_name(plan->antagonists[i].script), (double)plan->antagonists[i].start_ns / NS_PER_S,
            (double)plan->antagonists[i].every_ns / NS_PER_S,
            (double)plan->antagonists[i].hold_ns / NS_PER_S};
}

void material_record_apps(const struct material *material, struct arena *arena, struct record *record)
{
    const struct workload *workload = &material->workload;
    for (size_t i = 0; i < workload->app_count; i++) {
        struct record_app *app = RECORD_ADD(arena, record->load.apps);
        app->name = workload->apps[i].name;
        for (size_t e = 0; e < workload->apps[i].entry_count; e++) {
            const struct app_entry *entry = &workload->apps[i].entries[e];
            *RECORD_ADD(arena, app->scripts) = arena_printf(
                arena, "%s@%g", workload->scripts[entry->script]->name, entry->weight);
        }
    }
    for (size_t i = 0; i < workload->script_count; i++)
        *RECORD_ADD(arena, record->reproduce.workload_sha256) = (struct record_pair){
            workload->scripts[i]->name, workload->scripts[i]->text_sha256};
}

void material_record(const struct material *material, const struct plan *plan, struct arena *arena,
                     struct record *record)
{
    record_antagonists(plan, arena, record);
    record->load.arrival = plan->rate_per_s == 0 ? "closed" : "constant";
    record->load.protocol = plan->simple_protocol ? "simple" : "prepared";
    record->load.sessions = plan->sessions;
    record->load.rate_per_s = NAN;
    record->reproduce.seed = arena_printf(arena, "%llu", (unsigned long long)plan->seed);
    record->reproduce.plan_sha256 = plan->sha256;
    record->reproduce.profile_sha256 = material->profile_sha256;
    for (size_t i = 0; i < material->strategy_count; i++)
        *RECORD_ADD(arena, record->reproduce.strategy_sha256) = (struct record_pair){
            material->strategies[i].plan->name, material->strategies[i].strategy->sha256};
}
