#include "generators/distinct.h"
#include "generators/scan_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Pages of 8 kB as CREATE INDEX fills a b-tree: header, special space, high key and a tenth left free. */
enum {
    LEAF_BYTES = 7333,
    DOWNLINKS = 300,
    ITEM = 4,
    TUPLE = 8,
    TID = 6,
    PADDING = 3,
    POSTING = 812,
    MIN_PAGES = 20
};
static const double least_signal =
    0.15; /* of the bytes that keys take: below, pages tell nothing about keys */

static double aligned(double bytes)
{
    return ceil(bytes / 8) * 8;
}

/* Bytes of the leaves of n entries with so many different keys, each as often: equal keys share posting lists. */
static double leaf_bytes(double entries, double keys, double key_bytes)
{
    double each = entries / keys, tuple = aligned(TUPLE + key_bytes) + ITEM;
    double single = each < 2 ? 2 * keys - entries : 0, lists = keys - single;
    double per_list = floor((POSTING - tuple) / TID), in_lists = entries - single;
    double parts = lists > 0 && per_list > 0 ? lists * ceil(in_lists / lists / per_list) : lists;
    return single * tuple + parts * (tuple + PADDING) + in_lists * TID;
}

double scan_index_keys(const struct profile_index *index, double width_bytes)
{
    if (index->pages < MIN_PAGES || index->rows <= 0 || isnan(width_bytes))
        return 0;
    double leaves = (double)(index->pages - 1) * (DOWNLINKS - 1) / DOWNLINKS, bytes = leaves * LEAF_BYTES;
    double entries = (double)index->rows, low = 1, high = entries;
    if (leaf_bytes(entries, 1, width_bytes) * (1 + least_signal) > bytes)
        return 0;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        *(leaf_bytes(entries, middle, width_bytes) < bytes ? &low : &high) = middle;
    }
    return low;
}

double scan_index_pages(const struct profile_index *index, double keys, double width_bytes)
{
    double bytes = leaf_bytes((double)index->rows, fmax(1, fmin(keys, (double)index->rows)), width_bytes);
    return bytes / LEAF_BYTES * DOWNLINKS / (DOWNLINKS - 1) + 1;
}

static double index_distinct(const struct profile_table *table, size_t column)
{
    for (size_t i = 0; i < table->index_count; i++) {
        const struct profile_index *index = &table->indexes[i];
        if (index->columns[0] != (int)column || index->partial || index->unique)
            continue;
        if (index->prefix_distinct != NULL)
            return index->prefix_distinct[0];
        if (index->column_count == 1 && index->deduplicated)
            return scan_index_keys(index, table->columns[column].width_bytes);
    }
    return 0;
}

bool scan_is_unique(const struct profile_table *table, size_t column)
{
    for (size_t i = 0; i < table->index_count; i++) {
        const struct profile_index *index = &table->indexes[i];
        if (index->unique && !index->partial && index->column_count == 1 && index->columns[0] == (int)column)
            return true;
    }
    return false;
}

static double parent_rows(const struct profile *profile, const struct profile_table *table, size_t column)
{
    for (size_t i = 0; i < table->reference_count; i++) {
        const struct profile_reference *reference = &table->references[i];
        if (reference->column_count == 1 && reference->columns[0] == column && reference->parent >= 0)
            return fmax(profile->tables[reference->parent].rows, 0);
    }
    return 0;
}

/* Whole numbers between the outermost bounds. */
static double capacity(const struct profile_column *column)
{
    static const char *const whole[] = {"int1",  "int2",  "int3",  "int4", "int8",
                                        "uint1", "uint2", "uint3", "uint4"};
    for (size_t i = 0; column->bound_count > 1 && i < sizeof whole / sizeof *whole; i++)
        if (strcmp(whole[i], column->base) == 0)
            return strtod(column->bounds[column->bound_count - 1], NULL) - strtod(column->bounds[0], NULL) +
                   1;
    return 0;
}

void scan_facts(struct profile *profile)
{
    bool postgres = profile->lexis == SQL_POSTGRES;
    for (size_t t = 0; t < profile->table_count; t++) {
        struct profile_table *table = &profile->tables[t];
        for (size_t c = 0; c < table->column_count && table->rows > 0; c++) {
            struct distinct_facts facts = {.rows = table->rows,
                                           .sample_rows = fmin(table->sample_rows, table->rows),
                                           .pages = postgres && table->pages > 0 ? (double)table->pages : 0,
                                           .unique = scan_is_unique(table, c),
                                           .parent_rows = parent_rows(profile, table, c),
                                           .index_distinct = index_distinct(table, c),
                                           .index_is_upper_bound = postgres, /* it may be bloated */
                                           .capacity = capacity(&table->columns[c])};
            distinct_recover(&facts, &table->columns[c]);
        }
    }
}
