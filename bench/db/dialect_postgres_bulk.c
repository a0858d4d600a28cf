#include "bench/db/dialect_postgres.h"

/* A partition is filled through its parent, so it is told apart; foreign tables and inheritance children are not filled. */
static const char tables[] =
    "SELECT c.oid AS id, CASE WHEN c.relispartition THEN 'partition' WHEN c.relkind = 'p' THEN 'partitioned'"
    " WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid = c.oid) THEN 'child'"
    " ELSE '' END AS kind, l.definition AS limits FROM pg_catalog.pg_class c"
    " LEFT JOIN LATERAL " POSTGRES_PARTITION_LIMITS(
        "CASE WHEN c.relkind = 'p' AND NOT c.relispartition THEN c.oid END") " l ON true"
                                                                             " WHERE c.relkind IN ('r', 'p')";

#define TABLE_NAME "format('%I.%I', n.nspname, t.relname)"

/* Only what comes back to the letter is offered: an index with a comment, a table space, storage options of a constraint,
 * a statistics target, or a view or rule that leans on its constraint stays where it is, and so do those of partitions. A
 * b-tree is sorted in pieces that the processor's caches hold, and merged: with four times the memory it takes a tenth longer
 * over integers, a quarter over texts. */
static const char pieces[] =
    "WITH asked (id) AS (VALUES ({}::oid))"
    " SELECT 0 AS rank, g.tgname AS name,"
    " format('ALTER TABLE ONLY %s DISABLE TRIGGER %I', " TABLE_NAME ", g.tgname) AS take_off,"
    " format('ALTER TABLE ONLY %s ENABLE %sTRIGGER %I', " TABLE_NAME ","
    " CASE g.tgenabled WHEN 'A' THEN 'ALWAYS ' ELSE '' END, g.tgname) AS put_back, NULL AS finish"
    " FROM asked CROSS JOIN LATERAL (SELECT asked.id AS oid UNION"
    " SELECT relid FROM pg_catalog.pg_partition_tree(asked.id)) tree"
    " JOIN pg_catalog.pg_class t ON t.oid = tree.oid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace"
    " JOIN pg_catalog.pg_trigger g ON g.tgrelid = t.oid"
    " WHERE NOT g.tgisinternal AND g.tgenabled IN ('O', 'A')"
    " UNION ALL"
    " SELECT 1, k.conname, format('ALTER TABLE %s DROP CONSTRAINT %I', " TABLE_NAME ", k.conname),"
    " format('ALTER TABLE %s ADD CONSTRAINT %I %s%s', " TABLE_NAME ", k.conname, pg_get_constraintdef(k.oid),"
    " CASE WHEN k.convalidated AND t.relkind = 'r' THEN ' NOT VALID' ELSE '' END)"
    " || coalesce(format('; COMMENT ON CONSTRAINT %I ON %s IS %L', k.conname, " TABLE_NAME ","
    " obj_description(k.oid, 'pg_constraint')), ''),"
    " CASE WHEN k.convalidated AND t.relkind = 'r' THEN"
    " format('ALTER TABLE %s VALIDATE CONSTRAINT %I', " TABLE_NAME ", k.conname) END"
    " FROM asked JOIN pg_catalog.pg_constraint k ON k.conrelid = asked.id OR k.confrelid = asked.id"
    " JOIN pg_catalog.pg_class t ON t.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = "
    "t.relnamespace"
    " WHERE k.contype = 'f' AND k.conparentid = 0"
    " UNION ALL"
    " SELECT CASE WHEN k.oid IS NULL THEN 3 ELSE 2 END, x.relname,"
    " CASE WHEN k.oid IS NULL THEN format('DROP INDEX %I.%I', n.nspname, x.relname)"
    " ELSE format('ALTER TABLE %s DROP CONSTRAINT %I', " TABLE_NAME ", k.conname) END,"
    " CASE WHEN m.amname = 'btree' THEN 'SET LOCAL maintenance_work_mem = ''64MB''; ' ELSE '' END"
    " || CASE WHEN k.oid IS NULL THEN pg_get_indexdef(x.oid)"
    " ELSE format('ALTER TABLE %s ADD CONSTRAINT %I %s', " TABLE_NAME ", k.conname,"
    " pg_get_constraintdef(k.oid)) END"
    " || CASE WHEN i.indisclustered THEN format('; ALTER TABLE %s CLUSTER ON %I', " TABLE_NAME
    ", x.relname) ELSE '' END"
    " || CASE WHEN i.indisreplident THEN format('; ALTER TABLE %s REPLICA IDENTITY USING INDEX "
    "%I', " TABLE_NAME ", x.relname) ELSE '' END, NULL"
    " FROM asked JOIN pg_catalog.pg_class t ON t.oid = asked.id AND t.relkind = 'r' AND NOT t.relispartition"
    " JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace"
    " JOIN pg_catalog.pg_index i ON i.indrelid = t.oid JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid"
    " JOIN pg_catalog.pg_am m ON m.oid = x.relam"
    " LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = x.oid AND k.contype IN ('p', 'u', 'x')"
    " WHERE i.indisvalid AND x.reltablespace = 0 AND obj_description(x.oid, 'pg_class') IS NULL"
    " AND (k.oid IS NULL OR (x.reloptions IS NULL AND obj_description(k.oid, 'pg_constraint') IS NULL))"
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = x.oid AND a.attstattarget >= "
    "0)"
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype = 'n'"
    " AND ((d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = x.oid)"
    " OR (d.refclassid = 'pg_catalog.pg_constraint'::regclass AND d.refobjid = k.oid))"
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint f WHERE d.classid ="
    " 'pg_catalog.pg_constraint'::regclass AND f.oid = d.objid AND f.contype = 'f'))"
    " ORDER BY 1, 2, 3";

/* What a view leans on was made before it. */
static const char views[] =
    "SELECT format('%I.%I', n.nspname, c.relname),"
    " format('REFRESH MATERIALIZED VIEW %1$I.%2$I; ANALYZE %1$I.%2$I', n.nspname, c.relname)"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind = 'm' AND c.relispopulated AND n.nspname !~ '^pg_' AND n.nspname <> "
    "'information_schema'"
    " ORDER BY c.oid";

/* Large loads and whatever limits the role carries. */
const struct postgres_query postgres_bulk[] = {
    {DIALECT_BULK_SETUP, PG_ANY, PG_NEWEST,
     "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0;"
     " SET maintenance_work_mem = '256MB'"},
    {DIALECT_BULK_TABLES, PG_ANY, PG_NEWEST, tables},
    {DIALECT_BULK_JOURNALS, PG_ANY, PG_NEWEST,
     "SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
     " WHERE c.relname = 'rehearse_unfinished_fill' AND c.relkind = 'r' AND c.relpersistence <> 't' ORDER BY "
     "1"},
    {DIALECT_BULK_HOLD, PG_ANY, PG_NEWEST, "BEGIN; LOCK TABLE {} IN SHARE MODE"},
    {DIALECT_BULK_SEIZE, PG_ANY, PG_NEWEST, "LOCK TABLE {} IN EXCLUSIVE MODE"}, /* others may look at it */
    {DIALECT_BULK_UNLOGGED, PG_ANY, PG_NEWEST, "ALTER TABLE {} SET UNLOGGED"},
    {DIALECT_BULK_LOGGED, PG_ANY, PG_NEWEST, "ALTER TABLE {} SET LOGGED"},
    {DIALECT_DATA_DIRECTORY, PG_ANY, PG_NEWEST, "SHOW data_directory"},
    {DIALECT_BULK_PIECES, PG_ANY, PG_NEWEST, pieces},
    {DIALECT_BULK_SEQUENCE, PG_ANY, PG_NEWEST,
     "SELECT setval(s.seqrelid::regclass, greatest(v.reached, s.seqmin, "
     "pg_sequence_last_value(s.seqrelid::regclass)))"
     " FROM (VALUES ({})) AS v (name, reached) JOIN pg_catalog.pg_sequence s ON s.seqrelid = "
     "v.name::regclass"},
    {DIALECT_BULK_PIN, PG_ANY, PG_NEWEST,
     "SELECT format('ALTER TABLE %s %s', v.name, string_agg(format('ALTER COLUMN %s SET (n_distinct = %s,"
     " n_distinct_inherited = %s)', v.column_name, v.number, v.number), ', '))"
     " FROM (VALUES {}) AS v (name, column_name, number) GROUP BY v.name"},
    {DIALECT_BULK_FINISH, PG_ANY, PG_NEWEST, "VACUUM (ANALYZE) {}"},
    {DIALECT_BULK_VIEWS, PG_ANY, PG_NEWEST, views},
    {0, 0, 0, NULL},
};
