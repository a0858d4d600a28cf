#include "bench/migrate/check.h"

#include "bench/migrate/journal.h"
#include "bench/migrate/session.h"

#include <string.h>

static const int64_t default_limit_ns = 600 * NS_PER_S;

struct found {
    struct arena *arena;
    const char *value;
    int64_t rows;
    int columns;
};

static void take_value(void *context, int result, int columns, const char *const *values)
{
    struct found *found = context;
    (void)result;
    if (found->rows++ == 0 && columns > 0)
        found->value = arena_strdup(found->arena, values[0] == NULL ? "NULL" : values[0]);
    found->columns = columns;
}

/* One value as text; NULL, and *message says why, when there is none. */
static const char *run(struct migrator *migrator, const struct strategy_check *check, const char **message)
{
    struct found found = {.arena = &migrator->arena};
    struct err err = {0};
    if (session_ensure(migrator, &err) != MIGRATOR_DONE) {
        *message = arena_strdup(&migrator->arena, err.message);
        return NULL;
    }
    struct db_answer answer = session_set_timeouts(migrator, 0, 0);
    int64_t limit_ns = check->timeout_ns > 0 ? check->timeout_ns : default_limit_ns;
    if (answer.outcome == OUTCOME_OK)
        answer = session_exec(migrator, check->sql, clock_ns() + limit_ns, take_value, &found);
    session_rollback(migrator);
    if (answer.outcome != OUTCOME_OK) {
        *message = answer.message[0] == '\0' ? outcome_name(answer.outcome)
                                             : arena_strdup(&migrator->arena, answer.message);
        return NULL;
    }
    if (found.rows != 1 || found.columns != 1) {
        *message = "it gave not one value";
        return NULL;
    }
    return found.value;
}

static bool is_same(const struct strategy_check *check)
{
    return check->expect != NULL && strcmp(check->expect, "same") == 0;
}

static enum migrator_result before_phase(struct migrator *migrator, const struct phase *phase,
                                         struct err *err)
{
    for (size_t i = 0; i < phase->check_count; i++) {
        struct check_before before = {.check = &phase->checks[i]};
        if (!is_same(before.check))
            continue;
        before.value = run(migrator, before.check, &before.message);
        *ARENA_PUSH(&migrator->arena, migrator->before, migrator->before_count,
                    migrator->before_capacity) = before;
        if (migration_interrupted(migrator))
            return migration_stop(err);
    }
    return MIGRATOR_DONE;
}

enum migrator_result check_before_all(struct migrator *migrator, struct err *err)
{
    const struct strategy *strategy = migrator->strategy;
    enum migrator_result result = MIGRATOR_DONE;
    for (size_t i = 0; i < strategy->phase_count && result == MIGRATOR_DONE; i++)
        result = before_phase(migrator, &strategy->phases[i], err);
    for (size_t i = 0; i < strategy->rollback_count && result == MIGRATOR_DONE; i++)
        result = before_phase(migrator, &strategy->rollbacks[i].phase, err);
    return result;
}

static const struct check_before *before_of(const struct migrator *migrator,
                                            const struct strategy_check *check)
{
    for (size_t i = 0; i < migrator->before_count; i++)
        if (migrator->before[i].check == check)
            return &migrator->before[i];
    return NULL;
}

/* For "same": the value before, or NULL with the reason. */
static void expect(const struct migrator *migrator, struct check_run *run)
{
    if (!is_same(run->check))
        return;
    const struct check_before *before = before_of(migrator, run->check);
    run->expected = before == NULL ? NULL : before->value;
    if (run->expected == NULL)
        run->message = before == NULL ? "no value was taken before the first phase" : before->message;
}

enum migrator_result check_phase(struct migrator *migrator, const struct phase *phase, struct err *err)
{
    for (size_t i = 0; i < phase->check_count; i++) {
        if (migration_interrupted(migrator))
            return migration_stop(err);
        struct check_run *log = journal_check(migrator, &phase->checks[i]);
        expect(migrator, log);
        log->found = run(migrator, log->check, &log->message);
        log->passed = log->found != NULL && log->expected != NULL && strcmp(log->found, log->expected) == 0;
    }
    return migration_interrupted(migrator) ? migration_stop(err) : MIGRATOR_DONE;
}
