/* mysql: the inside of the driver of MySQL and MariaDB, shared by bench/db/mysql*.c only.
 *
 *   mysql.c           a session: messages sent and answers collected under a deadline
 *   mysql_dsn.c       what a DSN says, and its label without a password
 *   mysql_open.c      connecting and setting up, and telling why it failed
 *   mysql_tls.c       whether and how far the connection is encrypted
 *   mysql_auth.c      no password where TLS was asked for and is not
 *   mysql_wait.c      every wait for the network: deadlines, cancels, lock waits that have taken too long
 *   mysql_watchdog.c  the same from beside, where the library waits by itself
 *   mysql_cancel.c    KILL QUERY, from any thread, in bounded time
 *   mysql_prepared.c  statements in the binary protocol: the hot path
 *   mysql_load.c      LOAD DATA LOCAL from memory
 *   mysql_answer.c    errno to outcome
 *
 * The client library blocks, but waits through our own function (Connector/C's MARIADB_OPT_IO_WAIT): a statement costs one
 * send, one poll and one recv, as it does for every client of the library, and the owner thread is its own watchdog: it
 * sees the deadline, looks from a second connection whether the statement waits for a lock, and kills it. No thread is
 * started. TLS sockets do not block, so that the hook is asked there too. Oracle's library has no such hook: there each
 * session has a thread that does the same for its owner (mysql_watchdog.c), and connecting is limited in whole seconds. */
#ifndef REHEARSE_DB_MYSQL_H
#define REHEARSE_DB_MYSQL_H

#include "bench/base/buf.h"
#include "bench/db/driver.h"

#include <mysql.h>
#include <stdatomic.h>

#ifdef MARIADB_PACKAGE_VERSION
#define MYSQL_HAS_IO_WAIT     1
#define MYSQL_SOCKET_FD(conn) mysql_get_socket(conn)
typedef my_bool mysql_bool;
#else
#define MYSQL_HAS_IO_WAIT     0
#define MYSQL_SOCKET_FD(conn) ((conn)->net.fd)
typedef bool mysql_bool;
#endif

enum mysql_tls {
    MYSQL_TLS_PREFERRED,
    MYSQL_TLS_DISABLED,
    MYSQL_TLS_REQUIRED,
    MYSQL_TLS_CA,
    MYSQL_TLS_IDENTITY
};

/* What a DSN says beyond what every target has; db_target.world. NULL: not said. */
struct mysql_world {
    const char *host, *user, *database, *socket;
    const char *defaults_file, *ssl_ca, *ssl_cert, *ssl_key;
    unsigned port; /* 0: not said */
    enum mysql_tls tls;
};

struct mysql_column {
    char *text; /* owned */
    unsigned long size, length;
    mysql_bool is_null, is_cut;
};

/* A prepared statement. All memory is made when it is prepared, but for values longer than any before. */
struct mysql_prepared {
    MYSQL_STMT *stmt;     /* NULL while the slot is free */
    char *sql;            /* owned, as the server got it; asked only when an answer is lost */
    int params;           /* question marks */
    unsigned char *order; /* of question mark i: the index of its value */
    MYSQL_BIND *bind;
    unsigned long *lengths;
    int columns;
    struct mysql_column *column;
    MYSQL_BIND *result;
    const char **row;
    bool bound; /* the library knows where the columns' buffers are */
    bool
        plain; /* a statement that the server does not prepare, such as MySQL's BEGIN: sent as text, stmt is NULL */
};

/* What a cancel needs: all of it is fixed when the session is open. */
struct mysql_address {
    const struct db_target *target;
    unsigned long session;
    char host[64]; /* the peer's number: no name is looked up again. "": as the target says */
};

struct mysql {
    struct db db; /* first: the driver casts */
    MYSQL *conn;
    struct mysql_address address;
    db_notice_fn *notice;
    void *notice_context;
    struct mysql_prepared *prepared; /* DB_MAX_PREPARED slots */
    struct mysql_load *load;         /* what LOAD DATA LOCAL reads; NULL: nothing, it is refused */
    MYSQL *watch;                    /* second connection while lock_timeout_ms asks for one */
    enum sql_lexis lexis;            /* of the texts it is sent: ours, or what users wrote */
    bool encrypted;                  /* by TLS */
    atomic_bool broken;              /* every further call answers connection lost */
    struct mysql_watchdog *watchdog; /* NULL where the library waits through us */
    atomic_bool cancelled;           /* db_cancel was called since the last statement began */
};

/* One message under way. */
struct mysql_flight {
    struct mysql *my;
    const char *sql;       /* what the server is doing, for telling the fate of a lost answer */
    int64_t deadline_ns;   /* moved by the grace once it has passed */
    bool in_transaction;   /* before the message was sent */
    bool expired;          /* our deadline passed and a kill was sent */
    bool hurried;          /* db_cancel was called, and the deadline is near */
    bool waited;           /* it was killed because it waited for a lock for too long */
    int64_t look_ns;       /* when to look for a lock wait next; CLOCK_NEVER_NS: not */
    int64_t wait_began_ns; /* 0: it did not wait when last looked at */
    struct db_answer answer;
    db_row_fn *rows;
    void *rows_context;
};

/* mysql.c */
struct mysql_flight mysql_flight(struct mysql *my, const char *sql, int64_t deadline_ns, db_row_fn *rows,
                                 void *context);
void mysql_fail(struct mysql_flight *flight, unsigned number,
                const char *message);                     /* takes the first error */
struct db_answer mysql_land(struct mysql_flight *flight); /* ends the flight */
struct db_answer mysql_gone(void);                        /* of a session that was lost before */
struct db_answer mysql_exec(struct db *db, const char *sql, int64_t deadline_ns, db_row_fn *rows,
                            void *context);

/* mysql_dsn.c */
bool mysql_accepts(const char *dsn);
bool mysql_parse(struct arena *arena, const char *dsn, struct db_target *target, struct err *err);

/* mysql_open.c */
struct db *mysql_open(const struct db_target *target, const struct db_options *options,
                      struct db_answer *answer);
void mysql_shut(struct db *db);
/* Another connection to where the session is, for KILL and for looking; NULL when it cannot be had in time. */
MYSQL *mysql_open_second(const struct mysql_address *address, int64_t deadline_ns);

/* mysql_tls.c */
void mysql_tls_ask(MYSQL *conn, const struct mysql_world *world);
bool mysql_tls_is_needed(const struct mysql_world *world);
bool mysql_tls_have(MYSQL *conn, const struct mysql_world *world); /* what was asked for is there */

/* mysql_auth.c */
void mysql_auth_guard(void); /* once, before the first connection */

/* mysql_wait.c: brackets around library calls of this thread. Within, waits end with the flight's deadline. */
struct mysql_wait {
    struct mysql_flight *flight; /* NULL: a connection without a session, which is given up at deadline_ns */
    int64_t deadline_ns;
    bool needs_tls; /* while connecting: nothing is said in plain text */
    bool refused;   /* it was wanted in plain text */
    struct mysql_wait *outer;
};
void mysql_wait_enter(struct mysql_wait *wait);
void mysql_wait_leave(struct mysql_wait *wait);
void mysql_wait_install(MYSQL *conn); /* the library waits through us */
bool mysql_wait_refuses_plain(void);  /* what this thread waits for needs TLS; notes that it was asked */
bool mysql_wait_check(
    struct mysql_flight *flight); /* between rows that keep coming; false: the session is lost */
bool mysql_wait_overdue(
    struct mysql_flight *flight);                  /* its deadline has passed; from now on it has the grace */
bool mysql_wait_tend(struct mysql_flight *flight); /* does what is due by now; false: the session is lost */
int64_t mysql_wait_next_ns(struct mysql_flight *flight); /* when something may be due next */
void mysql_wait_watch(struct mysql *my); /* opens or closes the second connection as lock_timeout_ms asks */

/* mysql_watchdog.c: the flight belongs to the thread from enter to leave, but for who locks. */
struct mysql_watchdog *mysql_watchdog_start(void);
void mysql_watchdog_stop(struct mysql_watchdog *dog);
void mysql_watchdog_enter(struct mysql_watchdog *dog, struct mysql_flight *flight);
void mysql_watchdog_leave(struct mysql_watchdog *dog);
void mysql_watchdog_lock(struct mysql_watchdog *dog);
void mysql_watchdog_unlock(struct mysql_watchdog *dog);

/* mysql_cancel.c */
bool mysql_cancel_send(const struct mysql_address *address, int64_t deadline_ns);
bool mysql_cancel_on(MYSQL *second, unsigned long session);
/* After an error, which says nothing of the transaction that it may have ended, and after a kill, which may have come too
 * late: a statement without effect tells the one and takes the other. */
void mysql_settle(struct mysql *my);
bool mysql_cancel_slot(struct db *db);

/* mysql_prepared.c */
struct db_answer mysql_prepare(struct db *db, int id, const char *sql, int64_t deadline_ns);
struct db_answer mysql_run(struct db *db, int id, const char *const *values, int count, int64_t deadline_ns,
                           db_row_fn *rows, void *context);
void mysql_prepared_free(struct mysql_prepared *prepared);

/* mysql_load.c */
void mysql_load_install(MYSQL *conn, struct mysql *my); /* my NULL: whatever the server asks for is refused */
struct db_answer mysql_load_run(struct db *db, const struct db_load *load, int64_t deadline_ns,
                                db_fill_fn *fill, void *context);

/* mysql_answer.c */
enum outcome mysql_outcome(unsigned number);
/* An error as the server or the library told it: the session's own kills and deadline are told apart later. sql may be
 * NULL: no position is looked for. */
void mysql_answer_error(unsigned number, const char *message, const char *sql, struct db_answer *answer);
bool mysql_is_fatal(unsigned number);  /* the session is over */
bool mysql_was_idle(unsigned number);  /* … and nothing of the message was done */
bool mysql_is_killed(unsigned number); /* KILL QUERY, ours or somebody's */

#endif
