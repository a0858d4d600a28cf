/* check: a SELECT of one value, compared with what it should be. The migrator's thread.
 *
 * A check that differs, or cannot be run, is kept in the log and never ends the migration by itself. */
#ifndef REHEARSE_MIGRATE_CHECK_H
#define REHEARSE_MIGRATE_CHECK_H

#include "bench/migrate/migration.h"

/* The values of all checks with expect=same, before the first phase. INTERRUPTED or DONE. */
enum migrator_result check_before_all(struct migrator *migrator, struct err *err);
/* The checks of a phase, after it. INTERRUPTED or DONE. */
enum migrator_result check_phase(struct migrator *migrator, const struct phase *phase, struct err *err);

#endif
