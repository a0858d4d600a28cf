#include "bench/run/objects.h"

#include "bench/base/json.h"
#include "bench/db/dialect.h"

#include <string.h>

bool objects_take(struct db *db, struct arena *arena, struct objects *objects, struct err *err)
{
    struct db_table table;
    const char *sql = dialect_sql(arena, db, DIALECT_OBJECTS, NULL);
    *objects = (struct objects){.known = sql != NULL};
    if (sql == NULL)
        return true;
    if (!db_query(db, arena, sql, &table, err))
        return err_wrap(err, "listing the objects of the database");
    for (size_t row = 0; row < table.rows; row++)
        *ARENA_PUSH(arena, objects->items, objects->count, objects->capacity) = (struct object){
            arena_printf(arena, "%s %s", db_value(&table, row, 0), db_value(&table, row, 1)),
            db_value(&table, row, 2)};
    return true;
}

bool objects_have(const struct objects *objects, const char *name)
{
    for (size_t i = 0; i < objects->count; i++)
        if (strcmp(objects->items[i].name, name) == 0)
            return true;
    return false;
}

/* True when object is a part of whole: "column public.orders.note" of "table public.orders". */
static bool is_part(const char *object, const char *whole)
{
    const char *name = strchr(object, ' ');
    if (strncmp(whole, "table ", 6) != 0 || name == NULL)
        return false;
    const char *at = name + 1, *table = whole + 6;
    while (*table != '\0' && *at == *table)
        at++, table++;
    return *table == '\0' && *at == '.';
}

struct objects objects_added(struct arena *arena, const struct objects *before, const struct objects *now)
{
    struct objects all = {0}, added = {.known = before->known && now->known};
    for (size_t i = 0; added.known && i < now->count; i++)
        if (!objects_have(before, now->items[i].name))
            *ARENA_PUSH(arena, all.items, all.count, all.capacity) = now->items[i];
    for (size_t i = 0; i < all.count; i++) {
        bool part = false;
        for (size_t j = 0; j < all.count; j++)
            part = part || is_part(all.items[i].name, all.items[j].name);
        if (!part)
            *ARENA_PUSH(arena, added.items, added.count, added.capacity) = all.items[i];
    }
    return added;
}

char *objects_to_json(struct arena *arena, const struct objects *objects)
{
    struct buf out = {0};
    struct json_writer writer = json_writer(&out);
    writer.pretty = false;
    json_begin_array(&writer);
    for (size_t i = 0; i < objects->count; i++)
        json_write_string(&writer, objects->items[i].name);
    json_end_array(&writer);
    char *text = arena_strdup(arena, buf_text(&out));
    buf_free(&out);
    return text;
}

bool objects_from_json(struct arena *arena, const char *text, struct objects *objects, struct err *err)
{
    const struct json *root;
    *objects = (struct objects){.known = true};
    if (text[0] == '\0')
        return true;
    if (!json_parse(arena, "the journal", text, strlen(text), JSON_STRICT, &root, err))
        return false;
    for (const struct json *name = root->child; name != NULL; name = name->next)
        if (name->type == JSON_STRING)
            *ARENA_PUSH(arena, objects->items, objects->count,
                        objects->capacity) = (struct object){name->string, NULL};
    return true;
}
