#include "generators/pair.h"
#include "generators/scan_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A unique key of several columns where statistics say how often each value comes: the column with the most values goes by
 * its own, and another tells the rows of each of its values apart. */

struct reference *pair_reference(const struct pair *pair, size_t column)
{
    const struct recipe *recipe = &pair->maker->recipes[column];
    if (recipe->source != RECIPE_REFERENCE)
        return NULL;
    return &pair->maker->references[recipe->reference - pair->maker->references];
}

bool pair_holds(const struct pair *pair, const struct catalogue_key *inner)
{
    for (size_t i = 0; i < inner->column_count; i++) {
        size_t at = 0;
        while (at < pair->count && pair->columns[at] != inner->columns[i])
            at++;
        if (at == pair->count)
            return false;
    }
    return true;
}

/* What a column is made by: a foreign key inside this key, or its statistics. NULL: by neither. */
static const struct distribution *distribution_of(const struct pair *pair, size_t column)
{
    struct reference *reference = pair_reference(pair, column);
    struct recipe *recipe = &pair->maker->recipes[column];
    struct err ignored = {0};
    if (reference != NULL) {
        bool fits = (reference->mode == REFERENCE_PICK || reference->mode == REFERENCE_PROFILED) &&
                    reference->follow == NULL && !reference->self && pair_holds(pair, reference->key);
        return fits && reference->statistics != NULL &&
                       parents_make(pair->arena, pair->maker, reference, &ignored)
                   ? reference->fan_out
                   : NULL;
    }
    bool fits = profiled_is_known(recipe) || (recipe->source == RECIPE_PROFILED && recipe->follow == NULL);
    return fits && profiled_make(pair->arena, pair->maker, recipe, NULL, &ignored) ? recipe->distribution
                                                                                   : NULL;
}

/* Where nothing is known, it may be so. */
static bool looks_counted(const struct pair *pair, const struct profile_column *statistics,
                          const struct distribution *lead)
{
    if (statistics == NULL || statistics->bound_count + statistics->mcv_count == 0)
        return true;
    double *share = arena_alloc(pair->arena, (statistics->mcv_count + 1) * sizeof *share);
    return (statistics->bound_count > 0 || pair_numbers(statistics, share)) &&
           pair_looks_numbered(statistics, lead);
}

/* Small numbers that count within the other column's value: lines of an order. */
static bool counts(const struct pair *pair, size_t column, const struct distribution *lead)
{
    struct recipe *recipe = &pair->maker->recipes[column];
    if (recipe->source != RECIPE_DRAWN || recipe->spec.kind == NULL || recipe->spec.labels != NULL ||
        recipe->spec.element != NULL || !value_kind_is_integer(recipe->spec.kind))
        return false;
    int64_t most = distribution_most(lead), high;
    const struct profile_column *statistics = recipe->column->statistics;
    if (statistics != NULL && statistics->distinct > 4 * (double)most + 16)
        return false;
    struct value_spec wide = recipe->spec;
    value_kind_range(wide.kind, &wide.low, &high);
    wide.low = pair_starts_at_zero(statistics) ? 0 : 1;
    wide.high = recipe->capped ? recipe->spec.high : high;
    if (value_capacity(&wide) < most + 2)
        return false;
    recipe->spec = wide;
    recipe->source = RECIPE_COUNTED;
    recipe->distribution = lead;
    return true;
}

static bool counts_along(const struct pair *pair, size_t column, const struct distribution *lead, bool any)
{
    return (any || looks_counted(pair, pair->maker->recipes[column].column->statistics, lead)) &&
           counts(pair, column, lead);
}

static bool follows(const struct pair *pair, size_t column, const struct distribution *lead)
{
    struct reference *reference = pair_reference(pair, column);
    struct recipe *recipe = &pair->maker->recipes[column];
    if (reference != NULL && reference->mode == REFERENCE_KIN && reference->kin_lead == NULL &&
        pair_holds(pair, reference->key) && pair_reference(pair, reference->shared)->fan_out == lead) {
        reference->kin_lead = lead;
        return true;
    }
    const struct distribution *own = distribution_of(pair, column);
    const struct follow *follow = NULL;
    if (own != NULL && own != lead && (reference == NULL || !reference->leads) && !recipe->leads)
        follow = follow_make(pair->arena, recipe->stream, lead, own);
    if (follow == NULL)
        return false;
    if (reference != NULL) {
        reference->follow = follow;
    } else {
        recipe->follow = follow;
        recipe->source = RECIPE_PROFILED;
    }
    return true;
}

static void set_lead(const struct pair *pair, size_t column)
{
    struct reference *reference = pair_reference(pair, column);
    struct recipe *recipe = &pair->maker->recipes[column];
    if (reference != NULL)
        reference->leads = true;
    else
        recipe->leads = true;
    if (recipe->source == RECIPE_DRAWN)
        recipe->source = RECIPE_PROFILED;
}

/* Foreign keys that were tried in vain are free for another way. */
static void give_up(const struct pair *pair)
{
    for (size_t i = 0; i < pair->count; i++) {
        struct reference *reference = pair_reference(pair, pair->columns[i]);
        if (reference != NULL && reference->mode == REFERENCE_PROFILED && !reference->leads &&
            reference->follow == NULL) {
            reference->mode = REFERENCE_PICK;
            reference->fan_out = NULL;
        }
    }
}

bool alone_claim(struct arena *arena, struct row_maker *maker, size_t column)
{
    struct recipe *recipe = &maker->recipes[column];
    struct err ignored = {0};
    if (!profiled_is_known(recipe) || !profiled_make(arena, maker, recipe, NULL, &ignored) ||
        distribution_most(recipe->distribution) != 1)
        return false;
    recipe->source = RECIPE_PROFILED;
    recipe->unique = recipe->leads = true;
    return true;
}

struct lead {
    size_t column;
    const struct distribution *distribution;
    double order;
};

/* What lies in the order of the rows goes first: the others are told apart within its values. Else what has most values. */
static int by_order(const void *left, const void *right)
{
    const struct lead *a = left, *b = right;
    int64_t more = distribution_distinct(b->distribution) - distribution_distinct(a->distribution);
    if (a->order != b->order)
        return a->order > b->order ? -1 : 1;
    return more != 0 ? (more < 0 ? -1 : 1) : a->column < b->column ? -1 : 1;
}

static size_t find_leads(const struct pair *pair, struct lead *list)
{
    static const double some = 0.5;
    size_t found = 0;
    for (size_t i = 0; i < pair->count; i++) {
        const struct distribution *one = distribution_of(pair, pair->columns[i]);
        const struct profile_column *statistics = pair->maker->recipes[pair->columns[i]].column->statistics;
        double order = statistics != NULL && isfinite(statistics->correlation) ? fabs(statistics->correlation)
                                                                               : 0;
        if (one != NULL)
            list[found++] = (struct lead){pair->columns[i], one, order > some ? round(order * 20) : 0};
    }
    qsort(list, found, sizeof *list, by_order);
    return found;
}

enum way { NUMBERED, FOLLOWING, ANY_NUMBER };

static bool goes_along(const struct pair *pair, enum way way, const struct lead *lead)
{
    for (size_t i = 0; i < pair->count; i++) {
        size_t column = pair->columns[i];
        if (column != lead->column &&
            (way == FOLLOWING ? follows(pair, column, lead->distribution)
                              : counts_along(pair, column, lead->distribution, way == ANY_NUMBER))) {
            set_lead(pair, lead->column);
            return true;
        }
    }
    return false;
}

static bool any_goes_along(const struct pair *pair, enum way way, const struct lead *list, size_t leads,
                           bool ordered)
{
    for (size_t i = 0; i < leads; i++)
        if ((list[i].order > 0) == ordered && goes_along(pair, way, &list[i]))
            return true;
    return false;
}

bool pair_claim(struct arena *arena, struct row_maker *maker, const size_t *columns, size_t count)
{
    const struct pair pair = {arena, maker, columns, count};
    for (size_t i = 0; i < count; i++)
        if (columns[i] >= maker->table->column_count)
            return false;
    pair_learn(&pair);
    pair_limit(&pair);
    struct lead *list = arena_alloc(arena, (count + 1) * sizeof *list);
    size_t leads = find_leads(&pair, list);
    for (size_t i = 0; i < leads; i++)
        if (alone_claim(arena, maker, list[i].column))
            return true;
    /* The order of the rows is worth more than what a follower's values are. */
    if (any_goes_along(&pair, NUMBERED, list, leads, true) ||
        any_goes_along(&pair, FOLLOWING, list, leads, true) ||
        any_goes_along(&pair, NUMBERED, list, leads, false) ||
        any_goes_along(&pair, ANY_NUMBER, list, leads, true) ||
        any_goes_along(&pair, FOLLOWING, list, leads, false) ||
        any_goes_along(&pair, ANY_NUMBER, list, leads, false))
        return true;
    give_up(&pair);
    return false;
}

/* ---- keys that nobody declared ---- */

static size_t place_of(const struct catalogue_table *table, const char *name)
{
    size_t at = 0;
    while (at < table->column_count && strcmp(table->columns[at].name, name) != 0)
        at++;
    return at;
}

/* A fresh index of two columns is as large as if all its pairs were different, though by chance many would be alike. */
static bool looks_unique(const struct profile_table *source, const struct profile_index *index)
{
    static const double near = 0.98, fresh = 1.03, alike = 0.97;
    double rows = source->rows, combinations = 1, width = 0;
    if (index->unique || index->partial || index->column_count != 2 || index->columns[0] < 0 ||
        index->columns[1] < 0 || rows < 1000)
        return false;
    for (size_t i = 0; i < 2; i++) {
        const struct profile_column *column = &source->columns[index->columns[i]];
        if (!(column->distinct > 1) || column->null_ratio > 0)
            return false;
        combinations *= column->distinct;
        width += column->width_bytes;
    }
    if (combinations < rows || -combinations * expm1(-rows / combinations) > alike * rows)
        return false;
    if (index->prefix_distinct != NULL)
        return index->prefix_distinct[1] >= near * rows;
    double all = isfinite(width) ? scan_index_pages(index, rows, width) : INFINITY;
    return index->deduplicated && (double)index->pages >= near * all && (double)index->pages <= fresh * all;
}

void pair_claim_indexes(struct arena *arena, struct row_maker *maker)
{
    const struct profile_table *source = maker->table->profile;
    for (size_t i = 0; source != NULL && i < source->index_count; i++) {
        const struct profile_index *index = &source->indexes[i];
        if (!looks_unique(source, index))
            continue;
        const size_t columns[] = {place_of(maker->table, source->columns[index->columns[0]].name),
                                  place_of(maker->table, source->columns[index->columns[1]].name)};
        pair_claim(arena, maker, columns, 2);
    }
}
