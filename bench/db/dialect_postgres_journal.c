#include "bench/db/dialect_postgres.h"

/* What a migration can add, and the harness's journal of runs that are not finished.
 *
 * Schemas of the user only, no members of extensions. What goes with another object is left out: indexes and sequences
 * behind constraints and columns, internal triggers, row types, partitions' copies of their parent's. */

/* Lines of SQL, which formatting would break at odd places. */
/* clang-format off */

#define NOT_OF_EXTENSION(CLASS, OID)                                                                         \
    " NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog." CLASS "'::regclass"     \
    " AND e.objid = " OID " AND e.deptype IN ('e', 'i'))"

#define SOURCES                                                                                              \
    "WITH n AS (SELECT oid, nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_'"                    \
    " AND nspname NOT IN ('information_schema', 'rehearse_staging', 'rehearse_heartbeat')),"                                       \
    " r AS (SELECT c.oid, c.relkind, c.relname, n.nspname, n.nspname || '.' || c.relname AS said,"           \
    " format('%I.%I', n.nspname, c.relname) AS quoted FROM pg_catalog.pg_class c JOIN n"                     \
    " ON n.oid = c.relnamespace WHERE c.relpersistence <> 't' AND" NOT_OF_EXTENSION("pg_class", "c.oid") ")"

#define TRIGGERS                                                                                             \
    "SELECT 0 AS rank, 'trigger' AS kind, r.said || '.' || g.tgname AS name,"                                \
    " format('DROP TRIGGER IF EXISTS %I ON %s', g.tgname, r.quoted) AS statement"                            \
    " FROM pg_catalog.pg_trigger g JOIN r ON r.oid = g.tgrelid WHERE NOT g.tgisinternal"                     \
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_trigger'::regclass"\
    " AND d.objid = g.oid AND d.refclassid = 'pg_catalog.pg_trigger'::regclass)"
#define VIEWS                                                                                                \
    "SELECT 1, CASE r.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, r.said,"                    \
    " format('DROP %s IF EXISTS %s', CASE r.relkind WHEN 'v' THEN 'VIEW' ELSE 'MATERIALIZED VIEW' END,"      \
    " r.quoted) FROM r WHERE r.relkind IN ('v', 'm')"
#define CONSTRAINTS                                                                                          \
    "SELECT CASE k.contype WHEN 'f' THEN 2 ELSE 3 END, 'constraint', r.said || '.' || k.conname,"            \
    " format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I', r.quoted, k.conname)"                            \
    " FROM pg_catalog.pg_constraint k JOIN r ON r.oid = k.conrelid"                                          \
    " WHERE k.contype IN ('c', 'f', 'p', 'u', 'x') AND k.conislocal"
#define INDEXES                                                                                              \
    "SELECT 4, 'index', t.said || '.' || r.relname, format('DROP INDEX IF EXISTS %s', r.quoted)"             \
    " FROM pg_catalog.pg_index i JOIN r ON r.oid = i.indexrelid JOIN r t ON t.oid = i.indrelid"              \
    " WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid"              \
    " AND k.contype IN ('p', 'u', 'x')) AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h"                \
    " WHERE h.inhrelid = i.indexrelid)"
#define COLUMNS                                                                                              \
    "SELECT 5, 'column', r.said || '.' || a.attname,"                                                        \
    " format('ALTER TABLE %s DROP COLUMN IF EXISTS %I', r.quoted, a.attname)"                                \
    " FROM pg_catalog.pg_attribute a JOIN r ON r.oid = a.attrelid"                                           \
    " WHERE r.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND a.attislocal"
#define TABLES                                                                                               \
    "SELECT 6, 'table', r.said, format('DROP TABLE IF EXISTS %s', r.quoted) FROM r"                          \
    " WHERE r.relkind IN ('r', 'p')"
#define SEQUENCES                                                                                            \
    "SELECT 7, 'sequence', r.said, format('DROP SEQUENCE IF EXISTS %s', r.quoted) FROM r"                    \
    " WHERE r.relkind = 'S' AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d"                              \
    " WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = r.oid AND d.deptype IN ('a', 'i'))"
#define ROUTINES                                                                                             \
    "SELECT 8, 'function', n.nspname || '.' || f.proname || '(' || pg_get_function_identity_arguments(f.oid)"\
    " || ')', format('DROP %s IF EXISTS %I.%I(%s)', CASE f.prokind WHEN 'p' THEN 'PROCEDURE'"                \
    " WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END, n.nspname, f.proname,"                                  \
    " pg_get_function_identity_arguments(f.oid)) FROM pg_catalog.pg_proc f JOIN n"                           \
    " ON n.oid = f.pronamespace WHERE" NOT_OF_EXTENSION("pg_proc", "f.oid")
#define TYPES                                                                                                \
    "SELECT 9, 'type', n.nspname || '.' || t.typname, format('DROP %s IF EXISTS %I.%I',"                     \
    " CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, n.nspname, t.typname)"                          \
    " FROM pg_catalog.pg_type t JOIN n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd', 'r')"         \
    " AND" NOT_OF_EXTENSION("pg_type", "t.oid")

#define AND_ALSO " UNION ALL "

/* One query, one snapshot: longer than the 4095 characters that ISO C promises; GNU compilers take any length. */
#pragma GCC diagnostic ignored "-Woverlength-strings"
static const char objects[] = SOURCES
    " SELECT kind, name, statement FROM (" TRIGGERS AND_ALSO VIEWS AND_ALSO CONSTRAINTS AND_ALSO INDEXES
    AND_ALSO COLUMNS AND_ALSO TABLES AND_ALSO SEQUENCES AND_ALSO ROUTINES AND_ALSO TYPES
    ") o ORDER BY rank, name COLLATE \"C\"";

const struct postgres_query postgres_journal[] = {
    {DIALECT_OBJECTS, PG_ANY, PG_NEWEST, objects},
    {DIALECT_JOURNAL_CREATE, PG_ANY, PG_NEWEST,
     "CREATE SCHEMA IF NOT EXISTS rehearse_staging;"
     " CREATE TABLE IF NOT EXISTS rehearse_staging.unfinished_run (run_id text NOT NULL, strategy text NOT NULL,"
     " objects text NOT NULL, note text NOT NULL, started timestamptz NOT NULL DEFAULT clock_timestamp())"},
    {DIALECT_JOURNAL_WRITE, PG_ANY, PG_NEWEST,
     "INSERT INTO rehearse_staging.unfinished_run (run_id, strategy, objects, note) VALUES ({})"},
    {DIALECT_JOURNAL_READ, PG_ANY, PG_NEWEST,
     "SELECT run_id, strategy, objects, note, (extract(epoch FROM started) * 1000000)::bigint AS started_us"
     " FROM rehearse_staging.unfinished_run ORDER BY started"},
    {DIALECT_JOURNAL_FORGET, PG_ANY, PG_NEWEST, "DELETE FROM rehearse_staging.unfinished_run WHERE run_id = {}"},
    /* The schema may hold the guard's marker: then it stays. */
    {DIALECT_JOURNAL_DROP, PG_ANY, PG_NEWEST,
     "DROP TABLE IF EXISTS rehearse_staging.unfinished_run; DO $$ BEGIN DROP SCHEMA rehearse_staging;"
     " EXCEPTION WHEN dependent_objects_still_exist OR invalid_schema_name THEN NULL; END $$"},
    {0, 0, 0, NULL},
};

/* clang-format on */
