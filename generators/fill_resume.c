#include "bench/base/log.h"
#include "bench/db/dialect.h"
#include "generators/fill_journal.h"

#include <string.h>

/* To go on needs the plan that the earlier fill had, and the tables have lost the constraints it was made from. Where DDL is
 * transactional they are put back on tables that are emptied in a transaction, the plan is made there, and the transaction goes
 * back: so does everything. Elsewhere only triggers are off, on which no plan depends. The journal holds a number of the
 * plan: the same number makes the same rows in the same chunks. */

/* Forgets a plan that was made of what is not going to be. */
static void forget(struct fill *fill)
{
    fill->catalogue = (struct catalogue){0};
    fill->targets = NULL;
    fill->pieces = NULL;
    fill->target_count = fill->piece_count = 0;
    fill->rows_total = 0;
    fill->ours = NULL;
}

static bool same_plan(struct fill *fill, const struct db_table *rows)
{
    const char *plan = fill_journal_plan(rows);
    fill->ours = rows;
    return plan != NULL && fill_plan_tables(fill) && fill->target_count > 0 &&
           strcmp(plan, fill_ledger_plan(fill)) == 0;
}

static bool plan_as_it_was(struct fill *fill, const struct db_table *rows)
{
    struct err ignored = {0}, *err = fill->err;
    fill->err = &ignored;
    bool transactional = db_dialect(fill->control)->ddl_is_transactional;
    bool same = !transactional || (db_command(fill->control, "BEGIN", &ignored) &&
                                   fill_journal_restore(fill->control, rows, &ignored));
    same = same && same_plan(fill, rows);
    fill->err = err;
    if (transactional && !db_command(fill->control, "ROLLBACK", &ignored))
        return false;
    if (!same)
        forget(fill);
    return same;
}

/* Dead rows make room for those that come; a table of which nothing is committed begins anew. */
static bool clean_table(const struct fill *fill, struct db *session, const struct fill_target *target)
{
    const char *table = target->table->quoted;
    const char *sql = target->rows_found == 0 ? arena_printf(fill->arena, "TRUNCATE TABLE %s", table)
                                              : dialect_sql(fill->arena, session, DIALECT_BULK_FINISH, table);
    return target->complete || sql == NULL || db_command(session, sql, fill->err) ||
           err_wrap(fill->err, "table %s", target->table->name);
}

/* Where foreign keys stay on, only who loads may empty what they lead to. */
static bool clean(struct fill *fill)
{
    struct db *session = fill_open_loader(fill, fill->err);
    bool ok = session != NULL;
    for (size_t i = 0; i < fill->target_count && ok; i++)
        ok = clean_table(fill, session, &fill->targets[i]);
    db_close(session);
    return ok;
}

/* Nothing is put back before all rows are there, unless by hand. */
static bool take_off_rest(struct fill *fill)
{
    bool complete = true;
    for (size_t i = 0; i < fill->target_count; i++)
        complete = complete && fill->targets[i].complete;
    for (int rank = 0; rank < RANK_COUNT && !complete; rank++)
        for (size_t i = 0; i < fill->piece_count; i++) {
            struct fill_piece *piece = &fill->pieces[i];
            if ((int)piece->rank != rank || !piece->on)
                continue;
            if (!db_command(fill->control, piece->take_off, fill->err))
                return err_wrap(fill->err, "take off indexes and constraints");
            piece->on = false;
        }
    return true;
}

static bool go_on(struct fill *fill, const char *schema, const char *journal)
{
    fill->ledger = fill_ledger_name(fill, schema);
    fill_journal_pieces(fill, fill->ours);
    if (!fill_ledger_read(fill) || !fill_pieces_find(fill) || !take_off_rest(fill) || !clean(fill))
        return err_wrap(fill->err, "go on with an earlier fill");
    fill->journal = journal;
    fill->resumed = true;
    log_info("an earlier fill by this plan did not end: %lld of %lld rows are there, it goes on",
             (long long)fill->rows_resumed, (long long)fill->rows_total);
    return true;
}

/* From here on the journal is ours, or untouched. */
static bool try_journal(struct fill *fill, const char *schema)
{
    const char *journal = fill_journal_name(fill, schema);
    struct db_table *rows = arena_alloc(fill->arena, sizeof *rows);
    bool found = false;
    fill->keeper = fill_open(fill, fill->err);
    if (fill->keeper == NULL || !fill_journal_seize(fill, fill->keeper, journal, rows, &found, fill->err))
        return false;
    if (found && plan_as_it_was(fill, rows))
        return go_on(fill, schema, journal);
    db_close(fill->keeper);
    fill->keeper = NULL;
    return true;
}

bool fill_resume(struct fill *fill)
{
    struct db_table schemas;
    if (!fill_journal_schemas(fill, &schemas))
        return false;
    const char *schema = schemas.rows == 1 ? db_value(&schemas, 0, 0) : NULL;
    return schema == NULL || !fill_ledger_has_ranges(fill, fill_ledger_name(fill, schema)) ||
           try_journal(fill, schema);
}
