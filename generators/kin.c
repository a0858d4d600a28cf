#include "generators/profiled.h"

#include "bench/base/rng.h"

#include <math.h>

/* A foreign key that shares columns with another one: (tenant, owner) beside (tenant, document). Its parent is one of those
 * with the same tenant, and equal values come from the same row that they are first made in: the parents are listed by it.
 * Of a table that refers to itself, (tenant, manager), they are earlier rows; the first of a tenant has none. The list is the only thing that grows with a table: four bytes for each parent. */

enum { MOST_PARENTS = 32 << 20 };

struct kin {
    uint32_t *first, *list; /* of each row that the shared value comes from: where its parents begin */
    int64_t groups;
    const struct distribution *nulls, *lead; /* lead: in a composite key, the other column's; NULL */
    uint64_t stream;
};

/* The row that a column's value is first made in; −1: it is null. */
static int64_t origin_row(const struct row_maker *maker, size_t column, int64_t row)
{
    const struct recipe *recipe = &maker->recipes[column];
    while (recipe->source == RECIPE_REFERENCE && recipe->reference->parent != NULL && row >= 0) {
        const struct reference *reference = recipe->reference;
        row = row_parent(maker, reference, row);
        maker = reference->parent;
        recipe = &maker->recipes[reference->key->parent_columns[recipe->position]];
    }
    return row;
}

static const struct row_maker *origin_maker(const struct row_maker *maker, size_t column)
{
    const struct recipe *recipe = &maker->recipes[column];
    for (int depth = 0; depth < 32 && recipe->source == RECIPE_REFERENCE && recipe->reference->parent != NULL;
         depth++) {
        maker = recipe->reference->parent;
        recipe = &maker->recipes[recipe->reference->key->parent_columns[recipe->position]];
    }
    return maker;
}

static void list_parents(struct arena *arena, struct kin *kin, const struct row_maker *parent, size_t column)
{
    size_t parents = (size_t)parent->rows;
    kin->first = arena_alloc(arena, ((size_t)kin->groups + 2) * sizeof *kin->first);
    kin->list = arena_alloc(arena, (parents + 1) * sizeof *kin->list);
    for (size_t i = 0; i < parents; i++) {
        int64_t group = origin_row(parent, column, (int64_t)i);
        if (group >= 0)
            kin->first[group + 2]++;
    }
    for (int64_t i = 2; i <= kin->groups + 1; i++)
        kin->first[i] += kin->first[i - 1];
    for (size_t i = 0; i < parents; i++) {
        int64_t group = origin_row(parent, column, (int64_t)i);
        if (group >= 0)
            kin->list[kin->first[group + 1]++] = (uint32_t)i;
    }
}

/* Share of the rows that no earlier one can be the parent of. */
static double share_of_first(const struct row_maker *maker, const struct kin *kin)
{
    int64_t count = 0;
    for (int64_t group = 0; group < kin->groups; group++)
        count += kin->first[group + 1] > kin->first[group];
    return maker->rows > 0 ? (double)count / (double)maker->rows : 0;
}

static const struct distribution *nulls_of(struct arena *arena, const struct row_maker *maker,
                                           const struct reference *reference)
{
    double ratio = reference->nullable ? 0.05 : 0;
    for (size_t i = 0; i < reference->key->column_count; i++) {
        const struct catalogue_column *column = &maker->table->columns[reference->key->columns[i]];
        const struct recipe *recipe = &maker->recipes[reference->key->columns[i]];
        if (reference->nullable && recipe->reference == reference && column->statistics != NULL)
            ratio = column->statistics->null_ratio;
    }
    double first = reference->self ? share_of_first(maker, reference->kin) : 0;
    ratio = first < 1 ? fmax(0, (ratio - first) / (1 - first)) : 0; /* of the others */
    const struct distribution_spec spec = {
        .stream = reference->stream, .rows = maker->rows, .null_ratio = ratio};
    return distribution_make(arena, &spec);
}

/* Every row that must have a parent has one, and in a composite key each of a value's rows another. */
static bool suffices(const struct row_maker *maker, const struct reference *reference)
{
    if (reference->nullable && reference->kin->lead == NULL)
        return true;
    for (int64_t row = 0; row < maker->rows; row++) {
        int64_t group = origin_row(maker, reference->shared, row);
        if (group < 0)
            continue;
        int64_t count = (int64_t)reference->kin->first[group + 1] - (int64_t)reference->kin->first[group];
        struct distribution_standing lead = {.nth = 0};
        if (reference->kin->lead != NULL && !distribution_standing(reference->kin->lead, row, &lead))
            continue;
        if (lead.nth >= count && !(reference->nullable && count == 0))
            return false;
    }
    return true;
}

bool kin_make(struct arena *arena, struct row_maker *maker, struct reference *reference, struct err *err)
{
    struct kin *kin = arena_alloc(arena, sizeof *kin);
    const struct catalogue_key *key = reference->key;
    const struct row_maker *parent = reference->parent;
    size_t column = key->column_count;
    for (size_t i = 0; i < key->column_count; i++)
        if (key->columns[i] == reference->shared)
            column = key->parent_columns[i];
    kin->groups = origin_maker(parent, column)->rows;
    kin->stream = reference->stream;
    kin->lead = reference->kin_lead;
    if (parent->rows > MOST_PARENTS)
        return err_set(
            err, ERR_ENVIRONMENT,
            "table %s, %s: it shares columns with another foreign key, and %lld parents are too many "
            "to be listed by them",
            maker->table->name, key->name, (long long)parent->rows);
    list_parents(arena, kin, parent, column);
    reference->kin = kin;
    kin->nulls = nulls_of(arena, maker, reference);
    return suffices(maker, reference) ||
           err_set(
               err, ERR_ENVIRONMENT,
               "table %s, %s: it shares columns with another foreign key, and some of their values have not "
               "parents enough in table %s",
               maker->table->name, key->name, parent->table->name);
}

/* Of the parents, which are listed in their order, those that come before this row. */
static uint64_t count_earlier(const struct kin *kin, int64_t group, int64_t row)
{
    uint64_t low = kin->first[group], high = kin->first[group + 1];
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if ((int64_t)kin->list[middle] < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low - kin->first[group];
}

int64_t kin_at(const struct row_maker *maker, const struct reference *reference, int64_t row)
{
    const struct kin *kin = reference->kin;
    int64_t group = origin_row(maker, reference->shared, row);
    if (group < 0 || (reference->nullable && distribution_at(kin->nulls, row).kind == ELEMENT_NULL))
        return -1;
    uint64_t count = reference->self ? count_earlier(kin, group, row)
                                     : kin->first[group + 1] - kin->first[group];
    struct distribution_standing lead = {.nth = 0};
    if (count == 0)
        return reference->self && !reference->nullable ? row : -1;
    uint64_t at;
    if (kin->lead != NULL && distribution_standing(kin->lead, row, &lead))
        at = rng_hash(kin->stream, (uint64_t)lead.element.kind * 31 + lead.element.index,
                      lead.element.value) %
                 count +
             (uint64_t)lead.nth;
    else
        at = rng_hash(kin->stream, 22, (uint64_t)row);
    return kin->list[kin->first[group] + at % count];
}
