#include "bench/db/postgres.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SQLSTATE, or its class in two characters, to outcome. The longest match counts; what is not here is OUTCOME_OTHER. */
static const struct {
    const char *code;
    enum outcome outcome;
} states[] = {
    {"03", OUTCOME_OTHER},
    {"08", OUTCOME_CONNECTION_LOST},
    {"0A000", OUTCOME_OTHER}, /* a changed result type is told by its routine */
    {"23", OUTCOME_CONSTRAINT},
    {"25P03", OUTCOME_CONNECTION_LOST},   /* idle_in_transaction_session_timeout */
    {"25P04", OUTCOME_STATEMENT_TIMEOUT}, /* transaction_timeout */
    {"26000", OUTCOME_NO_SUCH_OBJECT},    /* prepared statement */
    {"28", OUTCOME_PERMISSION},
    {"3D000", OUTCOME_NO_SUCH_OBJECT},
    {"3F000", OUTCOME_NO_SUCH_OBJECT},
    {"40001", OUTCOME_SERIALIZATION},
    {"40003", OUTCOME_UNKNOWN},
    {"40P01", OUTCOME_DEADLOCK},
    {"42501", OUTCOME_PERMISSION},
    {"42601", OUTCOME_SYNTAX},
    {"42602", OUTCOME_SYNTAX},
    {"42622", OUTCOME_SYNTAX},
    {"42702", OUTCOME_SYNTAX},
    {"42703", OUTCOME_NO_SUCH_OBJECT},
    {"42704", OUTCOME_NO_SUCH_OBJECT},
    {"42804", OUTCOME_SYNTAX},
    {"42883", OUTCOME_NO_SUCH_OBJECT},
    {"42939", OUTCOME_SYNTAX},
    {"42P01", OUTCOME_NO_SUCH_OBJECT},
    {"42P02", OUTCOME_SYNTAX},
    {"44000", OUTCOME_CONSTRAINT}, /* WITH CHECK OPTION */
    {"53300", OUTCOME_TOO_MANY_CONNECTIONS},
    {"55P03", OUTCOME_LOCK_TIMEOUT},
    {"57014", OUTCOME_STATEMENT_TIMEOUT}, /* ours or the server's: told apart when the flight lands */
    {"57P01", OUTCOME_CONNECTION_LOST},
    {"57P02", OUTCOME_CONNECTION_LOST},
    {"57P03", OUTCOME_CONNECTION_LOST},
    {"57P04", OUTCOME_CONNECTION_LOST},
    {"57P05", OUTCOME_CONNECTION_LOST}, /* idle_session_timeout */
};
enum { STATE_COUNT = sizeof states / sizeof states[0] };

enum outcome postgres_outcome(const char *sqlstate)
{
    enum outcome outcome = OUTCOME_OTHER;
    size_t longest = 0;
    for (size_t i = 0; sqlstate != NULL && i < STATE_COUNT; i++) {
        size_t length = strlen(states[i].code);
        if (length > longest && strncmp(states[i].code, sqlstate, length) == 0) {
            longest = length;
            outcome = states[i].outcome;
        }
    }
    return outcome;
}

/* Routines that refuse a statement because the schema changed under it, with a code that others use too. */
static bool is_schema_change(const char *sqlstate, const char *routine)
{
    return sqlstate != NULL && routine != NULL && strcmp(sqlstate, "0A000") == 0 &&
           (strcmp(routine, "RevalidateCachedQuery") == 0 || strcmp(routine, "BuildCachedPlan") == 0);
}

static int number(const char *text)
{
    return text == NULL ? 0 : (int)strtol(text, NULL, 10);
}

static void copy(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%.*s", text == NULL ? 0 : (int)strcspn(text, "\r\n"), text == NULL ? "" : text);
}

/* A data exception (class 22) quotes the value that it is about: what stands from the first quote to the last is left out.
 * Other languages have other quotes, so a message that is not plain ASCII around them is left out whole. */
static void copy_data_exception(char *to, size_t size, const char *message)
{
    const char *open = strchr(message, '"'), *close = strrchr(message, '"');
    size_t head = open == NULL ? strlen(message) : (size_t)(open - message);
    const char *tail = open == NULL ? "" : close + 1;
    for (const char *c = message; *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80 && (c < message + head || c >= tail)) {
            snprintf(to, size, "data exception");
            return;
        }
    copy(to, size, message);
    if (open != NULL && strlen(to) >= head)
        snprintf(to + head, size - head, "\"…\"%.*s", open == close ? 0 : (int)strcspn(tail, "\r\n"), tail);
}

void postgres_answer_error(const PGresult *result, struct db_answer *answer)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *routine = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);
    answer->outcome = is_schema_change(sqlstate, routine) ? OUTCOME_SCHEMA_CHANGED
                                                          : postgres_outcome(sqlstate);
    copy(answer->code, sizeof answer->code, sqlstate);
    message = message != NULL ? message : PQresultErrorMessage(result);
    if (strncmp(answer->code, "22", 2) == 0)
        copy_data_exception(answer->message, sizeof answer->message, message);
    else
        copy(answer->message, sizeof answer->message, message);
    answer->position = number(PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION));
}

bool postgres_is_fatal(const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    return severity != NULL && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

bool postgres_was_idle(const char *sqlstate)
{
    return strcmp(sqlstate, "25P03") == 0 || strcmp(sqlstate, "57P05") == 0;
}

char postgres_cancel_reason(const char *message)
{
    if (strstr(message, "statement timeout") != NULL)
        return 's';
    return strstr(message, "user request") != NULL ? 'u' : '?';
}

/* libpq gives a failed connection no SQLSTATE of its own, but its verbose text holds it: "FATAL:  53300: sorry, …". */
static const char *find_state(const char *text)
{
    for (const char *at = strstr(text, ":  "); at != NULL; at = strstr(at + 1, ":  "))
        if (strspn(at + 3, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 && at[8] == ':')
            return at + 3;
    return NULL;
}

void postgres_answer_connect(const char *text, struct db_answer *answer)
{
    const char *state = find_state(text);
    *answer = (struct db_answer){.outcome = OUTCOME_CONNECTION_LOST};
    if (state == NULL) {
        copy(answer->message, sizeof answer->message, text);
        return;
    }
    snprintf(answer->code, sizeof answer->code, "%.5s", state);
    copy(answer->message, sizeof answer->message, state + 7);
    answer->outcome = postgres_outcome(answer->code);
}
