#include "reports/metrics.h"
#include "reports/sentence.h"
#include "reports/threshold.h"
#include "reports/view.h"
#include "reports/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The default limit against the baseline is never tighter than this: below it a ratio is noise. */
#define P99_FLOOR_US 10000.0

struct judge {
    struct arena *arena;
    const struct thresholds *thresholds;
    struct record *record;
};

static bool is(const char *text, const char *word)
{
    return text != NULL && strcmp(text, word) == 0;
}

static bool holds(char compare, double measured, double limit)
{
    switch (compare) {
    case '<':
        return measured < limit;
    case '>':
        return measured > limit;
    case 'l':
        return measured <= limit;
    case 'g':
        return measured >= limit;
    default:
        return fabs(measured - limit) < 1e-9;
    }
}

static const char *compare_text(char compare)
{
    return compare == 'l' ? "<=" : compare == 'g' ? ">=" : compare == '=' ? "==" : compare == '>' ? ">" : "<";
}

/* Share of the limit used: measured over limit; where more is better, what is missing over what may be missing. */
static double used_ratio(const struct metric *metric, char compare, double measured, double limit)
{
    if (compare == '=')
        return holds(compare, measured, limit) ? 0 : 1;
    if (compare == '<' || compare == 'l')
        return limit > 0 ? fmax(measured, 0) / limit : measured > limit ? 1 : 0;
    if (is(metric->unit, "ratio") && limit < 1)
        return fmax(1 - measured, 0) / (1 - limit);
    return measured > 0 ? limit / measured : (double)NAN;
}

/* Turns a limit against the baseline into a ratio that was measured, or, under the floor, into a plain limit. */
static void measure_relative(const struct metric *metric, const struct metric_scope *scope,
                             const struct threshold *threshold, struct record_threshold *result)
{
    const double baseline = metric_baseline(metric, scope);
    if (isnan(result->measured) || isnan(baseline)) {
        result->measured = (double)NAN;
        result->unit = "ratio";
    } else if (threshold->is_default && baseline * (1 + threshold->limit) < P99_FLOOR_US) {
        result->limit_value = P99_FLOOR_US;
    } else {
        result->measured = result->measured / baseline - 1;
        result->unit = "ratio";
    }
}

static const char *limit_text(struct arena *arena, const struct threshold *threshold,
                              const struct record_threshold *result)
{
    char figure[WORDS_SIZE];
    if (threshold->of_baseline && is(result->unit, "ratio"))
        return arena_printf(arena, "%s +%.0f %% of baseline", compare_text(threshold->compare),
                            result->limit_value * 100);
    return arena_printf(arena, "%s %s", compare_text(threshold->compare),
                        words_limit(result->limit_value, result->unit, figure, sizeof figure));
}

static struct record_threshold judge_one(struct judge *judge, const struct threshold *threshold,
                                         const struct record_strategy *strategy)
{
    const struct metric *metric = metric_find(threshold->metric);
    const struct metric_scope scope = {judge->record, strategy, threshold->phase, threshold->statement};
    const struct metric_value value = metric_measure(metric, &scope);
    struct record_threshold result = {
        .strategy = strategy->name,
        .metric = threshold->metric,
        .expression = arena_printf(judge->arena, "%s%s %s", threshold->metric,
                                   threshold->selector == NULL ? "" : threshold->selector,
                                   threshold->expression),
        .unit = metric->unit,
        .level = threshold->warn ? "warn" : "fail",
        .measured = value.value,
        .limit_value = threshold->limit,
        .used_ratio = (double)NAN,
        .state = "skipped",
        .phase = value.phase,
        .at_s = value.at_s,
        .is_default = threshold->is_default,
    };
    if (threshold->of_baseline)
        measure_relative(metric, &scope, threshold, &result);
    result.limit = limit_text(judge->arena, threshold, &result);
    if (isnan(result.measured))
        return result;
    result.used_ratio = used_ratio(metric, threshold->compare, result.measured, result.limit_value);
    result.state = holds(threshold->compare, result.measured, result.limit_value) ? "pass" : result.level;
    return result;
}

/* A limit on a phase, backfill or rollback that another strategy of this run has and this one does not is not about it. */
static bool is_about(const struct judge *judge, const struct threshold *threshold,
                     const struct record_strategy *strategy)
{
    const struct metric *metric = metric_find(threshold->metric);
    struct metric_scope scope = {judge->record, strategy, threshold->phase, threshold->statement};
    if (metric_applies(metric, &scope))
        return true;
    for (size_t i = 0; i < judge->record->strategies.count; i++) {
        scope.strategy = &judge->record->strategies.items[i];
        if (metric_applies(metric, &scope))
            return false;
    }
    return true;
}

static void judge_thresholds(struct judge *judge, const struct record_strategy *strategy)
{
    for (size_t i = 0; i < judge->thresholds->count; i++)
        if (is_about(judge, &judge->thresholds->items[i], strategy))
            *RECORD_ADD(judge->arena,
                        judge->record->thresholds) = judge_one(judge, &judge->thresholds->items[i], strategy);
}

static const char *worse(const char *a, const char *b)
{
    return view_severity(b) > view_severity(a) ? b : a;
}

static const char *consequence(const struct record_threshold *threshold)
{
    if (!is(threshold->state, "skipped"))
        return threshold->state;
    return threshold->is_default || is(threshold->level, "warn") ? "warn" : "invalid";
}

static void add_cause(struct judge *judge, struct record_verdict *verdict,
                      const struct record_threshold *threshold)
{
    const char *line = is(threshold->state, "skipped")
                           ? arena_printf(judge->arena, "%s could not be measured", threshold->expression)
                           : sentence_threshold(judge->arena, threshold);
    if (is(consequence(threshold), "warn"))
        line = arena_printf(judge->arena, "warning: %s", line);
    *RECORD_ADD(judge->arena, verdict->causes) = line;
}

/* What no limit says: a change that did not go through has failed, and so has a way back that was not gone to its end. */
static const char *judge_conduct(struct judge *judge, struct record_strategy *strategy)
{
    const char *unfinished = sentence_unfinished(judge->arena, strategy);
    const char *rollback = sentence_rollback(judge->arena, strategy);
    if (unfinished != NULL)
        *RECORD_ADD(judge->arena, strategy->verdict.causes) = unfinished;
    if (rollback != NULL)
        *RECORD_ADD(judge->arena, strategy->verdict.causes) = rollback;
    if (unfinished != NULL || (rollback != NULL && !strategy->rollback.complete))
        return "fail";
    return rollback != NULL ? "warn" : "pass";
}

static void judge_strategy(struct judge *judge, struct record_strategy *strategy)
{
    const bool aborted = is(strategy->verdict.state, "aborted");
    const char *state = worse(strategy->invalid ? "invalid" : "pass", judge_conduct(judge, strategy));
    for (size_t i = 0; i < judge->record->thresholds.count; i++) {
        const struct record_threshold *threshold = &judge->record->thresholds.items[i];
        if (!is(threshold->strategy, strategy->name) || is(threshold->state, "pass"))
            continue;
        state = worse(state, consequence(threshold));
        add_cause(judge, &strategy->verdict, threshold);
    }
    if (!aborted)
        strategy->verdict.state = state;
    if (strategy->verdict.sentence == NULL)
        strategy->verdict.sentence = sentence_strategy(judge->arena, judge->record, strategy);
}

static void judge_run(struct judge *judge)
{
    struct record *record = judge->record;
    const struct record_strategy *decisive = view_decisive(record);
    const bool aborted = is(record->verdict.state, "aborted");
    if (decisive == NULL) {
        if (!aborted)
            record->verdict.state = "invalid";
        if (record->verdict.sentence == NULL)
            record->verdict.sentence = aborted ? "The run was interrupted before any strategy ran."
                                               : "No strategy was run.";
        return;
    }
    const char *state = decisive->verdict.state;
    if (is(record->validity.state, "invalid"))
        state = worse(state, "invalid");
    if (!aborted)
        record->verdict.state = state;
    if (record->verdict.sentence == NULL)
        record->verdict.sentence = record->validity.reasons.count > 0 && is(state, "invalid") &&
                                           !is(decisive->verdict.state, "invalid")
                                       ? arena_printf(judge->arena, "The run cannot be judged: %s.",
                                                      record->validity.reasons.items[0])
                                       : decisive->verdict.sentence;
    for (size_t i = 0; i < decisive->verdict.causes.count; i++)
        *RECORD_ADD(judge->arena, record->verdict.causes) = decisive->verdict.causes.items[i];
}

void threshold_judge(struct arena *arena, const struct thresholds *thresholds, struct record *record)
{
    struct judge judge = {.arena = arena, .thresholds = thresholds, .record = record};
    for (size_t i = 0; i < record->strategies.count; i++)
        judge_thresholds(&judge, &record->strategies.items[i]);
    for (size_t i = 0; i < record->strategies.count; i++)
        judge_strategy(&judge, &record->strategies.items[i]);
    judge_run(&judge);
}
