#include "generators/render_kind.h"

#include "bench/base/json.h"
#include "generators/permute.h"
#include "generators/render_pool.h"
#include "generators/value_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Documents: a bucket's are like its lower bound: the same keys and types, other values, drawn from what stands under the same
 * path in all bounds. One leaf, a text or number that takes many values, is written so that no two documents agree; where none
 * takes so many as there are documents, all leaves together are. Their order is not the index's, which depends on a document's
 * size first. */

struct leaf {
    const char *before; /* the text up to it */
    const struct json *node;
    size_t pool;
};

struct template
{
    struct leaf *leaves;
    size_t count, capacity;
    const char *after;
    size_t unique; /* the leaf that makes documents differ; count: none */
    bool mixed;    /* all leaves do */
    double room;   /* how many values it takes, or they */
};

struct render_document {
    bool binary_mark; /* jsonb: a version precedes the text */
    struct pool *pools;
    size_t pool_count, pool_capacity;
    struct template *templates; /* by bucket */
    size_t count;
    const char **literals;
    size_t invented_bytes; /* no bound is known: documents of about this size */
};

struct building {
    struct arena *arena;
    struct render_document *self;
    struct template *into;
    struct buf text;
};

static size_t pool_of(struct building *b, const char *path, enum pool_kind kind)
{
    struct render_document *self = b->self;
    for (size_t i = 0; i < self->pool_count; i++)
        if (self->pools[i].kind == kind && strcmp(self->pools[i].path, path) == 0)
            return i;
    struct pool *pool = ARENA_PUSH(b->arena, self->pools, self->pool_count, self->pool_capacity);
    *pool = (struct pool){.path = path, .kind = kind, .low = INFINITY, .high = -INFINITY};
    return self->pool_count - 1;
}

static void add_leaf(struct building *b, const struct json *node, const char *path, enum pool_kind kind)
{
    struct leaf *leaf = ARENA_PUSH(b->arena, b->into->leaves, b->into->count, b->into->capacity);
    leaf->before = arena_strdup(b->arena, buf_text(&b->text));
    leaf->node = node;
    leaf->pool = pool_of(b, path, kind);
    buf_clear(&b->text);
    pool_add(b->arena, &b->self->pools[leaf->pool], node);
}

/* Elements of an array share their path. */
static void walk(struct building *b, const struct json *node, const char *path)
{
    if (node->type == JSON_STRING) {
        add_leaf(b, node, path, POOL_TEXT);
    } else if (node->type == JSON_NUMBER) {
        add_leaf(b, node, path, POOL_NUMBER);
    } else if (node->type == JSON_TRUE || node->type == JSON_FALSE) {
        add_leaf(b, node, path, POOL_BOOL);
    } else if (node->type == JSON_NULL) {
        buf_puts(&b->text, "null");
    } else {
        bool object = node->type == JSON_OBJECT;
        buf_putc(&b->text, object ? '{' : '[');
        for (const struct json *child = node->child; child != NULL; child = child->next) {
            const char *below = object ? arena_printf(b->arena, "%s.%s", path, child->key)
                                       : arena_printf(b->arena, "%s[]", path);
            if (child != node->child)
                buf_puts(&b->text, ", ");
            if (object) {
                pool_put_string(&b->text, child->key);
                buf_puts(&b->text, ": ");
            }
            walk(b, child, below);
        }
        buf_putc(&b->text, object ? '}' : ']');
    }
}

/* A label makes no document differ, unless all leaves have to. */
static void choose_unique(const struct render_document *self, struct template *template, double wanted)
{
    double all = 1;
    template->unique = template->count;
    template->room = 1;
    for (size_t i = 0; i < template->count; i++) {
        const struct pool *pool = &self->pools[template->leaves[i].pool];
        double room = pool_room(pool, template->leaves[i].node);
        all = fmin(all * room, 1e15);
        if (!pool->few && room > template->room) {
            template->room = room;
            template->unique = i;
        }
    }
    template->mixed = template->room<wanted && all> template->room;
    if (template->mixed)
        template->room = all;
}

/* As long as wanted, when that is not too short for its own number. */
static void put_invented(const struct render *render, const struct element *element, struct buf *out)
{
    static const char data[] = ", \"data\": \"";
    enum { ENDS = 2 /* quote and brace */, ACTIVE = 40 /* bytes that leave room for it */ };
    uint64_t hash = render_hash(render, element);
    size_t start = out->length, bytes = render->document->invented_bytes;
    buf_puts(out, "{\"id\": ");
    value_put_int(out, (int64_t)(element->value & INT64_MAX));
    if (bytes > ACTIVE + sizeof data)
        buf_puts(out, hash & 1 ? ", \"active\": true" : ", \"active\": false");
    if (out->length - start + sizeof data + ENDS < bytes) {
        buf_puts(out, data);
        while (out->length - start + ENDS < bytes) {
            hash = value_mix(hash + 1);
            for (int i = 0; i < 12 && out->length - start + ENDS < bytes; i++)
                buf_putc(out, "abcdefghijklmnopqrstuvwxyz      "[hash >> (5 * i) & 31]);
        }
        buf_putc(out, '"');
    }
    buf_putc(out, '}');
}

/* All leaves are the digits of a number. */
static void put_mixed(const struct render_document *self, const struct template *template, uint64_t hash,
                      uint64_t code, struct buf *out)
{
    for (size_t i = 0; i < template->count; i++) {
        const struct leaf *leaf = &template->leaves[i];
        const struct pool *pool = &self->pools[leaf->pool];
        double room = pool_room(pool, leaf->node);
        buf_puts(out, leaf->before);
        pool_put(pool, leaf->node, value_mix(hash + i), code % (uint64_t)room, room, out);
        code /= (uint64_t)room;
    }
    buf_puts(out, template->after);
}

static void put_unique(const struct render_document *self, const struct template *template, uint64_t hash,
                       uint64_t code, struct buf *out)
{
    for (size_t i = 0; i < template->count; i++) {
        const struct leaf *leaf = &template->leaves[i];
        const struct pool *pool = &self->pools[leaf->pool];
        buf_puts(out, leaf->before);
        if (i == template->unique)
            pool_put(pool, leaf->node, hash, code, template->room, out);
        else
            pool_draw(pool, leaf->node, value_mix(hash + i), out);
    }
    buf_puts(out, template->after);
}

static void plain(const struct render *render, const struct element *element, struct buf *out)
{
    const struct render_document *self = render->document;
    if (self->count == 0) {
        put_invented(render, element, out);
        return;
    }
    const struct template *template = &self->templates[element->index];
    if (template->unique == template->count && !template->mixed) {
        buf_puts(out, self->literals[element->index]);
        return;
    }
    uint64_t hash = render_hash(render, element), room = (uint64_t) template->room;
    uint64_t place = element->value * self->count + element->index +
                     render_turn(render, element) * UINT64_C(7919); /* a prime: all places come round */
    uint64_t code = permute(render->stream, room, place % room);
    (template->mixed ? put_mixed : put_unique)(self, template, hash, code, out);
}

static void open_mark(const struct render *render, struct buf *out)
{
    if (render->document->binary_mark)
        *value_wire_room(out, 1) = 1;
}

static void binary(const struct render *render, const struct element *element, struct buf *out)
{
    size_t start = value_wire_open(out);
    open_mark(render, out);
    plain(render, element, out);
    value_wire_close(out, start);
}

static bool field(const struct render *render, const char *literal, struct buf *out)
{
    size_t start = value_wire_open(out);
    open_mark(render, out);
    buf_puts(out, literal);
    value_wire_close(out, start);
    return true;
}

/* What leaves take is shared by all buckets, one by one. */
static double capacity(const struct render *render, size_t bucket)
{
    const struct render_document *self = render->document;
    if (self->count == 0)
        return INFINITY;
    const struct template *template = &self->templates[bucket];
    if (template->unique == template->count && !template->mixed)
        return 1;
    return fmax(0, ceil((template->room - (double)bucket) / (double)self->count));
}

static double place(const struct render *render, const char *literal)
{
    const struct render_document *self = render->document;
    size_t i = 0; /* small documents first, as jsonb sorts */
    while (i < self->count && strlen(self->literals[i]) <= strlen(literal))
        i++;
    return (double)i;
}

static const struct render_class document_class = {plain, binary, capacity, place, field};

static void build(struct building *b, const char *literal, struct template *template)
{
    const struct json *root;
    struct err ignored = {0};
    b->into = template;
    buf_clear(&b->text);
    if (json_parse(b->arena, "document", literal, strlen(literal), JSON_STRICT, &root, &ignored))
        walk(b, root, "");
    template->after = arena_strdup(b->arena, buf_text(&b->text));
}

static void build_all(const struct render_ask *ask, struct render_document *self)
{
    struct building b = {.arena = ask->arena, .self = self};
    self->count = render_buckets(ask->statistics);
    self->literals = ask->statistics->bounds;
    self->templates = arena_alloc(ask->arena, (self->count + 1) * sizeof *self->templates);
    for (size_t i = 0; i < self->count; i++)
        build(&b, self->literals[i], &self->templates[i]);
    for (size_t i = 0; i < self->pool_count; i++)
        pool_judge(ask->arena, &self->pools[i]);
    double wanted = fmax(ask->statistics->distinct, (double)self->count);
    for (size_t i = 0; i < self->count; i++)
        choose_unique(self, &self->templates[i], wanted);
    buf_free(&b.text);
}

/* Of a json text as stored, without its header; jsonb is about as long as its text. */
static double content_bytes(const struct render_ask *ask)
{
    double width = ask->statistics->width_bytes;
    if (ask->table->lexis != SQL_POSTGRES)
        return width;
    return fmax(0, width > 127 ? width - 4 : width - 1);
}

bool render_document_make(const struct render_ask *ask, struct render *render)
{
    bool is_jsonb = strcmp(ask->type, "jsonb") == 0;
    if (!is_jsonb && strcmp(ask->type, "json") != 0)
        return false;
    struct render_document *self = arena_alloc(ask->arena, sizeof *self);
    self->binary_mark = is_jsonb;
    render->document = self;
    render->literals = &document_class;
    build_all(ask, self);
    if (self->count == 0 && !(ask->statistics->width_bytes > 0))
        return true;
    self->invented_bytes = ask->statistics->width_bytes > 0 ? (size_t)fmin(content_bytes(ask), 1e6) : 0;
    render->values = &document_class;
    render->binary = true;
    render->hostile = true;
    return true;
}
