#include "bench/migrate/step.h"

#include "bench/base/log.h"

#include <stdio.h>
#include <string.h>

static step_fn *const kinds[] = {
    [STEP_SQL] = step_sql,   [STEP_BACKFILL] = step_backfill, [STEP_APP] = step_app,
    [STEP_WAIT] = step_wait, [STEP_COMMAND] = step_command,
};

enum migrator_result step_run(struct migrator *migrator, const struct step *step, struct err *err)
{
    if (migration_interrupted(migrator))
        return migration_stop(err);
    return kinds[step->kind](migrator, step, err);
}

/* Of a statement that goes back over ground that was never covered: the object is already as it was. */
static const char *const already_there[] = {
    "42701", "42710", "42723", "42P06", "42P07", "42P16",
    /* MySQL: database, table, column, index, primary key, foreign key, trigger, routine */
    "1007", "1050", "1060", "1061", "1068", "1826", "1359", "1304"};

static bool is_nothing_to_do(const struct db_answer *answer)
{
    if (answer->outcome == OUTCOME_NO_SUCH_OBJECT)
        return true;
    for (size_t i = 0; i < sizeof already_there / sizeof already_there[0]; i++)
        if (strcmp(answer->code, already_there[i]) == 0)
            return true;
    return false;
}

/* Moves err to the character of the statement that the server blames, or to the statement's first. */
static void blame(const struct step *step, int position, struct err *err)
{
    snprintf(err->file, sizeof err->file, "%s", step->file == NULL ? "" : step->file);
    err->line = step->line;
    err->column = step->column;
    const unsigned char *at = (const unsigned char *)step->sql;
    for (int character = 1; character < position && *at != '\0'; character++) {
        err->column++;
        if (*at == '\n') {
            err->line++;
            err->column = 1;
        }
        for (at++; (*at & 0xC0) == 0x80; at++)
            ;
    }
}

static const char *const lost[OUTCOME_COUNT] = {
    [OUTCOME_CONNECTION_LOST] =
        "the connection went before the statement was committed: nothing of it is there",
    [OUTCOME_UNKNOWN] = "the connection went during the commit: whether the statement is there is not known",
};

enum migrator_result step_verdict(struct migrator *migrator, const struct step *step,
                                  const struct db_answer *answer, struct err *err)
{
    if (answer->outcome == OUTCOME_OK)
        return MIGRATOR_DONE;
    if (migration_interrupted(migrator))
        return migration_stop(err);
    if (migrator->tolerant && is_nothing_to_do(answer)) {
        log_info("%s:%d: skipped while going back: %s", step->file == NULL ? "" : step->file, step->line,
                 answer->message);
        return MIGRATOR_DONE;
    }
    db_answer_error(answer, err);
    if (answer->outcome == OUTCOME_CANCELLED)
        err->kind = ERR_ENVIRONMENT; /* not by us: another session asked the server to */
    bool committing = sql_commits_implicitly(step->lexis, step->sql);
    if (answer->outcome == OUTCOME_UNKNOWN && committing)
        err_wrap(
            err,
            "the connection went while the statement ran, which commits by itself: look whether it is there");
    else if (lost[answer->outcome] != NULL)
        err_wrap(err, "%s", lost[answer->outcome]);
    blame(step, answer->position, err);
    return MIGRATOR_FAILED;
}

static bool locks_rows_only(enum sql_kind kind)
{
    return kind == SQL_KIND_SELECT || kind == SQL_KIND_INSERT || kind == SQL_KIND_UPDATE ||
           kind == SQL_KIND_DELETE;
}

void step_arm(struct migrator *migrator, const struct step *step)
{
    if (!locks_rows_only(step->sql_kind))
        migration_arm(migrator, true);
}
