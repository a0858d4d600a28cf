#include "bench/base/json.h"
#include "reports/record_fields.h"

#include <math.h>
#include <string.h>

/* Where the reader is: links on the stack, outermost last, printed as "strategies[0].phases[2].start_s". */
struct path {
    const struct path *outer;
    const char *key; /* NULL: an index */
    size_t index;
};

struct reader {
    struct arena *arena;
    struct err *err;
};

static bool read_members(struct reader *r, const struct json *object, char *base,
                         const struct record_shape *shape, const struct path *outer);

static void path_text(const struct path *path, struct buf *text)
{
    if (path->outer != NULL)
        path_text(path->outer, text);
    if (path->key == NULL)
        buf_printf(text, "[%zu]", path->index);
    else
        buf_printf(text, "%s%s", path->outer == NULL ? "" : ".", path->key);
}

static bool wrong(struct reader *r, const struct json *node, const struct path *path, const char *expected)
{
    struct buf text = {0};
    path_text(path, &text);
    json_error(r->err, node, "%s: expected %s", buf_text(&text), expected);
    buf_free(&text);
    return false;
}

static bool read_text(struct reader *r, const struct json *node, char *at, const struct path *path)
{
    if (node->type != JSON_STRING && node->type != JSON_NULL)
        return wrong(r, node, path, "a string or null");
    const char *text = node->type == JSON_STRING ? arena_strdup(r->arena, node->string) : NULL;
    memcpy(at, &text, sizeof text);
    return true;
}

static bool read_int(struct reader *r, const struct json *node, char *at, const struct path *path)
{
    int64_t value = RECORD_NONE;
    if (node->type == JSON_NUMBER && node->is_integer)
        value = node->integer;
    else if (node->type != JSON_NULL)
        return wrong(r, node, path, "an integer or null");
    memcpy(at, &value, sizeof value);
    return true;
}

static bool read_real(struct reader *r, const struct json *node, char *at, const struct path *path)
{
    if (node->type != JSON_NUMBER && node->type != JSON_NULL)
        return wrong(r, node, path, "a number or null");
    const double value = node->type == JSON_NUMBER ? node->number : (double)NAN;
    memcpy(at, &value, sizeof value);
    return true;
}

static bool read_bool(struct reader *r, const struct json *node, char *at, const struct path *path)
{
    if (node->type != JSON_TRUE && node->type != JSON_FALSE)
        return wrong(r, node, path, "true or false");
    const bool value = node->type == JSON_TRUE;
    memcpy(at, &value, sizeof value);
    return true;
}

static bool read_maybe(struct reader *r, const struct json *node, char *at, const struct path *path)
{
    int64_t value = RECORD_NONE;
    if (node->type == JSON_TRUE || node->type == JSON_FALSE)
        value = node->type == JSON_TRUE;
    else if (node->type != JSON_NULL)
        return wrong(r, node, path, "true, false or null");
    memcpy(at, &value, sizeof value);
    return true;
}

typedef bool read_scalar(struct reader *r, const struct json *node, char *at, const struct path *path);

/* By kind: how one value is read; for a list of scalars or a map, one value of it. */
static read_scalar *const scalar_readers[] = {
    [RECORD_TEXT] = read_text,  [RECORD_INT] = read_int,     [RECORD_REAL] = read_real,
    [RECORD_BOOL] = read_bool,  [RECORD_MAYBE] = read_maybe, [RECORD_TEXTS] = read_text,
    [RECORD_INTS] = read_int,   [RECORD_REALS] = read_real,  [RECORD_PAIRS] = read_text,
    [RECORD_COUNTS] = read_int,
};

static const size_t item_sizes[] = {
    [RECORD_TEXTS] = sizeof(const char *),
    [RECORD_INTS] = sizeof(int64_t),
    [RECORD_REALS] = sizeof(double),
    [RECORD_PAIRS] = sizeof(struct record_pair),
    [RECORD_COUNTS] = sizeof(struct record_number),
};

static bool read_map_member(struct reader *r, const struct json *node, char *item, enum record_kind kind,
                            const struct path *path)
{
    const char *name = arena_strdup(r->arena, node->key);
    memcpy(item, &name, sizeof name); /* both pair and number begin with it */
    const size_t value_at = kind == RECORD_PAIRS ? offsetof(struct record_pair, value)
                                                 : offsetof(struct record_number, value);
    return scalar_readers[kind](r, node, item + value_at, path);
}

static bool read_object(struct reader *r, const struct json *node, char *base,
                        const struct record_shape *shape, const struct path *path)
{
    if (node->type != JSON_OBJECT)
        return wrong(r, node, path, "an object");
    return read_members(r, node, base, shape, path);
}

/* Lists, maps and arrays of structs: all are a RECORD_LIST of items. */
static bool read_list(struct reader *r, const struct json *node, char *at, const struct record_field *field,
                      const struct path *path)
{
    const bool is_map = field->kind == RECORD_PAIRS || field->kind == RECORD_COUNTS;
    if (node->type != (is_map ? JSON_OBJECT : JSON_ARRAY))
        return wrong(r, node, path, is_map ? "an object" : "a list");

    const size_t item_size = field->kind == RECORD_ARRAY ? field->size : item_sizes[field->kind];
    struct record_any_list list = {.count = json_size(node)};
    if (list.count == 0)
        return true;
    list.capacity = list.count;
    list.items = arena_alloc(r->arena, list.count * item_size);

    char *item = list.items;
    size_t index = 0;
    for (const struct json *child = node->child; child != NULL; child = child->next, item += item_size) {
        const struct path here = {.outer = path, .key = is_map ? child->key : NULL, .index = index++};
        bool ok;
        if (field->kind == RECORD_ARRAY)
            ok = read_object(r, child, item, field->shape, &here);
        else if (is_map)
            ok = read_map_member(r, child, item, field->kind, &here);
        else
            ok = scalar_readers[field->kind](r, child, item, &here);
        if (!ok)
            return false;
    }
    memcpy(at, &list, sizeof list);
    return true;
}

/* A member that the file does not have is as one that is null (false, empty): files of older writers stay readable. */
static void read_absent(char *at, const struct record_field *field)
{
    const int64_t none = RECORD_NONE;
    const double nan = (double)NAN;
    if (field->kind == RECORD_INT || field->kind == RECORD_MAYBE)
        memcpy(at, &none, sizeof none);
    else if (field->kind == RECORD_REAL)
        memcpy(at, &nan, sizeof nan);
}

static bool read_field(struct reader *r, const struct json *object, char *base,
                       const struct record_field *field, const struct path *outer)
{
    char *at = base + field->offset;
    if (field->kind == RECORD_SPREAD)
        return read_members(r, object, at, field->shape, outer);

    static const struct json nothing = {.type = JSON_OBJECT};
    const struct path path = {.outer = outer, .key = field->key};
    const struct json *node = json_get(object, field->key);
    if (node == NULL && field->kind == RECORD_OBJECT)
        node = &nothing;
    if (node == NULL) {
        read_absent(at, field);
        return true;
    }
    if (field->kind == RECORD_OBJECT)
        return read_object(r, node, at, field->shape, &path);
    if (field->kind <= RECORD_MAYBE)
        return scalar_readers[field->kind](r, node, at, &path);
    return read_list(r, node, at, field, &path);
}

static bool read_members(struct reader *r, const struct json *object, char *base,
                         const struct record_shape *shape, const struct path *outer)
{
    for (size_t i = 0; i < shape->count; i++)
        if (!read_field(r, object, base, &shape->fields[i], outer))
            return false;
    return true;
}

/* What makes a JSON file a record this program understands. */
static bool check_envelope(const struct json *root, struct err *err)
{
    if (root->type != JSON_OBJECT)
        return json_error(err, root, "not a rehearse record: expected an object");
    const struct json *version = json_get(root, "schema_version");
    if (version == NULL || version->type != JSON_NUMBER || !version->is_integer)
        return json_error(err, root, "not a rehearse record: schema_version is missing");
    if (version->integer != RECORD_SCHEMA_VERSION) {
        json_error(err, version, "schema_version %lld, this program reads %d", (long long)version->integer,
                   RECORD_SCHEMA_VERSION);
        return err_hint(err, "read it with the release of rehearse that wrote it");
    }
    const struct json *complete = json_get(root, "complete");
    if (complete == NULL || complete->type != JSON_TRUE)
        return json_error(err, root, "the record is not complete: its last key is not \"complete\": true");
    return true;
}

bool record_read(struct arena *arena, const char *file, const char *text, size_t length,
                 struct record **record, struct err *err)
{
    const struct json *root;
    if (!json_parse(arena, file, text, length, JSON_STRICT, &root, err) || !check_envelope(root, err))
        return false;
    struct reader reader = {.arena = arena, .err = err};
    *record = arena_alloc(arena, sizeof **record);
    (*record)->complete = true;
    return read_members(&reader, root, (char *)*record, &record_shape, NULL);
}
