#include "bench/db/sql_lex.h"
#include "bench/db/sql_words.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { DELIMITER_MAX_BYTES = 15 }; /* mysql's */

static bool is_any(char c, const char *of)
{
    return c != '\0' && strchr(of, c) != NULL;
}

/* N'', X'', B''; the character set of _utf8'' is a word before its string. */
static size_t string_prefix(const struct sql_scan *scan)
{
    return is_any(scan->at[0], "nNxXbB") && sql_peek(scan, 1) == '\'' ? 1 : 0;
}

static size_t length_comment(const struct sql_scan *scan)
{
    const char *close = memmem(scan->at + 2, (size_t)(scan->end - scan->at) - 2, "*/", 2);
    return close == NULL ? 0 : (size_t)(close - scan->at) + 2;
}

/* Bytes of the opening of a versioned comment with its number; 0: none begins here. */
static size_t length_versioned(const struct sql_scan *scan)
{
    size_t at = sql_peek(scan, 2) == 'M' ? 3 : 2;
    if (sql_peek(scan, at) != '!')
        return 0;
    size_t digits = 0;
    while (sql_is_digit(sql_peek(scan, at + 1 + digits)))
        digits++;
    return at + 1 + (digits == 5 || digits == 6 ? digits : 0);
}

static bool begins_line_comment(const struct sql_scan *scan)
{
    if (scan->at[0] == '#')
        return true;
    bool dashes = scan->at[0] == '-' && sql_peek(scan, 1) == '-';
    return dashes && (scan->at + 2 == scan->end || (unsigned char)scan->at[2] <= ' ');
}

/* @x, @`x`, @'x', @@global.x; an @ alone is a sign. */
static size_t classify_variable(const struct sql_scan *scan, enum sql_token_kind *kind)
{
    size_t at = sql_peek(scan, 1) == '@' ? 2 : 1;
    char quote = sql_peek(scan, at);
    *kind = SQL_VARIABLE;
    if (quote == '`' || quote == '\'' || quote == '"')
        return sql_length_quoted(scan, at, quote != '`' && (scan->lexis & SQL_PLAIN_BACKSLASH) == 0);
    while (sql_in_word(sql_peek(scan, at)) ||
           (sql_peek(scan, at) == '.' && sql_in_word(sql_peek(scan, at + 1))))
        at++;
    if (at == 1)
        *kind = SQL_OTHER;
    return at;
}

static bool is_exponent(const struct sql_scan *scan, size_t at)
{
    char sign = sql_peek(scan, at + 1);
    return (sql_peek(scan, at) | 0x20) == 'e' &&
           sql_is_digit(sign == '+' || sign == '-' ? sql_peek(scan, at + 2) : sign);
}

static size_t digits_from(const struct sql_scan *scan, size_t at)
{
    while (sql_is_digit(sql_peek(scan, at)))
        at++;
    return at;
}

/* A word may begin with a digit, so that 2fa is a name, 0x2fa and 2e5 are numbers. */
static size_t classify_digits(const struct sql_scan *scan, enum sql_token_kind *kind)
{
    size_t word = sql_in_word(scan->at[0]) ? sql_run(scan, sql_in_word) : 0;
    size_t at = digits_from(scan, 0);
    *kind = SQL_NUMBER;
    if (at == 1 && scan->at[0] == '0' && is_any(sql_peek(scan, 1), "xb")) {
        bool hex = sql_peek(scan, 1) == 'x';
        for (at = 2;
             at < word && (hex ? isxdigit((unsigned char)scan->at[at]) != 0 : (scan->at[at] | 1) == '1');)
            at++;
        if (at == word && word > 2)
            return word;
        at = 1;
    }
    if (at == word && sql_peek(scan, at) == '.')
        word = at = digits_from(scan, at + 1);
    if (is_exponent(scan, at)) {
        size_t end = digits_from(scan, at + 2);
        if (!sql_in_word(sql_peek(scan, end)))
            return end;
    }
    *kind = at < word ? SQL_WORD : SQL_NUMBER;
    return at < word ? word : at;
}

static bool begins_delimiter(const struct sql_scan *scan)
{
    return scan->delimiter != NULL && (size_t)(scan->end - scan->at) >= scan->delimiter_length &&
           memcmp(scan->at, scan->delimiter, scan->delimiter_length) == 0;
}

/* The line after the word DELIMITER: its first argument, quoted or up to white space. Length 0: none that mysql takes. */
static size_t delimiter_argument(const char *line, size_t length, const char **argument)
{
    size_t at = 0;
    while (at < length && sql_is_space(line[at]))
        at++;
    char quote = at < length && strchr("'\"`", line[at]) != NULL ? line[at++] : '\0';
    size_t begin = at;
    while (at < length && (quote != '\0' ? line[at] != quote : !sql_is_space(line[at])))
        at++;
    *argument = line + begin;
    bool good = at - begin <= DELIMITER_MAX_BYTES && memchr(line + begin, '\\', at - begin) == NULL &&
                memchr(line + begin, '\0', at - begin) == NULL;
    return good ? at - begin : 0;
}

static bool begins_delimiter_line(const struct sql_scan *scan)
{
    static const char word[] = "delimiter";
    size_t length = sizeof word - 1;
    if ((size_t)(scan->end - scan->at) < length || strncasecmp(scan->at, word, length) != 0 ||
        sql_in_word(sql_peek(scan, length)))
        return false;
    return !scan->pending || (scan->delimiter != NULL && !scan->line_used);
}

static size_t classify_delimiter_line(const struct sql_scan *scan, enum sql_token_kind *kind)
{
    const char *argument;
    size_t line = sql_run(scan, sql_in_line), word = sizeof "delimiter" - 1;
    *kind = SQL_SEMICOLON;
    return delimiter_argument(scan->at + word, line - word, &argument) > 0 ? line : 0;
}

static size_t classify_slash(const struct sql_scan *scan, enum sql_token_kind *kind)
{
    size_t versioned = length_versioned(scan);
    *kind = versioned > 0 ? SQL_VERSIONED : SQL_COMMENT;
    return versioned > 0 ? versioned : length_comment(scan);
}

static size_t classify_quoted(const struct sql_scan *scan, enum sql_token_kind *kind, size_t prefix)
{
    char quote = scan->at[prefix];
    bool name = quote == '`' || (quote == '"' && (scan->lexis & SQL_ANSI_QUOTES) != 0);
    *kind = name ? SQL_QUOTED : SQL_STRING;
    return sql_length_quoted(scan, prefix, !name && (scan->lexis & SQL_PLAIN_BACKSLASH) == 0);
}

static size_t classify_word(const struct sql_scan *scan, enum sql_token_kind *kind)
{
    size_t digits = scan->at[0] == '$' ? digits_from(scan, 1) : 0;
    size_t length = sql_run(scan, sql_in_word);
    *kind = digits > 1 && digits == length ? SQL_PARAM : SQL_WORD;
    for (size_t i = 1; scan->delimiter != NULL && i < length; i++) { /* END$$ */
        struct sql_scan inside = *scan;
        inside.at += i;
        if (begins_delimiter(&inside))
            return i;
    }
    return length;
}

size_t sql_classify_mysql(const struct sql_scan *scan, enum sql_token_kind *kind)
{
    char c = scan->at[0];
    size_t prefix = string_prefix(scan);
    if (begins_delimiter(scan)) {
        *kind = SQL_SEMICOLON;
        return scan->delimiter_length;
    }
    if (sql_is_space(c)) {
        *kind = SQL_SPACE;
        return sql_run(scan, sql_is_space);
    }
    if (begins_line_comment(scan)) {
        *kind = SQL_COMMENT;
        return sql_run(scan, sql_in_line);
    }
    if (c == '/' && sql_peek(scan, 1) == '*')
        return classify_slash(scan, kind);
    if (c == '*' && sql_peek(scan, 1) == '/' && scan->versioned > 0) {
        *kind = SQL_VERSIONED;
        return 2;
    }
    if (begins_delimiter_line(scan))
        return classify_delimiter_line(scan, kind);
    if (prefix > 0 || c == '\'' || c == '"' || c == '`')
        return classify_quoted(scan, kind, prefix);
    if (c == '@')
        return classify_variable(scan, kind);
    if (sql_is_digit(c) || (c == '.' && sql_is_digit(sql_peek(scan, 1))))
        return classify_digits(scan, kind);
    if (sql_in_word(c))
        return classify_word(scan, kind);
    *kind = c == ';' && scan->delimiter == NULL ? SQL_SEMICOLON : SQL_OTHER;
    return 1;
}

enum { WATCH_BEGIN, WATCH_SET, WATCH_VALUE, WATCH_OTHER, WATCH_NOTHING };

/* The modes that a list of them names, as bits of the lexis. */
static int modes_named(const char *text, size_t length)
{
    static const char *const ansi[] = {"ANSI_QUOTES", "ANSI",   "DB2",        "MAXDB",
                                       "MSSQL",       "ORACLE", "POSTGRESQL", NULL};
    int named = 0;
    for (size_t at = 0, end; at < length; at = end + 1) {
        for (end = at; end < length && sql_in_word(text[end]);)
            end++;
        struct sql_token word = {.kind = SQL_WORD, .text = text + at, .length = end - at};
        if (sql_is_one_of(&word, ansi))
            named |= SQL_ANSI_QUOTES;
        if (sql_is_word(&word, "NO_BACKSLASH_ESCAPES"))
            named |= SQL_PLAIN_BACKSLASH;
    }
    return named;
}

/* REPLACE(@@sql_mode, 'A', '') takes modes away, CONCAT(@@sql_mode, ',A') adds some, anything else gives all. */
static void end_assignment(struct sql_scan *scan)
{
    struct sql_mode_watch *watch = &scan->mode;
    int now = scan->lexis & SQL_MYSQL_MODES;
    if (watch->state == WATCH_VALUE) {
        now = !watch->keeps ? watch->named : watch->removes ? now & ~watch->named : now | watch->named;
        scan->lexis = (enum sql_lexis)(now | SQL_MYSQL);
    }
    *watch = (struct sql_mode_watch){.state = WATCH_SET};
}

static bool names_mode(const struct sql_token *token)
{
    static const char *const names[] = {"sql_mode", "@@sql_mode", "@@session.sql_mode", "@@local.sql_mode"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if ((token->kind == SQL_WORD || token->kind == SQL_VARIABLE) && token->length == strlen(names[i]) &&
            strncasecmp(token->text, names[i], token->length) == 0)
            return true;
    return false;
}

static void watch_value(struct sql_mode_watch *watch, const struct sql_token *token)
{
    watch->depth += sql_is_char(token, '(') ? 1 : sql_is_char(token, ')') ? -1 : 0;
    watch->removes = watch->removes || sql_is_word(token, "REPLACE");
    watch->keeps = watch->keeps || names_mode(token);
    if (token->kind == SQL_STRING || token->kind == SQL_WORD)
        watch->named |= modes_named(token->text, token->length);
}

/* SET [SESSION] sql_mode = …, other = …: what it makes of the text behind it. */
static void watch_mode(struct sql_scan *scan, const struct sql_token *token)
{
    static const char *const elsewhere[] = {"GLOBAL", "PERSIST", "PERSIST_ONLY", NULL};
    struct sql_mode_watch *watch = &scan->mode;
    if (token->kind == SQL_SEMICOLON) {
        end_assignment(scan);
        watch->state = WATCH_BEGIN;
    } else if (watch->state == WATCH_BEGIN) {
        watch->state = sql_is_word(token, "SET") ? WATCH_SET : WATCH_NOTHING;
    } else if (watch->state != WATCH_NOTHING && sql_is_char(token, ',') && watch->depth == 0) {
        end_assignment(scan);
    } else if (watch->state == WATCH_VALUE) {
        watch_value(watch, token);
    } else if (watch->state == WATCH_SET) {
        watch->state = names_mode(token)                 ? WATCH_VALUE
                       : sql_is_one_of(token, elsewhere) ? WATCH_OTHER
                                                         : WATCH_SET;
    }
}

static void take_delimiter_line(struct sql_scan *scan, const struct sql_token *token)
{
    const char *argument;
    size_t word = sizeof "delimiter" - 1;
    if (token->length <= word || strncasecmp(token->text, "delimiter", word) != 0)
        return;
    size_t length = delimiter_argument(token->text + word, token->length - word, &argument);
    bool semicolon = length == 1 && argument[0] == ';';
    scan->delimiter = semicolon ? NULL : argument;
    scan->delimiter_length = semicolon ? 0 : length;
}

void sql_follow_mysql(struct sql_scan *scan, const struct sql_token *token)
{
    if (token->kind == SQL_SPACE || token->kind == SQL_COMMENT) {
        if (memchr(token->text, '\n', token->length) != NULL)
            scan->line_used = false;
        return;
    }
    scan->line_used = true;
    if (token->kind == SQL_VERSIONED) {
        scan->versioned += token->text[0] == '/' ? 1 : -1;
        return;
    }
    scan->pending = token->kind != SQL_SEMICOLON;
    watch_mode(scan, token);
    if (token->kind == SQL_SEMICOLON)
        take_delimiter_line(scan, token);
}
