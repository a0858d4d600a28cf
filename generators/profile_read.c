#include "generators/profile_member.h"

#include <math.h>
#include <string.h>

static bool read_values(struct profile_reader *r, const struct json *node, struct profile_column *column)
{
    const char *values = NULL;
    if (!member_text(r, node, "values", true, &values))
        return false;
    if (strcmp(values, "kept") == 0)
        column->values = PROFILE_KEPT;
    else if (strcmp(values, "shape") == 0)
        column->values = PROFILE_SHAPE;
    else if (strcmp(values, "none") != 0)
        return json_error(r->err, json_get(node, "values"), "values: kept, shape or none is expected");
    return true;
}

static bool read_buckets(struct profile_reader *r, const struct json *node, struct profile_column *column)
{
    size_t shares, distincts;
    if (!member_texts(r, node, "bounds", &column->bounds, &column->bound_count) ||
        !member_reals(r, node, "bucket_share", &column->bucket_share, &shares) ||
        !member_reals(r, node, "bucket_distinct", &column->bucket_distinct, &distincts))
        return false;
    size_t buckets = column->bound_count > 0 ? column->bound_count - 1 : 0;
    if (column->bound_count == 1)
        return json_error(r->err, json_get(node, "bounds"), "bounds: one bound makes no bucket");
    if (column->bucket_share != NULL && shares != buckets)
        return json_error(r->err, json_get(node, "bucket_share"), "bucket_share: one per bucket is expected");
    return column->bucket_distinct == NULL || distincts == buckets ||
           json_error(r->err, json_get(node, "bucket_distinct"),
                      "bucket_distinct: one per bucket is expected");
}

static bool read_column(struct profile_reader *r, const struct json *node, struct profile_column *column)
{
    static const char *const keys[] = {"name",           "type",
                                       "base",           "values",
                                       "not_null",       "null_ratio",
                                       "distinct",       "width_bytes",
                                       "distinct_by",    "distinct_reported",
                                       "distinct_ratio", "mcv",
                                       "correlation",    "bounds",
                                       "bucket_share",   "bucket_distinct",
                                       "elements",       "counts",
                                       "element_counts", NULL};
    *column = (struct profile_column){
        .null_ratio = NAN, .width_bytes = NAN, .distinct_ratio = NAN, .correlation = NAN};
    return json_check_keys(node, keys, r->err) && member_text(r, node, "name", true, &column->name) &&
           member_text(r, node, "type", true, &column->type) &&
           member_text(r, node, "base", true, &column->base) && read_values(r, node, column) &&
           member_flag(r, node, "not_null", &column->not_null) &&
           member_real(r, node, "null_ratio", 0, 1, &column->null_ratio) &&
           member_real(r, node, "width_bytes", 0, INFINITY, &column->width_bytes) &&
           member_real(r, node, "distinct_reported", -1, INFINITY, &column->distinct_reported) &&
           member_real(r, node, "distinct", 0, INFINITY, &column->distinct) &&
           member_text(r, node, "distinct_by", false, &column->distinct_by) &&
           member_real(r, node, "distinct_ratio", 0, INFINITY, &column->distinct_ratio) &&
           member_real(r, node, "correlation", -1, 1, &column->correlation) &&
           member_atoms(r, node, "mcv", &column->mcv, &column->mcv_count) && read_buckets(r, node, column) &&
           member_atoms(r, node, "elements", &column->elements, &column->element_count) &&
           member_reals(r, node, "element_counts", &column->element_counts, &column->element_count_count) &&
           member_counts(r, node, &column->counts, &column->count_count);
}

static int column_of(const struct profile_table *table, const char *name)
{
    for (size_t i = 0; name != NULL && i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return (int)i;
    return -1;
}

static bool no_column(struct profile_reader *r, const struct json *node, const struct profile_table *table)
{
    return json_error(r->err, node, "%s.%s has no such column", table->schema, table->name);
}

/* A list of names of table's columns. */
static bool get_columns(struct profile_reader *r, const struct json *object, const char *key,
                        const struct profile_table *table, size_t **columns, size_t *count)
{
    const struct json *found;
    *count = 0;
    if (!member_find(r, object, key, JSON_ARRAY, true, &found))
        return false;
    if (found->child == NULL)
        return json_error(r->err, found, "%s: the list is empty", key);
    *columns = arena_alloc(r->arena, json_size(found) * sizeof **columns);
    for (const struct json *item = found->child; item != NULL; item = item->next) {
        int column = item->type == JSON_STRING ? column_of(table, item->string) : -1;
        if (column < 0)
            return no_column(r, item, table);
        (*columns)[(*count)++] = (size_t)column;
    }
    return true;
}

static bool read_index_columns(struct profile_reader *r, const struct json *node,
                               const struct profile_table *table, struct profile_index *index)
{
    const struct json *found;
    if (!member_find(r, node, "columns", JSON_ARRAY, true, &found))
        return false;
    if (found->child == NULL)
        return json_error(r->err, found, "columns: the list is empty");
    index->columns = arena_alloc(r->arena, json_size(found) * sizeof *index->columns);
    for (const struct json *item = found->child; item != NULL; item = item->next) {
        int column = item->type == JSON_STRING ? column_of(table, item->string) : -1;
        if (column < 0 && item->type != JSON_NULL)
            return no_column(r, item, table);
        index->columns[index->column_count++] = column;
    }
    return true;
}

static bool read_index(struct profile_reader *r, const struct json *node, const struct profile_table *table,
                       struct profile_index *index)
{
    static const char *const keys[] = {"name",    "columns",      "unique",          "primary",
                                       "partial", "method",       "bytes",           "pages",
                                       "rows",    "deduplicated", "prefix_distinct", NULL};
    size_t prefixes;
    if (!json_check_keys(node, keys, r->err) || !member_text(r, node, "name", true, &index->name) ||
        !read_index_columns(r, node, table, index) || !member_flag(r, node, "unique", &index->unique) ||
        !member_flag(r, node, "primary", &index->primary) ||
        !member_flag(r, node, "partial", &index->partial) ||
        !member_flag(r, node, "deduplicated", &index->deduplicated) ||
        !member_text(r, node, "method", true, &index->method) ||
        !member_count(r, node, "bytes", &index->bytes) || !member_count(r, node, "pages", &index->pages) ||
        !member_count(r, node, "rows", &index->rows) ||
        !member_reals(r, node, "prefix_distinct", &index->prefix_distinct, &prefixes))
        return false;
    return index->prefix_distinct == NULL || prefixes == index->column_count ||
           json_error(r->err, json_get(node, "prefix_distinct"),
                      "prefix_distinct: one per column is expected");
}

/* {"schema", "name"} of a table of the profile. */
static bool get_table(struct profile_reader *r, const struct json *object, const char *key, int *table)
{
    static const char *const keys[] = {"schema", "name", NULL};
    const struct json *found;
    const char *schema = NULL, *name = NULL;
    *table = -1;
    if (!member_find(r, object, key, JSON_OBJECT, false, &found) || found == NULL)
        return found == NULL;
    if (!json_check_keys(found, keys, r->err) || !member_text(r, found, "schema", true, &schema) ||
        !member_text(r, found, "name", true, &name))
        return false;
    const struct profile_table *there = profile_find(r->profile, schema, name);
    if (there == NULL)
        return json_error(r->err, found, "%s: the profile has no table %s.%s", key, schema, name);
    *table = (int)(there - r->profile->tables);
    return true;
}

static bool read_reference(struct profile_reader *r, const struct json *node,
                           const struct profile_table *table, struct profile_reference *reference)
{
    static const char *const keys[] = {"name", "columns", "parent", "parent_columns", "counts", NULL};
    size_t count;
    if (!json_check_keys(node, keys, r->err) || !member_text(r, node, "name", true, &reference->name) ||
        !get_columns(r, node, "columns", table, &reference->columns, &reference->column_count) ||
        !get_table(r, node, "parent", &reference->parent) ||
        !member_counts(r, node, &reference->counts, &reference->count_count))
        return false;
    if (reference->parent < 0)
        return true;
    return get_columns(r, node, "parent_columns", &r->profile->tables[reference->parent],
                       &reference->parent_columns, &count) &&
           (count == reference->column_count ||
            json_error(r->err, json_get(node, "parent_columns"), "parent_columns: not as many as columns"));
}

static bool read_group_atom(struct profile_reader *r, const struct json *item, size_t columns,
                            struct profile_group_atom *atom)
{
    bool fits = item->type == JSON_ARRAY && json_size(item) == columns + 1;
    const struct json *value = fits ? item->child : NULL;
    atom->values = arena_alloc(r->arena, columns * sizeof *atom->values);
    for (size_t i = 0; fits && i < columns; i++, value = value->next) {
        fits = value->type == JSON_STRING || value->type == JSON_NULL;
        atom->values[i] = value->type == JSON_STRING ? value->string : NULL;
    }
    if (!fits || !member_is_share(value))
        return json_error(r->err, item, "mcv: a value per column and the share of the rows are expected");
    atom->share = value->number;
    return true;
}

static bool read_dependency(struct profile_reader *r, const struct json *node,
                            const struct profile_table *table, struct profile_dependency *dependency)
{
    static const char *const keys[] = {"from", "to", "degree", NULL};
    const char *to = NULL;
    if (!json_check_keys(node, keys, r->err) ||
        !get_columns(r, node, "from", table, &dependency->from, &dependency->from_count) ||
        !member_text(r, node, "to", true, &to) || !member_real(r, node, "degree", 0, 1, &dependency->degree))
        return false;
    int column = column_of(table, to);
    dependency->to = (size_t)column;
    return column >= 0 || no_column(r, json_get(node, "to"), table);
}

static bool read_group(struct profile_reader *r, const struct json *node, const struct profile_table *table,
                       struct profile_group *group)
{
    static const char *const keys[] = {"columns", "distinct", "mcv", "dependencies", NULL};
    const struct json *mcv, *dependencies;
    if (!json_check_keys(node, keys, r->err) ||
        !get_columns(r, node, "columns", table, &group->columns, &group->column_count) ||
        !member_real(r, node, "distinct", 0, INFINITY, &group->distinct) ||
        !member_find(r, node, "mcv", JSON_ARRAY, true, &mcv) ||
        !member_find(r, node, "dependencies", JSON_ARRAY, true, &dependencies))
        return false;
    group->mcv = arena_alloc(r->arena, (json_size(mcv) + 1) * sizeof *group->mcv);
    for (const struct json *item = mcv->child; item != NULL; item = item->next)
        if (!read_group_atom(r, item, group->column_count, &group->mcv[group->mcv_count++]))
            return false;
    group->dependencies = arena_alloc(r->arena, (json_size(dependencies) + 1) * sizeof *group->dependencies);
    for (const struct json *item = dependencies->child; item != NULL; item = item->next)
        if (!read_dependency(r, item, table, &group->dependencies[group->dependency_count++]))
            return false;
    return true;
}

static bool read_kind(struct profile_reader *r, const struct json *node, struct profile_table *table)
{
    static const char *const kinds[] = {"", "partitioned", "partition", "child"};
    if (!member_text(r, node, "kind", true, &table->kind))
        return false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i], table->kind) == 0)
            return true;
    return json_error(r->err, json_get(node, "kind"),
                      "kind: \"\", partitioned, partition or child is expected");
}

static bool read_table(struct profile_reader *r, const struct json *node, struct profile_table *table)
{
    static const char *const keys[] = {"schema",  "name",        "kind",     "rows",        "pages",
                                       "bytes",   "toast_bytes", "analyzed", "index_bytes", "sample_rows",
                                       "columns", "indexes",     "groups",   "references",  NULL};
    const struct json *columns;
    table->rows = -1;
    if (!json_check_keys(node, keys, r->err) || !member_text(r, node, "schema", true, &table->schema) ||
        !member_text(r, node, "name", true, &table->name) || !read_kind(r, node, table) ||
        !member_real(r, node, "rows", -1, INFINITY, &table->rows) ||
        !member_count(r, node, "pages", &table->pages) || !member_count(r, node, "bytes", &table->bytes) ||
        !member_count(r, node, "toast_bytes", &table->toast_bytes) ||
        !member_count(r, node, "index_bytes", &table->index_bytes) ||
        !member_flag(r, node, "analyzed", &table->analyzed) ||
        !member_real(r, node, "sample_rows", 0, INFINITY, &table->sample_rows) ||
        !member_find(r, node, "columns", JSON_ARRAY, true, &columns))
        return false;
    table->columns = arena_alloc(r->arena, (json_size(columns) + 1) * sizeof *table->columns);
    for (const struct json *item = columns->child; item != NULL; item = item->next) {
        if (!read_column(r, item, &table->columns[table->column_count]))
            return false;
        if (column_of(table, table->columns[table->column_count].name) >= 0)
            return json_error(r->err, item, "the table has this column already");
        table->column_count++;
    }
    return true;
}

/* What names columns of other tables is read when all tables are known. */
static bool read_parts(struct profile_reader *r, const struct json *node, struct profile_table *table)
{
    const struct json *indexes, *references, *groups;
    if (!member_find(r, node, "indexes", JSON_ARRAY, true, &indexes) ||
        !member_find(r, node, "references", JSON_ARRAY, true, &references) ||
        !member_find(r, node, "groups", JSON_ARRAY, true, &groups))
        return false;
    table->indexes = arena_alloc(r->arena, (json_size(indexes) + 1) * sizeof *table->indexes);
    table->references = arena_alloc(r->arena, (json_size(references) + 1) * sizeof *table->references);
    table->groups = arena_alloc(r->arena, (json_size(groups) + 1) * sizeof *table->groups);
    for (const struct json *item = indexes->child; item != NULL; item = item->next)
        if (!read_index(r, item, table, &table->indexes[table->index_count++]))
            return false;
    for (const struct json *item = references->child; item != NULL; item = item->next)
        if (!read_reference(r, item, table, &table->references[table->reference_count++]))
            return false;
    for (const struct json *item = groups->child; item != NULL; item = item->next)
        if (!read_group(r, item, table, &table->groups[table->group_count++]))
            return false;
    return true;
}

static bool read_tables(struct profile_reader *r, const struct json *root)
{
    struct profile *profile = r->profile;
    const struct json *tables;
    if (!member_find(r, root, "tables", JSON_ARRAY, true, &tables))
        return false;
    profile->tables = arena_alloc(r->arena, (json_size(tables) + 1) * sizeof *profile->tables);
    for (const struct json *item = tables->child; item != NULL; item = item->next) {
        struct profile_table *table = &profile->tables[profile->table_count];
        if (!read_table(r, item, table))
            return false;
        if (profile_find(profile, table->schema, table->name) != NULL)
            return json_error(r->err, item, "%s.%s stands there twice", table->schema, table->name);
        profile->table_count++;
    }
    size_t i = 0;
    for (const struct json *item = tables->child; item != NULL; item = item->next)
        if (!read_parts(r, item, &profile->tables[i++]))
            return false;
    return true;
}

static bool read_statement(struct profile_reader *r, const struct json *node,
                           struct profile_statement *statement)
{
    static const char *const keys[] = {"stage", "table", "sql", NULL};
    static const char *const stages[] = {"before", "table", "index", "key", "reference", "after"};
    if (!json_check_keys(node, keys, r->err) || !member_text(r, node, "stage", true, &statement->stage) ||
        !get_table(r, node, "table", &statement->table) ||
        !member_text(r, node, "sql", true, &statement->sql))
        return false;
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
        if (strcmp(stages[i], statement->stage) == 0)
            return true;
    return json_error(r->err, json_get(node, "stage"),
                      "stage: before, table, index, key, reference or after is expected");
}

static bool read_engine(struct profile_reader *r, const struct json *root)
{
    struct profile *profile = r->profile;
    if (!member_text(r, root, "engine", true, &profile->engine) ||
        !member_text(r, root, "version", true, &profile->version))
        return false;
    bool postgres = strcmp(profile->engine, "postgresql") == 0;
    profile->lexis = postgres ? SQL_POSTGRES : SQL_MYSQL;
    return postgres || strcmp(profile->engine, "mariadb") == 0 || strcmp(profile->engine, "mysql") == 0 ||
           json_error(r->err, json_get(root, "engine"), "engine: postgresql, mariadb or mysql is expected");
}

static bool read_profile(struct profile_reader *r, const struct json *root)
{
    static const char *const keys[] = {"$schema", "profile_version", "engine",     "version",
                                       "level",   "tables",          "statements", NULL};
    const struct json *statements;
    const char *schema;
    int64_t version, level;
    if (root->type != JSON_OBJECT)
        return json_error(r->err, root, "a profile is an object");
    if (!member_count(r, root, "profile_version", &version))
        return false;
    if (version != 1)
        return json_error(r->err, root,
                          "not a profile, or of another version: profile_version 1 is expected");
    if (!json_check_keys(root, keys, r->err) || !member_text(r, root, "$schema", false, &schema) ||
        !read_engine(r, root) || !member_count(r, root, "level", &level) || !read_tables(r, root) ||
        !member_find(r, root, "statements", JSON_ARRAY, true, &statements))
        return false;
    if (level < 0 || level > 1)
        return json_error(r->err, root, "level: 0 or 1 is expected");
    struct profile *profile = r->profile;
    profile->level = (int)level;
    profile->statements = arena_alloc(r->arena, (json_size(statements) + 1) * sizeof *profile->statements);
    for (const struct json *item = statements->child; item != NULL; item = item->next)
        if (!read_statement(r, item, &profile->statements[profile->statement_count++]))
            return false;
    return true;
}

bool profile_read(struct arena *arena, const char *file, const char *text, size_t length,
                  struct profile **profile, struct err *err)
{
    const struct json *root;
    struct profile_reader reader = {arena, arena_alloc(arena, sizeof **profile), err};
    *profile = reader.profile;
    return json_parse(arena, file, text, length, JSON_STRICT, &root, err) && read_profile(&reader, root);
}
