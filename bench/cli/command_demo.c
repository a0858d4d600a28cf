/* rehearse demo: the sample shop on a throw-away server. */
#include "bench/cli/rehearse.h"

#include "bench/base/file.h"

#include <string.h>
#include <unistd.h>

static const char *const demo_strategies[] = {"naive", "phased"};

/* The examples as installed, else where this program was built from. */
static const char *examples_directory(void)
{
    return access(REHEARSE_EXAMPLES_INSTALLED, R_OK) == 0 ? REHEARSE_EXAMPLES_INSTALLED
                                                          : REHEARSE_EXAMPLES_SOURCE;
}

int command_demo(struct invocation *invocation, struct err *err)
{
    struct options *options = &invocation->options;
    struct plan *plan;
    if (options->engine != NULL && strcmp(options->engine, "postgresql") != 0) {
        err_set(err, ERR_USAGE, "the demo runs on postgresql; %s is not built yet", options->engine);
        return err_exit_code(err->kind);
    }
    *ARENA_PUSH(invocation->arena, options->places.items, options->places.count,
                options->places.capacity) = file_join(invocation->arena, examples_directory(),
                                                      "shop-postgresql/rehearse.json");
    bool chosen = options->strategies.count > 0;
    for (size_t i = 0; !chosen && i < sizeof demo_strategies / sizeof *demo_strategies; i++)
        *ARENA_PUSH(invocation->arena, options->strategies.items, options->strategies.count,
                    options->strategies.capacity) = demo_strategies[i];
    if (!rehearse_plan(invocation, &plan, err))
        return err_exit_code(err->kind);
    return rehearse_plan_run(invocation, plan, err);
}
