#include "bench/base/rng.h"
#include "bench/db/dialect.h"
#include "generators/fill_journal.h"

#include <stdlib.h>
#include <string.h>

/* An unlogged ledger is empty after a crash of the server, as the tables are that it tells of. The ledger is a table beside the journal: a row for every range of chunks that is committed, in the transaction of its
 * rows. It has no key and no lock: streams only add to it. */

static const char ledger_name[] = "rehearse_unfinished_fill_ranges";

const char *fill_ledger_name(const struct fill *fill, const char *schema)
{
    return sql_quote(fill->arena, db_dialect(fill->control)->lexis, schema, ledger_name);
}

bool fill_ledger_create(struct fill *fill)
{
    const char *ledger = fill_ledger_name(fill, fill->targets[0].table->schema);
    fill->ledger = ledger;
    return db_command(fill->control, arena_printf(fill->arena, "DROP TABLE IF EXISTS %s", ledger),
                      fill->err) &&
           db_command(fill->control,
                      arena_printf(fill->arena, "CREATE TABLE %s (target int NOT NULL, chunks text NOT NULL)",
                                   ledger),
                      fill->err) &&
           fill_unlog(fill, ledger);
}

bool fill_ledger_note(const struct fill *fill, struct db *session, const struct fill_target *target,
                      const char *range, struct err *err)
{
    struct arena arena = {0};
    char *sql = arena_printf(&arena, "INSERT INTO %s VALUES (%zu, '%s')", fill->ledger,
                             (size_t)(target - fill->targets), range);
    bool ok = db_command(session, sql, err);
    arena_free(&arena);
    return ok;
}

bool fill_ledger_has_ranges(const struct fill *fill, const char *ledger)
{
    struct db_answer answer = db_exec(fill->control,
                                      arena_printf(fill->arena, "SELECT 1 FROM %s LIMIT 1", ledger),
                                      CLOCK_NEVER_NS, NULL, NULL);
    return answer.outcome == OUTCOME_OK && answer.rows > 0;
}

static void mark(struct fill *fill, struct fill_target *target, const char *chunks)
{
    while (*chunks != '\0') {
        char *end;
        int64_t first = strtoll(chunks, &end, 10), last = *end == '-' ? strtoll(end + 1, &end, 10) : first;
        for (int64_t i = first; i <= last && i < target->chunk_count; i++) {
            int64_t rest = target->table->rows - i * target->chunk_rows;
            int64_t rows = rest < target->chunk_rows ? rest : target->chunk_rows;
            fill->rows_resumed += target->done[i] ? 0 : rows;
            target->rows_done += target->done[i] ? 0 : rows;
            target->done[i] = true;
        }
        chunks = *end == ',' ? end + 1 : end + strlen(end);
    }
}

/* A table of which a part is there is loaded by ranges, whatever its size. */
bool fill_ledger_read(struct fill *fill)
{
    struct db_table rows;
    if (!db_query(fill->control, fill->arena,
                  arena_printf(fill->arena, "SELECT target, chunks FROM %s", fill->ledger), &rows, fill->err))
        return false;
    for (size_t i = 0; i < rows.rows; i++) {
        size_t at = strtoull(db_value(&rows, i, 0), NULL, 10);
        if (at < fill->target_count)
            mark(fill, &fill->targets[at], db_value(&rows, i, 1));
    }
    for (size_t i = 0; i < fill->target_count; i++) {
        struct fill_target *target = &fill->targets[i];
        target->rows_found = target->rows_done;
        target->complete = target->rows_done == target->table->rows;
        if (target->whole && target->rows_done > 0 && !target->complete) {
            target->whole = target->freeze = false;
            target->range_chunks = fill_range_rows(fill) / target->chunk_rows + 1;
        }
    }
    return true;
}

/* Whoever loads by this plan makes the same rows in the same chunks: the plan's words, and a look at its rows. */
const char *fill_ledger_plan(const struct fill *fill)
{
    enum { LOOKED_AT = 32 };
    struct buf words = {0};
    uint64_t hash = fill->config->seed + fill->config->unlogged;
    for (size_t i = 0; i < fill->target_count; i++) {
        const struct fill_target *target = &fill->targets[i];
        int64_t rows = target->table->rows;
        buf_clear(&words);
        buf_printf(&words, "%s %s %lld %lld\n", target->table->quoted, row_maker_columns(target->maker),
                   (long long)rows, (long long)target->chunk_rows);
        for (int64_t row = 0; row < rows; row += rows / LOOKED_AT + 1)
            row_write(target->maker, row, &words);
        hash = rng_hash_text(hash, buf_text(&words));
    }
    buf_free(&words);
    return arena_printf(fill->arena, "%016llx", (unsigned long long)hash);
}
