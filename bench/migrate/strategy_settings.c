#include "bench/base/clock.h"
#include "bench/base/units.h"
#include "bench/migrate/strategy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const strategy_setting_keys[] = {"lock_timeout", "statement_timeout", "retries", "backoff", NULL};

struct strategy_settings strategy_settings_unset(void)
{
    return (struct strategy_settings){-1, -1, -1, -1, -1};
}

static bool read_ms(const char *value, int64_t *ms, const char **why)
{
    int64_t ns;
    if (!units_duration_ns(value, &ns, why))
        return false;
    *why = "the server counts whole milliseconds, up to 24 days";
    if (ns % NS_PER_MS != 0 || ns / NS_PER_MS > INT32_MAX)
        return false;
    *ms = ns / NS_PER_MS;
    return true;
}

static bool read_lock_timeout(struct strategy_settings *settings, const char *value, const char **why)
{
    return read_ms(value, &settings->lock_timeout_ms, why);
}

static bool read_statement_timeout(struct strategy_settings *settings, const char *value, const char **why)
{
    return read_ms(value, &settings->statement_timeout_ms, why);
}

static bool read_retries(struct strategy_settings *settings, const char *value, const char **why)
{
    int64_t count;
    if (!units_count(value, &count, why))
        return false;
    *why = "at most 1000000 retries";
    settings->retries = (int)count;
    return count <= 1000000;
}

/* "1s..8s", or one duration for both ends. */
static bool read_backoff(struct strategy_settings *settings, const char *value, const char **why)
{
    char low[64];
    const char *dots = strstr(value, "..");
    size_t length = dots ? (size_t)(dots - value) : strlen(value);
    *why = "two durations are expected: 1s..8s";
    if (length >= sizeof low)
        return false;
    snprintf(low, sizeof low, "%.*s", (int)length, value);
    if (!units_duration_ns(low, &settings->backoff_low_ns, why) ||
        !units_duration_ns(dots ? dots + 2 : low, &settings->backoff_high_ns, why))
        return false;
    *why = "the first duration is longer than the second";
    return settings->backoff_low_ns <= settings->backoff_high_ns;
}

bool strategy_settings_read(struct strategy_settings *settings, const char *key, const char *value,
                            const char **why)
{
    static bool (*const readers[])(struct strategy_settings *, const char *, const char **) = {
        read_lock_timeout, read_statement_timeout, read_retries, read_backoff}; /* as strategy_setting_keys */
    for (size_t i = 0; strategy_setting_keys[i] != NULL; i++) {
        if (strcmp(strategy_setting_keys[i], key) == 0)
            return readers[i](settings, value, why);
    }
    *why = "no such setting";
    return false;
}

struct strategy_settings strategy_settings_over(struct strategy_settings upper,
                                                struct strategy_settings lower)
{
    if (upper.lock_timeout_ms < 0)
        upper.lock_timeout_ms = lower.lock_timeout_ms;
    if (upper.statement_timeout_ms < 0)
        upper.statement_timeout_ms = lower.statement_timeout_ms;
    if (upper.retries < 0)
        upper.retries = lower.retries;
    if (upper.backoff_low_ns < 0) {
        upper.backoff_low_ns = lower.backoff_low_ns;
        upper.backoff_high_ns = lower.backoff_high_ns;
    }
    return upper;
}

const char *phase_kind_name(enum phase_kind kind)
{
    static const char *const names[] = {
        [PHASE_DDL] = "ddl", [PHASE_DATA] = "data", [PHASE_APP] = "app", [PHASE_CHECK] = "check"};
    return names[kind];
}
