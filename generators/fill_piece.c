#include "bench/base/buf.h"
#include "bench/base/log.h"
#include "bench/db/dialect.h"
#include "generators/fill_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum rank { RANK_TRIGGER, RANK_FOREIGN_KEY, RANK_KEY, RANK_INDEX, RANK_COUNT };

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
        piece->rank = atoi(db_value(rows, i, 0));
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

/* One transaction: either everything is off, or nothing. Foreign keys go before the keys they lean on. */
bool fill_pieces_take_off(struct fill *fill)
{
    struct err ignored = {0};
    if (!db_command(fill->control, "BEGIN", fill->err))
        return false;
    for (int rank = 0; rank < RANK_COUNT; rank++)
        for (size_t i = 0; i < fill->piece_count; i++)
            if (fill->pieces[i].rank == rank &&
                !db_command(fill->control, fill->pieces[i].take_off, fill->err)) {
                db_command(fill->control, "ROLLBACK", &ignored);
                return err_wrap(fill->err, "take off indexes and constraints");
            }
    for (size_t i = 0; i < fill->piece_count;
         i++) /* before COMMIT: if its answer is lost, rescue tries them all */
        atomic_store(&fill->pieces[i].off, true);
    fill->changed = true;
    return db_command(fill->control, "COMMIT", fill->err);
}

static bool put_back(struct db *session, struct fill_piece *piece, struct err *err)
{
    if (!db_command(session, piece->put_back, err))
        return err_wrap(err, "%s", piece->put_back);
    atomic_store(&piece->off, false);
    return true;
}

static bool put_back_rank(struct fill_crew *crew, struct db *session, const void *context, struct err *err)
{
    const int rank = *(const int *)context;
    for (;;) {
        size_t at = atomic_fetch_add(&crew->next, 1);
        if (at >= crew->fill->piece_count || atomic_load(&crew->stop))
            return true;
        if (crew->fill->pieces[at].rank == rank && !put_back(session, &crew->fill->pieces[at], err))
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
    static const int keys = RANK_KEY, indexes = RANK_INDEX;
    if (!fill_crew_run(crew, "index", put_back_rank, &keys) ||
        !fill_crew_run(crew, "index", put_back_rank, &indexes))
        return false;
    for (int rank = RANK_FOREIGN_KEY; rank >= RANK_TRIGGER; rank--)
        for (size_t i = 0; i < fill->piece_count; i++)
            if (fill->pieces[i].rank == rank && !put_back(fill->control, &fill->pieces[i], fill->err))
                return false;
    return fill_crew_run(crew, "index", finish_pieces, NULL);
}

static bool empty_tables(struct fill *fill, struct db *session, struct err *err)
{
    for (size_t i = 0; i < fill->piece_count; i++) /* a foreign key that is back refuses TRUNCATE */
        if (fill->pieces[i].rank == RANK_FOREIGN_KEY && !atomic_load(&fill->pieces[i].off)) {
            if (!db_command(session, fill->pieces[i].take_off, err))
                return false;
            atomic_store(&fill->pieces[i].off, true);
        }
    for (size_t i = 0; i < fill->target_count; i++)
        if (!db_command(session, arena_printf(fill->arena, "TRUNCATE %s", fill->targets[i].table->quoted),
                        err))
            return false;
    return true;
}

static bool is_off(const struct fill *fill)
{
    for (size_t i = 0; i < fill->piece_count; i++)
        if (atomic_load(&fill->pieces[i].off))
            return true;
    return false;
}

static bool put_all_back(struct fill *fill, struct db *session, struct buf *left)
{
    static const int order[] = {RANK_KEY, RANK_INDEX, RANK_FOREIGN_KEY, RANK_TRIGGER};
    struct err err = {0};
    for (size_t r = 0; r < RANK_COUNT; r++)
        for (size_t i = 0; i < fill->piece_count; i++) {
            struct fill_piece *piece = &fill->pieces[i];
            if (piece->rank != order[r] || !atomic_load(&piece->off))
                continue;
            bool back = session != NULL && put_back(session, piece, &err) &&
                        (piece->finish == NULL || db_command(session, piece->finish, &err));
            if (!back)
                buf_printf(left, "%s%s;%s%s", left->length > 0 ? " " : "", piece->put_back,
                           piece->finish != NULL ? " " : "", piece->finish != NULL ? piece->finish : "");
        }
    return left->length == 0;
}

void fill_pieces_rescue(struct fill *fill)
{
    struct err err = {0};
    struct buf left = {0};
    if (!fill->changed)
        return;
    struct db *session = fill_open(fill, &err);
    if (session == NULL || !empty_tables(fill, session, &err))
        log_warn("the tables could not be emptied: %s", err.message);
    if (is_off(fill) && !put_all_back(fill, session, &left)) {
        log_warn("run these statements to have the schema back: %s", buf_text(&left));
        fill->err->kind = ERR_LEFTOVER;
        err_hint(fill->err, "run: %s", buf_text(&left));
    }
    buf_free(&left);
    db_close(session);
}
