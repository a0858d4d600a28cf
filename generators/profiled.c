#include "generators/profiled.h"

#include "generators/check.h"
#include "generators/distinct.h"
#include "generators/ordered.h"
#include "generators/rule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool profiled_is_known(const struct recipe *recipe)
{
    return recipe->source == RECIPE_DRAWN && recipe->column->statistics != NULL;
}

/* Of a tenth of the rows, each value is missed by a tenth to the power of its rows; more rows have more values only where
 * the source's values were about as many as its rows. */
double profiled_distinct(double distinct, double source_rows, int64_t rows)
{
    static const double proportional = 0.1; /* as the server's own estimator takes it */
    if (distinct <= 0 || source_rows <= 0)
        return 0;
    double scale = (double)rows / source_rows;
    if (fabs(scale - 1) < 1e-9)
        return distinct;
    if (scale > 1)
        return distinct > proportional * source_rows ? distinct * scale : distinct;
    double each = fmax(1, source_rows / distinct);
    return fmin((double)rows, distinct * -expm1(each * log1p(-scale)));
}

/* ---- what CHECKs allow ---- */

struct limits {
    long double low, high; /* inclusive, if there */
    bool has_low, has_high;
    int digits; /* behind the point */
};

static struct limits limits_of(struct arena *arena, const struct catalogue_table *table,
                               const struct catalogue_column *column)
{
    struct check_bounds bounds = {0};
    struct limits limits = {0};
    const struct value_kind *kind = value_kind_find(column->base_type);
    if (kind == NULL || !value_kind_is_number(kind))
        return limits;
    for (size_t i = 0; i < table->check_count; i++)
        check_read(arena, table->lexis, table->checks[i].definition, column->name, &bounds);
    limits.digits = value_kind_is_integer(kind) ? 0 : column->scale >= 0 ? column->scale : 6;
    long double unit = powl(10, -limits.digits);
    limits.has_low = bounds.low != NULL;
    limits.has_high = bounds.high != NULL;
    if (limits.has_low)
        limits.low = strtold(bounds.low, NULL) + (bounds.low_open ? unit : 0);
    if (limits.has_high)
        limits.high = strtold(bounds.high, NULL) - (bounds.high_open ? unit : 0);
    return limits;
}

static const char *clamped(struct arena *arena, const struct limits *limits, const char *literal)
{
    long double value = strtold(literal, NULL);
    bool low = limits->has_low && value < limits->low, high = limits->has_high && value > limits->high;
    return low || high ? arena_printf(arena, "%.*Lf", limits->digits, low ? limits->low : limits->high)
                       : literal;
}

const struct profile_column *profiled_clamped(struct arena *arena, const struct catalogue_table *table,
                                              const struct recipe *recipe)
{
    const struct profile_column *statistics = recipe->column->statistics;
    struct limits limits = limits_of(arena, table, recipe->column);
    if (!limits.has_low && !limits.has_high)
        return statistics;
    struct profile_column *copy = arena_alloc(arena, sizeof *copy);
    *copy = *statistics;
    copy->bounds = arena_alloc(arena, (copy->bound_count + 1) * sizeof *copy->bounds);
    copy->mcv = arena_alloc(arena, (copy->mcv_count + 1) * sizeof *copy->mcv);
    for (size_t i = 0; i < copy->bound_count; i++)
        copy->bounds[i] = clamped(arena, &limits, statistics->bounds[i]);
    for (size_t i = 0; i < copy->mcv_count; i++)
        copy->mcv[i] = (struct profile_atom){statistics->mcv[i].share,
                                             clamped(arena, &limits, statistics->mcv[i].value)};
    return copy;
}

/* ---- a column ---- */

static const struct profile_column *with_more(struct arena *arena, const struct profile_column *statistics,
                                              const struct profiled_rest *rest)
{
    if (rest == NULL || rest->more_count == 0)
        return statistics;
    struct profile_column *copy = arena_alloc(arena, sizeof *copy);
    *copy = *statistics;
    copy->mcv = arena_alloc(arena, (copy->mcv_count + rest->more_count) * sizeof *copy->mcv);
    for (size_t i = 0; i < statistics->mcv_count; i++)
        copy->mcv[i] = statistics->mcv[i];
    for (size_t i = 0; i < rest->more_count; i++)
        copy->mcv[copy->mcv_count++].value = rest->more[i];
    return copy;
}

/* Rows that hold no atom are in buckets, or in one of everything where no bounds are known. */
static size_t buckets_of(const struct render *render, const struct profile_column *statistics)
{
    double rest = 1 - statistics->null_ratio;
    if (statistics->bound_count > 1)
        return statistics->bound_count - 1;
    for (size_t i = 0; i < statistics->mcv_count; i++)
        rest -= statistics->mcv[i].share;
    bool complete = statistics->mcv_count > 0 &&
                    (rest < 1e-3 || (statistics->distinct_reported > 0 &&
                                     statistics->distinct_reported <= (double)statistics->mcv_count));
    return complete || !(render_capacity(render, 0) > 0) ? 0 : 1;
}

/* Shares of what is left when others have made theirs. */
static void leave_rest(const struct row_maker *maker, const struct profiled_rest *rest,
                       struct distribution_spec *spec, double *share)
{
    double rows = (double)maker->rows, left = (double)rest->rows;
    spec->rows = rest->rows;
    spec->null_ratio = left > 0 ? fmax(0, (round(spec->null_ratio * rows) - (double)rest->nulls) / left) : 0;
    for (size_t i = 0; i < spec->atom_count; i++) {
        double still = round(share[i] * rows) - (double)rest->used[i];
        if (rest->used[i] > 0 && still <= 0 && spec->distinct > 1)
            spec->distinct--;
        share[i] = left > 0 ? fmax(0, still) / left : 0;
    }
}

static double distinct_of(const struct profile_column *statistics, double source_rows)
{
    if (statistics->distinct > 0)
        return statistics->distinct;
    return statistics->distinct_reported < 0 ? -statistics->distinct_reported * source_rows
                                             : statistics->distinct_reported;
}

/* Of the rows that are not null. */
static double distinct_in(const struct row_maker *maker, const struct profile_column *statistics,
                          double source_rows)
{
    double filled = 1 - statistics->null_ratio;
    return profiled_distinct(distinct_of(statistics, source_rows), source_rows * filled,
                             (int64_t)llround((double)maker->rows * filled));
}

static void place_atoms(struct arena *arena, const struct render *render, struct distribution_spec *spec)
{
    size_t *bucket = arena_alloc(arena, (spec->atom_count + 1) * sizeof *bucket);
    double *within = arena_alloc(arena, (spec->atom_count + 1) * sizeof *within);
    double *capacity = arena_alloc(arena, (spec->bucket_count + 1) * sizeof *capacity);
    for (size_t i = 0; i < spec->atom_count; i++)
        render_place(render, i, &bucket[i], &within[i]);
    for (size_t i = 0; i < spec->bucket_count; i++)
        capacity[i] = render_capacity(render, i);
    spec->atom_bucket = bucket;
    spec->atom_within = within;
    spec->bucket_capacity = capacity;
}

void profiled_tail(const struct profile_table *source, const struct profile_column *statistics,
                   double parents, double capacity, struct distribution_spec *spec)
{
    struct distinct_facts facts = {.rows = source->rows,
                                   .sample_rows = fmin(source->sample_rows, source->rows),
                                   .pages = source->pages > 0 ? (double)source->pages : 0,
                                   .parent_rows = parents,
                                   .capacity = isfinite(capacity) ? capacity : 0};
    for (size_t i = 0; i < source->column_count; i++)
        if (strcmp(source->columns[i].name, statistics->name) == 0)
            distinct_ask_indexes(source, i, &facts);
    struct distinct_tail tail = distinct_tail(&facts, statistics);
    spec->tail_share = tail.share;
    spec->tail_slope = tail.slope;
    spec->tail_spread = tail.spread;
    spec->tail_single = tail.single;
    spec->tail_exact = tail.exact;
}

/* One sample tells of all columns of a table: those with as many nulls in it, to the row, are null together. Where nulls, or
 * the others, are so few that they may be as many by chance, it tells nothing: npq is the number's variance. */
uint64_t profiled_null_stream(const struct row_maker *maker, size_t column)
{
    static const double telling = 200;
    const struct profile_table *source = maker->table->profile;
    const struct profile_column *own = maker->table->columns[column].statistics;
    double sample = source == NULL ? 0 : fmin(source->sample_rows, source->rows);
    size_t first = column;
    if (own == NULL || !(sample * own->null_ratio * (1 - own->null_ratio) >= telling))
        return maker->recipes[column].stream;
    for (size_t i = column; i-- > 0;) {
        const struct catalogue_column *other = &maker->table->columns[i];
        if (other->statistics != NULL && !other->not_null &&
            fabs(other->statistics->null_ratio - own->null_ratio) * sample < 0.5)
            first = i;
    }
    return maker->recipes[first].stream;
}

bool profiled_make(struct arena *arena, const struct row_maker *maker, struct recipe *recipe,
                   const struct profiled_rest *rest, struct err *err)
{
    if (recipe->distribution != NULL)
        return true;
    double source_rows = maker->table->profile != NULL ? maker->table->profile->rows : 0;
    const struct profile_column *statistics = with_more(arena, profiled_clamped(arena, maker->table, recipe),
                                                        rest);
    recipe->render = render_make(arena, recipe->stream, maker->table, recipe->column, statistics, err);
    if (recipe->render == NULL)
        return false;
    double *share = arena_alloc(arena, (statistics->mcv_count + 1) * sizeof *share);
    for (size_t i = 0; i < statistics->mcv_count; i++)
        share[i] = statistics->mcv[i].share;
    struct distribution_spec spec = {
        .stream = recipe->stream,
        .null_stream = profiled_null_stream(maker, (size_t)(recipe - maker->recipes)),
        .rows = maker->rows,
        .null_ratio = recipe->column->not_null ? 0 : statistics->null_ratio,
        .atom_share = share,
        .atom_count = statistics->mcv_count,
        .bucket_count = buckets_of(recipe->render, statistics),
        .distinct = distinct_in(maker, statistics, source_rows),
        .counts = statistics->counts,
        .count_count = statistics->count_count,
        .continuous = render_is_continuous(recipe->render),
        .correlation = statistics->correlation,
    };
    if (statistics->bound_count > 1) {
        spec.bucket_share = statistics->bucket_share;
        spec.bucket_distinct = statistics->bucket_distinct;
    }
    place_atoms(arena, recipe->render, &spec);
    double capacity = 0;
    for (size_t i = 0; i < spec.bucket_count; i++)
        capacity += spec.bucket_capacity[i];
    if (maker->table->profile != NULL && source_rows > 0)
        profiled_tail(maker->table->profile, statistics, 0, capacity, &spec);
    if (rest != NULL)
        leave_rest(maker, rest, &spec, share);
    recipe->distribution = distribution_make(arena, &spec);
    return true;
}

/* ---- a table ---- */

/* Nothing but nulls: of any type. */
static bool is_null(const struct recipe *recipe)
{
    return profiled_is_known(recipe) && !recipe->column->not_null &&
           recipe->column->statistics->null_ratio >= 1;
}

static bool finish_column(struct arena *arena, const struct row_maker *maker, struct recipe *recipe,
                          struct err *err)
{
    static const char *const no_fields[] = {NULL};
    if (is_null(recipe)) {
        recipe->source = RECIPE_GIVEN;
        recipe->spec.label_count = 0;
        recipe->spec.fields = no_fields;
    } else if (profiled_is_known(recipe)) {
        recipe->source = RECIPE_PROFILED;
        return profiled_make(arena, maker, recipe, NULL, err);
    }
    return recipe->source != RECIPE_DRAWN || recipe->spec.kind != NULL || recipe->spec.labels != NULL ||
           recipe_cannot(maker->table, recipe->column, err);
}

/* Rows that have each their own parent: nulls, and how they lie. */
static void order_each(struct arena *arena, const struct row_maker *maker, struct reference *reference)
{
    const struct profile_column *statistics = reference->statistics;
    if (statistics == NULL || reference->self || reference->key->column_count != 1)
        return;
    const struct distribution_spec spec = {
        .stream = reference->stream,
        .rows = maker->rows,
        .null_ratio = reference->nullable ? statistics->null_ratio : 0,
        .correlation = isfinite(statistics->correlation) ? statistics->correlation : 1};
    reference->order = distribution_make(arena, &spec);
}

static void make_nulls(struct arena *arena, const struct row_maker *maker, struct reference *reference)
{
    struct distribution_spec spec = {.stream = reference->stream + 1, .rows = maker->rows};
    for (size_t i = 0; i < reference->key->column_count; i++) {
        const struct catalogue_column *column = &maker->table->columns[reference->key->columns[i]];
        if (!column->not_null && column->statistics != NULL)
            spec.null_ratio = fmax(spec.null_ratio, column->statistics->null_ratio);
    }
    reference->nulls = distribution_make(arena, &spec);
}

bool profiled_finish(struct arena *arena, struct row_maker *maker, struct err *err)
{
    if (!joint_make(arena, maker, err))
        return false;
    for (size_t i = 0; i < maker->table->column_count; i++)
        if (!finish_column(arena, maker, &maker->recipes[i], err))
            return false;
    for (size_t i = 0; i < maker->reference_count; i++) {
        struct reference *reference = &maker->references[i];
        if (reference->mode == REFERENCE_PICK && reference->statistics != NULL &&
            !parents_make(arena, maker, reference, err))
            return false;
        if (reference->mode == REFERENCE_EACH)
            order_each(arena, maker, reference);
        if (reference->partial && reference->mode == REFERENCE_PROFILED)
            reference->nulls = reference->fan_out;
        else if (reference->partial)
            make_nulls(arena, maker, reference);
    }
    if (!rules_make(arena, maker, err))
        return false;
    ordered_make(arena, maker);
    if (!ties_make(arena, maker, err))
        return false;
    for (size_t i = 0; i < maker->reference_count; i++)
        if (maker->references[i].mode == REFERENCE_KIN && !kin_make(arena, maker, &maker->references[i], err))
            return false;
    return true;
}
