/* way_back: which rollbacks lead back from where the strategy stands, and what they do not undo. Pure but for the position
 * it moves. */
#ifndef REHEARSE_MIGRATE_WAY_BACK_H
#define REHEARSE_MIGRATE_WAY_BACK_H

#include "bench/migrate/migration.h"

/* The rollback to run next, NULL when there is none. *tolerant: its phase, or an earlier run of it, was left half done.
 * Notes as uncovered what no rollback undoes. */
const struct strategy_rollback *way_back_next(struct migrator *migrator, bool *tolerant);
/* Moves the position: the rollback is done, or (not done) left half way. */
void way_back_ran(struct migrator *migrator, const struct strategy_rollback *rollback, bool done);

#endif
