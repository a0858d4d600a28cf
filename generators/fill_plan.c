#include "bench/db/dialect.h"
#include "generators/fill_parts.h"

#include <stdlib.h>
#include <string.h>

enum { SAMPLE_ROWS = 1000, PARENT_KEYS = 100000 };

static const struct fill_table_spec *spec_of(const struct fill *fill, size_t table)
{
    for (size_t i = 0; i < fill->config->table_count; i++)
        if (catalogue_find(&fill->catalogue, fill->config->tables[i].name) == (int)table)
            return &fill->config->tables[i];
    return NULL;
}

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
    bool found;
    do
        if (!catalogue_read(fill->control, fill->arena, &fill->catalogue, fill->err) ||
            !fill_journal_undo_earlier(fill, &found))
            return false;
    while (found);
    return true;
}

/* Some tables but not all: the schema file would fail half-way, and what is there may be another version of it. */
static bool have_tables(struct fill *fill)
{
    const char *missing = NULL;
    if (!read_catalogue(fill))
        return false;
    size_t count = missing_tables(fill, &missing);
    bool none_there = count == fill->config->table_count && count > 0;
    if (fill->config->schema_text != NULL && (none_there || fill->catalogue.count == 0)) {
        if (!create_schema(fill) || !catalogue_read(fill->control, fill->arena, &fill->catalogue, fill->err))
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
    fill->targets = arena_alloc(fill->arena, (fill->catalogue.count + 1) * sizeof *fill->targets);
    for (size_t i = 0; i < fill->catalogue.count; i++) {
        struct catalogue_table *table = &fill->catalogue.tables[i];
        const struct fill_table_spec *spec = spec_of(fill, i);
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
    struct buf list = {0};
    for (size_t i = 0; i < key->column_count; i++)
        buf_printf(&list, "%s%s", i > 0 ? ", " : "", parent->columns[key->parent_columns[i]].quoted);
    const char *columns = buf_text(&list);
    struct db_table rows;
    bool ok = db_query(fill->control, fill->arena,
                       arena_printf(fill->arena,
                                    "SELECT %s FROM %s WHERE (%s) IS NOT NULL ORDER BY %s LIMIT %d", columns,
                                    parent->quoted, columns, columns, PARENT_KEYS),
                       &rows, fill->err);
    buf_free(&list);
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

bool fill_plan(struct fill *fill)
{
    if (!have_tables(fill) || !choose_targets(fill) || !read_foreign_parents(fill))
        return false;
    for (size_t i = 0; i < fill->target_count; i++) {
        struct row_maker *maker;
        size_t table = (size_t)(fill->targets[i].table - fill->catalogue.tables);
        if (!row_maker_make(fill->arena, fill->config->seed, &fill->catalogue, table, &maker, fill->err))
            return false;
        fill->targets[i].maker = maker;
    }
    return true;
}

struct sample {
    const struct fill_target *target;
    int64_t taken, count;
    struct buf row;
    size_t sent;
};

static long pull_sample(void *context, char *bytes, size_t capacity)
{
    struct sample *sample = context;
    if (sample->sent == sample->row.length) {
        if (sample->taken == sample->count)
            return 0;
        buf_clear(&sample->row);
        sample->sent = 0;
        __extension__ __int128 row = (__int128)sample->taken++ * sample->target->table->rows / sample->count;
        row_write(sample->target->maker, (int64_t)row, &sample->row);
    }
    size_t part = sample->row.length - sample->sent;
    part = part < capacity ? part : capacity;
    memcpy(bytes, sample->row.data + sample->sent, part);
    sample->sent += part;
    return (long)part;
}

static bool load_sample(struct fill *fill, const struct fill_target *target)
{
    int64_t rows = target->table->rows;
    struct sample sample = {.target = target, .count = rows < SAMPLE_ROWS ? rows : SAMPLE_ROWS};
    struct db_answer answer = db_load(fill->control, target->table->quoted, row_maker_columns(target->maker),
                                      CLOCK_NEVER_NS, pull_sample, &sample);
    buf_free(&sample.row);
    if (answer.outcome == OUTCOME_OK)
        return true;
    db_answer_error(&answer, fill->err);
    err_wrap(fill->err, "table %s: values made for it do not satisfy it", target->table->name);
    return err_hint(
        fill->err,
        "the constraint is beyond what fill understands: fill this table yourself; nothing was changed");
}

bool fill_sample(struct fill *fill)
{
    struct err ignored = {0};
    bool ok = db_command(fill->control, "BEGIN", fill->err);
    for (size_t i = 0; ok && i < fill->piece_count; i++) /* triggers and foreign keys: rows go in any order */
        if (fill->pieces[i].rank <= RANK_FOREIGN_KEY)
            ok = db_command(fill->control, fill->pieces[i].take_off, fill->err);
    for (size_t i = 0; ok && i < fill->target_count; i++)
        ok = load_sample(fill, &fill->targets[i]);
    return db_command(fill->control, "ROLLBACK", ok ? fill->err : &ignored) && ok;
}
