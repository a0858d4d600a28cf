#include "bench/base/near.h"
#include "bench/base/units.h"
#include "bench/run/plan_value.h"

#include <stdio.h>
#include <string.h>

struct plan_reader {
    struct arena *arena;
    struct plan *plan;
    struct err *err;
};

static bool read_rows(struct plan_reader *r, const struct json *rows, int64_t *count)
{
    const char *why = "it is no whole number";
    if (rows->type == JSON_STRING && units_count(rows->string, count, &why))
        return true;
    if (rows->type == JSON_STRING)
        return json_error(r->err, rows, "rows: bad count \"%s\": %s", rows->string, why);
    if (rows->type != JSON_NUMBER || !rows->is_integer || rows->integer < 0)
        return json_error(r->err, rows, "rows: a whole number is expected, as 1500 or \"24M\"");
    *count = rows->integer;
    return true;
}

static bool read_table(struct plan_reader *r, const struct json *node, struct plan_table *table)
{
    static const char *const keys[] = {"rows", "columns", NULL};
    *table = (struct plan_table){.name = node->key, .rows = -1, .place = plan_value_place(node)};
    if (!plan_value_type(node, JSON_OBJECT, "{\"rows\": …}", r->err) || !json_check_keys(node, keys, r->err))
        return false;
    const struct json *rows = json_get(node, "rows");
    if (rows == NULL && r->plan->profile == NULL)
        return json_error(r->err, node, "table \"%s\" needs rows", node->key);
    return (rows == NULL || read_rows(r, rows, &table->rows)) &&
           plan_columns(r->arena, node, r->plan, r->err);
}

static bool read_tables(struct plan_reader *r, const struct json *data)
{
    const struct json *tables;
    struct plan *plan = r->plan;
    if (!plan_value_member(data, "tables", JSON_OBJECT, "an object of tables", &tables, r->err))
        return false;
    if (tables == NULL || tables->child == NULL)
        return true;
    plan->tables = arena_alloc(r->arena, json_size(tables) * sizeof *plan->tables);
    for (const struct json *node = tables->child; node != NULL; node = node->next)
        if (!read_table(r, node, &plan->tables[plan->table_count++]))
            return false;
    return true;
}

static bool read_scale(struct plan_reader *r, const struct json *data)
{
    const struct json *scale;
    if (!plan_value_member(data, "scale", JSON_NUMBER, "a number", &scale, r->err) || scale == NULL)
        return scale == NULL;
    r->plan->scale = scale->is_integer ? (double)scale->integer : scale->number;
    if (!(r->plan->scale > 0) || r->plan->scale > 1e6)
        return json_error(r->err, scale, "scale: a number above 0 is expected, as 0.1 or 3");
    return r->plan->profile != NULL ||
           json_error(r->err, scale, "scale is a share of a profile's rows: data.profile is missing");
}

static bool read_reset(struct plan_reader *r, const struct json *data)
{
    static const struct {
        const char *name;
        enum plan_reset reset;
    } built[] = {{"copy", PLAN_RESET_COPY}, {"none", PLAN_RESET_NONE}};
    static const char *const all[] = {"copy", "none", "refill", "template", "exec", NULL};
    const struct json *reset;
    if (!plan_value_member(data, "reset", JSON_STRING, "a string", &reset, r->err) || reset == NULL)
        return reset == NULL;
    for (size_t i = 0; i < sizeof built / sizeof built[0]; i++) {
        if (strcmp(built[i].name, reset->string) == 0) {
            r->plan->reset = built[i].reset;
            return true;
        }
    }
    for (size_t i = 0; all[i] != NULL; i++) {
        if (strcmp(all[i], reset->string) == 0) {
            json_error(r->err, reset, "reset \"%s\" is not built yet", reset->string);
            return err_hint(r->err, "Use \"copy\" (sandbox) or \"none\", or leave the key out.");
        }
    }
    json_error(r->err, reset, "unknown reset \"%s\"", reset->string);
    const char *near = near_word(reset->string, all);
    return near != NULL ? err_hint(r->err, "Did you mean \"%s\"?", near) : false;
}

bool plan_data(struct arena *arena, const struct json *data, struct plan *plan, struct err *err)
{
    static const char *const keys[] = {"schema", "profile", "scale", "tables", "reset", NULL};
    struct plan_reader r = {arena, plan, err};
    return data == NULL ||
           (json_check_keys(data, keys, err) && plan_value_string(data, "schema", &plan->schema, err) &&
            plan_value_string(data, "profile", &plan->profile, err) && read_scale(&r, data) &&
            read_tables(&r, data) && read_reset(&r, data));
}
