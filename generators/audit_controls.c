#include "generators/audit_parts.h"

#include <math.h>
#include <string.h>

const char *const audit_sabotages[AUDIT_SABOTAGES] = {"shuffled", "halved", "moved"};

/* A copy down to what the controls change; literals are shared. */
static struct profile *clone(struct arena *arena, const struct profile *profile)
{
    struct profile *copy = arena_alloc(arena, sizeof *copy);
    *copy = *profile;
    copy->tables = arena_alloc(arena, (profile->table_count + 1) * sizeof *copy->tables);
    for (size_t t = 0; t < profile->table_count; t++) {
        struct profile_table *table = &copy->tables[t];
        const struct profile_table *source = &profile->tables[t];
        *table = *source;
        table->columns = arena_alloc(arena, (source->column_count + 1) * sizeof *table->columns);
        for (size_t c = 0; c < source->column_count; c++)
            table->columns[c] = source->columns[c];
        table->references = arena_alloc(arena, (source->reference_count + 1) * sizeof *table->references);
        for (size_t i = 0; i < source->reference_count; i++)
            table->references[i] = source->references[i];
    }
    return copy;
}

/* What a server measures of a column in no order: rows of one value are in order among themselves. */
static double no_order(const struct profile_column *column)
{
    double sum = 0;
    for (size_t i = 0; i < column->mcv_count; i++)
        sum += column->mcv[i].share * column->mcv[i].share;
    return isnan(column->correlation) ? column->correlation : fmin(sum, 1);
}

static void take_literally(struct arena *arena, const struct profile *profile,
                           const struct profile_table *table, struct profile_reference *reference)
{
    if (reference->count_count == 0 || reference->column_count != 1 || reference->parent < 0)
        return;
    const struct profile_column *column = &table->columns[reference->columns[0]];
    double parents = profile->tables[reference->parent].rows, rows = table->rows * (1 - column->null_ratio);
    double some = fmin(audit_reported(column, table->rows), parents);
    if (!(some >= 1) || !(rows >= 1))
        return;
    reference->counts = arena_alloc(arena, 2 * sizeof *reference->counts);
    reference->counts[0] = (struct profile_count){0, llround(parents - some)};
    reference->counts[1] = (struct profile_count){llround(fmax(1, rows / some)), llround(some)};
    reference->count_count = 2;
}

const struct profile *audit_naive(struct arena *arena, const struct profile *source)
{
    struct profile *naive = clone(arena, source);
    for (size_t t = 0; t < naive->table_count; t++) {
        struct profile_table *table = &naive->tables[t];
        for (size_t c = 0; c < table->column_count; c++) {
            struct profile_column *column = &table->columns[c];
            double reported = audit_reported(column, table->rows);
            column->correlation = no_order(column);
            column->distinct = reported > 0 ? reported : column->distinct;
        }
        for (size_t i = 0; i < table->reference_count; i++)
            take_literally(arena, naive, table, &table->references[i]);
    }
    return naive;
}

static void halve(struct profile_column *column)
{
    column->distinct = column->distinct > 1 ? column->distinct / 2 : column->distinct;
    if (fabs(column->distinct_reported) > 1 || column->distinct_reported < 0)
        column->distinct_reported /= 2;
}

/* A quarter of the rows of each of the more common half goes to the others; of the buckets the lower half loses a quarter to
 * the upper. */
static void move(struct arena *arena, struct profile_column *column)
{
    size_t half = column->mcv_count / 2, buckets = column->bound_count > 1 ? column->bound_count - 1 : 0;
    struct profile_atom *atoms = arena_alloc(arena, (column->mcv_count + 1) * sizeof *atoms);
    double moved = 0;
    for (size_t i = 0; i < column->mcv_count; i++) {
        atoms[i] = column->mcv[i];
        double part = i < half ? atoms[i].share / 4 : 0;
        atoms[i].share -= part;
        moved += part;
    }
    for (size_t i = half; half > 0 && i < column->mcv_count; i++)
        atoms[i].share += moved / (double)(column->mcv_count - half);
    column->mcv = atoms;
    double *shares = arena_alloc(arena, (buckets + 1) * sizeof *shares);
    for (size_t i = 0; i < buckets; i++)
        shares[i] = (column->bucket_share != NULL ? column->bucket_share[i] : 1 / (double)buckets) *
                    (i < buckets / 2 ? 0.75 : 1.25);
    if (buckets > 1)
        column->bucket_share = shares;
}

const struct profile *audit_spoil(struct arena *arena, const struct profile *copy,
                                  enum audit_sabotage sabotage)
{
    struct profile *spoiled = clone(arena, copy);
    for (size_t t = 0; t < spoiled->table_count; t++)
        for (size_t c = 0; c < spoiled->tables[t].column_count; c++) {
            struct profile_column *column = &spoiled->tables[t].columns[c];
            if (sabotage == AUDIT_SHUFFLED)
                column->correlation = no_order(column);
            else if (sabotage == AUDIT_HALVED)
                halve(column);
            else
                move(arena, column);
        }
    return spoiled;
}
