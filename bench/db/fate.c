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
    if (sql_is_one_of(&first, ends_well))
        return true;
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
