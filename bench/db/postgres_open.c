#include "bench/db/postgres.h"

#include "bench/db/dialect.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OLDEST_VERSION = 120000 };

static const int64_t default_connect_ns = 10 * NS_PER_S;

static void fail(struct db_answer *answer, enum outcome outcome, const char *message)
{
    *answer = (struct db_answer){.outcome = outcome};
    snprintf(answer->message, sizeof answer->message, "%.*s", (int)sizeof answer->message - 1, message);
}

/* What stands before the DSN is a default that it may change; what stands after it is ours. A partition of the network is
 * noticed in about 3 s instead of libpq's 39 s. */
static PGconn *start(const struct db_target *target, const struct db_options *options)
{
    const char *name = options->application_name;
    const char *const keywords[] = {"keepalives_idle",
                                    "keepalives_interval",
                                    "keepalives_count",
                                    "tcp_user_timeout",
                                    "dbname",
                                    "client_encoding",
                                    name != NULL ? "application_name" : "client_encoding",
                                    target->database_override != NULL ? "dbname" : NULL,
                                    NULL};
    const char *const values[] = {
        "1", "1", "3", "3000", target->dsn, "UTF8", name != NULL ? name : "UTF8", target->database_override,
        NULL};
    return PQconnectStartParams(keywords, values, 1);
}

static bool wait_socket(PGconn *conn, PostgresPollingStatusType wanted, int64_t deadline_ns)
{
    for (;;) {
        int64_t left_ns = deadline_ns - clock_ns();
        if (left_ns <= 0)
            return false;
        struct pollfd fd = {.fd = PQsocket(conn),
                            .events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT};
        struct timespec left = {.tv_sec = left_ns / NS_PER_S, .tv_nsec = left_ns % NS_PER_S};
        int ready = ppoll(&fd, 1, &left, NULL);
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return false;
    }
}

/* Verbose errors while connecting: their text is the only place that holds the SQLSTATE. */
static bool connect_within(PGconn *conn, int64_t limit_ns, struct db_answer *answer)
{
    int64_t deadline_ns = clock_ns() + (limit_ns > 0 ? limit_ns : default_connect_ns);
    PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
    PostgresPollingStatusType wanted = PQstatus(conn) == CONNECTION_BAD ? PGRES_POLLING_FAILED
                                                                        : PGRES_POLLING_WRITING;
    while (wanted != PGRES_POLLING_OK && wanted != PGRES_POLLING_FAILED) {
        if (!wait_socket(conn, wanted, deadline_ns)) {
            fail(answer, OUTCOME_CONNECTION_LOST, "no connection within the time limit");
            return false;
        }
        wanted = PQconnectPoll(conn);
    }
    if (wanted == PGRES_POLLING_FAILED)
        postgres_answer_connect(PQerrorMessage(conn), answer);
    PQsetErrorVerbosity(conn, PQERRORS_DEFAULT);
    return wanted == PGRES_POLLING_OK;
}

static void receive_notice(void *context, const PGresult *result)
{
    const struct postgres *pg = context;
    if (pg->notice == NULL)
        return;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    struct db_notice notice = {
        .severity = severity != NULL ? severity : "",
        .code = code != NULL ? code : "",
        .message = message != NULL ? message : "",
        .routine = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION),
        .at_ns = clock_ns(),
    };
    pg->notice(pg->notice_context, &notice);
}

static bool check_version(struct postgres *pg, struct db_answer *answer)
{
    pg->db.version = PQserverVersion(pg->conn);
    pg->db.session = PQbackendPID(pg->conn);
    if (pg->db.version >= OLDEST_VERSION)
        return true;
    fail(answer, OUTCOME_OTHER, "");
    snprintf(answer->message, sizeof answer->message, "PostgreSQL %d is too old: 12 or later is needed",
             pg->db.version / 10000);
    return false;
}

struct identity_check {
    const char *expected;
    bool same;
};

static void compare_identity(void *context, int result, int columns, const char *const *values)
{
    struct identity_check *check = context;
    check->same = result == 0 && columns > 0 && values[0] != NULL && strcmp(values[0], check->expected) == 0;
}

static bool check_identity(struct postgres *pg, const char *expected, int64_t deadline_ns,
                           struct db_answer *answer)
{
    struct identity_check check = {.expected = expected};
    if (expected == NULL)
        return true;
    *answer = db_exec(&pg->db, pg->db.dialect->text(DIALECT_IDENTITY, pg->db.version), deadline_ns,
                      compare_identity, &check);
    if (answer->outcome == OUTCOME_OK && !check.same)
        fail(answer, OUTCOME_WRONG_SERVER, "this is not the server and database that the run began with");
    return answer->outcome == OUTCOME_OK;
}

static bool set_up(struct postgres *pg, const struct db_options *options, struct db_answer *answer)
{
    int64_t limit_ns = options->connect_timeout_ns > 0 ? options->connect_timeout_ns : default_connect_ns;
    int64_t deadline_ns = clock_ns() + limit_ns;
    if (!check_version(pg, answer))
        return false;
    *answer = db_exec(&pg->db, pg->db.dialect->text(DIALECT_SETUP_SESSION, pg->db.version), deadline_ns, NULL,
                      NULL);
    if (answer->outcome != OUTCOME_OK || !check_identity(pg, options->expected_identity, deadline_ns, answer))
        return false;
    if (options->setup_sql != NULL)
        *answer = db_exec(&pg->db, options->setup_sql, deadline_ns, NULL, NULL);
    return answer->outcome == OUTCOME_OK;
}

struct db *postgres_open(const struct db_target *target, const struct db_options *options,
                         struct db_answer *answer)
{
    PGconn *conn = start(target, options);
    if (conn == NULL || !connect_within(conn, options->connect_timeout_ns, answer)) {
        PQfinish(conn);
        return NULL;
    }
    struct postgres *pg = mem_alloc(sizeof *pg);
    pg->db = (struct db){.driver = &db_postgres, .dialect = &dialect_postgres};
    pg->conn = conn;
    pg->notice = options->notice;
    pg->notice_context = options->notice_context;
    pg->prepared = mem_alloc(DB_MAX_PREPARED * sizeof *pg->prepared);
    pg->cancel = postgres_cancel_new(conn);
    atomic_init(&pg->cancelled, false);
    pthread_mutex_init(&pg->guard, NULL);
    PQsetnonblocking(conn, 1);
    PQsetNoticeReceiver(conn, receive_notice, pg);
    if (!set_up(pg, options, answer)) {
        postgres_close(&pg->db);
        return NULL;
    }
    return &pg->db;
}

/* A cancel under way in another thread holds a share of the handle and outlives the session. */
void postgres_close(struct db *db)
{
    struct postgres *pg = (struct postgres *)db;
    pthread_mutex_lock(&pg->guard);
    postgres_cancel_free(pg->cancel);
    pg->cancel = NULL;
    pthread_mutex_unlock(&pg->guard);
    PQfinish(pg->conn);
    for (int i = 0; i < DB_MAX_PREPARED; i++)
        free(pg->prepared[i].sql);
    free(pg->prepared);
    free(pg->row);
    pthread_mutex_destroy(&pg->guard);
    free(pg);
}
