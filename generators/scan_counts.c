#include "generators/scan_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES = 10000, EXACT_CLASSES = CLASSES / 2 };

struct jobs {
    struct arena *arena;
    const struct profile *profile;
    struct scan_job *list;
    size_t count, capacity;
};

static const char *job_name(struct jobs *jobs, const struct profile_table *table, const char *kind,
                            const char *item)
{
    struct buf text = {0};
    struct json_writer w = json_writer(&text);
    w.pretty = false;
    json_begin_array(&w);
    json_write_string(&w, table->schema);
    json_write_string(&w, table->name);
    json_write_string(&w, kind);
    json_write_string(&w, item);
    json_end_array(&w);
    char *name = arena_strdup(jobs->arena, buf_text(&text));
    buf_free(&text);
    return name;
}

static const char *quoted(struct jobs *jobs, const struct profile_table *table)
{
    return sql_quote(jobs->arena, jobs->profile->lexis, table->schema, table->name);
}

/* How many combinations of these columns, none null, occur in how many rows. */
static const char *grouping(struct jobs *jobs, const struct profile_table *table, const size_t *columns,
                            size_t count)
{
    struct buf list = {0}, conditions = {0};
    for (size_t i = 0; i < count; i++) {
        const char *name = sql_quote(jobs->arena, jobs->profile->lexis, NULL,
                                     table->columns[columns[i]].name);
        buf_printf(&list, "%s%s", i > 0 ? ", " : "", name);
        buf_printf(&conditions, "%s%s IS NOT NULL", i > 0 ? " AND " : "", name);
    }
    const char *sql = arena_printf(
        jobs->arena,
        "SELECT s.class_rows, count(*) AS class_values FROM (SELECT count(*) AS class_rows FROM %s"
        " WHERE %s GROUP BY %s) s GROUP BY s.class_rows ORDER BY s.class_rows",
        quoted(jobs, table), buf_text(&conditions), buf_text(&list));
    buf_free(&list);
    buf_free(&conditions);
    return sql;
}

static void add(struct jobs *jobs, size_t table, enum scan_job_kind kind, size_t item, const char *name,
                const char *sql)
{
    *ARENA_PUSH(jobs->arena, jobs->list, jobs->count, jobs->capacity) = (struct scan_job){
        .table = table, .kind = kind, .item = item, .name = name, .sql = sql};
}

/* Of a foreign key, of a key of several columns, or the first of an index: what joins and lookups go by. */
static bool is_key(const struct profile_table *table, size_t column)
{
    for (size_t i = 0; i < table->index_count; i++) {
        const struct profile_index *index = &table->indexes[i];
        size_t columns = index->unique ? index->column_count : 1;
        for (size_t c = 0; c < columns && c < index->column_count && !index->partial; c++)
            if (index->columns[c] == (int)column && strcasecmp(index->method, "btree") == 0)
                return true;
    }
    for (size_t i = 0; i < table->reference_count; i++)
        for (size_t c = 0; c < table->references[i].column_count; c++)
            if (table->references[i].columns[c] == column)
                return true;
    return false;
}

static bool is_parent(const struct profile *profile, size_t table)
{
    for (size_t i = 0; i < profile->table_count; i++)
        for (size_t k = 0; k < profile->tables[i].reference_count; k++)
            if (profile->tables[i].references[k].parent == (int)table)
                return true;
    return false;
}

static void add_table(struct jobs *jobs, size_t at)
{
    const struct profile_table *table = &jobs->profile->tables[at];
    if (strcmp(table->kind, "partition") == 0)
        return;
    if (is_parent(jobs->profile, at))
        add(jobs, at, SCAN_ROWS, 0, job_name(jobs, table, "rows", ""),
            arena_printf(jobs->arena, "SELECT count(*) AS class_rows, 1 AS class_values FROM %s",
                         quoted(jobs, table)));
    for (size_t c = 0; c < table->column_count; c++)
        if (is_key(table, c) && !scan_is_unique(table, c))
            add(jobs, at, SCAN_COLUMN, c, job_name(jobs, table, "column", table->columns[c].name),
                grouping(jobs, table, &c, 1));
    for (size_t k = 0; k < table->reference_count; k++) {
        const struct profile_reference *reference = &table->references[k];
        if (reference->column_count > 1)
            add(jobs, at, SCAN_REFERENCE, k, job_name(jobs, table, "reference", reference->name),
                grouping(jobs, table, reference->columns, reference->column_count));
    }
}

struct scan_job *scan_jobs(struct arena *arena, const struct profile *profile, size_t *count)
{
    struct jobs jobs = {.arena = arena, .profile = profile};
    for (size_t i = 0; i < profile->table_count; i++)
        add_table(&jobs, i);
    *count = jobs.count;
    return jobs.list;
}

/* group classes become two with neighbouring sizes, so that rows and values stay what they are in sum. */
static size_t merge(const struct profile_count *counts, size_t group, struct profile_count *to)
{
    int64_t rows = 0, values = 0;
    for (size_t i = 0; i < group; i++) {
        rows += counts[i].rows * counts[i].values;
        values += counts[i].values;
    }
    assert(values > 0);
    int64_t low = rows / values, more = rows % values;
    to[0] = (struct profile_count){low, values - more};
    to[1] = (struct profile_count){low + 1, more};
    return more > 0 ? 2 : 1;
}

size_t scan_thin(struct profile_count *counts, size_t count, size_t limit)
{
    size_t kept = limit / 2, made = kept, groups = (limit - kept) / 2;
    if (count <= limit || groups == 0)
        return count;
    size_t size = (count - kept + groups - 1) / groups;
    for (size_t i = kept; i < count; i += size) {
        struct profile_count two[2];
        size_t parts = merge(counts + i, count - i < size ? count - i : size, two);
        for (size_t p = 0; p < parts; p++)
            if (counts[made - 1].rows == two[p].rows)
                counts[made - 1].values += two[p].values;
            else
                counts[made++] = two[p];
    }
    return made;
}

static bool read_counts(struct arena *arena, const struct scan_input *input, const struct scan_job *job,
                        struct profile_count **counts, size_t *count, struct err *err)
{
    *counts = arena_alloc(arena, (job->rows.count + 2) * sizeof **counts);
    *count = 0;
    for (size_t i = 0; i < job->rows.count; i++) {
        struct scan_cells cells = scan_cells(arena, job->rows.items[i]);
        int64_t rows = scan_integer(&cells), values = scan_integer(&cells);
        cells.broken |= rows < 0 || values <= 0 || (*count > 0 && (*counts)[*count - 1].rows >= rows);
        if (!scan_cells_end(&cells, input, "counts", err))
            return false;
        (*counts)[(*count)++] = (struct profile_count){rows, values};
    }
    return true;
}

/* The values of a foreign key as children per parent: the parents that no row names come first. */
static void count_children(struct arena *arena, struct profile_reference *reference,
                           const struct profile_count *counts, size_t count, int64_t parents)
{
    int64_t named = 0;
    for (size_t i = 0; i < count; i++)
        named += counts[i].values;
    reference->counts = arena_alloc(arena, (count + 1) * sizeof *reference->counts);
    if (parents > named)
        reference->counts[reference->count_count++] = (struct profile_count){0, parents - named};
    for (size_t i = 0; i < count; i++)
        reference->counts[reference->count_count++] = counts[i];
}

static void thin_table(struct profile_table *table)
{
    for (size_t i = 0; i < table->column_count; i++)
        table->columns[i].count_count = scan_thin(table->columns[i].counts, table->columns[i].count_count,
                                                  CLASSES);
    for (size_t i = 0; i < table->reference_count; i++)
        table->references[i].count_count = scan_thin(table->references[i].counts,
                                                     table->references[i].count_count, CLASSES);
}

/* A foreign key of one column takes the counts of that column; one whose column is unique has a child or none. */
static void count_singles(struct arena *arena, const struct profile *profile, struct profile_table *table,
                          const int64_t *rows)
{
    for (size_t k = 0; k < table->reference_count; k++) {
        struct profile_reference *reference = &table->references[k];
        const struct profile_column *column = &table->columns[reference->columns[0]];
        if (reference->column_count == 1 && reference->parent >= 0 && rows[reference->parent] >= 0 &&
            column->counts != NULL && profile->level > 0)
            count_children(arena, reference, column->counts, column->count_count, rows[reference->parent]);
    }
}

bool scan_count(struct arena *arena, const struct scan_input *input, struct profile *profile,
                const struct scan_job *jobs, size_t count, struct err *err)
{
    int64_t *rows = arena_alloc(arena, (profile->table_count + 1) * sizeof *rows);
    for (size_t i = 0; i < profile->table_count; i++)
        rows[i] = -1;
    profile->level = 1;
    for (int pass = 0; pass < 2; pass++) /* rows of the parents, then of the children */
        for (size_t i = 0; i < count; i++) {
            struct profile_table *table = &profile->tables[jobs[i].table];
            struct profile_count *counts;
            size_t classes;
            if (!jobs[i].done || (jobs[i].kind == SCAN_ROWS) != (pass == 0))
                continue;
            if (!read_counts(arena, input, &jobs[i], &counts, &classes, err))
                return false;
            if (jobs[i].kind == SCAN_ROWS && classes == 1)
                rows[jobs[i].table] = counts[0].rows;
            if (jobs[i].kind == SCAN_COLUMN) {
                table->columns[jobs[i].item].counts = counts;
                table->columns[jobs[i].item].count_count = classes;
            }
            struct profile_reference *reference = &table->references[jobs[i].item];
            if (jobs[i].kind == SCAN_REFERENCE && reference->parent >= 0 && rows[reference->parent] >= 0)
                count_children(arena, reference, counts, classes, rows[reference->parent]);
        }
    for (size_t i = 0; i < profile->table_count; i++) {
        count_singles(arena, profile, &profile->tables[i], rows);
        thin_table(&profile->tables[i]);
    }
    return true;
}
