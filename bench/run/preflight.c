#include "bench/run/preflight.h"

#include "bench/base/near.h"

#include <string.h>

enum { REMOVED_MAX = 16 };

struct walk {
    struct arena *arena;
    const struct workload *workload;
    bool live[WORKLOAD_MAX_APPS];
    bool going_back;
};

static bool unknown_app(const struct walk *walk, const struct step *step, const char *name, struct err *err)
{
    const char *names[WORKLOAD_MAX_APPS + 1] = {0};
    for (size_t i = 0; i < walk->workload->app_count; i++)
        names[i] = walk->workload->apps[i].name;
    err_at(err, step->file, step->line, step->column, "the plan has no app named \"%s\"", name);
    const char *near = near_word(name, names);
    if (near != NULL)
        return err_hint(err, "did you mean \"%s\"?", near);
    return err_hint(err, "apps are versions of the code: name them in the plan under load.apps");
}

static bool go_live(struct walk *walk, const struct step *step, struct err *err)
{
    memset(walk->live, 0, sizeof walk->live);
    for (int i = 0; i < step->share_count; i++) {
        int app = workload_app(walk->workload, step->shares[i].name);
        if (app < 0)
            return unknown_app(walk, step, step->shares[i].name, err);
        walk->live[app] = true;
    }
    return true;
}

/* "s"."t" and s.t name t. */
static const char *plain_table(struct arena *arena, enum sql_lexis lexis, const char *table)
{
    const char *dot = strrchr(table, '.');
    const char *name = dot != NULL ? dot + 1 : table;
    return sql_fold(arena, lexis, name, strlen(name));
}

static bool removal_refused(struct walk *walk, const struct step *step, struct err *err)
{
    enum sql_lexis lexis = step->lexis;
    const char *columns[REMOVED_MAX];
    size_t count = sql_removed_columns(walk->arena, lexis, step->sql, columns, REMOVED_MAX);
    const char *table = sql_target_table(walk->arena, lexis, step->sql);
    for (size_t c = 0; c < count && table != NULL; c++) {
        for (size_t a = 0; a < walk->workload->app_count; a++) {
            const char *where = "";
            if (!walk->live[a] ||
                !workload_app_names(walk->workload, (int)a, plain_table(walk->arena, lexis, table),
                                    columns[c], &where))
                continue;
            err_at(err, step->file, step->line, step->column,
                   "this rollback removes %s.%s while app %s is live and names it (%s)", table, columns[c],
                   walk->workload->apps[a].name, where);
            err_hint(err, "go back to an app that does not name it first: -- rehearse:app NAME");
            return true;
        }
    }
    return false;
}

static bool walk_phase(struct walk *walk, const struct phase *phase, struct err *err)
{
    for (size_t i = 0; i < phase->step_count; i++) {
        const struct step *step = &phase->steps[i];
        if (step->kind == STEP_APP && !go_live(walk, step, err))
            return false;
        if (step->kind == STEP_SQL && walk->going_back && removal_refused(walk, step, err))
            return false;
    }
    return true;
}

/* A migration may break off after any phase and goes back from there: with the apps that are live then. */
static bool walk_back(struct walk walk, const struct strategy *strategy, size_t phases_done, struct err *err)
{
    walk.going_back = true;
    for (size_t i = strategy->rollback_count; i-- > 0;)
        if (strategy->rollbacks[i].from < phases_done &&
            !walk_phase(&walk, &strategy->rollbacks[i].phase, err))
            return false;
    return true;
}

bool preflight_check(struct arena *arena, const struct strategy *strategy, const struct workload *workload,
                     struct err *err)
{
    struct walk walk = {.arena = arena, .workload = workload, .live = {true}};
    for (size_t i = 0; i < strategy->phase_count; i++) {
        if (!walk_phase(&walk, &strategy->phases[i], err))
            return false;
        if (!walk_back(walk, strategy, i + 1, err))
            return err_wrap(err, "going back from phase %s", strategy->phases[i].name);
    }
    return true;
}
