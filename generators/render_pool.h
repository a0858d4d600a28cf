/* render_pool: what stands under one path in the documents of a column's bounds, and values like it. Private to
 * render_document.c; immutable once judged, any thread. */
#ifndef REHEARSE_GENERATORS_RENDER_POOL_H
#define REHEARSE_GENERATORS_RENDER_POOL_H

#include "bench/base/arena.h"
#include "bench/base/buf.h"
#include "bench/base/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pool_kind { POOL_TEXT, POOL_NUMBER, POOL_BOOL };

struct pool {
    const char *path;
    enum pool_kind kind;
    const struct json **nodes, **different; /* the latter: once each */
    size_t count, capacity, different_count;
    double low, high; /* of numbers */
    int scale;
    bool few; /* drawn from nodes as they are */
};

void pool_add(struct arena *arena, struct pool *pool, const struct json *node);
void pool_judge(struct arena *arena, struct pool *pool); /* when all are added */

/* How many values pool_put tells apart, given a node like which a text is. */
double pool_room(const struct pool *pool, const struct json *like);
/* The value of a code below room, which is pool_room's. hash: for letters that room leaves over. */
void pool_put(const struct pool *pool, const struct json *like, uint64_t hash, uint64_t code, double room,
              struct buf *out);
/* One as frequent as in the bounds. */
void pool_draw(const struct pool *pool, const struct json *like, uint64_t hash, struct buf *out);

void pool_put_string(struct buf *out, const char *text); /* quoted */

#endif
