#include "generators/distinct.h"
#include "generators/distinct_leaves.h"
#include "generators/scan_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double scan_index_pages(const struct profile_index *index, double keys, double width_bytes)
{
    struct distinct_leaves leaves = distinct_leaves_make(width_bytes);
    double rows = (double)index->rows;
    keys = fmax(1, fmin(keys, rows));
    distinct_leaves_add(&leaves, rows / keys, keys, false);
    return distinct_leaves_pages(&leaves);
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

static struct distinct_facts facts_of(const struct profile *profile, const struct profile_table *table,
                                      size_t column)
{
    bool postgres = profile->lexis == SQL_POSTGRES;
    struct distinct_facts facts = {.rows = table->rows,
                                   .sample_rows = fmin(table->sample_rows, table->rows),
                                   .pages = postgres && table->pages > 0 ? (double)table->pages : 0,
                                   .unique = scan_is_unique(table, column),
                                   .parent_rows = parent_rows(profile, table, column),
                                   .capacity = capacity(&table->columns[column])};
    distinct_ask_indexes(table, column, &facts);
    return facts;
}

/* Indexes of a table share its history: what inserts in no order did to one they did to all. One that has the pages its keys
 * take, though rows came in any order, was built after them; one that is known to have more was not. */
static bool indexes_are_fresh(const struct profile *profile, const struct profile_table *table)
{
    static const double close = 0.06, grown = 1.12;
    int fresh = 0, old = 0;
    for (size_t c = 0; c < table->column_count; c++) {
        struct distinct_facts facts = facts_of(profile, table, c);
        bool firm, any_order = fabs(table->columns[c].correlation) < 0.5;
        double ratio = distinct_index_ratio(&facts, &table->columns[c], &firm);
        fresh += fabs(ratio - 1) < close && any_order;
        old += ratio > grown && firm;
    }
    return fresh > old;
}

void scan_facts(struct profile *profile)
{
    for (size_t t = 0; t < profile->table_count; t++) {
        struct profile_table *table = &profile->tables[t];
        bool fresh = table->rows > 0 && indexes_are_fresh(profile, table);
        for (size_t c = 0; c < table->column_count && table->rows > 0; c++) {
            struct distinct_facts facts = facts_of(profile, table, c);
            facts.index_fresh = fresh;
            distinct_recover(&facts, &table->columns[c]);
        }
    }
}
