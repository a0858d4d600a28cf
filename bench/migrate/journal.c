#include "bench/migrate/journal.h"

void journal_phase(struct migrator *migrator, const struct phase *phase, bool rollback)
{
    struct migration_log *log = &migrator->log;
    const struct migrator_hooks *hooks = &migrator->config.hooks;
    migrator->phase = phase;
    migrator->phase_run = migrator->first_phase_run + (int)log->phase_count;
    *ARENA_PUSH(&migrator->arena, log->phases, log->phase_count,
                migrator->phase_capacity) = (struct phase_run){
        .phase = phase, .start_ns = clock_ns(), .rollback = rollback};
    if (hooks->phase != NULL)
        hooks->phase(hooks->context, migrator->phase_run, phase);
}

void journal_phase_end(struct migrator *migrator, bool completed)
{
    struct phase_run *run = &migrator->log.phases[migrator->log.phase_count - 1];
    run->end_ns = clock_ns();
    run->completed = completed;
}

size_t journal_statement(struct migrator *migrator, const struct step *step)
{
    struct migration_log *log = &migrator->log;
    int64_t now_ns = clock_ns();
    *ARENA_PUSH(&migrator->arena, log->statements, log->statement_count,
                migrator->statement_capacity) = (struct statement_run){
        .phase_run = migrator->phase_run,
        .step = step,
        .sql = step->sql,
        .start_ns = now_ns,
        .end_ns = now_ns,
        .first_attempt = (int)log->attempt_count,
        .backfill = -1};
    return log->statement_count - 1;
}

struct statement_run *journal_statement_at(struct migrator *migrator, size_t statement)
{
    return &migrator->log.statements[statement];
}

void journal_statement_end(struct migrator *migrator, size_t statement, const struct db_answer *answer)
{
    struct statement_run *run = journal_statement_at(migrator, statement);
    run->end_ns = clock_ns();
    run->outcome = answer->outcome;
    run->message = answer->outcome == OUTCOME_OK ? NULL : arena_strdup(&migrator->arena, answer->message);
    run->notice_rewrite = run->notice_rewrite || migrator->session.notice_rewrite;
    run->notice_scan = run->notice_scan || migrator->session.notice_scan;
    migrator->session.notice_rewrite = migrator->session.notice_scan = false;
}

static void tell_attempt(const struct migrator *migrator, size_t attempt, bool after)
{
    const struct migrator_hooks *hooks = &migrator->config.hooks;
    if (hooks->attempt != NULL)
        hooks->attempt(hooks->context, (int)attempt, after);
}

size_t journal_attempt(struct migrator *migrator, size_t statement)
{
    struct migration_log *log = &migrator->log;
    struct statement_run *run = journal_statement_at(migrator, statement);
    if (run->attempt_count == 0)
        run->first_attempt = (int)log->attempt_count;
    *ARENA_PUSH(&migrator->arena, log->attempts, log->attempt_count,
                migrator->attempt_capacity) = (struct attempt_span){
        .phase = migrator->phase_run,
        .statement = (int)statement,
        .attempt = ++run->attempt_count,
        .session = db_session(migrator->session.db)};
    tell_attempt(migrator, log->attempt_count - 1, false);
    return log->attempt_count - 1;
}

void journal_attempt_end(struct migrator *migrator, size_t attempt)
{
    tell_attempt(migrator, attempt, true);
}

void journal_withdraw(struct migrator *migrator, size_t statement, size_t attempt)
{
    migrator->log.statement_count = statement;
    migrator->log.attempt_count = attempt;
}

struct backfill_run *journal_backfill(struct migrator *migrator, size_t statement)
{
    struct migration_log *log = &migrator->log;
    struct backfill_run *run = arena_alloc(&migrator->arena, sizeof *run);
    run->statement = (int)statement;
    run->start_ns = clock_ns();
    if (log->backfill_count == migrator->backfill_capacity) {
        size_t wider = migrator->backfill_capacity == 0 ? 4 : 2 * migrator->backfill_capacity;
        log->backfills = arena_grow(&migrator->arena, log->backfills, log->backfill_count * sizeof(void *),
                                    wider * sizeof(void *));
        migrator->backfill_capacity = wider;
    }
    log->backfills[log->backfill_count++] = run;
    journal_statement_at(migrator, statement)->backfill = (int)log->backfill_count - 1;
    return run;
}

struct check_run *journal_check(struct migrator *migrator, const struct strategy_check *check)
{
    struct migration_log *log = &migrator->log;
    struct check_run *run = ARENA_PUSH(&migrator->arena, log->checks, log->check_count,
                                       migrator->check_capacity);
    *run = (struct check_run){.check = check, .phase_run = migrator->phase_run, .expected = check->expect};
    return run;
}
