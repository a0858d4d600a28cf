#include "bench/migrate/step.h"

#include "bench/db/dialect.h"
#include "bench/migrate/journal.h"
#include "bench/migrate/leftover.h"
#include "bench/migrate/retry.h"
#include "bench/migrate/session.h"
#include "bench/migrate/stages.h"
#include "bench/migrate/stamp.h"

#include <stdlib.h>

/* Inside a transaction that the file itself began, nothing is permanent before its own COMMIT. */
static bool may_have_applied(const struct migrator *migrator, const struct step *step, enum outcome outcome)
{
    if (session_in_transaction(migrator) || step->sql_kind == SQL_KIND_SELECT ||
        step->sql_kind == SQL_KIND_ROLLBACK)
        return false;
    return outcome == OUTCOME_OK || outcome == OUTCOME_UNKNOWN;
}

/* In a transaction of ours, from BEGIN to COMMIT. */
static struct db_answer send_wrapped(struct migrator *migrator, const struct step *step,
                                     struct attempt_span *span)
{
    struct db_answer answer = stamp_statement(migrator, step, true, span);
    if (answer.outcome != OUTCOME_OK)
        return answer;
    struct db_answer commit = stamp_commit(migrator, migrator->session.commit, span);
    return commit.outcome == OUTCOME_OK ? answer : commit;
}

static bool is_words_of_transaction(enum sql_kind kind)
{
    return kind == SQL_KIND_BEGIN || kind == SQL_KIND_COMMIT || kind == SQL_KIND_ROLLBACK;
}

/* On a server whose DDL commits by itself a transaction around it would only end it: the readings stand around it, and
 * its locks are gone by the second. */
static struct db_answer send_committing(struct migrator *migrator, const struct step *step,
                                        struct attempt_span *span)
{
    struct db_answer answer = stamp_statement(migrator, step, false, span);
    if (answer.result > 1 && migrator->session.db != NULL)
        answer.outcome = OUTCOME_OK; /* what was cancelled is only the reading behind it */
    if (answer.outcome == OUTCOME_OK && !session_in_transaction(migrator))
        span->end_ns = span->after_ns;
    return answer;
}

/* A bare file may hold its own BEGIN and COMMIT: they go as they are, and what is between them without ours. */
static struct db_answer send(struct migrator *migrator, const struct step *step, struct attempt_span *span)
{
    bool inside = session_in_transaction(migrator);
    if (inside && (step->sql_kind == SQL_KIND_COMMIT || step->sql_kind == SQL_KIND_ROLLBACK)) {
        span->sent_ns = clock_ns();
        return stamp_commit(migrator, step->sql, span);
    }
    bool transactional = db_dialect(migrator->session.db)->ddl_is_transactional;
    if (!transactional && sql_kind_is_ddl(step->sql_kind))
        return send_committing(migrator, step, span);
    /* What is no DDL but may commit, as CALL: alone, for its results are not counted here. */
    bool unseen = !transactional && step->sql_kind == SQL_KIND_OTHER && !inside;
    if (step->no_transaction || unseen || is_words_of_transaction(step->sql_kind))
        return stamp_alone(migrator, step, span);
    return inside ? stamp_statement(migrator, step, false, span) : send_wrapped(migrator, step, span);
}

/* The locks of all attempts since the file's BEGIN end together. */
static void end_spans(struct migrator *migrator, size_t first, size_t last)
{
    struct attempt_span *spans = migrator->log.attempts;
    int64_t done_ns = clock_ns();
    for (size_t i = first; i <= last; i++) {
        spans[i].end_ns = spans[last].end_ns;
        spans[i].done_ns = done_ns;
        journal_attempt_end(migrator, i);
    }
    migration_arm(migrator, false);
}

/* One try, from its timeouts to the end of its locks, or into the transaction that the file has open. */
static struct db_answer attempt(struct migrator *migrator, const struct step *step, size_t statement)
{
    struct strategy_settings settings = migration_settings(migrator, step);
    struct db_answer answer = session_set_timeouts(migrator, settings.lock_timeout_ms,
                                                   settings.statement_timeout_ms);
    if (answer.outcome != OUTCOME_OK)
        return answer;
    bool inside = session_in_transaction(migrator);
    step_arm(migrator, step);
    size_t index = journal_attempt(migrator, statement);
    if (!inside)
        migrator->open_attempt = index;
    answer = send(migrator, step, &migrator->log.attempts[index]);
    migrator->log.attempts[index].outcome = answer.outcome;
    migrator->log.attempts[index].done_ns = clock_ns();
    if (answer.outcome != OUTCOME_OK)
        session_rollback(migrator);
    if (!session_in_transaction(migrator))
        end_spans(migrator, migrator->open_attempt, index);
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
        migrator->touched = migrator->touched || may_have_applied(migrator, step, answer.outcome);
        if (answer.outcome != OUTCOME_OK)
            leftover_after(migrator, step, &leftover);
        /* IF NOT EXISTS of another try would take what is left for the index. */
    } while (migrator->leftover_count == 0 && retry_again(&retry, migrator, answer.outcome));
    journal_statement_end(migrator, statement, &answer);
    if (answer.outcome == OUTCOME_OK)
        stages_read(migrator, step, statement);
    journal_statement_at(migrator, statement)->rows = answer.outcome == OUTCOME_OK ? answer.rows : 0;
    return step_verdict(migrator, step, &answer, err);
}
