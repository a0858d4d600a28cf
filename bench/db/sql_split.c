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
};

static void restart(struct splitter *s)
{
    s->first.kind = s->previous.kind = SQL_END;
    s->word_count = s->parens = s->blocks = 0;
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

static bool finish(struct splitter *s)
{
    if (s->first.kind == SQL_END)
        return true;
    if (s->blocks > 0)
        return fail_at(s, &s->atomic, "BEGIN ATOMIC has no END");
    if (s->parens > 0)
        return fail_at(s, &s->open, "parenthesis is not closed");
    size_t length = (size_t)(s->last.text - s->first.text) + s->last.length;
    struct sql_statement *statement = ARENA_PUSH(s->arena, s->statements, s->count, s->capacity);
    statement->text = arena_strndup(s->arena, s->first.text, length);
    statement->line = s->first.line;
    statement->column = s->first.column;
    bool good = check_copy(s, statement->text);
    restart(s);
    return good;
}

static bool fail_unterminated(struct splitter *s, const struct sql_token *token)
{
    const char *what = token->text[0] == '/'   ? "comment has no end"
                       : token->text[0] == '$' ? "dollar-quoted string has no end"
                       : memchr(token->text, '"', token->length < 3 ? token->length : 3) != NULL &&
                               token->text[0] != '\''
                           ? "quoted identifier has no end"
                           : "string has no end";
    return fail_at(s, token, what);
}

static bool fail_meta_command(struct splitter *s, const struct sql_token *token)
{
    fail_at(s, token, "psql meta-commands are not SQL");
    return err_hint(s->err, "Statements go through the protocol, not through psql: write plain SQL.");
}

static bool take(struct splitter *s, const struct sql_token *token)
{
    if (token->kind == SQL_BAD)
        return fail_unterminated(s, token);
    if (sql_is_char(token, '\\'))
        return fail_meta_command(s, token);
    if (memchr(token->text, '\0', token->length) != NULL)
        return fail_at(s, token, "NUL byte");
    if (token->kind == SQL_SEMICOLON && s->parens == 0 && s->blocks == 0)
        return finish(s);
    if (s->first.kind == SQL_END)
        s->first = *token;
    if (token->kind == SQL_WORD && s->word_count++ < 4)
        s->words[s->word_count - 1] = *token;
    count_blocks(s, token);
    count_parens(s, token);
    s->last = s->previous = *token;
    return true;
}

bool sql_split(struct arena *arena, enum sql_lexis lexis, const char *file, const char *text, size_t length,
               int line, int column, struct sql_statement **statements, size_t *count, struct err *err)
{
    struct splitter s = {.arena = arena, .lexis = lexis, .file = file, .err = err};
    struct sql_scan scan = sql_scan(lexis, text, length, line, column);
    restart(&s);
    for (;;) {
        struct sql_token token = sql_next_meaning(&scan);
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
