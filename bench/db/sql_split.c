#include "bench/db/sql_blocks.h"
#include "bench/db/sql_words.h"

#include <string.h>

struct splitter {
    struct arena *arena;
    enum sql_lexis lexis;
    const char *file;
    struct err *err;
    struct sql_statement *statements;
    size_t count, capacity;

    /* The statement that is being read. */
    struct sql_token first, last;      /* meaningful tokens; first.kind is SQL_END before the first */
    struct sql_token words[4];         /* its first words */
    int word_count;                    /* of all words */
    struct sql_token open;             /* outermost parenthesis that is open */
    struct sql_token atomic, previous; /* BEGIN of an open BEGIN ATOMIC; the meaningful token before */
    int parens, blocks;                /* blocks: open BEGIN ATOMIC and CASE */
    struct sql_blocks program;         /* MySQL's blocks */
    struct sql_token versioned;        /* outermost versioned comment that is open */
    int versions;                      /* how many are */
    bool own_delimiter;                /* DELIMITER says what ends a statement */
};

static void restart(struct splitter *s)
{
    s->first.kind = s->previous.kind = SQL_END;
    s->word_count = s->parens = s->blocks = 0;
    s->program = sql_blocks();
}

static bool fail_at(struct splitter *s, const struct sql_token *token, const char *message)
{
    return err_at(s->err, s->file, token->line, token->column, "%s", message);
}

static bool creates_routine(const struct splitter *s)
{
    static const char *const routines[] = {"FUNCTION", "PROCEDURE", NULL};
    int at = s->word_count > 3 && sql_is_word(&s->words[1], "OR") ? 3 : 1;
    return s->word_count > at && sql_is_word(&s->words[0], "CREATE") &&
           sql_is_one_of(&s->words[at], routines);
}

/* BEGIN ATOMIC … END of a routine in standard SQL; CASE … END inside it. */
static void count_blocks(struct splitter *s, const struct sql_token *token)
{
    if (s->blocks > 0 && sql_is_word(token, "CASE")) {
        s->blocks++;
    } else if (s->blocks > 0 && sql_is_word(token, "END")) {
        s->blocks--;
    } else if (s->blocks == 0 && sql_is_word(token, "ATOMIC") && sql_is_word(&s->previous, "BEGIN") &&
               creates_routine(s)) {
        s->blocks = 1;
        s->atomic = s->previous;
    }
}

static void count_parens(struct splitter *s, const struct sql_token *token)
{
    if (sql_is_char(token, '(') && s->parens++ == 0)
        s->open = *token;
    else if (sql_is_char(token, ')') && s->parens > 0)
        s->parens--;
}

/* COPY … FROM STDIN and TO STDOUT need a second stream that a migration does not have. */
static bool check_copy(struct splitter *s, const char *statement)
{
    static const char *const streams[] = {"STDIN", "STDOUT", NULL};
    if (!sql_is_word(&s->words[0], "COPY") || s->word_count == 0)
        return true;
    struct sql_scan scan = sql_scan_statement(s->lexis, statement);
    for (struct sql_token token = sql_next_meaning(&scan); token.kind != SQL_END;
         token = sql_next_meaning(&scan)) {
        if (!sql_is_one_of(&token, streams))
            continue;
        fail_at(s, &s->first, "COPY from or to the client is not possible here");
        return err_hint(s->err, "Write the rows as INSERT statements.");
    }
    return true;
}

/* mysql's own commands, which a server does not know; each is a line, so that a semicolon need not follow. */
static bool check_client_command(struct splitter *s, const struct sql_token *token)
{
    static const char *const commands[] = {"SOURCE",  "SYSTEM",  "TEE",       "NOTEE", "PAGER", "NOPAGER",
                                           "PROMPT",  "REHASH",  "STATUS",    "QUIT",  "EXIT",  "EDIT",
                                           "CHARSET", "CONNECT", "NOWARNING", NULL};
    if (!sql_is_mysql(s->lexis) || s->first.kind != SQL_END || !sql_is_one_of(token, commands))
        return true;
    err_at(s->err, s->file, token->line, token->column, "%.*s is a command of mysql, not SQL",
           (int)token->length, token->text);
    return err_hint(s->err, "Statements go through the protocol, not through mysql: write plain SQL.");
}

static bool check_load_local(struct splitter *s)
{
    int known = s->word_count < 4 ? s->word_count : 4;
    if (!sql_is_mysql(s->lexis) || known == 0 || !sql_is_word(&s->words[0], "LOAD"))
        return true;
    for (int i = 2; i < known; i++) {
        if (!sql_is_word(&s->words[i], "LOCAL"))
            continue;
        fail_at(s, &s->first, "LOAD DATA LOCAL is not possible here: no file of the client is ever sent");
        return err_hint(s->err, "Write the rows as INSERT statements.");
    }
    return true;
}

static bool check_blocks(struct splitter *s)
{
    const struct sql_token *opener = &s->program.opener;
    if (s->blocks > 0)
        return fail_at(s, &s->atomic, "BEGIN ATOMIC has no END");
    if (s->program.depth == 0 || s->own_delimiter)
        return true;
    return err_at(s->err, s->file, opener->line, opener->column, "%.*s has no END", (int)opener->length,
                  opener->text);
}

static bool finish(struct splitter *s)
{
    if (s->versions > 0)
        return fail_at(s, &s->versioned, "versioned comment has no end before its statement ends");
    if (s->first.kind == SQL_END)
        return true;
    if (!check_blocks(s))
        return false;
    if (s->parens > 0)
        return fail_at(s, &s->open, "parenthesis is not closed");
    size_t length = (size_t)(s->last.text - s->first.text) + s->last.length;
    struct sql_statement *statement = ARENA_PUSH(s->arena, s->statements, s->count, s->capacity);
    statement->text = arena_strndup(s->arena, s->first.text, length);
    statement->line = s->first.line;
    statement->column = s->first.column;
    statement->lexis = s->lexis;
    bool good = check_copy(s, statement->text) && check_load_local(s);
    restart(s);
    return good;
}

/* What a token of kind SQL_BAD would have been. */
static const char *unterminated(const struct splitter *s, const struct sql_token *token)
{
    size_t near = token->length < 3 ? token->length : 3;
    bool mysql = sql_is_mysql(s->lexis), names = !mysql || (s->lexis & SQL_ANSI_QUOTES) != 0;
    if (token->text[0] == '/')
        return "comment has no end";
    if (mysql && (token->text[0] | 0x20) == 'd')
        return "DELIMITER needs at most 15 characters, none of them a backslash";
    if (token->text[0] == '$')
        return "dollar-quoted string has no end";
    bool quoted = mysql && memchr(token->text, '`', near) != NULL;
    quoted = quoted || (names && memchr(token->text, '"', near) != NULL);
    return quoted && token->text[0] != '\'' ? "quoted identifier has no end" : "string has no end";
}

static bool fail_unterminated(struct splitter *s, const struct sql_token *token)
{
    return fail_at(s, token, unterminated(s, token));
}

static bool fail_meta_command(struct splitter *s, const struct sql_token *token)
{
    const char *client = sql_is_mysql(s->lexis) ? "mysql" : "psql";
    err_at(s->err, s->file, token->line, token->column, "%s meta-commands are not SQL", client);
    return err_hint(s->err, "Statements go through the protocol, not through %s: write plain SQL.", client);
}

static bool ends_statement(const struct splitter *s)
{
    if (sql_is_mysql(s->lexis))
        return s->program.depth == 0 || s->own_delimiter;
    return s->parens == 0 && s->blocks == 0;
}

/* The brackets of a versioned comment belong to the statement they stand in. */
static void take_versioned(struct splitter *s, const struct sql_token *token)
{
    bool opens = token->text[0] == '/';
    if (opens && s->versions == 0)
        s->versioned = *token;
    s->versions += opens ? 1 : -1;
}

static void count_nesting(struct splitter *s, const struct sql_token *token)
{
    if (sql_is_mysql(s->lexis))
        sql_blocks_take(&s->program, token, s->parens);
    else
        count_blocks(s, token);
    count_parens(s, token);
}

static bool take(struct splitter *s, const struct sql_token *token)
{
    if (token->kind == SQL_BAD)
        return fail_unterminated(s, token);
    if (sql_is_char(token, '\\'))
        return fail_meta_command(s, token);
    if (memchr(token->text, '\0', token->length) != NULL)
        return fail_at(s, token, "NUL byte");
    if (token->kind == SQL_SEMICOLON && ends_statement(s))
        return finish(s);
    if (token->kind == SQL_VERSIONED)
        take_versioned(s, token);
    else if (!check_client_command(s, token))
        return false;
    if (s->first.kind == SQL_END)
        s->first = *token;
    if (token->kind == SQL_WORD && s->word_count++ < 4)
        s->words[s->word_count - 1] = *token;
    if (token->kind != SQL_VERSIONED)
        count_nesting(s, token);
    s->last = s->previous = *token;
    return true;
}

/* White space and comments between the meaningful tokens are left out; the brackets of versioned comments are not. */
static struct sql_token next_part(struct sql_scan *scan)
{
    struct sql_token token = sql_next(scan);
    while (token.kind == SQL_SPACE || token.kind == SQL_COMMENT)
        token = sql_next(scan);
    return token;
}

bool sql_split_scan(struct arena *arena, struct sql_scan scan, const char *file,
                    struct sql_statement **statements, size_t *count, struct err *err)
{
    struct splitter s = {.arena = arena, .lexis = scan.lexis, .file = file, .err = err};
    restart(&s);
    for (;;) {
        s.lexis = scan.lexis; /* a SET counts from the next statement on */
        s.own_delimiter = scan.delimiter != NULL;
        struct sql_token token = next_part(&scan);
        if (token.kind == SQL_END)
            break;
        if (!take(&s, &token))
            return false;
    }
    if (!finish(&s))
        return false;
    *statements = s.statements;
    *count = s.count;
    return true;
}

bool sql_split(struct arena *arena, enum sql_lexis lexis, const char *file, const char *text, size_t length,
               int line, int column, struct sql_statement **statements, size_t *count, struct err *err)
{
    return sql_split_scan(arena, sql_scan(lexis, text, length, line, column), file, statements, count, err);
}
