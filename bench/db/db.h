/* db: how to talk to a server, the same for every engine.
 *
 * A struct db is one session: one thread uses it at a time, but db_cancel may be called from any thread while the owner
 * is inside a call. Answers of the server are outcomes, counted by the caller; only opening fails with an err.
 * Every call takes a deadline on the run's clock (CLOCK_NEVER_NS: none): when it passes, the driver cancels from a
 * second connection, waits DB_CANCEL_GRACE_NS, then shuts the socket: the outcome is then OUTCOME_DEADLINE or, where
 * something may have been applied, OUTCOME_UNKNOWN, and the session must be reopened (outcome_ends_session). What is asked for
 * when its deadline has passed is not sent: OUTCOME_DEADLINE. A statement that ends well although its deadline has passed is OUTCOME_OK: what the server says is done is done. A COMMIT that the
 * server turns into ROLLBACK is OUTCOME_OTHER with code 25P02. A session that is lost answers OUTCOME_CONNECTION_LOST from
 * then on and stays to be closed. db_cancel waits at most 2 s; one under way may outlive db_close, none may begin
 * after it. A statement that does not end within DB_CANCELLED_NS of it has passed its deadline: a frozen server cannot
 * hold a caller who wants to stop. */
#ifndef REHEARSE_DB_DB_H
#define REHEARSE_DB_DB_H

#include "bench/base/arena.h"
#include "bench/base/clock.h"
#include "bench/base/err.h"
#include "bench/base/outcome.h"
#include "bench/db/sql.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DB_CANCEL_GRACE_NS (3 * NS_PER_S)
#define DB_CANCELLED_NS    (5 * NS_PER_S)

struct db;
struct dialect;
struct db_driver;

/* Where to connect. Made by db_target_parse; immutable afterwards, shared by all threads. */
struct db_target {
    const struct db_driver *driver;
    const char *dsn; /* as given; may name a password file but is never printed: see `label` */
    const char
        *label; /* "postgresql://app@127.0.0.1:5432/shop": no password; filled at parse, safe to print */
    const char *database_override; /* NULL, or connect to this database instead (sandbox, template copies) */
    void *world;                   /* the driver's own, made by db_target_parse; NULL for most */
    /* For the placeholders of external commands; "" when the DSN leaves it to the client library's defaults. socket is a
     * path (PostgreSQL: the directory), host is "" then. */
    const char *host, *port, *socket, *user, *database;
};

/* Understands postgresql:// postgres:// URIs and key=value strings (all libpq's); mysql:// and mariadb:// URIs
 * (mysql://user@host:port/db, options socket, ssl-mode, ssl-ca, ssl-cert, ssl-key, defaults-file after ?) and pt-style
 * h=…,P=…,u=…,D=…,S=…,F=…, which take the rest from the option files' groups [client] and [rehearse]; and fake:FILE. A DSN with a password
 * in it is refused (hint: ~/.pgpass, PGPASSWORD, service file; ~/.my.cnf). sandbox:… is not a target: see bench/sandbox. */
bool db_target_parse(struct arena *arena, const char *dsn, struct db_target *target, struct err *err);
enum sql_lexis db_target_lexis(const struct db_target *target);

/* A message the server pushes outside results. Valid during the call only. */
struct db_notice {
    const char *severity, *code, *message,
        *routine;  /* routine: the server function that reported, may be NULL */
    int64_t at_ns; /* when the client read it */
};
typedef void db_notice_fn(void *context, const struct db_notice *notice);

struct db_options {
    const char *application_name; /* "rehearse/<run id>/<role>"; the server shows it */
    int64_t connect_timeout_ns;   /* 0: 10 s */
    bool
        as_user; /* it runs what users wrote: where that depends on settings, in the server's own instead of ours */
    const char *setup_sql; /* run once after connecting and after each reopening; NULL: none */
    const char *
        expected_identity; /* compared with the dialect's identity on every new connection; NULL: not checked */
    db_notice_fn *notice; /* NULL: notices are dropped. Called inside db calls, on the owner's thread */
    void *notice_context;
};

/* How a statement ended. A plain value. */
struct db_answer {
    enum outcome outcome;
    char code[8]; /* SQLSTATE or errno, "" when ok */
    char message
        [300]; /* the server's primary message, "" when ok, without the values that data exceptions quote */
    int position; /* 1-based character of the message's SQL at fault, 0 unknown */
    int result; /* 0-based: which statement of a multi-statement message failed (or the number that succeeded) */
    int64_t rows; /* affected or returned, of the last statement with a count */
};

/* One row of text values (NULL for SQL NULL), valid during the call. result counts the statements of the message. */
typedef void db_row_fn(void *context, int result, int columns, const char *const *values);

struct db *db_open(const struct db_target *target, const struct db_options *options, struct err *err);
/* As db_open, but tells the outcome class instead of setting err; NULL on failure. For reconnect loops. */
struct db *db_open_outcome(const struct db_target *target, const struct db_options *options,
                           struct db_answer *answer);
void db_close(struct db *db); /* accepts NULL */

/* One message of one or more statements, in text. rows may be NULL. */
struct db_answer db_exec(struct db *db, const char *sql, int64_t deadline_ns, db_row_fn *rows, void *context);

/* Prepares statement `id` (0 … DB_MAX_PREPARED−1, chosen by the caller, per session); parameters are $1 … $n in sql for
 * every engine (drivers translate). */
enum { DB_MAX_PREPARED = 1024, DB_MAX_PARAMS = 64 };
struct db_answer db_prepare(struct db *db, int id, const char *sql, int64_t deadline_ns);
/* Runs it. values are text, NULL is SQL NULL. The hot path: allocates nothing of ours. rows may be NULL: counted only. */
struct db_answer db_run(struct db *db, int id, const char *const *values, int count, int64_t deadline_ns,
                        db_row_fn *rows, void *context);

/* Bulk load, pulled: fill is called until it returns 0 (end) or −1 (failed: the load is abandoned). The bytes are text
 * with tab, newline and backslash escapes, \N for NULL, which both engines read; or, where the dialect loads binary, the
 * tuples of COPY … (FORMAT binary) without its header and trailer. freeze: the rows are frozen as they come, in a table that was made
 * or emptied in the same transaction. Another engine refuses both with OUTCOME_OTHER, "0A000". All rows or none. A
 * MySQL or MariaDB whose local_infile is off answers OUTCOME_PERMISSION with code "3948" before anything is read: the caller
 * may then INSERT instead. */
typedef long db_fill_fn(void *context, char *bytes, size_t capacity);
enum db_load_format { DB_LOAD_TEXT, DB_LOAD_BINARY };
struct db_load {
    const char *table, *columns; /* quoted */
    enum db_load_format format;
    bool freeze;
};
struct db_answer db_load(struct db *db, const struct db_load *load, int64_t deadline_ns, db_fill_fn *fill,
                         void *context);
static inline struct db_answer db_load_text(struct db *db, const char *quoted_table,
                                            const char *quoted_columns, int64_t deadline_ns, db_fill_fn *fill,
                                            void *context)
{
    return db_load(db, &(struct db_load){.table = quoted_table, .columns = quoted_columns}, deadline_ns, fill,
                   context);
}

/* How long a statement of this session may wait for a lock, in ms; 0: as long as it takes. Where the server counts in
 * whole seconds it gets the next one above, and the driver watches from a second connection and kills the statement that has
 * waited longer, exact to about 10 ms: it then ends as OUTCOME_LOCK_TIMEOUT too. Row locks of InnoDB are left to the server. */
struct db_answer db_set_lock_timeout(struct db *db, int64_t timeout_ms, int64_t deadline_ns);

/* Asks the server to stop what db is doing. Any thread; harmless when it is idle. False when it could not be sent. */
bool db_cancel(struct db *db);

const struct dialect *db_dialect(const struct db *db);
enum sql_lexis
db_lexis(const struct db *db);       /* of what users write for this server: as its own settings have it */
int db_version(const struct db *db); /* 150018: as the engine numbers it */
int db_session(const struct db *db); /* backend pid or connection id */
bool db_in_transaction(const struct db *db);                   /* as the server last said */
const char *db_client_version(const struct db_driver *driver); /* "libpq 15.18" */
const char *db_engine_name(const struct db_driver *driver);    /* "postgresql" */

/* A whole small result as a table in an arena: for catalogues and facts. */
struct db_table {
    int columns;
    size_t rows;
    const char **values; /* rows × columns; NULL is SQL NULL */
};
static inline const char *db_value(const struct db_table *table, size_t row, int column)
{
    return table->values[row * (size_t)table->columns + (size_t)column];
}
/* Runs sql (one statement) and sets err from a bad answer, with the server's message. 60 s deadline. */
bool db_query(struct db *db, struct arena *arena, const char *sql, struct db_table *table, struct err *err);
/* Runs a message whose rows do not matter; err from a bad answer. */
bool db_command(struct db *db, const char *sql, struct err *err);
bool db_answer_error(const struct db_answer *answer,
                     struct err *err); /* sets err from it (kind by class); false */

#endif
