#include "bench/base/json.h"
#include "bench/base/utf8.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct json_writer json_writer(struct buf *out)
{
    return (struct json_writer){.out = out, .pretty = true, .pretty_depth = 4};
}

static bool on_lines(const struct json_writer *w, int depth)
{
    return w->pretty && depth < w->pretty_depth;
}

static void new_line(struct json_writer *w, int indent)
{
    buf_putc(w->out, '\n');
    for (int i = 0; i < indent; i++)
        buf_puts(w->out, "  ");
}

/* The comma and line before a member of the innermost container. */
static void separate(struct json_writer *w)
{
    unsigned char *nonzero = &w->count_nonzero[w->depth - 1];
    if (*nonzero)
        buf_putc(w->out, ',');
    *nonzero = 1;
    if (on_lines(w, w->depth - 1))
        new_line(w, w->depth);
}

static void before_value(struct json_writer *w)
{
    if (w->depth == 0)
        return;
    bool in_object = w->kind[w->depth - 1] == '{';
    assert(in_object == w->after_key);
    if (!in_object)
        separate(w);
    w->after_key = false;
}

static void begin(struct json_writer *w, char open)
{
    before_value(w);
    assert(w->depth < (int)sizeof w->kind);
    buf_putc(w->out, open);
    w->kind[w->depth] = (unsigned char)open;
    w->count_nonzero[w->depth] = 0;
    w->depth++;
}

static void end(struct json_writer *w, char open, char close)
{
    assert(w->depth > 0 && w->kind[w->depth - 1] == (unsigned char)open && !w->after_key);
    (void)open;
    w->depth--;
    if (w->count_nonzero[w->depth] && on_lines(w, w->depth))
        new_line(w, w->depth);
    buf_putc(w->out, close);
}

void json_begin_object(struct json_writer *w)
{
    begin(w, '{');
}

void json_end_object(struct json_writer *w)
{
    end(w, '{', '}');
}

void json_begin_array(struct json_writer *w)
{
    begin(w, '[');
}

void json_end_array(struct json_writer *w)
{
    end(w, '[', ']');
}

static void put_escaped(struct buf *out, char c)
{
    static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* pairs: character, its letter */
    for (size_t i = 0; i + 1 < sizeof names - 1; i += 2) {
        if (names[i] == c) {
            buf_putc(out, '\\');
            buf_putc(out, names[i + 1]);
            return;
        }
    }
    buf_printf(out, "\\u%04x", (unsigned)(unsigned char)c);
}

static void put_string(struct buf *out, const char *text)
{
    const char *stop = text + strlen(text);
    buf_putc(out, '"');
    while (text < stop) {
        size_t length = utf8_length(text, stop);
        if (length == 0)
            buf_puts(out, "\uFFFD");
        else if (length == 1 && ((unsigned char)*text < 0x20 || *text == '"' || *text == '\\'))
            put_escaped(out, *text);
        else
            buf_add(out, text, length);
        text += length == 0 ? 1 : length;
    }
    buf_putc(out, '"');
}

void json_key(struct json_writer *w, const char *key)
{
    assert(w->depth > 0 && w->kind[w->depth - 1] == '{' && !w->after_key);
    separate(w);
    put_string(w->out, key);
    buf_puts(w->out, on_lines(w, w->depth - 1) ? ": " : ":");
    w->after_key = true;
}

void json_write_string(struct json_writer *w, const char *text)
{
    if (text == NULL) {
        json_write_null(w);
        return;
    }
    before_value(w);
    put_string(w->out, text);
}

void json_write_int(struct json_writer *w, int64_t value)
{
    before_value(w);
    buf_printf(w->out, "%lld", (long long)value);
}

void json_write_double(struct json_writer *w, double value)
{
    if (!isfinite(value)) {
        json_write_null(w);
        return;
    }
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    before_value(w);
    buf_puts(w->out, text);
}

void json_write_bool(struct json_writer *w, bool value)
{
    before_value(w);
    buf_puts(w->out, value ? "true" : "false");
}

void json_write_null(struct json_writer *w)
{
    before_value(w);
    buf_puts(w->out, "null");
}

static void write_container(struct json_writer *w, const struct json *node)
{
    char open = node->type == JSON_OBJECT ? '{' : '[';
    begin(w, open);
    for (const struct json *member = node->child; member != NULL; member = member->next) {
        if (node->type == JSON_OBJECT)
            json_key(w, member->key);
        json_write_node(w, member);
    }
    end(w, open, node->type == JSON_OBJECT ? '}' : ']');
}

void json_write_node(struct json_writer *w, const struct json *node)
{
    switch (node->type) {
    case JSON_NULL:
        json_write_null(w);
        break;
    case JSON_FALSE:
    case JSON_TRUE:
        json_write_bool(w, node->type == JSON_TRUE);
        break;
    case JSON_NUMBER:
        if (node->is_integer)
            json_write_int(w, node->integer);
        else
            json_write_double(w, node->number);
        break;
    case JSON_STRING:
        json_write_string(w, node->string);
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        write_container(w, node);
        break;
    }
}
