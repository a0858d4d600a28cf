/* rehearse fill: the tables of a plan, created and filled. */
#include "bench/cli/rehearse.h"
#include "bench/run/rehearsal.h"
#include "bench/sandbox/sandbox.h"

int command_fill(struct invocation *invocation, struct err *err)
{
    struct plan *plan;
    struct rehearsal_options wanted = {.arm_database = invocation->options.arm,
                                       .allow_exec = true, /* what is not run */
                                       .only_fills = true,
                                       .unlogged = invocation->options.unlogged,
                                       .pin_stats = invocation->options.pin_stats,
                                       .run_id = "fill"};
    if (!rehearse_plan(invocation, &plan, err))
        return err_exit_code(err->kind);
    if (plan->dsn != NULL && sandbox_is_dsn(plan->dsn)) {
        err_set(err, ERR_USAGE, "a sandbox goes when the command ends: there is nothing to fill");
        err_hint(err, "name a database that stays with --dsn; rehearse run fills a sandbox by itself");
        return err_exit_code(err->kind);
    }
    struct rehearsal *rehearsal = rehearsal_open(plan, &wanted, invocation->arena, err);
    return rehearsal != NULL && rehearsal_fill(rehearsal, err) ? 0 : err_exit_code(err->kind);
}
