/* rehearse check: everything that can be found wrong without a server. */
#include "bench/cli/rehearse.h"
#include "bench/run/rehearsal.h"

#include <stdio.h>

int command_check(struct invocation *invocation, struct err *err)
{
    struct plan *plan;
    struct rehearsal_options wanted = {.only = invocation->options.strategies.items,
                                       .only_count = invocation->options.strategies.count,
                                       .allow_exec = true}; /* nothing is run: they are shown */
    if (!rehearse_plan(invocation, &plan, err))
        return err_exit_code(err->kind);
    if (plan->dsn == NULL)
        plan->dsn = "sandbox:postgresql"; /* nothing connects: only a run needs to be told where */
    const struct rehearsal *rehearsal = rehearsal_open(plan, &wanted, invocation->arena, err);
    if (rehearsal == NULL)
        return err_exit_code(err->kind);
    size_t count;
    const char *const *commands = rehearsal_commands(rehearsal, &count);
    for (size_t i = 0; i < count; i++)
        printf("runs with --allow-exec: %s\n", commands[i]);
    printf("%s: plan, strategies and scripts are well-formed and fit together\n", plan->name);
    return 0;
}
