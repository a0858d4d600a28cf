#include "bench/base/log.h"
#include "bench/base/near.h"
#include "bench/db/dialect.h"
#include "generators/fill_parts.h"
#include "generators/translate.h"

#include <math.h>
#include <string.h>

/* ---- which tables, and how many rows ---- */

/* Another server's schemas are called otherwise: as the name alone, where that is enough. Of several public's is meant. */
static const char *name_of(const struct fill *fill, const struct profile_table *table)
{
    const struct profile *profile = fill->config->profile;
    for (size_t i = 0; strcmp(table->schema, "public") != 0 && i < profile->table_count; i++)
        if (&profile->tables[i] != table && strcmp(profile->tables[i].name, table->name) == 0)
            return arena_printf(fill->arena, "%s.%s", table->schema, table->name);
    return table->name;
}

static int64_t rows_of(const struct fill *fill, const struct profile_table *table)
{
    double scale = fill->config->scale > 0 ? fill->config->scale : 1;
    int64_t rows = table->rows > 0 ? (int64_t)llround(table->rows * scale) : 0;
    return table->rows >= 1 && rows == 0 ? 1 : rows;
}

static bool is_part(const struct profile_table *table)
{
    return strcmp(table->kind, "partition") == 0 || strcmp(table->kind, "child") == 0;
}

static void add_profile_table(struct fill *fill, struct fill_table_spec *list,
                              const struct profile_table *table)
{
    for (size_t i = 0; i < fill->config->table_count; i++)
        if (profile_is_called(table, fill->config->tables[i].name)) {
            if (list[i].rows < 0)
                list[i].rows = rows_of(fill, table);
            return;
        }
    if (strcmp(table->kind, "child") == 0 && table->rows > 0)
        log_warn("table %s inherits from another one: the rows that are its own are not made", table->name);
    if (is_part(table))
        return;
    list[fill->table_count++] = (struct fill_table_spec){.name = name_of(fill, table),
                                                         .rows = rows_of(fill, table)};
    if (table->rows < 0)
        log_warn(
            "table %s was never analysed in the source: how many rows it has is not known, it stays empty;"
            " data.tables.%s.rows would fill it",
            table->name, table->name);
}

void fill_profile_tables(struct fill *fill)
{
    const struct fill_config *config = fill->config;
    size_t others = config->profile == NULL ? 0 : config->profile->table_count;
    struct fill_table_spec *list = arena_alloc(fill->arena,
                                               (config->table_count + others + 1) * sizeof *list);
    for (size_t i = 0; i < config->table_count; i++)
        list[fill->table_count++] = config->tables[i];
    for (size_t i = 0; i < others; i++)
        add_profile_table(fill, list, &config->profile->tables[i]);
    fill->tables = list;
}

/* ---- the schema ---- */

/* As the profile has it or, of another engine, what of it translates. */
static struct translation schema_of(struct fill *fill)
{
    const struct profile *profile = fill->config->profile;
    const struct dialect *dialect = db_dialect(fill->control);
    if (sql_is_mysql(profile->lexis) == sql_is_mysql(dialect->lexis))
        return (struct translation){.statements = profile->statements,
                                    .statement_count = profile->statement_count};
    struct translation schema = translate_schema(
        fill->arena, profile,
        &(struct translate_target){dialect->engine, db_version(fill->control), dialect->lexis});
    for (size_t i = 0; i < schema.note_count; i++)
        log_warn("schema for %s: %s", dialect->engine, schema.notes[i]);
    return schema;
}

static bool create_all(struct fill *fill, const struct translation *schema)
{
    for (size_t i = 0; i < schema->statement_count; i++)
        if (!db_command(fill->control, schema->statements[i].sql, fill->err))
            return err_wrap(fill->err, "schema of the profile: %.200s", schema->statements[i].sql);
    return true;
}

/* All of it or, where DDL is transactional, nothing. Indexes and constraints are taken off again for the load, and put back. */
bool fill_profile_create(struct fill *fill)
{
    const struct dialect *dialect = db_dialect(fill->control);
    struct err ignored = {0};
    const struct translation schema = schema_of(fill);
    if (schema.statement_count == 0) {
        err_set(fill->err, ERR_ENVIRONMENT, "the profile holds no schema, and the target has no tables");
        return err_hint(fill->err, "give the tables' definitions: data.schema");
    }
    if (fill->config->progress != NULL)
        fill->config->progress(fill->config->context, &(struct fill_progress){.stage = "create"});
    if (!dialect->ddl_is_transactional)
        return create_all(fill, &schema);
    if (db_command(fill->control, "BEGIN", fill->err) && create_all(fill, &schema) &&
        db_command(fill->control, "COMMIT", fill->err))
        return true;
    db_command(fill->control, "ROLLBACK", &ignored);
    return false;
}

/* ---- statistics in the catalogue ---- */

static const struct profile_table *source_of(const struct fill *fill, const struct catalogue_table *table)
{
    const struct profile *profile = fill->config->profile;
    const struct profile_table *found = profile_find(profile, table->schema, table->name);
    if (found == NULL)
        found = profile_find(profile, "public", table->name);
    for (size_t i = 0; found == NULL && i < profile->table_count; i++)
        if (strcmp(profile->tables[i].name, table->name) == 0)
            found = &profile->tables[i];
    return found;
}

/* A column about which nothing is known but its name has no statistics. */
static bool tells(const struct profile_column *column)
{
    return column->mcv_count > 0 || column->bound_count > 0 || !isnan(column->null_ratio) ||
           column->distinct_reported < 0 || column->distinct_reported > 0 || column->width_bytes > 0;
}

/* Where nobody counted nulls none are made: the mean width is of all rows. */
static const struct profile_column *without_doubt(struct fill *fill, const struct profile_column *column)
{
    if (!isnan(column->null_ratio))
        return column;
    struct profile_column *copy = arena_alloc(fill->arena, sizeof *copy);
    *copy = *column;
    copy->null_ratio = 0;
    return copy;
}

static void attach_statistics(struct fill *fill, struct catalogue_table *table,
                              const struct profile_table *source)
{
    table->profile = source;
    for (size_t i = 0; i < table->column_count; i++)
        for (size_t j = 0; source->rows > 0 && j < source->column_count; j++)
            if (strcmp(table->columns[i].name, source->columns[j].name) == 0 && tells(&source->columns[j]))
                table->columns[i].statistics = without_doubt(fill, &source->columns[j]);
}

static bool evaluate(struct fill *fill, const struct fill_column_spec *column, struct catalogue_given *given)
{
    enum { TURNS = 1000 };
    struct db_table rows;
    const char *sql = arena_printf(
        fill->arena,
        "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers"
        " WHERE n < %d) SELECT (%s) FROM numbers ORDER BY n",
        TURNS - 1, column->expression);
    if (!db_query(fill->control, fill->arena, sql, &rows, fill->err))
        return err_wrap(fill->err, "expression");
    const char **values = arena_alloc(fill->arena, (rows.rows + 1) * sizeof *values);
    for (size_t i = 0; i < rows.rows; i++) {
        values[i] = db_value(&rows, i, 0);
        if (values[i] == NULL)
            return err_set(fill->err, ERR_ENVIRONMENT, "expression: it is null for n = %zu", i);
    }
    *given = (struct catalogue_given){values, rows.rows};
    return true;
}

static bool no_column(struct fill *fill, const struct catalogue_table *table,
                      const struct fill_column_spec *spec)
{
    const char **names = arena_alloc(fill->arena, (table->column_count + 1) * sizeof *names);
    for (size_t i = 0; i < table->column_count; i++)
        names[i] = table->columns[i].name;
    const char *near = near_word(spec->name, names);
    err_at(fill->err, spec->file, spec->line, spec->place,
           "data.tables.%s.columns: there is no column \"%s\"", table->name, spec->name);
    return near == NULL ? false : err_hint(fill->err, "did you mean \"%s\"?", near);
}

static bool attach_given(struct fill *fill, struct catalogue_table *table,
                         const struct fill_column_spec *spec)
{
    size_t at = 0;
    while (at < table->column_count && strcmp(table->columns[at].name, spec->name) != 0)
        at++;
    if (at == table->column_count)
        return no_column(fill, table, spec);
    if (table->columns[at].generated)
        return err_at(fill->err, spec->file, spec->line, spec->place,
                      "table %s, column %s: the server makes it, the plan cannot", table->name, spec->name);
    if (spec->other != NULL)
        return fill_rule_attach(fill, table, &table->columns[at], spec);
    struct catalogue_given *given = arena_alloc(fill->arena, sizeof *given);
    *given = (struct catalogue_given){spec->values, spec->value_count};
    if (spec->kind == FILL_COLUMN_EXPRESSION && !evaluate(fill, spec, given))
        return err_wrap(fill->err, "table %s, column %s", table->name, spec->name);
    table->columns[at].given = given;
    return true;
}

bool fill_profile_attach(struct fill *fill)
{
    const struct profile_table *source;
    for (size_t i = 0; fill->config->profile != NULL && i < fill->catalogue.count; i++)
        if ((source = source_of(fill, &fill->catalogue.tables[i])) != NULL)
            attach_statistics(fill, &fill->catalogue.tables[i], source);
    for (size_t i = 0; i < fill->config->column_count; i++) {
        const struct fill_column_spec *spec = &fill->config->columns[i];
        int table = catalogue_find(&fill->catalogue, spec->table);
        if (table >= 0 && !attach_given(fill, &fill->catalogue.tables[table], spec))
            return false;
    }
    for (size_t i = 0; i < fill->table_count; i++)
        if (catalogue_find(&fill->catalogue, fill->tables[i].name) < 0)
            log_info("fill: the profile's table %s is not in the target: left out", fill->tables[i].name);
    return true;
}
