/* step: the kinds of step a phase is made of, one row and one file per kind. The migrator's thread.
 *
 * A kind runs to its end, with its tries; DONE also when the migrator is tolerant and the step had nothing to do. */
#ifndef REHEARSE_MIGRATE_STEP_H
#define REHEARSE_MIGRATE_STEP_H

#include "bench/migrate/migration.h"

typedef enum migrator_result step_fn(struct migrator *migrator, const struct step *step, struct err *err);

step_fn step_sql, step_backfill, step_app, step_wait, step_command;

enum migrator_result step_run(struct migrator *migrator, const struct step *step, struct err *err);

/* What a statement's final answer means to the migration: DONE, also for what a tolerant migrator skips; INTERRUPTED when
 * we cancelled it; else FAILED, with err at the statement's place in its file. */
enum migrator_result step_verdict(struct migrator *migrator, const struct step *step,
                                  const struct db_answer *answer, struct err *err);
/* Arms when a statement of this kind may lock out more than rows. */
void step_arm(struct migrator *migrator, const struct step *step);

#endif
