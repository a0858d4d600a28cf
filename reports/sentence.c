#include "reports/sentence.h"

#include "reports/sentence_cause.h"
#include "reports/words.h"

#include <math.h>
#include <string.h>

static bool is(const char *text, const char *word)
{
    return text != NULL && strcmp(text, word) == 0;
}

static char *taken(struct arena *arena, struct buf *buf)
{
    char *text = arena_strdup(arena, buf_text(buf));
    buf_free(buf);
    return text;
}

const char *sentence_threshold(struct arena *arena, const struct record_threshold *threshold)
{
    char measured[WORDS_SIZE], clock[WORDS_SIZE];
    struct buf text = {0};
    buf_printf(&text, "%s %s, limit %s", words_title(threshold),
               words_measured(threshold, measured, sizeof measured), threshold->limit);
    if (threshold->phase != NULL)
        buf_printf(&text, ", in %s", threshold->phase);
    if (!isnan(threshold->at_s))
        buf_printf(&text, " at %s", words_clock(threshold->at_s, clock, sizeof clock));
    return taken(arena, &text);
}

static bool is_migration_phase(const struct record_phase *phase)
{
    return is(phase->kind, "ddl") || is(phase->kind, "data") || is(phase->kind, "app") ||
           is(phase->kind, "check");
}

static const struct record_statement *failed_statement(const struct record_phase *phase)
{
    for (size_t i = 0; i < phase->statements.count; i++)
        if (phase->statements.items[i].outcome != NULL && !is(phase->statements.items[i].outcome, "ok"))
            return &phase->statements.items[i];
    return NULL;
}

const char *sentence_unfinished(struct arena *arena, const struct record_strategy *strategy)
{
    for (size_t i = 0; i < strategy->phases.count; i++) {
        const struct record_phase *phase = &strategy->phases.items[i];
        if (phase->completed || !is_migration_phase(phase))
            continue;
        char command[WORDS_SIZE];
        struct buf text = {0};
        buf_printf(&text, "phase %s was not completed", phase->name);
        const struct record_statement *failed = failed_statement(phase);
        if (failed != NULL)
            buf_printf(&text, ": %s ended in %s", sentence_actor(phase, failed->sql, command, sizeof command),
                       failed->outcome);
        if (failed != NULL && failed->attempts.count > 1)
            buf_printf(&text, " at attempt %zu", failed->attempts.count);
        if (failed != NULL && failed->message != NULL)
            buf_printf(&text, " (%s)", failed->message);
        return taken(arena, &text);
    }
    return NULL;
}

const char *sentence_rollback(struct arena *arena, const struct record_strategy *strategy)
{
    const struct record_rollback *rollback = &strategy->rollback;
    if (!rollback->rehearsed || (rollback->complete && rollback->schema_identical))
        return NULL;
    if (!rollback->complete)
        return "the rollback was not completed";
    return arena_printf(arena, "the schema after the rollback is not the one before (%zu %s)",
                        rollback->changes.count,
                        rollback->changes.count == 1 ? "line differs" : "lines differ");
}

static const struct record_threshold *first_of(const struct record *record,
                                               const struct record_strategy *strategy, const char *state,
                                               const char *metric)
{
    for (size_t i = 0; i < record->thresholds.count; i++) {
        const struct record_threshold *threshold = &record->thresholds.items[i];
        if (is(threshold->strategy, strategy->name) && is(threshold->state, state) &&
            (metric == NULL || is(threshold->metric, metric)))
            return threshold;
    }
    return NULL;
}

const char *sentence_limit_figure(const struct record_threshold *threshold)
{
    return strncmp(threshold->limit, "< ", 2) == 0 ? threshold->limit + 2 : threshold->limit;
}

static void say_stall(struct buf *text, const struct record_strategy *strategy,
                      const struct record_threshold *stall)
{
    char measured[WORDS_SIZE];
    const struct record_episode *episode = sentence_episode_behind(strategy, stall->phase);
    buf_printf(text, "Strategy %s stalled the application for %s (limit %s)", strategy->name,
               words_value(stall->measured, stall->unit, measured, sizeof measured),
               sentence_limit_figure(stall));
    if (stall->phase != NULL)
        buf_printf(text, " in %s", stall->phase);
    /* An episode explains the stall when its longest victim is most of it. */
    if (episode == NULL || (double)episode->victims.longest_us < stall->measured / 2) {
        buf_puts(text, "; no lock that explains it was seen.");
        return;
    }
    buf_puts(text, ": ");
    sentence_say_cause(text, strategy, episode);
    buf_puts(text, ".");
    sentence_say_hint(text, strategy, stall, episode);
}

static void add_outcomes(record_numbers *sum, struct arena *arena, const record_numbers *from)
{
    for (size_t i = 0; i < from->count; i++) {
        size_t k = 0;
        while (k < sum->count && !is(sum->items[k].name, from->items[i].name))
            k++;
        if (k == sum->count)
            *RECORD_ADD(arena, *sum) = (struct record_number){from->items[i].name, 0};
        sum->items[k].value += from->items[i].value;
    }
}

static void say_failed(struct arena *arena, struct buf *text, const struct record_strategy *strategy,
                       const struct record_threshold *failed)
{
    char count[WORDS_SIZE];
    record_numbers classes = {0};
    for (size_t i = 0; i < strategy->phases.count; i++)
        add_outcomes(&classes, arena, &strategy->phases.items[i].outcomes.by_class);
    buf_printf(text, "%s %s failed", words_count((int64_t)failed->measured, count, sizeof count),
               failed->measured == 1 ? "request" : "requests");
    for (size_t i = 0; i < classes.count; i++)
        buf_printf(text, "%s%s %s", i == 0 ? " (" : ", ",
                   words_count(classes.items[i].value, count, sizeof count), classes.items[i].name);
    buf_printf(text, "%s%s%s.", classes.count > 0 ? ")" : "", failed->phase == NULL ? "" : ", most in ",
               failed->phase == NULL ? "" : failed->phase);
}

static void say_checks(struct buf *text, const struct record_strategy *strategy)
{
    for (size_t i = 0; i < strategy->checks.count; i++) {
        const struct record_check *check = &strategy->checks.items[i];
        if (is(check->state, "pass"))
            continue;
        buf_printf(text, "Check \"%s\" ", check->name == NULL ? "" : check->name);
        if (check->found == NULL)
            buf_printf(text, "could not be run%s%s.", check->message == NULL ? "" : ": ",
                       check->message == NULL ? "" : check->message);
        else
            buf_printf(text, "found %s, expected %s.", check->found,
                       check->expect == NULL ? "nothing" : check->expect);
        return;
    }
}

static void say_other_failures(struct arena *arena, struct buf *text, const struct record *record,
                               const struct record_strategy *strategy)
{
    for (size_t i = 0; i < record->thresholds.count; i++) {
        const struct record_threshold *threshold = &record->thresholds.items[i];
        if (!is(threshold->strategy, strategy->name) || !is(threshold->state, "fail") ||
            is(threshold->metric, "app.failed") || is(threshold->metric, "checks.failed"))
            continue;
        buf_printf(text, " Not met: %s.", sentence_threshold(arena, threshold));
        return; /* one is enough for a sentence: the table has them all */
    }
}

static void say_fail(struct arena *arena, struct buf *text, const struct record *record,
                     const struct record_strategy *strategy)
{
    const struct record_threshold *stall = first_of(record, strategy, "fail", "app.stall_max");
    const struct record_threshold *failed = first_of(record, strategy, "fail", "app.failed");
    const struct record_threshold *checks = first_of(record, strategy, "fail", "checks.failed");
    const char *unfinished = sentence_unfinished(arena, strategy);
    const char *rollback = sentence_rollback(arena, strategy);
    if (unfinished != NULL)
        buf_printf(text, "Strategy %s did not go through: %s.", strategy->name, unfinished);
    if (stall != NULL) {
        buf_puts(text, unfinished != NULL ? " " : "");
        say_stall(text, strategy, stall);
    } else if (unfinished == NULL && first_of(record, strategy, "fail", NULL) != NULL) {
        buf_printf(text, "Strategy %s did not stay within its limits.", strategy->name);
    } else if (unfinished == NULL) {
        buf_printf(text, "Strategy %s did not come back.", strategy->name);
    }
    if (failed != NULL) {
        buf_puts(text, " ");
        say_failed(arena, text, strategy, failed);
    }
    if (checks != NULL) {
        buf_puts(text, " ");
        say_checks(text, strategy);
    }
    if (stall == NULL)
        say_other_failures(arena, text, record, strategy);
    if (rollback != NULL)
        buf_printf(text, " Way back: %s.", rollback);
}

static void say_longest_wait(struct buf *text, const struct record *record,
                             const struct record_strategy *strategy)
{
    char figure[WORDS_SIZE];
    const struct record_threshold *stall = first_of(record, strategy, "pass", "app.stall_max");
    if (stall == NULL)
        return;
    buf_printf(text, " The longest any request waited was %s",
               words_value(stall->measured, stall->unit, figure, sizeof figure));
    if (stall->phase != NULL)
        buf_printf(text, ", in %s", stall->phase);
    const struct record_episode *episode = sentence_episode_behind(strategy, stall->phase);
    if (episode != NULL && (double)episode->victims.longest_us >= stall->measured / 2) {
        buf_puts(text, ", when ");
        sentence_say_cause(text, strategy, episode);
    }
    buf_puts(text, ".");
}

static void say_pass(struct arena *arena, struct buf *text, const struct record *record,
                     const struct record_strategy *strategy)
{
    char figure[WORDS_SIZE];
    buf_printf(text, "Strategy %s went through", strategy->name);
    if (!isnan(strategy->totals.duration_s))
        buf_printf(text, " in %s", words_seconds(strategy->totals.duration_s, figure, sizeof figure));
    if (!isnan(strategy->achieved_rate_per_s) && strategy->achieved_rate_per_s > 0)
        buf_printf(text, " under %s requests/s",
                   words_count((int64_t)llround(strategy->achieved_rate_per_s), figure, sizeof figure));
    buf_puts(text, ".");
    if (first_of(record, strategy, "pass", "app.failed") != NULL && strategy->totals.failed == 0)
        buf_puts(text, " No request failed.");
    say_longest_wait(text, record, strategy);
    const struct record_threshold *warned = first_of(record, strategy, "warn", NULL);
    if (warned != NULL)
        buf_printf(text, " Warning: %s.", sentence_threshold(arena, warned));
    const char *rollback = sentence_rollback(arena, strategy);
    if (rollback != NULL)
        buf_printf(text, " Warning: %s.", rollback);
}

static bool no_way_back(const struct record_strategy *strategy, const struct record_threshold *skipped)
{
    static const char rollback[] = "rollback.";
    return !strategy->rollback.rehearsed && strncmp(skipped->metric, rollback, strlen(rollback)) == 0;
}

static void say_unjudged(struct buf *text, const struct record *record,
                         const struct record_strategy *strategy)
{
    buf_printf(text, "Strategy %s cannot be judged", strategy->name);
    const struct record_threshold *skipped = NULL;
    for (size_t i = 0; i < record->thresholds.count && skipped == NULL; i++)
        if (is(record->thresholds.items[i].strategy, strategy->name) &&
            is(record->thresholds.items[i].state, "skipped") && !record->thresholds.items[i].is_default)
            skipped = &record->thresholds.items[i];
    if (strategy->invalid && record->validity.reasons.count > 0)
        buf_printf(text, ": %s.", record->validity.reasons.items[0]);
    else if (!strategy->invalid && skipped != NULL)
        buf_printf(text, ": %s could not be measured%s.", skipped->metric,
                   no_way_back(strategy, skipped) ? ": the strategy has no way back" : "");
    else
        buf_puts(text, ": its numbers cannot be trusted.");
}

static void say_aborted(struct arena *arena, struct buf *text, const struct record_strategy *strategy)
{
    const char *unfinished = sentence_unfinished(arena, strategy);
    buf_printf(text, "Strategy %s was interrupted before it was through%s%s.", strategy->name,
               unfinished == NULL ? "" : ": ", unfinished == NULL ? "" : unfinished);
}

const char *sentence_strategy(struct arena *arena, const struct record *record,
                              const struct record_strategy *strategy)
{
    struct buf text = {0};
    if (is(strategy->verdict.state, "fail"))
        say_fail(arena, &text, record, strategy);
    else if (is(strategy->verdict.state, "invalid"))
        say_unjudged(&text, record, strategy);
    else if (is(strategy->verdict.state, "aborted"))
        say_aborted(arena, &text, strategy);
    else
        say_pass(arena, &text, record, strategy);
    return taken(arena, &text);
}
