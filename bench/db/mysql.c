#include "bench/db/mysql.h"

#include "bench/db/fate.h"
#include "bench/db/sql_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_BETWEEN_CHECKS = 1024, INTERRUPTED = 1317 };

struct mysql_flight mysql_flight(struct mysql *my, const char *sql, int64_t deadline_ns, db_row_fn *rows,
                                 void *context)
{
    if (atomic_load_explicit(&my->cancelled, memory_order_relaxed))
        atomic_store(&my->cancelled, false);
    return (struct mysql_flight){
        .my = my,
        .sql = sql,
        .deadline_ns = deadline_ns,
        .in_transaction = my->db.in_transaction,
        .look_ns = my->watch != NULL ? clock_ns() + NS_PER_MS : CLOCK_NEVER_NS,
        .rows = rows,
        .rows_context = context,
    };
}

void mysql_fail(struct mysql_flight *flight, unsigned number, const char *message)
{
    if (flight->answer.outcome == OUTCOME_OK)
        mysql_answer_error(number, message, flight->sql, &flight->answer);
    if (mysql_is_fatal(number))
        flight->my->broken = true;
}

static void fail_conn(struct mysql_flight *flight)
{
    MYSQL *conn = flight->my->conn;
    mysql_fail(flight, mysql_errno(conn), mysql_error(conn));
}

static const char *const counted[] = {"INSERT", "UPDATE", "DELETE", "REPLACE", "SELECT",
                                      "WITH",   "LOAD",   "VALUES", "TABLE",   NULL};

/* The first word of statement number `index` of the message; the scan stands behind it. */
static struct sql_token first_word(const struct mysql_flight *flight, int index, struct sql_scan *scan)
{
    *scan = sql_scan_statement(flight->my->lexis, flight->sql);
    struct sql_token token = sql_next_meaning(scan);
    for (; index > 0 && token.kind != SQL_END; token = sql_next_meaning(scan))
        index -= token.kind == SQL_SEMICOLON;
    return token;
}

/* Whether the statement that was answered last is one whose rows are counted. A count of 0 does not tell. */
static bool is_counted(const struct mysql_flight *flight)
{
    struct sql_scan scan;
    struct sql_token token = first_word(flight, flight->answer.result, &scan);
    return sql_is_one_of(&token, counted);
}

/* Functions that a kill ends early with a value, and with no error when they stand alone: MySQL's SLEEP answers 1. */
static const char *const cut_short[] = {"SLEEP", NULL};
static const char *const asks[] = {"SELECT", "DO", NULL};

/* Whether a kill may have ended the last statement of a message that ended well. */
static bool may_be_cut(const struct mysql_flight *flight)
{
    struct sql_scan scan;
    int results = flight->answer.result;
    struct sql_token token = first_word(flight, results > 0 ? results - 1 : 0, &scan);
    if (!sql_is_one_of(&token, asks))
        return false;
    while (token.kind != SQL_SEMICOLON && token.kind != SQL_END && !sql_is_one_of(&token, cut_short))
        token = sql_next_meaning(&scan);
    return sql_is_one_of(&token, cut_short);
}

static void take_rows(struct mysql_flight *flight, MYSQL_RES *result)
{
    int columns = (int)mysql_num_fields(result);
    int64_t count = 0;
    MYSQL_ROW row;
    while ((row = mysql_fetch_row(result)) != NULL) {
        if (flight->rows != NULL)
            flight->rows(flight->rows_context, flight->answer.result, columns, (const char *const *)row);
        if (++count % ROWS_BETWEEN_CHECKS == 0 && !mysql_wait_check(flight))
            break;
    }
    flight->answer.rows = count;
}

/* One result of the message: rows, or what an OK packet says. */
static void take_result(struct mysql_flight *flight)
{
    MYSQL *conn = flight->my->conn;
    MYSQL_RES *result = mysql_use_result(conn);
    if (result != NULL) {
        take_rows(flight, result);
        if (mysql_errno(conn) != 0)
            fail_conn(flight);
        mysql_free_result(result);
    } else if (mysql_field_count(conn) != 0) {
        fail_conn(flight);
    } else if (mysql_affected_rows(conn) > 0 || is_counted(flight)) {
        flight->answer.rows = (int64_t)mysql_affected_rows(conn);
    }
    if (flight->answer.outcome == OUTCOME_OK)
        flight->answer.result++;
}

static void collect(struct mysql_flight *flight)
{
    MYSQL *conn = flight->my->conn;
    int more;
    do {
        take_result(flight);
        more = flight->my->broken ? -1 : mysql_next_result(conn);
    } while (more == 0);
    if (more > 0)
        fail_conn(flight);
}

/* The answer never came, or was the server's farewell. */
static void tell_lost(struct mysql_flight *flight)
{
    struct db_answer *answer = &flight->answer;
    unsigned number = (unsigned)strtoul(answer->code, NULL, 10);
    bool heard = (number >= 1000 && number < 2000) || number >= 3000; /* from the server, not the library */
    if (heard && (mysql_was_idle(number) || mysql_outcome(number) != OUTCOME_CONNECTION_LOST))
        return;
    if (!mysql_was_idle(number) &&
        fate_may_have_applied(flight->my->lexis, flight->sql, flight->in_transaction))
        answer->outcome = OUTCOME_UNKNOWN;
    else
        answer->outcome = flight->expired ? OUTCOME_DEADLINE : OUTCOME_CONNECTION_LOST;
    if (!heard)
        snprintf(answer->message, sizeof answer->message, "%s",
                 flight->expired ? "no answer, not even to a kill" : "the connection is gone");
}

/* A killed statement is our deadline, a lock wait that took too long, db_cancel or somebody else's KILL. */
static void tell_kill(struct mysql_flight *flight)
{
    struct db_answer *answer = &flight->answer;
    if (flight->waited) {
        answer->outcome = OUTCOME_LOCK_TIMEOUT;
        snprintf(answer->message, sizeof answer->message,
                 "killed: it waited for a lock for more than %lld ms",
                 (long long)flight->my->db.lock_timeout_ms);
    } else {
        answer->outcome = flight->expired ? OUTCOME_DEADLINE : OUTCOME_CANCELLED;
    }
}

/* The server calls it a success, but the kill was ours and came before the answer. */
static bool was_cut(const struct mysql_flight *flight)
{
    bool sent = flight->expired || flight->waited ||
                atomic_load_explicit(&flight->my->cancelled, memory_order_relaxed);
    return sent && may_be_cut(flight);
}

struct db_answer mysql_land(struct mysql_flight *flight)
{
    struct mysql *my = flight->my;
    struct db_answer *answer = &flight->answer;
    bool killed = answer->outcome != OUTCOME_OK && mysql_is_killed((unsigned)strtoul(answer->code, NULL, 10));
    if (answer->outcome == OUTCOME_OK && !my->broken && was_cut(flight)) {
        mysql_answer_error(INTERRUPTED, "Query execution was interrupted", NULL, answer);
        answer->result -= answer->result > 0;
        killed = true;
    }
    if (my->broken) {
        if (answer->outcome == OUTCOME_OK)
            answer->outcome = OUTCOME_CONNECTION_LOST;
        tell_lost(flight);
    } else if (killed) {
        tell_kill(flight);
    }
    if (!my->broken && (answer->outcome != OUTCOME_OK || flight->expired || flight->waited))
        mysql_settle(my);
    my->db.in_transaction = !my->broken && (my->conn->server_status & SERVER_STATUS_IN_TRANS) != 0;
    return *answer;
}

struct db_answer mysql_gone(void)
{
    struct db_answer answer = {.outcome = OUTCOME_CONNECTION_LOST};
    snprintf(answer.message, sizeof answer.message, "the connection is gone");
    return answer;
}

struct db_answer mysql_exec(struct db *db, const char *sql, int64_t deadline_ns, db_row_fn *rows,
                            void *context)
{
    struct mysql *my = (struct mysql *)db;
    if (my->broken)
        return mysql_gone();
    mysql_wait_watch(my);
    struct mysql_flight flight = mysql_flight(my, sql, deadline_ns, rows, context);
    struct mysql_wait wait = {.flight = &flight};
    mysql_wait_enter(&wait);
    if (mysql_real_query(my->conn, sql, strlen(sql)) == 0)
        collect(&flight);
    else
        fail_conn(&flight);
    mysql_wait_leave(&wait);
    return mysql_land(&flight);
}

static const char *mysql_client_version(void)
{
    static _Thread_local char text[48];
#ifdef MARIADB_PACKAGE_VERSION
    snprintf(text, sizeof text, "MariaDB Connector/C %s", mysql_get_client_info());
#else
    snprintf(text, sizeof text, "libmysqlclient %s", mysql_get_client_info());
#endif
    return text;
}

const struct db_driver db_mysql = {
    .engine = "mysql",
    .lexis = SQL_MYSQL,
    .accepts = mysql_accepts,
    .parse = mysql_parse,
    .open = mysql_open,
    .close = mysql_shut,
    .exec = mysql_exec,
    .prepare = mysql_prepare,
    .run = mysql_run,
    .load = mysql_load_run,
    .cancel = mysql_cancel_slot,
    .client_version = mysql_client_version,
};
