/* command: one verb, one file, one row of the table in main.c. */
#ifndef REHEARSE_CLI_COMMAND_H
#define REHEARSE_CLI_COMMAND_H

#include "bench/cli/options.h"

struct invocation {
    struct arena *arena;
    struct options options;
    int argc; /* the whole command line, for the record */
    char **argv;
    bool colour; /* stdout */
};

/* Returns the exit code. Errors of the run go to err and are printed by main; the code then comes from err's kind unless
 * the command returned another. */
typedef int command_fn(struct invocation *invocation, struct err *err);

command_fn command_run, command_check, command_fill, command_report, command_arm, command_demo, command_clean;
command_fn command_profile, command_audit;

#endif
