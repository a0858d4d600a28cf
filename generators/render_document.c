#include "generators/render_kind.h"

#include "bench/base/json.h"
#include "generators/permute.h"
#include "generators/render_letters.h"
#include "generators/value_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Documents: a bucket's are like its lower bound: the same keys and types, other values, drawn from what stands under the same
 * path in all bounds. One leaf, a text or number that takes many values, is written so that no two documents agree; their
 * order is not the index's, which depends on a document's size first. */

enum leaf_kind { LEAF_TEXT, LEAF_NUMBER, LEAF_BOOL };

struct pool { /* what stands under a path */
    const char *path;
    enum leaf_kind kind;
    const struct json **nodes;
    size_t count, capacity;
    double low, high; /* of numbers */
    int scale;
    bool few; /* drawn from nodes as they are */
};

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
    double room;   /* how many values it takes */
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

static void put_escaped(struct buf *out, uint32_t letter)
{
    if (letter == '"' || letter == '\\') {
        buf_putc(out, '\\');
        buf_putc(out, (char)letter);
    } else if (letter < 0x20) {
        buf_printf(out, "\\u%04x", (unsigned)letter);
    } else {
        letters_put(letter, out);
    }
}

static void put_string(struct buf *out, const char *text)
{
    buf_putc(out, '"');
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x80)
            put_escaped(out, (unsigned char)*text);
        else
            buf_putc(out, *text);
    buf_putc(out, '"');
}

static size_t pool_of(struct building *b, const char *path, enum leaf_kind kind)
{
    struct render_document *self = b->self;
    for (size_t i = 0; i < self->pool_count; i++)
        if (self->pools[i].kind == kind && strcmp(self->pools[i].path, path) == 0)
            return i;
    struct pool *pool = ARENA_PUSH(b->arena, self->pools, self->pool_count, self->pool_capacity);
    *pool = (struct pool){.path = path, .kind = kind, .low = INFINITY, .high = -INFINITY};
    return self->pool_count - 1;
}

static int fraction_digits(double number)
{
    char text[40];
    snprintf(text, sizeof text, "%.9f", fabs(number));
    size_t length = strlen(text);
    int digits = 9;
    while (digits > 0 && text[--length] == '0')
        digits--;
    return digits;
}

static void add_leaf(struct building *b, const struct json *node, const char *path, enum leaf_kind kind)
{
    struct leaf *leaf = ARENA_PUSH(b->arena, b->into->leaves, b->into->count, b->into->capacity);
    leaf->before = arena_strdup(b->arena, buf_text(&b->text));
    leaf->node = node;
    leaf->pool = pool_of(b, path, kind);
    buf_clear(&b->text);
    struct pool *pool = &b->self->pools[leaf->pool];
    *ARENA_PUSH(b->arena, pool->nodes, pool->count, pool->capacity) = node;
    if (kind != LEAF_NUMBER)
        return;
    pool->low = fmin(pool->low, node->number);
    pool->high = fmax(pool->high, node->number);
    int digits = fraction_digits(node->number);
    pool->scale = digits > pool->scale ? digits : pool->scale;
}

/* Elements of an array share their path. */
static void walk(struct building *b, const struct json *node, const char *path)
{
    if (node->type == JSON_STRING) {
        add_leaf(b, node, path, LEAF_TEXT);
    } else if (node->type == JSON_NUMBER) {
        add_leaf(b, node, path, LEAF_NUMBER);
    } else if (node->type == JSON_TRUE || node->type == JSON_FALSE) {
        add_leaf(b, node, path, LEAF_BOOL);
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
                put_string(&b->text, child->key);
                buf_puts(&b->text, ": ");
            }
            walk(b, child, below);
        }
        buf_putc(&b->text, object ? '}' : ']');
    }
}

static bool looks_like_a_date(const char *text)
{
    static const char form[] = "dddd-dd-dd";
    size_t i = 0;
    for (; form[i] != '\0'; i++)
        if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    return true;
}

static int by_string(const void *left, const void *right)
{
    const struct json *a = *(const struct json *const *)left, *b = *(const struct json *const *)right;
    return strcmp(a->string, b->string);
}

static int by_value(const void *left, const void *right)
{
    const struct json *a = *(const struct json *const *)left, *b = *(const struct json *const *)right;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* Texts that repeat are labels; dates must stay dates; numbers that repeat are counts or codes. */
static void judge_pool(struct pool *pool)
{
    if (pool->kind == LEAF_BOOL) {
        pool->few = true;
        return;
    }
    qsort(pool->nodes, pool->count, sizeof *pool->nodes, pool->kind == LEAF_TEXT ? by_string : by_value);
    size_t different = 1;
    for (size_t i = 1; i < pool->count; i++)
        different += (pool->kind == LEAF_TEXT ? by_string : by_value)(&pool->nodes[i - 1], &pool->nodes[i]) !=
                     0;
    pool->few = different * 3 <= pool->count;
    if (pool->kind == LEAF_TEXT)
        pool->few |= looks_like_a_date(pool->nodes[0]->string) ||
                     looks_like_a_date(pool->nodes[pool->count - 1]->string);
}

static double unit_of(const struct pool *pool)
{
    return pow(10, -pool->scale);
}

/* Of a text of hexadecimal digits no letter is beyond f. */
static unsigned letters_of(const char *text)
{
    size_t length = strlen(text);
    return length >= 8 && strspn(text, "0123456789abcdefABCDEF-") == length ? 6 : 26;
}

static unsigned radix(unsigned char c, unsigned letters)
{
    return c >= '0' && c <= '9' ? 10 : (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? letters : 1;
}

static double leaf_room(const struct pool *pool, const struct leaf *leaf)
{
    if (pool->few || pool->kind == LEAF_BOOL)
        return 1;
    if (pool->kind == LEAF_NUMBER)
        return fmin(floor((pool->high - pool->low) / unit_of(pool)) + 1, 1e15);
    double room = 1;
    unsigned letters = letters_of(leaf->node->string);
    for (const char *at = leaf->node->string; *at != '\0' && room < 1e15; at++)
        room *= radix((unsigned char)*at, letters);
    return fmin(room, 1e15);
}

static void choose_unique(const struct render_document *self, struct template *template)
{
    template->unique = template->count;
    template->room = 1;
    for (size_t i = 0; i < template->count; i++) {
        double room = leaf_room(&self->pools[template->leaves[i].pool], &template->leaves[i]);
        if (room > template->room) {
            template->room = room;
            template->unique = i;
        }
    }
}

static void put_number(const struct pool *pool, double number, struct buf *out)
{
    if (pool->scale == 0 && fabs(number) < 9e15)
        value_put_int(out, (int64_t)number);
    else if (pool->scale == 0 || fabs(number) >= 1e15)
        buf_printf(out, "%.17g", number);
    else
        buf_printf(out, "%.*f", pool->scale, number);
}

/* Between two neighbours of what is known. */
static void draw_number(const struct pool *pool, uint64_t hash, struct buf *out)
{
    size_t at = pool->count > 1 ? value_scale(hash, pool->count - 1) : 0;
    double low = pool->nodes[at]->number, high = pool->nodes[at + (pool->count > 1)]->number;
    double steps = floor((high - low) / unit_of(pool)) + 1;
    uint64_t step = steps < 1e15 && steps >= 1 ? value_scale(value_mix(hash), (uint64_t)steps) : 0;
    put_number(pool, pool->few ? low : low + (double)step * unit_of(pool), out);
}

/* Letters and digits by others; code: the last ones by its digits, 0 … room − 1. */
static void put_like(const char *text, uint64_t hash, uint64_t code, double room, struct buf *out)
{
    size_t length = strlen(text), start = out->length;
    unsigned letters = letters_of(text);
    buf_add(out, text, length);
    for (size_t i = length; i-- > 0;) {
        unsigned char c = (unsigned char)text[i];
        unsigned count = radix(c, letters);
        if (count == 1)
            continue;
        hash = hash * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        unsigned digit = room > 1 ? (unsigned)(code % count) : (unsigned)value_scale(hash, count);
        code /= count;
        room /= count;
        out->data[start + i] = (char)((count == 10 ? '0' : c >= 'a' ? 'a' : 'A') + (int)digit);
    }
}

static void put_text(const char *text, uint64_t hash, uint64_t code, double room, struct buf *out)
{
    struct buf like = {0};
    put_like(text, hash, code, room, &like);
    put_string(out, buf_text(&like));
    buf_free(&like);
}

static void put_leaf(const struct pool *pool, const struct leaf *leaf, uint64_t hash, struct buf *out)
{
    const struct json *drawn = pool->nodes[value_scale(hash, pool->count)];
    if (pool->kind == LEAF_BOOL)
        buf_puts(out, drawn->type == JSON_TRUE ? "true" : "false");
    else if (pool->kind == LEAF_NUMBER)
        draw_number(pool, hash, out);
    else if (pool->few)
        put_string(out, drawn->string);
    else
        put_text(leaf->node->string, hash, 0, 1, out);
}

static void put_unique(const struct pool *pool, const struct leaf *leaf, uint64_t hash, uint64_t code,
                       double room, struct buf *out)
{
    if (pool->kind == LEAF_NUMBER)
        put_number(pool, pool->low + (double)code * unit_of(pool), out);
    else
        put_text(leaf->node->string, hash, code, room, out);
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

static void plain(const struct render *render, const struct element *element, struct buf *out)
{
    const struct render_document *self = render->document;
    if (self->count == 0) {
        put_invented(render, element, out);
        return;
    }
    const struct template *template = &self->templates[element->index];
    if (template->unique == template->count) {
        buf_puts(out, self->literals[element->index]);
        return;
    }
    uint64_t hash = render_hash(render, element), room = (uint64_t) template->room;
    uint64_t code = permute(render->stream, room, (element->value * self->count + element->index) % room);
    for (size_t i = 0; i < template->count; i++) {
        const struct leaf *leaf = &template->leaves[i];
        buf_puts(out, leaf->before);
        if (i == template->unique)
            put_unique(&self->pools[leaf->pool], leaf, hash, code, template->room, out);
        else
            put_leaf(&self->pools[leaf->pool], leaf, value_mix(hash + i), out);
    }
    buf_puts(out, template->after);
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

/* What the leaf takes is shared by all buckets. */
static double capacity(const struct render *render, size_t bucket)
{
    const struct render_document *self = render->document;
    if (self->count == 0)
        return INFINITY;
    const struct template *template = &self->templates[bucket];
    return template->unique == template->count ? 1 : floor(template->room / (double)self->count);
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
        judge_pool(&self->pools[i]);
    for (size_t i = 0; i < self->count; i++)
        choose_unique(self, &self->templates[i]);
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
