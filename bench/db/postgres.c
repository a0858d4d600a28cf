#include "bench/db/postgres.h"

#include "bench/db/fate.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const int64_t look_every_ns = NS_PER_S; /* for a cancel, while an answer is waited for */

static struct postgres *session(struct db *db)
{
    return (struct postgres *)db;
}

struct postgres_flight postgres_flight(struct postgres *pg, const char *sql, int64_t deadline_ns,
                                       db_row_fn *rows, void *context)
{
    if (atomic_load_explicit(&pg->cancelled, memory_order_relaxed))
        atomic_store(&pg->cancelled, false);
    return (struct postgres_flight){
        .pg = pg,
        .sql = sql,
        .deadline_ns = deadline_ns,
        .in_transaction = pg->db.in_transaction,
        .rows = rows,
        .rows_context = context,
    };
}

static void lose(struct postgres *pg)
{
    pg->broken = true;
    shutdown(PQsocket(pg->conn), SHUT_RDWR);
}

/* The deadline passed: first a cancel and the grace, then the socket is shut. False: the session is lost. */
static bool expire(struct postgres_flight *flight)
{
    if (flight->expired) {
        lose(flight->pg);
        return false;
    }
    flight->expired = true;
    postgres_cancel_send(flight->pg);
    flight->deadline_ns = clock_ns() + DB_CANCEL_GRACE_NS;
    return true;
}

/* The statement's deadline, moved nearer once somebody cancelled it. */
static int64_t due_ns(struct postgres_flight *flight, int64_t now_ns)
{
    if (!flight->hurried && atomic_load_explicit(&flight->pg->cancelled, memory_order_relaxed)) {
        flight->hurried = true;
        if (flight->deadline_ns > now_ns + DB_CANCELLED_NS)
            flight->deadline_ns = now_ns + DB_CANCELLED_NS;
    }
    return flight->deadline_ns;
}

/* Sleeps until the socket has one of events. *ready gets them. False: the session is lost. */
static bool wait_for(struct postgres_flight *flight, short events, short *ready)
{
    for (;;) {
        struct pollfd fd = {.fd = PQsocket(flight->pg->conn), .events = events};
        int64_t now_ns = clock_ns(), left_ns = due_ns(flight, now_ns) - now_ns;
        bool is_last = left_ns <= look_every_ns;
        left_ns = left_ns < 0 ? 0 : is_last ? left_ns : look_every_ns;
        struct timespec left = {.tv_sec = left_ns / NS_PER_S, .tv_nsec = left_ns % NS_PER_S};
        int count = ppoll(&fd, 1, &left, NULL);
        *ready = fd.revents;
        if (count > 0)
            return true;
        if (count < 0 && errno != EINTR)
            return false;
        if (count == 0 && is_last && !expire(flight))
            return false;
    }
}

bool postgres_flush(struct postgres_flight *flight)
{
    PGconn *conn = flight->pg->conn;
    int state;
    while ((state = PQflush(conn)) == 1) {
        short ready;
        if (!wait_for(flight, POLLIN | POLLOUT, &ready))
            return false;
        if ((ready & POLLIN) != 0 && PQconsumeInput(conn) == 0)
            return false;
    }
    return state == 0;
}

/* The next result; NULL at the end of the message or of the session. */
PGresult *postgres_result(struct postgres_flight *flight)
{
    PGconn *conn = flight->pg->conn;
    while (!flight->pg->broken && PQisBusy(conn)) {
        short ready;
        if (!wait_for(flight, POLLIN, &ready))
            return NULL;
        if (PQconsumeInput(conn) == 0)
            break; /* the socket is gone: libpq now has a result that says why */
    }
    return flight->pg->broken ? NULL : PQgetResult(conn);
}

static void give_rows(struct postgres_flight *flight, const PGresult *result)
{
    struct postgres *pg = flight->pg;
    int columns = PQnfields(result), count = PQntuples(result);
    if (columns > pg->row_capacity) {
        pg->row = mem_realloc(pg->row, (size_t)columns * sizeof *pg->row);
        pg->row_capacity = columns;
    }
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < columns; j++)
            pg->row[j] = PQgetisnull(result, i, j) ? NULL : PQgetvalue(result, i, j);
        flight->rows(flight->rows_context, flight->answer.result, columns, pg->row);
    }
}

static void set_error(struct db_answer *answer, enum outcome outcome, const char *code, const char *message)
{
    answer->outcome = outcome;
    snprintf(answer->code, sizeof answer->code, "%s", code);
    snprintf(answer->message, sizeof answer->message, "%.*s", (int)sizeof answer->message - 1, message);
}

/* COPY of a plain message has no partner here: what comes is dropped, what is asked for is refused. */
static void end_copy(struct postgres_flight *flight, bool out)
{
    PGconn *conn = flight->pg->conn;
    if (!out) {
        set_error(&flight->answer, OUTCOME_OTHER, "0A000", "COPY FROM STDIN needs a load");
        PQputCopyEnd(conn, flight->answer.message);
        postgres_flush(flight);
        return;
    }
    char *bytes;
    int length;
    while ((length = PQgetCopyData(conn, &bytes, 1)) >= 0) {
        short ready;
        if (length > 0)
            PQfreemem(bytes);
        else if (!wait_for(flight, POLLIN, &ready) || PQconsumeInput(conn) == 0)
            return;
    }
}

/* A COMMIT that the server turned into ROLLBACK, because the transaction had failed before, says so by its tag alone. */
static bool is_lost_commit(const struct postgres_flight *flight, PGresult *result)
{
    return strcmp(PQcmdStatus(result), "ROLLBACK") == 0 &&
           !fate_says_rollback(SQL_POSTGRES, flight->sql, flight->answer.result);
}

static void take_success(struct postgres_flight *flight, PGresult *result)
{
    struct db_answer *answer = &flight->answer;
    const char *tuples = PQcmdTuples(result);
    if (tuples[0] != '\0')
        answer->rows = strtoll(tuples, NULL, 10);
    if (is_lost_commit(flight, result))
        set_error(answer, OUTCOME_OTHER, "25P02",
                  "COMMIT became ROLLBACK: the transaction had failed before");
    else if (flight->rows != NULL && PQntuples(result) > 0)
        give_rows(flight, result);
    if (answer->outcome == OUTCOME_OK)
        answer->result++;
}

void postgres_take(struct postgres_flight *flight, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) {
        end_copy(flight, status == PGRES_COPY_OUT);
    } else if (status != PGRES_FATAL_ERROR && status != PGRES_BAD_RESPONSE) {
        take_success(flight, result);
    } else if (flight->answer.outcome == OUTCOME_OK) {
        postgres_answer_error(result, &flight->answer);
        if (postgres_is_fatal(result))
            flight->pg->broken = true;
    }
    PQclear(result);
}

void postgres_collect(struct postgres_flight *flight)
{
    PGresult *result;
    while ((result = postgres_result(flight)) != NULL)
        postgres_take(flight, result);
}

/* The answer never came, or was the server's farewell. */
static void tell_lost(struct postgres_flight *flight)
{
    struct db_answer *answer = &flight->answer;
    bool heard = answer->outcome != OUTCOME_OK;
    if (heard && postgres_was_idle(answer->code))
        answer->outcome = OUTCOME_CONNECTION_LOST;
    else if (fate_may_have_applied(SQL_POSTGRES, flight->sql, flight->in_transaction))
        answer->outcome = OUTCOME_UNKNOWN;
    else
        answer->outcome = flight->expired ? OUTCOME_DEADLINE : OUTCOME_CONNECTION_LOST;
    if (!heard)
        snprintf(answer->message, sizeof answer->message, "%s",
                 flight->expired ? "no answer, not even to a cancel" : "the connection is gone");
}

/* 57014 is our deadline, db_cancel or the server's own statement_timeout. */
static void tell_cancel(struct postgres_flight *flight)
{
    char reason = postgres_cancel_reason(flight->answer.message);
    bool cancelled = atomic_load(&flight->pg->cancelled);
    if (reason == 's')
        flight->answer.outcome = OUTCOME_STATEMENT_TIMEOUT;
    else if (flight->expired)
        flight->answer.outcome = OUTCOME_DEADLINE;
    else if (reason == 'u' || cancelled)
        flight->answer.outcome = OUTCOME_CANCELLED;
}

struct db_answer postgres_land(struct postgres_flight *flight)
{
    struct postgres *pg = flight->pg;
    if (pg->broken || PQstatus(pg->conn) == CONNECTION_BAD) {
        pg->broken = true;
        tell_lost(flight);
    } else if (flight->answer.outcome != OUTCOME_OK && strcmp(flight->answer.code, "57014") == 0) {
        tell_cancel(flight);
    }
    PGTransactionStatusType transaction = PQtransactionStatus(pg->conn);
    pg->db.in_transaction = transaction == PQTRANS_INTRANS || transaction == PQTRANS_INERROR;
    return flight->answer;
}

struct db_answer postgres_gone(void)
{
    struct db_answer answer = {.outcome = OUTCOME_OK};
    set_error(&answer, OUTCOME_CONNECTION_LOST, "", "the connection is gone");
    return answer;
}

/* sent: what libpq's PQsend… returned. */
static struct db_answer finish(struct postgres_flight *flight, int sent)
{
    if (sent == 0)
        return flight->pg->broken = true, postgres_gone();
    if (postgres_flush(flight))
        postgres_collect(flight);
    else if (!flight->pg->broken)
        flight->pg->broken = true;
    return postgres_land(flight);
}

static struct db_answer postgres_exec(struct db *db, const char *sql, int64_t deadline_ns, db_row_fn *rows,
                                      void *context)
{
    struct postgres *pg = session(db);
    if (pg->broken)
        return postgres_gone();
    struct postgres_flight flight = postgres_flight(pg, sql, deadline_ns, rows, context);
    return finish(&flight, PQsendQuery(pg->conn, sql));
}

/* A number given again names a new statement: the old one is let go first. */
static struct db_answer forget(struct db *db, struct postgres_prepared *prepared, int64_t deadline_ns)
{
    char sql[32];
    snprintf(sql, sizeof sql, "DEALLOCATE %s", prepared->name);
    struct db_answer answer = postgres_exec(db, sql, deadline_ns, NULL, NULL);
    if (answer.outcome == OUTCOME_OK)
        prepared->name[0] = '\0';
    return answer;
}

static struct db_answer postgres_prepare(struct db *db, int id, const char *sql, int64_t deadline_ns)
{
    struct postgres *pg = session(db);
    struct postgres_prepared *prepared = &pg->prepared[id];
    if (prepared->name[0] != '\0') {
        struct db_answer answer = forget(db, prepared, deadline_ns);
        if (answer.outcome != OUTCOME_OK)
            return answer;
    }
    if (pg->broken)
        return postgres_gone();
    char name[sizeof prepared->name];
    snprintf(name, sizeof name, "s%d", id);
    struct postgres_flight flight = postgres_flight(pg, "", deadline_ns, NULL, NULL);
    struct db_answer answer = finish(&flight, PQsendPrepare(pg->conn, name, sql, 0, NULL));
    if (answer.outcome == OUTCOME_OK) {
        memcpy(prepared->name, name, sizeof name);
        free(prepared->sql);
        prepared->sql = mem_strdup(sql);
    }
    return answer;
}

static struct db_answer postgres_run(struct db *db, int id, const char *const *values, int count,
                                     int64_t deadline_ns, db_row_fn *rows, void *context)
{
    struct postgres *pg = session(db);
    const struct postgres_prepared *prepared = &pg->prepared[id];
    if (pg->broken)
        return postgres_gone();
    struct postgres_flight flight = postgres_flight(pg, prepared->sql != NULL ? prepared->sql : "",
                                                    deadline_ns, rows, context);
    return finish(&flight, PQsendQueryPrepared(pg->conn, prepared->name, count, values, NULL, NULL, 0));
}

static const char *postgres_client_version(void)
{
    static _Thread_local char text[32];
    int version = PQlibVersion();
    snprintf(text, sizeof text, "libpq %d.%d", version / 10000, version % 10000);
    return text;
}

const struct db_driver db_postgres = {
    .engine = "postgresql",
    .lexis = SQL_POSTGRES,
    .accepts = postgres_accepts,
    .parse = postgres_parse,
    .open = postgres_open,
    .close = postgres_close,
    .exec = postgres_exec,
    .prepare = postgres_prepare,
    .run = postgres_run,
    .load = postgres_load,
    .cancel = postgres_cancel_slot,
    .client_version = postgres_client_version,
};
