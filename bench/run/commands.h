/* commands: the external commands of the strategies that will run: shown, allowed, found. Main thread; texts in the arena. */
#ifndef REHEARSE_RUN_COMMANDS_H
#define REHEARSE_RUN_COMMANDS_H

#include "bench/db/db.h"
#include "bench/run/material.h"

/* "NAME: program words", one for each command. */
const char *const *commands_list(const struct material *material, struct arena *arena, size_t *count);
/* For a table: "external command: pt-online-schema-change --alter 'ADD COLUMN …' …": the program and what it is told in
 * words, or else its first arguments; secrets cut. */
const char *commands_summary(struct arena *arena, const char *const *argv);
/* Without --allow-exec a plan with commands is refused (ERR_USAGE), naming them. */
bool commands_allow(const struct material *material, bool allowed, struct arena *arena, struct err *err);
bool commands_find(const struct material *material, struct arena *arena, struct err *err); /* on PATH */
/* The target gives what their placeholders ask for. */
bool commands_fill(const struct material *material, const struct db_target *target, struct arena *arena,
                   struct err *err);

#endif
