#include "bench/db/db.h"

#include "bench/db/dialect.h"
#include "bench/db/driver.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct db_driver *const drivers[] = {&db_fake, &db_mysql, &db_postgres};
enum { DRIVER_COUNT = sizeof drivers / sizeof drivers[0] };

static const int64_t catalogue_limit_ns = 60 * NS_PER_S;

/* Never quotes the DSN: whatever it is, it may hold a password. */
static bool unknown_dsn(struct err *err)
{
    err_set(err, ERR_USAGE, "the DSN is of no engine known here");
    return err_hint(err,
                    "write postgresql://user@host:port/database, key=value pairs as libpq reads them, or "
                    "mysql://user@host:port/database");
}

bool db_target_parse(struct arena *arena, const char *dsn, struct db_target *target, struct err *err)
{
    for (int i = 0; i < DRIVER_COUNT; i++) {
        if (!drivers[i]->accepts(dsn))
            continue;
        *target = (struct db_target){.driver = drivers[i], .dsn = arena_strdup(arena, dsn)};
        return drivers[i]->parse(arena, dsn, target, err);
    }
    return unknown_dsn(err);
}

struct db *db_open_outcome(const struct db_target *target, const struct db_options *options,
                           struct db_answer *answer)
{
    *answer = (struct db_answer){.outcome = OUTCOME_OK};
    return target->driver->open(target, options, answer);
}

struct db *db_open(const struct db_target *target, const struct db_options *options, struct err *err)
{
    struct db_answer answer;
    struct db *db = db_open_outcome(target, options, &answer);
    if (db == NULL) {
        db_answer_error(&answer, err);
        err_wrap(err, "connect to %s", target->label);
    }
    return db;
}

void db_close(struct db *db)
{
    if (db != NULL)
        db->driver->close(db);
}

/* What comes too late is not sent: a server may be quicker than the cancel. */
static bool is_late(int64_t deadline_ns, struct db_answer *answer)
{
    *answer = (struct db_answer){.outcome = OUTCOME_DEADLINE, .message = "the deadline has passed"};
    return deadline_ns != CLOCK_NEVER_NS && clock_ns() >= deadline_ns;
}

struct db_answer db_exec(struct db *db, const char *sql, int64_t deadline_ns, db_row_fn *rows, void *context)
{
    struct db_answer late;
    if (is_late(deadline_ns, &late))
        return late;
    return db->driver->exec(db, sql, deadline_ns, rows, context);
}

struct db_answer db_prepare(struct db *db, int id, const char *sql, int64_t deadline_ns)
{
    struct db_answer late;
    assert(id >= 0 && id < DB_MAX_PREPARED);
    if (is_late(deadline_ns, &late))
        return late;
    return db->driver->prepare(db, id, sql, deadline_ns);
}

struct db_answer db_run(struct db *db, int id, const char *const *values, int count, int64_t deadline_ns,
                        db_row_fn *rows, void *context)
{
    struct db_answer late;
    assert(id >= 0 && id < DB_MAX_PREPARED && count >= 0 && count <= DB_MAX_PARAMS);
    if (is_late(deadline_ns, &late))
        return late;
    return db->driver->run(db, id, values, count, deadline_ns, rows, context);
}

struct db_answer db_load(struct db *db, const struct db_load *load, int64_t deadline_ns, db_fill_fn *fill,
                         void *context)
{
    if ((load->format == DB_LOAD_BINARY || load->freeze) && !db->dialect->loads_binary)
        return (struct db_answer){.outcome = OUTCOME_OTHER,
                                  .code = "0A000",
                                  .message = "a load of this engine takes text, and freezes no rows"};
    struct db_answer late;
    if (is_late(deadline_ns, &late))
        return late;
    return db->driver->load(db, load, deadline_ns, fill, context);
}

struct db_answer db_set_lock_timeout(struct db *db, int64_t timeout_ms, int64_t deadline_ns)
{
    struct arena arena = {0};
    struct db_answer answer = {.outcome = OUTCOME_OK};
    int64_t before_ms = db->lock_timeout_ms;
    const char *sql = dialect_sql(&arena, db, DIALECT_SET_LOCK_TIMEOUT,
                                  arena_printf(&arena, "%lld", (long long)timeout_ms));
    db->lock_timeout_ms = timeout_ms; /* a driver that watches over it prepares to now, not when it matters */
    if (sql != NULL)
        answer = db_exec(db, sql, deadline_ns, NULL, NULL);
    if (answer.outcome != OUTCOME_OK)
        db->lock_timeout_ms = before_ms;
    arena_free(&arena);
    return answer;
}

bool db_cancel(struct db *db)
{
    return db->driver->cancel(db);
}

const struct dialect *db_dialect(const struct db *db)
{
    return db->dialect;
}

int db_version(const struct db *db)
{
    return db->version;
}

int db_session(const struct db *db)
{
    return db->session;
}

bool db_in_transaction(const struct db *db)
{
    return db->in_transaction;
}

enum sql_lexis db_lexis(const struct db *db)
{
    return (enum sql_lexis)((int)db->dialect->lexis | db->modes);
}

const char *db_client_version(const struct db_driver *driver)
{
    return driver->client_version();
}

enum sql_lexis db_target_lexis(const struct db_target *target)
{
    return target->driver->lexis;
}

const char *db_engine_name(const struct db_driver *driver)
{
    return driver->engine;
}

struct collector {
    struct arena *arena;
    struct db_table *table;
    size_t count, capacity; /* of table->values */
};

static void collect_row(void *context, int result, int columns, const char *const *values)
{
    struct collector *collector = context;
    struct db_table *table = collector->table;
    if (result != 0)
        return;
    table->columns = columns;
    table->rows++;
    for (int i = 0; i < columns; i++)
        *ARENA_PUSH(collector->arena, table->values, collector->count,
                    collector->capacity) = arena_strdup(collector->arena, values[i]);
}

bool db_query(struct db *db, struct arena *arena, const char *sql, struct db_table *table, struct err *err)
{
    struct collector collector = {.arena = arena, .table = table};
    *table = (struct db_table){.columns = 0};
    struct db_answer answer = db_exec(db, sql, clock_ns() + catalogue_limit_ns, collect_row, &collector);
    return answer.outcome == OUTCOME_OK || db_answer_error(&answer, err);
}

bool db_command(struct db *db, const char *sql, struct err *err)
{
    struct db_answer answer = db_exec(db, sql, CLOCK_NEVER_NS, NULL, NULL);
    return answer.outcome == OUTCOME_OK || db_answer_error(&answer, err);
}

/* What an answer means to the run: the kind of its error, and what a user can do about it. */
static const struct {
    enum err_kind kind;
    const char *hint;
} meaning[OUTCOME_COUNT] = {
    [OUTCOME_OK] = {ERR_INTERNAL, NULL},
    [OUTCOME_LOCK_TIMEOUT] = {ERR_ENVIRONMENT, "another session held a lock for longer than lock_timeout"},
    [OUTCOME_STATEMENT_TIMEOUT] = {ERR_ENVIRONMENT, "raise statement_timeout or make the statement smaller"},
    [OUTCOME_DEADLOCK] = {ERR_ENVIRONMENT, NULL},
    [OUTCOME_SERIALIZATION] = {ERR_ENVIRONMENT, NULL},
    [OUTCOME_CONSTRAINT] = {ERR_ENVIRONMENT, NULL},
    [OUTCOME_NO_SUCH_OBJECT] = {ERR_ENVIRONMENT, NULL},
    [OUTCOME_SCHEMA_CHANGED] = {ERR_ENVIRONMENT, NULL},
    [OUTCOME_SYNTAX] = {ERR_ENVIRONMENT, NULL},
    [OUTCOME_PERMISSION] = {ERR_ENVIRONMENT,
                            "grant the right to the role that the DSN names, or use another"},
    [OUTCOME_CONNECTION_LOST] = {ERR_ENVIRONMENT, "is the server running, and reachable from here?"},
    [OUTCOME_TOO_MANY_CONNECTIONS] = {ERR_ENVIRONMENT, "raise max_connections or run with fewer sessions"},
    [OUTCOME_CANCELLED] = {ERR_INTERRUPTED, NULL},
    [OUTCOME_DEADLINE] = {ERR_ENVIRONMENT, "the server did not answer in time"},
    [OUTCOME_UNKNOWN] = {ERR_ENVIRONMENT,
                         "the connection went before the answer came: look whether the change is there"},
    [OUTCOME_WRONG_SERVER] = {ERR_ENVIRONMENT,
                              "arm this server too, or name a DSN that always reaches the armed one"},
    [OUTCOME_OTHER] = {ERR_ENVIRONMENT, NULL},
};

bool db_answer_error(const struct db_answer *answer, struct err *err)
{
    const char *message = answer->message[0] != '\0' ? answer->message : outcome_name(answer->outcome);
    if (answer->code[0] != '\0')
        err_set(err, meaning[answer->outcome].kind, "%s (%s)", message, answer->code);
    else
        err_set(err, meaning[answer->outcome].kind, "%s", message);
    if (meaning[answer->outcome].hint != NULL)
        err_hint(err, "%s", meaning[answer->outcome].hint);
    return false;
}
