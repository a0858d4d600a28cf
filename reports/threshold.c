#include "reports/threshold.h"

#include "bench/base/units.h"
#include "reports/metrics.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* Cuts "{phase=backfill,statement=Q3}" off the metric's name; name is the caller's copy and is changed. */
static bool parse_selector(struct arena *arena, char *name, struct threshold *threshold, struct err *err)
{
    char *brace = strchr(name, '{');
    if (brace == NULL)
        return true;
    threshold->selector = arena_strdup(arena, brace);
    const size_t length = strlen(brace);
    if (brace[length - 1] != '}' || length < 3)
        return err_set(err, ERR_USAGE, "selector %s: expected {phase=NAME} or {statement=NAME}", brace);
    char *inside = arena_strndup(arena, brace + 1, length - 2);
    *brace = '\0';
    for (char *save = NULL, *part = strtok_r(inside, ",", &save); part != NULL;
         part = strtok_r(NULL, ",", &save)) {
        part += strspn(part, " ");
        if (strncmp(part, "phase=", 6) == 0 && part[6] != '\0')
            threshold->phase = part + 6;
        else if (strncmp(part, "statement=", 10) == 0 && part[10] != '\0')
            threshold->statement = part + 10;
        else
            return err_set(err, ERR_USAGE, "selector %s: expected phase=NAME or statement=NAME, not \"%s\"",
                           threshold->selector, part);
    }
    return true;
}

static bool find_metric(struct threshold *threshold, const char *name, struct err *err)
{
    const struct metric *metric = metric_find(name);
    if (metric == NULL) {
        const char *near = metric_near(name);
        err_set(err, ERR_USAGE, "there is no metric \"%s\"", name);
        return near == NULL ? false : err_hint(err, "did you mean \"%s\"?", near);
    }
    threshold->metric = metric->name;
    if (threshold->phase != NULL && !metric->by_phase)
        return err_set(err, ERR_USAGE,
                       "%s is measured over the whole strategy: it cannot be selected by phase",
                       metric->name);
    if (threshold->statement != NULL && !metric->by_statement)
        return err_set(err, ERR_USAGE, "%s cannot be selected by statement", metric->name);
    return true;
}

static const char *skip_space(const char *text)
{
    return text + strspn(text, " \t");
}

static bool parse_compare(const char **text, char *compare)
{
    static const struct {
        const char *sign;
        char compare;
    } signs[] = {{"<=", 'l'}, {">=", 'g'}, {"==", '='}, {"<", '<'}, {">", '>'}};
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        const size_t length = strlen(signs[i].sign);
        if (strncmp(*text, signs[i].sign, length) != 0)
            continue;
        *compare = signs[i].compare;
        *text = skip_space(*text + length);
        return true;
    }
    return false;
}

static bool limit_us(const char *text, double *limit, const char **why)
{
    int64_t ns;
    if (!units_duration_ns(text, &ns, why))
        return false;
    *limit = (double)ns / 1e3;
    return true;
}

static bool limit_s(const char *text, double *limit, const char **why)
{
    if (!limit_us(text, limit, why))
        return false;
    *limit /= 1e6;
    return true;
}

static bool limit_bytes(const char *text, double *limit, const char **why)
{
    int64_t bytes;
    if (!units_bytes(text, &bytes, why))
        return false;
    *limit = (double)bytes;
    return true;
}

static bool limit_count(const char *text, double *limit, const char **why)
{
    int64_t count;
    if (!units_count(text, &count, why))
        return false;
    *limit = (double)count;
    return true;
}

static const struct {
    const char *unit;
    bool (*parse)(const char *text, double *limit, const char **why);
} limit_parsers[] = {
    {"us", limit_us},         {"s", limit_s},         {"bytes", limit_bytes},
    {"ratio", units_percent}, {"count", limit_count}, {"per_s", units_rate},
};

static bool parse_limit(const char *unit, const char *text, double *limit, const char **why)
{
    for (size_t i = 0; i < sizeof limit_parsers / sizeof limit_parsers[0]; i++)
        if (strcmp(limit_parsers[i].unit, unit) == 0)
            return limit_parsers[i].parse(text, limit, why);
    return false;
}

/* "+100% of baseline": the allowed change, 1.0. */
static bool parse_relative(struct arena *arena, const char *text, struct threshold *threshold,
                           struct err *err)
{
    const char *of = strstr(text, "of");
    const char *why = NULL;
    size_t length = (size_t)(of - text);
    while (length > 0 && text[length - 1] == ' ')
        length--;
    if (text[0] != '+' || strcmp(skip_space(of + 2), "baseline") != 0 ||
        !units_percent(arena_strndup(arena, text + 1, length - 1), &threshold->limit, &why))
        return err_set(err, ERR_USAGE,
                       "%s \"%s\": a limit against the baseline reads \"< +100%% of baseline\"",
                       threshold->metric, threshold->expression);
    if (metric_find(threshold->metric)->relative_title == NULL)
        return err_set(err, ERR_USAGE, "%s has no baseline to be compared with", threshold->metric);
    threshold->of_baseline = true;
    return true;
}

static bool parse_expression(struct arena *arena, const char *text, struct threshold *threshold,
                             struct err *err)
{
    text = skip_space(text);
    if (strncmp(text, "warn", 4) == 0 && (text[4] == ' ' || ispunct((unsigned char)text[4]))) {
        threshold->warn = true;
        text = skip_space(text + 4);
    }
    if (!parse_compare(&text, &threshold->compare))
        return err_set(err, ERR_USAGE, "%s \"%s\": expected <, <=, >, >= or == and a limit",
                       threshold->metric, threshold->expression);
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    const char *limit = arena_strndup(arena, text, length);
    if (strstr(limit, "baseline") != NULL && strstr(limit, "of") != NULL)
        return parse_relative(arena, limit, threshold, err);
    const char *why = "a limit is missing";
    if (length == 0 || !parse_limit(metric_find(threshold->metric)->unit, limit, &threshold->limit, &why))
        return err_set(err, ERR_USAGE, "%s \"%s\": %s", threshold->metric, threshold->expression, why);
    return true;
}

bool threshold_parse(struct arena *arena, const char *metric, const char *expression,
                     struct thresholds *thresholds, struct err *err)
{
    struct threshold threshold = {.expression = arena_strdup(arena, expression)};
    char *name = arena_strdup(arena, metric);
    if (!parse_selector(arena, name, &threshold, err) || !find_metric(&threshold, name, err) ||
        !parse_expression(arena, expression, &threshold, err))
        return false;
    *ARENA_PUSH(arena, thresholds->items, thresholds->count, thresholds->capacity) = threshold;
    return true;
}

bool threshold_names(const struct thresholds *thresholds, const char *metric)
{
    for (size_t i = 0; i < thresholds->count; i++)
        if (strcmp(thresholds->items[i].metric, metric) == 0 && thresholds->items[i].selector == NULL)
            return true;
    return false;
}

void threshold_defaults(struct arena *arena, bool replicas, struct thresholds *thresholds)
{
    static const struct threshold defaults[] = {
        {.metric = "app.stall_max", .expression = "< 1s", .compare = '<', .limit = 1e6},
        {.metric = "app.failed", .expression = "== 0", .compare = '='},
        {.metric = "app.latency.p99",
         .expression = "< +100% of baseline",
         .compare = '<',
         .limit = 1,
         .of_baseline = true},
        {.metric = "checks.failed", .expression = "== 0", .compare = '='},
        {.metric = "replica.lag_max", .expression = "< 10s", .compare = '<', .limit = 10},
    };
    const size_t count = sizeof defaults / sizeof defaults[0] - (replicas ? 0 : 1);
    for (size_t i = 0; i < count; i++) {
        if (threshold_names(thresholds, defaults[i].metric))
            continue;
        struct threshold *added = ARENA_PUSH(arena, thresholds->items, thresholds->count,
                                             thresholds->capacity);
        *added = defaults[i];
        added->is_default = true;
    }
}
