#include "workloads/cursor.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static size_t continuation(const struct cursor *cursor)
{
    size_t left = (size_t)(cursor->end - cursor->at);
    if (left >= 2 && memcmp(cursor->at, "\\\n", 2) == 0)
        return 2;
    return left >= 3 && memcmp(cursor->at, "\\\r\n", 3) == 0 ? 3 : 0;
}

int cursor_peek(const struct cursor *cursor)
{
    return cursor->at == cursor->end || *cursor->at == '\n' ? -1 : (unsigned char)*cursor->at;
}

void cursor_step(struct cursor *cursor)
{
    cursor->at++;
    cursor->column += cursor->at == cursor->end || ((unsigned char)*cursor->at & 0xc0) != 0x80;
}

void cursor_skip_space(struct cursor *cursor)
{
    for (;;) {
        size_t skip = continuation(cursor);
        if (skip > 0) {
            cursor->at += skip;
            cursor->line++;
            cursor->column = 1;
        } else if (cursor_peek(cursor) >= 0 && isspace(cursor_peek(cursor))) {
            cursor_step(cursor);
        } else {
            return;
        }
    }
}

bool cursor_at_end(struct cursor *cursor)
{
    cursor_skip_space(cursor);
    return cursor_peek(cursor) < 0;
}

static struct word take(struct cursor *cursor, bool (*belongs)(int))
{
    cursor_skip_space(cursor);
    struct word word = {.text = cursor->at, .line = cursor->line, .column = cursor->column};
    while (cursor_peek(cursor) >= 0 && belongs(cursor_peek(cursor)) && continuation(cursor) == 0)
        cursor_step(cursor);
    word.length = (size_t)(cursor->at - word.text);
    return word;
}

static bool is_visible(int c)
{
    return !isspace(c);
}

static bool is_of_name(int c)
{
    return isalnum(c) || c == '_' || c > 127;
}

struct word cursor_word(struct cursor *cursor)
{
    return take(cursor, is_visible);
}

struct word cursor_name(struct cursor *cursor)
{
    return take(cursor, is_of_name);
}

bool word_is(const struct word *word, const char *text)
{
    return strlen(text) == word->length && strncasecmp(word->text, text, word->length) == 0;
}
