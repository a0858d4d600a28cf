#include "generators/audit_parts.h"
#include "generators/fill.h"

#include <math.h>
#include <string.h>

double audit_wanted_rows(const struct audit_pair *pair, size_t table)
{
    if (pair->rows != NULL && pair->rows[table] >= 0)
        return pair->rows[table];
    return pair->source->tables[table].rows;
}

const double *audit_rows(struct arena *arena, const struct profile *profile, double scale,
                         const struct fill_table_spec *tables, size_t count)
{
    double *rows = arena_alloc(arena, (profile->table_count + 1) * sizeof *rows);
    for (size_t t = 0; t < profile->table_count; t++) {
        const struct profile_table *table = &profile->tables[t];
        rows[t] = table->rows < 0 ? -1 : round(table->rows * scale);
        if (table->rows >= 1 && rows[t] < 1)
            rows[t] = 1;
        for (size_t i = 0; i < count; i++)
            if (tables[i].rows >= 0 && profile_is_called(table, tables[i].name))
                rows[t] = (double)tables[i].rows;
    }
    return rows;
}

bool audit_is_given(const struct audit_given *given, const struct profile_table *table, const char *column)
{
    for (size_t i = 0; given != NULL && i < given->count; i++)
        if (profile_is_called(table, given->columns[i].table) && strcmp(given->columns[i].name, column) == 0)
            return true;
    return false;
}

bool audit_is_unique(const struct profile_column *column)
{
    return column->distinct_by != NULL && strcmp(column->distinct_by, "unique") == 0;
}

/* Keys say one thing of the order, however many there are: where the rows lie. The one that is furthest off counts. */
static void one_order(const struct profile_table *source, struct audit_table *audit)
{
    struct audit_measures *worst = NULL;
    for (size_t c = 0; c < audit->column_count; c++) {
        struct audit_measures *is = &audit->columns[c].is;
        if (!audit_is_unique(&source->columns[c]) || isnan(is->of[AUDIT_CORRELATION]))
            continue;
        bool worse = worst == NULL || is->of[AUDIT_CORRELATION] > worst->of[AUDIT_CORRELATION];
        struct audit_measures *left = worse ? worst : is;
        if (left != NULL)
            left->of[AUDIT_CORRELATION] = (double)NAN;
        worst = worse ? is : worst;
    }
}

static void measure_columns(struct arena *arena, const struct audit_pair *pair,
                            const struct profile_table *const tables[2], double rows,
                            struct audit_table *audit)
{
    audit->column_count = tables[0]->column_count;
    audit->columns = arena_alloc(arena, (audit->column_count + 1) * sizeof *audit->columns);
    for (size_t c = 0; c < audit->column_count; c++) {
        const struct profile_column *source = &tables[0]->columns[c];
        const struct profile_column *copy = audit_find_column(tables[1], source->name);
        struct audit_column *column = &audit->columns[c];
        column->name = source->name;
        column->given = audit_is_given(&pair->given, tables[0], source->name);
        column->missing = copy == NULL;
        audit->missing_count += copy == NULL;
        column->is = audit_column_measures(
            arena, pair, tables, (const struct profile_column *[]){source, copy != NULL ? copy : source},
            copy != NULL && !column->given ? rows : 0);
    }
    one_order(tables[0], audit);
}

static const struct profile_reference *reference_of(const struct profile_table *table,
                                                    const struct profile_reference *source,
                                                    const struct profile_table *source_table)
{
    for (size_t i = 0; i < table->reference_count; i++) {
        const struct profile_reference *other = &table->references[i];
        bool same = other->column_count == source->column_count;
        for (size_t c = 0; same && c < other->column_count; c++)
            same = strcmp(table->columns[other->columns[c]].name,
                          source_table->columns[source->columns[c]].name) == 0;
        if (same)
            return other;
    }
    return NULL;
}

static void measure_references(const struct profile_table *source, const struct profile_table *copy,
                               struct audit_table *audit)
{
    for (size_t i = 0; i < source->reference_count; i++) {
        const struct profile_reference *other = reference_of(copy, &source->references[i], source);
        double apart = other != NULL ? audit_fanout(&source->references[i], other) : (double)NAN;
        double noise = isnan(apart) ? apart : audit_fanout_noise(&source->references[i], other);
        double *worst = &audit->is.of[AUDIT_FANOUT], *worst_noise = &audit->is.noise[AUDIT_FANOUT];
        if (isnan(apart) || (!isnan(*worst) && audit_excess(AUDIT_FANOUT, apart, noise) <=
                                                   audit_excess(AUDIT_FANOUT, *worst, *worst_noise)))
            continue;
        *worst = apart;
        *worst_noise = noise;
    }
}

static void measure(struct arena *arena, const struct audit_pair *pair, size_t at, struct audit_table *audit)
{
    const struct profile_table *source = &pair->source->tables[at], *copy = audit_find(pair->copy, source);
    double rows = audit_wanted_rows(pair, at);
    audit->schema = source->schema;
    audit->name = source->name;
    for (int i = 0; i < AUDIT_METRICS; i++)
        audit->is.of[i] = audit->is.noise[i] = NAN;
    audit->missing = copy == NULL;
    if (copy == NULL)
        return;
    audit->unknown = !copy->analyzed && rows > 0;
    if (audit->unknown)
        return;
    audit_measure_table(audit, pair, source, copy, rows);
    measure_references(source, copy, audit);
    measure_columns(arena, pair, (const struct profile_table *[]){source, copy}, rows, audit);
}

struct audit_sheet *audit_sheet(struct arena *arena, const struct audit_pair *pair,
                                const struct audit_sheet *noise)
{
    struct audit_sheet *sheet = arena_alloc(arena, sizeof *sheet);
    sheet->tables = arena_alloc(arena, (pair->source->table_count + 1) * sizeof *sheet->tables);
    for (size_t i = 0; i < pair->source->table_count; i++) {
        if (!audit_counts_as_table(&pair->source->tables[i]))
            continue;
        struct audit_table *table = &sheet->tables[sheet->table_count++];
        measure(arena, pair, i, table);
        sheet->missing_count += table->missing;
    }
    audit_widen(sheet, noise);
    audit_collect(sheet);
    audit_grade(sheet);
    return sheet;
}
