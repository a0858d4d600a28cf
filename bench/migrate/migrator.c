#include "bench/migrate/check.h"
#include "bench/migrate/journal.h"
#include "bench/migrate/leftover.h"
#include "bench/migrate/session.h"
#include "bench/migrate/step.h"
#include "bench/migrate/transaction.h"
#include "bench/migrate/way_back.h"

#include <stdlib.h>

struct migrator *migrator_open(const struct migrator_config *config, const struct strategy *strategy,
                               struct err *err)
{
    struct migrator *migrator = mem_alloc(sizeof *migrator);
    migrator->config = *config;
    migrator->strategy = strategy;
    migrator->rng = rng_start(rng_hash_text(config->seed, "migrator"));
    migrator->application_name = arena_printf(&migrator->arena, "rehearse/%s/migration", config->run_id);
    pthread_mutex_init(&migrator->session.guard, NULL);
    if (session_open(migrator, err))
        return migrator;
    migrator_close(migrator);
    return NULL;
}

static enum migrator_result run_steps(struct migrator *migrator, const struct phase *phase, struct err *err)
{
    /* A statement that is skipped would end a transaction for the others too: tolerant goes one by one. */
    if (phase->tx && !migrator->tolerant)
        return transaction_run(migrator, phase, err);
    enum migrator_result result = MIGRATOR_DONE;
    for (size_t i = 0; i < phase->step_count && result == MIGRATOR_DONE; i++)
        result = step_run(migrator, &phase->steps[i], err);
    if (session_in_transaction(
            migrator)) { /* a file that begins and never commits comes to nothing, under psql too */
        session_rollback(migrator);
        migration_arm(migrator, false);
    }
    return result;
}

/* Steps, then the time to watch what they did, then the checks; all of it belongs to the phase. */
static enum migrator_result run_phase(struct migrator *migrator, const struct phase *phase, bool rollback,
                                      struct err *err)
{
    migrator->touched = false;
    journal_phase(migrator, phase, rollback);
    enum migrator_result result = run_steps(migrator, phase, err);
    if (result == MIGRATOR_DONE && phase->hold_ns > 0 && !migration_pause(migrator, phase->hold_ns))
        result = migration_stop(err);
    if (result == MIGRATOR_DONE)
        result = check_phase(migrator, phase, err);
    journal_phase_end(migrator, result == MIGRATOR_DONE);
    if (result != MIGRATOR_DONE)
        err_wrap(err, "phase %s", phase->name);
    return result;
}

enum migrator_result migrator_forward(struct migrator *migrator, int first_phase_run, struct err *err)
{
    const struct strategy *strategy = migrator->strategy;
    migrator->first_phase_run = first_phase_run;
    enum migrator_result result = check_before_all(migrator, err);
    while (result == MIGRATOR_DONE && migrator->standing < strategy->phase_count) {
        result = run_phase(migrator, &strategy->phases[migrator->standing], false, err);
        if (result == MIGRATOR_DONE)
            migrator->standing++;
        else
            migrator->partial = migrator->touched;
    }
    return result;
}

static enum migrator_result run_rollback(struct migrator *migrator, const struct strategy_rollback *rollback,
                                         bool tolerant, struct err *err)
{
    migrator->tolerant = tolerant;
    enum migrator_result result = run_phase(migrator, &rollback->phase, true, err);
    migrator->tolerant = false;
    way_back_ran(migrator, rollback, result == MIGRATOR_DONE);
    return result;
}

enum migrator_result migrator_back(struct migrator *migrator, bool ignore_interrupt, struct err *err)
{
    migrator->ignore_interrupt = ignore_interrupt;
    enum migrator_result result = leftover_drop(migrator, err) ? MIGRATOR_DONE : MIGRATOR_FAILED;
    while (result == MIGRATOR_DONE) {
        bool tolerant;
        const struct strategy_rollback *rollback = way_back_next(migrator, &tolerant);
        if (rollback == NULL)
            break;
        result = run_rollback(migrator, rollback, tolerant, err);
    }
    migrator->ignore_interrupt = false;
    return result;
}

bool migrator_went_back(const struct migrator *migrator)
{
    bool standing = migrator->standing > 0 || migrator->partial;
    return migrator->leftover_count == 0 && migrator->uncovered == NULL && !standing;
}

const char *migrator_uncovered(const struct migrator *migrator)
{
    return migrator->uncovered != NULL ? migrator->uncovered->name : NULL;
}

void migrator_cancel(struct migrator *migrator)
{
    session_cancel(migrator);
}

const struct migration_log *migrator_log(const struct migrator *migrator)
{
    return &migrator->log;
}

double migrator_backfill_share(const struct migrator *migrator, int64_t *rows)
{
    const struct backfill_run *run = atomic_load_explicit(&migrator->backfill, memory_order_acquire);
    *rows = atomic_load_explicit(&migrator->backfill_rows, memory_order_relaxed);
    if (run == NULL)
        return -1;
    double done = (double)atomic_load_explicit(&run->key_at, memory_order_relaxed) - (double)run->key_low + 1;
    return done / ((double)run->key_high - (double)run->key_low + 1);
}

void migrator_close(struct migrator *migrator)
{
    if (migrator == NULL)
        return;
    session_close(migrator);
    pthread_mutex_destroy(&migrator->session.guard);
    arena_free(&migrator->arena);
    free(migrator);
}
