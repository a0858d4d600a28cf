/* keyload: a load made from the keys of the tables that a migration changes, for runs that bring no scripts.
 *
 * For each such table with a primary key of one integer column: four reads of one row by key to one update of one. */
#ifndef REHEARSE_RUN_KEYLOAD_H
#define REHEARSE_RUN_KEYLOAD_H

#include "bench/db/db.h"
#include "bench/migrate/strategy.h"
#include "workloads/workload.h"

/* Adds an app named "keys" to the workload. Refuses when no table has such a key or rows. */
bool keyload_add(struct db *db, struct arena *arena, const struct strategy *strategy,
                 struct workload *workload, struct err *err);
/* What such a load does not show on this engine, for people; NULL: nothing. */
const char *keyload_shortcoming(enum sql_lexis lexis);

#endif
