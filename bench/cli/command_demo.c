/* rehearse demo: the sample shop on a throw-away server. */
#include "bench/cli/rehearse.h"

#include "bench/base/file.h"
#include "bench/base/near.h"

#include <string.h>
#include <unistd.h>

enum { DEMO_STRATEGIES = 4 };

/* One row an engine: the first is the default. No strategies: all of the plan. */
static const struct demo {
    const char *engine, *plan, *dsn;
    const char *strategies[DEMO_STRATEGIES];
} demos[] = {
    {"postgresql", "shop-postgresql/rehearse.json", "sandbox:postgresql", {"naive", "phased"}},
    {"mariadb", "shop-mysql/rehearse.json", "sandbox:mariadb", {NULL}},
    /* pt-online-schema-change cannot read MySQL 9's own form of EXPLAIN: it would copy the table in one piece. */
    {"mysql", "shop-mysql/rehearse.json", "sandbox:mysql?set.loose-explain_format=TRADITIONAL", {NULL}},
};
enum { DEMOS = sizeof demos / sizeof *demos };

static const struct demo *find_demo(const char *engine, struct err *err)
{
    const char *names[DEMOS + 1] = {0};
    for (int i = 0; i < DEMOS; i++) {
        if (engine == NULL || strcmp(demos[i].engine, engine) == 0)
            return &demos[i];
        names[i] = demos[i].engine;
    }
    const char *near = near_word(engine, names);
    err_set(err, ERR_USAGE, "there is no demo on \"%s\": --engine is postgresql, mariadb or mysql", engine);
    if (near != NULL)
        err_hint(err, "did you mean %s?", near);
    return NULL;
}

/* The examples as installed, else where this program was built from. */
static const char *examples_directory(void)
{
    return access(REHEARSE_EXAMPLES_INSTALLED, R_OK) == 0 ? REHEARSE_EXAMPLES_INSTALLED
                                                          : REHEARSE_EXAMPLES_SOURCE;
}

/* Lays the demo over the command line: what it says itself counts. The commands of our own example may run. */
static void choose(struct invocation *invocation, const struct demo *demo)
{
    struct options *options = &invocation->options;
    *ARENA_PUSH(invocation->arena, options->places.items, options->places.count,
                options->places.capacity) = file_join(invocation->arena, examples_directory(), demo->plan);
    options->dsn = demo->dsn;
    options->allow_exec = true;
    bool chosen = options->strategies.count > 0;
    for (int i = 0; !chosen && i < DEMO_STRATEGIES && demo->strategies[i] != NULL; i++)
        *ARENA_PUSH(invocation->arena, options->strategies.items, options->strategies.count,
                    options->strategies.capacity) = demo->strategies[i];
}

int command_demo(struct invocation *invocation, struct err *err)
{
    struct plan *plan;
    const struct demo *demo = find_demo(invocation->options.engine, err);
    if (demo == NULL)
        return err_exit_code(err->kind);
    choose(invocation, demo);
    if (!rehearse_plan(invocation, &plan, err))
        return err_exit_code(err->kind);
    return rehearse_plan_run(invocation, plan, err);
}
