#include "bench/base/outcome.h"

#include <string.h>

static const char *const names[OUTCOME_COUNT] = {
    [OUTCOME_OK] = "ok",
    [OUTCOME_LOCK_TIMEOUT] = "lock_timeout",
    [OUTCOME_STATEMENT_TIMEOUT] = "statement_timeout",
    [OUTCOME_DEADLOCK] = "deadlock",
    [OUTCOME_SERIALIZATION] = "serialization",
    [OUTCOME_CONSTRAINT] = "constraint",
    [OUTCOME_NO_SUCH_OBJECT] = "no_such_object",
    [OUTCOME_SCHEMA_CHANGED] = "schema_changed",
    [OUTCOME_SYNTAX] = "syntax",
    [OUTCOME_PERMISSION] = "permission",
    [OUTCOME_CONNECTION_LOST] = "connection_lost",
    [OUTCOME_TOO_MANY_CONNECTIONS] = "too_many_connections",
    [OUTCOME_CANCELLED] = "cancelled",
    [OUTCOME_DEADLINE] = "deadline",
    [OUTCOME_UNKNOWN] = "unknown",
    [OUTCOME_WRONG_SERVER] = "wrong_server",
    [OUTCOME_OTHER] = "other",
};

const char *outcome_name(enum outcome outcome)
{
    return names[outcome];
}

bool outcome_from_name(const char *name, enum outcome *outcome)
{
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        if (strcmp(names[i], name) == 0) {
            *outcome = (enum outcome)i;
            return true;
        }
    }
    return false;
}

bool outcome_is_retryable(enum outcome outcome)
{
    return outcome == OUTCOME_LOCK_TIMEOUT || outcome == OUTCOME_DEADLOCK || outcome == OUTCOME_SERIALIZATION;
}

bool outcome_ends_session(enum outcome outcome)
{
    return outcome == OUTCOME_CONNECTION_LOST || outcome == OUTCOME_UNKNOWN || outcome == OUTCOME_DEADLINE ||
           outcome == OUTCOME_WRONG_SERVER || outcome == OUTCOME_TOO_MANY_CONNECTIONS;
}
