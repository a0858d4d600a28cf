/* sql_words: tokens that mean something, without white space and comments. For the sql_*.c files and fate.c alone. Pure. */
#ifndef REHEARSE_DB_SQL_WORDS_H
#define REHEARSE_DB_SQL_WORDS_H

#include "bench/db/sql.h"

struct sql_token sql_next_meaning(struct sql_scan *scan);
struct sql_scan sql_scan_statement(enum sql_lexis lexis, const char *statement);
struct sql_token sql_next_outside(struct sql_scan *scan); /* outside parentheses */
bool sql_is_char(const struct sql_token *token, char c);  /* one operator or punctuation character */
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

/* Of several actions the one that can hurt most names an ALTER TABLE. */
enum sql_kind sql_kind_of_alter(enum sql_lexis lexis, const char *statement,
                                enum sql_kind (*kind_of)(enum sql_lexis, const struct sql_action *));
enum sql_kind sql_kind_mysql(enum sql_lexis lexis, const char *statement);
/* The column that a MySQL action takes away, or NULL. */
const struct sql_token *sql_removed_mysql(enum sql_lexis lexis, const struct sql_action *action);
/* The token where the name of the first table begins in a MySQL statement; the scan stands behind it. */
struct sql_token sql_table_mysql(struct sql_scan *scan, const char *statement);

#endif
