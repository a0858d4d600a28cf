#include "bench/base/json.h"

#include "bench/base/json_scan.h"
#include "bench/base/near.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct builder {
    struct arena *arena;
    const char *file;
    const struct json_scan *scan;
    size_t next; /* the place of the node that is built next */
    struct err *err;
};

static enum json_type type_of(const cJSON *item)
{
    static const struct {
        int cjson;
        enum json_type type;
    } types[] = {{cJSON_False, JSON_FALSE},   {cJSON_True, JSON_TRUE},   {cJSON_Number, JSON_NUMBER},
                 {cJSON_String, JSON_STRING}, {cJSON_Array, JSON_ARRAY}, {cJSON_Object, JSON_OBJECT}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if ((item->type & 0xFF) == types[i].cjson)
            return types[i].type;
    }
    return JSON_NULL;
}

/* Integers come from the text: cJSON keeps numbers as doubles, which end being exact at 2^53. */
static void read_number(struct json *node, const char *text)
{
    size_t length = strspn(text, "-0123456789");
    node->is_integer = text[length] != '.' && text[length] != 'e' && text[length] != 'E';
    node->number = strtod(text, NULL);
    if (node->is_integer)
        node->integer = strtoll(text, NULL, 10);
}

static bool stands_before(const struct json *a, const struct json *b)
{
    return a->key_line != b->key_line ? a->key_line < b->key_line : a->key_column < b->key_column;
}

/* By key; equal ones as they stand in the text. */
static int by_key(const void *a, const void *b)
{
    const struct json *one = *(const struct json *const *)a, *other = *(const struct json *const *)b;
    int order = strcmp(one->key, other->key);
    return order != 0 ? order : stands_before(one, other) ? -1 : 1;
}

/* Blames the first key of the text that was there before; sorted, since an object may have a great many. */
static bool check_duplicates(struct builder *b, const struct json *object, size_t count)
{
    const struct json **members = mem_alloc(count * sizeof *members);
    const struct json *again = NULL, *first = NULL;
    size_t filled = 0;
    for (const struct json *member = object->child; member != NULL; member = member->next)
        members[filled++] = member;
    qsort(members, count, sizeof *members, by_key);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(members[i - 1]->key, members[i]->key) != 0 ||
            (again != NULL && stands_before(again, members[i])))
            continue;
        first = members[i - 1];
        again = members[i];
    }
    free(members);
    return again == NULL || err_at(b->err, b->file, again->key_line, again->key_column,
                                   "duplicate key \"%s\", first at line %d", again->key, first->key_line);
}

static bool build(struct builder *b, const cJSON *item, struct json *node);

static bool build_members(struct builder *b, const cJSON *item, struct json *node)
{
    const struct json **link = &node->child;
    size_t count = 0;
    for (const cJSON *child = item->child; child != NULL; child = child->next) {
        struct json *member = arena_alloc(b->arena, sizeof *member);
        *link = member;
        link = &member->next;
        count++;
        if (node->type == JSON_OBJECT)
            member->key = arena_strdup(b->arena, child->string);
        if (!build(b, child, member))
            return false;
    }
    return node->type != JSON_OBJECT || count < 2 || check_duplicates(b, node, count);
}

static bool build(struct builder *b, const cJSON *item, struct json *node)
{
    if (b->next == b->scan->place_count)
        return err_set(b->err, ERR_INTERNAL, "%s: more values than places", b->file);
    const struct json_place *place = &b->scan->places[b->next++];
    node->type = type_of(item);
    node->file = b->file;
    node->line = place->line;
    node->column = place->column;
    node->key_line = place->key_line;
    node->key_column = place->key_column;
    if (node->type == JSON_STRING)
        node->string = arena_strdup(b->arena, item->valuestring);
    if (node->type == JSON_NUMBER)
        read_number(node, b->scan->clean + place->offset);
    return build_members(b, item, node);
}

bool json_parse(struct arena *arena, const char *file, const char *text, size_t length, enum json_flags flags,
                const struct json **root, struct err *err)
{
    struct json_scan scan;
    if (!json_scan(arena, file, text, length, flags, &scan, err))
        return false;
    cJSON *tree = cJSON_ParseWithLength(scan.clean, length);
    if (tree == NULL)
        return err_set(err, ERR_INTERNAL, "%s: text passed the strict pass, but does not parse", file);
    struct json *node = arena_alloc(arena, sizeof *node);
    struct builder b = {.arena = arena, .file = arena_strdup(arena, file), .scan = &scan, .err = err};
    bool good = build(&b, tree, node);
    cJSON_Delete(tree);
    *root = node;
    return good;
}

const struct json *json_get(const struct json *object, const char *key)
{
    if (object->type != JSON_OBJECT)
        return NULL;
    for (const struct json *member = object->child; member != NULL; member = member->next) {
        if (strcmp(member->key, key) == 0)
            return member;
    }
    return NULL;
}

size_t json_size(const struct json *array_or_object)
{
    size_t size = 0;
    for (const struct json *member = array_or_object->child; member != NULL; member = member->next)
        size++;
    return size;
}

bool json_error(struct err *err, const struct json *node, const char *format, ...)
{
    char message[sizeof err->message];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return err_at(err, node->file, node->line, node->column, "%s", message);
}

static bool is_among(const char *word, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strcmp(*words, word) == 0)
            return true;
    }
    return false;
}

bool json_check_keys(const struct json *object, const char *const *known, struct err *err)
{
    for (const struct json *member = object->child; member != NULL; member = member->next) {
        if (is_among(member->key, known))
            continue;
        err_at(err, member->file, member->key_line, member->key_column, "unknown key \"%s\"", member->key);
        const char *near = near_word(member->key, known);
        if (near != NULL)
            err_hint(err, "Did you mean \"%s\"?", near);
        return false;
    }
    return true;
}
