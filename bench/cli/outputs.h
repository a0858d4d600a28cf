/* outputs: the files of a run: result.json, report.html, report.md in one directory. Main thread. */
#ifndef REHEARSE_CLI_OUTPUTS_H
#define REHEARSE_CLI_OUTPUTS_H

#include "bench/base/arena.h"
#include "bench/base/err.h"
#include "reports/record.h"

/* The directory for a run: `given`, or rehearse-out/<utc>-<name>. Made now, so that a run does not find out at its end; one
 * that already holds a result.json is refused. */
bool outputs_prepare(struct arena *arena, const char *given, const char *name, const char **directory,
                     struct err *err);
/* Writes all three, each whole or not at all; files that failed are named in err. result.json goes first. */
bool outputs_write(struct arena *arena, const char *directory, struct record *record, struct err *err);
/* On stdout: the terminal's block, or the record itself. */
void outputs_print(const struct record *record, bool json, bool colour);

#endif
