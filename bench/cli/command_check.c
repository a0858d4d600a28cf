/* rehearse check: everything that can be found wrong without a server. */
#include "bench/cli/rehearse.h"
#include "bench/run/rehearsal.h"

#include <stdio.h>

int command_check(struct invocation *invocation, struct err *err)
{
    struct plan *plan;
    struct rehearsal_options wanted = {.only = invocation->options.strategies.items,
                                       .only_count = invocation->options.strategies.count};
    if (!rehearse_plan(invocation, &plan, err))
        return err_exit_code(err->kind);
    if (plan->dsn == NULL)
        plan->dsn = "sandbox:postgresql"; /* nothing connects: only a run needs to be told where */
    if (rehearsal_open(plan, &wanted, invocation->arena, err) == NULL)
        return err_exit_code(err->kind);
    printf("%s: plan, strategies and scripts are well-formed and fit together\n", plan->name);
    return 0;
}
