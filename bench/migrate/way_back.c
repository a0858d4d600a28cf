#include "bench/migrate/way_back.h"

/* A phase that only waits, reads or moves code leaves nothing to undo in the database. */
static bool changes_database(const struct phase *phase)
{
    for (size_t i = 0; i < phase->step_count; i++)
        if (phase->steps[i].kind == STEP_BACKFILL || phase->steps[i].kind == STEP_COMMAND ||
            (phase->steps[i].kind == STEP_SQL && phase->steps[i].sql_kind != SQL_KIND_SELECT))
            return true;
    return false;
}

/* The last rollback that starts from a phase before `end`. */
static const struct strategy_rollback *last_before(const struct strategy *strategy, size_t end)
{
    for (size_t i = strategy->rollback_count; i > 0; i--)
        if (strategy->rollbacks[i - 1].from < end)
            return &strategy->rollbacks[i - 1];
    return NULL;
}

static void note_uncovered(struct migrator *migrator, const struct phase *phase)
{
    if (migrator->uncovered == NULL && changes_database(phase))
        migrator->uncovered = phase;
}

const struct strategy_rollback *way_back_next(struct migrator *migrator, bool *tolerant)
{
    const struct strategy *strategy = migrator->strategy;
    const struct strategy_rollback *rollback = last_before(strategy, migrator->standing + migrator->partial);
    size_t covered = rollback == NULL ? 0 : rollback->from + 1;
    *tolerant = migrator->partial && covered == migrator->standing + 1;
    for (size_t i = covered; i < migrator->standing; i++)
        note_uncovered(migrator, &strategy->phases[i]);
    if (migrator->partial && !*tolerant)
        note_uncovered(migrator, &strategy->phases[migrator->standing]);
    return rollback;
}

void way_back_ran(struct migrator *migrator, const struct strategy_rollback *rollback, bool done)
{
    const struct strategy_rollback *earlier = last_before(migrator->strategy, rollback->from);
    migrator->partial = !done;
    migrator->standing = rollback->from;
    if (done)
        migrator->standing = earlier == NULL ? 0 : earlier->from + 1;
}
