#include "bench/base/units.h"
#include "bench/run/plan_value.h"

#include <math.h>

/* data.tables.T.columns: what stands in a column, or what it has to do with another one. */

struct reader {
    struct arena *arena;
    struct err *err;
    struct fill_column_spec *column;
};

#define WHAT "expression, constant, values, null, from, after, follows"

/* A value as the server reads it: text, a number, true or false. */
static bool read_literal(const struct reader *r, const struct json *node, const char **text)
{
    switch (node->type) {
    case JSON_STRING:
        *text = node->string;
        return true;
    case JSON_NUMBER:
        *text = node->is_integer ? arena_printf(r->arena, "%lld", (long long)node->integer)
                                 : arena_printf(r->arena, "%.15g", node->number);
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        *text = node->type == JSON_TRUE ? "true" : "false";
        return true;
    case JSON_NULL:
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    return json_error(r->err, node, "a value is expected: text, a number, true or false");
}

static bool read_list(const struct reader *r, const struct json *list)
{
    const char **values = arena_alloc(r->arena, (json_size(list) + 1) * sizeof *values);
    for (const struct json *node = list->child; node != NULL; node = node->next)
        if (!read_literal(r, node, &values[r->column->value_count++]))
            return false;
    r->column->values = values;
    return r->column->value_count > 0 || json_error(r->err, list, "%s: at least one is expected", list->key);
}

static bool read_constant(const struct reader *r, const struct json *node)
{
    const char **value = arena_alloc(r->arena, sizeof *value);
    r->column->values = value;
    r->column->value_count = 1;
    return read_literal(r, node, value);
}

/* 0.93 or "93%". */
static bool read_share(const struct reader *r, const struct json *node, double *share)
{
    const char *why;
    if (node->type == JSON_STRING && units_percent(node->string, share, &why))
        return true;
    if (node->type == JSON_NUMBER)
        *share = node->is_integer ? (double)node->integer : node->number;
    return (node->type == JSON_NUMBER && *share >= 0 && *share <= 1) ||
           json_error(r->err, node, "%s: a share of the rows is expected, as 0.93 or \"93%%\"", node->key);
}

/* "36h" as µs, or a number. The first distance says which all are. */
static bool read_distance(const struct reader *r, const struct json *node, bool first, double *distance)
{
    int64_t ns;
    const char *why = "a duration in quotes, as \"36h\", or a number is expected";
    bool moments = node->type == JSON_STRING;
    if (moments && !units_duration_ns(node->string, &ns, &why))
        return json_error(r->err, node, "%s: bad duration \"%s\": %s", node->key, node->string, why);
    if (!moments && node->type != JSON_NUMBER)
        return json_error(r->err, node, "%s: %s", node->key, why);
    if (!first && moments != r->column->moments)
        return json_error(r->err, node, "%s: either all of by are durations, or all are numbers", node->key);
    r->column->moments = moments;
    *distance = moments ? (double)ns / 1000 : node->is_integer ? (double)node->integer : node->number;
    return true;
}

/* A distance, or the least and the greatest one and, if they are not all as likely, the one that half of them are below. */
static bool read_by(const struct reader *r, const struct json *by)
{
    static const char *const keys[] = {"min", "median", "max", NULL};
    struct fill_column_spec *column = r->column;
    if (by->type != JSON_OBJECT) {
        bool ok = read_distance(r, by, true, &column->low);
        column->high = column->low;
        return ok;
    }
    const struct json *low = json_get(by, "min"), *high = json_get(by, "max"),
                      *median = json_get(by, "median");
    if (!json_check_keys(by, keys, r->err))
        return false;
    if (low == NULL || high == NULL)
        return json_error(r->err, by, "by: min and max are expected, or a single distance");
    if (!read_distance(r, low, true, &column->low) || !read_distance(r, high, false, &column->high) ||
        (median != NULL && !read_distance(r, median, false, &column->median)))
        return false;
    if (column->high < column->low)
        return json_error(r->err, high, "max: it is below min");
    return median == NULL || (column->median > column->low && column->median < column->high) ||
           json_error(r->err, median, "median: it is not between min and max");
}

static bool read_when(const struct reader *r, const struct json *when)
{
    if (json_size(when) != 1 || when->child->type != JSON_ARRAY)
        return json_error(r->err, when, "null_when: {\"COLUMN\": [VALUE, …]} is expected");
    r->column->when = when->child->key;
    return read_list(r, when->child);
}

static bool read_after(const struct reader *r, const struct json *node)
{
    const struct json *by = json_get(node, "by"), *nulls = json_get(node, "nulls"), *when;
    if (by == NULL)
        return json_error(r->err, node,
                          "column \"%s\": by how much is it after the other one? \"by\" is missing",
                          node->key);
    return read_by(r, by) && (nulls == NULL || read_share(r, nulls, &r->column->nulls)) &&
           plan_value_member(node, "null_when", JSON_OBJECT, "{\"COLUMN\": [VALUE, …]}", &when, r->err) &&
           (when == NULL || read_when(r, when));
}

struct form { /* of what a column is said to be */
    const char *key;
    enum fill_column_kind kind;
    const char *with[4]; /* keys that may stand beside it */
};

static const struct form forms[] = {{"expression", FILL_COLUMN_EXPRESSION, {NULL}},
                                    {"constant", FILL_COLUMN_VALUES, {NULL}},
                                    {"values", FILL_COLUMN_VALUES, {NULL}},
                                    {"null", FILL_COLUMN_NULL, {NULL}},
                                    {"from", FILL_COLUMN_FROM, {"share", NULL}},
                                    {"after", FILL_COLUMN_AFTER, {"by", "nulls", "null_when", NULL}},
                                    {"follows", FILL_COLUMN_FOLLOWS, {"share", NULL}}};
enum { FORMS = sizeof forms / sizeof *forms };

static const struct form *form_of(const struct json *node)
{
    const struct form *found = NULL;
    for (size_t i = 0; i < FORMS; i++)
        if (json_get(node, forms[i].key) != NULL) {
            if (found != NULL)
                return NULL;
            found = &forms[i];
        }
    return found;
}

static bool read_form(const struct reader *r, const struct json *node, const struct form *form)
{
    const struct json *value = json_get(node, form->key), *share = json_get(node, "share");
    bool null = true;
    switch (form->kind) {
    case FILL_COLUMN_EXPRESSION:
        return plan_value_string(node, form->key, &r->column->expression, r->err);
    case FILL_COLUMN_VALUES:
        if (form->key[0] == 'c')
            return read_constant(r, value);
        return plan_value_type(value, JSON_ARRAY, "values: a list", r->err) && read_list(r, value);
    case FILL_COLUMN_NULL:
        return plan_value_bool(node, form->key, &null, r->err) &&
               (null || json_error(r->err, value, "null: true is expected, or another key"));
    case FILL_COLUMN_FROM:
    case FILL_COLUMN_AFTER:
    case FILL_COLUMN_FOLLOWS:
        break;
    }
    return plan_value_string(node, form->key, &r->column->other, r->err) &&
           (share == NULL || read_share(r, share, &r->column->share)) &&
           (form->kind != FILL_COLUMN_AFTER || read_after(r, node));
}

static bool read_column(const struct reader *r, const struct json *node)
{
    static const char *const all[] = {"expression", "constant", "values", "null",      "from",    "share",
                                      "after",      "by",       "nulls",  "null_when", "follows", NULL};
    if (!plan_value_type(node, JSON_OBJECT, "{\"KEY\": …} with one of " WHAT "", r->err) ||
        !json_check_keys(node, all, r->err))
        return false;
    const struct form *form = form_of(node);
    if (form == NULL)
        return json_error(r->err, node, "column \"%s\": one of " WHAT " is expected", node->key);
    const char *keys[6] = {form->key, form->with[0], form->with[1], form->with[2], NULL};
    r->column->kind = form->kind;
    return json_check_keys(node, keys, r->err) && read_form(r, node, form);
}

bool plan_columns(struct arena *arena, const struct json *table, struct plan *plan, struct err *err)
{
    const struct json *columns;
    if (!plan_value_member(table, "columns", JSON_OBJECT, "an object of columns", &columns, err))
        return false;
    for (const struct json *node = columns == NULL ? NULL : columns->child; node != NULL; node = node->next) {
        struct fill_column_spec *column = ARENA_PUSH(arena, plan->columns, plan->column_count,
                                                     plan->column_capacity);
        *column = (struct fill_column_spec){.table = table->key,
                                            .name = node->key,
                                            .share = 1,
                                            .nulls = NAN,
                                            .median = NAN,
                                            .file = node->file,
                                            .line = node->line,
                                            .place = node->column};
        if (!read_column(&(struct reader){arena, err, column}, node))
            return false;
    }
    return true;
}
