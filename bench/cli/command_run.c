/* rehearse run: the whole rehearsal. */
#include "bench/cli/rehearse.h"

int command_run(struct invocation *invocation, struct err *err)
{
    struct plan *plan;
    if (!rehearse_plan(invocation, &plan, err))
        return err_exit_code(err->kind);
    return rehearse_plan_run(invocation, plan, err);
}
