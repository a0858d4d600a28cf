#include "generators/fill.h"

#include "bench/db/dialect.h"
#include "generators/fill_journal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Values of such columns are 1 … rows; their keys are back, so that the largest is found at once. */
static bool advance_sequences(struct fill *fill)
{
    for (size_t i = 0; i < fill->target_count; i++) {
        const struct catalogue_table *table = fill->targets[i].table;
        for (size_t j = 0; j < table->column_count; j++) {
            if (table->columns[j].sequence == NULL)
                continue;
            struct db_table rows;
            const char *column = table->columns[j].quoted;
            const char *name = sql_quote_literal(fill->arena, db_dialect(fill->control)->lexis,
                                                 table->columns[j].sequence);
            if (!db_query(fill->control, fill->arena,
                          arena_printf(fill->arena, "SELECT max(%s) FROM %s", column, table->quoted), &rows,
                          fill->err))
                return false;
            const char *reached = rows.rows == 1 ? db_value(&rows, 0, 0) : NULL;
            char *sql = reached == NULL ? NULL
                                        : dialect_sql(fill->arena, fill->control, DIALECT_BULK_SEQUENCE,
                                                      arena_printf(fill->arena, "%s, %s", name, reached));
            if (sql != NULL && !db_command(fill->control, sql, fill->err))
                return err_wrap(fill->err, "sequence of %s", table->name);
        }
    }
    return true;
}

/* Tables hold as many different values as the source's do; its statistics told of others, and its plans are made by those. NULL:
 * none of the table's are known. */
static const char *pins_of(const struct catalogue_table *table, enum sql_lexis lexis, struct arena *arena)
{
    struct buf list = {0};
    for (size_t i = 0; i < table->column_count; i++) {
        const struct profile_column *source = table->columns[i].statistics;
        double reported = source == NULL ? 0 : fmin(source->distinct_reported, (double)table->rows);
        if (reported != 0 && reported >= -1)
            buf_printf(&list, "%s(%s, %s, '%.10g')", list.length > 0 ? ", " : "",
                       sql_quote_literal(arena, lexis, table->quoted),
                       sql_quote_literal(arena, lexis, table->columns[i].quoted), reported);
    }
    const char *pins = list.length > 0 ? arena_strdup(arena, buf_text(&list)) : NULL;
    buf_free(&list);
    return pins;
}

static bool pin(struct db *session, const struct catalogue_table *table, struct arena *arena, struct err *err)
{
    struct db_table rows;
    const char *pins = pins_of(table, db_dialect(session)->lexis, arena);
    return pins == NULL ||
           (db_query(session, arena, dialect_sql(arena, session, DIALECT_BULK_PIN, pins), &rows, err) &&
            db_command(session, db_value(&rows, 0, 0), err));
}

static bool can_pin(const struct fill *fill)
{
    if (!fill->config->pin_stats)
        return true;
    if (fill->config->profile == NULL)
        return err_set(fill->err, ERR_USAGE,
                       "--pin-stats tells the server a profile's numbers: the plan has"
                       " no data.profile");
    if (dialect_sql(fill->arena, fill->control, DIALECT_BULK_PIN, "") != NULL)
        return true;
    err_set(fill->err, ERR_USAGE, "--pin-stats: %s counts different values anew whenever it analyses",
            db_dialect(fill->control)->engine);
    return err_hint(fill->err, "there is nothing in it to pin: leave --pin-stats out");
}

/* Where the server makes statistics of values only when told to, those that the source has: its plans are made by them. */
static bool make_statistics(struct db *session, const struct catalogue_table *table, struct arena *arena,
                            struct err *err)
{
    struct buf list = {0};
    struct db_table rows;
    enum sql_lexis lexis = db_dialect(session)->lexis;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct profile_column *source = table->columns[i].statistics;
        if (source != NULL && (source->mcv_count > 0 || source->bound_count > 0))
            buf_printf(&list, "%s%s", list.length > 0 ? ", " : "", table->columns[i].quoted);
    }
    const char *which = arena_printf(arena, "%s, %s", sql_quote_literal(arena, lexis, table->quoted),
                                     sql_quote_literal(arena, lexis, buf_text(&list)));
    char *sql = list.length > 0 ? dialect_sql(arena, session, DIALECT_BULK_STATISTICS, which) : NULL;
    buf_free(&list);
    return sql == NULL ||
           (db_query(session, arena, sql, &rows, err) && db_command(session, db_value(&rows, 0, 0), err));
}

static bool analyze(struct fill_crew *crew, struct db *session, const void *context, struct err *err)
{
    const struct fill *fill = context;
    for (;;) {
        size_t at = atomic_fetch_add(&crew->next, 1);
        if (at >= fill->target_count || atomic_load(&crew->stop))
            return true;
        struct arena arena = {0};
        const struct catalogue_table *table = fill->targets[at].table;
        char *sql = dialect_sql(&arena, session, DIALECT_BULK_FINISH, table->quoted);
        bool ok = (!fill->config->pin_stats || pin(session, table, &arena, err)) &&
                  (sql == NULL || db_command(session, sql, err)) &&
                  make_statistics(session, table, &arena, err);
        arena_free(&arena);
        if (!ok)
            return err_hint(err, "the rows are loaded and whole: only the server's statistics are old") ||
                   err_wrap(err, "analyze %s", table->name);
    }
}

/* Views that keep rows of their own were made, or computed last, from empty tables. One leans on another: one session has them all. */
static bool refresh_views(struct fill_crew *crew, struct db *session, const void *context, struct err *err)
{
    struct arena arena = {0};
    struct db_table views = {0};
    char *sql = dialect_sql(&arena, session, DIALECT_BULK_VIEWS, NULL);
    bool mine = sql != NULL && atomic_fetch_add(&crew->next, 1) == 0;
    bool ok = !mine || db_query(session, &arena, sql, &views, err);
    (void)context;
    for (size_t i = 0; i < views.rows && ok && !atomic_load(&crew->stop); i++)
        ok = db_command(session, db_value(&views, i, 1), err) ||
             err_hint(err, "the tables' rows are loaded and whole") ||
             err_wrap(err, "materialized view %s", db_value(&views, i, 0));
    arena_free(&arena);
    return ok;
}

/* Once the journal is dropped the load is whole: what fails after that leaves it as it is. */
static bool run_crew(struct fill *fill)
{
    struct fill_crew crew;
    bool ok = fill_crew_open(&crew, fill) && (fill->resumed || fill_pieces_take_off(fill)) &&
              fill_load(&crew) && fill_prove(&crew) && fill_pieces_put_back(&crew) &&
              advance_sequences(fill) && fill_journal_drop(fill) &&
              fill_crew_run(&crew, "analyze", analyze, fill) &&
              fill_crew_run(&crew, "views", refresh_views, fill);
    fill_crew_close(&crew);
    return ok;
}

static void take_count(void *context, int result, int columns, const char *const *values)
{
    (void)result, (void)columns;
    *(int64_t *)context = strtoll(values[0], NULL, 10);
}

/* Of a table that was left alone; *rows: the server's estimate, -1 none. */
static bool count_rows(struct fill *fill, size_t table, bool named, int64_t *rows)
{
    const struct catalogue_table *self = &fill->catalogue.tables[table];
    if (!self->has_rows)
        *rows = 0;
    if (!self->has_rows || (*rows > 0 && !named))
        return true;
    struct db_answer answer = db_exec(fill->control,
                                      arena_printf(fill->arena, "SELECT count(*) FROM %s", self->quoted),
                                      CLOCK_NEVER_NS, take_count, rows);
    return answer.outcome == OUTCOME_OK || db_answer_error(&answer, fill->err) ||
           err_wrap(fill->err, "table %s", self->name);
}

static bool report_table(struct fill *fill, const struct db_table *sizes, size_t table, bool named,
                         struct fill_table_result *result)
{
    const struct catalogue_table *self = &fill->catalogue.tables[table];
    *result = (struct fill_table_result){.name = self->name, .rows = -1, .source_rows = -1};
    if (self->profile != NULL && self->profile->rows >= 0)
        result->source_rows = (int64_t)llround(self->profile->rows);
    for (size_t i = 0; i < sizes->rows; i++)
        if (strtoll(db_value(sizes, i, 0), NULL, 10) == self->id) {
            result->rows = strtoll(db_value(sizes, i, 3), NULL, 10);
            result->bytes = strtoll(db_value(sizes, i, 4), NULL, 10);
            result->index_bytes = strtoll(db_value(sizes, i, 5), NULL, 10);
        }
    for (size_t i = 0; i < fill->target_count; i++)
        if (fill->targets[i].table == self) {
            result->filled = true;
            result->rows = self->rows;
            if (fill->targets[i].rows_found == 0)
                result->duration_ns = fill->targets[i].ended_ns - fill->targets[i].started_ns;
        }
    return result->filled || count_rows(fill, table, named, &result->rows);
}

static bool report(struct fill *fill, struct fill_result *result)
{
    struct db_table sizes;
    char *sql = dialect_sql(fill->arena, fill->control, DIALECT_TABLES, NULL);
    bool *told = arena_alloc(fill->arena, fill->catalogue.count + 1);
    if (!db_query(fill->control, fill->arena, sql, &sizes, fill->err))
        return false;
    result->tables = arena_alloc(fill->arena,
                                 (fill->catalogue.count + fill->table_count + 1) * sizeof *result->tables);
    for (size_t i = 0; i < fill->table_count; i++) {
        int found = catalogue_find(&fill->catalogue, fill->tables[i].name);
        if (found < 0 || told[found])
            continue;
        size_t table = (size_t)found;
        if (!report_table(fill, &sizes, table, i < fill->config->table_count,
                          &result->tables[result->table_count]))
            return false;
        result->tables[result->table_count++].name = fill->tables[i].name;
        told[table] = true;
    }
    for (size_t i = 0; i < fill->catalogue.count; i++)
        if (!told[i] && !report_table(fill, &sizes, i, false, &result->tables[result->table_count++]))
            return false;
    return true;
}

bool fill_run(const struct fill_config *config, struct arena *arena, struct fill_result *result,
              struct err *err)
{
    struct fill fill = {.config = config, .arena = arena, .err = err};
    int64_t started_ns = clock_ns();
    *result = (struct fill_result){0};
    fill_profile_tables(&fill);
    fill.control = fill_open(&fill, err);
    bool ok = fill.control != NULL && can_pin(&fill) && fill_resume(&fill);
    if (ok && !fill.resumed)
        ok = fill_plan(&fill) && fill_pieces_read(&fill) &&
             (fill.target_count == 0 || (fill_estimate(&fill) && fill_sample(&fill)));
    if (ok && fill.target_count > 0 && !run_crew(&fill)) {
        fill_journal_rescue(&fill);
        ok = false;
    }
    ok = ok && report(&fill, result);
    db_close(fill.keeper);
    db_close(fill.control);
    result->duration_ns = clock_ns() - started_ns;
    return ok;
}
