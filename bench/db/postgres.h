/* postgres: the inside of the PostgreSQL driver, shared by bench/db/postgres*.c only.
 *
 *   postgres.c         a session: messages sent and answers collected under a deadline
 *   postgres_dsn.c     what a DSN says, and its label without a password
 *   postgres_open.c    connecting and setting up, and telling why it failed
 *   postgres_cancel.c  cancel requests, from any thread, in bounded time
 *   postgres_load.c    COPY FROM STDIN
 *   postgres_answer.c  SQLSTATE to outcome
 *
 * libpq runs non-blocking: a statement costs one send, one poll and one recv, as libpq's own blocking calls do. The owner
 * thread alone touches the connection; `cancel` is the one part that other threads use. */
#ifndef REHEARSE_DB_POSTGRES_H
#define REHEARSE_DB_POSTGRES_H

#include "bench/db/driver.h"

#include <pthread.h>
#include <stdatomic.h>

struct pg_conn;
struct pg_result;
struct postgres_cancel;

struct postgres_prepared {
    char name[12]; /* "s<id>"; "" while the slot is free */
    char *sql;     /* owned; asked only when an answer is lost */
};

struct postgres {
    struct db db; /* first: the driver casts */
    struct pg_conn *conn;
    db_notice_fn *notice;
    void *notice_context;
    struct postgres_prepared *prepared; /* DB_MAX_PREPARED slots */
    const char **row;                   /* one row's values while a caller looks at them */
    int row_capacity;
    bool broken;           /* the socket is shut: every further call answers connection lost */
    atomic_bool cancelled; /* db_cancel sent a request since the last statement began */
    pthread_mutex_t guard; /* of `cancel`; never taken on the way of a statement */
    struct postgres_cancel *cancel;
};

/* One message under way. */
struct postgres_flight {
    struct postgres *pg;
    const char *sql;     /* what the server is doing, for telling the fate of a lost answer */
    int64_t deadline_ns; /* moved by the grace once it has passed */
    bool in_transaction; /* before the message was sent */
    bool expired;        /* our deadline passed and a cancel was sent */
    bool hurried;        /* db_cancel was called, and the deadline is near */
    struct db_answer answer;
    db_row_fn *rows;
    void *rows_context;
};

/* postgres.c */
struct postgres_flight postgres_flight(struct postgres *pg, const char *sql, int64_t deadline_ns,
                                       db_row_fn *rows, void *context);
bool postgres_flush(
    struct postgres_flight *flight); /* all queued bytes are with the kernel; false: session lost */
void postgres_collect(struct postgres_flight *flight); /* reads all results into flight->answer */
struct pg_result *postgres_result(struct postgres_flight *flight);
void postgres_take(struct postgres_flight *flight,
                   struct pg_result *result);                   /* counts it into the answer; clears it */
struct db_answer postgres_land(struct postgres_flight *flight); /* ends the flight */
struct db_answer postgres_gone(void);                           /* of a session that was lost before */

/* postgres_dsn.c */
bool postgres_accepts(const char *dsn);
bool postgres_parse(struct arena *arena, const char *dsn, struct db_target *target, struct err *err);

/* postgres_open.c */
struct db *postgres_open(const struct db_target *target, const struct db_options *options,
                         struct db_answer *answer);
void postgres_close(struct db *db);

/* postgres_cancel.c */
struct postgres_cancel *postgres_cancel_new(struct pg_conn *conn);
void postgres_cancel_free(
    struct postgres_cancel *cancel);            /* accepts NULL; a request under way is not waited for */
bool postgres_cancel_send(struct postgres *pg); /* waits at most 2 s */
bool postgres_cancel_slot(struct db *db);

/* postgres_load.c */
struct db_answer postgres_load(struct db *db, const struct db_load *load, int64_t deadline_ns,
                               db_fill_fn *fill, void *context);

/* postgres_answer.c */
enum outcome postgres_outcome(const char *sqlstate); /* NULL or unknown: OUTCOME_OTHER */
/* An error result into answer, as the server told it: the session's own cancels and deadline are told apart later. */
void postgres_answer_error(const struct pg_result *result, struct db_answer *answer);
bool postgres_is_fatal(const struct pg_result *result); /* the server closes the connection after it */
/* The server closed an idle session before it read what was sent: nothing of the message was done. */
bool postgres_was_idle(const char *sqlstate);
/* 57014 by message: 's'tatement timeout, 'u'ser request, '?' in another language. */
char postgres_cancel_reason(const char *message);
/* The SQLSTATE and message of a failed connection, from libpq's verbose text. */
void postgres_answer_connect(const char *text, struct db_answer *answer);

#endif
