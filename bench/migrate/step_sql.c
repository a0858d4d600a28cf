#include "bench/migrate/step.h"

#include "bench/migrate/journal.h"
#include "bench/migrate/leftover.h"
#include "bench/migrate/retry.h"
#include "bench/migrate/session.h"
#include "bench/migrate/stamp.h"

static bool may_have_applied(const struct step *step, const struct db_answer *answer)
{
    return step->sql_kind != SQL_KIND_SELECT &&
           (answer->outcome == OUTCOME_OK || answer->outcome == OUTCOME_UNKNOWN);
}

static struct db_answer send(struct migrator *migrator, const struct step *step, struct attempt_span *span)
{
    if (step->no_transaction)
        return stamp_alone(migrator, step, span);
    struct db_answer answer = stamp_statement(migrator, step, true, span);
    if (answer.outcome == OUTCOME_OK) {
        struct db_answer commit = stamp_commit(migrator, span);
        if (commit.outcome != OUTCOME_OK)
            answer = commit;
    }
    session_rollback(migrator);
    return answer;
}

/* One try, from its timeouts to the end of its locks. */
static struct db_answer attempt(struct migrator *migrator, const struct step *step, size_t statement)
{
    struct strategy_settings settings = migration_settings(migrator, step);
    struct db_answer answer = session_set_timeouts(migrator, settings.lock_timeout_ms,
                                                   settings.statement_timeout_ms);
    if (answer.outcome != OUTCOME_OK)
        return answer;
    step_arm(migrator, step, true);
    size_t index = journal_attempt(migrator, statement);
    struct attempt_span *span = &migrator->log.attempts[index];
    answer = send(migrator, step, span);
    span->done_ns = clock_ns();
    span->outcome = answer.outcome;
    journal_attempt_end(migrator, index);
    step_arm(migrator, step, false);
    return answer;
}

enum migrator_result step_sql(struct migrator *migrator, const struct step *step, struct err *err)
{
    struct retry retry = {.settings = migration_settings(migrator, step)};
    enum migrator_result result = session_ensure(migrator, err);
    if (result != MIGRATOR_DONE)
        return result;
    struct leftover leftover = leftover_before(migrator, step);
    size_t statement = journal_statement(migrator, step);
    struct db_answer answer = {.outcome = OUTCOME_CONNECTION_LOST};
    do {
        result = session_ensure(migrator, err);
        if (result != MIGRATOR_DONE) {
            journal_statement_end(migrator, statement, &answer);
            return result;
        }
        answer = attempt(migrator, step, statement);
        migrator->touched = migrator->touched || may_have_applied(step, &answer);
        if (answer.outcome != OUTCOME_OK)
            leftover_after(migrator, step, &leftover);
    } while (retry_again(&retry, migrator, answer.outcome));
    journal_statement_end(migrator, statement, &answer);
    journal_statement_at(migrator, statement)->rows = answer.outcome == OUTCOME_OK ? answer.rows : 0;
    return step_verdict(migrator, step, &answer, err);
}
