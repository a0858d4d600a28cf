/* sql: the lexis of SQL: where statements end, which words they hold. No grammar. Pure, any thread.
 *
 * PostgreSQL: dollar quotes, nested comments, E'' strings, U&, quoted identifiers, BEGIN ATOMIC … END, CREATE FUNCTION
 * and CREATE RULE bodies in parentheses.
 * MySQL and MariaDB: # and -- comments (the latter only before white space), versioned comments whose content is SQL,
 * backslashes in strings, "strings" (identifiers after SET sql_mode names ANSI_QUOTES), `identifiers`, DELIMITER lines,
 * CREATE … BEGIN … END. */
#ifndef REHEARSE_DB_SQL_H
#define REHEARSE_DB_SQL_H

#include "bench/base/arena.h"
#include "bench/base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum sql_lexis { SQL_POSTGRES, SQL_MYSQL };

enum sql_token_kind {
    SQL_END,
    SQL_SPACE,   /* white space */
    SQL_COMMENT, /* one comment, its end of line not included */
    SQL_WORD,    /* identifier or keyword, not quoted */
    SQL_QUOTED,  /* "quoted identifier" */
    SQL_STRING,  /* any string literal, dollar quotes and bit strings too */
    SQL_NUMBER,
    SQL_PARAM, /* $1 */
    SQL_SEMICOLON,
    SQL_OTHER, /* one operator or punctuation character */
    SQL_BAD    /* unterminated string, comment or quoted identifier: runs to the end of the text */
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
};

struct sql_scan sql_scan(enum sql_lexis lexis, const char *text, size_t length, int line, int column);
struct sql_token sql_next(struct sql_scan *scan);                     /* SQL_END at the end, for ever */
bool sql_is_word(const struct sql_token *token, const char *keyword); /* case-insensitive */

struct sql_statement {
    const char *
        text; /* NUL-terminated, without the semicolon, without leading and trailing white space and comments */
    int line, column; /* where it begins in the file */
};

/* Splits text into statements. file is for errors only. Errors: unterminated string, comment, quote,
 * parenthesis, BEGIN ATOMIC, each at the place where it begins; NUL bytes; psql meta-commands; COPY from or to the client. */
bool sql_split(struct arena *arena, enum sql_lexis lexis, const char *file, const char *text, size_t length,
               int line, int column, struct sql_statement **statements, size_t *count, struct err *err);

/* What a statement does, as far as the first words tell. */
enum sql_kind {
    SQL_KIND_OTHER,
    SQL_KIND_SELECT,
    SQL_KIND_INSERT,
    SQL_KIND_UPDATE,
    SQL_KIND_DELETE,
    SQL_KIND_ALTER_TABLE_ADD_COLUMN,
    SQL_KIND_ALTER_TABLE_DROP_COLUMN,
    SQL_KIND_ALTER_TABLE_RENAME,
    SQL_KIND_ALTER_TABLE_VALIDATE,
    SQL_KIND_ALTER_TABLE_ADD_FOREIGN_KEY,
    SQL_KIND_ALTER_TABLE_SET_OPTIONS, /* SET (…), RESET (…), SET STATISTICS, CLUSTER ON, ATTACH PARTITION */
    SQL_KIND_ALTER_TABLE_OTHER,
    SQL_KIND_CREATE_INDEX,
    SQL_KIND_CREATE_INDEX_CONCURRENTLY,
    SQL_KIND_DROP_INDEX,
    SQL_KIND_DROP_INDEX_CONCURRENTLY,
    SQL_KIND_REINDEX_CONCURRENTLY,
    SQL_KIND_CREATE_TRIGGER,
    SQL_KIND_DROP_TRIGGER,
    SQL_KIND_CREATE_FUNCTION,
    SQL_KIND_DROP_FUNCTION,
    SQL_KIND_CREATE_TABLE,
    SQL_KIND_DROP_TABLE,
    SQL_KIND_TRUNCATE,
    SQL_KIND_VACUUM,
    SQL_KIND_BEGIN,
    SQL_KIND_COMMIT,   /* COMMIT, END */
    SQL_KIND_ROLLBACK, /* ROLLBACK, ABORT, but not ROLLBACK TO */
    SQL_KIND_COPY,
    SQL_KIND_LOCK_TABLE,
    SQL_KIND_OTHER_DDL
};
enum sql_kind sql_kind(enum sql_lexis lexis, const char *statement);
bool sql_kind_is_ddl(enum sql_kind kind);
/* CREATE INDEX CONCURRENTLY, VACUUM, CREATE DATABASE, ALTER SYSTEM, DETACH PARTITION CONCURRENTLY …: never in a transaction.
 * (ALTER TYPE … ADD VALUE may be in one since PostgreSQL 12.) */
bool sql_forbids_transaction(enum sql_lexis lexis, const char *statement);

/* MySQL and MariaDB: the statement ends the transaction it stands in, and cannot be undone: DDL, LOCK TABLES, ANALYZE …
 * Never on PostgreSQL. */
bool sql_commits_implicitly(enum sql_lexis lexis, const char *statement);

/* The table an ALTER/CREATE INDEX/CREATE TRIGGER/UPDATE/INSERT/DELETE/TRUNCATE/LOCK names first, as written
 * (schema-qualified, quoted parts kept); NULL when none. */
char *sql_target_table(struct arena *arena, enum sql_lexis lexis, const char *statement);
/* Column names that an ALTER TABLE drops or renames away, unquoted and folded; returns how many (≤ max). */
size_t sql_removed_columns(struct arena *arena, enum sql_lexis lexis, const char *statement,
                           const char **names, size_t max);
/* True when the statement holds this name (folded as the engine folds) as a word or quoted identifier. */
bool sql_mentions(enum sql_lexis lexis, const char *statement, const char *name);

/* The statement with every literal as ?, white space folded to one space, at most max bytes (then "…"). For reports. */
char *sql_redact(struct arena *arena, enum sql_lexis lexis, const char *statement, size_t max);
/* "name" or "schema"."name" as the engine quotes; refuses NUL, invalid UTF-8, more than 63 bytes: NULL. */
char *sql_quote(struct arena *arena, enum sql_lexis lexis, const char *schema, const char *name);
/* 'text' as a literal. NULL when it holds NUL or invalid UTF-8. */
char *sql_quote_literal(struct arena *arena, enum sql_lexis lexis, const char *text);
/* Unquotes and folds one identifier token's text: Foo -> foo, "Foo" -> Foo. */
char *sql_fold(struct arena *arena, enum sql_lexis lexis, const char *text, size_t length);

#endif
