#include "bench/base/json.h"
#include "reports/record_fields.h"

#include <math.h>
#include <string.h>

static void write_members(struct json_writer *w, const char *base, const struct record_shape *shape);

static struct record_any_list list_at(const char *at)
{
    struct record_any_list list;
    memcpy(&list, at, sizeof list);
    return list;
}

static void write_int(struct json_writer *w, int64_t value)
{
    if (value == RECORD_NONE)
        json_write_null(w);
    else
        json_write_int(w, value);
}

static void write_maybe(struct json_writer *w, int64_t value)
{
    if (value == RECORD_NONE)
        json_write_null(w);
    else
        json_write_bool(w, value != 0);
}

/* Called after the opening bracket: what has no objects or lists inside stands on one line, whatever the depth. */
static bool begin_line(struct json_writer *w, bool flat)
{
    const bool pretty = w->pretty;
    w->pretty = pretty && !flat;
    return pretty;
}

static void write_scalars(struct json_writer *w, const struct record_any_list *list, enum record_kind kind)
{
    json_begin_array(w);
    const bool pretty = begin_line(w, true);
    for (size_t i = 0; i < list->count; i++) {
        if (kind == RECORD_TEXTS)
            json_write_string(w, ((const char *const *)list->items)[i]);
        else if (kind == RECORD_INTS)
            write_int(w, ((const int64_t *)list->items)[i]);
        else
            json_write_double(w, ((const double *)list->items)[i]);
    }
    json_end_array(w);
    w->pretty = pretty;
}

static void write_map(struct json_writer *w, const struct record_any_list *list, enum record_kind kind)
{
    json_begin_object(w);
    const bool pretty = begin_line(w, true);
    for (size_t i = 0; i < list->count; i++) {
        if (kind == RECORD_PAIRS) {
            const struct record_pair *pair = (const struct record_pair *)list->items + i;
            json_key(w, pair->name);
            json_write_string(w, pair->value);
        } else {
            const struct record_number *number = (const struct record_number *)list->items + i;
            json_key(w, number->name);
            write_int(w, number->value);
        }
    }
    json_end_object(w);
    w->pretty = pretty;
}

static void write_object(struct json_writer *w, const char *base, const struct record_shape *shape)
{
    json_begin_object(w);
    const bool pretty = begin_line(w, record_shape_is_flat(shape));
    write_members(w, base, shape);
    json_end_object(w);
    w->pretty = pretty;
}

static void write_array(struct json_writer *w, const struct record_any_list *list,
                        const struct record_field *field)
{
    json_begin_array(w);
    for (size_t i = 0; i < list->count; i++)
        write_object(w, (const char *)list->items + i * field->size, field->shape);
    json_end_array(w);
}

static void write_scalar(struct json_writer *w, const char *at, enum record_kind kind)
{
    if (kind == RECORD_TEXT)
        json_write_string(w, *(const char *const *)(const void *)at);
    else if (kind == RECORD_INT)
        write_int(w, *(const int64_t *)(const void *)at);
    else if (kind == RECORD_REAL)
        json_write_double(w, *(const double *)(const void *)at);
    else if (kind == RECORD_BOOL)
        json_write_bool(w, *(const bool *)(const void *)at);
    else
        write_maybe(w, *(const int64_t *)(const void *)at);
}

static void write_field(struct json_writer *w, const char *base, const struct record_field *field)
{
    const char *at = base + field->offset;
    if (field->kind == RECORD_SPREAD) {
        write_members(w, at, field->shape);
        return;
    }
    json_key(w, field->key);
    if (field->kind <= RECORD_MAYBE) {
        write_scalar(w, at, field->kind);
    } else if (field->kind == RECORD_OBJECT) {
        write_object(w, at, field->shape);
    } else {
        const struct record_any_list list = list_at(at);
        if (field->kind == RECORD_ARRAY)
            write_array(w, &list, field);
        else if (field->kind == RECORD_PAIRS || field->kind == RECORD_COUNTS)
            write_map(w, &list, field->kind);
        else
            write_scalars(w, &list, field->kind);
    }
}

static void write_members(struct json_writer *w, const char *base, const struct record_shape *shape)
{
    for (size_t i = 0; i < shape->count; i++)
        write_field(w, base, &shape->fields[i]);
}

void record_write(const struct record *record, struct buf *out)
{
    struct json_writer w = json_writer(out);
    w.pretty_depth = 64;
    json_begin_object(&w);
    json_key(&w, "$schema");
    json_write_string(&w, RECORD_SCHEMA_URI);
    json_key(&w, "schema_version");
    json_write_int(&w, RECORD_SCHEMA_VERSION);
    write_members(&w, (const char *)record, &record_shape);
    json_key(&w, "complete");
    json_write_bool(&w, true);
    json_end_object(&w);
    buf_putc(out, '\n');
}
