#include "bench/base/log.h"
#include "bench/db/dialect.h"
#include "generators/fill_journal.h"
#include "generators/fill_ring.h"

#include <stdlib.h>
#include <string.h>

/* A big table is loaded by all streams at once, which take its chunks from one counter, so that it grows in the order of
 * its rows; each commits a range of chunks with the ledger's note of it. A smaller one, of a few ranges or few bytes, is loaded
 * by one stream in one transaction, frozen where the server can: freezing asks that the table be emptied in the same
 * transaction. What that costs in streams it spares in VACUUM, which has nothing left to do, and in waiting: narrow rows keep
 * a server busy with the end of the table, which streams take by turns. What is lost with it is made again in seconds. */

enum { WHOLE_RANGES = 4, WHOLE_BYTES = 1 << 28 };

/* Small tables are cut finer, so that every stream has something to do. */
static int64_t chunk_rows(int64_t rows)
{
    int64_t part = rows / 256;
    return part > FILL_CHUNK_ROWS ? FILL_CHUNK_ROWS : part > 0 ? part : 1;
}

int64_t fill_range_rows(const struct fill *fill)
{
    return fill->config->range_rows > 0 ? fill->config->range_rows : FILL_RANGE_ROWS;
}

static bool has_secondary_index(const struct catalogue_table *table)
{
    for (size_t i = 0; i < table->index_count; i++)
        if (!table->indexes[i].primary)
            return true;
    return false;
}

/* A load without checks sorts its rows first, for every index. That pays from two or three secondary indexes on; for a table that
 * has nothing but its primary key, whose rows come in order, it takes half as long again. */
static bool checked(const struct fill *fill, const struct catalogue_table *table)
{
    return db_dialect(fill->control)->loads_unchecked && !has_secondary_index(table);
}

/* A load without checks has its table to itself; with them a table that is most of the work is loaded by several. */
static bool shared(const struct fill *fill, const struct fill_target *target)
{
    const struct catalogue_table *table = target->table;
    int64_t range = fill_range_rows(fill);
    if (db_dialect(fill->control)->loads_unchecked)
        return checked(fill, table) && fill_thread_count(fill->config) > 1 && table->rows > range / 4 &&
               table->rows > fill->rows_total / 2;
    double bytes = (double)table->rows * fill_row_bytes(target);
    return table->rows > WHOLE_RANGES * range && (bytes > WHOLE_BYTES || fill->config->range_rows > 0);
}

/* What the server does with a field is what costs: numbers are read faster in binary even at twice the length, as short ones
 * are; beyond that text is as fast, and less to send. */
static bool binary_is_better(const struct row_maker *maker, int64_t rows)
{
    enum { LOOKED_AT = 64 };
    struct buf text = {0}, binary = {0};
    for (int64_t i = 0; i < LOOKED_AT && i < rows; i++) {
        row_write(maker, i * (rows / LOOKED_AT), &text);
        row_write_binary(maker, i * (rows / LOOKED_AT), &binary);
    }
    bool better = 2 * binary.length <= 5 * text.length;
    buf_free(&text);
    buf_free(&binary);
    return better;
}

void fill_target_prepare(const struct fill *fill, struct fill_target *target)
{
    const struct catalogue_table *table = target->table;
    const struct dialect *dialect = db_dialect(fill->control);
    target->chunk_rows = chunk_rows(table->rows);
    target->chunk_count = (table->rows + target->chunk_rows - 1) / target->chunk_rows;
    target->done = arena_alloc(fill->arena, (size_t)target->chunk_count + 1);
    target->binary = dialect->loads_binary && row_has_binary(target->maker) &&
                     binary_is_better(target->maker, table->rows);
    target->write = target->binary ? row_write_binary : row_write;
    target->whole = !shared(fill, target);
    target->checked = checked(fill, table);
    int64_t range_chunks = fill_range_rows(fill) / target->chunk_rows;
    target->range_chunks = target->whole ? INT64_MAX : range_chunks > 0 ? range_chunks : 1;
    target->freeze = target->whole && dialect->loads_binary && table->kind[0] == '\0';
}

static bool undone(struct db *session)
{
    struct err ignored = {0};
    db_command(session, "ROLLBACK", &ignored);
    return false;
}

static bool send_range(struct db *session, struct fill_ring *ring, const struct fill_target *target,
                       struct err *err)
{
    const struct db_load load = {.table = target->table->quoted,
                                 .columns = row_maker_columns(target->maker),
                                 .format = target->binary ? DB_LOAD_BINARY : DB_LOAD_TEXT,
                                 .freeze = target->freeze};
    struct db_answer answer = fill_send(session, &load, fill_ring_pull, ring);
    if (answer.outcome != OUTCOME_OK)
        return db_answer_error(&answer, err);
    return answer.rows == fill_ring_range_rows(ring) ||
           err_set(err, ERR_ENVIRONMENT, "%lld of %lld rows arrived", (long long)answer.rows,
                   (long long)fill_ring_range_rows(ring));
}

/* Its rows and the ledger's note of them in one transaction; a table that is loaded whole is emptied first. */
static bool load_range(const struct fill *fill, struct db *session, struct fill_ring *ring,
                       struct fill_target *target, struct err *err)
{
    struct arena arena = {0};
    const char *empty = arena_printf(&arena, "TRUNCATE TABLE %s", target->table->quoted);
    bool ok = db_command(session, "BEGIN", err) && (!target->whole || db_command(session, empty, err)) &&
              send_range(session, ring, target, err) &&
              fill_ledger_note(fill, session, target, fill_ring_range(ring), err) &&
              db_command(session, "COMMIT", err);
    arena_free(&arena);
    return ok || undone(session);
}

/* MariaDB sorts the rows of a bulk insert into their indexes when all are sent. A request to cancel in that time may take them back,
 * all of them, and the load be told as done. */
static bool arrived(struct db *session, const struct fill_target *target, struct err *err)
{
    struct arena arena = {0};
    struct db_table rows = {0};
    bool ok = db_query(session, &arena,
                       arena_printf(&arena, "SELECT 1 FROM %s LIMIT 1", target->table->quoted), &rows, err);
    arena_free(&arena);
    return ok && (rows.rows > 0 || target->table->rows == 0 ||
                  err_set(err, ERR_ENVIRONMENT, "the server took all rows back at the end of their load"));
}

/* Where TRUNCATE ends a transaction, and a load without checks is one of its own: a crash in between leaves rows that the
 * ledger does not know, which the next fill empties. */
static bool load_apart(const struct fill *fill, struct db *session, struct fill_ring *ring,
                       struct fill_target *target, struct err *err)
{
    return send_range(session, ring, target, err) && arrived(session, target, err) &&
           fill_ledger_note(fill, session, target, fill_ring_range(ring), err);
}

static bool load_ranges(struct fill_crew *crew, struct db *session, struct fill_ring *ring,
                        struct fill_target *target, struct err *err)
{
    bool apart = target->whole && !db_dialect(session)->ddl_is_transactional, ok = true;
    while (ok && fill_ring_begin(ring)) {
        int64_t none = 0, now_ns = clock_ns();
        atomic_compare_exchange_strong(&target->started_ns, &none, now_ns);
        ok = (apart ? load_apart : load_range)(crew->fill, session, ring, target, err);
        atomic_store(&target->ended_ns, clock_ns());
    }
    return ok;
}

static bool set_checks(struct db *session, const struct fill_target *target, bool on, struct err *err)
{
    struct arena arena = {0};
    char *sql = !target->checked
                    ? NULL
                    : dialect_sql(&arena, session, on ? DIALECT_BULK_SHARED : DIALECT_BULK_LOAD, NULL);
    bool ok = sql == NULL || db_command(session, sql, err);
    arena_free(&arena);
    return ok;
}

static bool load_table(struct fill_crew *crew, struct db *session, struct fill_target *target,
                       struct err *err)
{
    if (!set_checks(session, target, true, err))
        return false;
    struct fill_ring *ring = fill_ring_start(crew, target);
    if (ring == NULL)
        return err_set(err, ERR_ENVIRONMENT, "no thread could be started");
    bool ok = load_ranges(crew, session, ring, target, err);
    fill_ring_stop(ring);
    return ok ? set_checks(session, target, false, err) : err_wrap(err, "load %s", target->table->name);
}

/* The order of jobs: big tables first, all streams on each, then the others, a stream on each, the largest first. */
static int by_size(const void *left, const void *right)
{
    const struct fill_target *l = *(struct fill_target *const *)left,
                             *r = *(struct fill_target *const *)right;
    if (l->whole != r->whole)
        return l->whole ? 1 : -1;
    if (l->table->rows != r->table->rows)
        return l->table->rows < r->table->rows ? 1 : -1;
    return (l > r) - (l < r);
}

static bool load_all(struct fill_crew *crew, struct db *session, const void *context, struct err *err)
{
    struct fill_target *const *order = context;
    for (size_t i = 0; i < crew->fill->target_count && !atomic_load(&crew->stop); i++) {
        if (order[i]->complete || (order[i]->whole && atomic_exchange(&order[i]->taken, true)))
            continue;
        if (!load_table(crew, session, order[i], err))
            return false;
    }
    return true;
}

bool fill_load(struct fill_crew *crew)
{
    const struct fill *fill = crew->fill;
    struct fill_target **order = arena_alloc(fill->arena,
                                             (fill->target_count + 1) * sizeof(struct fill_target *));
    for (size_t i = 0; i < fill->target_count; i++)
        order[i] = &fill->targets[i];
    qsort(order, fill->target_count, sizeof(struct fill_target *), by_size);
    return fill_crew_run(crew, "load", load_all, order);
}
