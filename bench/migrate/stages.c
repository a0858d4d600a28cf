#include "bench/migrate/stages.h"

#include "bench/db/dialect.h"
#include "bench/migrate/journal.h"
#include "bench/migrate/session.h"

#include <stdlib.h>

enum { WORTH_US = 1000, WORTH_COUNT = 10 };

static const int64_t stages_limit_ns = NS_PER_S;

struct stages {
    struct arena *arena;
    struct statement_stage *items;
    size_t count, capacity;
};

static void take_stage(void *context, int result, int columns, const char *const *values)
{
    struct stages *stages = context;
    (void)result;
    if (columns == 2 && values[0] != NULL && values[1] != NULL)
        *ARENA_PUSH(stages->arena, stages->items, stages->count, stages->capacity) = (struct statement_stage){
            arena_strdup(stages->arena, values[0]), strtoll(values[1], NULL, 10)};
}

static void drop_shortest(struct statement_stage *stages, size_t count)
{
    size_t shortest = 0;
    for (size_t i = 1; i < count; i++)
        if (stages[i].duration_us < stages[shortest].duration_us)
            shortest = i;
    for (size_t i = shortest; i + 1 < count; i++)
        stages[i] = stages[i + 1];
}

size_t stages_keep(struct statement_stage *stages, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (stages[i].duration_us >= WORTH_US)
            stages[kept++] = stages[i];
    }
    for (; kept > WORTH_COUNT; kept--)
        drop_shortest(stages, kept);
    return kept;
}

void stages_read(struct migrator *migrator, const struct step *step, size_t statement)
{
    struct stages stages = {.arena = &migrator->arena};
    if (migrator->session.db == NULL || session_in_transaction(migrator) || !sql_kind_is_ddl(step->sql_kind))
        return;
    const char *sql = dialect_sql(&migrator->arena, migrator->session.db, DIALECT_STAGES, NULL);
    if (sql == NULL ||
        session_exec(migrator, sql, clock_ns() + stages_limit_ns, take_stage, &stages).outcome != OUTCOME_OK)
        return;
    struct statement_run *run = journal_statement_at(migrator, statement);
    run->stages = stages.items;
    run->stage_count = stages_keep(stages.items, stages.count);
}
