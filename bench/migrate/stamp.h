/* stamp: one statement between two readings of the server's clock, in the message that carries it. The migrator's thread.
 *
 * A client's stamps come late on a busy host, because those whom the statement blocked take the CPU first. */
#ifndef REHEARSE_MIGRATE_STAMP_H
#define REHEARSE_MIGRATE_STAMP_H

#include "bench/migrate/migration.h"

/* `[BEGIN;] now; statement; now` in one message. A statement that counts rows goes without the second reading, which
 * would hide its count: it follows in a message of its own. answer.position is within the statement. */
struct db_answer stamp_statement(struct migrator *migrator, const struct step *step, bool begin,
                                 struct attempt_span *span);
/* `now; COMMIT` (or what ends the transaction); the reading is end_ns. */
struct db_answer stamp_commit(struct migrator *migrator, const char *commit, struct attempt_span *span);
/* `now`, then the statement in a message of its own, which commits by itself. */
struct db_answer stamp_alone(struct migrator *migrator, const struct step *step, struct attempt_span *span);

#endif
