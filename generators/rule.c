#include "generators/rule.h"

#include "bench/base/rng.h"
#include "generators/profiled.h"
#include "generators/render_ordinal.h"
#include "generators/value_kind.h"

#include <math.h>
#include <string.h>

enum { DEEP = 32, DIGITS = 6 };

struct rule_step {
    const struct render_codec *from, *to; /* moments; of numbers `to` alone */
    struct render_ordinal ordinal;        /* numbers: its scale */
    int64_t unit;           /* all distances are multiples of so many µs, or of numbers' finest units */
    double low, high, bend; /* in these units */
    int digits;             /* of a second's fraction that distances have */
};

static bool wrong(const struct row_maker *maker, const struct recipe *recipe, struct err *err,
                  const char *why)
{
    const struct catalogue_rule *rule = recipe->column->rule;
    return err_at(err, rule->file, rule->line, rule->place, "table %s, column %s: %s", maker->table->name,
                  recipe->column->name, why);
}

/* ---- copies ---- */

/* Rows that agree by chance, when both are drawn. */
static double by_chance(const struct profile_column *a, const struct profile_column *b, bool draws)
{
    double sum = 0;
    a = draws ? b : a;
    for (size_t i = 0; a != NULL && b != NULL && i < a->mcv_count; i++)
        for (size_t j = 0; j < b->mcv_count; j++)
            if (strcmp(a->mcv[i].value, b->mcv[j].value) == 0)
                sum += a->mcv[i].share * b->mcv[j].share;
    return sum;
}

static bool same_family(const struct catalogue_column *a, const struct catalogue_column *b)
{
    const struct value_kind *x = value_kind_find(a->base_type), *y = value_kind_find(b->base_type);
    if (strcmp(a->base_type, b->base_type) == 0)
        return true;
    return x != NULL && y != NULL &&
           ((value_kind_is_text(x) && value_kind_is_text(y)) ||
            (value_kind_is_integer(x) && value_kind_is_integer(y)));
}

static bool find_parent(struct row_maker *maker, const struct recipe *recipe, struct rule *rule,
                        struct err *err)
{
    for (size_t i = 0; i < maker->reference_count && rule->reference == NULL; i++)
        if (maker->references[i].key == rule->told->key)
            rule->reference = &maker->references[i];
    if (rule->reference == NULL || rule->reference->parent == NULL)
        return wrong(maker, recipe, err, "the parents that it is to agree with are not made by this fill");
    if (rule->reference->self)
        return wrong(maker, recipe, err,
                     "the foreign key refers to the table itself: a chain of rows has no end");
    rule->of = rule->reference->parent;
    return true;
}

/* Surrogates of two columns are different even where the source's values are the same. */
static bool has_literals(const struct profile_column *statistics)
{
    return statistics != NULL && statistics->values == PROFILE_KEPT;
}

static bool make_copies(struct row_maker *maker, const struct recipe *recipe, struct rule *rule,
                        struct err *err)
{
    if (rule->told->key != NULL && !find_parent(maker, recipe, rule, err))
        return false;
    const struct catalogue_column *other = &rule->of->table->columns[rule->other];
    if (!same_family(other, recipe->column)) {
        wrong(maker, recipe, err, "it cannot hold what the other column does");
        return err_hint(err, "%s is of type %s, %s.%s of type %s", recipe->column->name, recipe->column->type,
                        rule->of->table->name, other->name, other->type);
    }
    rule->draws = !has_literals(recipe->column->statistics) || !has_literals(other->statistics);
    double chance = fmin(0.999, by_chance(recipe->column->statistics, other->statistics, rule->draws));
    rule->copies = fmax(0, (rule->told->share - chance) / (1 - chance));
    rule->binary = strcmp(other->base_type, recipe->column->base_type) == 0 &&
                   value_binary_agrees(&rule->of->recipes[rule->other].spec, &recipe->spec);
    return true;
}

bool rule_copies(const struct rule *rule, int64_t row)
{
    return (double)(rng_hash(rule->stream, 41, (uint64_t)row) >> 11) * 0x1p-53 < rule->copies;
}

int64_t rule_drawn(const struct rule *rule, int64_t row)
{
    if (!rule->draws || rule->of->rows <= 0)
        return -1;
    __extension__ unsigned __int128 at = rng_hash(rule->stream, 44, (uint64_t)row);
    return (int64_t)(at * (uint64_t)rule->of->rows >> 64);
}

/* ---- distances ---- */

static bool is_date(const struct render_codec *codec)
{
    return strcmp(codec->types[0], "date") == 0;
}

static int fraction_digits(const char *text)
{
    const char *point = strrchr(text, '.');
    int digits = point == NULL ? 0 : (int)strspn(point + 1, "0123456789");
    return digits < DIGITS ? digits : DIGITS;
}

/* The coarsest unit that the plan's numbers are multiples of, and the source's moments; a day has no fraction. */
static void choose_unit(const struct catalogue_rule *told, const struct profile_column *statistics,
                        struct rule_step *step)
{
    static const struct {
        int64_t us;
        int digits;
    } units[] = {{VALUE_US_PER_S, 0}, {1000, 3}, {1, 6}};
    size_t at = 0;
    for (size_t i = 0; statistics != NULL && i < statistics->bound_count; i++)
        while (fraction_digits(statistics->bounds[i]) > units[at].digits)
            at++;
    while (fmod(told->low, (double)units[at].us) != 0 || fmod(told->high, (double)units[at].us) != 0)
        at++;
    step->unit = is_date(step->to) ? VALUE_US_PER_DAY : units[at].us;
    step->digits = is_date(step->to) ? 0 : units[at].digits;
}

static bool make_step(struct arena *arena, struct row_maker *maker, const struct recipe *recipe,
                      struct rule *rule, struct err *err)
{
    const struct catalogue_rule *told = rule->told;
    const struct catalogue_column *other = &maker->table->columns[rule->other];
    const struct value_kind *a = value_kind_find(recipe->column->base_type),
                            *b = value_kind_find(other->base_type);
    struct rule_step *step = arena_alloc(arena, sizeof *step);
    step->from = render_codec_find(told->moments ? render_moments : render_numbers, other->base_type);
    step->to = render_codec_find(told->moments ? render_moments : render_numbers, recipe->column->base_type);
    step->ordinal = (struct render_ordinal){.codec = step->to, .scale = 0, .finest = 1, .declared = true};
    bool fits = a != NULL && b != NULL && step->from != NULL && step->to != NULL &&
                (told->moments ? value_kind_is_moment(a) && value_kind_is_moment(b)
                               : value_kind_is_number(a) && value_kind_is_number(b) &&
                                     (value_kind_is_integer(a) ||
                                      step->to == render_codec_find(render_numbers, "numeric")));
    if (!fits) {
        wrong(maker, recipe, err, "it cannot come after the other column");
        return err_hint(
            err,
            "\"after\" takes durations between dates and timestamps, numbers between whole and decimal"
            " numbers; %s is of type %s, %s of type %s",
            recipe->column->name, recipe->column->type, other->name, other->type);
    }
    if (told->moments)
        choose_unit(told, recipe->column->statistics, step);
    else
        step->ordinal.scale = value_kind_is_integer(a)    ? 0
                              : recipe->column->scale < 0 ? 2
                                                          : recipe->column->scale;
    double unit = told->moments ? (double)step->unit : pow(10, -step->ordinal.scale);
    step->low = ceil(told->low / unit - 1e-9);
    step->high = floor(told->high / unit + 1e-9);
    step->bend = isnan(told->median) ? 1 : log2((told->high - told->low) / (told->median - told->low));
    rule->step = step;
    rule->binary = step->to->binary != NULL;
    return step->high >= step->low || wrong(maker, recipe, err, "by: there is nothing between min and max");
}

static void make_nulls(struct arena *arena, const struct row_maker *maker, const struct recipe *recipe,
                       struct rule *rule)
{
    double ratio = rule->told->nulls;
    if (isnan(ratio))
        ratio = recipe->column->statistics != NULL && rule->told->when_values == NULL
                    ? recipe->column->statistics->null_ratio
                    : 0;
    const struct distribution_spec spec = {
        .stream = rng_hash(rule->stream, 42, 0), .rows = maker->rows, .null_ratio = ratio};
    if (ratio > 0 && !recipe->column->not_null)
        rule->nulls = distribution_make(arena, &spec);
}

bool rule_is_null(const struct rule *rule, int64_t row)
{
    return rule->nulls != NULL && distribution_at(rule->nulls, row).kind == ELEMENT_NULL;
}

bool rule_is_null_beside(const struct rule *rule, const char *text)
{
    for (size_t i = 0; i < rule->told->when_count; i++)
        if (strcmp(rule->told->when_values[i], text) == 0)
            return true;
    return false;
}

/* The plan means the source's value: where only its shape is known, no row holds it. */
static bool check_when(const struct row_maker *maker, const struct recipe *recipe, struct err *err)
{
    const struct catalogue_rule *told = recipe->column->rule;
    const struct catalogue_column *when = told->when_values == NULL ? NULL
                                                                    : &maker->table->columns[told->when];
    const struct profile_column *known = when == NULL ? NULL : when->statistics;
    for (size_t i = 0;
         known != NULL && known->values != PROFILE_KEPT && when->given == NULL && i < told->when_count; i++) {
        size_t at = 0;
        while (at < known->mcv_count && strcmp(known->mcv[at].value, told->when_values[i]) != 0)
            at++;
        if (at < known->mcv_count)
            continue;
        wrong(maker, recipe, err, "null_when: the other column does not hold this value");
        return err_hint(
            err, "the profile has other values in %s's place: rehearse profile --literals %s.%s keeps them",
            when->name, maker->table->name, when->name);
    }
    return true;
}

static int64_t distance(const struct rule *rule, int64_t row)
{
    const struct rule_step *step = rule->step;
    double u = (double)(rng_hash(rule->stream, 43, (uint64_t)row) >> 11) * 0x1p-53;
    double wide_ = step->high - step->low + (step->bend > 1 || step->bend < 1 ? 0 : 1);
    int64_t at = (int64_t)floor(step->low + wide_ * pow(u, step->bend));
    return at < (int64_t)step->high ? at : (int64_t)step->high;
}

static wide days_of(wide us)
{
    wide day = (wide)VALUE_US_PER_DAY, days = us / day;
    return days - (us % day < 0);
}

static bool later(const struct rule *rule, const char *text, int64_t row, struct render_ordinal *as,
                  wide *ordinal)
{
    const struct rule_step *step = rule->step;
    if (!rule->told->moments) {
        if (!render_read_decimal(text, as->scale, ordinal))
            return false;
        *ordinal += distance(rule, row);
        return true;
    }
    if (!step->from->read(as, text, ordinal))
        return false;
    int digits = fraction_digits(text);
    as->scale = digits > step->digits ? digits : step->digits;
    wide us = is_date(step->from) ? *ordinal * (wide)VALUE_US_PER_DAY : *ordinal;
    us += (wide)distance(rule, row) * (wide)step->unit;
    *ordinal = is_date(step->to) ? days_of(us) : us;
    return true;
}

bool rule_put_later(const struct rule *rule, const char *text, int64_t row, bool binary, struct buf *out)
{
    struct render_ordinal as = rule->step->ordinal;
    wide ordinal;
    if (!later(rule, text, row, &as, &ordinal))
        return false;
    (binary ? as.codec->binary : as.codec->plain)(&as, ordinal, out);
    return true;
}

/* ---- a table ---- */

static bool make(struct arena *arena, struct row_maker *maker, struct recipe *recipe, struct err *err)
{
    const struct catalogue_rule *told = recipe->column->rule;
    struct rule *rule = arena_alloc(arena, sizeof *rule);
    *rule = (struct rule){.told = told, .of = maker, .other = told->other, .stream = recipe->stream};
    if ((recipe->source != RECIPE_DRAWN && recipe->source != RECIPE_PROFILED &&
         recipe->source != RECIPE_GIVEN) ||
        recipe->unique || recipe->leads || recipe->follow != NULL)
        return wrong(maker, recipe, err, "it belongs to a key: the key's values make it");
    if (told->kind == RULE_FROM ? !make_copies(maker, recipe, rule, err)
                                : !make_step(arena, maker, recipe, rule, err))
        return false;
    if (told->kind == RULE_AFTER) {
        if (!check_when(maker, recipe, err))
            return false;
        make_nulls(arena, maker, recipe, rule);
    }
    recipe->rule = rule;
    return true;
}

bool rules_make(struct arena *arena, struct row_maker *maker, struct err *err)
{
    for (size_t i = 0; i < maker->table->column_count; i++) {
        const struct catalogue_rule *told = maker->table->columns[i].rule;
        if (told != NULL && told->kind != RULE_FOLLOWS && !make(arena, maker, &maker->recipes[i], err))
            return false;
    }
    return true;
}

bool rule_ends(const struct row_maker *maker, size_t column, int depth)
{
    const struct recipe *recipe = &maker->recipes[column];
    if (depth >= DEEP)
        return false;
    if (recipe->rule == NULL) {
        const struct reference *reference = recipe->source == RECIPE_REFERENCE ? recipe->reference : NULL;
        return reference == NULL || reference->parent == NULL || reference->self ||
               rule_ends(reference->parent, reference->key->parent_columns[recipe->position], depth + 1);
    }
    return rule_ends(recipe->rule->of, recipe->rule->other, depth + 1) &&
           (recipe->rule->told->when_values == NULL || rule_ends(maker, recipe->rule->told->when, depth + 1));
}

bool rule_has_binary(const struct rule *rule)
{
    return rule->binary;
}
