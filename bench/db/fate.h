/* fate: whether a message whose answer never came may have changed the database. Pure. */
#ifndef REHEARSE_DB_FATE_H
#define REHEARSE_DB_FATE_H

#include "bench/db/sql.h"

#include <stdbool.h>

/* True when the server, having received all of sql, may have made something permanent: a COMMIT, or outside a transaction
 * anything but a statement that only reads or sets. in_transaction: as the session was before sql was sent. */
bool fate_may_have_applied(enum sql_lexis lexis, const char *sql, bool in_transaction);
/* True when statement number `index` of the message is a ROLLBACK or ABORT of a transaction or to a savepoint. */
bool fate_says_rollback(enum sql_lexis lexis, const char *sql, int index);

#endif
