/* outcome: how the server answered. An answer is counted, never an error of the program. Pure.
 *
 * Drivers map SQLSTATE or errno onto these by table; nobody else looks at codes. */
#ifndef REHEARSE_BASE_OUTCOME_H
#define REHEARSE_BASE_OUTCOME_H

#include <stdbool.h>

enum outcome {
    OUTCOME_OK,
    OUTCOME_LOCK_TIMEOUT,
    OUTCOME_STATEMENT_TIMEOUT,
    OUTCOME_DEADLOCK,
    OUTCOME_SERIALIZATION,
    OUTCOME_CONSTRAINT,     /* unique, foreign key, NOT NULL, CHECK */
    OUTCOME_NO_SUCH_OBJECT, /* table, column, function … */
    OUTCOME_SCHEMA_CHANGED, /* "cached plan must not change result type" and its like */
    OUTCOME_SYNTAX,
    OUTCOME_PERMISSION,
    OUTCOME_CONNECTION_LOST, /* nothing was in flight that could have been applied */
    OUTCOME_TOO_MANY_CONNECTIONS,
    OUTCOME_CANCELLED, /* by us */
    OUTCOME_DEADLINE,  /* our own deadline passed; the statement was cancelled */
    OUTCOME_UNKNOWN, /* connection lost or deadline passed while COMMIT, an autocommit write or DDL was in flight */
    OUTCOME_WRONG_SERVER, /* a new connection reached another server than the armed one */
    OUTCOME_OTHER,        /* a server error of no class above */
    OUTCOME_COUNT
};

const char *outcome_name(enum outcome outcome); /* "ok", "lock_timeout", … as in reports and JSON */
bool outcome_from_name(const char *name, enum outcome *outcome);
bool outcome_is_retryable(enum outcome outcome); /* lock timeout, deadlock, serialization */
bool outcome_ends_session(enum outcome outcome); /* the connection must be opened anew */

#endif
