#include "bench/db/dialect.h"
#include "generators/fill_journal.h"
#include "generators/fill_types.h"

#include <stdlib.h>
#include <string.h>

enum { PARENT_KEYS = 100000 };

/* What is asked for of each table of the catalogue, NULL: nothing. The first word on a table holds. */
static const struct fill_table_spec **specs_of(const struct fill *fill)
{
    const struct fill_table_spec **specs = arena_alloc(fill->arena,
                                                       (fill->catalogue.count + 1) * sizeof *specs);
    for (size_t i = fill->table_count; i-- > 0;) {
        int found = catalogue_find(&fill->catalogue, fill->tables[i].name);
        if (found >= 0)
            specs[found] = &fill->tables[i];
    }
    return specs;
}

/* Of those that the plan names. */
static size_t missing_tables(const struct fill *fill, const char **first)
{
    size_t missing = 0;
    for (size_t i = fill->config->table_count; i-- > 0;)
        if (catalogue_find(&fill->catalogue, fill->config->tables[i].name) < 0) {
            missing++;
            *first = fill->config->tables[i].name;
        }
    return missing;
}

static bool create_schema(struct fill *fill)
{
    const struct fill_config *config = fill->config;
    struct sql_statement *statements;
    size_t count;
    if (!sql_split(fill->arena, db_dialect(fill->control)->lexis, config->schema_file, config->schema_text,
                   strlen(config->schema_text), 1, 1, &statements, &count, fill->err))
        return false;
    if (config->progress != NULL)
        config->progress(config->context, &(struct fill_progress){.stage = "create"});
    for (size_t i = 0; i < count; i++) {
        if (db_command(fill->control, statements[i].text, fill->err))
            continue;
        char message[1024];
        err_text(fill->err, message, sizeof message);
        return err_at(fill->err, config->schema_file ? config->schema_file : "schema", statements[i].line,
                      statements[i].column, "%s", message);
    }
    return true;
}

/* Before anything is believed of the tables, what earlier fills left half done is undone. */
static bool read_catalogue(struct fill *fill)
{
    return fill_journal_undo_earlier(fill) &&
           catalogue_read(fill->control, fill->arena, &fill->catalogue, fill->err);
}

/* Some tables but not all: the schema file would fail half-way, and what is there may be another version of it. */
static bool have_tables(struct fill *fill)
{
    const char *missing = NULL;
    if (!read_catalogue(fill))
        return false;
    size_t count = missing_tables(fill, &missing);
    bool none_there = count == fill->config->table_count && count > 0;
    bool has_schema = fill->config->schema_text != NULL;
    if ((has_schema && (none_there || fill->catalogue.count == 0)) ||
        (fill->config->profile != NULL && fill->catalogue.count == 0)) {
        if (!(has_schema ? create_schema(fill) : fill_profile_create(fill)) ||
            !catalogue_read(fill->control, fill->arena, &fill->catalogue, fill->err))
            return false;
        count = missing_tables(fill, &missing);
    }
    if (count == 0)
        return true;
    err_set(fill->err, ERR_ENVIRONMENT, "table %s does not exist, though %s", missing,
            count < fill->config->table_count ? "other tables of the plan do" : "the plan asks for its rows");
    return err_hint(fill->err,
                    "drop the tables that are there so that data.schema creates them all, or create it");
}

static bool choose_targets(struct fill *fill)
{
    const struct fill_table_spec **specs = specs_of(fill);
    fill->targets = arena_alloc(fill->arena, (fill->catalogue.count + 1) * sizeof *fill->targets);
    for (size_t i = 0; i < fill->catalogue.count; i++) {
        struct catalogue_table *table = &fill->catalogue.tables[i];
        const struct fill_table_spec *spec = specs[i];
        table->has_rows = table->has_rows && !fill_journal_lists(fill, table->quoted);
        if (spec == NULL || spec->rows <= 0 || table->has_rows)
            continue;
        if (strcmp(table->kind, "partition") == 0 || strcmp(table->kind, "child") == 0)
            return err_set(fill->err, ERR_ENVIRONMENT, "table %s is a %s: give its parent's rows instead",
                           table->name, table->kind);
        table->rows = spec->rows;
        fill->rows_total += spec->rows;
        fill->targets[fill->target_count++].table = table;
    }
    return true;
}

/* Keys of a parent that holds rows of its own, in their order, so that the choice does not depend on the plan it was read with. */
static bool read_parent_values(struct fill *fill, struct catalogue_key *key)
{
    const struct catalogue_table *parent = &fill->catalogue.tables[key->parent];
    struct buf list = {0}, present = {0};
    for (size_t i = 0; i < key->column_count; i++) {
        const char *column = parent->columns[key->parent_columns[i]].quoted;
        buf_printf(&list, "%s%s", i > 0 ? ", " : "", column);
        buf_printf(&present, "%s%s IS NOT NULL", i > 0 ? " AND " : "", column);
    }
    const char *columns = buf_text(&list);
    struct db_table rows;
    bool ok = db_query(fill->control, fill->arena,
                       arena_printf(fill->arena, "SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT %d", columns,
                                    parent->quoted, buf_text(&present), columns, PARENT_KEYS),
                       &rows, fill->err);
    buf_free(&list);
    buf_free(&present);
    if (!ok)
        return err_wrap(fill->err, "table %s", parent->name);
    key->parent_values = rows.values;
    key->parent_value_rows = rows.rows;
    return true;
}

static bool read_foreign_parents(struct fill *fill)
{
    for (size_t i = 0; i < fill->target_count; i++) {
        const struct catalogue_table *table = fill->targets[i].table;
        for (size_t j = 0; j < table->key_count; j++) {
            struct catalogue_key *key = &table->keys[j];
            if (key->kind == 'f' && key->parent >= 0 && fill->catalogue.tables[key->parent].has_rows &&
                !read_parent_values(fill, key))
                return false;
        }
    }
    return true;
}

static bool make_makers(struct fill *fill)
{
    if (!fill_profile_attach(fill) || !choose_targets(fill) || !read_foreign_parents(fill) ||
        !fill_types_known(fill))
        return false;
    for (size_t i = 0; i < fill->target_count; i++) {
        struct row_maker *maker;
        size_t table = (size_t)(fill->targets[i].table - fill->catalogue.tables);
        if (!row_maker_make(fill->arena, fill->config->seed, &fill->catalogue, table, &maker, fill->err))
            return false;
        fill->targets[i].maker = maker;
        fill_target_prepare(fill, &fill->targets[i]);
    }
    return true;
}

bool fill_plan(struct fill *fill)
{
    return have_tables(fill) && make_makers(fill);
}

bool fill_plan_tables(struct fill *fill)
{
    const char *missing;
    return catalogue_read(fill->control, fill->arena, &fill->catalogue, fill->err) &&
           missing_tables(fill, &missing) == 0 && make_makers(fill);
}
