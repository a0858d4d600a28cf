#include "bench/db/dialect.h"
#include "generators/fill_journal.h"

#include <stdlib.h>
#include <string.h>

/* A foreign key between two tables that are both filled is told by both. */
static bool known(const struct fill *fill, const char *take_off)
{
    for (size_t i = 0; i < fill->piece_count; i++)
        if (strcmp(fill->pieces[i].take_off, take_off) == 0)
            return true;
    return false;
}

static void add_pieces(struct fill *fill, const struct db_table *rows, size_t *capacity)
{
    for (size_t i = 0; i < rows->rows; i++) {
        if (known(fill, db_value(rows, i, 2)))
            continue;
        struct fill_piece *piece = ARENA_PUSH(fill->arena, fill->pieces, fill->piece_count, *capacity);
        piece->rank = (enum fill_rank)atoi(db_value(rows, i, 0));
        piece->take_off = db_value(rows, i, 2);
        piece->put_back = db_value(rows, i, 3);
        piece->finish = db_value(rows, i, 4);
    }
}

bool fill_pieces_read(struct fill *fill)
{
    size_t capacity = 0;
    for (size_t i = 0; i < fill->target_count; i++) {
        const char *id = arena_printf(fill->arena, "%lld", (long long)fill->targets[i].table->id);
        char *sql = dialect_sql(fill->arena, fill->control, DIALECT_BULK_PIECES, id);
        struct db_table rows;
        if (sql == NULL)
            return err_set(fill->err, ERR_ENVIRONMENT, "this server cannot tell what stands in a load's way");
        if (!db_query(fill->control, fill->arena, sql, &rows, fill->err))
            return err_wrap(fill->err, "table %s", fill->targets[i].table->name);
        add_pieces(fill, &rows, &capacity);
    }
    return true;
}

bool fill_pieces_find(struct fill *fill)
{
    struct fill_piece *pieces = fill->pieces;
    size_t count = fill->piece_count;
    fill->pieces = NULL;
    fill->piece_count = 0;
    bool ok = fill_pieces_read(fill);
    for (size_t i = 0; i < count && ok; i++)
        pieces[i].on = known(fill, pieces[i].take_off);
    fill->pieces = pieces;
    fill->piece_count = count;
    return ok;
}

/* Foreign keys go before the keys they lean on. */
static bool take_off_all(struct fill *fill)
{
    for (int rank = 0; rank < RANK_COUNT; rank++)
        for (size_t i = 0; i < fill->piece_count; i++)
            if ((int)fill->pieces[i].rank == rank &&
                !db_command(fill->control, fill->pieces[i].take_off, fill->err))
                return err_wrap(fill->err, "take off indexes and constraints");
    return true;
}

/* A partitioned table is not written itself. */
static bool unlog_all(struct fill *fill)
{
    for (size_t i = 0; i < fill->target_count; i++)
        if (fill->targets[i].table->kind[0] == '\0' && !fill_unlog(fill, fill->targets[i].table->quoted))
            return false;
    return true;
}

bool fill_unlog(struct fill *fill, const char *table)
{
    if (!fill->config->unlogged)
        return true;
    char *sql = dialect_sql(fill->arena, fill->control, DIALECT_BULK_UNLOGGED, table);
    if (sql == NULL)
        return err_set(fill->err, ERR_USAGE, "this server has no tables that go past its log");
    return db_command(fill->control, sql, fill->err) || err_wrap(fill->err, "table %s", table);
}

/* Somebody else's rows may have come since the plan was made: they would go when the load is undone. */
static bool still_empty(struct fill *fill)
{
    for (size_t i = 0; i < fill->target_count; i++) {
        const struct catalogue_table *table = fill->targets[i].table;
        struct db_table rows = {0};
        if (!db_query(fill->control, fill->arena,
                      arena_printf(fill->arena, "SELECT 1 FROM %s LIMIT 1", table->quoted), &rows, fill->err))
            return false;
        if (rows.rows > 0)
            return err_set(fill->err, ERR_ENVIRONMENT, "table %s is being written by another session",
                           table->name);
    }
    return true;
}

/* The journal is whole before anything is off: whatever is off then is put back from it. */
static bool take_off_journaled(struct fill *fill)
{
    return fill_journal_hold(fill) && still_empty(fill) && fill_journal_create(fill) && take_off_all(fill) &&
           unlog_all(fill);
}

/* One transaction: either everything is off and the journal tells what, or nothing. */
bool fill_pieces_take_off(struct fill *fill)
{
    if (!db_dialect(fill->control)->ddl_is_transactional)
        return take_off_journaled(fill);
    struct err ignored = {0};
    if (!db_command(fill->control, "BEGIN", fill->err))
        return false;
    if (!take_off_all(fill) || !unlog_all(fill) || !still_empty(fill) || !fill_journal_create(fill)) {
        db_command(fill->control, "ROLLBACK", &ignored);
        fill->journal = NULL;
        return false;
    }
    return db_command(fill->control, "COMMIT", fill->err) && fill_journal_hold(fill);
}

static bool put_back(struct fill_crew *crew, struct db *session, const struct fill_piece *piece,
                     struct err *err)
{
    if (!piece->on && !db_command(session, piece->put_back, err))
        return err_wrap(err, "%s", piece->put_back);
    atomic_fetch_add(&crew->pieces, 1);
    return true;
}

static bool put_back_rank(struct fill_crew *crew, struct db *session, const void *context, struct err *err)
{
    const enum fill_rank rank = *(const enum fill_rank *)context;
    for (;;) {
        size_t at = atomic_fetch_add(&crew->next, 1);
        if (at >= crew->fill->piece_count || atomic_load(&crew->stop))
            return true;
        if (crew->fill->pieces[at].rank == rank && !put_back(crew, session, &crew->fill->pieces[at], err))
            return false;
    }
}

static bool finish_pieces(struct fill_crew *crew, struct db *session, const void *context, struct err *err)
{
    (void)context;
    for (;;) {
        size_t at = atomic_fetch_add(&crew->next, 1);
        if (at >= crew->fill->piece_count || atomic_load(&crew->stop))
            return true;
        const struct fill_piece *piece = &crew->fill->pieces[at];
        if (piece->finish != NULL && !db_command(session, piece->finish, err))
            return err_wrap(err, "%s", piece->finish);
    }
}

/* Foreign keys are added one by one, which is short, because two at once may wait for each other's tables; their proof,
 * which is long, runs in parallel. */
bool fill_pieces_put_back(struct fill_crew *crew)
{
    const struct fill *fill = crew->fill;
    static const enum fill_rank keys = RANK_KEY, indexes = RANK_INDEX;
    if (!fill_crew_run(crew, "index", put_back_rank, &keys) ||
        !fill_crew_run(crew, "index", put_back_rank, &indexes))
        return false;
    for (int rank = RANK_FOREIGN_KEY; rank >= RANK_TRIGGER; rank--)
        for (size_t i = 0; i < fill->piece_count; i++)
            if ((int)fill->pieces[i].rank == rank &&
                !put_back(crew, fill->control, &fill->pieces[i], fill->err))
                return false;
    return fill_crew_run(crew, "index", finish_pieces, NULL);
}
