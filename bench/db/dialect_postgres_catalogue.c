#include "bench/db/dialect_postgres.h"

#define USER_SCHEMA                                                                                          \
    " n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'rehearse_staging', "                  \
    "'rehearse_heartbeat')"

#define TABLES(UNKNOWN_ROWS)                                                                                 \
    "SELECT c.oid AS id, n.nspname AS schema, c.relname AS name,"                                            \
    " CASE WHEN " UNKNOWN_ROWS " THEN -1 ELSE c.reltuples::bigint END AS rows,"                              \
    " coalesce(pg_table_size(c.oid), 0) AS table_bytes, coalesce(pg_indexes_size(c.oid), 0) AS index_bytes," \
    " coalesce(pg_relation_filenode(c.oid), 0) AS storage_id"                                                \
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"                   \
    " WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND" USER_SCHEMA                             \
    " ORDER BY n.nspname, c.relname"

/* A column of a domain is described by the type under the domain, however deep. */
static const char columns[] =
    "SELECT a.attnum AS position, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,"
    " b.typname AS base_type, (a.attnotnull OR b.not_null)::int AS not_null,"
    " coalesce(CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END, b.typdefault)"
    " AS default_text,"
    " CASE WHEN a.attgenerated <> '' THEN 's' ELSE a.attidentity::text END AS generated,"
    " (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder)::text FROM pg_catalog.pg_enum e"
    " WHERE e.enumtypid = b.oid) AS enum_labels,"
    " CASE WHEN b.typname IN ('varchar', 'bpchar') AND b.typmod >= 4 THEN b.typmod - 4"
    " WHEN b.typname IN ('bit', 'varbit') AND b.typmod >= 0 THEN b.typmod ELSE -1 END AS max_length,"
    " CASE WHEN b.typname = 'numeric' AND b.typmod >= 4 THEN ((b.typmod - 4) >> 16) & 65535 ELSE -1 END"
    " AS numeric_precision,"
    " CASE WHEN b.typname = 'numeric' AND b.typmod >= 4 THEN (((b.typmod - 4) & 2047) # 1024) - 1024 ELSE -1 "
    "END"
    " AS numeric_scale,"
    " coalesce(pg_get_serial_sequence(a.attrelid::regclass::text, a.attname),"
    " (SELECT format('%I.%I', sn.nspname, s.relname) FROM pg_catalog.pg_depend p"
    " JOIN pg_catalog.pg_class s ON s.oid = p.refobjid AND s.relkind = 'S'"
    " JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace"
    " WHERE p.classid = 'pg_catalog.pg_attrdef'::regclass AND p.objid = d.oid"
    " AND p.refclassid = 'pg_catalog.pg_class'::regclass LIMIT 1)) AS sequence"
    " FROM pg_catalog.pg_attribute a"
    " LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
    " CROSS JOIN LATERAL (WITH RECURSIVE under AS ("
    " SELECT t.oid, t.typname, t.typbasetype, a.atttypmod AS typmod, t.typtypmod, t.typnotnull AS not_null,"
    " t.typdefault FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid"
    " UNION ALL SELECT t.oid, t.typname, t.typbasetype, u.typtypmod, t.typtypmod, u.not_null OR t.typnotnull,"
    " coalesce(u.typdefault, t.typdefault)"
    " FROM under u JOIN pg_catalog.pg_type t ON t.oid = u.typbasetype)"
    " SELECT * FROM under WHERE typbasetype = 0) b"
    " WHERE a.attrelid = {} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

#define COLUMN_NAMES(RELATION, KEY)                                                                          \
    "(SELECT json_agg(a.attname ORDER BY k.at)::text FROM unnest(" KEY ") WITH ORDINALITY AS k (attnum, at)" \
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = " RELATION " AND a.attnum = k.attnum)"

/* NOT NULL constraints, rows of their own since version 18, are told by the columns; triggers are no keys; a foreign key to a
 * partitioned table stands there once more for each partition. */
static const char constraints[] = "SELECT c.conname AS name, c.contype AS kind, coalesce(" COLUMN_NAMES(
    "c.conrelid", "c.conkey") ", '[]') AS columns,"
                              " c.confrelid AS referenced_id, " COLUMN_NAMES(
                                  "c.confrelid",
                                  "c.confkey") " AS referenced_columns,"
                                               " pg_get_constraintdef(c.oid) AS definition, "
                                               "c.convalidated::int AS validated,"
                                               " CASE WHEN c.contype IN ('p', 'u', 'x') THEN c.conindid ELSE "
                                               "0 END AS index_id"
                                               " FROM pg_catalog.pg_constraint c WHERE c.conrelid = {} AND "
                                               "c.contype IN ('p', 'u', 'f', 'c', 'x')"
                                               " AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint p "
                                               "WHERE p.oid = c.conparentid AND p.conrelid = c.conrelid)"
                                               " ORDER BY c.contype, c.conname";

static const char indexes[] =
    "SELECT i.indexrelid AS id, c.relname AS name, i.indisunique::int AS \"unique\","
    " i.indisprimary::int AS \"primary\", pg_get_indexdef(i.indexrelid) AS definition,"
    " EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid"
    " AND k.contype IN ('p', 'u', 'x'))::int AS constraint_backed,"
    " (i.indisvalid AND i.indisready AND i.indislive)::int AS valid"
    " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
    " WHERE i.indrelid = {} ORDER BY c.relname";

/* pg_control_system() is for every role. A physical copy of a cluster keeps its number, so the time line and the server's
 * own address are added: both change by a failover or a restored backup that was promoted. A unix socket and the loopback
 * are the same machine. */
static const char identity[] =
    "SELECT (SELECT system_identifier FROM pg_catalog.pg_control_system()) || '/' || current_database() || "
    "'/' ||"
    " CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE left(pg_walfile_name(pg_current_wal_insert_lsn()), "
    "8) END ||"
    " '/' || CASE WHEN inet_server_addr() IS NULL OR inet_server_addr() <<= '127.0.0.0/8' OR"
    " inet_server_addr() = '::1' THEN 'local' ELSE host(inet_server_addr()) END || ':' || "
    "current_setting('port')"
    " AS identity";

static const char settings[] =
    "SELECT name, current_setting(name) AS value FROM pg_catalog.pg_settings WHERE name IN ("
    "'server_version', 'fsync', 'synchronous_commit', 'synchronous_standby_names', 'full_page_writes', "
    "'wal_level',"
    " 'wal_compression', 'data_checksums', 'shared_buffers', 'effective_cache_size', 'max_wal_size', "
    "'min_wal_size',"
    " 'checkpoint_timeout', 'checkpoint_completion_target', 'lock_timeout', 'statement_timeout',"
    " 'idle_in_transaction_session_timeout', 'transaction_timeout', 'deadlock_timeout', 'autovacuum',"
    " 'autovacuum_max_workers', 'autovacuum_naptime', 'max_connections', 'work_mem', 'maintenance_work_mem',"
    " 'autovacuum_work_mem', 'jit', 'default_transaction_isolation', 'max_locks_per_transaction',"
    " 'max_parallel_maintenance_workers', 'max_parallel_workers', 'max_parallel_workers_per_gather',"
    " 'max_worker_processes', 'random_page_cost', 'effective_io_concurrency', 'io_method', 'huge_pages',"
    " 'track_io_timing', 'log_lock_waits', 'shared_preload_libraries', 'server_encoding', 'block_size',"
    " 'wal_segment_size', 'max_replication_slots', 'default_toast_compression',"
    " 'transaction_read_only') ORDER BY name";

/* What stands in the database. */
const struct postgres_query postgres_catalogue[] = {
    {DIALECT_IDENTITY, PG_ANY, PG_NEWEST, identity},
    {DIALECT_DATABASE, PG_ANY, PG_NEWEST, "SELECT current_database() AS name"},
    {DIALECT_SETTINGS, PG_ANY, PG_NEWEST, settings},
    /* Until version 13 a table that was never analysed has reltuples 0, from 14 on −1. */
    {DIALECT_TABLES, PG_ANY, PG_14, TABLES("c.reltuples = 0 AND c.relpages = 0")},
    {DIALECT_TABLES, PG_14, PG_NEWEST, TABLES("c.reltuples < 0")},
    {DIALECT_COLUMNS, PG_ANY, PG_NEWEST, columns},
    {DIALECT_CONSTRAINTS, PG_ANY, PG_NEWEST, constraints},
    {DIALECT_INDEXES, PG_ANY, PG_NEWEST, indexes},
    {0, 0, 0, NULL},
};
