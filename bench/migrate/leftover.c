#include "bench/migrate/leftover.h"

#include "bench/base/log.h"
#include "bench/db/dialect.h"
#include "bench/migrate/session.h"

#include <string.h>

static const int64_t hurried_lock_timeout_ms = 100;

static bool leaves_indexes(enum sql_kind kind)
{
    return kind == SQL_KIND_CREATE_INDEX_CONCURRENTLY || kind == SQL_KIND_REINDEX_CONCURRENTLY;
}

static enum sql_lexis lexis_of(const struct migrator *migrator)
{
    return db_dialect(migrator->session.db)->lexis;
}

/* True when `written` (as it stands in the statement, NULL when it names no table) may mean schema.name. */
static bool names_table(struct arena *arena, enum sql_lexis lexis, const char *written, const char *schema,
                        const char *name)
{
    if (written == NULL)
        return true;
    const char *dot = strrchr(written, '.');
    const char *last = dot == NULL ? written : dot + 1;
    if (strcmp(sql_fold(arena, lexis, last, strlen(last)), name) != 0)
        return false;
    return dot == NULL || strcmp(sql_fold(arena, lexis, written, (size_t)(dot - written)), schema) == 0;
}

struct invalid {
    enum sql_kind by; /* the statement that may leave them */
    const char **names;
    size_t count, capacity;
};

/* REINDEX leaves what it builds, or what it replaced, under names of its own: others may be building theirs meanwhile. */
static bool may_be_of(enum sql_kind kind, const char *name)
{
    return kind != SQL_KIND_REINDEX_CONCURRENTLY || strstr(name, "_ccnew") != NULL ||
           strstr(name, "_ccold") != NULL;
}

static bool add_invalid(struct migrator *migrator, const char *table_id, const char *schema,
                        struct invalid *found)
{
    struct arena *arena = &migrator->arena;
    struct db *db = migrator->session.db;
    struct db_table indexes;
    struct err ignored = {0};
    if (!db_query(db, arena, dialect_sql(arena, db, DIALECT_INDEXES, table_id), &indexes, &ignored))
        return false;
    for (size_t row = 0; row < indexes.rows; row++) {
        const char *index = db_value(&indexes, row, 1);
        if (strcmp(db_value(&indexes, row, 6), "0") != 0 || !may_be_of(found->by, index))
            continue;
        char *name = sql_quote(arena, lexis_of(migrator), schema, index);
        if (name != NULL)
            *ARENA_PUSH(arena, found->names, found->count, found->capacity) = name;
    }
    return true;
}

/* The invalid indexes of the statement's table, of every table when it names none (REINDEX INDEX). False: the server could not tell. */
static bool find_invalid(struct migrator *migrator, const struct step *step, struct invalid *found)
{
    struct arena *arena = &migrator->arena;
    struct db *db = migrator->session.db;
    struct db_table tables;
    struct err ignored = {0};
    const char *written = sql_target_table(arena, step->lexis, step->sql);
    *found = (struct invalid){.by = step->sql_kind};
    if (!db_query(db, arena, dialect_sql(arena, db, DIALECT_TABLES, NULL), &tables, &ignored))
        return false;
    for (size_t row = 0; row < tables.rows; row++) {
        const char *schema = db_value(&tables, row, 1);
        if (names_table(arena, step->lexis, written, schema, db_value(&tables, row, 2)) &&
            !add_invalid(migrator, db_value(&tables, row, 0), schema, found))
            return false;
    }
    return true;
}

struct leftover leftover_before(struct migrator *migrator, const struct step *step)
{
    struct invalid found;
    if (!leaves_indexes(step->sql_kind) || session_in_transaction(migrator) ||
        session_set_timeouts(migrator, 0, 0).outcome != OUTCOME_OK)
        return (struct leftover){.watched = false};
    if (!find_invalid(migrator, step, &found))
        return (struct leftover){.watched = false};
    return (struct leftover){.watched = true, .names = found.names, .count = found.count};
}

static bool was_there(const struct leftover *before, const char *name)
{
    for (size_t i = 0; i < before->count; i++)
        if (strcmp(before->names[i], name) == 0)
            return true;
    return false;
}

void leftover_after(struct migrator *migrator, const struct step *step, const struct leftover *before)
{
    struct err err = {0};
    struct invalid found;
    if (!before->watched || session_ensure(migrator, &err) != MIGRATOR_DONE ||
        session_set_timeouts(migrator, 0, 0).outcome != OUTCOME_OK || !find_invalid(migrator, step, &found))
        return;
    for (size_t i = 0; i < found.count; i++) {
        if (was_there(before, found.names[i]))
            continue;
        *ARENA_PUSH(&migrator->arena, migrator->leftovers, migrator->leftover_count,
                    migrator->leftover_capacity) = found.names[i];
    }
    if (!leftover_drop(migrator, &err))
        log_warn("the invalid index %s is still there: %s", migrator->leftovers[migrator->leftover_count - 1],
                 err.message);
}

static bool drop_last(struct migrator *migrator, struct err *err)
{
    if (session_ensure(migrator, err) != MIGRATOR_DONE)
        return false;
    const char *name = migrator->leftovers[migrator->leftover_count - 1];
    int64_t lock_timeout_ms = migration_interrupted(migrator) ? hurried_lock_timeout_ms : 0;
    struct db_answer answer = session_set_timeouts(migrator, lock_timeout_ms, 0);
    if (answer.outcome == OUTCOME_OK)
        answer = session_exec(migrator,
                              arena_printf(&migrator->arena, "DROP INDEX CONCURRENTLY IF EXISTS %s", name),
                              CLOCK_NEVER_NS, NULL, NULL);
    if (answer.outcome != OUTCOME_OK)
        return db_answer_error(&answer, err);
    migrator->leftover_count--;
    return true;
}

bool leftover_drop(struct migrator *migrator, struct err *err)
{
    while (migrator->leftover_count > 0)
        if (!drop_last(migrator, err))
            return false;
    return true;
}
