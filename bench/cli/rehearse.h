/* rehearse: what `run` and `demo` share: a plan in hand, rehearse it, print and write the reports. Main thread. */
#ifndef REHEARSE_CLI_REHEARSE_H
#define REHEARSE_CLI_REHEARSE_H

#include "bench/cli/command.h"
#include "bench/run/plan.h"

/* The plan that the command line names: a rehearse.json, an SQL file, a directory, or ./rehearse.json; flags laid over it. */
bool rehearse_plan(struct invocation *invocation, struct plan **plan, struct err *err);
/* Runs it; returns the exit code. */
int rehearse_plan_run(struct invocation *invocation, struct plan *plan, struct err *err);

#endif
