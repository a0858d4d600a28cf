/* tables: the watched tables as the server knows them: object ids, sizes, storage. Any thread, over a connection of its own.
 *
 * A table that is dropped and made again keeps its place among the watched ones and gets a second object id. */
#ifndef REHEARSE_OBSERVE_TABLES_H
#define REHEARSE_OBSERVE_TABLES_H

#include "bench/observe/observer.h"
#include "bench/observe/wire.h"

struct tables_object {
    uint32_t object;
    int watched; /* index among the watched tables, −1 */
    const char *name;
};

struct tables_mark {
    int attempt;
    bool after;
    uint64_t *storage; /* by watched table: hash of the storage id, 0 unknown */
};

struct tables {
    pthread_mutex_t lock;
    struct arena arena;
    struct wire wire;
    const char *const *quoted, *const *names;
    size_t count;
    enum sql_lexis lexis;
    struct tables_object *objects;
    size_t object_count, object_capacity;
    struct tables_mark *marks;
    size_t mark_count, mark_capacity;
};

bool tables_open(struct tables *tables, const struct observer_config *config, const struct wire_config *wire,
                 struct err *err);
void tables_close(struct tables *tables); /* the connection */
void tables_free(struct tables *tables);
void tables_mark(struct tables *tables, int attempt, bool after);
bool tables_sizes(struct tables *tables, struct arena *arena, struct table_size **sizes, size_t *count,
                  struct err *err);

/* Below: after the threads have ended. */
const struct tables_object *tables_object(const struct tables *tables, uint32_t object); /* NULL: unknown */
int tables_find(const struct tables *tables,
                const char *written); /* watched table as a statement names it, −1 */
/* 1: a watched table got new storage between the marks of the attempt; 0: none did; −1: not both marks are there. */
int8_t tables_rewritten(const struct tables *tables, int attempt);

#endif
