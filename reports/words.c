#include "reports/words.h"

#include "bench/base/units.h"
#include "reports/metrics.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define NONE "–"

static const char *none(char *text, size_t size)
{
    snprintf(text, size, "%s", NONE);
    return text;
}

const char *words_us(int64_t us, char *text, size_t size)
{
    return us == RECORD_NONE ? none(text, size) : units_format_duration(us * 1000, text, size);
}

const char *words_seconds(double s, char *text, size_t size)
{
    return isnan(s) ? none(text, size) : units_format_duration((int64_t)llround(s * 1e9), text, size);
}

const char *words_count(int64_t count, char *text, size_t size)
{
    return count == RECORD_NONE ? none(text, size) : units_format_count(count, text, size);
}

const char *words_bytes(int64_t bytes, char *text, size_t size)
{
    return bytes == RECORD_NONE ? none(text, size) : units_format_bytes(bytes, text, size);
}

static const char *value_us(double value, char *text, size_t size)
{
    return units_format_duration((int64_t)llround(value * 1e3), text, size);
}

static const char *value_bytes(double value, char *text, size_t size)
{
    return units_format_bytes((int64_t)llround(value), text, size);
}

static const char *value_ratio(double value, char *text, size_t size)
{
    snprintf(text, size, "%.*f %%", fabs(value) < 1 && fabs(value * 1000 - round(value * 100) * 10) > 0.5,
             value * 100);
    return text;
}

static const char *value_count(double value, char *text, size_t size)
{
    return units_format_count((int64_t)llround(value), text, size);
}

static const char *value_per_s(double value, char *text, size_t size)
{
    char count[WORDS_SIZE];
    snprintf(text, size, "%s/s", value_count(value, count, sizeof count));
    return text;
}

static const struct {
    const char *unit;
    const char *(*format)(double value, char *text, size_t size);
} unit_formats[] = {
    {"us", value_us},       {"s", words_seconds},   {"bytes", value_bytes},
    {"ratio", value_ratio}, {"count", value_count}, {"per_s", value_per_s},
};

const char *words_value(double value, const char *unit, char *text, size_t size)
{
    if (isnan(value))
        return none(text, size);
    for (size_t i = 0; unit != NULL && i < sizeof unit_formats / sizeof unit_formats[0]; i++)
        if (strcmp(unit_formats[i].unit, unit) == 0)
            return unit_formats[i].format(value, text, size);
    snprintf(text, size, "%g", value);
    return text;
}

static const struct {
    const char *unit;
    double size;
    const char *name;
} whole_units[] = {
    {"us", 60e6, "min"},  {"us", 1e6, "s"},     {"us", 1e3, "ms"},    {"us", 1, "µs"},
    {"s", 60, "min"},     {"s", 1, "s"},        {"s", 1e-3, "ms"},    {"bytes", 1e12, "TB"},
    {"bytes", 1e9, "GB"}, {"bytes", 1e6, "MB"}, {"bytes", 1e3, "kB"},
};

const char *words_limit(double value, const char *unit, char *text, size_t size)
{
    for (size_t i = 0; value > 0 && i < sizeof whole_units / sizeof whole_units[0]; i++) {
        const double many = value / whole_units[i].size;
        if (unit == NULL || strcmp(whole_units[i].unit, unit) != 0 || many < 1 ||
            fabs(many - round(many)) > 1e-6)
            continue;
        snprintf(text, size, "%.0f %s", many, whole_units[i].name);
        return text;
    }
    return words_value(value, unit, text, size);
}

const char *words_clock(double s, char *text, size_t size)
{
    if (isnan(s)) {
        snprintf(text, size, "%s", "");
        return text;
    }
    const long long whole = (long long)fabs(s);
    const char *sign = s <= -1 ? "-" : "";
    if (whole >= 3600)
        snprintf(text, size, "%s%lld:%02lld:%02lld", sign, whole / 3600, whole / 60 % 60, whole % 60);
    else
        snprintf(text, size, "%s%lld:%02lld", sign, whole / 60, whole % 60);
    return text;
}

bool words_is_relative(const struct record_threshold *threshold)
{
    const struct metric *metric = metric_find(threshold->metric);
    return metric != NULL && threshold->unit != NULL && strcmp(threshold->unit, "ratio") == 0 &&
           strcmp(metric->unit, "ratio") != 0;
}

const char *words_measured(const struct record_threshold *threshold, char *text, size_t size)
{
    if (isnan(threshold->measured) || !words_is_relative(threshold))
        return words_value(threshold->measured, threshold->unit, text, size);
    char percent[WORDS_SIZE];
    words_count((int64_t)llround(fabs(threshold->measured) * 100), percent, sizeof percent);
    snprintf(text, size, "%s%s %%", threshold->measured < 0 ? "−" : "+", percent);
    return text;
}

const char *words_title(const struct record_threshold *threshold)
{
    const struct metric *metric = metric_find(threshold->metric);
    if (metric == NULL)
        return threshold->metric == NULL ? "" : threshold->metric;
    return words_is_relative(threshold) ? metric->relative_title : metric->title;
}

const char *words_selector(const struct record_threshold *threshold, char *text, size_t size)
{
    const char *expression = threshold->expression == NULL ? "" : threshold->expression;
    const char *from = strchr(expression, '{'), *to = from == NULL ? NULL : strchr(from, '}');
    const int length = to == NULL ? 0 : (int)(to - from + 1);
    snprintf(text, size, "%.*s", length, from == NULL ? "" : from);
    return text;
}

static const struct {
    const char *state, *symbol, *word;
} states[] = {
    {"pass", "✓", "PASS"},       {"warn", "!", "PASS, with warnings"}, {"fail", "✗", "FAIL"},
    {"error", "✗", "ERROR"},     {"skipped", "–", "SKIPPED"},          {"invalid", "?", "INVALID"},
    {"aborted", "■", "ABORTED"},
};

const char *words_symbol(const char *state)
{
    for (size_t i = 0; state != NULL && i < sizeof states / sizeof states[0]; i++)
        if (strcmp(states[i].state, state) == 0)
            return states[i].symbol;
    return NONE;
}

const char *words_verdict(const char *state)
{
    for (size_t i = 0; state != NULL && i < sizeof states / sizeof states[0]; i++)
        if (strcmp(states[i].state, state) == 0)
            return states[i].word;
    return "NOT JUDGED";
}

const char *words_command(const char *sql, char *text, size_t size)
{
    static const char *const longer[] = {"CREATE INDEX CONCURRENTLY", "CREATE UNIQUE INDEX CONCURRENTLY",
                                         "CREATE UNIQUE INDEX",       "CREATE OR REPLACE",
                                         "DROP INDEX CONCURRENTLY",   "REINDEX INDEX CONCURRENTLY",
                                         "REINDEX TABLE CONCURRENTLY"};
    static const char *const one[] = {"UPDATE", "DELETE",   "INSERT", "SELECT",
                                      "WITH",   "TRUNCATE", "VACUUM", "ANALYZE"};
    sql = sql == NULL ? "" : sql + strspn(sql, " \t\r\n");
    for (size_t i = 0; i < sizeof longer / sizeof longer[0]; i++)
        if (strncasecmp(sql, longer[i], strlen(longer[i])) == 0) {
            snprintf(text, size, "%s", longer[i]);
            return text;
        }
    const size_t first = strcspn(sql, " \t\r\n(;");
    size_t length = first;
    for (size_t i = 0; i < sizeof one / sizeof one[0]; i++)
        if (first == strlen(one[i]) && strncasecmp(sql, one[i], first) == 0)
            return snprintf(text, size, "%s", one[i]), text;
    if (sql[first] == ' ')
        length = first + 1 + strcspn(sql + first + 1, " \t\r\n(;");
    snprintf(text, size, "%.*s", (int)(length < 40 ? length : 40), sql);
    for (char *c = text; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    return text;
}

const char *words_program(const char *line, char *text, size_t size)
{
    const char *words = line == NULL ? "" : line;
    const size_t length = strcspn(words, " ");
    size_t start = length;
    while (start > 0 && words[start - 1] != '/')
        start--;
    snprintf(text, size, "%.*s", (int)(length - start), words + start);
    return text;
}

const char *words_shorten(const char *sql, size_t width, char *text, size_t size)
{
    size_t length = 0, shown = 0;
    bool space = false, cut = false;
    for (const char *c = sql == NULL ? "" : sql; *c != '\0'; c++) {
        const bool begins = ((unsigned char)*c & 0xC0) != 0x80;
        if (isspace((unsigned char)*c)) {
            space = shown > 0;
            continue;
        }
        if ((begins && shown + 1 + space > width) || length + 12 > size) {
            cut = true;
            break;
        }
        if (space)
            text[length++] = ' ', shown++;
        space = false;
        text[length++] = *c;
        shown += begins;
    }
    snprintf(text + length, size - length, "%s", cut ? "…" : "");
    return text;
}

const char *words_blocker(const struct record_blocker *blocker, char *text, size_t size)
{
    const char *session = blocker->session;
    const char *name = blocker->application_name == NULL ? "" : blocker->application_name;
    const char *role = strrchr(name, '/');
    bool ours = strncmp(name, "rehearse/", strlen("rehearse/")) == 0 && role != NULL;
    if (session == NULL || session[0] == '\0')
        snprintf(text, size, "a session that was not seen");
    else if (ours && strcmp(role, "/antagonist") == 0)
        snprintf(text, size, "the antagonist, session %s", session);
    else if (ours && strcmp(role, "/app") == 0)
        snprintf(text, size, "the application, session %s", session);
    else
        snprintf(text, size, "session %s%s%s", session, name[0] ? " of " : "", name);
    return text;
}

const char *words_engine(const char *engine)
{
    static const char *const names[][2] = {
        {"postgresql", "PostgreSQL"}, {"mysql", "MySQL"}, {"mariadb", "MariaDB"}};
    for (size_t i = 0; engine != NULL && i < sizeof names / sizeof *names; i++)
        if (strcmp(engine, names[i][0]) == 0)
            return names[i][1];
    return engine == NULL ? "" : engine;
}

const char *words_log(const char *engine)
{
    bool binlog = engine != NULL && (strcmp(engine, "mysql") == 0 || strcmp(engine, "mariadb") == 0);
    return binlog ? "Redo+binlog" : "WAL";
}

const char *words_server(const char *engine, const char *version, char *text, size_t size)
{
    version = version == NULL ? "" : version;
    snprintf(text, size, "%s %.*s", words_engine(engine), (int)strcspn(version, " -"), version);
    return text;
}

const char *words_fidelity(const struct record_fidelity *is, char *text, size_t size)
{
    text[0] = '\0';
    if (isnan(is->score_ratio))
        return text;
    snprintf(text, size, "%.3f%s%s%s", is->score_ratio, is->worst != NULL ? " (worst: " : "",
             is->worst != NULL ? is->worst : "", is->worst != NULL ? ")" : "");
    size_t used = strlen(text);
    if (is->queries_count != RECORD_NONE && is->queries_count > 0)
        snprintf(text + used, size - used, "; rows of %lld %s within a factor of %.2f (median), %.2f (90 %%)",
                 (long long)is->queries_count, words_plural(is->queries_count, "query", "queries"),
                 is->queries_rows_error_median_ratio, is->queries_rows_error_p90_ratio);
    return text;
}

const char *words_plural(int64_t count, const char *one, const char *many)
{
    return count == 1 ? one : many;
}
