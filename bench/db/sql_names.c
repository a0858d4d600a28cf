#include "bench/base/buf.h"
#include "bench/base/utf8.h"
#include "bench/db/sql_words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { IDENTIFIER_MAX_BYTES = 63 };

char *sql_fold(struct arena *arena, enum sql_lexis lexis, const char *text, size_t length)
{
    (void)lexis;
    if (length > 2 && (text[0] == 'U' || text[0] == 'u') && text[1] == '&' && text[2] == '"') {
        text += 2;
        length -= 2;
    }
    bool quoted = length >= 2 && text[0] == '"';
    size_t used = 0;
    char *name = arena_alloc(arena, length + 1);
    for (size_t i = quoted; i < length - quoted; i++) {
        unsigned char c = (unsigned char)text[i];
        if (quoted && c == '"')
            i++; /* the second of two */
        name[used++] = (char)(quoted || c >= 0x80 ? c : tolower(c));
    }
    return name;
}

/* Where the first table's name begins: behind `anchor` at depth 0, words of no meaning skipped. */
static const char *anchor_of(enum sql_kind kind)
{
    static const char *const anchors[] = {
        [SQL_KIND_INSERT] = "INTO",
        [SQL_KIND_UPDATE] = "UPDATE",
        [SQL_KIND_DELETE] = "FROM",
        [SQL_KIND_ALTER_TABLE_ADD_COLUMN] = "TABLE",
        [SQL_KIND_ALTER_TABLE_DROP_COLUMN] = "TABLE",
        [SQL_KIND_ALTER_TABLE_RENAME] = "TABLE",
        [SQL_KIND_ALTER_TABLE_VALIDATE] = "TABLE",
        [SQL_KIND_ALTER_TABLE_ADD_FOREIGN_KEY] = "TABLE",
        [SQL_KIND_ALTER_TABLE_SET_OPTIONS] = "TABLE",
        [SQL_KIND_ALTER_TABLE_OTHER] = "TABLE",
        [SQL_KIND_CREATE_INDEX] = "ON",
        [SQL_KIND_CREATE_INDEX_CONCURRENTLY] = "ON",
        [SQL_KIND_REINDEX_CONCURRENTLY] = "TABLE",
        [SQL_KIND_CREATE_TRIGGER] = "ON",
        [SQL_KIND_DROP_TRIGGER] = "ON",
        [SQL_KIND_CREATE_TABLE] = "TABLE",
        [SQL_KIND_DROP_TABLE] = "TABLE",
        [SQL_KIND_TRUNCATE] = "TRUNCATE",
        [SQL_KIND_VACUUM] = "VACUUM",
        [SQL_KIND_COPY] = "COPY",
        [SQL_KIND_LOCK_TABLE] = "LOCK",
        [SQL_KIND_OTHER_DDL] = NULL,
    };
    return anchors[kind];
}

/* The next token outside parentheses. */
static struct sql_token next_outside(struct sql_scan *scan)
{
    int depth = 0;
    for (;;) {
        struct sql_token token = sql_next_meaning(scan);
        bool closes = sql_is_char(&token, ')');
        depth += sql_is_char(&token, '(') ? 1 : closes && depth > 0 ? -1 : 0;
        if (token.kind == SQL_END || (depth == 0 && !closes))
            return token;
    }
}

char *sql_target_table(struct arena *arena, enum sql_lexis lexis, const char *statement)
{
    static const char *const skipped[] = {"TABLE", "ONLY",   "IF",      "NOT",     "EXISTS", "CONCURRENTLY",
                                          "FULL",  "FREEZE", "VERBOSE", "ANALYZE", NULL};
    const char *anchor = anchor_of(sql_kind(lexis, statement));
    struct sql_scan scan = sql_scan_statement(lexis, statement);
    struct sql_token token;
    if (anchor == NULL)
        return NULL;
    do
        token = next_outside(&scan);
    while (token.kind != SQL_END && !sql_is_word(&token, anchor));
    do
        token = next_outside(&scan);
    while (sql_is_one_of(&token, skipped));
    if (!sql_is_name(&token))
        return NULL;
    char *name = arena_strndup(arena, token.text, token.length);
    for (;;) {
        token = sql_next_meaning(&scan);
        struct sql_token part = sql_is_char(&token, '.') ? sql_next_meaning(&scan) : token;
        if (!sql_is_char(&token, '.') || !sql_is_name(&part))
            return name;
        name = arena_printf(arena, "%s.%.*s", name, (int)part.length, part.text);
    }
}

/* The column an action takes away, or NULL. */
static const struct sql_token *removed_column(const struct sql_action *action)
{
    const struct sql_token *token = action->tokens;
    bool drop = sql_is_word(token, "DROP"), rename = sql_is_word(token, "RENAME");
    if (!drop && !rename)
        return NULL;
    token++;
    if (sql_is_word(token, "CONSTRAINT") || (rename && sql_is_word(token, "TO")))
        return NULL;
    if (sql_is_word(token, "COLUMN"))
        token++;
    if (drop && sql_is_word(token, "IF") && sql_is_word(token + 1, "EXISTS"))
        token += 2;
    return sql_is_name(token) ? token : NULL;
}

size_t sql_removed_columns(struct arena *arena, enum sql_lexis lexis, const char *statement,
                           const char **names, size_t max)
{
    struct sql_actions actions;
    struct sql_action action;
    size_t count = 0;
    if (!sql_actions(lexis, statement, &actions))
        return 0;
    while (count < max && sql_next_action(&actions, &action)) {
        const struct sql_token *column = removed_column(&action);
        if (column != NULL)
            names[count++] = sql_fold(arena, lexis, column->text, column->length);
    }
    return count;
}

bool sql_mentions(enum sql_lexis lexis, const char *statement, const char *name)
{
    struct arena arena = {0};
    struct sql_scan scan = sql_scan_statement(lexis, statement);
    bool found = false;
    struct sql_token token = sql_next_meaning(&scan);
    for (; token.kind != SQL_END && !found; token = sql_next_meaning(&scan)) {
        if (sql_is_name(&token))
            found = strcmp(sql_fold(&arena, lexis, token.text, token.length), name) == 0;
    }
    arena_free(&arena);
    return found;
}

static void put_quoted(struct buf *out, const char *text, char quote)
{
    buf_putc(out, quote);
    for (; *text != '\0'; text++) {
        if (*text == quote || (quote == '\'' && *text == '\\'))
            buf_putc(out, *text);
        buf_putc(out, *text);
    }
    buf_putc(out, quote);
}

static bool is_identifier(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length <= IDENTIFIER_MAX_BYTES && utf8_is_valid(name, length);
}

static char *keep(struct arena *arena, struct buf *buf)
{
    char *text = arena_strdup(arena, buf_text(buf));
    buf_free(buf);
    return text;
}

char *sql_quote(struct arena *arena, enum sql_lexis lexis, const char *schema, const char *name)
{
    struct buf out = {0};
    (void)lexis;
    if (!is_identifier(name) || (schema != NULL && !is_identifier(schema)))
        return NULL;
    if (schema != NULL) {
        put_quoted(&out, schema, '"');
        buf_putc(&out, '.');
    }
    put_quoted(&out, name, '"');
    return keep(arena, &out);
}

char *sql_quote_literal(struct arena *arena, enum sql_lexis lexis, const char *text)
{
    struct buf out = {0};
    (void)lexis;
    if (!utf8_is_valid(text, strlen(text)))
        return NULL;
    if (strchr(text, '\\') != NULL) /* E'' reads the same whatever standard_conforming_strings says */
        buf_putc(&out, 'E');
    put_quoted(&out, text, '\'');
    return keep(arena, &out);
}

char *sql_redact(struct arena *arena, enum sql_lexis lexis, const char *statement, size_t max)
{
    struct buf out = {0};
    struct sql_scan scan = sql_scan_statement(lexis, statement);
    bool space = false;
    for (struct sql_token token = sql_next(&scan); token.kind != SQL_END; token = sql_next(&scan)) {
        if (token.kind == SQL_SPACE || token.kind == SQL_COMMENT) {
            space = out.length > 0;
            continue;
        }
        if (space)
            buf_putc(&out, ' ');
        space = false;
        if (token.kind == SQL_STRING || token.kind == SQL_NUMBER || token.kind == SQL_BAD)
            buf_putc(&out, '?');
        else
            buf_add(&out, token.text, token.length);
    }
    if (out.length > max) {
        while (max > 0 && ((unsigned char)out.data[max] & 0xC0) == 0x80)
            max--;
        out.length = max;
        buf_puts(&out, "…");
    }
    return keep(arena, &out);
}
