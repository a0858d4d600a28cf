#include "bench/migrate/transaction.h"

#include "bench/migrate/journal.h"
#include "bench/migrate/retry.h"
#include "bench/migrate/session.h"
#include "bench/migrate/stamp.h"
#include "bench/migrate/step.h"

/* One try: where its statements and attempts begin in the log, and how far it came. */
struct whole_try {
    size_t statement, attempt; /* indexes of the first */
    size_t reached;            /* statements sent */
    struct db_answer answer;
};

static bool refuse_kinds(const struct phase *phase, struct err *err)
{
    for (size_t i = 0; i < phase->step_count; i++)
        if (phase->steps[i].kind != STEP_SQL)
            return err_at(err, phase->steps[i].file, phase->steps[i].line, 0,
                          "a phase with tx=on holds only SQL statements");
    return true;
}

/* All spans are announced before BEGIN, so that nothing but the statements runs while locks are held. */
static struct whole_try announce(struct migrator *migrator, const struct phase *phase)
{
    struct whole_try try = {.statement = migrator->log.statement_count,
                            .attempt = migrator->log.attempt_count};
    for (size_t i = 0; i < phase->step_count; i++)
        journal_attempt(migrator, journal_statement(migrator, &phase->steps[i]));
    return try;
}

static void note_statement(struct migrator *migrator, const struct whole_try *try, size_t index)
{
    journal_statement_end(migrator, try->statement + index, &try->answer);
    journal_statement_at(migrator, try->statement + index)->rows = try->answer.rows;
    migrator->log.attempts[try->attempt + index].outcome = try->answer.outcome;
}

static void send_statements(struct migrator *migrator, const struct phase *phase, struct whole_try *try)
{
    try->answer.outcome = OUTCOME_OK;
    for (size_t i = 0; i < phase->step_count && try->answer.outcome == OUTCOME_OK; i++) {
        const struct step *step = &phase->steps[i];
        struct strategy_settings settings = migration_settings(migrator, step);
        struct attempt_span *span = &migrator->log.attempts[try->attempt + i];
        try->reached = i + 1;
        span->sent_ns = journal_statement_at(migrator, try->statement + i)->start_ns = clock_ns();
        try->answer = session_set_timeouts(migrator, settings.lock_timeout_ms, settings.statement_timeout_ms);
        if (try->answer.outcome == OUTCOME_OK)
            try->answer = stamp_statement(migrator, step, i == 0, span);
        note_statement(migrator, try, i);
    }
}

/* The end is the transaction's, for each of its statements. */
static void end_spans(struct migrator *migrator, const struct whole_try *try, int64_t end_ns)
{
    int64_t done_ns = clock_ns();
    journal_withdraw(migrator, try->statement + try->reached, try->attempt + try->reached);
    for (size_t i = 0; i < try->reached; i++) {
        struct attempt_span *span = &migrator->log.attempts[try->attempt + i];
        span->end_ns = end_ns;
        span->done_ns = done_ns;
        journal_attempt_end(migrator, try->attempt + i);
    }
}

static struct whole_try attempt(struct migrator *migrator, const struct phase *phase)
{
    migration_arm(migrator, true);
    struct whole_try try = announce(migrator, phase);
    send_statements(migrator, phase, &try);
    struct attempt_span end = {0};
    if (try.answer.outcome == OUTCOME_OK) {
        try.answer = stamp_commit(migrator, migrator->session.commit, &end);
        if (try.answer.outcome != OUTCOME_OK)
            note_statement(migrator, &try, try.reached - 1);
    }
    session_rollback(migrator);
    end_spans(migrator, &try, end.end_ns);
    migration_arm(migrator, false);
    return try;
}

enum migrator_result transaction_run(struct migrator *migrator, const struct phase *phase, struct err *err)
{
    if (!refuse_kinds(phase, err))
        return MIGRATOR_FAILED;
    if (phase->step_count == 0)
        return MIGRATOR_DONE;
    if (migration_interrupted(migrator))
        return migration_stop(err);
    struct retry retry = {.settings = migration_settings(migrator, &phase->steps[0])};
    struct whole_try try;
    do {
        enum migrator_result result = session_ensure(migrator, err);
        if (result != MIGRATOR_DONE)
            return result;
        try = attempt(migrator, phase);
    } while (retry_again(&retry, migrator, try.answer.outcome));
    migrator->touched = try.answer.outcome == OUTCOME_OK || try.answer.outcome == OUTCOME_UNKNOWN;
    return step_verdict(migrator, &phase->steps[try.reached - 1], &try.answer, err);
}
