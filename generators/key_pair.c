#include "generators/profiled.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A unique key of several columns where statistics say how often each value comes: the column with the most values goes by
 * its own, and another tells the rows of each of its values apart. */

struct pair {
    struct arena *arena;
    struct row_maker *maker;
    const size_t *columns;
    size_t count;
};

static struct reference *reference_of(const struct pair *pair, size_t column)
{
    const struct recipe *recipe = &pair->maker->recipes[column];
    if (recipe->source != RECIPE_REFERENCE)
        return NULL;
    return &pair->maker->references[recipe->reference - pair->maker->references];
}

static bool within(const struct catalogue_key *inner, const struct pair *pair)
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
    struct reference *reference = reference_of(pair, column);
    struct recipe *recipe = &pair->maker->recipes[column];
    struct err ignored = {0};
    if (reference != NULL) {
        bool fits = (reference->mode == REFERENCE_PICK || reference->mode == REFERENCE_PROFILED) &&
                    reference->follow == NULL && !reference->self && within(reference->key, pair);
        return fits && reference->statistics != NULL &&
                       parents_make(pair->arena, pair->maker, reference, &ignored)
                   ? reference->fan_out
                   : NULL;
    }
    bool fits = profiled_is_known(recipe) || (recipe->source == RECIPE_PROFILED && recipe->follow == NULL);
    return fits && profiled_make(pair->arena, pair->maker, recipe, NULL, &ignored) ? recipe->distribution
                                                                                   : NULL;
}

static bool starts_at_zero(const struct profile_column *statistics)
{
    for (size_t i = 0; statistics != NULL && i < statistics->mcv_count; i++)
        if (strcmp(statistics->mcv[i].value, "0") == 0)
            return true;
    return statistics != NULL && statistics->bound_count > 0 && strcmp(statistics->bounds[0], "0") == 0;
}

/* Lines that are numbered within their order tell how many orders have at least so many: the share of each number, which
 * falls from one to the next. False: it is no such column. */
static bool read_numbers(const struct profile_column *statistics, double *share, size_t count)
{
    int64_t first = starts_at_zero(statistics) ? 0 : 1;
    for (size_t i = 0; i < count; i++) {
        char *end;
        int64_t at = strtoll(statistics->mcv[i].value, &end, 10) - first;
        if (*end != '\0' || at < 0 || at >= (int64_t)count || share[at] > 0)
            return false;
        share[at] = statistics->mcv[i].share;
    }
    for (size_t i = 1; i < count; i++)
        if (share[i] > share[i - 1] * 1.02)
            return false;
    return true;
}

/* A complete list tells; where there is none, it may be so. */
static bool looks_counted(const struct pair *pair, const struct profile_column *statistics)
{
    if (statistics == NULL || statistics->bound_count > 0 || statistics->mcv_count == 0)
        return true;
    return read_numbers(statistics, arena_alloc(pair->arena, (statistics->mcv_count + 1) * sizeof(double)),
                        statistics->mcv_count);
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
    wide.low = starts_at_zero(statistics) ? 0 : 1;
    wide.high = recipe->capped ? recipe->spec.high : high;
    if (value_capacity(&wide) < most + 2)
        return false;
    recipe->spec = wide;
    recipe->source = RECIPE_COUNTED;
    recipe->distribution = lead;
    return true;
}

static bool follows(const struct pair *pair, size_t column, const struct distribution *lead, bool any)
{
    struct reference *reference = reference_of(pair, column);
    struct recipe *recipe = &pair->maker->recipes[column];
    if ((any || looks_counted(pair, recipe->column->statistics)) && counts(pair, column, lead))
        return true;
    if (reference != NULL && reference->mode == REFERENCE_KIN && reference->kin_lead == NULL &&
        within(reference->key, pair) && reference_of(pair, reference->shared)->fan_out == lead) {
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
    struct reference *reference = reference_of(pair, column);
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
        struct reference *reference = reference_of(pair, pair->columns[i]);
        if (reference != NULL && reference->mode == REFERENCE_PROFILED && !reference->leads &&
            reference->follow == NULL) {
            reference->mode = REFERENCE_PICK;
            reference->fan_out = NULL;
        }
    }
}

static void learn_counts(const struct pair *pair, struct reference *reference, size_t column)
{
    const struct recipe *recipe = &pair->maker->recipes[column];
    const struct profile_column *statistics = recipe->column->statistics;
    if (!profiled_is_known(recipe) || statistics->bound_count > 0 || statistics->mcv_count == 0 ||
        statistics->null_ratio > 0 || !value_kind_is_integer(recipe->spec.kind))
        return;
    size_t count = statistics->mcv_count, kept = 0;
    double *share = arena_alloc(pair->arena, (count + 1) * sizeof *share);
    struct profile_count *counts = arena_alloc(pair->arena, count * sizeof *counts);
    if (!read_numbers(statistics, share, count))
        return;
    for (size_t i = 0; i < count; i++) {
        double values = round((share[i] - share[i + 1]) * pair->maker->table->profile->rows);
        if (values > 0)
            counts[kept++] = (struct profile_count){.rows = (int64_t)i + 1, .values = (int64_t)values};
    }
    reference->counts = counts;
    reference->count_count = kept;
}

static void learn(const struct pair *pair)
{
    for (size_t i = 0; i < pair->count; i++) {
        struct reference *reference = reference_of(pair, pair->columns[i]);
        if (reference == NULL || reference->fan_out != NULL || reference->counts != NULL ||
            reference->key->column_count + 1 != pair->count || !within(reference->key, pair))
            continue;
        for (size_t j = 0; j < pair->count; j++)
            if (reference_of(pair, pair->columns[j]) == NULL)
                learn_counts(pair, reference, pair->columns[j]);
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

bool pair_claim(struct arena *arena, struct row_maker *maker, const size_t *columns, size_t count)
{
    const struct pair pair = {arena, maker, columns, count};
    const struct distribution *lead = NULL;
    size_t first = 0;
    for (size_t i = 0; i < count; i++)
        if (columns[i] >= maker->table->column_count)
            return false;
    learn(&pair);
    for (size_t i = 0; i < count; i++) {
        const struct distribution *one = distribution_of(&pair, columns[i]);
        if (one != NULL && (lead == NULL || distribution_distinct(one) > distribution_distinct(lead))) {
            lead = one;
            first = i;
        }
    }
    if (lead != NULL && alone_claim(arena, maker, columns[first]))
        return true;
    for (size_t i = 0; lead != NULL && i < 2 * count; i++) /* the second time any number counts */
        if (i % count != first && follows(&pair, columns[i % count], lead, i >= count)) {
            set_lead(&pair, columns[first]);
            return true;
        }
    give_up(&pair);
    return false;
}
