#include "bench/base/buf.h"
#include "bench/base/utf8.h"
#include "generators/redact_parts.h"

#include <stdlib.h>
#include <string.h>

/* Documents are read token by token, as the server wrote them: names that occur twice and numbers of any size are no error. */

enum { DEEPEST = 200 };

struct name {
    const char *text;
    size_t document;
};

struct names {
    struct name *items;
    size_t count, capacity;
};

struct reader {
    struct arena *arena;
    const char *at;
    struct names *names; /* collects them; NULL: makes holes */
    size_t document;
    struct redact_work *work;
    struct redact_literal *literal;
    const char *from; /* behind the last hole */
    bool broken;
};

void redact_put_string(struct buf *out, const char *text)
{
    static const char names[] = "\bb\ff\nn\rr\tt\"\"\\\\";
    buf_putc(out, '"');
    for (; *text != '\0'; text++) {
        const char *name = names;
        while (*name != '\0' && *name != *text)
            name += 2;
        if (*name != '\0')
            buf_putc(out, '\\'), buf_putc(out, name[1]);
        else if ((unsigned char)*text < 0x20)
            buf_printf(out, "\\u%04x", (unsigned)(unsigned char)*text);
        else
            buf_putc(out, *text);
    }
    buf_putc(out, '"');
}

static void skip(struct reader *r)
{
    r->at += strspn(r->at, " \t\n\r");
}

static bool take(struct reader *r, char c)
{
    skip(r);
    bool there = *r->at == c;
    r->at += there;
    return there;
}

static unsigned read_hex(const char *at)
{
    char digits[5] = "";
    strncpy(digits, at, 4);
    return strspn(digits, "0123456789abcdefABCDEF") == 4 ? (unsigned)strtoul(digits, NULL, 16) : 0;
}

static void put_letter(struct buf *out, unsigned letter)
{
    if (letter < 0x80) {
        buf_putc(out, (char)letter);
        return;
    }
    size_t count = letter < 0x800 ? 2 : letter < 0x10000 ? 3 : 4;
    char bytes[4];
    for (size_t i = count; i-- > 1; letter >>= 6)
        bytes[i] = (char)(0x80 | (letter & 0x3f));
    bytes[0] = (char)((0xf00 >> count & 0xff) | letter);
    buf_add(out, bytes, count);
}

/* Behind "\u": pairs are one letter; halves and NUL, which no text can hold, are one that says so. */
static const char *read_code(const char *at, struct buf *out)
{
    unsigned letter = read_hex(at), low;
    if (strnlen(at, 4) < 4)
        return at + strlen(at);
    at += 4;
    if (letter >= 0xD800 && letter < 0xDC00 && at[0] == '\\' && at[1] == 'u' &&
        (low = read_hex(at + 2)) >= 0xDC00 && low < 0xE000) {
        letter = 0x10000 + ((letter - 0xD800) << 10) + (low - 0xDC00);
        at += 6;
    }
    put_letter(out, letter == 0 || (letter >= 0xD800 && letter < 0xE000) ? 0xFFFD : letter);
    return at;
}

static const char *read_string(struct reader *r)
{
    static const char names[] = "b\bf\fn\nr\rt\t";
    struct buf text = {0};
    r->broken |= *r->at != '"';
    r->at += *r->at == '"';
    while (*r->at != '\0' && *r->at != '"') {
        char c = *r->at++;
        if (c != '\\' || *r->at == '\0') {
            buf_putc(&text, c);
        } else if (*r->at == 'u') {
            r->at = read_code(r->at + 1, &text);
        } else {
            const char *name = strchr(names, *r->at);
            buf_putc(&text, name != NULL && (name - names) % 2 == 0 ? name[1] : *r->at);
            r->at++;
        }
    }
    r->broken |= *r->at != '"';
    r->at += *r->at == '"';
    const char *kept = arena_strdup(r->arena, buf_text(&text));
    buf_free(&text);
    return kept;
}

static void add(struct reader *r, const char *start, const char *text, size_t pool, bool number, bool name)
{
    redact_hole(r->work, r->literal,
                &(struct redact_hole){.before = arena_strndup(r->arena, r->from, (size_t)(start - r->from)),
                                      .text = text,
                                      .pool = pool,
                                      .within = number ? REDACT_SCALAR : REDACT_DOCUMENT,
                                      .name = name});
    r->from = r->at;
}

static void read_value(struct reader *r, const char *path, int depth);

/* Values under names that do not stay share a path. */
static void read_member(struct reader *r, const char *path, int depth)
{
    skip(r);
    const char *start = r->at, *name = read_string(r);
    if (r->names != NULL) {
        *ARENA_PUSH(r->arena, r->names->items, r->names->count,
                    r->names->capacity) = (struct name){name, r->document};
    } else {
        add(r, start, name, redact_pool(r->work, "names", REDACT_TEXT, ""), false, true);
        if (redact_find(r->work->names, r->work->name_count, name) == r->work->name_count)
            name = "*";
    }
    r->broken |= !take(r, ':');
    read_value(r, r->names != NULL ? "" : arena_printf(r->arena, "%s.%s", path, name), depth);
}

static void read_list(struct reader *r, const char *path, int depth)
{
    bool object = *r->at++ == '{';
    char end = object ? '}' : ']';
    if (take(r, end))
        return;
    do {
        if (object)
            read_member(r, path, depth);
        else
            read_value(r, r->names != NULL ? "" : arena_printf(r->arena, "%s[]", path), depth);
    } while (!r->broken && take(r, ','));
    r->broken |= !take(r, end);
}

static void read_value(struct reader *r, const char *path, int depth)
{
    skip(r);
    const char *start = r->at;
    size_t number = strspn(start, "+-.eE0123456789"), word = strspn(start, "aeflnrstu");
    if (depth == DEEPEST) {
        r->broken = true;
    } else if (*start == '{' || *start == '[') {
        read_list(r, path, depth + 1);
    } else if (*start == '"') {
        const char *text = read_string(r);
        if (r->names == NULL)
            add(r, start, text, redact_pool(r->work, path, REDACT_TEXT, ""), false, false);
    } else if (number > 0 && *start != 'e') {
        r->at += number;
        if (r->names == NULL)
            add(r, start, arena_strndup(r->arena, start, number),
                redact_pool(r->work, path, REDACT_NUMBER, "numeric"), true, false);
    } else {
        r->at += word;
        r->broken |= word == 0;
    }
}

static bool read_document(struct reader *r)
{
    read_value(r, "$", 0);
    skip(r);
    return !r->broken && *r->at == '\0';
}

void redact_document(struct redact_work *work, struct redact_literal *literal)
{
    struct reader r = {.arena = work->arena,
                       .at = literal->source,
                       .from = literal->source,
                       .work = work,
                       .literal = literal};
    if (read_document(&r)) {
        literal->after = arena_strdup(work->arena, r.from);
        return;
    }
    literal->hole_count = 0;
    literal->after = "null";
}

static int compare_names(const void *left, const void *right)
{
    const struct name *a = left, *b = right;
    int order = strcmp(a->text, b->text);
    return order != 0 ? order : a->document < b->document ? -1 : a->document > b->document;
}

const char **redact_names(struct arena *arena, const char *const *documents, size_t count, size_t *name_count)
{
    struct names names = {0};
    for (size_t i = 0; i < count; i++) {
        struct reader r = {.arena = arena, .at = documents[i], .names = &names, .document = i};
        read_document(&r);
    }
    if (names.count > 0)
        qsort(names.items, names.count, sizeof *names.items, compare_names);
    const char **kept = arena_alloc(arena, (names.count + 1) * sizeof *kept);
    *name_count = 0;
    for (size_t i = 1; i < names.count; i++) {
        const struct name *before = &names.items[i - 1], *name = &names.items[i];
        if (strcmp(before->text, name->text) == 0 && before->document != name->document &&
            (*name_count == 0 || strcmp(kept[*name_count - 1], name->text) != 0))
            kept[(*name_count)++] = name->text;
    }
    return kept;
}
