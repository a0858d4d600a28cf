#include "generators/fill_journal.h"
#include "bench/base/log.h"
#include "bench/db/dialect.h"

#include <stdlib.h>
#include <string.h>

/* Where DDL is transactional the journal is made in the transaction that takes pieces off, and is undone in one.
 *
 * Where DDL ends transactions every step stands by itself, and their order makes each point of a crash safe:
 *   1. a session holds the fill's lock      nothing is changed; the lock goes with the process
 *   2. the empty journal is created         the next fill finds nothing to do in it and drops it
 *   3. its rows come in one transaction     none: as before; all: what they name is on, or empty, already
 *   4. pieces are taken off, rows loaded    the journal tells what may be off and which tables to empty
 *   5. pieces are put back                  taken off again with the rest, so that putting back never meets them
 *   6. the journal is dropped               from here on the load is whole
 * To undo is: take off what is not off yet, empty the tables, put everything back, drop the journal. Each of these may
 * be done twice, so an undo that breaks off is begun again. What becomes of a load that can go on, see fill_resume.c. A table apart that holds a sample has a fixed name and is dropped
 * by whoever needs the name next. */

static const char journal_name[] = "rehearse_unfinished_fill";

/* The last ranks of a journal: what empties a table; the plan it was loaded by, which is no statement; what puts an empty table
 * back into the server's log. */
enum { RANK_EMPTY = RANK_COUNT, RANK_PLAN, RANK_LOGGED };

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

static bool write_rows(struct fill *fill)
{
    size_t position = 0;
    for (size_t i = 0; i < fill->piece_count; i++)
        if (!add(fill, position++, (int)fill->pieces[i].rank, &fill->pieces[i]))
            return false;
    for (size_t i = 0; i < fill->target_count; i++) {
        struct fill_piece empty = {
            .take_off = arena_printf(fill->arena, "TRUNCATE TABLE %s", fill->targets[i].table->quoted)};
        if (!add(fill, position++, RANK_EMPTY, &empty))
            return false;
    }
    for (size_t i = 0; i < fill->target_count && fill->config->unlogged; i++) {
        const struct catalogue_table *table = fill->targets[i].table;
        struct fill_piece logged = {
            .take_off = "",
            .put_back = dialect_sql(fill->arena, fill->control, DIALECT_BULK_LOGGED, table->quoted)};
        if (table->kind[0] == '\0' && logged.put_back != NULL && !add(fill, position++, RANK_LOGGED, &logged))
            return false;
    }
    return add(fill, position, RANK_PLAN, &(struct fill_piece){.take_off = fill_ledger_plan(fill)});
}

const char *fill_journal_name(const struct fill *fill, const char *schema)
{
    return sql_quote(fill->arena, db_dialect(fill->control)->lexis, schema, journal_name);
}

bool fill_journal_create(struct fill *fill)
{
    const struct dialect *dialect = db_dialect(fill->control);
    const char *journal = fill_journal_name(fill, fill->targets[0].table->schema);
    if (!fill_ledger_create(fill) ||
        !db_command(fill->control,
                    arena_printf(fill->arena,
                                 "CREATE TABLE %s (position bigint PRIMARY KEY, take_off_rank int NOT NULL,"
                                 " take_off text NOT NULL, put_back text, finish text)",
                                 journal),
                    fill->err))
        return false;
    fill->journal = journal;
    if (dialect->ddl_is_transactional)
        return write_rows(fill);
    return db_command(fill->control, "START TRANSACTION", fill->err) && write_rows(fill) &&
           db_command(fill->control, "COMMIT", fill->err);
}

static struct db_answer held_elsewhere(void)
{
    return (struct db_answer){.outcome = OUTCOME_LOCK_TIMEOUT,
                              .message = "another fill is loading this database"};
}

static void take_number(void *context, int result, int columns, const char *const *values)
{
    (void)result, (void)columns;
    *(bool *)context = values[0] != NULL && strcmp(values[0], "1") == 0;
}

static struct db_answer lock(struct fill *fill, struct db *session, enum dialect_query query,
                             const char *journal)
{
    bool held = true;
    char *sql = dialect_sql(fill->arena, session, query, journal);
    if (sql == NULL)
        return (struct db_answer){.outcome = OUTCOME_OK};
    struct db_answer answer = db_exec(session, sql, CLOCK_NEVER_NS, take_number, &held);
    return answer.outcome == OUTCOME_OK && !held ? held_elsewhere() : answer;
}

bool fill_journal_hold(struct fill *fill)
{
    if (fill->keeper != NULL)
        return true;
    fill->keeper = fill_open(fill, fill->err);
    if (fill->keeper == NULL)
        return false;
    struct db_answer answer = lock(fill, fill->keeper, DIALECT_BULK_HOLD, fill->journal ? fill->journal : "");
    return answer.outcome == OUTCOME_OK || db_answer_error(&answer, fill->err);
}

bool fill_journal_drop(struct fill *fill)
{
    if (!db_command(fill->keeper,
                    arena_printf(fill->arena, "DROP TABLE %s, %s; COMMIT", fill->journal, fill->ledger),
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
    if (!db_dialect(session)->ddl_is_transactional)
        return db_command(session, sql, &ignored) || true;
    if (!db_command(session, "SAVEPOINT piece", err))
        return false;
    return db_command(session, sql, &ignored) || db_command(session, "ROLLBACK TO SAVEPOINT piece", err);
}

/* Whatever was off when the load broke off is off afterwards with the rest, so that the tables can be emptied. */
static bool take_off_and_empty(struct db *session, const struct db_table *rows, struct err *err)
{
    for (size_t i = 0; i < rows->rows; i++) {
        const char *sql = db_value(rows, i, TAKE_OFF);
        if (rank_of(rows, i) > RANK_EMPTY)
            continue;
        if (rank_of(rows, i) == RANK_EMPTY ? !db_command(session, sql, err)
                                           : !try_take_off(session, sql, err))
            return false;
    }
    return true;
}

static bool put_back_empty(struct db *session, const struct db_table *rows, struct err *err)
{
    static const int order[] = {RANK_LOGGED, RANK_KEY, RANK_INDEX, RANK_FOREIGN_KEY, RANK_TRIGGER};
    for (size_t r = 0; r < sizeof order / sizeof *order; r++)
        for (size_t i = 0; i < rows->rows; i++) {
            if (rank_of(rows, i) != order[r])
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

bool fill_journal_restore(struct db *session, const struct db_table *rows, struct err *err)
{
    return take_off_and_empty(session, rows, err) && put_back_empty(session, rows, err);
}

/* No such table: nothing was taken off, or it is undone. */
static bool seize(struct fill *fill, struct db *session, const char *journal, int64_t limit_ms,
                  struct db_table *rows, bool *found, struct err *err)
{
    *found = false;
    if (!db_command(session, "BEGIN", err) || !limit_lock(session, limit_ms, err))
        return false;
    struct db_answer locked = lock(fill, session, DIALECT_BULK_SEIZE, journal);
    if (locked.outcome == OUTCOME_OK)
        locked = db_exec(session, arena_printf(fill->arena, "SELECT 1 FROM %s LIMIT 1", journal),
                         CLOCK_NEVER_NS, NULL, NULL);
    if (locked.outcome == OUTCOME_NO_SUCH_OBJECT)
        return db_command(session, "ROLLBACK", err);
    if (locked.outcome == OUTCOME_LOCK_TIMEOUT)
        return err_set(err, ERR_ENVIRONMENT, "another fill is loading this database");
    if (locked.outcome != OUTCOME_OK)
        return db_answer_error(&locked, err);
    *found = true;
    return limit_lock(session, 0, err) &&
           db_query(session, fill->arena,
                    arena_printf(fill->arena,
                                 "SELECT take_off_rank, take_off, put_back,"
                                 " finish FROM %s ORDER BY take_off_rank, position",
                                 journal),
                    rows, err);
}

bool fill_journal_seize(struct fill *fill, struct db *session, const char *journal, struct db_table *rows,
                        bool *found, struct err *err)
{
    return seize(fill, session, journal, KEEPER_GONE_MS, rows, found, err);
}

static bool undo(struct fill *fill, struct db *session, const char *journal, const char *ledger,
                 int64_t limit_ms, struct err *err)
{
    struct db_table rows;
    bool found;
    return seize(fill, session, journal, limit_ms, &rows, &found, err) &&
           (!found ||
            (fill_journal_restore(session, &rows, err) &&
             db_command(session, arena_printf(fill->arena, "DROP TABLE %s", journal), err) &&
             db_command(session, arena_printf(fill->arena, "DROP TABLE IF EXISTS %s", ledger), err) &&
             db_command(session, "COMMIT", err)));
}

const char *fill_journal_plan(const struct db_table *rows)
{
    for (size_t i = 0; i < rows->rows; i++)
        if (rank_of(rows, i) == RANK_PLAN)
            return db_value(rows, i, TAKE_OFF);
    return NULL;
}

void fill_journal_pieces(struct fill *fill, const struct db_table *rows)
{
    fill->pieces = arena_alloc(fill->arena, (rows->rows + 1) * sizeof *fill->pieces);
    fill->piece_count = 0;
    for (size_t i = 0; i < rows->rows; i++)
        if (rank_of(rows, i) < RANK_COUNT)
            fill->pieces[fill->piece_count++] = (struct fill_piece){
                .rank = (enum fill_rank)rank_of(rows, i),
                .take_off = db_value(rows, i, TAKE_OFF),
                .put_back = db_value(rows, i, PUT_BACK),
                .finish = db_value(rows, i, FINISH),
            };
}

bool fill_journal_lists(const struct fill *fill, const char *quoted)
{
    const char *empty = arena_printf(fill->arena, "TRUNCATE TABLE %s", quoted);
    for (size_t i = 0; fill->ours != NULL && i < fill->ours->rows; i++)
        if (rank_of(fill->ours, i) == RANK_EMPTY && strcmp(db_value(fill->ours, i, TAKE_OFF), empty) == 0)
            return true;
    return false;
}

static bool undo_one(struct fill *fill, const char *schema)
{
    const char *journal = fill_journal_name(fill, schema);
    log_warn("an earlier fill did not end: its tables are emptied, their indexes and constraints put back");
    struct db *session = fill_open_loader(fill, fill->err);
    bool ok = session != NULL &&
              undo(fill, session, journal, fill_ledger_name(fill, schema), KEEPER_GONE_MS, fill->err);
    db_close(session);
    return ok || err_wrap(fill->err, "undo what %s lists", journal);
}

bool fill_journal_schemas(struct fill *fill, struct db_table *schemas)
{
    char *sql = dialect_sql(fill->arena, fill->control, DIALECT_BULK_JOURNALS, NULL);
    *schemas = (struct db_table){0};
    return sql == NULL || db_query(fill->control, fill->arena, sql, schemas, fill->err);
}

bool fill_journal_undo_earlier(struct fill *fill)
{
    struct db_table schemas;
    if (!fill_journal_schemas(fill, &schemas))
        return false;
    for (size_t i = 0; i < schemas.rows; i++)
        if (!undo_one(fill, db_value(&schemas, i, 0)))
            return false;
    return true;
}

/* Rows that are committed are worth keeping for the one who comes back. */
static bool keep(const struct fill *fill)
{
    if (fill->err->kind != ERR_INTERRUPTED || !fill_ledger_has_ranges(fill, fill->ledger))
        return false;
    err_hint(fill->err,
             "what is loaded is kept, without its indexes: the same fill goes on from there, another "
             "empties the tables");
    return true;
}

void fill_journal_rescue(struct fill *fill)
{
    struct err err = {0};
    if (fill->journal == NULL)
        return;
    db_close(fill->keeper);
    fill->keeper = NULL;
    if (keep(fill))
        return;
    struct db *session = fill_open_loader(fill, &err);
    if (session == NULL || !undo(fill, session, fill->journal, fill->ledger, 0, &err)) {
        log_warn("the tables are half loaded and lack indexes: %s", err.message);
        fill->err->kind = ERR_LEFTOVER;
        err_hint(fill->err,
                 "the same fill goes on from what it committed, another empties the tables and puts back"
                 " what %s lists",
                 fill->journal);
    }
    db_close(session);
}
