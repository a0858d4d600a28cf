#include "bench/base/buf.h"
#include "bench/base/utf8.h"
#include "bench/db/sql_words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { IDENTIFIER_MAX_BYTES = 63, MYSQL_IDENTIFIER_MAX_CHARACTERS = 64 };

/* MySQL: table names keep their case. */
static char *unquote_mysql(struct arena *arena, const char *text, size_t length)
{
    char quote = length >= 2 && (text[0] == '`' || text[0] == '"') ? text[0] : '\0';
    char *name = arena_alloc(arena, length + 1);
    size_t used = 0, edge = quote != '\0';
    for (size_t i = edge; i < length - edge; i++) {
        name[used++] = text[i];
        if (quote != '\0' && text[i] == quote)
            i++; /* the second of two */
    }
    return name;
}

char *sql_fold(struct arena *arena, enum sql_lexis lexis, const char *text, size_t length)
{
    if (sql_is_mysql(lexis))
        return unquote_mysql(arena, text, length);
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

static struct sql_token table_of(enum sql_lexis lexis, const char *statement, struct sql_scan *scan)
{
    static const char *const skipped[] = {"TABLE", "ONLY",   "IF",      "NOT",     "EXISTS", "CONCURRENTLY",
                                          "FULL",  "FREEZE", "VERBOSE", "ANALYZE", NULL};
    const char *anchor = anchor_of(sql_kind(lexis, statement));
    struct sql_token token = {.kind = SQL_END};
    if (anchor == NULL)
        return token;
    do
        token = sql_next_outside(scan);
    while (token.kind != SQL_END && !sql_is_word(&token, anchor));
    do
        token = sql_next_outside(scan);
    while (sql_is_one_of(&token, skipped));
    return token;
}

char *sql_target_table(struct arena *arena, enum sql_lexis lexis, const char *statement)
{
    struct sql_scan scan = sql_scan_statement(lexis, statement);
    struct sql_token token = sql_is_mysql(lexis) ? sql_table_mysql(&scan, statement)
                                                 : table_of(lexis, statement, &scan);
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
        bool mysql = sql_is_mysql(lexis);
        const struct sql_token *column = mysql ? sql_removed_mysql(lexis, &action) : removed_column(&action);
        if (column == NULL)
            continue;
        char *name = sql_fold(arena, lexis, column->text, column->length);
        for (char *c = name; mysql && *c != '\0'; c++)
            *c = (char)((unsigned char)*c < 0x80 ? tolower((unsigned char)*c) : *c);
        names[count++] = name;
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
        if (!sql_is_name(&token))
            continue;
        const char *found_name = sql_fold(&arena, lexis, token.text, token.length);
        found = (sql_is_mysql(lexis) ? strcasecmp(found_name, name) : strcmp(found_name, name)) == 0;
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

/* MySQL counts characters, and knows none beyond the basic plane. */
static bool is_identifier_mysql(const char *name, size_t length)
{
    size_t characters = 0;
    for (const char *at = name, *end = name + length; at < end;) {
        size_t bytes = utf8_length(at, end);
        if (bytes == 0 || bytes > 3)
            return false;
        characters++;
        at += bytes;
    }
    return characters > 0 && characters <= MYSQL_IDENTIFIER_MAX_CHARACTERS && name[length - 1] != ' ';
}

static bool is_identifier(enum sql_lexis lexis, const char *name)
{
    size_t length = strlen(name);
    if (sql_is_mysql(lexis))
        return is_identifier_mysql(name, length);
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
    char quote = sql_is_mysql(lexis) ? '`' : '"';
    if (!is_identifier(lexis, name) || (schema != NULL && !is_identifier(lexis, schema)))
        return NULL;
    if (schema != NULL) {
        put_quoted(&out, schema, quote);
        buf_putc(&out, '.');
    }
    put_quoted(&out, name, quote);
    return keep(arena, &out);
}

/* Reads the same whatever sql_mode says of backslashes. */
static char *hex_literal(struct arena *arena, const char *text)
{
    struct buf out = {0};
    buf_puts(&out, "_utf8mb4 X'");
    for (; *text != '\0'; text++)
        buf_printf(&out, "%02X", (unsigned char)*text);
    buf_putc(&out, '\'');
    return keep(arena, &out);
}

char *sql_quote_literal(struct arena *arena, enum sql_lexis lexis, const char *text)
{
    struct buf out = {0};
    if (!utf8_is_valid(text, strlen(text)))
        return NULL;
    if (sql_is_mysql(lexis) && strchr(text, '\\') != NULL)
        return hex_literal(arena, text);
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
        bool host = token.kind == SQL_VARIABLE && (token.text[1] == '\'' || token.text[1] == '"');
        if (token.kind == SQL_STRING || token.kind == SQL_NUMBER || token.kind == SQL_BAD || host)
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
