/* json: strict reading with places, streaming writing. json.c alone sees cJSON.
 *
 * Reading: UTF-8 checked; trailing bytes, duplicate keys, raw control characters, \u0000 and numbers that do not fit are
 * errors with line and column. Nodes live in the arena. Writing: straight into a buf, commas and nesting kept by the
 * writer; a misuse (value without key in an object, unbalanced end) is an assert. One thread at a time. */
#ifndef REHEARSE_BASE_JSON_H
#define REHEARSE_BASE_JSON_H

#include "bench/base/arena.h"
#include "bench/base/buf.h"
#include "bench/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_type { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
    enum json_type type;
    const char *key;    /* NULL unless a member of an object */
    const char *string; /* JSON_STRING only */
    double number;      /* JSON_NUMBER only */
    int64_t integer;    /* JSON_NUMBER: exact when is_integer */
    bool is_integer;    /* written without fraction or exponent, and fits */
    const char *file;
    int line, column;         /* of the value, 1-based */
    int key_line, key_column; /* of the key */
    const struct json *child; /* first member or element */
    const struct json *next;  /* sibling, in the order of the file */
};

enum json_flags { JSON_STRICT = 0, JSON_RELAXED = 1 /* // and block comments, trailing commas */ };

bool json_parse(struct arena *arena, const char *file, const char *text, size_t length, enum json_flags flags,
                const struct json **root, struct err *err);
const struct json *json_get(const struct json *object, const char *key); /* NULL when absent; exact case */
size_t json_size(const struct json *array_or_object);

/* Sets err at the node's place (or its key's); returns false. */
bool json_error(struct err *err, const struct json *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Every key of object is among known (NULL-terminated), else an error at the key with "did you mean". */
bool json_check_keys(const struct json *object, const char *const *known, struct err *err);

struct json_writer {
    struct buf *out;
    int depth;
    bool pretty; /* two-space indent for depth < pretty_depth, then one line */
    int pretty_depth;
    unsigned char kind[64], count_nonzero[64];
    bool after_key;
};

struct json_writer json_writer(struct buf *out); /* pretty down to depth 4 */
void json_begin_object(struct json_writer *w);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
void json_end_array(struct json_writer *w);
void json_key(struct json_writer *w, const char *key);
void json_write_string(struct json_writer *w,
                       const char *text); /* NULL writes null; invalid UTF-8 becomes U+FFFD */
void json_write_int(struct json_writer *w, int64_t value);
void json_write_double(struct json_writer *w,
                       double value); /* shortest that reads back equal; NaN writes null */
void json_write_bool(struct json_writer *w, bool value);
void json_write_null(struct json_writer *w);
void json_write_node(struct json_writer *w, const struct json *node);

#endif
