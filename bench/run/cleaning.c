#include "bench/run/cleaning.h"

#include "bench/base/log.h"
#include "bench/db/dialect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOCK_TIMEOUT_MS = 5000 };
#define HEARTBEAT_SILENCE_NS (2 * NS_PER_S) /* a run that lives beats many times within it */

static struct db *connect_to(const struct cleaning *cleaning, struct err *err)
{
    struct db_options options = {.application_name = "rehearse/clean",
                                 .expected_identity = cleaning->identity};
    return db_open(cleaning->target, &options, err);
}

/* The journal. */

static bool write_row(struct db *db, struct arena *arena, const struct cleaning *cleaning, const char *note,
                      struct err *err)
{
    enum sql_lexis lexis = db_dialect(db)->lexis;
    const char *values[] = {cleaning->run_id, cleaning->strategy, objects_to_json(arena, &cleaning->before),
                            note};
    const char *list = "";
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const char *literal = sql_quote_literal(arena, lexis, values[i]);
        if (literal == NULL)
            return err_set(err, ERR_ENVIRONMENT, "a name in the schema cannot be written as text");
        list = arena_printf(arena, "%s%s%s", list, i > 0 ? ", " : "", literal);
    }
    return db_command(db, dialect_sql(arena, db, DIALECT_JOURNAL_WRITE, list), err);
}

struct rows {
    struct arena *arena;
    const char *(*items)[5];
    size_t count, capacity;
};

static void keep_row(void *context, int result, int columns, const char *const *values)
{
    struct rows *rows = context;
    if (result != 0 || columns != 5)
        return;
    const char *(*row)[5] = ARENA_PUSH(rows->arena, rows->items, rows->count, rows->capacity);
    for (int i = 0; i < 5; i++)
        (*row)[i] = arena_strdup(rows->arena, values[i] != NULL ? values[i] : "");
}

/* A journal that is not there is an empty one. */
static bool read_rows(struct db *db, struct rows *rows, struct err *err)
{
    const char *sql = dialect_sql(rows->arena, db, DIALECT_JOURNAL_READ, NULL);
    if (sql == NULL)
        return true;
    struct db_answer answer = db_exec(db, sql, clock_ns() + 60 * NS_PER_S, keep_row, rows);
    return answer.outcome == OUTCOME_OK || answer.outcome == OUTCOME_NO_SUCH_OBJECT ||
           db_answer_error(&answer, err);
}

/* And the table, when it was the last row. */
static bool forget(struct db *db, struct arena *arena, const char *run_id, struct err *err)
{
    struct rows rows = {.arena = arena};
    const char *literal = sql_quote_literal(arena, db_dialect(db)->lexis, run_id);
    return db_command(db, dialect_sql(arena, db, DIALECT_JOURNAL_FORGET, literal), err) &&
           read_rows(db, &rows, err) &&
           (rows.count > 0 || db_command(db, dialect_sql(arena, db, DIALECT_JOURNAL_DROP, NULL), err));
}

/* One strategy. */

static bool keeps_journal(struct db *db, const struct cleaning *cleaning)
{
    return cleaning->journal && cleaning->before.known &&
           db_dialect(db)->text(DIALECT_JOURNAL_WRITE, db_version(db)) != NULL;
}

bool cleaning_begin(struct cleaning *cleaning, struct arena *arena, struct err *err)
{
    struct err unwritten = {0};
    struct db *db = connect_to(cleaning, err);
    bool taken = db != NULL && objects_take(db, arena, &cleaning->before, err);
    cleaning->journal = taken && keeps_journal(db, cleaning);
    if (cleaning->journal &&
        !(db_command(db, dialect_sql(arena, db, DIALECT_JOURNAL_CREATE, NULL), &unwritten) &&
          write_row(db, arena, cleaning, "", &unwritten))) {
        log_warn("no journal can be kept (%s): after a crash rehearse clean will know nothing of this run",
                 unwritten.message);
        cleaning->journal = false;
    }
    db_close(db);
    return taken;
}

bool cleaning_end(struct cleaning *cleaning, bool well, struct arena *arena, struct err *err)
{
    struct objects now;
    struct db *db = connect_to(cleaning, err);
    bool ok = db != NULL && objects_take(db, arena, &now, err);
    if (ok)
        *(well ? &cleaning->own : &cleaning->left) = objects_added(arena, &cleaning->before, &now);
    if (ok && cleaning->journal) {
        ok = cleaning->left.count > 0
                 ? db_command(db,
                              dialect_sql(arena, db, DIALECT_JOURNAL_FORGET,
                                          sql_quote_literal(arena, db_dialect(db)->lexis, cleaning->run_id)),
                              err) &&
                       write_row(db, arena, cleaning, objects_to_json(arena, &cleaning->left), err)
                 : forget(db, arena, cleaning->run_id, err);
    }
    db_close(db);
    return ok;
}

/* All of them. */

struct search {
    const char *prefix;
    bool found;
};

static void look(void *context, int result, int columns, const char *const *values)
{
    struct search *search = context;
    if (result == 0 && columns > 1 && values[1] != NULL &&
        strncmp(values[1], search->prefix, strlen(search->prefix)) == 0)
        search->found = true;
}

static bool is_running(struct db *db, struct arena *arena, const char *run_id)
{
    const char *sql = dialect_sql(arena, db, DIALECT_SESSIONS, NULL);
    struct search search = {.prefix = arena_printf(arena, "rehearse/%s/", run_id)};
    if (sql != NULL)
        db_exec(db, sql, clock_ns() + 10 * NS_PER_S, look, &search);
    return search.found;
}

bool cleaning_has_fill(struct db *db, struct arena *arena, const char **schema)
{
    struct db_table table;
    struct err untold = {0};
    const char *sql = dialect_sql(arena, db, DIALECT_BULK_JOURNALS, NULL);
    bool found = sql != NULL && db_query(db, arena, sql, &table, &untold) && table.rows > 0;
    *schema = found ? db_value(&table, 0, 0) : NULL;
    return *schema != NULL;
}

static void look_blind(void *context, int result, int columns, const char *const *values)
{
    bool *blind = context;
    *blind = *blind || (result == 0 && columns > 0 && values[0] == NULL);
}

bool cleaning_is_blind(struct db *db, struct arena *arena)
{
    bool blind = false;
    const char *sql = dialect_sql(arena, db, DIALECT_FOREIGN_WRITERS, "0");
    return sql == NULL ||
           db_exec(db, sql, clock_ns() + 10 * NS_PER_S, look_blind, &blind).outcome != OUTCOME_OK || blind;
}

/* What was there before is never touched; where the run could still say what it left, only that. */
static bool find_left(struct arena *arena, const char *before_json, const char *note,
                      const struct objects *now, struct objects *left, struct err *err)
{
    struct objects before, noted;
    if (!objects_from_json(arena, before_json, &before, err) || !objects_from_json(arena, note, &noted, err))
        return false;
    struct objects added = objects_added(arena, &before, now);
    *left = (struct objects){.known = added.known};
    for (size_t i = 0; i < added.count; i++)
        if (note[0] == '\0' || objects_have(&noted, added.items[i].name))
            *ARENA_PUSH(arena, left->items, left->count, left->capacity) = added.items[i];
    return true;
}

bool cleaning_read(struct db *db, struct arena *arena, struct unfinished_run **runs, size_t *count,
                   struct err *err)
{
    struct rows rows = {.arena = arena};
    struct objects now;
    if (!read_rows(db, &rows, err) || !objects_take(db, arena, &now, err))
        return false;
    *runs = arena_alloc(arena, (rows.count + 1) * sizeof **runs);
    *count = rows.count;
    for (size_t i = 0; i < rows.count; i++) {
        const char **row = rows.items[i];
        struct unfinished_run *run = &(*runs)[i];
        *run = (struct unfinished_run){.run_id = row[0],
                                       .strategy = row[1],
                                       .started_us = strtoll(row[4], NULL, 10),
                                       .running = is_running(db, arena, row[0])};
        if (!find_left(arena, row[2], row[3], &now, &run->left, err))
            return err_wrap(err, "run %s", row[0]);
    }
    return true;
}

bool cleaning_remove(struct db *db, struct arena *arena, const struct unfinished_run *run,
                     struct objects *kept, struct err *err)
{
    struct objects now;
    *kept = (struct objects){0};
    if (!objects_take(db, arena, &now, err)) /* anew: what two runs left goes once */
        return false;
    db_set_lock_timeout(db, LOCK_TIMEOUT_MS, clock_ns() + 10 * NS_PER_S);
    for (size_t i = 0; i < run->left.count; i++) {
        struct err failed = {0};
        if (objects_have(&now, run->left.items[i].name) &&
            !db_command(db, run->left.items[i].statement, &failed))
            log_warn("%s: %s", run->left.items[i].name, failed.message);
    }
    if (!objects_take(db, arena, &now, err))
        return false;
    for (size_t i = 0; i < run->left.count; i++)
        if (objects_have(&now, run->left.items[i].name))
            *ARENA_PUSH(arena, kept->items, kept->count, kept->capacity) = run->left.items[i];
    return kept->count > 0 || forget(db, arena, run->run_id, err);
}

/* The heartbeat. */

struct beat {
    char text[32];
    bool found;
};

static void keep_beat(void *context, int result, int columns, const char *const *values)
{
    struct beat *beat = context;
    if (result == 0 && columns == 1)
        snprintf(beat->text, sizeof beat->text, "%s", values[0] != NULL ? values[0] : "");
}

static struct beat read_beat(struct db *db, struct arena *arena)
{
    struct beat beat = {.found = false};
    const char *sql = dialect_sql(arena, db, DIALECT_HEARTBEAT_READ, NULL);
    if (sql != NULL)
        beat.found = db_exec(db, sql, clock_ns() + 10 * NS_PER_S, keep_beat, &beat).outcome == OUTCOME_OK;
    return beat;
}

const char *cleaning_heartbeat(struct db *db, struct arena *arena)
{
    struct beat before = read_beat(db, arena);
    if (!before.found)
        return NULL;
    clock_sleep_ns(HEARTBEAT_SILENCE_NS);
    struct beat after = read_beat(db, arena);
    bool stands_still = after.found && strcmp(before.text, after.text) == 0;
    return stands_still ? dialect_sql(arena, db, DIALECT_HEARTBEAT_DROP, NULL) : NULL;
}

bool cleaning_drop_heartbeat(struct db *db, const char *statement, struct err *err)
{
    db_set_lock_timeout(db, LOCK_TIMEOUT_MS, clock_ns() + 10 * NS_PER_S);
    return db_command(db, statement, err);
}
