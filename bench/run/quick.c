#include "bench/run/quick.h"

#include "bench/base/clock.h"
#include "bench/base/file.h"

#include <string.h>

enum { DEFAULT_SESSIONS = 16 };
#define DEFAULT_WATCH_NS  (10 * NS_PER_S)
#define DEFAULT_WARMUP_NS (2 * NS_PER_S)

static const char *name_of(struct arena *arena, const char *file)
{
    const char *name = strcmp(file, "-") == 0 ? "stdin" : file_name(file);
    size_t length = strlen(name);
    if (length > 4 && strcmp(name + length - 4, ".sql") == 0)
        length -= 4;
    return arena_strndup(arena, name, length);
}

static void set_scripts(struct arena *arena, struct plan *plan, const struct quick *quick)
{
    size_t count = quick->script_count + quick->builtin_count;
    if (count == 0)
        return;
    struct plan_app *app = arena_alloc(arena, sizeof *app);
    *app = (struct plan_app){.name = "v1", .entries = arena_alloc(arena, count * sizeof(char *))};
    for (size_t i = 0; i < quick->script_count; i++)
        app->entries[app->entry_count++] = quick->scripts[i];
    for (size_t i = 0; i < quick->builtin_count; i++)
        app->entries[app->entry_count++] = arena_printf(arena, QUICK_BUILTIN "%s", quick->builtins[i]);
    plan->apps = app;
    plan->app_count = 1;
}

void quick_override(struct arena *arena, struct plan *plan, const struct quick *quick)
{
    if (quick->dsn != NULL) { /* the plan's replicas follow the plan's server */
        plan->dsn = quick->dsn;
        plan->replica_count = 0;
    }
    if (quick->sessions > 0)
        plan->sessions = quick->sessions;
    if (quick->rate_per_s >= 0)
        plan->rate_per_s = quick->rate_per_s;
    if (quick->watch_ns >= 0)
        plan->baseline_ns = plan->settle_ns = quick->watch_ns;
    if (quick->simple_protocol)
        plan->simple_protocol = true;
    if (quick->has_seed)
        plan->seed = quick->seed;
    set_scripts(arena, plan, quick);
}

struct plan *quick_plan(struct arena *arena, const char *file, const struct quick *quick)
{
    struct plan *plan = arena_alloc(arena, sizeof *plan);
    struct plan_strategy *strategy = arena_alloc(arena, sizeof *strategy);
    const char *name = name_of(arena, file);
    *strategy = (struct plan_strategy){
        .name = name, .migration = file, .overrides = strategy_settings_unset(), .candidate = true};
    *plan = (struct plan){.directory = ".",
                          .name = name,
                          .title = arena_printf(arena, "%s, one file", name),
                          .seed = 1,
                          .rate_per_s = -1,
                          .sessions = DEFAULT_SESSIONS,
                          .warmup_ns = DEFAULT_WARMUP_NS,
                          .baseline_ns = DEFAULT_WATCH_NS,
                          .settle_ns = DEFAULT_WATCH_NS,
                          .strategies = strategy,
                          .strategy_count = 1};
    quick_override(arena, plan, quick);
    return plan;
}
