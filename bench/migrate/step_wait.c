#include "bench/migrate/step.h"

#include "bench/base/units.h"

static const int64_t lag_look_ns = 40 * NS_PER_MS, lag_timeout_ns = 600 * NS_PER_S;

static enum migrator_result too_late(const struct step *step, struct err *err)
{
    char lag[32];
    units_format_duration(step->wait_lag_ns, lag, sizeof lag);
    err_at(err, step->file, step->line, step->column, "the replica's lag did not fall below %s in time", lag);
    err->kind = ERR_ENVIRONMENT;
    return MIGRATOR_FAILED;
}

/* Without a replica there is no lag to wait for; an unknown one is waited for as a long one. */
static enum migrator_result wait_for_lag(struct migrator *migrator, const struct step *step, struct err *err)
{
    const struct migrator_hooks *hooks = &migrator->config.hooks;
    int64_t until_ns = clock_ns() + (step->wait_timeout_ns > 0 ? step->wait_timeout_ns : lag_timeout_ns);
    if (hooks->lag_ns == NULL)
        return MIGRATOR_DONE;
    for (;;) {
        int64_t lag_ns = hooks->lag_ns(hooks->context);
        if (lag_ns >= 0 && lag_ns < step->wait_lag_ns)
            return MIGRATOR_DONE;
        if (clock_ns() >= until_ns)
            return too_late(step, err);
        if (!migration_pause(migrator, lag_look_ns))
            return migration_stop(err);
    }
}

enum migrator_result step_wait(struct migrator *migrator, const struct step *step, struct err *err)
{
    if (step->wait_ns < 0)
        return wait_for_lag(migrator, step, err);
    return migration_pause(migrator, step->wait_ns) ? MIGRATOR_DONE : migration_stop(err);
}
