#include "generators/render_pool.h"

#include "generators/render_letters.h"
#include "generators/value_kind.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

void pool_put_string(struct buf *out, const char *text)
{
    buf_putc(out, '"');
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x80)
            put_escaped(out, (unsigned char)*text);
        else
            buf_putc(out, *text);
    buf_putc(out, '"');
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

void pool_add(struct arena *arena, struct pool *pool, const struct json *node)
{
    *ARENA_PUSH(arena, pool->nodes, pool->count, pool->capacity) = node;
    if (pool->kind != POOL_NUMBER)
        return;
    pool->low = fmin(pool->low, node->number);
    pool->high = fmax(pool->high, node->number);
    int digits = fraction_digits(node->number);
    pool->scale = digits > pool->scale ? digits : pool->scale;
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

static int by_truth(const void *left, const void *right)
{
    const struct json *a = *(const struct json *const *)left, *b = *(const struct json *const *)right;
    return (a->type == JSON_TRUE) - (b->type == JSON_TRUE);
}

/* Texts that repeat are labels; dates must stay dates; numbers that repeat are counts or codes. */
void pool_judge(struct arena *arena, struct pool *pool)
{
    static int (*const orders[])(const void *, const void *) = {by_string, by_value, by_truth};
    int (*order)(const void *, const void *) = orders[pool->kind];
    qsort(pool->nodes, pool->count, sizeof *pool->nodes, order);
    pool->different = arena_alloc(arena, pool->count * sizeof *pool->different);
    for (size_t i = 0; i < pool->count; i++)
        if (i == 0 || order(&pool->nodes[i - 1], &pool->nodes[i]) != 0)
            pool->different[pool->different_count++] = pool->nodes[i];
    pool->few = pool->kind == POOL_BOOL || pool->different_count * 3 <= pool->count ||
                (pool->kind == POOL_TEXT && (looks_like_a_date(pool->nodes[0]->string) ||
                                             looks_like_a_date(pool->nodes[pool->count - 1]->string)));
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

double pool_room(const struct pool *pool, const struct json *like)
{
    if (pool->few)
        return (double)pool->different_count;
    if (pool->kind == POOL_NUMBER)
        return fmin(floor((pool->high - pool->low) / unit_of(pool)) + 1, 1e15);
    double room = 1;
    unsigned letters = letters_of(like->string);
    for (const char *at = like->string; *at != '\0' && room < 1e15; at++)
        room *= radix((unsigned char)*at, letters);
    return fmin(room, 1e15);
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
    pool_put_string(out, buf_text(&like));
    buf_free(&like);
}

static void put_known(const struct pool *pool, const struct json *node, struct buf *out)
{
    if (pool->kind == POOL_BOOL)
        buf_puts(out, node->type == JSON_TRUE ? "true" : "false");
    else if (pool->kind == POOL_NUMBER)
        put_number(pool, node->number, out);
    else
        pool_put_string(out, node->string);
}

void pool_draw(const struct pool *pool, const struct json *like, uint64_t hash, struct buf *out)
{
    if (pool->kind == POOL_NUMBER)
        draw_number(pool, hash, out);
    else if (pool->few)
        put_known(pool, pool->nodes[value_scale(hash, pool->count)], out);
    else
        put_text(like->string, hash, 0, 1, out);
}

void pool_put(const struct pool *pool, const struct json *like, uint64_t hash, uint64_t code, double room,
              struct buf *out)
{
    if (pool->few)
        put_known(pool, pool->different[code], out);
    else if (pool->kind == POOL_NUMBER)
        put_number(pool, pool->low + (double)code * unit_of(pool), out);
    else
        put_text(like->string, hash, code, room, out);
}
