#include "bench/db/sql_words.h"

#include <string.h>

struct sql_token sql_next_meaning(struct sql_scan *scan)
{
    struct sql_token token = sql_next(scan);
    while (token.kind == SQL_SPACE || token.kind == SQL_COMMENT || token.kind == SQL_VERSIONED)
        token = sql_next(scan);
    return token;
}

struct sql_scan sql_scan_statement(enum sql_lexis lexis, const char *statement)
{
    return sql_scan(lexis, statement, strlen(statement), 1, 1);
}

bool sql_is_char(const struct sql_token *token, char c)
{
    return token->kind == SQL_OTHER && token->text[0] == c;
}

bool sql_is_one_of(const struct sql_token *token, const char *const *keywords)
{
    for (; *keywords != NULL; keywords++) {
        if (sql_is_word(token, *keywords))
            return true;
    }
    return false;
}

bool sql_is_name(const struct sql_token *token)
{
    return token->kind == SQL_WORD || token->kind == SQL_QUOTED;
}

struct sql_head sql_head(enum sql_lexis lexis, const char *statement)
{
    struct sql_head head;
    struct sql_scan scan = sql_scan_statement(lexis, statement);
    for (int i = 0; i < SQL_HEAD; i++)
        head.tokens[i] = sql_next_meaning(&scan);
    return head;
}

struct sql_token sql_next_outside(struct sql_scan *scan)
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

static int paren_step(const struct sql_token *token)
{
    return sql_is_char(token, '(') ? 1 : sql_is_char(token, ')') ? -1 : 0;
}

struct sql_token sql_verb(enum sql_lexis lexis, const char *statement)
{
    static const char *const verbs[] = {"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", NULL};
    struct sql_scan scan = sql_scan_statement(lexis, statement);
    struct sql_token token = sql_next_meaning(&scan);
    while (sql_is_char(&token, '('))
        token = sql_next_meaning(&scan);
    if (!sql_is_word(&token, "WITH"))
        return token;
    int depth = 0;
    while (token.kind != SQL_END && (depth != 0 || !sql_is_one_of(&token, verbs))) {
        token = sql_next_meaning(&scan);
        depth += paren_step(&token);
    }
    return token;
}

/* MySQL: ALTER [ONLINE] [IGNORE] TABLE. */
static struct sql_token next_of_alter(struct sql_scan *scan)
{
    static const char *const between[] = {"ONLINE", "OFFLINE", "IGNORE", NULL};
    struct sql_token token = sql_next_meaning(scan);
    while (sql_is_mysql(scan->lexis) && sql_is_one_of(&token, between))
        token = sql_next_meaning(scan);
    return token;
}

/* MariaDB: WAIT n or NOWAIT behind the table's name. */
static struct sql_scan behind_wait(struct sql_scan scan)
{
    struct sql_scan after = scan;
    struct sql_token token = sql_next_meaning(&after);
    if (!sql_is_mysql(scan.lexis) || (!sql_is_word(&token, "WAIT") && !sql_is_word(&token, "NOWAIT")))
        return scan;
    if (sql_is_word(&token, "WAIT"))
        (void)sql_next_meaning(&after);
    return after;
}

bool sql_actions(enum sql_lexis lexis, const char *statement, struct sql_actions *actions)
{
    static const char *const before_name[] = {"IF", "EXISTS", "ONLY", NULL};
    struct sql_scan scan = sql_scan_statement(lexis, statement);
    struct sql_token token = sql_next_meaning(&scan);
    struct sql_token table = next_of_alter(&scan);
    if (!sql_is_word(&token, "ALTER") || !sql_is_word(&table, "TABLE"))
        return false;
    do
        token = sql_next_meaning(&scan);
    while (sql_is_one_of(&token, before_name));
    struct sql_scan after = scan;
    for (token = sql_next_meaning(&scan); sql_is_char(&token, '.') || sql_is_char(&token, '*');
         token = sql_next_meaning(&scan)) {
        if (sql_is_char(&token, '.'))
            (void)sql_next_meaning(&scan);
        after = scan;
    }
    *actions = (struct sql_actions){.scan = behind_wait(after), .more = token.kind != SQL_END};
    return true;
}

bool sql_next_action(struct sql_actions *actions, struct sql_action *action)
{
    if (!actions->more)
        return false;
    *action = (struct sql_action){0};
    int depth = 0;
    for (int count = 0;; count++) {
        struct sql_token token = sql_next_meaning(&actions->scan);
        depth += paren_step(&token);
        actions->more = token.kind != SQL_END;
        if (token.kind == SQL_END || (depth == 0 && sql_is_char(&token, ',')))
            return true;
        if (count < SQL_HEAD)
            action->tokens[count] = token;
    }
}
