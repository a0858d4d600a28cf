#include "bench/migrate/step.h"

enum migrator_result step_app(struct migrator *migrator, const struct step *step, struct err *err)
{
    const struct migrator_hooks *hooks = &migrator->config.hooks;
    migrator->touched = true; /* code that is live, drained or not, has to be moved back */
    if (hooks->app != NULL && !hooks->app(hooks->context, step->shares, step->share_count, err))
        return migration_interrupted(migrator) ? MIGRATOR_INTERRUPTED : MIGRATOR_FAILED;
    return migration_interrupted(migrator) ? migration_stop(err) : MIGRATOR_DONE;
}
