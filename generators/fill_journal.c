#include "bench/base/log.h"
#include "bench/db/dialect.h"
#include "generators/fill_parts.h"

#include <stdlib.h>
#include <string.h>

static const char journal_name[] = "rehearse_unfinished_fill";

/* The last rank of a journal: what empties a table. */
enum { RANK_EMPTY = RANK_COUNT };

/* A server notices within this time that a process is gone that held a journal. */
enum { KEEPER_GONE_MS = 5000 };

enum { TAKE_OFF = 1, PUT_BACK, FINISH };

static const char *literal(struct fill *fill, const char *text)
{
    return text == NULL ? "NULL" : sql_quote_literal(fill->arena, db_dialect(fill->control)->lexis, text);
}

static bool add(struct fill *fill, size_t position, int rank, const struct fill_piece *piece)
{
    return db_command(fill->control,
                      arena_printf(fill->arena, "INSERT INTO %s VALUES (%zu, %d, %s, %s, %s)", fill->journal,
                                   position, rank, literal(fill, piece->take_off),
                                   literal(fill, piece->put_back), literal(fill, piece->finish)),
                      fill->err);
}

bool fill_journal_create(struct fill *fill)
{
    size_t position = 0;
    fill->journal = sql_quote(fill->arena, db_dialect(fill->control)->lexis, fill->targets[0].table->schema,
                              journal_name);
    if (!db_command(fill->control,
                    arena_printf(fill->arena,
                                 "CREATE TABLE %s (position bigint NOT NULL, take_off_rank int NOT NULL,"
                                 " take_off text NOT NULL, put_back text, finish text)",
                                 fill->journal),
                    fill->err))
        return false;
    for (size_t i = 0; i < fill->piece_count; i++)
        if (!add(fill, position++, (int)fill->pieces[i].rank, &fill->pieces[i]))
            return false;
    for (size_t i = 0; i < fill->target_count; i++) {
        struct fill_piece empty = {
            .take_off = arena_printf(fill->arena, "TRUNCATE %s", fill->targets[i].table->quoted)};
        if (!add(fill, position++, RANK_EMPTY, &empty))
            return false;
    }
    return true;
}

bool fill_journal_hold(struct fill *fill)
{
    fill->keeper = fill_open(fill, fill->err);
    return fill->keeper != NULL &&
           db_command(fill->keeper,
                      arena_printf(fill->arena, "BEGIN; LOCK TABLE %s IN SHARE MODE", fill->journal),
                      fill->err);
}

bool fill_journal_drop(struct fill *fill)
{
    if (!db_command(fill->keeper, arena_printf(fill->arena, "DROP TABLE %s; COMMIT", fill->journal),
                    fill->err))
        return false;
    fill->journal = NULL;
    return true;
}

static int rank_of(const struct db_table *rows, size_t i)
{
    return atoi(db_value(rows, i, 0));
}

/* A piece that was off already refuses: the savepoint forgets it, and what stays in the way of put_back tells then. */
static bool try_take_off(struct db *session, const char *sql, struct err *err)
{
    struct err ignored = {0};
    if (!db_command(session, "SAVEPOINT piece", err))
        return false;
    return db_command(session, sql, &ignored) || db_command(session, "ROLLBACK TO SAVEPOINT piece", err);
}

/* Whatever was off when the load broke off is off afterwards with the rest, so that the tables can be emptied. */
static bool take_off_and_empty(struct db *session, const struct db_table *rows, struct err *err)
{
    for (size_t i = 0; i < rows->rows; i++) {
        const char *sql = db_value(rows, i, TAKE_OFF);
        if (rank_of(rows, i) == RANK_EMPTY ? !db_command(session, sql, err)
                                           : !try_take_off(session, sql, err))
            return false;
    }
    return true;
}

static bool put_back_empty(struct db *session, const struct db_table *rows, struct err *err)
{
    static const enum fill_rank order[] = {RANK_KEY, RANK_INDEX, RANK_FOREIGN_KEY, RANK_TRIGGER};
    for (size_t r = 0; r < sizeof order / sizeof *order; r++)
        for (size_t i = 0; i < rows->rows; i++) {
            if (rank_of(rows, i) != (int)order[r])
                continue;
            const char *finish = db_value(rows, i, FINISH);
            if (!db_command(session, db_value(rows, i, PUT_BACK), err) ||
                (finish != NULL && !db_command(session, finish, err)))
                return false;
        }
    return true;
}

static bool limit_lock(struct db *session, int64_t limit_ms, struct err *err)
{
    struct db_answer answer = db_set_lock_timeout(session, limit_ms, CLOCK_NEVER_NS);
    return answer.outcome == OUTCOME_OK || db_answer_error(&answer, err);
}

static bool undo_locked(struct fill *fill, struct db *session, const char *journal, struct err *err)
{
    struct db_table rows;
    return db_query(session, fill->arena,
                    arena_printf(fill->arena,
                                 "SELECT take_off_rank, take_off, put_back, finish FROM %s"
                                 " ORDER BY take_off_rank, position",
                                 journal),
                    &rows, err) &&
           take_off_and_empty(session, &rows, err) && put_back_empty(session, &rows, err) &&
           db_command(session, arena_printf(fill->arena, "DROP TABLE %s", journal), err) &&
           db_command(session, "COMMIT", err);
}

/* In one transaction, so that it may break off too. No such table: nothing was taken off, or it is undone. */
static bool undo(struct fill *fill, struct db *session, const char *journal, int64_t limit_ms,
                 struct err *err)
{
    if (!db_command(session, "BEGIN", err) || !limit_lock(session, limit_ms, err))
        return false;
    struct db_answer locked = db_exec(
        session, arena_printf(fill->arena, "LOCK TABLE %s IN ACCESS EXCLUSIVE MODE", journal), CLOCK_NEVER_NS,
        NULL, NULL);
    if (locked.outcome == OUTCOME_NO_SUCH_OBJECT)
        return db_command(session, "ROLLBACK", err);
    if (locked.outcome == OUTCOME_LOCK_TIMEOUT)
        return err_set(err, ERR_ENVIRONMENT, "another fill is loading this database");
    if (locked.outcome != OUTCOME_OK)
        return db_answer_error(&locked, err);
    return limit_lock(session, 0, err) && undo_locked(fill, session, journal, err);
}

bool fill_journal_undo_earlier(struct fill *fill, bool *found)
{
    int at = catalogue_find(&fill->catalogue, journal_name);
    *found = at >= 0;
    if (!*found)
        return true;
    const char *journal = fill->catalogue.tables[at].quoted;
    log_warn("an earlier fill did not end: its tables are emptied, their indexes and constraints put back");
    if (undo(fill, fill->control, journal, KEEPER_GONE_MS, fill->err))
        return true;
    return err_wrap(fill->err, "undo what %s lists", journal);
}

void fill_journal_rescue(struct fill *fill)
{
    struct err err = {0};
    if (fill->journal == NULL)
        return;
    db_close(fill->keeper);
    fill->keeper = NULL;
    struct db *session = fill_open(fill, &err);
    if (session == NULL || !undo(fill, session, fill->journal, 0, &err)) {
        log_warn("the tables are half loaded and lack indexes: %s", err.message);
        fill->err->kind = ERR_LEFTOVER;
        err_hint(fill->err, "the next fill of this database empties the tables and puts back what %s lists",
                 fill->journal);
    }
    db_close(session);
}
