#include "bench/base/json_scan.h"

#include "bench/base/utf8.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MAX = 63 /* cJSON reads numbers through a buffer of 64 bytes */ };

struct reader {
    struct arena *arena;
    const char *file;
    char *start, *at, *end; /* the copy; *end is NUL */
    int line, column;
    int depth;
    bool relaxed;
    struct json_scan *scan;
    struct err *err;
};

static bool fail(struct reader *r, const char *message)
{
    return err_at(r->err, r->file, r->line, r->column, "%s", message);
}

/* Over one character that is known to be whole. */
static void step(struct reader *r)
{
    if (*r->at == '\n') {
        r->line++;
        r->column = 1;
    } else {
        r->column++;
    }
    size_t length = (unsigned char)*r->at < 0x80 ? 1 : utf8_length(r->at, r->end);
    r->at += length == 0 ? 1 : length;
}

static void steps(struct reader *r, int count)
{
    while (count-- > 0)
        step(r);
}

static void blank(struct reader *r, const char *from)
{
    for (char *c = r->start + (from - r->start); c < r->at; c++) {
        if (*c != '\n')
            *c = ' ';
    }
}

static bool skip_comment(struct reader *r)
{
    const char *from = r->at;
    struct reader begin = *r;
    bool block = r->at[1] == '*';
    steps(r, 2);
    if (block) {
        while (r->at < r->end && (r->at[0] != '*' || r->at[1] != '/'))
            step(r);
        if (r->at == r->end)
            return fail(&begin, "comment has no end");
        steps(r, 2);
    } else {
        while (r->at < r->end && *r->at != '\n')
            step(r);
    }
    blank(r, from);
    return true;
}

static bool skip_space(struct reader *r)
{
    for (;;) {
        if (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r') {
            step(r);
        } else if (*r->at == '/' && (r->at[1] == '/' || r->at[1] == '*')) {
            if (!r->relaxed)
                return fail(r, "comments are not allowed here");
            if (!skip_comment(r))
                return false;
        } else {
            return true;
        }
    }
}

/* Four hexadecimal digits; −1 when they are not. The text ends in NUL, which is no digit. */
static int hex4(const char *at)
{
    int value = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static bool scan_unicode_escape(struct reader *r)
{
    int code = hex4(r->at + 2);
    if (code < 0)
        return fail(r, "\\u needs four hexadecimal digits");
    if (code == 0)
        return fail(r, "\\u0000 is not allowed");
    if (code >= 0xDC00 && code <= 0xDFFF)
        return fail(r, "second half of a surrogate pair stands alone");
    if (code < 0xD800 || code > 0xDBFF) {
        steps(r, 6);
        return true;
    }
    int low = r->at[6] == '\\' && r->at[7] == 'u' ? hex4(r->at + 8) : -1;
    if (low < 0xDC00 || low > 0xDFFF)
        return fail(r, "first half of a surrogate pair stands alone");
    steps(r, 12);
    return true;
}

static bool scan_string(struct reader *r)
{
    struct reader begin = *r;
    step(r);
    while (*r->at != '"') {
        if (r->at == r->end)
            return fail(&begin, "string has no end");
        if ((unsigned char)*r->at < 0x20)
            return fail(r, *r->at == '\n' ? "string has no end on its line"
                                          : "raw control character in a string: write it as \\u00XX");
        if (*r->at != '\\') {
            step(r);
        } else if (r->at[1] == 'u') {
            if (!scan_unicode_escape(r))
                return false;
        } else if (r->at[1] != '\0' && strchr("\"\\/bfnrt", r->at[1]) != NULL) {
            steps(r, 2);
        } else {
            return fail(r, "unknown escape in a string");
        }
    }
    step(r);
    return true;
}

static size_t skip_digits(struct reader *r)
{
    size_t count = 0;
    for (; *r->at >= '0' && *r->at <= '9'; count++)
        step(r);
    return count;
}

static bool number_fits(const char *text, bool integer)
{
    errno = 0;
    if (integer) {
        (void)strtoll(text, NULL, 10);
        return errno == 0;
    }
    return isfinite(strtod(text, NULL));
}

static bool scan_number(struct reader *r)
{
    struct reader begin = *r;
    bool integer = true;
    if (*r->at == '-')
        step(r);
    bool leading_zero = *r->at == '0';
    size_t digits = skip_digits(r);
    if (digits == 0 || (leading_zero && digits > 1))
        return fail(&begin, digits == 0 ? "a digit is expected after '-'" : "number has a leading zero");
    if (*r->at == '.') {
        integer = false;
        step(r);
        if (skip_digits(r) == 0)
            return fail(r, "a digit is expected after '.'");
    }
    if (*r->at == 'e' || *r->at == 'E') {
        integer = false;
        step(r);
        if (*r->at == '+' || *r->at == '-')
            step(r);
        if (skip_digits(r) == 0)
            return fail(r, "a digit is expected in the exponent");
    }
    if (r->at - begin.at > NUMBER_MAX || !number_fits(begin.at, integer))
        return fail(&begin, "number does not fit");
    return true;
}

static bool scan_word(struct reader *r)
{
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t length = strlen(words[i]);
        if (strncmp(r->at, words[i], length) == 0) {
            steps(r, (int)length);
            return true;
        }
    }
    if (r->at == r->end)
        return fail(r, "a value is expected, the text ends here");
    size_t length = utf8_length(r->at, r->end);
    return err_at(r->err, r->file, r->line, r->column, "a value is expected, found '%.*s'", (int)length,
                  r->at);
}

static bool scan_value(struct reader *r, int key_line, int key_column);

static bool scan_member(struct reader *r)
{
    int line = r->line, column = r->column;
    if (*r->at != '"')
        return fail(r, "a key in double quotes is expected");
    if (!scan_string(r) || !skip_space(r))
        return false;
    if (*r->at != ':')
        return fail(r, "':' is expected after a key");
    step(r);
    return skip_space(r) && scan_value(r, line, column);
}

/* After a member: true with *more when another follows; blanks a trailing comma. */
static bool scan_comma(struct reader *r, char close, bool *more)
{
    *more = false;
    if (!skip_space(r))
        return false;
    if (*r->at == close)
        return true;
    if (*r->at != ',')
        return err_at(r->err, r->file, r->line, r->column, "',' or '%c' is expected", close);
    struct reader comma = *r;
    step(r);
    if (!skip_space(r))
        return false;
    *more = *r->at != close;
    if (*more)
        return true;
    if (!r->relaxed)
        return fail(&comma, "trailing comma");
    *comma.at = ' ';
    return true;
}

static bool scan_container(struct reader *r, char close)
{
    if (++r->depth > JSON_MAX_DEPTH)
        return fail(r, "nested too deep");
    step(r);
    if (!skip_space(r))
        return false;
    bool more = *r->at != close;
    while (more) {
        bool good = close == '}' ? scan_member(r) : scan_value(r, 0, 0);
        if (!good || !scan_comma(r, close, &more))
            return false;
    }
    step(r);
    r->depth--;
    return true;
}

static bool scan_value(struct reader *r, int key_line, int key_column)
{
    struct json_scan *scan = r->scan;
    struct json_place *place = ARENA_PUSH(r->arena, scan->places, scan->place_count, scan->place_capacity);
    *place = (struct json_place){.line = r->line,
                                 .column = r->column,
                                 .key_line = key_line,
                                 .key_column = key_column,
                                 .offset = (size_t)(r->at - r->start)};
    if (*r->at == '{')
        return scan_container(r, '}');
    if (*r->at == '[')
        return scan_container(r, ']');
    if (*r->at == '"')
        return scan_string(r);
    if (*r->at == '-' || (*r->at >= '0' && *r->at <= '9'))
        return scan_number(r);
    return scan_word(r);
}

/* Every byte belongs to a character and none is NUL: what follows may step without asking. */
static bool check_characters(struct reader *r)
{
    struct reader probe = *r;
    while (probe.at < probe.end) {
        if (*probe.at == '\0')
            return fail(&probe, "NUL byte");
        if ((unsigned char)*probe.at >= 0x80 && utf8_length(probe.at, probe.end) == 0)
            return fail(&probe, "invalid UTF-8");
        step(&probe);
    }
    if (strncmp(r->at, "\xEF\xBB\xBF", 3) == 0)
        return fail(r, "byte order mark: save the file as UTF-8 without it");
    return true;
}

bool json_scan(struct arena *arena, const char *file, const char *text, size_t length, enum json_flags flags,
               struct json_scan *scan, struct err *err)
{
    *scan = (struct json_scan){.clean = arena_alloc(arena, length + 1)};
    if (length > 0)
        memcpy(scan->clean, text, length);
    struct reader r = {.arena = arena,
                       .file = file,
                       .start = scan->clean,
                       .at = scan->clean,
                       .end = scan->clean + length,
                       .line = 1,
                       .column = 1,
                       .relaxed = flags == JSON_RELAXED,
                       .scan = scan,
                       .err = err};
    if (!check_characters(&r) || !skip_space(&r) || !scan_value(&r, 0, 0) || !skip_space(&r))
        return false;
    return r.at == r.end || fail(&r, "more text after the end of the value");
}
