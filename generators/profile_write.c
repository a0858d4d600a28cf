#include "generators/profile.h"

#include "bench/base/json.h"

#include <math.h>
#include <string.h>

static void put_text(struct json_writer *w, const char *key, const char *text)
{
    if (text == NULL)
        return;
    json_key(w, key);
    json_write_string(w, text);
}

/* What is not known is left out. */
static void put_real(struct json_writer *w, const char *key, double value)
{
    if (isnan(value))
        return;
    json_key(w, key);
    json_write_double(w, value);
}

static void put_count(struct json_writer *w, const char *key, int64_t value)
{
    if (value < 0)
        return;
    json_key(w, key);
    json_write_int(w, value);
}

static void put_flag(struct json_writer *w, const char *key, bool value)
{
    if (!value)
        return;
    json_key(w, key);
    json_write_bool(w, true);
}

static void put_reals(struct json_writer *w, const char *key, const double *values, size_t count)
{
    if (values == NULL)
        return;
    json_key(w, key);
    json_begin_array(w);
    for (size_t i = 0; i < count; i++)
        json_write_double(w, values[i]);
    json_end_array(w);
}

static void put_texts(struct json_writer *w, const char *key, const char *const *texts, size_t count)
{
    if (count == 0)
        return;
    json_key(w, key);
    json_begin_array(w);
    for (size_t i = 0; i < count; i++)
        json_write_string(w, texts[i]);
    json_end_array(w);
}

static void put_atoms(struct json_writer *w, const char *key, const struct profile_atom *atoms, size_t count)
{
    if (count == 0)
        return;
    json_key(w, key);
    json_begin_array(w);
    for (size_t i = 0; i < count; i++) {
        json_begin_array(w);
        json_write_string(w, atoms[i].value);
        json_write_double(w, atoms[i].share);
        json_end_array(w);
    }
    json_end_array(w);
}

static void put_counts(struct json_writer *w, const struct profile_count *counts, size_t count)
{
    if (counts == NULL)
        return;
    json_key(w, "counts");
    json_begin_array(w);
    for (size_t i = 0; i < count; i++) {
        json_begin_array(w);
        json_write_int(w, counts[i].rows);
        json_write_int(w, counts[i].values);
        json_end_array(w);
    }
    json_end_array(w);
}

static void write_column(struct json_writer *w, const struct profile_column *column)
{
    static const char *const values[] = {"none", "shape", "kept"};
    json_begin_object(w);
    put_text(w, "name", column->name);
    put_text(w, "type", column->type);
    put_text(w, "base", column->base);
    put_text(w, "values", values[column->values]);
    put_flag(w, "not_null", column->not_null);
    put_real(w, "null_ratio", column->null_ratio);
    put_real(w, "width_bytes", column->width_bytes);
    put_real(w, "distinct_reported", column->distinct_reported);
    put_real(w, "distinct", column->distinct);
    put_text(w, "distinct_by", column->distinct_by);
    put_real(w, "distinct_ratio", column->distinct_ratio);
    put_real(w, "correlation", column->correlation);
    put_atoms(w, "mcv", column->mcv, column->mcv_count);
    put_texts(w, "bounds", column->bounds, column->bound_count);
    size_t buckets = column->bound_count > 0 ? column->bound_count - 1 : 0;
    put_reals(w, "bucket_share", column->bucket_share, buckets);
    put_reals(w, "bucket_distinct", column->bucket_distinct, buckets);
    put_atoms(w, "elements", column->elements, column->element_count);
    put_reals(w, "element_counts", column->element_counts, column->element_count_count);
    put_counts(w, column->counts, column->count_count);
    json_end_object(w);
}

static void put_columns(struct json_writer *w, const char *key, const struct profile_table *table,
                        const size_t *columns, size_t count)
{
    json_key(w, key);
    json_begin_array(w);
    for (size_t i = 0; i < count; i++)
        json_write_string(w, table->columns[columns[i]].name);
    json_end_array(w);
}

static void write_index(struct json_writer *w, const struct profile_table *table,
                        const struct profile_index *index)
{
    json_begin_object(w);
    put_text(w, "name", index->name);
    json_key(w, "columns");
    json_begin_array(w);
    for (size_t i = 0; i < index->column_count; i++)
        json_write_string(w, index->columns[i] < 0 ? NULL : table->columns[index->columns[i]].name);
    json_end_array(w);
    put_flag(w, "unique", index->unique);
    put_flag(w, "primary", index->primary);
    put_flag(w, "partial", index->partial);
    put_flag(w, "deduplicated", index->deduplicated);
    put_text(w, "method", index->method);
    put_count(w, "bytes", index->bytes);
    put_count(w, "pages", index->pages);
    put_count(w, "rows", index->rows);
    put_reals(w, "prefix_distinct", index->prefix_distinct, index->column_count);
    json_end_object(w);
}

static void put_table(struct json_writer *w, const char *key, const struct profile_table *table)
{
    json_key(w, key);
    json_begin_object(w);
    put_text(w, "schema", table->schema);
    put_text(w, "name", table->name);
    json_end_object(w);
}

static void write_reference(struct json_writer *w, const struct profile *profile,
                            const struct profile_table *table, const struct profile_reference *reference)
{
    json_begin_object(w);
    put_text(w, "name", reference->name);
    put_columns(w, "columns", table, reference->columns, reference->column_count);
    if (reference->parent >= 0) {
        const struct profile_table *parent = &profile->tables[reference->parent];
        put_table(w, "parent", parent);
        put_columns(w, "parent_columns", parent, reference->parent_columns, reference->column_count);
    }
    put_counts(w, reference->counts, reference->count_count);
    json_end_object(w);
}

static void write_dependency(struct json_writer *w, const struct profile_table *table,
                             const struct profile_dependency *dependency)
{
    json_begin_object(w);
    put_columns(w, "from", table, dependency->from, dependency->from_count);
    put_text(w, "to", table->columns[dependency->to].name);
    put_real(w, "degree", dependency->degree);
    json_end_object(w);
}

static void write_group(struct json_writer *w, const struct profile_table *table,
                        const struct profile_group *group)
{
    json_begin_object(w);
    put_columns(w, "columns", table, group->columns, group->column_count);
    put_real(w, "distinct", group->distinct);
    json_key(w, "mcv");
    json_begin_array(w);
    for (size_t i = 0; i < group->mcv_count; i++) {
        json_begin_array(w);
        for (size_t c = 0; c < group->column_count; c++)
            json_write_string(w, group->mcv[i].values[c]);
        json_write_double(w, group->mcv[i].share);
        json_end_array(w);
    }
    json_end_array(w);
    json_key(w, "dependencies");
    json_begin_array(w);
    for (size_t i = 0; i < group->dependency_count; i++)
        write_dependency(w, table, &group->dependencies[i]);
    json_end_array(w);
    json_end_object(w);
}

static void begin_list(struct json_writer *w, const char *key)
{
    json_key(w, key);
    json_begin_array(w);
}

static void write_table(struct json_writer *w, const struct profile *profile,
                        const struct profile_table *table)
{
    json_begin_object(w);
    put_text(w, "schema", table->schema);
    put_text(w, "name", table->name);
    put_text(w, "kind", table->kind);
    put_real(w, "rows", table->rows);
    put_count(w, "pages", table->pages);
    put_count(w, "bytes", table->bytes);
    put_count(w, "toast_bytes", table->toast_bytes);
    put_count(w, "index_bytes", table->index_bytes);
    put_flag(w, "analyzed", table->analyzed);
    put_real(w, "sample_rows", table->sample_rows);
    begin_list(w, "columns");
    for (size_t i = 0; i < table->column_count; i++)
        write_column(w, &table->columns[i]);
    json_end_array(w);
    begin_list(w, "indexes");
    for (size_t i = 0; i < table->index_count; i++)
        write_index(w, table, &table->indexes[i]);
    json_end_array(w);
    begin_list(w, "references");
    for (size_t i = 0; i < table->reference_count; i++)
        write_reference(w, profile, table, &table->references[i]);
    json_end_array(w);
    begin_list(w, "groups");
    for (size_t i = 0; i < table->group_count; i++)
        write_group(w, table, &table->groups[i]);
    json_end_array(w);
    json_end_object(w);
}

static void write_statement(struct json_writer *w, const struct profile *profile,
                            const struct profile_statement *statement)
{
    json_begin_object(w);
    put_text(w, "stage", statement->stage);
    if (statement->table >= 0)
        put_table(w, "table", &profile->tables[statement->table]);
    put_text(w, "sql", statement->sql);
    json_end_object(w);
}

void profile_write(const struct profile *profile, struct buf *out)
{
    struct json_writer writer = json_writer(out), *w = &writer;
    json_begin_object(w);
    put_text(w, "$schema", "https://rehearse.example/schema/profile-1.json");
    put_count(w, "profile_version", 1);
    put_text(w, "engine", profile->engine);
    put_text(w, "version", profile->version);
    put_count(w, "level", profile->level);
    begin_list(w, "tables");
    for (size_t i = 0; i < profile->table_count; i++)
        write_table(w, profile, &profile->tables[i]);
    json_end_array(w);
    begin_list(w, "statements");
    w->pretty_depth = 2; /* one a line */
    for (size_t i = 0; i < profile->statement_count; i++)
        write_statement(w, profile, &profile->statements[i]);
    json_end_array(w);
    json_end_object(w);
    buf_putc(out, '\n');
}

const struct profile_table *profile_find(const struct profile *profile, const char *schema, const char *name)
{
    for (size_t i = 0; i < profile->table_count; i++)
        if (strcmp(profile->tables[i].schema, schema) == 0 && strcmp(profile->tables[i].name, name) == 0)
            return &profile->tables[i];
    return NULL;
}

bool profile_is_called(const struct profile_table *table, const char *name)
{
    size_t schema = strlen(table->schema);
    return strcmp(table->name, name) == 0 ||
           (strncmp(table->schema, name, schema) == 0 && name[schema] == '.' &&
            strcmp(table->name, name + schema + 1) == 0);
}
