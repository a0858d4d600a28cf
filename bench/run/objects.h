/* objects: what a migration can add to a database, by name: taken before and after, to tell what it left behind.
 *
 * Values in the arena. One thread. */
#ifndef REHEARSE_RUN_OBJECTS_H
#define REHEARSE_RUN_OBJECTS_H

#include "bench/base/arena.h"
#include "bench/db/db.h"

struct object {
    const char *name;      /* kind and name: "trigger orders.audit" */
    const char *statement; /* that removes it */
};

/* In the order in which they must go: triggers before columns before tables. */
struct objects {
    struct object *items;
    size_t count, capacity;
    bool known; /* false: this server cannot tell */
};

bool objects_take(struct db *db, struct arena *arena, struct objects *objects, struct err *err);
/* Those of now that were not there before; parts of a table that was not there go with it. */
struct objects objects_added(struct arena *arena, const struct objects *before, const struct objects *now);
bool objects_have(const struct objects *objects, const char *name);
char *objects_to_json(struct arena *arena, const struct objects *objects); /* the names */
/* The names alone; "" is none. */
bool objects_from_json(struct arena *arena, const char *text, struct objects *objects, struct err *err);

#endif
