/* sql_scan: SQL text as tokens, one after another. Pure, any thread; nothing is copied, tokens point into the text. */
#ifndef REHEARSE_DB_SQL_SCAN_H
#define REHEARSE_DB_SQL_SCAN_H

#include <stdbool.h>
#include <stddef.h>

/* Of MySQL also what SET sql_mode makes of it: with the bit SQL_ANSI_QUOTES "…" is an identifier, with SQL_PLAIN_BACKSLASH a
 * backslash escapes nothing. A server is SQL_MYSQL, and what
 * its own sql_mode adds (db_lexis); a scan follows the SETs in its text, and a statement knows its own. */
enum sql_lexis {
    SQL_POSTGRES,
    SQL_MYSQL,
    SQL_ANSI_QUOTES = 2,
    SQL_PLAIN_BACKSLASH = 4,
    SQL_MYSQL_MODES = SQL_MYSQL | SQL_ANSI_QUOTES | SQL_PLAIN_BACKSLASH
};
static inline bool sql_is_mysql(enum sql_lexis lexis)
{
    return (lexis & SQL_MYSQL) != 0;
}

enum sql_token_kind {
    SQL_END,
    SQL_SPACE,   /* white space */
    SQL_COMMENT, /* one comment, its end of line not included */
    SQL_WORD,    /* identifier or keyword, not quoted */
    SQL_QUOTED,  /* "quoted identifier", `quoted identifier` */
    SQL_STRING,  /* any string literal, dollar quotes and bit strings too */
    SQL_NUMBER,
    SQL_PARAM,     /* $1 */
    SQL_VARIABLE,  /* MySQL: @x, @@session.x, and the host in user@host */
    SQL_VERSIONED, /* MySQL: "/" "*!50000" or the end of such a comment: what stands between is SQL */
    SQL_SEMICOLON, /* MySQL: what DELIMITER says, and the DELIMITER line itself */
    SQL_OTHER,     /* one operator or punctuation character */
    SQL_BAD        /* unterminated string, comment or quoted identifier: runs to the end of the text */
};

struct sql_token {
    enum sql_token_kind kind;
    const char *text;
    size_t length;
    int line, column; /* of the first character, 1-based; columns count characters, not bytes */
};

struct sql_scan {
    enum sql_lexis lexis;
    const char *at, *end;
    int line, column;
    /* MySQL alone. */
    const char *delimiter; /* NULL: a semicolon */
    size_t delimiter_length;
    int versioned;           /* versioned comments that are open */
    bool pending, line_used; /* something stands before in this statement, in this line */
    struct sql_mode_watch {
        signed char state;
        bool keeps, removes;
        int depth, named;
    } mode; /* of a SET that is being read */
};

struct sql_scan sql_scan(enum sql_lexis lexis, const char *text, size_t length, int line, int column);
struct sql_token sql_next(struct sql_scan *scan);                     /* SQL_END at the end, for ever */
bool sql_is_word(const struct sql_token *token, const char *keyword); /* case-insensitive */

#endif
