#include "bench/base/clock.h"
#include "bench/db/db.h"
#include "generators/audit_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHEAP_ROWS = 200000 };

static void take_number(void *context, int result, int columns, const char *const *values)
{
    double *number = context;
    (void)result;
    if (columns == 1 && values[0] != NULL)
        *number = strtod(values[0], NULL);
}

/* False: the session is lost. A type whose values cannot be compared, or a time that ran out, leaves the column as it is. */
static bool count_column(struct db *db, const struct audit_config *config, struct arena *arena,
                         const char *table, struct profile_column *column)
{
    const char *name = sql_quote(arena, db_lexis(db), NULL, column->name);
    double number = NAN;
    struct db_answer answer = db_exec(
        db, arena_printf(arena, "SELECT count(DISTINCT %s) FROM %s", name, table),
        clock_ns() + config->statement_timeout_ms * NS_PER_MS, take_number, &number);
    if (answer.outcome != OUTCOME_OK && config->progress != NULL)
        config->progress(config->context, table,
                         arena_printf(arena, "the values of %s were not counted", column->name));
    if (answer.outcome == OUTCOME_OK && !isnan(number)) {
        column->distinct = number;
        column->distinct_by = "counted";
    }
    return !outcome_ends_session(answer.outcome);
}

static double wanted_rows(const struct audit_config *config, const struct profile_table *source)
{
    double rows = config->rows != NULL ? config->rows[source - config->source->tables] : -1;
    return rows >= 0 ? rows : source->rows;
}

/* An estimate that is not what was wanted may be no more than that: InnoDB's is off by tenths. */
static bool count_rows(struct db *db, const struct audit_config *config, struct arena *arena,
                       const char *quoted, struct profile_table *table)
{
    double wanted = wanted_rows(config, audit_find(config->source, table)), number = NAN;
    double excess = table->rows > 0 && wanted > 0 ? audit_excess(AUDIT_ROWS, table->rows / wanted, NAN) : 0;
    if (!(excess > 1))
        return true;
    struct db_answer answer = db_exec(db, arena_printf(arena, "SELECT count(*) FROM %s", quoted),
                                      clock_ns() + config->statement_timeout_ms * NS_PER_MS, take_number,
                                      &number);
    if (answer.outcome == OUTCOME_OK && !isnan(number))
        table->rows = number;
    return !outcome_ends_session(answer.outcome);
}

static bool too_slow(const char *quoted, struct err *err)
{
    return err_set(err, ERR_ENVIRONMENT, "%s: counting its values took too long", quoted) ||
           err_hint(err, "give it more with --statement-timeout");
}

bool audit_count(struct db *db, const struct audit_config *config, struct arena *arena, struct profile *copy,
                 struct err *err)
{
    for (size_t t = 0; t < copy->table_count; t++) {
        struct profile_table *table = &copy->tables[t];
        if (!audit_counts_as_table(table) || audit_find(config->source, table) == NULL || table->rows <= 0)
            continue;
        const char *quoted = sql_quote(arena, db_lexis(db), table->schema, table->name);
        if (!count_rows(db, config, arena, quoted, table))
            return too_slow(quoted, err);
        if (!config->counts && table->rows > CHEAP_ROWS)
            continue;
        for (size_t c = 0; c < table->column_count; c++) {
            if (config->interrupted != NULL && config->interrupted(config->context))
                return err_set(err, ERR_INTERRUPTED, "interrupted");
            if (!audit_is_unique(&table->columns[c]) &&
                !count_column(db, config, arena, quoted, &table->columns[c]))
                return too_slow(quoted, err);
        }
    }
    return true;
}
