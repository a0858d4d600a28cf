#include "bench/db/sql.h"

#include "bench/db/sql_lex.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool starts_word(char c)
{
    return isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

bool sql_in_word(char c)
{
    return starts_word(c) || isdigit((unsigned char)c) || c == '$';
}

bool sql_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

char sql_peek(const struct sql_scan *scan, size_t ahead)
{
    return ahead < (size_t)(scan->end - scan->at) ? scan->at[ahead] : '\0';
}

struct sql_scan sql_scan(enum sql_lexis lexis, const char *text, size_t length, int line, int column)
{
    return (struct sql_scan){
        .lexis = lexis, .at = text, .end = text + length, .line = line, .column = column};
}

/* Each length_* answers how many bytes the token at scan->at has; 0: it has no end. */

size_t sql_length_quoted(const struct sql_scan *scan, size_t prefix, bool backslashes)
{
    char quote = scan->at[prefix];
    size_t size = (size_t)(scan->end - scan->at);
    for (size_t i = prefix + 1; i < size; i++) {
        bool escape = backslashes && scan->at[i] == '\\';
        if (escape || (scan->at[i] == quote && sql_peek(scan, i + 1) == quote))
            i++;
        else if (scan->at[i] == quote)
            return i + 1;
    }
    return 0;
}

static size_t length_block_comment(const struct sql_scan *scan)
{
    size_t size = (size_t)(scan->end - scan->at);
    int depth = 0;
    for (size_t i = 0; i + 1 < size; i++) {
        if (scan->at[i] == '/' && scan->at[i + 1] == '*') {
            depth++;
            i++;
        } else if (scan->at[i] == '*' && scan->at[i + 1] == '/') {
            i++;
            if (--depth == 0)
                return i + 1;
        }
    }
    return 0;
}

/* Bytes of the opening "$tag$"; 0 when the dollar sign opens no quote. */
static size_t dollar_tag(const struct sql_scan *scan)
{
    size_t i = 1;
    if (starts_word(sql_peek(scan, i))) {
        while (sql_in_word(sql_peek(scan, i)) && sql_peek(scan, i) != '$')
            i++;
    }
    return sql_peek(scan, i) == '$' ? i + 1 : 0;
}

static size_t length_dollar(const struct sql_scan *scan, size_t tag)
{
    const char *close = memmem(scan->at + tag, (size_t)(scan->end - scan->at) - tag, scan->at, tag);
    return close == NULL ? 0 : (size_t)(close - scan->at) + tag;
}

static size_t length_number(const struct sql_scan *scan)
{
    size_t i = 0;
    for (;; i++) {
        char c = sql_peek(scan, i);
        bool sign = (c == '+' || c == '-') && i > 0 && (scan->at[i - 1] | 0x20) == 'e' &&
                    isdigit((unsigned char)sql_peek(scan, i + 1));
        if (!isalnum((unsigned char)c) && c != '_' && !sign && (c != '.' || sql_peek(scan, i + 1) == '.'))
            return i;
    }
}

/* Bytes before the quote of E'', B'', X'', N'', U&'' and U&""; −1 when no quote begins here. */
static int quote_prefix(const struct sql_scan *scan)
{
    char first = scan->at[0];
    if (first == '\'' || first == '"')
        return 0;
    if (strchr("eEbBxXnN", first) != NULL && first != '\0' && sql_peek(scan, 1) == '\'')
        return 1;
    bool quote = sql_peek(scan, 2) == '\'' || sql_peek(scan, 2) == '"';
    return (first == 'u' || first == 'U') && sql_peek(scan, 1) == '&' && quote ? 2 : -1;
}

size_t sql_run(const struct sql_scan *scan, bool (*holds)(char))
{
    size_t i = 1;
    while (scan->at + i < scan->end && holds(scan->at[i]))
        i++;
    return i;
}

bool sql_in_line(char c)
{
    return c != '\n' && c != '\r';
}

bool sql_is_digit(char c)
{
    return isdigit((unsigned char)c);
}

static size_t classify_dollar(const struct sql_scan *scan, enum sql_token_kind *kind)
{
    size_t tag = dollar_tag(scan);
    *kind = tag > 0 ? SQL_STRING : sql_is_digit(sql_peek(scan, 1)) ? SQL_PARAM : SQL_OTHER;
    if (tag > 0)
        return length_dollar(scan, tag);
    return *kind == SQL_PARAM ? sql_run(scan, sql_is_digit) : 1;
}

static size_t classify_postgres(const struct sql_scan *scan, enum sql_token_kind *kind)
{
    char c = scan->at[0];
    int prefix = quote_prefix(scan);
    if (prefix >= 0) {
        *kind = scan->at[prefix] == '"' ? SQL_QUOTED : SQL_STRING;
        return sql_length_quoted(scan, (size_t)prefix, prefix == 1 && (c == 'e' || c == 'E'));
    }
    if (sql_is_space(c)) {
        *kind = SQL_SPACE;
        return sql_run(scan, sql_is_space);
    }
    if ((c == '-' && sql_peek(scan, 1) == '-') || (c == '/' && sql_peek(scan, 1) == '*')) {
        *kind = SQL_COMMENT;
        return c == '-' ? sql_run(scan, sql_in_line) : length_block_comment(scan);
    }
    if (starts_word(c)) {
        *kind = SQL_WORD;
        return sql_run(scan, sql_in_word);
    }
    if (sql_is_digit(c) || (c == '.' && sql_is_digit(sql_peek(scan, 1)))) {
        *kind = SQL_NUMBER;
        return length_number(scan);
    }
    if (c == '$')
        return classify_dollar(scan, kind);
    *kind = c == ';' ? SQL_SEMICOLON : SQL_OTHER;
    return 1;
}

struct sql_token sql_next(struct sql_scan *scan)
{
    struct sql_token token = {.kind = SQL_END, .text = scan->at, .line = scan->line, .column = scan->column};
    if (scan->at >= scan->end)
        return token;
    bool mysql = sql_is_mysql(scan->lexis);
    token.length = mysql ? sql_classify_mysql(scan, &token.kind) : classify_postgres(scan, &token.kind);
    if (token.length == 0) {
        token.kind = SQL_BAD;
        token.length = (size_t)(scan->end - scan->at);
    }
    for (size_t i = 0; i < token.length; i++) {
        char c = scan->at[i];
        if (c == '\n') {
            scan->line++;
            scan->column = 1;
        } else if (((unsigned char)c & 0xC0) != 0x80) {
            scan->column++;
        }
    }
    scan->at += token.length;
    if (mysql)
        sql_follow_mysql(scan, &token);
    return token;
}

bool sql_is_word(const struct sql_token *token, const char *keyword)
{
    return token->kind == SQL_WORD && token->length == strlen(keyword) &&
           strncasecmp(token->text, keyword, token->length) == 0;
}
