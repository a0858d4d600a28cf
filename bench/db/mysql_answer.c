#include "bench/db/mysql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* errno to outcome, of the servers (1000 …) and of the client library (2000 …). What is not here is OUTCOME_OTHER. */
static const struct {
    unsigned number;
    enum outcome outcome;
} numbers[] = {
    {1020, OUTCOME_SERIALIZATION}, /* record has changed since last read (innodb_snapshot_isolation) */
    {1022, OUTCOME_CONSTRAINT},
    {1028, OUTCOME_CANCELLED}, /* sort aborted */
    {1040, OUTCOME_TOO_MANY_CONNECTIONS},
    {1044, OUTCOME_PERMISSION},
    {1045, OUTCOME_PERMISSION},
    {1046, OUTCOME_NO_SUCH_OBJECT}, /* no database selected */
    {1048, OUTCOME_CONSTRAINT},     /* NOT NULL */
    {1049, OUTCOME_NO_SUCH_OBJECT},
    {1051, OUTCOME_NO_SUCH_OBJECT},
    {1052, OUTCOME_SYNTAX},
    {1053, OUTCOME_CONNECTION_LOST}, /* shutdown */
    {1054, OUTCOME_NO_SUCH_OBJECT},
    {1062, OUTCOME_CONSTRAINT},
    {1064, OUTCOME_SYNTAX},
    {1065, OUTCOME_SYNTAX},
    {1072, OUTCOME_NO_SUCH_OBJECT},
    {1077, OUTCOME_CONNECTION_LOST},
    {1079, OUTCOME_CONNECTION_LOST},
    {1080, OUTCOME_CONNECTION_LOST},
    {1091, OUTCOME_NO_SUCH_OBJECT},
    {1109, OUTCOME_NO_SUCH_OBJECT},
    {1128, OUTCOME_NO_SUCH_OBJECT},
    {1129, OUTCOME_PERMISSION},
    {1130, OUTCOME_PERMISSION},
    {1136, OUTCOME_SYNTAX}, /* of a statement that was prepared before: the schema changed */
    {1138, OUTCOME_CONSTRAINT},
    {1142, OUTCOME_PERMISSION},
    {1143, OUTCOME_PERMISSION},
    {1146, OUTCOME_NO_SUCH_OBJECT},
    {1149, OUTCOME_SYNTAX},
    {1152, OUTCOME_CONNECTION_LOST},
    {1158, OUTCOME_CONNECTION_LOST},
    {1159, OUTCOME_CONNECTION_LOST},
    {1160, OUTCOME_CONNECTION_LOST},
    {1161, OUTCOME_CONNECTION_LOST},
    {1169, OUTCOME_CONSTRAINT},
    {1176, OUTCOME_NO_SUCH_OBJECT},
    {1184, OUTCOME_CONNECTION_LOST},
    {1193, OUTCOME_NO_SUCH_OBJECT},
    {1203, OUTCOME_TOO_MANY_CONNECTIONS},
    {1205, OUTCOME_LOCK_TIMEOUT}, /* the statement alone is rolled back */
    {1213, OUTCOME_DEADLOCK},
    {1216, OUTCOME_CONSTRAINT},
    {1217, OUTCOME_CONSTRAINT},
    {1226, OUTCOME_TOO_MANY_CONNECTIONS},
    {1227, OUTCOME_PERMISSION},
    {1243, OUTCOME_NO_SUCH_OBJECT},
    {1263, OUTCOME_CONSTRAINT},
    {1305, OUTCOME_NO_SUCH_OBJECT},
    {1317, OUTCOME_CANCELLED}, /* whose kill it was is told when the flight lands */
    {1356, OUTCOME_NO_SUCH_OBJECT},
    {1360, OUTCOME_NO_SUCH_OBJECT},
    {1364, OUTCOME_CONSTRAINT}, /* no default */
    {1369, OUTCOME_CONSTRAINT}, /* WITH CHECK OPTION */
    {1370, OUTCOME_PERMISSION},
    {1412, OUTCOME_SCHEMA_CHANGED},
    {1451, OUTCOME_CONSTRAINT},
    {1452, OUTCOME_CONSTRAINT},
    {1557, OUTCOME_CONSTRAINT},
    {1586, OUTCOME_CONSTRAINT},
    {1615, OUTCOME_SCHEMA_CHANGED}, /* needs to be prepared again */
    {1698, OUTCOME_PERMISSION},
    {1761, OUTCOME_CONSTRAINT},
    {1762, OUTCOME_CONSTRAINT},
    {1820, OUTCOME_PERMISSION},
    {1859, OUTCOME_CONSTRAINT},
    {1862, OUTCOME_PERMISSION},
    {1927, OUTCOME_CONNECTION_LOST},
    {1969, OUTCOME_STATEMENT_TIMEOUT},
    {2002, OUTCOME_CONNECTION_LOST},
    {2003, OUTCOME_CONNECTION_LOST},
    {2004, OUTCOME_CONNECTION_LOST},
    {2005, OUTCOME_CONNECTION_LOST},
    {2006, OUTCOME_CONNECTION_LOST},
    {2012, OUTCOME_CONNECTION_LOST},
    {2013, OUTCOME_CONNECTION_LOST},
    {2014, OUTCOME_CONNECTION_LOST}, /* out of step: nothing more can be said in this session */
    {2026, OUTCOME_CONNECTION_LOST},
    {2027, OUTCOME_CONNECTION_LOST},
    {2055, OUTCOME_CONNECTION_LOST},
    {2057, OUTCOME_SCHEMA_CHANGED}, /* the result has other columns than when it was prepared */
    {2059, OUTCOME_PERMISSION},
    {3024, OUTCOME_STATEMENT_TIMEOUT},
    {3032, OUTCOME_CONNECTION_LOST},
    {3118, OUTCOME_PERMISSION},
    {3169, OUTCOME_CONNECTION_LOST},
    {3572, OUTCOME_LOCK_TIMEOUT},    /* NOWAIT */
    {3819, OUTCOME_CONSTRAINT},      /* CHECK, MySQL */
    {3948, OUTCOME_PERMISSION},      /* local_infile is off */
    {4025, OUTCOME_CONSTRAINT},      /* CHECK, MariaDB */
    {4031, OUTCOME_CONNECTION_LOST}, /* wait_timeout */
    {4151, OUTCOME_PERMISSION},
};
enum { NUMBER_COUNT = sizeof numbers / sizeof numbers[0] };

enum outcome mysql_outcome(unsigned number)
{
    for (size_t i = 0; i < NUMBER_COUNT; i++)
        if (numbers[i].number == number)
            return numbers[i].outcome;
    return OUTCOME_OTHER;
}

/* Errors that quote a value: what stands after it in the servers' English, NULL when nothing in quotes does. */
static const struct {
    unsigned number;
    const char *after;
} quoting[] = {
    {1062, "' for key "},    {1292, "' for column "},   {1300, NULL}, {1366, "' for column "},
    {1367, "' value found"}, {1411, "' for function "}, {1525, NULL}, {1526, NULL},
    {1569, "' for key "},    {1586, "' for key "},      {1690, NULL}, {1916, "' when converting"},
    {1977, "' character "},  {3854, "' from "},
};

static void copy(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%.*s", (int)strcspn(text, "\r\n"), text);
}

static const char *find_last(const char *text, const char *needle)
{
    const char *found = NULL;
    for (const char *at = strstr(text, needle); at != NULL; at = strstr(at + 1, needle))
        found = at;
    return found;
}

/* From the first quote to the last one that ends the value: '…'. A value without quotes is all that follows its label. */
static void copy_without_value(char *to, size_t size, const char *message, const char *after)
{
    const char *open = strchr(message, '\'');
    const char *close = open == NULL || after == NULL ? NULL : find_last(open, after);
    close = close != NULL || open == NULL ? close : strrchr(open, '\'');
    if (open == NULL) {
        const char *value = strstr(message, " value ");
        snprintf(to, size, "%.*s…", value == NULL ? 0 : (int)(value + 7 - message), message);
    } else {
        snprintf(to, size, "%.*s'…'%.*s", (int)(open - message), message,
                 close == open ? 0 : (int)strcspn(close + 1, "\r\n"), close + 1);
    }
}

/* What is quoted runs to the end of the message, or is cut at 80 bytes. */
static const char *find_rest(const char *sql, const char *rest, size_t length)
{
    size_t whole = sql != NULL ? strlen(sql) : 0;
    if (length == 0 || length > whole)
        return NULL;
    if (memcmp(sql + whole - length, rest, length) == 0)
        return sql + whole - length;
    return memmem(sql, whole, rest, length);
}

/* Both servers quote up to 80 bytes of the rest of the statement, which may hold values: its first token alone is kept,
 * and its place in sql found. */
static void copy_syntax(struct db_answer *answer, const char *message, const char *sql)
{
    const char *near = strstr(message, " near '"), *close = find_last(message, "' at line ");
    if (near == NULL || close == NULL || close < near + 7) {
        snprintf(answer->message, sizeof answer->message, "syntax error");
        return;
    }
    near += 7;
    struct sql_scan scan = sql_scan(SQL_MYSQL, near, (size_t)(close - near), 1, 1);
    struct sql_token token = sql_next(&scan);
    bool is_value = token.kind == SQL_STRING || token.kind == SQL_BAD || token.kind == SQL_NUMBER;
    snprintf(answer->message, sizeof answer->message, "%.*s%.*s%s%.*s", (int)(near - message), message,
             is_value ? 0 : (int)token.length, near,
             is_value || token.length < (size_t)(close - near) ? "…" : "", (int)strcspn(close, "\r\n"),
             close);
    const char *at = find_rest(sql, near, (size_t)(close - near));
    for (const char *c = sql; at != NULL && c <= at; c++)
        answer->position += ((unsigned char)*c & 0xC0) != 0x80;
}

void mysql_answer_error(unsigned number, const char *message, const char *sql, struct db_answer *answer)
{
    bool is_infile = number == 1148 || number == 4166 || number == 2068;
    number = is_infile ? 3948 : number; /* one code for what is one thing */
    answer->outcome = mysql_outcome(number);
    snprintf(answer->code, sizeof answer->code, "%u", number % 100000);
    if (number == 1064) {
        copy_syntax(answer, message, sql);
        return;
    }
    for (size_t i = 0; i < sizeof quoting / sizeof quoting[0]; i++)
        if (quoting[i].number == number) {
            copy_without_value(answer->message, sizeof answer->message, message, quoting[i].after);
            return;
        }
    copy(answer->message, sizeof answer->message, message);
}

bool mysql_is_fatal(unsigned number)
{
    return number == 1153 || number == 1156 || number == 1157 ||
           mysql_outcome(number) == OUTCOME_CONNECTION_LOST;
}

bool mysql_was_idle(unsigned number)
{
    return number == 4031 || number == 3169 || number == 2006;
}

bool mysql_is_killed(unsigned number)
{
    return number == 1317 || number == 1028;
}
