#include "bench/run/trial_half.h"

#include <string.h>

enum { TEXT_MAX = 120 };

struct half {
    struct arena *arena;
    const struct migration_log *log;
    const struct dialect *dialect;
    const struct statement_run *failed; /* the last of the way forward, which did not end well */
};

static const struct phase *phase_of(const struct half *half, const struct statement_run *run)
{
    return half->log->phases[run->phase_run].phase;
}

static const struct statement_run *find_failed(const struct migration_log *log)
{
    const struct statement_run *last = NULL;
    for (size_t i = 0; i < log->statement_count; i++)
        if (!log->phases[log->statements[i].phase_run].rollback)
            last = &log->statements[i];
    return last == NULL || last->outcome == OUTCOME_OK ? NULL : last;
}

static bool stays(const struct half *half, const struct statement_run *run)
{
    return run->outcome == OUTCOME_OK && !half->log->phases[run->phase_run].rollback &&
           run->step->kind == STEP_SQL && sql_kind_is_ddl(run->step->sql_kind);
}

/* "statement 2 of 3 (way.sql:7)" */
static const char *name_of(const struct half *half, const struct statement_run *run)
{
    const struct phase *phase = phase_of(half, run);
    const char *file = run->step->file == NULL ? "" : run->step->file;
    const char *where = half->log->phase_count > 1
                            ? arena_printf(half->arena, " of phase \"%s\"", phase->name)
                            : "";
    return arena_printf(half->arena, "statement %zu of %zu%s (%s:%d)", (size_t)(run->step - phase->steps) + 1,
                        phase->step_count, where, file, run->step->line);
}

/* What a server says to a change that is made already; NULL: nothing, or not known. */
static const char *complaint(const struct statement_run *run, enum sql_lexis lexis)
{
    if (sql_mentions(lexis, run->sql, "EXISTS") || sql_mentions(lexis, run->sql, "REPLACE"))
        return NULL;
    switch ((int)run->step->sql_kind) {
    case SQL_KIND_ALTER_TABLE_ADD_COLUMN:
        return "duplicate column";
    case SQL_KIND_CREATE_INDEX:
        return "duplicate index";
    case SQL_KIND_CREATE_TABLE:
    case SQL_KIND_CREATE_TRIGGER:
    case SQL_KIND_CREATE_FUNCTION:
        return "it exists already";
    case SQL_KIND_ALTER_TABLE_DROP_COLUMN:
    case SQL_KIND_ALTER_TABLE_RENAME:
    case SQL_KIND_DROP_INDEX:
    case SQL_KIND_DROP_TABLE:
    case SQL_KIND_DROP_TRIGGER:
    case SQL_KIND_DROP_FUNCTION:
        return "the old name is gone";
    default:
        return NULL;
    }
}

static void tell_rerun(const struct half *half, struct record_strategy *out)
{
    for (size_t i = 0; i < half->log->statement_count; i++) {
        const struct statement_run *run = &half->log->statements[i];
        const char *why = stays(half, run) ? complaint(run, run->step->lexis) : NULL;
        if (why == NULL)
            continue;
        *RECORD_ADD(half->arena, out->notes) = arena_printf(
            half->arena, "%s failed, what was before it stays: a rerun fails at %s: %s",
            name_of(half, half->failed), name_of(half, run), why);
        return;
    }
    *RECORD_ADD(half->arena, out->notes) = arena_printf(half->arena, "%s failed, what was before it stays",
                                                        name_of(half, half->failed));
}

void trial_half(struct arena *arena, const struct trial *trial, const struct dialect *dialect,
                struct record_strategy *out)
{
    struct half half = {arena, migrator_log(trial->migrator), dialect, NULL};
    bool back = strcmp(trial->schema_before.sha256, trial->schema_after.sha256) == 0;
    half.failed = find_failed(half.log);
    if (dialect->ddl_is_transactional || back || half.failed == NULL)
        return;
    bool any = false;
    for (size_t i = 0; i < half.log->statement_count; i++) {
        const struct statement_run *run = &half.log->statements[i];
        if (!stays(&half, run))
            continue;
        any = true;
        if (!trial->rollback_ran)
            *RECORD_ADD(arena, out->leftovers) = arena_printf(
                arena, "%s is applied and stays: %s", name_of(&half, run),
                sql_redact(arena, run->step->lexis, run->sql, TEXT_MAX));
    }
    if (any)
        tell_rerun(&half, out);
}
