/* sql_words: tokens that mean something, without white space and comments. For the sql_*.c files and fate.c alone. Pure. */
#ifndef REHEARSE_DB_SQL_WORDS_H
#define REHEARSE_DB_SQL_WORDS_H

#include "bench/db/sql.h"

struct sql_token sql_next_meaning(struct sql_scan *scan);
struct sql_scan sql_scan_statement(enum sql_lexis lexis, const char *statement);
bool sql_is_char(const struct sql_token *token, char c); /* one operator or punctuation character */
bool sql_is_one_of(const struct sql_token *token, const char *const *keywords); /* NULL-terminated */
bool sql_is_name(const struct sql_token *token); /* word or quoted identifier */

/* The first tokens of a statement, for rules that look at words. Beyond the end stand SQL_END tokens. */
enum { SQL_HEAD = 24 };
struct sql_head {
    struct sql_token tokens[SQL_HEAD];
};
struct sql_head sql_head(enum sql_lexis lexis, const char *statement);

/* The verb of a statement: its first word, or for WITH and EXPLAIN-less parentheses the word that does the work. */
struct sql_token sql_verb(enum sql_lexis lexis, const char *statement);

/* One action of an ALTER TABLE: "DROP COLUMN a" in "ALTER TABLE t DROP COLUMN a, ADD b int". */
struct sql_action {
    struct sql_token tokens[SQL_HEAD]; /* as in sql_head */
};
struct sql_actions {
    struct sql_scan scan;
    bool more;
};
/* False when the statement is no ALTER TABLE. */
bool sql_actions(enum sql_lexis lexis, const char *statement, struct sql_actions *actions);
bool sql_next_action(struct sql_actions *actions, struct sql_action *action);

#endif
