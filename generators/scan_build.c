#include "generators/check.h"
#include "generators/scan_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct capacities {
    size_t columns, indexes, references, groups;
};

struct build {
    struct arena *arena;
    const struct scan_input *input;
    struct profile *profile;
    const char **ids, **root_ids; /* of the tables; of the tables that they are leaves of, or NULL */
    struct capacities *capacities;
    size_t last; /* table found last: rows come in the order of the tables */
    struct err *err;
};

static int table_of(struct build *b, const char *id)
{
    size_t count = b->profile->table_count;
    for (size_t i = 0; id != NULL && i < count; i++) {
        size_t at = (b->last + i) % count;
        if (strcmp(b->ids[at], id) != 0)
            continue;
        b->last = at;
        return (int)at;
    }
    return -1;
}

static int column_of(const struct profile_table *table, const char *name)
{
    for (size_t i = 0; name != NULL && i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return (int)i;
    return -1;
}

/* Names as places in the table; false when one is unknown. */
static bool places_of(struct build *b, const struct profile_table *table, const char **names, size_t count,
                      size_t **places)
{
    *places = arena_alloc(b->arena, (count + 1) * sizeof **places);
    for (size_t i = 0; i < count; i++) {
        int column = column_of(table, names[i]);
        if (column < 0)
            return false;
        (*places)[i] = (size_t)column;
    }
    return count > 0;
}

static bool unreadable(struct build *b, const char *const *openers, size_t count)
{
    char names[512] = "", hint[400] = "";
    for (size_t i = 0, shown = 0; i < b->profile->table_count; i++) {
        const struct profile_table *table = &b->profile->tables[i];
        if (openers[i] == NULL || shown++ >= 3)
            continue;
        size_t at = strlen(names), to = strlen(hint);
        snprintf(names + at, sizeof names - at, "%s%s.%s", at > 0 ? ", " : "", table->schema, table->name);
        if (strlen(openers[i]) + 3 < sizeof hint - to)
            snprintf(hint + to, sizeof hint - to, "%s%s", to > 0 ? "; " : "", openers[i]);
    }
    err_set(b->err, ERR_ENVIRONMENT, "this role may not see the statistics of %s%s", names,
            count > 3 ? " and others" : "");
    return err_hint(b->err, "run: %s%s", hint, count > 3 ? "; and so for the others" : "");
}

static bool read_table(struct build *b, const struct json *row, const char **opener)
{
    struct scan_cells cells = scan_cells(b->arena, row);
    size_t at = b->profile->table_count++;
    struct profile_table *table = &b->profile->tables[at];
    b->ids[at] = scan_text(&cells);
    table->schema = scan_text(&cells);
    table->name = scan_text(&cells);
    table->kind = scan_text(&cells);
    table->rows = scan_real(&cells);
    table->pages = scan_integer(&cells);
    table->bytes = scan_integer(&cells);
    table->toast_bytes = scan_integer(&cells);
    table->index_bytes = scan_integer(&cells);
    table->analyzed = scan_flag(&cells);
    table->sample_rows = scan_real(&cells);
    b->root_ids[at] = scan_text(&cells);
    *opener = scan_text(&cells);
    cells.broken |= b->ids[at] == NULL || table->schema == NULL || table->name == NULL || table->kind == NULL;
    if (isnan(table->rows))
        table->rows = -1;
    if (isnan(table->sample_rows))
        table->sample_rows = 0;
    return scan_cells_end(&cells, b->input, "tables", b->err);
}

static bool read_tables(struct build *b)
{
    const struct scan_rows *rows = &b->input->topics[SCAN_TABLES];
    size_t shut = 0;
    b->profile->tables = arena_alloc(b->arena, (rows->count + 1) * sizeof *b->profile->tables);
    b->ids = arena_alloc(b->arena, (rows->count + 1) * sizeof *b->ids);
    b->root_ids = arena_alloc(b->arena, (rows->count + 1) * sizeof *b->root_ids);
    b->capacities = arena_alloc(b->arena, (rows->count + 1) * sizeof *b->capacities);
    const char **openers = arena_alloc(b->arena, (rows->count + 1) * sizeof *openers);
    for (size_t i = 0; i < rows->count; i++) {
        if (!read_table(b, rows->items[i], &openers[i]))
            return false;
        shut += openers[i] != NULL;
    }
    return shut == 0 || unreadable(b, openers, shut);
}

/* Values and their shares as atoms; the shorter list counts. */
static struct profile_atom *atoms(struct build *b, const char **values, size_t value_count,
                                  const double *shares, size_t share_count, size_t *count)
{
    *count = 0;
    if (values == NULL || shares == NULL)
        return NULL;
    struct profile_atom *list = arena_alloc(b->arena, (value_count + 1) * sizeof *list);
    for (size_t i = 0; i < value_count && i < share_count; i++)
        if (values[i] != NULL)
            list[(*count)++] = (struct profile_atom){.share = fmin(fmax(shares[i], 0), 1),
                                                     .value = values[i]};
    return list;
}

/* A valid CHECK, of the column or of its domain, that lists what is allowed. */
static bool is_listed(struct build *b, const char *column, const char **checks, size_t count)
{
    struct check_bounds bounds = {0};
    for (size_t i = 0; i < count; i++) {
        if (checks[i] == NULL)
            continue;
        check_read(b->arena, b->profile->lexis, checks[i], column, &bounds);
        check_read(b->arena, b->profile->lexis, checks[i], "value", &bounds);
    }
    return bounds.labels != NULL;
}

static void read_statistics(struct build *b, struct scan_cells *cells, struct profile_column *column)
{
    size_t values, shares, elements, element_shares, buckets, distincts;
    column->null_ratio = scan_real(cells);
    column->width_bytes = scan_real(cells);
    column->distinct_reported = scan_real(cells);
    column->correlation = scan_real(cells);
    const char **common = scan_texts(cells, &values);
    const double *common_shares = scan_reals(cells, &shares);
    column->mcv = atoms(b, common, values, common_shares, shares, &column->mcv_count);
    column->bounds = scan_texts(cells, &column->bound_count);
    common = scan_texts(cells, &elements);
    common_shares = scan_reals(cells, &element_shares);
    column->elements = atoms(b, common, elements, common_shares, element_shares, &column->element_count);
    column->element_counts = scan_reals(cells, &column->element_count_count);
    column->bucket_share = scan_reals(cells, &buckets);
    column->bucket_distinct = scan_reals(cells, &distincts);
    if (isnan(column->distinct_reported))
        column->distinct_reported = 0;
    if (column->bound_count < 2)
        column->bound_count = 0;
    cells->broken |= (column->bucket_share != NULL && buckets + 1 != column->bound_count) ||
                     (column->bucket_distinct != NULL && distincts + 1 != column->bound_count);
}

static bool read_column(struct build *b, const struct json *row)
{
    struct scan_cells cells = scan_cells(b->arena, row);
    size_t checks;
    int at = table_of(b, scan_text(&cells));
    if (at < 0)
        return err_set(b->err, ERR_ENVIRONMENT, "%s: a column of no table", b->input->file);
    struct profile_table *table = &b->profile->tables[at];
    struct profile_column *column = ARENA_PUSH(b->arena, table->columns, table->column_count,
                                               b->capacities[at].columns);
    *column = (struct profile_column){.distinct_ratio = NAN};
    column->name = scan_text(&cells);
    column->type = scan_text(&cells);
    column->base = scan_text(&cells);
    column->not_null = scan_flag(&cells);
    column->listed = scan_flag(&cells);
    const char **definitions = scan_texts(&cells, &checks);
    cells.broken |= column->name == NULL || column->type == NULL || column->base == NULL;
    read_statistics(b, &cells, column);
    if (!scan_cells_end(&cells, b->input, "columns", b->err))
        return false;
    column->listed |= is_listed(b, column->name, definitions, checks);
    bool literals = column->mcv_count > 0 || column->bound_count > 0 || column->element_count > 0;
    column->values = literals ? PROFILE_KEPT : PROFILE_NONE;
    return true;
}

static bool read_index(struct build *b, const struct json *row)
{
    struct scan_cells cells = scan_cells(b->arena, row);
    size_t prefixes;
    int at = table_of(b, scan_text(&cells));
    if (at < 0)
        return err_set(b->err, ERR_ENVIRONMENT, "%s: an index of no table", b->input->file);
    struct profile_table *table = &b->profile->tables[at];
    struct profile_index *index = ARENA_PUSH(b->arena, table->indexes, table->index_count,
                                             b->capacities[at].indexes);
    index->name = scan_text(&cells);
    const char **names = scan_texts(&cells, &index->column_count);
    index->columns = arena_alloc(b->arena, (index->column_count + 1) * sizeof *index->columns);
    for (size_t i = 0; i < index->column_count; i++)
        index->columns[i] = column_of(table, names[i]);
    index->unique = scan_flag(&cells);
    index->primary = scan_flag(&cells);
    index->partial = scan_flag(&cells);
    index->method = scan_text(&cells);
    index->bytes = scan_integer(&cells);
    index->pages = scan_integer(&cells);
    index->rows = scan_integer(&cells);
    index->prefix_distinct = scan_reals(&cells, &prefixes);
    index->deduplicated = scan_flag(&cells);
    cells.broken |= index->name == NULL || index->method == NULL || index->column_count == 0 ||
                    (index->prefix_distinct != NULL && prefixes != index->column_count);
    return scan_cells_end(&cells, b->input, "indexes", b->err);
}

static bool read_reference(struct build *b, const struct json *row)
{
    struct scan_cells cells = scan_cells(b->arena, row);
    size_t count, parent_count;
    int at = table_of(b, scan_text(&cells));
    if (at < 0)
        return err_set(b->err, ERR_ENVIRONMENT, "%s: a foreign key of no table", b->input->file);
    struct profile_table *table = &b->profile->tables[at];
    struct profile_reference *reference = ARENA_PUSH(b->arena, table->references, table->reference_count,
                                                     b->capacities[at].references);
    reference->name = scan_text(&cells);
    const char **names = scan_texts(&cells, &count);
    reference->parent = table_of(b, scan_text(&cells));
    const char **parent_names = scan_texts(&cells, &parent_count);
    reference->column_count = count;
    cells.broken |= reference->name == NULL || !places_of(b, table, names, count, &reference->columns);
    if (reference->parent >= 0)
        cells.broken |= parent_count != count || !places_of(b, &b->profile->tables[reference->parent],
                                                            parent_names, count, &reference->parent_columns);
    b->last = (size_t)at;
    return scan_cells_end(&cells, b->input, "references", b->err);
}

static void read_combinations(struct build *b, struct scan_cells *cells, struct profile_group *group)
{
    const struct json *values = scan_list(cells);
    size_t shares;
    const double *share = scan_reals(cells, &shares);
    if (values == NULL || share == NULL)
        return;
    group->mcv = arena_alloc(b->arena, (shares + 1) * sizeof *group->mcv);
    for (const struct json *item = values->child; item != NULL && group->mcv_count < shares;
         item = item->next) {
        size_t count;
        struct scan_cells one = {.arena = b->arena, .next = item};
        const char **texts = scan_texts(&one, &count);
        cells->broken |= one.broken || count != group->column_count;
        group->mcv[group->mcv_count] = (struct profile_group_atom){share[group->mcv_count], texts};
        group->mcv_count++;
    }
}

static void read_dependencies(struct build *b, struct scan_cells *cells, const struct profile_table *table,
                              struct profile_group *group)
{
    const struct json *list = scan_list(cells);
    if (list == NULL)
        return;
    group->dependencies = arena_alloc(b->arena, (json_size(list) + 1) * sizeof *group->dependencies);
    for (const struct json *item = list->child; item != NULL; item = item->next) {
        struct profile_dependency *dependency = &group->dependencies[group->dependency_count++];
        struct scan_cells one = scan_cells(b->arena, item);
        const char **names = scan_texts(&one, &dependency->from_count);
        int to = column_of(table, scan_text(&one));
        dependency->degree = fmin(fmax(scan_real(&one), 0), 1);
        dependency->to = (size_t)to;
        cells->broken |= one.broken || to < 0 ||
                         !places_of(b, table, names, dependency->from_count, &dependency->from);
    }
}

static bool read_group(struct build *b, const struct json *row)
{
    struct scan_cells cells = scan_cells(b->arena, row);
    int at = table_of(b, scan_text(&cells));
    if (at < 0)
        return err_set(b->err, ERR_ENVIRONMENT, "%s: statistics of no table", b->input->file);
    struct profile_table *table = &b->profile->tables[at];
    struct profile_group *group = ARENA_PUSH(b->arena, table->groups, table->group_count,
                                             b->capacities[at].groups);
    const char **names = scan_texts(&cells, &group->column_count);
    cells.broken |= !places_of(b, table, names, group->column_count, &group->columns);
    group->distinct = scan_real(&cells);
    if (isnan(group->distinct))
        group->distinct = 0;
    read_combinations(b, &cells, group);
    read_dependencies(b, &cells, table, group);
    return scan_cells_end(&cells, b->input, "groups", b->err);
}

static bool each(struct build *b, enum scan_topic topic,
                 bool (*read)(struct build *b, const struct json *row))
{
    b->last = 0;
    for (size_t i = 0; i < b->input->topics[topic].count; i++)
        if (!read(b, b->input->topics[topic].items[i]))
            return false;
    return true;
}

static bool read_server(struct build *b)
{
    if (b->input->topics[SCAN_SERVER].count != 1)
        return err_set(b->err, ERR_ENVIRONMENT, "%s: it does not say which server it is of", b->input->file);
    struct scan_cells cells = scan_cells(b->arena, b->input->topics[SCAN_SERVER].items[0]);
    b->profile->version = scan_text(&cells);
    scan_real(&cells);
    bool all = scan_flag(&cells);
    if (b->profile->version == NULL)
        return err_set(b->err, ERR_ENVIRONMENT, "%s: the server's version is missing", b->input->file);
    if (!all || b->input->topics[SCAN_TABLES].count > 0)
        return true;
    err_set(b->err, ERR_ENVIRONMENT, "%s: there is no table that this role sees", b->input->file);
    return err_hint(b->err, "name the database in the DSN, and a role that may SELECT from its tables");
}

static void merge_leaves(struct build *b)
{
    int *roots = arena_alloc(b->arena, (b->profile->table_count + 1) * sizeof *roots);
    b->last = 0;
    for (size_t i = 0; i < b->profile->table_count; i++)
        roots[i] = table_of(b, b->root_ids[i]);
    scan_leaves(b->arena, b->profile, roots);
}

bool scan_build(struct arena *arena, const struct scan_input *input, struct profile **profile,
                struct err *err)
{
    struct build b = {
        .arena = arena, .input = input, .profile = arena_alloc(arena, sizeof **profile), .err = err};
    *profile = b.profile;
    b.profile->engine = input->engine;
    b.profile->lexis = strcmp(input->engine, "postgresql") == 0 ? SQL_POSTGRES : SQL_MYSQL;
    if (!read_server(&b) || !read_tables(&b) || !each(&b, SCAN_COLUMNS, read_column))
        return false;
    merge_leaves(&b);
    return each(&b, SCAN_INDEXES, read_index) && each(&b, SCAN_REFERENCES, read_reference) &&
           each(&b, SCAN_GROUPS, read_group) && scan_order(arena, input, b.ids, b.profile, err);
}
