#include "bench/db/sql_blocks.h"

#include "bench/db/sql_words.h"

/* What the first words have told: HEAD_DEFINER and HEAD_USER stand inside DEFINER = user@host. */
enum { HEAD_FIRST, HEAD_VERB, HEAD_DEFINER, HEAD_USER, HEAD_KNOWN };
enum { MAX_TRACKED = 64 };

static const char *const closed_by_name[] = {"IF", "CASE", "LOOP", "WHILE", "REPEAT", "FOR", NULL};

struct sql_blocks sql_blocks(void)
{
    return (struct sql_blocks){.previous = {.kind = SQL_END}, .condition = {.kind = SQL_END}};
}

static void open_block(struct sql_blocks *b, const struct sql_token *opener, bool expression)
{
    if (b->depth == 0)
        b->opener = *opener;
    if (b->depth >= 0 && b->depth < MAX_TRACKED) {
        uint64_t bit = UINT64_C(1) << (unsigned)b->depth;
        b->expressions = expression ? b->expressions | bit : b->expressions & ~bit;
    }
    b->depth++;
    b->begins = !expression;
    b->handler = false;
}

static bool in_expression(const struct sql_blocks *b)
{
    return b->depth > 0 && b->depth <= MAX_TRACKED && (b->expressions >> (b->depth - 1) & 1) != 0;
}

/* CREATE [OR REPLACE] [DEFINER = user] [AGGREGATE] PROCEDURE …: whether a body follows. */
static void take_object(struct sql_blocks *b, const struct sql_token *token)
{
    static const char *const between[] = {"OR", "REPLACE", "AGGREGATE", NULL};
    static const char *const programs[] = {"PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE", NULL};
    if (sql_is_word(token, "DEFINER")) {
        b->head = HEAD_DEFINER;
    } else if (token->kind == SQL_WORD && !sql_is_one_of(token, between)) {
        b->program = sql_is_one_of(token, programs);
        b->package = sql_is_word(token, "PACKAGE");
        b->head = HEAD_KNOWN;
    }
}

static void take_first(struct sql_blocks *b, const struct sql_token *token)
{
    static const char *const verbs[] = {"CREATE", "ALTER", NULL};
    b->head = sql_is_one_of(token, verbs) ? HEAD_VERB : HEAD_KNOWN;
    b->program = sql_is_one_of(token, closed_by_name);
}

static void take_head(struct sql_blocks *b, const struct sql_token *token)
{
    if (b->head == HEAD_FIRST) {
        take_first(b, token);
    } else if (b->head == HEAD_DEFINER) {
        b->head = sql_is_char(token, '=') ? HEAD_USER : HEAD_KNOWN;
    } else if (b->head == HEAD_USER) {
        b->head = HEAD_VERB; /* the user's name */
    } else if (b->head == HEAD_VERB) {
        if (sql_is_char(token, '@')) /* user @ host */
            b->head = HEAD_USER;
        else
            take_object(b, token);
    }
}

/* MariaDB's statements that are blocks by themselves: BEGIN NOT ATOMIC, and label: BEGIN. */
static void take_compound(struct sql_blocks *b, const struct sql_token *token)
{
    if (sql_is_word(&b->previous, "BEGIN") && sql_is_word(token, "NOT")) {
        b->program = true;
        open_block(b, &b->previous, false);
    } else if (sql_is_name(&b->previous) && sql_is_char(token, ':')) {
        b->program = true;
    }
}

/* Outside any block: where a body begins, behind the head of its program. */
static bool body_begins(const struct sql_blocks *b)
{
    static const char *const last[] = {"ROW",     "DETERMINISTIC", "SQL", "DATA",
                                       "INVOKER", "DEFINER",       "DO",  NULL};
    return b->begins || sql_is_char(&b->previous, ')') || sql_is_one_of(&b->previous, last) ||
           b->previous.kind == SQL_STRING;
}

/* DECLARE … HANDLER FOR condition: its statement follows the condition. */
static bool handler_begins(const struct sql_blocks *b)
{
    static const char *const last[] = {"FOUND", "SQLEXCEPTION", "SQLWARNING", NULL};
    return b->handler && (sql_is_one_of(&b->previous, last) || b->previous.kind == SQL_STRING ||
                          b->previous.kind == SQL_NUMBER);
}

/* May a block be opened here by a word that is a function's or a column's name elsewhere? */
static bool may_open(const struct sql_blocks *b)
{
    return b->depth == 0 ? body_begins(b) : b->begins || handler_begins(b);
}

static bool opens(const struct sql_blocks *b, const struct sql_token *token)
{
    static const char *const always[] = {"LOOP", "WHILE", NULL};
    static const char *const as[] = {"AS", "IS", NULL};
    if (sql_is_word(token, "BEGIN"))
        return b->depth == 0 || b->handler || may_open(b) || sql_is_one_of(&b->previous, as);
    if (b->depth == 0 && sql_is_word(token, "FOR"))
        return b->begins;
    return may_open(b) ? sql_is_one_of(token, closed_by_name) : sql_is_one_of(token, always);
}

/* The condition of WHILE, IF and FOR comes before their first statement. */
static void open_statement(struct sql_blocks *b, const struct sql_token *token)
{
    static const char *const condition[] = {"WHILE", "IF", "FOR", "CASE", NULL};
    open_block(b, token, false);
    b->begins = !sql_is_one_of(token, condition);
}

static void take_word(struct sql_blocks *b, const struct sql_token *token, int parens)
{
    static const char *const before_statement[] = {"THEN", "ELSE", "DO", "ATOMIC", NULL};
    bool opening = parens == 0 && opens(b, token), outside = b->depth == 0;
    if (sql_is_word(token, "END")) {
        b->depth -= !outside;
        b->begins = false;
    } else if (outside && sql_is_word(token, "IF") && !b->begins) {
        b->condition = *token;
    } else if (outside && b->condition.kind != SQL_END && sql_is_word(token, "THEN")) {
        open_block(b, &b->condition, false);
    } else if (opening) {
        open_statement(b, token);
    } else if (sql_is_word(token, "CASE")) {
        open_block(b, token, true);
    } else {
        b->begins = sql_is_one_of(token, before_statement) && parens == 0 && !in_expression(b);
        b->handler = b->handler || sql_is_word(token, "HANDLER");
    }
}

/* CREATE PACKAGE p AS … END. */
static bool opens_package(struct sql_blocks *b, const struct sql_token *token)
{
    static const char *const as[] = {"AS", "IS", NULL};
    if (!b->package || b->depth > 0 || !sql_is_one_of(token, as))
        return false;
    open_block(b, token, false);
    b->package = false;
    return true;
}

static void take_program(struct sql_blocks *b, const struct sql_token *token, int parens)
{
    bool named = sql_is_word(&b->previous, "END") || sql_is_char(&b->previous, '.');
    if (token->kind == SQL_SEMICOLON) {
        b->begins = true;
        b->handler = false;
    } else if (token->kind != SQL_WORD || (named && sql_is_one_of(token, closed_by_name))) {
        b->begins = sql_is_char(token, ':') && sql_is_name(&b->previous);
    } else if (!opens_package(b, token) && !sql_is_char(&b->previous, '.')) {
        take_word(b, token, parens);
    }
}

void sql_blocks_take(struct sql_blocks *b, const struct sql_token *token, int parens)
{
    if (b->count++ == 1)
        take_compound(b, token);
    if (b->program)
        take_program(b, token, parens);
    else
        b->begins = false;
    if (b->head != HEAD_KNOWN) {
        take_head(b, token);
        if (b->count == 1 && b->program) {
            b->begins = true;
            take_program(b, token, parens);
        }
    }
    b->previous = *token;
}
