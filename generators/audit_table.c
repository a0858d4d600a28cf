#include "generators/audit_parts.h"
#include "generators/scan_parts.h"

#include <math.h>
#include <string.h>

/* Pages of 8 kB as PostgreSQL fills them. */
enum { HEAP_BYTES = 8168, ROW_HEAD = 28, LEAF_BYTES = 7333, ITEM = 12, MIN_PAGES = 20 };
static const double more_than_rows_need = 1.15; /* pages of a table or index that was not fresh */

bool audit_counts_as_table(const struct profile_table *table)
{
    return strcmp(table->kind, "partition") != 0 && strcmp(table->kind, "child") != 0;
}

/* By name alone where the other engine has no such schema. */
const struct profile_table *audit_find(const struct profile *copy, const struct profile_table *table)
{
    const struct profile_table *found = profile_find(copy, table->schema, table->name);
    for (size_t i = 0; found == NULL && i < copy->table_count; i++)
        if (strcmp(copy->tables[i].name, table->name) == 0)
            found = &copy->tables[i];
    return found;
}

const struct profile_column *audit_find_column(const struct profile_table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    return NULL;
}

static double stored_bytes(const struct profile_column *column)
{
    double width = isnan(column->width_bytes) ? 0 : column->width_bytes;
    return (1 - column->null_ratio) * (width >= 4 ? ceil(width / 4) * 4 : width);
}

/* Bytes of the rows on fresh pages, generously. */
static double heap_pages(const struct profile_table *table)
{
    double bytes = ROW_HEAD + (double)table->column_count / 8;
    for (size_t c = 0; c < table->column_count; c++)
        bytes += stored_bytes(&table->columns[c]);
    return table->rows * ceil(bytes / 8) * 8 / HEAP_BYTES + 1;
}

/* The same of an index; where equal keys may share an entry, of several columns as if they did not. 0: it holds what is no
 * column. */
static double index_pages(const struct profile_table *table, const struct profile_index *index)
{
    double bytes = ITEM;
    const struct profile_column *column = NULL;
    for (size_t i = 0; i < index->column_count; i++) {
        if (index->columns[i] < 0)
            return 0;
        column = &table->columns[index->columns[i]];
        bytes += stored_bytes(column);
    }
    if (column != NULL && index->column_count == 1 && index->deduplicated && column->distinct > 0 &&
        !index->partial)
        return scan_index_pages(index, column->distinct, fmax(stored_bytes(column), 1));
    return (double)index->rows * ceil(bytes / 8) * 8 / LEAF_BYTES + 1;
}

static double per_row(int64_t pages, double rows)
{
    return (double)pages / rows;
}

/* The one that is further from 1, as the metric sees it. */
static void keep_worst(double *kept, enum audit_metric metric, double ratio)
{
    if (isnan(*kept) || audit_excess(metric, ratio, NAN) > audit_excess(metric, *kept, NAN))
        *kept = ratio;
}

static const struct profile_index *index_called(const struct profile_table *table, const char *name)
{
    for (size_t i = 0; i < table->index_count; i++)
        if (strcmp(table->indexes[i].name, name) == 0)
            return &table->indexes[i];
    return NULL;
}

static void measure_indexes(struct audit_table *audit, const struct profile_table *source,
                            const struct profile_table *copy)
{
    for (size_t i = 0; i < source->index_count; i++) {
        const struct profile_index *index = &source->indexes[i], *other = index_called(copy, index->name);
        if (other == NULL || index->pages < MIN_PAGES || other->pages < MIN_PAGES || other->rows <= 0 ||
            index->rows <= 0 || strcmp(index->method, "btree") != 0)
            continue;
        double fresh = index_pages(source, index);
        if (fresh > 0 && (double)index->pages > fresh * more_than_rows_need)
            audit->bloated = true;
        else
            keep_worst(&audit->is.of[AUDIT_INDEX_PAGES], AUDIT_INDEX_PAGES,
                       per_row(other->pages, (double)other->rows) /
                           per_row(index->pages, (double)index->rows));
    }
}

void audit_measure_table(struct audit_table *audit, const struct audit_pair *pair,
                         const struct profile_table *source, const struct profile_table *copy,
                         double wanted_rows)
{
    audit->is.of[AUDIT_ROWS] = wanted_rows < 0                       ? NAN
                               : wanted_rows == 0 && copy->rows <= 0 ? 1
                                                                     : copy->rows / wanted_rows;
    if (pair->source->lexis != SQL_POSTGRES || pair->copy->lexis != SQL_POSTGRES)
        return; /* pages of others are filled by the order in which rows came */
    if (source->pages >= MIN_PAGES && copy->pages >= MIN_PAGES && source->rows > 0 && copy->rows > 0) {
        if ((double)source->pages > heap_pages(source) * more_than_rows_need)
            audit->bloated = true;
        else
            audit->is.of[AUDIT_HEAP_PAGES] = per_row(copy->pages, copy->rows) /
                                             per_row(source->pages, source->rows);
    }
    measure_indexes(audit, source, copy);
}
