#include "bench/base/buf.h"
#include "bench/base/rng.h"
#include "generators/redact_parts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

int redact_compare(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

size_t redact_unique(const char **texts, size_t count)
{
    size_t kept = 0;
    if (count > 0)
        qsort(texts, count, sizeof *texts, redact_compare);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || strcmp(texts[kept - 1], texts[i]) != 0)
            texts[kept++] = texts[i];
    return kept;
}

size_t redact_find(const char *const *texts, size_t count, const char *text)
{
    const char *const *found = count > 0 ? bsearch(&text, texts, count, sizeof *texts, redact_compare) : NULL;
    return found == NULL ? count : (size_t)(found - texts);
}

size_t redact_pool(struct redact_work *work, const char *path, enum redact_kind kind, const char *type)
{
    for (size_t i = 0; i < work->pool_count; i++)
        if (work->pools[i].kind == kind && strcmp(work->pools[i].path, path) == 0)
            return i;
    struct redact_pool *pool = ARENA_PUSH(work->arena, work->pools, work->pool_count, work->pool_capacity);
    *pool = (struct redact_pool){.path = arena_strdup(work->arena, path), .kind = kind, .type = type};
    return work->pool_count - 1;
}

void redact_hole(struct redact_work *work, struct redact_literal *literal, const struct redact_hole *hole)
{
    struct redact_pool *pool = &work->pools[hole->pool];
    *ARENA_PUSH(work->arena, literal->holes, literal->hole_count, literal->hole_capacity) = *hole;
    *ARENA_PUSH(work->arena, pool->texts, pool->count, pool->capacity) = hole->text;
}

static void add(struct redact_work *work, struct redact_literal *literal, const char *from, const char *to,
                struct buf *text)
{
    struct redact_hole hole = {.before = arena_strndup(work->arena, from, (size_t)(to - from)),
                               .text = arena_strdup(work->arena, buf_text(text)),
                               .within = literal->form};
    hole.pool = redact_pool(work, "", work->kind, work->type);
    redact_hole(work, literal, &hole);
}

/* One element or end, without its quotes; returns where it stops. */
static const char *read_item(const char *at, struct buf *text)
{
    bool quoted = false;
    buf_clear(text);
    for (; *at != '\0'; at++) {
        if (*at == '"' && quoted && at[1] == '"')
            buf_putc(text, *at++);
        else if (*at == '"')
            quoted = !quoted;
        else if (*at == '\\' && at[1] != '\0')
            buf_putc(text, *++at);
        else if (!quoted && strchr(",{}[]()", *at) != NULL)
            break;
        else
            buf_putc(text, *at);
    }
    return at;
}

/* Arrays and ranges: whatever stands between braces, brackets and commas. */
static void split_list(struct redact_work *work, struct redact_literal *literal)
{
    const char *at = literal->source, *from = at;
    struct buf text = {0};
    if (literal->form == REDACT_ARRAY && *at == '[' && strstr(at, "]={") != NULL)
        at = strstr(at, "]={") + 2; /* bounds of its dimensions */
    while (*at != '\0') {
        if (strchr(",{}[]()", *at) != NULL) {
            at++;
            continue;
        }
        const char *to = read_item(at, &text);
        bool fixed = literal->form == REDACT_ARRAY ? strncasecmp(at, "NULL", 4) == 0 && to == at + 4
                                                   : strcmp(literal->source, "empty") == 0;
        if (!fixed) {
            add(work, literal, from, at, &text);
            from = to;
        }
        at = to;
    }
    literal->after = arena_strdup(work->arena, from);
    buf_free(&text);
}

void redact_split(struct redact_work *work, struct redact_literal *literal)
{
    if (literal->form == REDACT_DOCUMENT) {
        redact_document(work, literal);
    } else if (literal->form != REDACT_SCALAR) {
        split_list(work, literal);
    } else {
        struct buf text = {0};
        buf_puts(&text, literal->source);
        add(work, literal, literal->source, literal->source, &text);
        literal->after = "";
        buf_free(&text);
    }
}

static bool needs_quotes(const char *text, enum redact_form within)
{
    const char *hostile = within == REDACT_ARRAY ? "{},\"\\ \t\n\r\v\f" : "()[],\"\\ \t\n\r\v\f";
    return *text == '\0' || strpbrk(text, hostile) != NULL ||
           (within == REDACT_ARRAY && strcasecmp(text, "NULL") == 0);
}

static void put_item(struct buf *out, const char *text, enum redact_form within)
{
    bool quotes = needs_quotes(text, within);
    if (quotes)
        buf_putc(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            buf_putc(out, within == REDACT_ARRAY ? '\\' : *text);
        buf_putc(out, *text);
    }
    if (quotes)
        buf_putc(out, '"');
}

/* A name that stays keeps itself. */
static const char *surrogate_of(const struct redact_work *work, const struct redact_hole *hole)
{
    const struct redact_pool *pool = &work->pools[hole->pool];
    if (hole->name && redact_find(work->names, work->name_count, hole->text) < work->name_count)
        return hole->text;
    return pool->surrogates[redact_find(pool->texts, pool->count, hole->text)];
}

void redact_join(struct redact_work *work, struct redact_literal *literal)
{
    struct buf out = {0};
    for (size_t i = 0; i < literal->hole_count; i++) {
        const struct redact_hole *hole = &literal->holes[i];
        const char *text = surrogate_of(work, hole);
        buf_puts(&out, hole->before);
        if (hole->within == REDACT_SCALAR)
            buf_puts(&out, text);
        else if (hole->within == REDACT_DOCUMENT)
            redact_put_string(&out, text);
        else
            put_item(&out, text, hole->within);
    }
    buf_puts(&out, literal->after);
    literal->surrogate = arena_strdup(work->arena, buf_text(&out));
    buf_free(&out);
}

/* What is not of its kind is a text, or a number beyond all counting. */
static void replace_rest(struct redact_work *work, struct redact_pool *pool, uint64_t stream)
{
    const char **rest = arena_alloc(work->arena, (pool->count + 1) * sizeof *rest);
    const char **surrogates = arena_alloc(work->arena, (pool->count + 1) * sizeof *surrogates);
    size_t count = 0;
    for (size_t i = 0; i < pool->count; i++)
        if (pool->surrogates[i] == NULL)
            rest[count++] = pool->texts[i];
    if (count == 0)
        return;
    redact_texts(work->arena, pool->kind == REDACT_NUMBER ? REDACT_DIGITS : REDACT_TEXT, stream, rest, count,
                 surrogates);
    for (size_t i = 0, next = 0; i < pool->count; i++)
        if (pool->surrogates[i] == NULL)
            pool->surrogates[i] = surrogates[next++];
}

/* Codes of which one is written otherwise are texts, so that nothing of it stays. */
static enum redact_kind kind_of(const struct redact_pool *pool)
{
    const char *allowed = pool->kind == REDACT_BITS ? "01"
                          : pool->kind == REDACT_HEX || pool->kind == REDACT_UUID
                              ? "0123456789abcdefABCDEF-:."
                              : NULL;
    for (size_t i = 0; allowed != NULL && i < pool->count; i++) {
        const char *text = pool->texts[i];
        text += pool->kind == REDACT_HEX && (strncmp(text, "\\x", 2) == 0 || strncmp(text, "0x", 2) == 0) ? 2
                                                                                                          : 0;
        if (strspn(text, allowed) != strlen(text))
            return REDACT_TEXT;
    }
    return pool->kind;
}

static void replace_pool(struct redact_work *work, struct redact_pool *pool)
{
    uint64_t stream = rng_hash_text(work->stream, pool->path);
    pool->count = redact_unique(pool->texts, pool->count);
    pool->surrogates = arena_alloc(work->arena, (pool->count + 1) * sizeof *pool->surrogates);
    enum redact_kind kind = kind_of(pool);
    if (kind == REDACT_NUMBER)
        redact_numbers(work->arena, work->lexis, pool->type, stream, pool->texts, pool->count,
                       pool->surrogates);
    else if (kind == REDACT_ADDRESS)
        redact_addresses(work->arena, pool->type, stream, pool->texts, pool->count, pool->surrogates);
    else if (kind != REDACT_TEXT ||
             !redact_moments(work->arena, work->lexis, stream, pool->texts, pool->count, pool->surrogates))
        redact_texts(work->arena, kind, stream, pool->texts, pool->count, pool->surrogates);
    replace_rest(work, pool, stream);
}

void redact_replace(struct redact_work *work)
{
    const char **documents = arena_alloc(work->arena, (work->literal_count + 1) * sizeof *documents);
    size_t count = 0;
    for (size_t i = 0; i < work->literal_count; i++)
        if (work->literals[i].form == REDACT_DOCUMENT)
            documents[count++] = work->literals[i].source;
    work->names = redact_names(work->arena, documents, count, &work->name_count);
    for (size_t i = 0; i < work->literal_count; i++)
        redact_split(work, &work->literals[i]);
    for (size_t i = 0; i < work->pool_count; i++)
        replace_pool(work, &work->pools[i]);
    for (size_t i = 0; i < work->literal_count; i++)
        redact_join(work, &work->literals[i]);
}
