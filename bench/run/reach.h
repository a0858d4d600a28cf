/* reach: a migration stays in the database that is armed.
 *
 * Where a database is a schema (MySQL, MariaDB), a statement can change another one on the same server, which nobody has
 * armed. One thread. */
#ifndef REHEARSE_RUN_REACH_H
#define REHEARSE_RUN_REACH_H

#include "bench/db/db.h"
#include "bench/migrate/strategy.h"

/* Refuses (ERR_ENVIRONMENT, at the statement's place) what goes to another database, or changes something there. What it only
 * reads there, and what external commands do, is not looked at. */
bool reach_check(struct db *db, struct arena *arena, const struct strategy *strategy, struct err *err);
/* The other database's name, as written; NULL: the statement stays. */
const char *reach_elsewhere(struct arena *arena, enum sql_lexis lexis, const char *statement,
                            const char *database);

#endif
