/* rehearse clean: what runs left behind in a database, and its removal. */
#include "bench/cli/rehearse.h"

#include "bench/base/clock.h"
#include "bench/run/cleaning.h"
#include "bench/run/guard.h"
#include "bench/sandbox/sandbox.h"

#include <stdio.h>

/* --dsn alone needs no plan. */
static bool find_dsn(struct invocation *invocation, const char **dsn, struct err *err)
{
    struct plan *plan;
    *dsn = invocation->options.dsn;
    if (*dsn == NULL || invocation->options.places.count > 0) {
        if (!rehearse_plan(invocation, &plan, err))
            return false;
        if (plan->production) {
            err_set(err, ERR_ENVIRONMENT, "the plan says that its target is production (target.role)");
            return err_hint(err, "no run was ever there: production is only ever profiled");
        }
        *dsn = plan->dsn;
    }
    if (*dsn == NULL)
        return err_set(err, ERR_USAGE, "no target: neither the plan (target.dsn) nor --dsn names one");
    return !sandbox_is_dsn(*dsn) ||
           err_set(err, ERR_USAGE, "a sandbox goes with its run: there is nothing to clean");
}

static void print_objects(const struct objects *objects)
{
    for (size_t i = 0; i < objects->count; i++)
        printf("  %-48s %s\n", objects->items[i].name, objects->items[i].statement);
}

static void print_run(const struct unfinished_run *run)
{
    char when[32];
    clock_format_rfc3339(run->started_us, when);
    printf("run %s, strategy %s, started %s: ", run->run_id, run->strategy, when);
    if (run->running)
        puts("is still running");
    else if (run->left.count == 0)
        puts("nothing of it is left");
    else
        printf("%zu left that were not there before\n", run->left.count);
    if (!run->running)
        print_objects(&run->left);
}

static bool remove_run(struct db *db, struct arena *arena, const struct unfinished_run *run, size_t *kept,
                       struct err *err)
{
    struct objects still = {0};
    if (run->running)
        return true;
    if (!cleaning_remove(db, arena, run, &still, err))
        return false;
    printf("removed %zu of run %s\n", run->left.count - still.count, run->run_id);
    if (still.count > 0)
        puts("still there:");
    print_objects(&still);
    *kept += still.count;
    return true;
}

/* Not of one run: the next would have taken it over. */
static bool clean_heartbeat(struct db *db, const struct options *options, struct arena *arena, size_t *left,
                            struct err *err)
{
    const char *statement = cleaning_heartbeat(db, arena);
    if (statement == NULL)
        return true;
    printf("the heartbeat that replicas were timed by\n  %-48s %s\n", "heartbeat", statement);
    ++*left;
    if (!options->execute)
        return true;
    if (!cleaning_drop_heartbeat(db, statement, err))
        return err_wrap(err, "the heartbeat");
    puts("removed the heartbeat");
    return true;
}

static bool clean(struct db *db, const struct options *options, struct arena *arena, struct err *err)
{
    struct unfinished_run *runs;
    size_t count, left = 0, kept = 0;
    if (!cleaning_read(db, arena, &runs, &count, err))
        return false;
    if (count > 0 && cleaning_is_blind(db, arena))
        puts("this server does not tell whose sessions are there: look that no rehearsal is still running");
    for (size_t i = 0; i < count; i++) {
        print_run(&runs[i]);
        left += runs[i].running ? 0 : runs[i].left.count;
        if (options->execute && !remove_run(db, arena, &runs[i], &kept, err))
            return false;
    }
    if (!clean_heartbeat(db, options, arena, &left, err))
        return false;
    const char *schema;
    bool fill = cleaning_has_fill(db, arena, &schema);
    if (fill)
        printf("a fill of %s did not come to its end, or goes on: the next rehearse fill, or run, of its "
               "plan goes on from what it committed\n",
               schema);
    if (count == 0 && left == 0 && !fill)
        puts("nothing is left behind");
    else if (!options->execute && left > 0)
        puts("nothing was changed: --execute runs these statements");
    return kept == 0 || err_set(err, ERR_LEFTOVER, "%zu objects could not be removed", kept);
}

int command_clean(struct invocation *invocation, struct err *err)
{
    const struct options *options = &invocation->options;
    const char *dsn, *identity = NULL;
    struct db_target target;
    if (!find_dsn(invocation, &dsn, err) || !db_target_parse(invocation->arena, dsn, &target, err) ||
        (options->execute && !guard_check(&target, options->arm, invocation->arena, &identity, err)))
        return err_exit_code(err->kind);
    struct db_options connection = {.application_name = "rehearse/clean", .expected_identity = identity};
    struct db *db = db_open(&target, &connection, err);
    if (db != NULL)
        clean(db, options, invocation->arena, err);
    db_close(db);
    return err_exit_code(err->kind);
}
