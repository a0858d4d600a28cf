#include "bench/run/guard.h"

#include "bench/db/dialect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define GUARD_APPLICATION "rehearse/guard"

static struct db *connect_to(const struct db_target *target, struct err *err)
{
    struct db_options options = {.application_name = GUARD_APPLICATION};
    return db_open(target, &options, err);
}

/* The value of a query that must give one, in the arena; NULL with err. */
static const char *ask(struct db *db, struct arena *arena, enum dialect_query query, struct err *err)
{
    struct db_table table;
    const char *sql = dialect_sql(arena, db, query, NULL);
    if (sql != NULL && !db_query(db, arena, sql, &table, err))
        return NULL;
    if (sql != NULL && table.rows == 1 && db_value(&table, 0, 0) != NULL)
        return db_value(&table, 0, 0);
    err_set(err, ERR_ENVIRONMENT, "this server cannot be guarded: it does not tell its identity or time");
    return NULL;
}

/* The name of the session's database; NULL with err. */
static const char *ask_database(struct db *db, struct arena *arena, const char *label, struct err *err)
{
    struct err untold = {0};
    const char *name = ask(db, arena, DIALECT_DATABASE, &untold);
    if (name != NULL)
        return name;
    err_set(err, ERR_ENVIRONMENT, "%s names no database: only a database is armed and rehearsed in", label);
    err_hint(err, "write it into the DSN: mysql://user@host/DATABASE, D=DATABASE, dbname=DATABASE");
    return NULL;
}

/* The server's own, of which no copy is staging. */
static bool is_systems(const struct db *db, const char *name)
{
    static const char *const names[] = {"mysql", "sys", "information_schema", "performance_schema"};
    for (size_t i = 0; sql_is_mysql(db_dialect(db)->lexis) && i < sizeof names / sizeof *names; i++)
        if (strcasecmp(names[i], name) == 0)
            return true;
    return false;
}

static bool check_own(struct db *db, struct arena *arena, const char *label, struct err *err)
{
    const char *name = ask_database(db, arena, label, err);
    return name != NULL &&
           (!is_systems(db, name) ||
            err_set(err, ERR_ENVIRONMENT, "%s is a database of the server itself: it is never armed", name));
}

/* A replica, or a server that somebody has closed to writers: what it refuses would be taken for the migration's fault. */
static bool check_writable(struct db *db, const struct db_target *target, struct arena *arena,
                           struct err *err)
{
    static const char *const names[] = {"read_only", "transaction_read_only"};
    struct db_table settings;
    const char *sql = dialect_sql(arena, db, DIALECT_SETTINGS, NULL);
    if (sql == NULL)
        return true;
    if (!db_query(db, arena, sql, &settings, err))
        return err_wrap(err, "asking whether %s takes writes", target->label);
    for (size_t row = 0; row < settings.rows; row++)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            const char *value = db_value(&settings, row, 1);
            if (strcmp(db_value(&settings, row, 0), names[i]) != 0 || value == NULL ||
                strcasecmp(value, "off") == 0)
                continue;
            err_set(err, ERR_ENVIRONMENT, "%s is read-only (%s = %s): a migration cannot be rehearsed there",
                    target->label, names[i], value);
            return err_hint(err, "is it a replica? name the primary in target.dsn, and this one in "
                                 "target.replicas");
        }
    return true;
}

static bool check_name(struct db *db, struct arena *arena, const char *typed, const char *label,
                       struct err *err)
{
    const char *name = ask(db, arena, DIALECT_DATABASE, err);
    if (name == NULL)
        return false;
    if (strcmp(typed, name) == 0)
        return true;
    err_set(err, ERR_ENVIRONMENT, "\"%s\" is not the name of the database of %s: nothing is armed", typed,
            label);
    return err_hint(err, "look again whether this is the database you mean, then type its name");
}

static bool refuse(const struct db_target *target, struct err *err, const char *why)
{
    err_set(err, ERR_ENVIRONMENT, "%s %s: only a database marked as staging may be changed", target->label,
            why);
    return err_hint(err, "if it is staging, mark it: rehearse arm DSN; or for one run: --arm DBNAME");
}

/* What opens a refused target, as it would be typed. */
static bool tell_how(struct db *db, const struct db_target *target, struct arena *arena, struct err *err)
{
    struct err unasked = {0};
    const char *name = ask(db, arena, DIALECT_DATABASE, &unasked);
    if (name != NULL)
        err_hint(err, "if it is staging, mark it: rehearse arm '%s'; or for this run only: --arm %s",
                 target->label, name);
    return false;
}

static bool judge_markers(const struct db_target *target, const struct db_table *markers,
                          const char *identity, int64_t now_us, struct err *err)
{
    int64_t expired_us = 0;
    for (size_t row = 0; row < markers->rows; row++) {
        int64_t expires_us = strtoll(db_value(markers, row, 1), NULL, 10);
        if (strcmp(db_value(markers, row, 0), identity) != 0)
            continue;
        if (expires_us > now_us)
            return true;
        if (expires_us > expired_us)
            expired_us = expires_us;
    }
    if (expired_us > 0) {
        char when[32], why[80];
        clock_format_rfc3339(expired_us, when);
        snprintf(why, sizeof why, "was armed until %s, which has passed", when);
        return refuse(target, err, why);
    }
    return refuse(target, err,
                  markers->rows > 0
                      ? "carries the marker of another server or database, which it was copied from"
                      : "is not armed");
}

struct marker_rows {
    struct arena *arena;
    struct db_table table;
    size_t count, capacity;
};

static void keep_marker(void *context, int result, int columns, const char *const *values)
{
    struct marker_rows *rows = context;
    if (result != 0 || columns != 2 || values[0] == NULL || values[1] == NULL)
        return;
    rows->table.columns = columns;
    rows->table.rows++;
    for (int i = 0; i < columns; i++)
        *ARENA_PUSH(rows->arena, rows->table.values, rows->count, rows->capacity) = arena_strdup(rows->arena,
                                                                                                 values[i]);
}

static bool check_marker(struct db *db, const struct db_target *target, struct arena *arena,
                         const char *identity, struct err *err)
{
    const char *now = ask(db, arena, DIALECT_NOW, err);
    if (now == NULL)
        return false;
    struct marker_rows rows = {.arena = arena};
    struct db_answer answer = db_exec(db, dialect_sql(arena, db, DIALECT_MARKER_READ, NULL),
                                      clock_ns() + 60 * NS_PER_S, keep_marker, &rows);
    if (answer.outcome == OUTCOME_PERMISSION)
        return refuse(target, err,
                      "may be armed, but this role may not read the marker (GRANT it SELECT on that table)");
    if (answer.outcome != OUTCOME_OK && answer.outcome != OUTCOME_NO_SUCH_OBJECT)
        return db_answer_error(&answer, err);
    return judge_markers(target, &rows.table, identity, strtoll(now, NULL, 10), err);
}

bool guard_check(const struct db_target *target, const char *arm_database, struct arena *arena,
                 const char **identity, struct err *err)
{
    *identity = NULL;
    struct db *db = connect_to(target, err);
    if (db == NULL)
        return false;
    bool open = check_own(db, arena, target->label, err) &&
                (*identity = ask(db, arena, DIALECT_IDENTITY, err)) != NULL &&
                check_writable(db, target, arena, err) &&
                (arm_database != NULL
                     ? check_name(db, arena, arm_database, target->label, err)
                     : check_marker(db, target, arena, *identity, err) || tell_how(db, target, arena, err));
    db_close(db);
    return open;
}

bool guard_database(const struct db_target *target, struct arena *arena, const char **name, struct err *err)
{
    struct db *db = connect_to(target, err);
    *name = db != NULL ? ask_database(db, arena, target->label, err) : NULL;
    db_close(db);
    return *name != NULL;
}

/* The statements that arm: the marker's table, and the marker. The expiry is on the server's clock, which judges it. */
static bool marker_sql(struct db *db, struct arena *arena, const char *identity, int64_t expires_after_ns,
                       const char **create, const char **write, struct err *err)
{
    const char *now = ask(db, arena, DIALECT_NOW, err);
    if (now == NULL)
        return false;
    const char *literal = sql_quote_literal(arena, db_dialect(db)->lexis, identity);
    if (literal == NULL)
        return err_set(err, ERR_ENVIRONMENT, "the name of this database cannot be written as text");
    long long expires_us = strtoll(now, NULL, 10) + expires_after_ns / NS_PER_US;
    *create = dialect_sql(arena, db, DIALECT_MARKER_CREATE, NULL);
    *write = dialect_sql(arena, db, DIALECT_MARKER_WRITE,
                         arena_printf(arena, "%s, %lld", literal, expires_us));
    return true;
}

bool guard_arm(const struct db_target *target, const char *typed, int64_t expires_after_ns, struct err *err)
{
    struct arena arena = {0};
    const char *identity = NULL, *create = NULL, *write = NULL;
    struct db *db = connect_to(target, err);
    bool armed = db != NULL && check_own(db, &arena, target->label, err) &&
                 (identity = ask(db, &arena, DIALECT_IDENTITY, err)) != NULL &&
                 check_name(db, &arena, typed, target->label, err) &&
                 marker_sql(db, &arena, identity, expires_after_ns, &create, &write, err);
    if (armed && !(db_command(db, create, err) && db_command(db, write, err))) {
        armed = err_wrap(err, "write the marker");
        err_hint(err,
                 "a role that may create the marker's table can run what rehearse arm --print-sql prints");
    }
    db_close(db);
    arena_free(&arena);
    return armed;
}

bool guard_print_sql(const struct db_target *target, int64_t expires_after_ns, struct arena *arena,
                     char **sql, struct err *err)
{
    const char *identity = NULL, *create = NULL, *write = NULL;
    struct db *db = connect_to(target, err);
    bool made = db != NULL && check_own(db, arena, target->label, err) &&
                (identity = ask(db, arena, DIALECT_IDENTITY, err)) != NULL &&
                marker_sql(db, arena, identity, expires_after_ns, &create, &write, err);
    if (made)
        *sql = arena_printf(arena, "%s;\n%s;\n", create, write);
    db_close(db);
    return made;
}
