#include "bench/db/dialect_postgres.h"

/* What a profile is made of: sizes, statistics, keys. What some versions lack is asked for through to_jsonb(row) or chosen by the
 * version's number.
 *
 * pg_stats shows a column only to roles with SELECT on it and tables without active row security: whoever lacks that is told.
 * search_path is empty, so that every name in a definition is qualified. A database without an encoding (SQL_ASCII) holds bytes
 * that would not pass as UTF-8: they are taken as they are. */

/* Lines of SQL, which formatting would break at odd places. */
/* clang-format off */

static const char begin[] =
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = ''; SET LOCAL statement_timeout = {};"
    " SET LOCAL lock_timeout = '5s'; SET LOCAL idle_in_transaction_session_timeout = 0;"
    " SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off;"
    " DO $$ BEGIN IF current_setting('server_encoding') = 'SQL_ASCII' THEN PERFORM set_config('client_encoding', 'SQL_ASCII', true);"
    " END IF; END $$";

/* What stays behind altogether is told. */
#define BEHIND(NAME, FROM) "(SELECT '" NAME " (' || nullif(count(*), 0) || ')' FROM " FROM ")"
static const char server[] =
    "SELECT json_build_array(current_setting('server_version'), current_setting('server_version_num'),"
    " ({}::json IS NULL)::int, 'these do not travel: ' || nullif(concat_ws(', ', "
    BEHIND("foreign tables", "pg_catalog.pg_foreign_table") ", " BEHIND("policies of row level security", "pg_catalog.pg_policy") ", "
    BEHIND("event triggers", "pg_catalog.pg_event_trigger e WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d"
           " WHERE d.classid = 'pg_catalog.pg_event_trigger'::regclass AND d.objid = e.oid AND d.deptype = 'e')") "), ''))::text";

/* A partitioned table is the sum of its leaves. */
#define LEAVES(WHAT) "(SELECT " WHAT " FROM pg_catalog.pg_partition_tree(c.oid) f JOIN pg_catalog.pg_class l"   \
    " ON l.oid = f.relid WHERE f.isleaf AND l.relkind = 'r')"
#define UNKNOWN(C) "(" C ".reltuples < 0 OR (" C ".reltuples = 0 AND " C ".relpages = 0 AND"                    \
    " current_setting('server_version_num')::int < 140000))"
#define TARGET "coalesce(nullif((to_jsonb(a) ->> 'attstattarget')::int, -1),"                                   \
    " current_setting('default_statistics_target')::int)"

static const char tables[] =
    "WITH " POSTGRES_CHOSEN ", seen AS (SELECT DISTINCT s.schemaname, s.tablename FROM pg_catalog.pg_stats s)"
    " SELECT json_build_array(c.oid::text, c.nspname, c.relname, c.kind,"
    " CASE WHEN c.relkind = 'p' THEN " LEAVES("CASE WHEN bool_or" UNKNOWN("l") " THEN -1"
        " ELSE coalesce(sum(l.reltuples), 0) END")
    " WHEN " UNKNOWN("c") " THEN -1 ELSE c.reltuples END::float8,"
    " CASE WHEN c.relkind = 'p' THEN " LEAVES("sum(l.relpages)") " ELSE c.relpages END,"
    " CASE WHEN c.relkind = 'p' THEN " LEAVES("sum(pg_table_size(l.oid))") " ELSE pg_table_size(c.oid) END,"
    " CASE WHEN c.relkind = 'p' THEN " LEAVES("sum(CASE l.reltoastrelid WHEN 0 THEN 0 ELSE"
        " pg_total_relation_size(l.reltoastrelid) END)")
    " WHEN c.reltoastrelid = 0 THEN 0 ELSE pg_total_relation_size(c.reltoastrelid) END,"
    " CASE WHEN c.relkind = 'p' THEN " LEAVES("sum(pg_indexes_size(l.oid))") " ELSE pg_indexes_size(c.oid) END,"
    " (e.tablename IS NOT NULL OR (NOT " UNKNOWN("c") " AND (c.reltuples = 0 OR pg_stat_get_last_analyze_time(c.oid) IS NOT NULL"
    " OR pg_stat_get_last_autoanalyze_time(c.oid) IS NOT NULL)))::int,"
    " (SELECT 300 * max(" TARGET ") FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0"
    " AND NOT a.attisdropped),"
    " CASE WHEN c.relispartition AND c.relkind = 'r' THEN pg_partition_root(c.oid)::oid::text END,"
    " CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0"
    " AND NOT a.attisdropped AND NOT has_column_privilege(c.oid, a.attnum, 'SELECT'))"
    " THEN format('GRANT SELECT ON %I.%I TO %I', c.nspname, c.relname, current_user)"
    " WHEN row_security_active(c.oid) THEN format('ALTER ROLE %I BYPASSRLS', current_user) END)::text"
    " FROM chosen c LEFT JOIN seen e ON e.schemaname = c.nspname AND e.tablename = c.relname"
    " ORDER BY c.nspname COLLATE \"C\", c.relname COLLATE \"C\"";

/* Longer than the 4095 characters that ISO C promises; GNU compilers take any length. */
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* A column of a domain is described by the type under the domain, however deep. Of an index's or a partitioned table's own
 * statistics only the latter count. */
#define COLUMNS(BOUNDS)                                                                                        \
    "WITH " POSTGRES_CHOSEN ", domain_check AS MATERIALIZED (SELECT f.contypid, f.conname, pg_get_constraintdef(f.oid) AS definition"   \
    " FROM pg_catalog.pg_constraint f WHERE f.contypid <> 0 AND f.contype = 'c' AND f.convalidated)"            \
    " SELECT json_build_array(c.oid::text, a.attname, format_type(a.atttypid, a.atttypmod), b.typname,"        \
    " (a.attnotnull OR b.not_null)::int, (b.typtype = 'e' OR b.typname = 'bool')::int,"                        \
    " (SELECT json_agg(k.definition ORDER BY k.conname) FROM (SELECT f.conname, pg_get_constraintdef(f.oid) AS definition"           \
    " FROM pg_catalog.pg_constraint f WHERE f.conrelid = c.oid AND f.contype = 'c' AND f.convalidated AND a.attnum = ANY (f.conkey)"  \
    " UNION ALL SELECT f.conname, f.definition FROM domain_check f WHERE f.contypid = ANY (b.path)"              \
    " UNION ALL SELECT '', l.definition FROM " POSTGRES_PARTITION_LIMITS("c.oid") " l"                           \
    " WHERE c.kind = 'partitioned' AND l.attname = a.attname) k),"                                               \
    " s.null_frac, s.avg_width, s.n_distinct, s.correlation, to_json(s.most_common_vals::text::text[]),"       \
    " to_json(s.most_common_freqs), to_json((" BOUNDS ")::text::text[]),"                                      \
    " to_json(s.most_common_elems::text::text[]), to_json(s.most_common_elem_freqs),"                          \
    " to_json(s.elem_count_histogram[1:cardinality(s.elem_count_histogram) - 1]), NULL, NULL)::text"           \
    " FROM chosen c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped" \
    " LEFT JOIN pg_catalog.pg_stats s ON s.schemaname = c.nspname AND s.tablename = c.relname AND s.attname = a.attname" \
    " AND s.inherited = (c.relkind = 'p')"                                                                     \
    " CROSS JOIN LATERAL (WITH RECURSIVE under AS ("                                                           \
    " SELECT t.oid, t.typname, t.typtype, t.typbasetype, t.typnotnull AS not_null, ARRAY[t.oid] AS path"       \
    " FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid"                                                      \
    " UNION ALL SELECT t.oid, t.typname, t.typtype, t.typbasetype, u.not_null OR t.typnotnull, u.path || t.oid" \
    " FROM under u JOIN pg_catalog.pg_type t ON t.oid = u.typbasetype)"                                        \
    " SELECT * FROM under WHERE typbasetype = 0) b"                                                            \
    " ORDER BY c.nspname COLLATE \"C\", c.relname COLLATE \"C\", a.attnum"

#define NAMES(RELATION, KEY)                                                                                   \
    "(SELECT json_agg(a.attname ORDER BY y.at) FROM unnest(" KEY ") WITH ORDINALITY AS y (attnum, at)"           \
    " LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = " RELATION " AND a.attnum = y.attnum AND y.attnum > 0)"
#define INDEX_LEAVES(WHAT) "(SELECT " WHAT " FROM pg_catalog.pg_partition_tree(x.oid) f JOIN pg_catalog.pg_class l"  \
    " ON l.oid = f.relid WHERE f.isleaf)"

/* Deduplicated: a b-tree of version 13 and later, as every column's operator class allows (support function 4). */
#define DEDUPLICATED                                                                                           \
    "(m.amname = 'btree' AND current_setting('server_version_num')::int >= 130000 AND i.indnatts = i.indnkeyatts" \
    " AND NOT coalesce('deduplicate_items=off' = ANY (x.reloptions), false) AND NOT EXISTS ("                   \
    "SELECT FROM unnest(i.indclass::oid[]) AS o (oid) JOIN pg_catalog.pg_opclass p ON p.oid = o.oid WHERE NOT EXISTS (" \
    "SELECT FROM pg_catalog.pg_amproc f WHERE f.amprocfamily = p.opcfamily AND f.amproclefttype = p.opcintype"  \
    " AND f.amprocrighttype = p.opcintype AND f.amprocnum = 4)))::int"

static const char indexes[] =
    "WITH " POSTGRES_CHOSEN
    " SELECT json_build_array(c.oid::text, x.relname, " NAMES("i.indrelid", "(i.indkey::int2[])[0:i.indnkeyatts - 1]")
    ", i.indisunique::int, i.indisprimary::int, (i.indpred IS NOT NULL)::int, m.amname,"
    " CASE WHEN x.relkind = 'I' THEN " INDEX_LEAVES("sum(pg_relation_size(l.oid))") " ELSE pg_relation_size(x.oid) END,"
    " CASE WHEN x.relkind = 'I' THEN " INDEX_LEAVES("sum(l.relpages)") " ELSE x.relpages END,"
    " CASE WHEN x.relkind = 'I' THEN " INDEX_LEAVES("sum(greatest(l.reltuples, 0))")
    " ELSE x.reltuples END::int8, NULL, " DEDUPLICATED ")::text"
    " FROM chosen c JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisvalid"
    " JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = x.relam"
    " ORDER BY c.nspname COLLATE \"C\", c.relname COLLATE \"C\", x.relname COLLATE \"C\"";

static const char references[] =
    "WITH " POSTGRES_CHOSEN
    " SELECT json_build_array(c.oid::text, k.conname, " NAMES("k.conrelid", "k.conkey") ", k.confrelid::text,"
    " " NAMES("k.confrelid", "k.confkey") ")::text"
    " FROM chosen c JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f' AND k.conparentid = 0"
    " ORDER BY c.nspname COLLATE \"C\", c.relname COLLATE \"C\", k.conname COLLATE \"C\"";

/* Columns of an extended statistic's keys as they are written there: "1, 2". Those with expressions are left out.
 * What is known of the rest is shown to the table's owner only (since 12.19, 13.15, 14.12, 15.7, 16.3). */
#define KEY_NAMES(TEXT)                                                                                        \
    "(SELECT json_agg(a.attname ORDER BY k.at) FROM unnest(string_to_array(" TEXT ", ', ')::int2[])"            \
    " WITH ORDINALITY AS k (attnum, at) JOIN pg_catalog.pg_attribute a ON a.attrelid = s.relation AND a.attnum = k.attnum)"

static const char groups[] =
    "WITH " POSTGRES_CHOSEN
    ", seen AS (SELECT c.oid AS relation, c.nspname, c.relname, x.stxname AS statistics_name, x.stxkeys::int2[] AS keys,"
    " array_to_string(x.stxkeys::int2[], ', ') AS all_keys, e.n_distinct::text::json AS n_distinct,"
    " e.dependencies::text::json AS dependencies, e.most_common_vals, e.most_common_freqs"
    " FROM chosen c JOIN pg_catalog.pg_statistic_ext x ON x.stxrelid = c.oid"
    " JOIN pg_catalog.pg_namespace n ON n.oid = x.stxnamespace"
    " LEFT JOIN pg_catalog.pg_stats_ext e ON e.statistics_schemaname = n.nspname AND e.statistics_name = x.stxname"
    " AND coalesce((to_jsonb(e) ->> 'inherited')::bool, c.relkind = 'p') = (c.relkind = 'p')"
    " WHERE to_jsonb(x) ->> 'stxexprs' IS NULL), kept AS ("
    "SELECT s.nspname, s.relname, s.statistics_name, '' AS part, s.relation, " NAMES("s.relation", "s.keys") " AS columns,"
    " (SELECT d.value::text::float8 FROM json_each(s.n_distinct) d WHERE d.key = s.all_keys) AS n_distinct,"
    " to_json(s.most_common_vals) AS vals, to_json(s.most_common_freqs) AS freqs,"
    " (SELECT json_agg(json_build_array(" KEY_NAMES("split_part(d.key, ' => ', 1)") ", " KEY_NAMES("split_part(d.key, ' => ', 2)")
    " -> 0, d.value) ORDER BY d.key COLLATE \"C\") FROM json_each(s.dependencies) d) AS dependencies FROM seen s"
    " UNION ALL SELECT s.nspname, s.relname, s.statistics_name, d.key, s.relation, " KEY_NAMES("d.key")
    ", d.value::text::float8, NULL, NULL, NULL FROM seen s CROSS JOIN LATERAL json_each(s.n_distinct) d"
    " WHERE d.key <> s.all_keys)"
    " SELECT json_build_array(relation::text, columns, n_distinct, vals, freqs, dependencies)::text FROM kept"
    " ORDER BY nspname COLLATE \"C\", relname COLLATE \"C\", statistics_name COLLATE \"C\", part COLLATE \"C\"";

const struct postgres_query postgres_profile[] = {
    {DIALECT_PROFILE_SCRIPT, PG_ANY, PG_NEWEST,
     "-- psql -X -d DATABASE -f this_file > output\n\\set ON_ERROR_STOP on\n\\set QUIET on\n\\pset pager off\n"
     "\\pset format unaligned\n\\pset tuples_only on\n"},
    {DIALECT_PROFILE_BEGIN, PG_ANY, PG_NEWEST, begin},
    {DIALECT_PROFILE_SERVER, PG_ANY, PG_NEWEST, server},
    {DIALECT_PROFILE_TABLES, PG_ANY, PG_NEWEST, tables},
    {DIALECT_PROFILE_COLUMNS, PG_ANY, PG_17, COLUMNS("s.histogram_bounds")},
    {DIALECT_PROFILE_COLUMNS, PG_17, PG_NEWEST, COLUMNS("coalesce(s.histogram_bounds::text, s.range_bounds_histogram::text)")},
    {DIALECT_PROFILE_INDEXES, PG_ANY, PG_NEWEST, indexes},
    {DIALECT_PROFILE_REFERENCES, PG_ANY, PG_NEWEST, references},
    {DIALECT_PROFILE_GROUPS, PG_ANY, PG_NEWEST, groups},
    {DIALECT_PROFILE_COUNTS, PG_ANY, PG_NEWEST,
     "SELECT json_build_array(q.class_rows, q.class_values)::text FROM ({}) q"},
    {0, 0, 0, NULL},
};

/* clang-format on */
