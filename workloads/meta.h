/* meta: the backslash commands of a script. */
#ifndef REHEARSE_WORKLOADS_META_H
#define REHEARSE_WORKLOADS_META_H

#include "workloads/cursor.h"
#include "workloads/expression.h"
#include "workloads/script.h"

/* Reads the command at the cursor, which stands after the backslash, up to the end of its line. */
bool meta_parse(struct arena *arena, struct cursor *cursor, expression_slot_fn *slot, void *context,
                struct script_command *command, struct err *err);

#endif
