/* sql: the lexis of SQL: where statements end, which words they hold. No grammar. Pure, any thread.
 *
 * PostgreSQL: dollar quotes, nested comments, E'' strings, U&, quoted identifiers, BEGIN ATOMIC … END, CREATE FUNCTION
 * and CREATE RULE bodies in parentheses.
 * MySQL and MariaDB: # and -- comments (the latter only before white space), versioned comments whose content is SQL,
 * backslashes in strings, "strings" (identifiers after SET sql_mode names ANSI_QUOTES), `identifiers`, DELIMITER lines,
 * CREATE … BEGIN … END. Versioned comments count as SQL whatever their version. Of names, tables are compared as written,
 * columns without regard to case: sql_fold keeps the case, sql_removed_columns answers in small letters, sql_mentions
 * takes no notice of it. */
#ifndef REHEARSE_DB_SQL_H
#define REHEARSE_DB_SQL_H

#include "bench/base/arena.h"
#include "bench/base/err.h"
#include "bench/db/sql_scan.h"

#include <stdbool.h>
#include <stddef.h>

struct sql_statement {
    const char *
        text; /* NUL-terminated, without the semicolon, without leading and trailing white space and comments */
    int line, column;     /* where it begins in the file */
    enum sql_lexis lexis; /* at its place: what a SET before it changed is in it */
};

/* Splits text into statements. file is for errors only. Errors: unterminated string, comment, quote,
 * parenthesis, BEGIN ATOMIC or other block, versioned comment, each at the place where it begins; NUL bytes; commands of psql
 * and mysql; COPY from or to the client, LOAD DATA LOCAL.
 * DELIMITER is read as mysql reads it, but in the middle of a statement only while the delimiter is no semicolon: there it
 * may be a column's name. Behind a DELIMITER of one's own the blocks of a body are not counted. */
bool sql_split(struct arena *arena, enum sql_lexis lexis, const char *file, const char *text, size_t length,
               int line, int column, struct sql_statement **statements, size_t *count, struct err *err);
/* The same for what a scan of a longer text has before it: its mode and delimiter hold. */
bool sql_split_scan(struct arena *arena, struct sql_scan scan, const char *file,
                    struct sql_statement **statements, size_t *count, struct err *err);

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
    SQL_KIND_ALTER_TABLE_SET_OPTIONS, /* SET (…), RESET (…), SET STATISTICS, CLUSTER ON, ATTACH PARTITION; MySQL: COMMENT=,
                                         AUTO_INCREMENT=, STATS_… = */
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
 * (ALTER TYPE … ADD VALUE may be in one since PostgreSQL 12.) On MySQL what commits implicitly. */
bool sql_forbids_transaction(enum sql_lexis lexis, const char *statement);

/* MySQL and MariaDB: the statement ends the transaction it stands in, and cannot be undone: DDL, LOCK TABLES, ANALYZE …
 * Never on PostgreSQL. BEGIN and COMMIT are not such, and a CALL is not looked into. */
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
/* "name" or "schema"."name" as the engine quotes; NULL for NUL, invalid UTF-8, more than 63 bytes (MySQL: 64 characters,
 * none above U+FFFF, no space at the end). */
char *sql_quote(struct arena *arena, enum sql_lexis lexis, const char *schema, const char *name);
/* 'text' as a literal. NULL when it holds NUL or invalid UTF-8. */
char *sql_quote_literal(struct arena *arena, enum sql_lexis lexis, const char *text);
/* Unquotes and folds one identifier token's text: Foo -> foo, "Foo" -> Foo; MySQL: Foo -> Foo, `F``oo` -> F`oo. */
char *sql_fold(struct arena *arena, enum sql_lexis lexis, const char *text, size_t length);

#endif
