#include "bench/observe/tables.h"

#include "bench/base/rng.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    COLUMN_OBJECT,
    COLUMN_SCHEMA,
    COLUMN_NAME,
    COLUMN_ROWS,
    COLUMN_TABLE_BYTES,
    COLUMN_INDEX_BYTES,
    COLUMN_STORAGE
};

struct reading {
    struct tables *tables;
    struct arena *arena; /* for sizes, else NULL */
    struct table_size *sizes;
    size_t count, capacity;
    uint64_t *storage;
};

static int find_watched(const struct tables *tables, const char *schema, const char *name)
{
    struct arena arena = {0};
    const char *dotted = arena_printf(&arena, "%s.%s", schema, name);
    const char *full = sql_quote(&arena, tables->lexis, schema, name);
    const char *bare = sql_quote(&arena, tables->lexis, NULL, name);
    int found = -1;
    for (size_t i = 0; i < tables->count && found < 0; i++) {
        if (strcmp(tables->names[i], dotted) == 0 || strcmp(tables->names[i], name) == 0 ||
            (full != NULL && strcmp(tables->quoted[i], full) == 0) ||
            (bare != NULL && strcmp(tables->quoted[i], bare) == 0))
            found = (int)i;
    }
    arena_free(&arena);
    return found;
}

/* The object's entry, made when it is new. */
static const struct tables_object *learn(struct tables *tables, uint32_t object, const char *schema,
                                         const char *name)
{
    for (size_t i = 0; i < tables->object_count; i++) {
        struct tables_object *known = &tables->objects[i];
        if (known->object != object)
            continue;
        if (known->watched < 0)
            known->watched = find_watched(tables, schema, name);
        return known;
    }
    struct tables_object *added = ARENA_PUSH(&tables->arena, tables->objects, tables->object_count,
                                             tables->object_capacity);
    int watched = find_watched(tables, schema, name);
    added->object = object;
    added->watched = watched;
    added->name = watched >= 0 ? tables->names[watched] : arena_strdup(&tables->arena, name);
    return added;
}

static int64_t number(const char *text)
{
    return text == NULL ? -1 : strtoll(text, NULL, 10);
}

static void read_row(void *context, int result, int columns, const char *const *values)
{
    struct reading *reading = context;
    if (result != 0 || columns <= COLUMN_STORAGE || values[COLUMN_OBJECT] == NULL ||
        values[COLUMN_NAME] == NULL)
        return;
    const struct tables_object *object = learn(reading->tables,
                                               (uint32_t)strtoul(values[COLUMN_OBJECT], NULL, 10),
                                               values[COLUMN_SCHEMA], values[COLUMN_NAME]);
    if (object->watched < 0)
        return;
    const char *storage = values[COLUMN_STORAGE] != NULL ? values[COLUMN_STORAGE] : "";
    if (reading->storage != NULL)
        reading->storage[object->watched] = rng_hash_text(1, storage) | 1;
    if (reading->arena == NULL)
        return;
    *ARENA_PUSH(reading->arena, reading->sizes, reading->count, reading->capacity) = (struct table_size){
        .name = object->name,
        .rows_estimate = number(values[COLUMN_ROWS]),
        .table_bytes = number(values[COLUMN_TABLE_BYTES]),
        .index_bytes = number(values[COLUMN_INDEX_BYTES]),
        .storage = arena_strdup(reading->arena, storage),
    };
}

/* Asks the server; a connection that was lost is tried again once. The caller holds the lock. */
static struct db_answer read_all(struct reading *reading)
{
    struct wire *wire = &reading->tables->wire;
    struct db_answer answer = {.outcome = OUTCOME_CONNECTION_LOST};
    for (int tries = 0; tries < 2 && wire->config.target != NULL; tries++) {
        if (wire->db == NULL && !wire_reopen(wire))
            break;
        answer = wire_ask(wire, DIALECT_TABLES, NULL, 2 * NS_PER_S, read_row, reading);
        if (!outcome_ends_session(answer.outcome))
            break;
        wire_reopen(wire);
    }
    return answer;
}

bool tables_open(struct tables *tables, const struct observer_config *config, const struct wire_config *wire,
                 struct err *err)
{
    *tables = (struct tables){
        .quoted = config->tables,
        .names = config->table_names,
        .count = config->table_count,
        .lexis = db_target_lexis(config->target),
    };
    pthread_mutex_init(&tables->lock, NULL);
    if (!wire_open(&tables->wire, wire, err))
        return false;
    struct reading reading = {.tables = tables};
    struct db_answer answer = read_all(&reading);
    return answer.outcome == OUTCOME_OK || db_answer_error(&answer, err);
}

void tables_close(struct tables *tables)
{
    wire_close(&tables->wire);
}

void tables_free(struct tables *tables)
{
    arena_free(&tables->arena);
    pthread_mutex_destroy(&tables->lock);
}

void tables_mark(struct tables *tables, int attempt, bool after)
{
    pthread_mutex_lock(&tables->lock);
    uint64_t *storage = arena_alloc(&tables->arena, (tables->count + 1) * sizeof *storage);
    struct reading reading = {.tables = tables, .storage = storage};
    if (read_all(&reading).outcome == OUTCOME_OK) {
        *ARENA_PUSH(&tables->arena, tables->marks, tables->mark_count,
                    tables->mark_capacity) = (struct tables_mark){attempt, after, storage};
    }
    pthread_mutex_unlock(&tables->lock);
}

bool tables_sizes(struct tables *tables, struct arena *arena, struct table_size **sizes, size_t *count,
                  struct err *err)
{
    pthread_mutex_lock(&tables->lock);
    struct reading reading = {.tables = tables, .arena = arena};
    struct db_answer answer = read_all(&reading);
    pthread_mutex_unlock(&tables->lock);
    *sizes = reading.sizes;
    *count = reading.count;
    return answer.outcome == OUTCOME_OK || db_answer_error(&answer, err);
}

const struct tables_object *tables_object(const struct tables *tables, uint32_t object)
{
    for (size_t i = 0; i < tables->object_count; i++) {
        if (tables->objects[i].object == object)
            return &tables->objects[i];
    }
    return NULL;
}

/* Copies the last part of a possibly qualified name, without its quotes. */
static void last_part(const char *written, char *name, size_t size)
{
    size_t length = 0;
    bool quoted = false;
    for (const char *at = written; *at != '\0' && length + 1 < size; at++) {
        if (*at == '"' || *at == '`')
            quoted = !quoted;
        else if (*at == '.' && !quoted)
            length = 0;
        else
            name[length++] = *at;
    }
    name[length] = '\0';
}

int tables_find(const struct tables *tables, const char *written)
{
    char wanted[256], name[256];
    if (written == NULL)
        return -1;
    last_part(written, wanted, sizeof wanted);
    for (size_t i = 0; i < tables->count; i++) {
        last_part(tables->quoted[i], name, sizeof name);
        if (strcasecmp(wanted, name) == 0)
            return (int)i;
    }
    return -1;
}

static const struct tables_mark *find_mark(const struct tables *tables, int attempt, bool after)
{
    for (size_t i = 0; i < tables->mark_count; i++) {
        if (tables->marks[i].attempt == attempt && tables->marks[i].after == after)
            return &tables->marks[i];
    }
    return NULL;
}

int8_t tables_rewritten(const struct tables *tables, int attempt)
{
    const struct tables_mark *before = find_mark(tables, attempt, false);
    const struct tables_mark *after = find_mark(tables, attempt, true);
    if (before == NULL || after == NULL)
        return -1;
    for (size_t i = 0; i < tables->count; i++) {
        if (before->storage[i] != 0 && after->storage[i] != 0 && before->storage[i] != after->storage[i])
            return 1;
    }
    return 0;
}
