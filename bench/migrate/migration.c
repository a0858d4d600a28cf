#include "bench/migrate/migration.h"

static const int64_t look_every_ns = 20 * NS_PER_MS;

static int64_t first_set(int64_t step, int64_t phase, int64_t otherwise)
{
    if (step >= 0)
        return step;
    return phase >= 0 ? phase : otherwise;
}

struct strategy_settings migration_settings(const struct migrator *migrator, const struct step *step)
{
    const struct strategy_settings *own = &step->settings, *around = &migrator->phase->settings;
    struct strategy_settings settings = {
        .lock_timeout_ms = first_set(own->lock_timeout_ms, around->lock_timeout_ms, 0),
        .statement_timeout_ms = first_set(own->statement_timeout_ms, around->statement_timeout_ms, 0),
        .retries = (int)first_set(own->retries, around->retries, 0),
        .backoff_low_ns = first_set(own->backoff_low_ns, around->backoff_low_ns, NS_PER_S),
        .backoff_high_ns = first_set(own->backoff_high_ns, around->backoff_high_ns, 8 * NS_PER_S),
    };
    return settings;
}

bool migration_interrupted(const struct migrator *migrator)
{
    const struct migrator_hooks *hooks = &migrator->config.hooks;
    return !migrator->ignore_interrupt && hooks->interrupted != NULL && hooks->interrupted(hooks->context);
}

bool migration_pause(const struct migrator *migrator, int64_t duration_ns)
{
    int64_t due_ns = clock_ns() + duration_ns;
    for (;;) {
        int64_t now_ns = clock_ns();
        if (migration_interrupted(migrator))
            return false;
        if (now_ns >= due_ns)
            return true;
        clock_sleep_until_ns(due_ns - now_ns < look_every_ns ? due_ns : now_ns + look_every_ns);
    }
}

void migration_arm(struct migrator *migrator, bool armed)
{
    const struct migrator_hooks *hooks = &migrator->config.hooks;
    if (hooks->armed != NULL && armed != migrator->armed)
        hooks->armed(hooks->context, armed);
    migrator->armed = armed;
}

enum migrator_result migration_stop(struct err *err)
{
    err_set(err, ERR_INTERRUPTED, "the migration was interrupted");
    return MIGRATOR_INTERRUPTED;
}
