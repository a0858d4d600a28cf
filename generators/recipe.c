#include "generators/recipe.h"

#include "bench/base/rng.h"
#include "generators/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a number usually is, by its name. */
static const struct {
    const char *part;
    int64_t low, high;
} ranges[] = {
    {"quantity", 1, 20},  {"qty", 1, 20},    {"age", 18, 90},         {"year", 1990, 2025},
    {"percent", 0, 100},  {"rating", 1, 5},  {"_cents", 100, 500000}, {"priority", 1, 5},
    {"position", 1, 100}, {"version", 1, 9},
};

bool recipe_cannot(const struct catalogue_table *table, const struct catalogue_column *column,
                   struct err *err)
{
    err_set(err, ERR_ENVIRONMENT, "table %s, column %s: no values can be made of type %s", table->name,
            column->name, column->type);
    return err_hint(err,
                    "say in the plan how to: data.tables.%s.columns.%s: {\"expression\": …} or"
                    " {\"constant\": …}, {\"values\": […]} or {\"null\": true}",
                    table->name, column->name);
}

/* A label as it stands in a load, or inside an array in a load. */
static const char *escaped(struct arena *arena, const char *label, bool in_array)
{
    struct buf plain = {0}, out = {0};
    if (in_array) {
        buf_putc(&plain, '"');
        for (const char *at = label; *at != '\0'; at++) {
            if (*at == '"' || *at == '\\')
                buf_putc(&plain, '\\');
            buf_putc(&plain, *at);
        }
        buf_putc(&plain, '"');
    } else {
        buf_puts(&plain, label);
    }
    value_put_escaped(&out, buf_text(&plain));
    const char *kept = arena_strdup(arena, buf_text(&out));
    buf_free(&plain);
    buf_free(&out);
    return kept;
}

/* NULL when a label of this type has no binary form. */
static const char *field(struct arena *arena, const struct value_kind *kind, const char *label)
{
    struct buf out = {0};
    char *kept = NULL;
    if (value_encode(kind, label, &out)) {
        kept = arena_alloc(arena, out.length);
        memcpy(kept, out.data, out.length);
    }
    buf_free(&out);
    return kept;
}

static void choose_labels(struct arena *arena, const struct catalogue_column *column, struct value_spec *spec)
{
    const char **labels = arena_alloc(arena, column->label_count * sizeof *labels);
    for (size_t i = 0; i < column->label_count; i++)
        labels[i] = escaped(arena, column->labels[i], spec->element != NULL);
    spec->labels = labels;
    spec->label_count = column->label_count;
    const char **fields = arena_alloc(arena, column->label_count * sizeof *fields);
    bool all = spec->element == NULL;
    for (size_t i = 0; i < column->label_count && all; i++)
        all = (fields[i] = field(arena, spec->kind, column->labels[i])) != NULL;
    spec->fields = all ? fields : NULL;
}

/* As db_load reads them; in binary too where all of them have such a form. */
static bool choose_given(struct arena *arena, const struct catalogue_table *table, struct recipe *recipe,
                         struct err *err)
{
    const struct catalogue_given *given = recipe->column->given;
    struct value_spec *spec = &recipe->spec;
    const char **texts = arena_alloc(arena, (given->count + 1) * sizeof *texts);
    const char **fields = arena_alloc(arena, (given->count + 1) * sizeof *fields);
    bool all = spec->kind != NULL && spec->element == NULL && recipe->column->labels == NULL;
    for (size_t i = 0; i < given->count; i++) {
        texts[i] = escaped(arena, given->values[i], false);
        all = all && (fields[i] = field(arena, spec->kind, given->values[i])) != NULL;
    }
    recipe->source = RECIPE_GIVEN;
    recipe->nullable = false;
    spec->labels = texts;
    spec->fields = all || given->count == 0 ? fields : NULL;
    spec->label_count = given->count;
    return given->count > 0 || !recipe->column->not_null ||
           err_set(err, ERR_USAGE, "table %s, column %s: the plan says null, but the column is NOT NULL",
                   table->name, recipe->column->name);
}

/* "_int4" or "integer[]": the kind of its elements. */
static const struct value_kind *element_kind(struct arena *arena, const char *type)
{
    size_t length = strlen(type);
    const struct value_kind *kind = NULL;
    if (type[0] == '_')
        kind = value_kind_find(type + 1);
    else if (length > 2 && strcmp(type + length - 2, "[]") == 0)
        kind = value_kind_find(arena_strndup(arena, type, length - 2));
    return kind != NULL && value_kind_fits_array(kind) ? kind : NULL;
}

static int64_t in_units(const char *literal, int scale, bool open, bool is_low)
{
    long double units = strtold(literal, NULL) * powl(10, scale);
    long double whole = is_low ? ceill(units) : floorl(units);
    if (open && whole == units)
        whole += is_low ? 1 : -1;
    return (int64_t)whole;
}

static int64_t power(int digits)
{
    int64_t value = 1;
    while (digits-- > 0)
        value *= 10;
    return value;
}

static void apply_bounds(const struct check_bounds *bounds, struct value_spec *spec)
{
    int64_t span = spec->high - spec->low;
    bool has_high = bounds->high != NULL;
    if (has_high)
        spec->high = in_units(bounds->high, spec->scale, bounds->high_open, false);
    if (bounds->low != NULL) {
        spec->low = in_units(bounds->low, spec->scale, bounds->low_open, true);
        if (!has_high && spec->high < spec->low + span)
            spec->high = spec->low + span;
    }
    if (spec->low > spec->high)
        spec->low = spec->high;
}

static void choose_range(const struct catalogue_column *column, const struct check_bounds *bounds,
                         struct value_spec *spec)
{
    const struct value_kind *kind = spec->element != NULL ? spec->element : spec->kind;
    int64_t type_low, type_high;
    value_kind_range(kind, &type_low, &type_high);
    bool whole = value_kind_is_integer(kind);
    spec->scale = whole ? 0 : column->scale < 0 ? 2 : column->scale > 6 ? 6 : column->scale;
    if (!whole && column->precision > 0 && column->precision < 15)
        type_high = power(column->precision - (column->scale > 6 ? column->scale - 6 : 0)) - 1;
    int64_t unit = power(spec->scale);
    spec->low = whole ? 1 : 0;
    spec->high = 10000 * unit;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (strcasestr(column->name, ranges[i].part) != NULL) {
            spec->low = ranges[i].low * unit;
            spec->high = ranges[i].high * unit;
            break;
        }
    apply_bounds(bounds, spec);
    if (spec->high > type_high)
        spec->high = type_high;
    if (spec->low < type_low)
        spec->low = type_low;
    if (spec->low > spec->high)
        spec->low = spec->high;
}

static bool is_appended(const struct catalogue_column *column)
{
    const char *text = column->default_text;
    return strcasestr(column->name, "updated") == NULL && strcasestr(column->name, "modified") == NULL &&
           (strcasestr(column->name, "created") != NULL || strcasestr(column->name, "inserted") != NULL ||
            (text != NULL && (strstr(text, "now()") != NULL || strcasestr(text, "CURRENT_") != NULL)));
}

/* The first appended column, else the first moment, is the row's own moment. */
static void choose_time(uint64_t seed, const struct catalogue_table *table, size_t index, int *windows,
                        struct value_spec *spec)
{
    const struct catalogue_column *column = &table->columns[index];
    spec->time = (struct value_time){.stream = rng_hash_text(seed, catalogue_seed_name(table)),
                                     .rows = table->rows,
                                     .digits = column->scale < 0 ? 6 : column->scale,
                                     .span_us = VALUE_TIME_SPAN_US - 60 * VALUE_US_PER_DAY,
                                     .birthday = strcasestr(column->name, "birth") != NULL};
    size_t first = table->column_count;
    for (size_t i = table->column_count; i-- > 0;) {
        const struct value_kind *kind = value_kind_find(table->columns[i].base_type);
        if (kind != NULL && value_kind_is_moment(kind) && is_appended(&table->columns[i]))
            first = i;
    }
    spec->time.ascending = first < table->column_count;
    if (!spec->time.birthday && index != first)
        spec->time.window = spec->time.ascending ? ++*windows : (*windows)++;
}

bool recipe_choose(struct arena *arena, uint64_t seed, const struct catalogue_table *table, size_t index,
                   int *windows, struct recipe *recipe, struct err *err)
{
    const struct catalogue_column *column = &table->columns[index];
    struct value_spec *spec = &recipe->spec;
    *recipe = (struct recipe){.column = column, .nullable = !column->not_null};
    recipe->stream = rng_hash_text(rng_hash_text(seed, catalogue_seed_name(table)), column->name);
    if (column->generated) {
        recipe->source = RECIPE_SERVER;
        return true;
    }
    spec->length = column->max_length;
    if (spec->length < 0 && strcmp(column->base_type, "bit") == 0)
        spec->length = 1;
    if (strcmp(column->base_type, "char") == 0)
        spec->length = 1;
    spec->kind = value_kind_find(column->base_type);
    if (spec->kind == NULL && column->labels == NULL) {
        spec->element = element_kind(arena, column->base_type);
        spec->kind = spec->element;
        spec->element_oid = column->base_type[0] == '_' ? value_oid(column->base_type + 1) : 0;
    }
    if (column->given != NULL)
        return choose_given(arena, table, recipe, err);
    if (spec->kind == NULL && column->labels == NULL)
        return recipe_cannot(table, column, err);
    spec->vocabulary = value_vocabulary_find(column->name);
    struct check_bounds bounds = {0};
    for (size_t i = 0; i < table->check_count; i++)
        check_read(arena, table->lexis, table->checks[i].definition, column->name, &bounds);
    recipe->capped = bounds.high != NULL;
    if (column->labels != NULL)
        choose_labels(arena, column, spec);
    else if (value_kind_is_number(spec->kind))
        choose_range(column, &bounds, spec);
    else
        spec->low = (int64_t)recipe->stream;
    if (spec->kind != NULL)
        choose_time(seed, table, index, value_kind_is_moment(spec->kind) ? windows : &(int){0}, spec);
    if (spec->kind != NULL && value_kind_is_moment(spec->kind))
        value_time_limit(&spec->time, strcmp(column->base_type, "date") == 0, bounds.low, bounds.low_open,
                         bounds.high, bounds.high_open);
    return true;
}
