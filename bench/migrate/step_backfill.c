#include "bench/migrate/step.h"

#include "bench/migrate/journal.h"
#include "bench/migrate/range.h"
#include "bench/migrate/rate.h"
#include "bench/migrate/retry.h"
#include "bench/migrate/session.h"

#include "bench/db/dialect.h"

#include <inttypes.h>
#include <stdio.h>

static const int64_t lag_look_ns = 40 * NS_PER_MS, window_ns = 10 * NS_PER_S, most_rows = 1000000;
enum { BATCH_TRIES = 10 }; /* of a batch that met a deadlock or lost its connection, at least */

struct backfill {
    struct migrator *migrator;
    const struct step *step;
    struct backfill_run *run;
    struct strategy_settings settings;
    struct range range;
    int64_t batch_rows;
    struct rate_mark *marks;
    size_t mark_count, mark_capacity;
    struct db_answer answer; /* the last */
};

static bool is_loss(enum outcome outcome)
{
    return outcome == OUTCOME_CONNECTION_LOST;
}

/* A batch whose COMMIT was not sent is not there, whatever happened to the connection. */
static int tries_of(const struct backfill *backfill, enum outcome outcome)
{
    int retries = backfill->settings.retries;
    bool met = outcome == OUTCOME_DEADLOCK || outcome == OUTCOME_SERIALIZATION;
    if (met && !backfill->step->retry_deadlock)
        return 0;
    return (met || is_loss(outcome)) && retries < BATCH_TRIES ? BATCH_TRIES : retries;
}

/* True when the batch is to run again, after the wait. */
static bool again(struct backfill *backfill, int *used)
{
    enum outcome outcome = backfill->answer.outcome;
    struct retry retry = {.settings = backfill->settings, .used = *used};
    retry.settings.retries = tries_of(backfill, outcome);
    bool due = is_loss(outcome) ? *used < retry.settings.retries && !migration_interrupted(backfill->migrator)
                                : retry_again(&retry, backfill->migrator, outcome);
    if (due) {
        ++*used;
        backfill->run->retried++;
    }
    return due;
}

static struct db_answer send_batch(struct backfill *backfill)
{
    struct migrator *migrator = backfill->migrator;
    struct db_answer answer = session_set_timeouts(migrator, backfill->settings.lock_timeout_ms,
                                                   backfill->settings.statement_timeout_ms);
    if (answer.outcome != OUTCOME_OK)
        return answer;
    struct buf sql = {0};
    buf_printf(&sql, "%s; ", migrator->session.begin);
    size_t prefix = sql.length;
    range_statement(backfill->step->lexis, backfill->step->sql, &backfill->range, &sql);
    answer = session_exec(migrator, buf_text(&sql), session_deadline_ns(migrator), NULL, NULL);
    answer.position = answer.position > (int)prefix ? answer.position - (int)prefix : 0;
    buf_free(&sql);
    if (answer.outcome == OUTCOME_OK) {
        struct db_answer commit = session_exec(migrator, migrator->session.commit,
                                               session_deadline_ns(migrator), NULL, NULL);
        if (commit.outcome != OUTCOME_OK)
            answer = commit;
    }
    session_rollback(migrator);
    return answer;
}

/* DONE: the batch is committed. */
static enum migrator_result run_batch(struct backfill *backfill, struct err *err)
{
    int used = 0;
    do {
        enum migrator_result result = session_ensure(backfill->migrator, err);
        if (result != MIGRATOR_DONE)
            return result;
        backfill->answer = send_batch(backfill);
    } while (backfill->answer.outcome != OUTCOME_OK && again(backfill, &used));
    return step_verdict(backfill->migrator, backfill->step, &backfill->answer, err);
}

static enum migrator_result next_range(struct backfill *backfill, bool *more, struct err *err)
{
    int used = 0;
    do {
        enum migrator_result result = session_ensure(backfill->migrator, err);
        if (result != MIGRATOR_DONE)
            return result;
        backfill->answer = range_next(backfill->migrator, backfill->step, backfill->batch_rows,
                                      &backfill->range, more);
        if (backfill->answer.outcome == OUTCOME_UNKNOWN) /* it only reads */
            backfill->answer.outcome = OUTCOME_CONNECTION_LOST;
    } while (backfill->answer.outcome != OUTCOME_OK && again(backfill, &used));
    return step_verdict(backfill->migrator, backfill->step, &backfill->answer, err);
}

static void count_batch(struct backfill *backfill)
{
    struct backfill_run *run = backfill->run;
    run->rows += backfill->answer.rows;
    run->batches++;
    *ARENA_PUSH(&backfill->migrator->arena, backfill->marks, backfill->mark_count,
                backfill->mark_capacity) = (struct rate_mark){.at_ns = clock_ns(),
                                                              .rows = backfill->answer.rows};
    atomic_store_explicit(&backfill->migrator->backfill_rows, run->rows, memory_order_relaxed);
    atomic_store_explicit(&run->key_at, backfill->range.hi, memory_order_relaxed);
    backfill->migrator->touched = true;
}

/* The next batch takes about target_ns, if it is like this one; never more than doubled or halved at once. */
static void adapt(struct backfill *backfill, int64_t took_ns)
{
    if (backfill->step->target_ns <= 0 || took_ns <= 0)
        return;
    double ratio = (double)backfill->step->target_ns / (double)took_ns;
    ratio = ratio > 2 ? 2 : ratio < 0.5 ? 0.5 : ratio;
    int64_t rows = (int64_t)((double)backfill->batch_rows * ratio);
    backfill->batch_rows = rows < 1 ? 1 : rows > most_rows ? most_rows : rows;
}

static bool lag_is_too_long(const struct backfill *backfill)
{
    const struct migrator_hooks *hooks = &backfill->migrator->config.hooks;
    if (hooks->lag_ns == NULL || backfill->step->max_lag_ns <= 0)
        return false;
    int64_t lag_ns = hooks->lag_ns(hooks->context);
    return lag_ns < 0 || lag_ns > backfill->step->max_lag_ns;
}

static bool wait_for_replica(struct backfill *backfill)
{
    int64_t from_ns = clock_ns();
    bool go_on = true;
    if (!lag_is_too_long(backfill))
        return true;
    do
        go_on = migration_pause(backfill->migrator, lag_look_ns);
    while (go_on && lag_is_too_long(backfill));
    backfill->run->lag_pauses++;
    backfill->run->lag_paused_ns += clock_ns() - from_ns;
    return go_on;
}

/* Waits for the replica and for the rate. False: interrupted. */
static bool throttle(struct backfill *backfill)
{
    int64_t from_ns = clock_ns();
    bool go_on = wait_for_replica(backfill);
    if (go_on && backfill->step->max_rows_per_s > 0) {
        double due_s = (double)backfill->run->rows / backfill->step->max_rows_per_s;
        int64_t due_ns = backfill->run->start_ns + (int64_t)(due_s * (double)NS_PER_S);
        go_on = migration_pause(backfill->migrator, due_ns - clock_ns());
    }
    backfill->run->throttled_ns += clock_ns() - from_ns;
    return go_on;
}

static enum migrator_result run_ranges(struct backfill *backfill, struct err *err)
{
    for (;;) {
        bool more = false;
        if (!throttle(backfill))
            return migration_stop(err);
        enum migrator_result result = next_range(backfill, &more, err);
        if (result != MIGRATOR_DONE || !more)
            return result;
        int64_t from_ns = clock_ns();
        result = run_batch(backfill, err);
        if (result != MIGRATOR_DONE || backfill->answer.outcome != OUTCOME_OK)
            return result; /* DONE without OK: a tolerant migrator skips the rest */
        count_batch(backfill);
        adapt(backfill, clock_ns() - from_ns);
        if (!migration_pause(backfill->migrator, backfill->step->pause_ns))
            return migration_stop(err);
    }
}

static enum migrator_result find_range(struct backfill *backfill, struct err *err)
{
    const struct step *step = backfill->step;
    enum migrator_result result = session_ensure(backfill->migrator, err);
    if (result != MIGRATOR_DONE)
        return result;
    backfill->answer = session_set_timeouts(backfill->migrator, backfill->settings.lock_timeout_ms,
                                            backfill->settings.statement_timeout_ms);
    if (backfill->answer.outcome == OUTCOME_OK)
        backfill->answer = range_find(backfill->migrator, step, &backfill->range);
    backfill->answer.position = 0; /* in a statement that nobody wrote */
    result = step_verdict(backfill->migrator, step, &backfill->answer, err);
    if (result == MIGRATOR_FAILED) {
        err_wrap(err, "backfill: key %s of %s cannot be cut into ranges", step->key, step->table);
        err_hint(err, "the key is one column of type smallint, integer or bigint");
    }
    return result;
}

static bool refuse(const struct step *step, struct err *err)
{
    if (step->threads > 1)
        return err_at(err, step->file, step->line, step->column,
                      "backfill: threads=%d: batches run one at a time, threads=1", step->threads);
    if (step->table == NULL || step->key == NULL)
        return err_at(err, step->file, step->line, step->column, "backfill needs table= and key=");
    return true;
}

/* Names the range of which it is not known whether it is there: running it again blindly might do it twice. */
static void name_range(const struct backfill *backfill, struct err *err)
{
    if (backfill->answer.outcome == OUTCOME_UNKNOWN)
        err_hint(err, "look at the rows with %s above %" PRId64 " up to %" PRId64 " before going on",
                 backfill->step->key, backfill->range.lo, backfill->range.hi);
}

static void begin(struct backfill *backfill)
{
    struct migrator *migrator = backfill->migrator;
    backfill->run->key_low = backfill->range.low;
    backfill->run->key_high = backfill->range.high;
    atomic_store(&backfill->run->key_at, backfill->range.lo);
    atomic_store(&migrator->backfill_rows, 0);
    atomic_store(&migrator->backfill, backfill->run);
}

static void end(struct backfill *backfill, size_t statement)
{
    struct backfill_run *run = backfill->run;
    struct migrator *migrator = backfill->migrator;
    atomic_store(&migrator->backfill, NULL);
    migrator->touched = migrator->touched || backfill->answer.outcome == OUTCOME_UNKNOWN;
    run->end_ns = clock_ns();
    run->rows_per_s_min10s = rate_slowest(backfill->marks, backfill->mark_count, run->start_ns, run->end_ns,
                                          window_ns);
    journal_statement_end(migrator, statement, &backfill->answer);
    journal_statement_at(migrator, statement)->rows = run->rows;
}

enum migrator_result step_backfill(struct migrator *migrator, const struct step *step, struct err *err)
{
    if (!refuse(step, err))
        return MIGRATOR_FAILED;
    struct backfill backfill = {.migrator = migrator,
                                .step = step,
                                .settings = migration_settings(migrator, step),
                                .batch_rows = step->batch_rows > 0 ? step->batch_rows : 10000};
    size_t statement = journal_statement(migrator, step);
    backfill.run = journal_backfill(migrator, statement);
    enum migrator_result result = find_range(&backfill, err);
    if (result == MIGRATOR_DONE && backfill.answer.outcome == OUTCOME_OK &&
        backfill.range.low <= backfill.range.high) {
        begin(&backfill);
        result = run_ranges(&backfill, err);
    }
    end(&backfill, statement);
    if (result == MIGRATOR_FAILED)
        name_range(&backfill, err);
    return result;
}
