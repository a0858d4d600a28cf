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

/* Of a partitioned table: the columns that alone say where its rows go, and what its partitions take of them, as a CHECK does
 * (attname, definition). None where one of them takes the rest, or by a hash. */
#define POSTGRES_PARTITION_LIMITS(TABLE)                                                                     \
    "(SELECT attname, CASE strategy WHEN 'l' THEN format('CHECK (%s%I = ANY (ARRAY[%s]))',"                  \
    " CASE WHEN bool_or(list ~ '(^|, )NULL') THEN '' ELSE quote_ident(attname) || ' IS NOT NULL AND ' END,"  \
    " attname, string_agg(replace(list, ', NULL', ''), ', ' ORDER BY list) FILTER (WHERE list <> 'NULL'))"   \
    " ELSE format('CHECK (%I IS NOT NULL', attname)"                                                         \
    " || CASE WHEN bool_or(low = 'MINVALUE') THEN '' ELSE format(' AND %I >= %s', attname,"                  \
    " (array_agg(low ORDER BY low_number, low COLLATE \"C\"))[1]) END"                                       \
    " || CASE WHEN bool_or(high = 'MAXVALUE') THEN '' ELSE format(' AND %I < %s', attname,"                  \
    " (array_agg(high ORDER BY high_number DESC, high COLLATE \"C\" DESC))[1]) END || ')' END AS definition" \
    " FROM (SELECT *, CASE WHEN low ~ '^''?-?[0-9.]+''?$' THEN btrim(low, '''')::numeric END AS low_number," \
    " CASE WHEN high ~ '^''?-?[0-9.]+''?$' THEN btrim(high, '''')::numeric END AS high_number FROM ("        \
    "SELECT a.attname, r.partstrat AS strategy, e.bound,"                                                    \
    " substring(e.bound FROM '^FOR VALUES IN [(](.*)[)]$') AS list,"                                         \
    " substring(e.bound FROM '^FOR VALUES FROM [(](.*)[)] TO [(]') AS low,"                                  \
    " substring(e.bound FROM '[)] TO [(](.*)[)]$') AS high"                                                  \
    " FROM pg_catalog.pg_partition_tree(" TABLE ") f JOIN pg_catalog.pg_partitioned_table r"                 \
    " ON r.partrelid = f.relid AND r.partnatts = 1 AND r.partstrat IN ('l', 'r')"                            \
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = r.partrelid AND a.attnum = r.partattrs[0]"              \
    " JOIN pg_catalog.pg_inherits h ON h.inhparent = r.partrelid"                                            \
    " JOIN pg_catalog.pg_class x ON x.oid = h.inhrelid"                                                      \
    " CROSS JOIN LATERAL (SELECT pg_get_expr(x.relpartbound, x.oid) AS bound) e) t) u"                       \
    " GROUP BY attname, strategy HAVING NOT bool_or(bound = 'DEFAULT'))"

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
