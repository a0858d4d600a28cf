/* dialect: what to say to a server, as data. Const tables, any thread.
 *
 * A query's contract is its result columns and units, below; its text is chosen by engine and server version. A query
 * without a text for this server is something the server cannot tell: the caller degrades and says so.
 * Every `{}` in a text is replaced by the caller's argument, already quoted. Times are the server's clock in µs since 1970. */
#ifndef REHEARSE_DB_DIALECT_H
#define REHEARSE_DB_DIALECT_H

#include "bench/db/db.h"
#include "bench/db/sql.h"

enum dialect_query {
    DIALECT_NOW,      /* now_us: one row; the clock, not the transaction's start */
    DIALECT_VERSION,  /* text ("15.18 (Debian …)"), number */
    DIALECT_IDENTITY, /* one text that differs between any two servers or databases */
    DIALECT_SCHEMA,   /* one text: the schema that unqualified names mean ("public"; MySQL: the database) */
    DIALECT_DATABASE, /* one text: the name of the database that this session is in, as a user types it */
    DIALECT_SETTINGS, /* name, value: those that matter to reports (durability, memory, timeouts, WAL) */
    DIALECT_TABLES, /* object id, schema, name, rows (estimate, −1 unknown), table bytes (with toast), index bytes,
                                storage id (changes when the table is rewritten): user tables, partitions too */
    DIALECT_COLUMNS, /* of table id {}: position, name, type text, base type name, not null 0/1, default text,
                                generated kind ('' 's'tored 'a'lways-identity 'd'efault-identity), enum labels as a JSON
                                array or NULL, max length or −1, numeric precision, scale or −1, owned or default
                                sequence (qualified and quoted) or NULL */
    DIALECT_CONSTRAINTS, /* of table id {}: name, kind (p u f c x), column names as JSON array, referenced table id,
                                referenced column names as JSON array, definition, validated 0/1, backing index id or 0 */
    DIALECT_INDEXES, /* of table id {}: index id, name, unique 0/1, primary 0/1, definition, constraint-backed 0/1,
                                valid 0/1 */
    DIALECT_FINGERPRINT, /* one text per row, sorted: everything a migration could change in the schema, without ids,
                                positions or statistics; user objects only */
    DIALECT_LOCKS, /* now_us, kind (relation transaction virtualxid other), object (number, 0 unless relation),
                                target (text key, same for two locks that meet), session, mode (index into the dialect's
                                lock modes), granted 0/1, wait start us or NULL. This database's and shared ones; of
                                the server's own tables none is a relation. One snapshot, of one row at least, a lock that asking
                                takes: none at all means that this server does not list its locks */
    DIALECT_LOCKS_WEAK, /* the same for a server without what DIALECT_LOCKS reads: the mode of a granted lock may be weaker
                                than what is held, because it does not follow upgrades; modes that wait are true */
    DIALECT_ROW_LOCKS, /* as DIALECT_LOCKS, and the name of the table, whose object is told although the lock is no relation's: row
                                locks, where asking costs too much, or tells nothing new, more often than every 200 ms (holder
                                and waiter of one target). NULL where DIALECT_LOCKS has them */
    DIALECT_SESSIONS, /* session, application_name, state, query (first 1000 bytes), transaction start us or NULL,
                                query start us or NULL, kind of backend, leader session or NULL, wait event or NULL,
                                process id of the client or NULL: all but our own connection */
    DIALECT_STATEMENT,      /* of session {}: what it runs now (first 1000 bytes); NULL or no row: nothing */
    DIALECT_LOG_BYTES,      /* one number: bytes of WAL/redo ever written */
    DIALECT_DATABASE_BYTES, /* one number */
    DIALECT_FOREIGN_WRITERS, /* session, application_name, user, table name, state: other sessions that hold ROW EXCLUSIVE,
                                as writers do (a stronger lock alone is no writer), on tables whose ids are the comma list {}, application_name not ours
                                ('rehearse/…'), no backend of the server's own (autovacuum). A row of NULLs: this server cannot
                                tell who writes */
    DIALECT_BEGIN, /* texts of the language: */
    DIALECT_COMMIT,
    DIALECT_ROLLBACK,
    DIALECT_SET_LOCK_TIMEOUT,      /* session, {} milliseconds, 0 = none */
    DIALECT_SET_STATEMENT_TIMEOUT, /* session, {} milliseconds, 0 = none */
    DIALECT_SETUP_SESSION, /* every session of ours: quiet, deterministic output (dates, bytea, time zone), keep-alives of
                                the server's own: client_connection_check_interval where it exists */
    DIALECT_LEXIS, /* two 0/1, of what users write in sessions with the server's own settings: "…" is an identifier; a
                                backslash in a string escapes nothing. NULL where the engine's lexis says all */
    DIALECT_SETUP_USER, /* after DIALECT_SETUP_SESSION, of a session that runs what users wrote: the server's own modes */
    DIALECT_SETUP_MIGRATION, /* migration session: notices that tell a rewrite, waits above deadlock_timeout; may need rights */
    DIALECT_SETUP_PROBE, /* probe session: every lock wait above 1 ms as a notice; may need rights */
    DIALECT_PROBE_WAITED, /* waited_us: how long this session's last statement waited for a table lock, as the server timed
                                it, 0 when not above 1 ms; no row: this server does not time it, after DIALECT_SETUP_PROBE.
                                NULL where notices say so */
    DIALECT_STAGES, /* stage, duration us: where the time of this session's last statement but one went, in order: the last
                                is the reading of the clock behind it. What a stage took in all is one row */
    DIALECT_PROBE_READ,    /* takes a read lock on table {} and gives it back at once */
    DIALECT_PROBE_WRITE,   /* the same with the lock a writer takes */
    DIALECT_COPY_DATABASE, /* not every engine */
    DIALECT_MARKER_CREATE, /* the guard's marker table, if not there */
    DIALECT_MARKER_READ,   /* identity, expires us */
    DIALECT_MARKER_WRITE,  /* {}: a quoted identity literal, a comma, the expiry in us */
    DIALECT_MARKER_DROP,
    DIALECT_HEARTBEAT_CREATE, /* the harness's own table of one row, if not there */
    DIALECT_HEARTBEAT_BEAT,   /* {}: a number, which the row then holds */
    DIALECT_HEARTBEAT_READ,   /* one number: the row's, NULL or no row before the first beat */
    DIALECT_HEARTBEAT_DROP,
    DIALECT_OBJECTS, /* kind (trigger, table, column, index, constraint, function …), name (qualified, for people), statement
                                that removes it: what a migration can add, user objects only, in the order in which they must go:
                                triggers before columns */
    DIALECT_JOURNAL_CREATE, /* the harness's table of unfinished runs, if not there */
    DIALECT_JOURNAL_WRITE, /* {}: four literals: run id, strategy, names of the objects before (JSON array), note */
    DIALECT_JOURNAL_READ,   /* run id, strategy, objects before, note, started us: oldest first */
    DIALECT_JOURNAL_FORGET, /* {}: a run id as a literal */
    DIALECT_JOURNAL_DROP,   /* the table, once it is empty */
    DIALECT_BULK_SETUP,     /* session that loads or builds indexes: no limits, memory to sort with */
    DIALECT_BULK_TABLES, /* table id, kind ('', partitioned, partition, child), what its partitions take, as a CHECK, or NULL: a
                                table stands there for each such limit, at least once, or has no kind and no limit */
    DIALECT_BULK_LOAD, /* session that loads or empties tables, after DIALECT_BULK_SETUP: what the server then leaves
                                unproved, the loader proves */
    DIALECT_BULK_SHARED, /* a session so set up, before it loads a table at the same time as others do, or one that checks do not
                                slow down; DIALECT_BULK_LOAD again afterwards */
    DIALECT_BULK_UNLOGGED, /* table {} is written past the log from here on: quick, gone after a crash, on no replica */
    DIALECT_BULK_LOGGED,    /* the reverse, of an empty table; of no effect on one that is logged */
    DIALECT_DATA_DIRECTORY, /* one text: where the server's machine has its files; may need rights */
    DIALECT_BULK_JOURNALS,  /* schema: where a table rehearse_unfinished_fill stands */
    DIALECT_BULK_HOLD, /* {}: such a table: until this session ends it is known to be at work on it. No row, or one: 1 done, else
                                another session holds it */
    DIALECT_BULK_SEIZE, /* {}: the same, for the one who undoes; waits while a session holds it, then as above or OUTCOME_LOCK_TIMEOUT */
    DIALECT_BULK_PIECES, /* of table id {}: rank (0 trigger, 1 foreign key from or to it, 2 key constraint, 3 index), name,
                                statement that takes it off, message that puts it back, statement that then makes it whole
                                or NULL: what slows or forbids a bulk load and comes back to the letter */
    DIALECT_BULK_SEQUENCE, /* {}: a sequence's name as a literal, a comma, a number: its next value is above that */
    DIALECT_BULK_PIN, /* {}: rows of three literals in parentheses, with commas: a table, a column of it, both quoted, and the
                            number of different values that statistics are to tell of from the next ones on, as pg_stats has
                            it: one text, the statement that says so */
    DIALECT_BULK_FINISH, /* statistics and visibility of table {} */
    DIALECT_BULK_STATISTICS, /* {}: two literals, a quoted table and quoted columns of it with commas: one text, the statement
                                that makes the statistics of their values, which FINISH does not; where FINISH does, none */
    DIALECT_BULK_VIEWS, /* name (qualified, for people), message that computes it again: materialized views that hold rows */
    /* For a profile. Each row is one text, a JSON array; unknown is null; what else the statements of a text do has no rows. {}: NULL for all tables of the user, or a literal
     * with a JSON array of names, "table" or "schema.table". Tables by schema and name, the harness's own left out. */
    DIALECT_PROFILE_SCRIPT, /* how a script of these queries begins for the engine's own client, so that it prints bare rows */
    DIALECT_PROFILE_BEGIN, /* {}: milliseconds. A read-only transaction with one snapshot, none of whose statements may last
                                longer; names in definitions come qualified */
    DIALECT_PROFILE_SERVER, /* [version label, version number, all tables 0/1], and where there is something to say: what the role
                                may not read, with the grant, or null; the statement that makes statistics */
    DIALECT_PROFILE_TABLES, /* [id text, schema, name, kind as DIALECT_BULK_TABLES, rows (−1 never analysed), pages, bytes (with
                                toast, without indexes), toast bytes, index bytes, has statistics 0/1, rows their sample has (0
                                all), id of the partitioned table it is a leaf of or null, statement that would let this role
                                see the statistics or null] */
    DIALECT_PROFILE_COLUMNS, /* [table id, name, type, base type as DIALECT_COLUMNS, not null 0/1, enum or boolean 0/1, definitions
                                of valid CHECKs on it [], share of nulls, stored width, distinct values (< 0: minus a share of the
                                rows), correlation, common values [text], their shares of all rows [], bounds of the rest [text],
                                common elements of arrays [text], their shares [], distinct elements per array [], shares of the
                                buckets [], distinct values in the buckets []], in the table's order */
    DIALECT_PROFILE_INDEXES, /* [table id, name, columns [name, null for an expression], unique 0/1, primary 0/1, partial 0/1,
                                method, bytes, pages, rows, distinct values of the first 1 … n columns [], equal keys stored once
                                0/1] */
    DIALECT_PROFILE_REFERENCES, /* foreign keys: [table id, name, columns [], referenced table id, its columns []] */
    DIALECT_PROFILE_GROUPS, /* [table id, columns [], distinct combinations, common ones [[text per column]], their shares [],
                                dependencies [[[columns], column, degree]]] */
    DIALECT_PROFILE_STATEMENTS, /* what makes the schema, in order but for what needs what: [stage as profile_statement, table id,
                                key of what it makes, keys that it needs [], statement] */
    DIALECT_PROFILE_COUNTS, /* [class_rows, class_values] of the rows of {}, a SELECT of these two */
    /* Of queries that two databases are compared by: */
    DIALECT_COMPARE_SETUP, /* {}: milliseconds. This session only reads from here on; no query of it lasts longer, nor waits for a
                                lock for long */
    DIALECT_COMPARE_PLANNER, /* one text per row: a statement that gives another session of this engine what this one's planner
                                is set to; another version may refuse some */
    DIALECT_COMPARE_PLAN, /* of the query {}: one text, a JSON document; where it holds actual rows, the query was run */
    DIALECT_COMPARE_ROWS, /* of the query {}: how many rows it has; NULL where the plan says so */
    DIALECT_COMPARE_TOUCHED, /* name, number: what this session has read so far, all together; NULL where the plan says so */
    DIALECT_QUERY_COUNT
};

struct dialect_lock_mode {
    const char *name;                 /* "ACCESS EXCLUSIVE", as people write it; NULL ends the table */
    uint32_t conflicts;               /* bit i: conflicts with mode i */
    bool blocks_reads, blocks_writes; /* of ordinary SELECT, of INSERT/UPDATE/DELETE */
};

struct dialect {
    const char *engine;
    enum sql_lexis lexis;
    bool ddl_is_transactional;
    bool loads_binary; /* db_load takes DB_LOAD_BINARY and freeze */
    bool
        loads_unchecked; /* a load has its table to itself, and foreign keys are not looked at: DIALECT_BULK_LOAD */
    const struct dialect_lock_mode *lock_modes;
    const char *(*text)(enum dialect_query query, int version); /* NULL when this server cannot tell */
    const char *(*version_label)(int version, char text[32]);   /* 150018 -> "15.18" */
    /* Strongest lock a statement takes on the tables it alters, by kind; −1 when not known. For locks too short to see. */
    int (*expected_lock)(enum sql_kind kind);
    int64_t watch_ns; /* how often to ask for DIALECT_LOCKS while a migration is under way; 0: every 1 ms */
    uint32_t
        upgradable; /* bit i: who holds mode i may have made it stronger, which DIALECT_LOCKS_WEAK does not tell */
    bool
        locks_in_stages; /* DDL makes its locks stronger and weaker as it goes, and gives them back before it answers */
    /* One sentence for reports on what a server does not tell, and what would make it: how long probes waited; true modes of
     * granted locks; any locks. NULL where it always does. */
    const char *waits_untold, *modes_untold, *locks_untold;
    /* The same where the role has no right to what would tell: which grant gives it. NULL where a right is never all of it. */
    const char *waits_denied, *locks_denied;
};

extern const struct dialect dialect_postgres, dialect_mysql, dialect_mariadb;

/* The text with each {} replaced, in the arena; NULL when this server cannot tell. argument may be NULL. */
char *dialect_sql(struct arena *arena, const struct db *db, enum dialect_query query, const char *argument);
/* Name to index; −1 when unknown. Accepts both "AccessExclusiveLock" and "ACCESS EXCLUSIVE". */
int dialect_lock_mode(const struct dialect *dialect, const char *name);

#endif
