#include "bench/migrate/strategy_mark.h"

#include "bench/base/near.h"

#include <string.h>
#include <strings.h>

static const char prefix[] = "-- rehearse:";

struct mark_reader {
    struct arena *arena;
    const char *start, *at, *end;
    struct mark *mark;
    struct err *err;
};

bool mark_is(const char *comment, size_t length)
{
    return length >= sizeof prefix - 1 && strncasecmp(comment, prefix, sizeof prefix - 1) == 0;
}

static int column_of(const struct mark_reader *r)
{
    int column = 1;
    for (const char *c = r->start; c < r->at; c++)
        column += ((unsigned char)*c & 0xC0) != 0x80;
    return column;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void skip_blanks(struct mark_reader *r)
{
    while (r->at < r->end && is_blank(*r->at))
        r->at++;
}

/* "text" with "" for a quote inside. */
static bool read_quoted(struct mark_reader *r, const char **text)
{
    int column = column_of(r);
    char *out = arena_alloc(r->arena, (size_t)(r->end - r->at) + 1);
    *text = out;
    for (r->at++; r->at < r->end; r->at++) {
        if (*r->at == '"' && (r->at + 1 == r->end || r->at[1] != '"')) {
            r->at++;
            return true;
        }
        if (*r->at == '"')
            r->at++;
        *out++ = *r->at;
    }
    return err_at(r->err, r->mark->file, r->mark->line, column, "quoted value has no end");
}

static bool read_text(struct mark_reader *r, char stop, const char **text)
{
    if (r->at < r->end && *r->at == '"')
        return read_quoted(r, text);
    const char *from = r->at;
    while (r->at < r->end && !is_blank(*r->at) && *r->at != stop)
        r->at++;
    *text = arena_strndup(r->arena, from, (size_t)(r->at - from));
    return true;
}

/* One argument of a command: a quoted piece may stand anywhere in it, and "" inside one is a quote. */
static bool read_argument(struct mark_reader *r)
{
    struct mark *mark = r->mark;
    if (mark->count == MARK_MAX_WORDS)
        return err_at(r->err, mark->file, mark->line, column_of(r), "too many words in one mark");
    struct mark_word *word = &mark->words[mark->count++];
    *word = (struct mark_word){.column = column_of(r)};
    struct arena *arena = r->arena;
    word->text = "";
    while (r->at < r->end && !is_blank(*r->at)) {
        const char *piece, *from = r->at;
        if (*r->at == '"') {
            if (!read_quoted(r, &piece))
                return false;
        } else {
            while (r->at < r->end && !is_blank(*r->at) && *r->at != '"')
                r->at++;
            piece = arena_strndup(arena, from, (size_t)(r->at - from));
        }
        word->text = arena_printf(arena, "%s%s", word->text, piece);
    }
    return true;
}

static bool read_word(struct mark_reader *r)
{
    struct mark *mark = r->mark;
    if (mark->count == MARK_MAX_WORDS)
        return err_at(r->err, mark->file, mark->line, column_of(r), "too many words in one mark");
    struct mark_word *word = &mark->words[mark->count++];
    word->column = column_of(r);
    if (!read_text(r, '=', &word->text))
        return false;
    if (r->at == r->end || *r->at != '=')
        return true;
    r->at++;
    word->value_column = column_of(r);
    if (!read_text(r, '\0', &word->value))
        return false;
    if (word->text[0] == '\0' || word->value[0] == '\0')
        return err_at(r->err, mark->file, mark->line, word->column, "key=value is expected");
    return true;
}

bool mark_read(struct arena *arena, const char *file, const char *comment, size_t length, int line,
               struct mark *mark, struct err *err)
{
    struct mark_reader r = {.arena = arena,
                            .start = comment,
                            .at = comment + sizeof prefix - 1,
                            .end = comment + length,
                            .mark = mark,
                            .err = err};
    *mark = (struct mark){.file = file, .line = line};
    skip_blanks(&r);
    mark->column = column_of(&r);
    if (!read_text(&r, '=', &mark->word))
        return false;
    bool command = strcasecmp(mark->word, "command") == 0;
    for (skip_blanks(&r); r.at < r.end; skip_blanks(&r)) {
        if (!(command ? read_argument(&r) : read_word(&r)))
            return false;
    }
    return true;
}

bool mark_unknown(const struct mark *mark, int column, const char *what, const char *word,
                  const char *const *known, struct err *err)
{
    err_at(err, mark->file, mark->line, column, "unknown %s \"%s\"", what, word);
    const char *near = near_word(word, known);
    if (near != NULL)
        err_hint(err, "Did you mean \"%s\"?", near);
    return false;
}
