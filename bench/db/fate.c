#include "bench/db/fate.h"

#include <string.h>

/* First words of statements that leave nothing behind. EXPLAIN is not one (ANALYZE runs its statement); WITH is looked
 * into. A function called by SELECT may write: the caller's scripts are judged by their words alone. */
static const char *const harmless[] = {"SELECT", "SHOW",  "SET",       "RESET",      "VALUES", "TABLE",
                                       "LISTEN", "LOCK",  "DISCARD",   "DEALLOCATE", "FETCH",  "CLOSE",
                                       "BEGIN",  "START", "SAVEPOINT", "RELEASE",    NULL};
static const char *const ends_well[] = {"COMMIT", "END", NULL};
static const char *const ends_badly[] = {"ROLLBACK", "ABORT", NULL};
static const char *const begins[] = {"BEGIN", "START", NULL};
static const char *const writes[] = {"INSERT", "UPDATE", "DELETE", "MERGE", NULL};

static bool among(const struct sql_token *token, const char *const *words)
{
    for (; *words != NULL; words++)
        if (sql_is_word(token, *words))
            return true;
    return false;
}

static bool is_blank(const struct sql_token *token)
{
    return token->kind == SQL_SPACE || token->kind == SQL_COMMENT;
}

/* The next word or symbol, blanks passed over. */
static struct sql_token next_token(struct sql_scan *scan)
{
    struct sql_token token;
    do
        token = sql_next(scan);
    while (is_blank(&token));
    return token;
}

/* One statement, up to its semicolon or the end; follows the transaction through *open. */
static bool statement_applies(struct sql_scan *scan, struct sql_token first, bool *open)
{
    struct sql_token second = next_token(scan), token = second;
    bool writes_inside = false;
    for (; token.kind != SQL_SEMICOLON && token.kind != SQL_END && token.kind != SQL_BAD;
         token = next_token(scan))
        writes_inside = writes_inside || among(&token, writes);
    if (among(&first, ends_well))
        return true;
    if (sql_is_word(&first, "PREPARE"))
        return sql_is_word(&second, "TRANSACTION");
    if (among(&first, ends_badly)) {
        *open = *open && (sql_is_word(&second, "TO") || sql_is_word(&second, "AND"));
        return sql_is_word(&second, "PREPARED");
    }
    if (among(&first, begins))
        *open = true;
    if (*open || among(&first, harmless))
        return false;
    return !sql_is_word(&first, "WITH") || writes_inside;
}

bool fate_may_have_applied(enum sql_lexis lexis, const char *sql, bool in_transaction)
{
    struct sql_scan scan = sql_scan(lexis, sql, strlen(sql), 1, 1);
    bool open = in_transaction;
    for (struct sql_token first = next_token(&scan); first.kind != SQL_END; first = next_token(&scan)) {
        if (first.kind != SQL_SEMICOLON && statement_applies(&scan, first, &open))
            return true;
    }
    return false;
}

bool fate_says_rollback(enum sql_lexis lexis, const char *sql, int index)
{
    struct sql_scan scan = sql_scan(lexis, sql, strlen(sql), 1, 1);
    struct sql_token token = next_token(&scan);
    for (int at = 0; token.kind != SQL_END; at++) {
        while (token.kind == SQL_SEMICOLON)
            token = next_token(&scan);
        if (at == index)
            return among(&token, ends_badly);
        while (token.kind != SQL_SEMICOLON && token.kind != SQL_END)
            token = next_token(&scan);
    }
    return false;
}
