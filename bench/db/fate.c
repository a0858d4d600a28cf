#include "bench/db/fate.h"

#include "bench/db/sql_words.h"

/* First words of statements that leave nothing behind. EXPLAIN is not one (ANALYZE runs its statement); SELECT and WITH are looked into. A function called by SELECT may write: the caller's scripts are judged by their words alone. */
static const char *const harmless[] = {"SHOW",  "SET",       "RESET",      "VALUES", "TABLE", "LISTEN",
                                       "LOCK",  "DISCARD",   "DEALLOCATE", "FETCH",  "CLOSE", "BEGIN",
                                       "START", "SAVEPOINT", "RELEASE",    NULL};
static const char *const ends_well[] = {"COMMIT", "END", NULL};
static const char *const ends_badly[] = {"ROLLBACK", "ABORT", NULL};
static const char *const begins[] = {"BEGIN", "START", NULL};
static const char *const writes[] = {"INSERT", "UPDATE", "DELETE", "MERGE", NULL};

/* MySQL and MariaDB. A CALL or EXECUTE is not looked into: what it runs may commit. */
static const char *const harmless_mysql[] = {
    "SHOW",      "SET",     "USE",        "VALUES",  "TABLE",  "HANDLER", "DO",
    "DESCRIBE",  "DESC",    "HELP",       "KILL",    "BEGIN",  "START",   "EXPLAIN",
    "SAVEPOINT", "RELEASE", "DEALLOCATE", "PREPARE", "SIGNAL", "SELECT",  NULL};
static const char *const runs_unseen[] = {"CALL", "EXECUTE", NULL};

/* A statement of MySQL, which is not COMMIT or ROLLBACK, by its first two words. */
static bool applies_mysql(enum sql_lexis lexis, const struct sql_token *first, const struct sql_token *second,
                          bool writes_inside, bool *open)
{
    bool begin = sql_is_word(first, "BEGIN"), compound = begin && sql_is_word(second, "NOT");
    if (compound || sql_is_one_of(first, runs_unseen) || sql_commits_implicitly(lexis, first->text))
        return true;
    if (begin || (sql_is_word(first, "START") && sql_is_word(second, "TRANSACTION"))) {
        bool committed = *open; /* it ends the one before */
        *open = true;
        return committed;
    }
    if (*open)
        return false;
    return sql_is_word(first, "WITH") ? writes_inside : !sql_is_one_of(first, harmless_mysql);
}

/* One statement, up to its semicolon or the end; follows the transaction through *open. */
static bool statement_applies(struct sql_scan *scan, struct sql_token first, bool *open)
{
    struct sql_token second = sql_next_meaning(scan), token = second;
    bool writes_inside = false, makes_table = false;
    for (; token.kind != SQL_SEMICOLON && token.kind != SQL_END && token.kind != SQL_BAD;
         token = sql_next_meaning(scan)) {
        writes_inside = writes_inside || sql_is_one_of(&token, writes);
        makes_table = makes_table || sql_is_word(&token, "INTO");
    }
    bool mysql = sql_is_mysql(scan->lexis);
    if (sql_is_one_of(&first, ends_well))
        return true;
    if (mysql && !sql_is_one_of(&first, ends_badly))
        return applies_mysql(scan->lexis, &first, &second, writes_inside, open);
    if (sql_is_word(&first, "PREPARE"))
        return sql_is_word(&second, "TRANSACTION");
    if (sql_is_one_of(&first, ends_badly)) {
        *open = *open && (sql_is_word(&second, "TO") || sql_is_word(&second, "AND"));
        return sql_is_word(&second, "PREPARED");
    }
    if (sql_is_one_of(&first, begins))
        *open = true;
    if (*open)
        return false;
    if (sql_is_word(&first, "SELECT"))
        return makes_table;
    if (sql_is_word(&first, "WITH"))
        return writes_inside || makes_table;
    return !sql_is_one_of(&first, harmless);
}

bool fate_may_have_applied(enum sql_lexis lexis, const char *sql, bool in_transaction)
{
    struct sql_scan scan = sql_scan_statement(lexis, sql);
    bool open = in_transaction;
    for (struct sql_token first = sql_next_meaning(&scan); first.kind != SQL_END;
         first = sql_next_meaning(&scan)) {
        if (first.kind != SQL_SEMICOLON && statement_applies(&scan, first, &open))
            return true;
    }
    return false;
}

bool fate_says_rollback(enum sql_lexis lexis, const char *sql, int index)
{
    struct sql_scan scan = sql_scan_statement(lexis, sql);
    struct sql_token token = sql_next_meaning(&scan);
    for (int at = 0; token.kind != SQL_END; at++) {
        while (token.kind == SQL_SEMICOLON)
            token = sql_next_meaning(&scan);
        if (at == index)
            return sql_is_one_of(&token, ends_badly);
        while (token.kind != SQL_SEMICOLON && token.kind != SQL_END)
            token = sql_next_meaning(&scan);
    }
    return false;
}
