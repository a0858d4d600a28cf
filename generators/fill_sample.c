#include "bench/db/dialect.h"
#include "generators/fill_journal.h"

#include <string.h>

enum { SAMPLE_ROWS = 1000 };

/* Where DDL ends transactions: a table of its own, alike but for foreign keys and triggers. */
static const char sample_name[] = "rehearse_fill_sample";

struct sample {
    const struct fill_target *target;
    int64_t taken, count;
    struct buf row;
    size_t sent;
};

static long pull_sample(void *context, char *bytes, size_t capacity)
{
    struct sample *sample = context;
    if (sample->sent == sample->row.length) {
        if (sample->taken == sample->count)
            return 0;
        buf_clear(&sample->row);
        sample->sent = 0;
        __extension__ __int128 row = (__int128)sample->taken++ * sample->target->table->rows / sample->count;
        sample->target->write(sample->target->maker, (int64_t)row, &sample->row);
    }
    size_t part = sample->row.length - sample->sent;
    part = part < capacity ? part : capacity;
    memcpy(bytes, sample->row.data + sample->sent, part);
    sample->sent += part;
    return (long)part;
}

static bool load_sample(struct fill *fill, struct db *session, const struct fill_target *target,
                        const char *into)
{
    int64_t rows = target->table->rows;
    struct sample sample = {.target = target, .count = rows < SAMPLE_ROWS ? rows : SAMPLE_ROWS};
    const struct db_load load = {.table = into,
                                 .columns = row_maker_columns(target->maker),
                                 .format = target->binary ? DB_LOAD_BINARY : DB_LOAD_TEXT};
    struct db_answer answer = fill_send(session, &load, pull_sample, &sample);
    buf_free(&sample.row);
    if (answer.outcome == OUTCOME_OK)
        return true;
    db_answer_error(&answer, fill->err);
    err_wrap(fill->err, "table %s: values made for it do not satisfy it", target->table->name);
    return err_hint(
        fill->err,
        "the constraint is beyond what fill understands: say what the column holds, "
        "data.tables.%s.columns.COLUMN: {\"expression\": \"…\"}, or fill the table yourself; no row was "
        "loaded",
        target->table->name);
}

static bool sample_in_place(struct fill *fill)
{
    struct err ignored = {0};
    bool ok = db_command(fill->control, "BEGIN", fill->err);
    for (size_t i = 0; ok && i < fill->piece_count; i++) /* triggers and foreign keys: rows go in any order */
        if (fill->pieces[i].rank <= RANK_FOREIGN_KEY)
            ok = db_command(fill->control, fill->pieces[i].take_off, fill->err);
    for (size_t i = 0; ok && i < fill->target_count; i++)
        ok = load_sample(fill, fill->control, &fill->targets[i], fill->targets[i].table->quoted);
    return db_command(fill->control, "ROLLBACK", ok ? fill->err : &ignored) && ok;
}

/* A sample table that a fill left behind that was killed has nobody's rows. */
static bool sample_apart(struct fill *fill, struct db *session, const struct fill_target *target)
{
    struct err ignored = {0};
    const char *name = sql_quote(fill->arena, db_dialect(session)->lexis, target->table->schema, sample_name);
    const char *drop = arena_printf(fill->arena, "DROP TABLE IF EXISTS %s", name);
    bool ok = db_command(session, drop, fill->err) &&
              db_command(session,
                         arena_printf(fill->arena, "CREATE TABLE %s LIKE %s", name, target->table->quoted),
                         fill->err) &&
              load_sample(fill, session, target, name);
    return db_command(session, drop, ok ? fill->err : &ignored) && ok;
}

bool fill_sample(struct fill *fill)
{
    if (db_dialect(fill->control)->ddl_is_transactional)
        return sample_in_place(fill);
    struct db *session = fill_journal_hold(fill) ? fill_open_loader(fill, fill->err) : NULL;
    bool ok = session != NULL;
    for (size_t i = 0; ok && i < fill->target_count; i++)
        ok = sample_apart(fill, session, &fill->targets[i]);
    db_close(session);
    return ok;
}
