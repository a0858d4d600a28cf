/* dialect_postgres: the queries of PostgreSQL 12 and later, chosen by version. Used by dialect_*.c only. */
#ifndef REHEARSE_DB_DIALECT_POSTGRES_H
#define REHEARSE_DB_DIALECT_POSTGRES_H

#include "bench/db/dialect.h"

/* Rows of one query may differ by version; ranges of one query do not overlap. */
struct postgres_query {
    enum dialect_query query;
    int since, before; /* server_version_num; before is exclusive */
    const char *text;
};

enum { PG_ANY = 0, PG_13 = 130000, PG_14 = 140000, PG_15 = 150000, PG_17 = 170000, PG_NEWEST = 99999999 };

extern const struct postgres_query postgres_words[], postgres_catalogue[], postgres_activity[];
extern const struct postgres_query postgres_schema[], postgres_bulk[], postgres_journal[];
extern const struct postgres_query postgres_profile[], postgres_travel[]; /* each ends with a NULL text */

/* For a WITH, of the queries for a profile: n, the user's schemas; mine, the user's tables with their schema's name and kind;
 * chosen, those among the names {}, partitions with their root. */
#define POSTGRES_CHOSEN                                                                                      \
    "n AS (SELECT oid, nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN"      \
    " ('information_schema', 'rehearse_staging', 'rehearse_heartbeat')),"                                    \
    " mine AS (SELECT c.*, n.nspname, CASE WHEN c.relispartition THEN 'partition' WHEN c.relkind = 'p'"      \
    " THEN 'partitioned' WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid = c.oid)"        \
    " THEN 'child' ELSE '' END AS kind FROM pg_catalog.pg_class c JOIN n ON n.oid = c.relnamespace"          \
    " WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND c.relname <> 'rehearse_unfinished_fill'" \
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid ="                                  \
    " 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')),"                            \
    " asked AS (SELECT coalesce(pg_partition_root(c.oid)::oid, c.oid) AS root FROM mine c"                   \
    " JOIN json_array_elements_text({}::json) w (name) ON w.name IN (c.relname::text, c.nspname || '.' ||"   \
    " c.relname)), chosen AS (SELECT * FROM mine c WHERE {}::json IS NULL"                                   \
    " OR coalesce(pg_partition_root(c.oid)::oid, c.oid) IN (SELECT root FROM asked))"

extern const struct dialect_lock_mode postgres_lock_modes[];
int postgres_expected_lock(enum sql_kind kind);

#endif
