/* stages: where the time of a DDL went, as the server tells it once the statement is over. A gift, like the notices: a server
 * that cannot tell costs nothing but them. The migrator's thread. */
#ifndef REHEARSE_MIGRATE_STAGES_H
#define REHEARSE_MIGRATE_STAGES_H

#include "bench/migrate/migration.h"

/* Into the run of the statement, from the migrator's arena; nothing inside a transaction, or for other statements. */
void stages_read(struct migrator *migrator, const struct step *step, size_t statement);

/* Keeps those worth reading, in their order: of 1 ms or more, at most the ten longest. Returns how many. */
size_t stages_keep(struct statement_stage *stages, size_t count);

#endif
