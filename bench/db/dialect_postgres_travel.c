#include "bench/db/dialect_postgres.h"

/* The schema that travels: statements that make it in an empty database.
 *
 * Every object has a key (a letter for its catalogue, and its id), and says which others it needs, from pg_depend: scan puts them in
 * order. Members of extensions stand for their extension. Definitions are the server's own; what it has no function for
 * (tables, types, sequences) is put together here. Partitions are made as PARTITION OF, and what differs from the parent
 * is altered afterwards. */

/* Lines of SQL, which formatting would break at odd places. */
/* clang-format off */

#define AND_ALSO " UNION ALL "
#define ID(CATALOGUE) "'pg_catalog." CATALOGUE "'::regclass"

/* n: schemas of the user; member: what extensions own; node: catalogue objects with the key of the statement that makes them. */
#define NODES                                                                                                  \
    ", member AS (SELECT classid, objid, refobjid AS extension FROM pg_catalog.pg_depend WHERE deptype = 'e'"   \
    " AND refclassid = " ID("pg_extension") "),"                                                                \
    " node AS (SELECT o.class, o.oid, coalesce('e' || m.extension, o.key) AS key FROM ("                        \
    "SELECT " ID("pg_class") "::oid AS class, c.oid, CASE c.relkind WHEN 'c' THEN 't' || c.reltype ELSE 'r' || c.oid END AS key" \
    " FROM pg_catalog.pg_class c JOIN n ON n.oid = c.relnamespace"                                              \
    " UNION ALL SELECT " ID("pg_type") ", t.oid, CASE WHEN e.typtype = 'm' THEN 't' || (SELECT g.rngtypid FROM" \
    " pg_catalog.pg_range g WHERE to_jsonb(g) ->> 'rngmultitypid' = e.oid::text)"                               \
    " WHEN e.typrelid <> 0 AND w.relkind <> 'c' THEN 'r' || e.typrelid ELSE 't' || e.oid END"                   \
    " FROM pg_catalog.pg_type t JOIN n ON n.oid = t.typnamespace JOIN pg_catalog.pg_type e"                     \
    " ON e.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END"                \
    " LEFT JOIN pg_catalog.pg_class w ON w.oid = e.typrelid"                                                    \
    " UNION ALL SELECT " ID("pg_proc") ", f.oid, 'p' || f.oid FROM pg_catalog.pg_proc f JOIN n ON n.oid = f.pronamespace" \
    " UNION ALL SELECT " ID("pg_collation") ", l.oid, 'c' || l.oid FROM pg_catalog.pg_collation l JOIN n ON n.oid = l.collnamespace" \
    " UNION ALL SELECT " ID("pg_opclass") ", p.oid, 'o' || p.oid FROM pg_catalog.pg_opclass p JOIN n ON n.oid = p.opcnamespace" \
    " UNION ALL SELECT " ID("pg_operator") ", p.oid, 'q' || p.oid FROM pg_catalog.pg_operator p JOIN n ON n.oid = p.oprnamespace" \
    " UNION ALL SELECT " ID("pg_ts_dict") ", d.oid, 'd' || d.oid FROM pg_catalog.pg_ts_dict d JOIN n ON n.oid = d.dictnamespace"  \
    " UNION ALL SELECT " ID("pg_ts_config") ", f.oid, 'f' || f.oid FROM pg_catalog.pg_ts_config f JOIN n ON n.oid = f.cfgnamespace" \
    " UNION ALL SELECT " ID("pg_cast") ", k.oid, 'k' || k.oid FROM pg_catalog.pg_cast k WHERE k.oid >= 16384"   \
    " UNION ALL SELECT " ID("pg_namespace") ", n.oid, 'n' || n.oid FROM n"                                      \
    " UNION ALL SELECT " ID("pg_extension") ", x.oid, 'e' || x.oid FROM pg_catalog.pg_extension x"              \
    " UNION ALL SELECT " ID("pg_attrdef") ", d.oid, 'r' || d.adrelid FROM pg_catalog.pg_attrdef d"              \
    " UNION ALL SELECT " ID("pg_constraint") ", k.oid, CASE WHEN k.conrelid <> 0 THEN 'r' || k.conrelid ELSE 't' || k.contypid END" \
    " FROM pg_catalog.pg_constraint k WHERE k.contype = 'c'"                                                    \
    " UNION ALL SELECT " ID("pg_rewrite") ", w.oid, CASE w.rulename WHEN '_RETURN' THEN 'r' || w.ev_class ELSE 'w' || w.oid END" \
    " FROM pg_catalog.pg_rewrite w"                                                                             \
    " UNION ALL SELECT " ID("pg_trigger") ", g.oid, 'g' || g.oid FROM pg_catalog.pg_trigger g"                  \
    " UNION ALL SELECT " ID("pg_statistic_ext") ", s.oid, 's' || s.oid FROM pg_catalog.pg_statistic_ext s"      \
    ") o LEFT JOIN member m ON m.classid = o.class AND m.objid = o.oid)"

/* A sequence is owned by its column, which its table's statement does not need to know. */
#define EDGES                                                                                                  \
    ", edge AS (SELECT DISTINCT o.key, r.key AS needs FROM pg_catalog.pg_depend d"                              \
    " JOIN node o ON o.class = d.classid AND o.oid = d.objid JOIN node r ON r.class = d.refclassid AND r.oid = d.refobjid" \
    " WHERE o.key <> r.key AND d.deptype <> 'e' AND NOT (d.classid = " ID("pg_class") " AND d.deptype IN ('a', 'i')" \
    " AND EXISTS (SELECT FROM pg_catalog.pg_class q WHERE q.oid = d.objid AND q.relkind = 'S'))),"              \
    " needed AS (SELECT key, json_agg(needs ORDER BY needs) AS needs FROM edge GROUP BY key)"

#define FULL(RELATION) "(SELECT format('%I.%I', fn.nspname, fc.relname) FROM pg_catalog.pg_class fc"            \
    " JOIN pg_catalog.pg_namespace fn ON fn.oid = fc.relnamespace WHERE fc.oid = " RELATION ")"
#define COLLATION(COLLATION, OF_TYPE)                                                                          \
    "coalesce((SELECT format(' COLLATE %I.%I', cn.nspname, l.collname) FROM pg_catalog.pg_collation l"          \
    " JOIN pg_catalog.pg_namespace cn ON cn.oid = l.collnamespace WHERE l.oid = " COLLATION                     \
    " AND " COLLATION " <> " OF_TYPE "), '')"
#define TYPE_NAME(T) "format('%I.%I', n.nspname, " T ".typname)"
#define SEQUENCE(Q)                                                                                            \
    "format('START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s%s', " Q ".seqstart, " Q ".seqincrement, " \
    Q ".seqmin, " Q ".seqmax, " Q ".seqcache, CASE WHEN " Q ".seqcycle THEN ' CYCLE' ELSE '' END)"
#define NOT_MEMBER(CLASS, OID) " NOT EXISTS (SELECT FROM member WHERE classid = " ID(CLASS) " AND objid = " OID ")"
#define OWNED(DEPTYPE, Q) "pg_catalog.pg_depend d WHERE d.classid = " ID("pg_class") " AND d.objid = " Q         \
    " AND d.refclassid = " ID("pg_class") " AND d.refobjsubid > 0 AND d.deptype = '" DEPTYPE "'"

/* Rank of the stage, rank in it, order, stage, table, key, statement. */
/* Bodies may speak of tables that are not there yet. */
#define BODIES                                                                                                 \
    "SELECT 0, 0, '', 'before', NULL, NULL, 'SET check_function_bodies = off' WHERE EXISTS (SELECT FROM pg_catalog.pg_proc f" \
    " JOIN n ON n.oid = f.pronamespace WHERE" NOT_MEMBER("pg_proc", "f.oid") ")"
#define SCHEMAS                                                                                                \
    "SELECT 0 AS stage_rank, 1 AS rank, n.nspname::text AS name, 'before' AS stage, NULL::oid AS relation,"     \
    " 'n' || n.oid AS key, format('CREATE SCHEMA IF NOT EXISTS %I', n.nspname) AS sql FROM n WHERE" NOT_MEMBER("pg_namespace", "n.oid")
#define EXTENSIONS                                                                                             \
    "SELECT 0, 2, x.extname, 'before', NULL, 'e' || x.oid, format('CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA %I'," \
    " x.extname, xn.nspname) FROM pg_catalog.pg_extension x JOIN pg_catalog.pg_namespace xn ON xn.oid = x.extnamespace" \
    " WHERE x.extname <> 'plpgsql'"
#define COLLATIONS                                                                                             \
    "SELECT 0, 3, n.nspname || '.' || l.collname, 'before', NULL, 'c' || l.oid, format('CREATE COLLATION %I.%I (provider = %s, %s," \
    " deterministic = %s)', n.nspname, l.collname, CASE l.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END," \
    " CASE WHEN l.collprovider = 'c' THEN format('lc_collate = %L, lc_ctype = %L', l.collcollate, l.collctype)"  \
    " ELSE format('locale = %L', coalesce(to_jsonb(l) ->> 'colllocale', to_jsonb(l) ->> 'colliculocale', l.collcollate)) END," \
    " CASE WHEN l.collisdeterministic THEN 'true' ELSE 'false' END) FROM pg_catalog.pg_collation l JOIN n ON n.oid = l.collnamespace WHERE" NOT_MEMBER("pg_collation", "l.oid")
#define ENUMS                                                                                                  \
    "SELECT 0, 4, n.nspname || '.' || t.typname, 'before', NULL, 't' || t.oid, format('CREATE TYPE %s AS ENUM (%s)', " TYPE_NAME("t") "," \
    " (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid))" \
    " FROM pg_catalog.pg_type t JOIN n ON n.oid = t.typnamespace WHERE t.typtype = 'e' AND" NOT_MEMBER("pg_type", "t.oid")
#define DOMAINS                                                                                                \
    "SELECT 0, 4, n.nspname || '.' || t.typname, 'before', NULL, 't' || t.oid, format('CREATE DOMAIN %s AS %s%s%s%s%s', " TYPE_NAME("t") "," \
    " format_type(t.typbasetype, t.typtypmod), " COLLATION("t.typcollation", "b.typcollation") ","              \
    " coalesce(' DEFAULT ' || pg_get_expr(t.typdefaultbin, 0), ''), CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END," \
    " (SELECT string_agg(format(' CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)), '' ORDER BY k.conname)" \
    " FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'))"                           \
    " FROM pg_catalog.pg_type t JOIN n ON n.oid = t.typnamespace JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype" \
    " WHERE t.typtype = 'd' AND" NOT_MEMBER("pg_type", "t.oid")
#define COMPOSITES                                                                                             \
    "SELECT 0, 4, n.nspname || '.' || t.typname, 'before', NULL, 't' || t.oid, format('CREATE TYPE %s AS (%s)', " TYPE_NAME("t") "," \
    " (SELECT string_agg(format('%I %s%s', a.attname, format_type(a.atttypid, a.atttypmod), " COLLATION("a.attcollation", "at.typcollation") \
    "), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type at ON at.oid = a.atttypid" \
    " WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped))"                                  \
    " FROM pg_catalog.pg_type t JOIN n ON n.oid = t.typnamespace JOIN pg_catalog.pg_class w ON w.oid = t.typrelid AND w.relkind = 'c'" \
    " WHERE t.typtype = 'c' AND" NOT_MEMBER("pg_type", "t.oid")
#define RANGES                                                                                                 \
    "SELECT 0, 4, n.nspname || '.' || t.typname, 'before', NULL, 't' || t.oid, format('CREATE TYPE %s AS RANGE (subtype = %s%s%s)', " TYPE_NAME("t") "," \
    " format_type(g.rngsubtype, NULL), CASE WHEN g.rngsubdiff <> 0 THEN ', subtype_diff = ' || g.rngsubdiff::regproc ELSE '' END," \
    " (SELECT format(', multirange_type_name = %I.%I', mn.nspname, m.typname) FROM pg_catalog.pg_type m JOIN pg_catalog.pg_namespace mn" \
    " ON mn.oid = m.typnamespace WHERE m.oid::text = to_jsonb(g) ->> 'rngmultitypid'))"                         \
    " FROM pg_catalog.pg_type t JOIN n ON n.oid = t.typnamespace JOIN pg_catalog.pg_range g ON g.rngtypid = t.oid" \
    " WHERE t.typtype = 'r' AND" NOT_MEMBER("pg_type", "t.oid")
/* A configuration names its dictionaries by kinds of words; kinds with the same ones stand together. */
#define WORDS_OF(TOKENS) "(SELECT string_agg(format('%I', y.alias), ', ' ORDER BY y.tokid) FROM ts_token_type(f.cfgparser) y" \
    " WHERE y.tokid = ANY (" TOKENS "))"
#define TEXT_SEARCH                                                                                            \
    "SELECT 0, 3, n.nspname || '.' || d.dictname, 'before', NULL, 'd' || d.oid, format('CREATE TEXT SEARCH DICTIONARY %I.%I (TEMPLATE = %I.%I%s)'," \
    " n.nspname, d.dictname, tn.nspname, t.tmplname, coalesce(', ' || d.dictinitoption, '')) FROM pg_catalog.pg_ts_dict d"  \
    " JOIN n ON n.oid = d.dictnamespace JOIN pg_catalog.pg_ts_template t ON t.oid = d.dicttemplate"             \
    " JOIN pg_catalog.pg_namespace tn ON tn.oid = t.tmplnamespace WHERE" NOT_MEMBER("pg_ts_dict", "d.oid")       \
    AND_ALSO "SELECT 0, 3, n.nspname || '.' || f.cfgname, 'before', NULL, 'f' || f.oid, format('CREATE TEXT SEARCH CONFIGURATION %I.%I (PARSER = %I.%I)'," \
    " n.nspname, f.cfgname, pn.nspname, s.prsname) || coalesce((SELECT string_agg(format('; ALTER TEXT SEARCH CONFIGURATION %I.%I ADD MAPPING" \
    " FOR %s WITH %s', n.nspname, f.cfgname, " WORDS_OF("a.tokens") ", a.dictionaries), '' ORDER BY a.tokens) FROM (SELECT m.dictionaries," \
    " array_agg(m.token ORDER BY m.token) AS tokens FROM (SELECT w.maptokentype AS token, string_agg(w.mapdict::regdictionary::text, ', '" \
    " ORDER BY w.mapseqno) AS dictionaries FROM pg_catalog.pg_ts_config_map w WHERE w.mapcfg = f.oid GROUP BY w.maptokentype) m" \
    " GROUP BY m.dictionaries) a), '') FROM pg_catalog.pg_ts_config f JOIN n ON n.oid = f.cfgnamespace"          \
    " JOIN pg_catalog.pg_ts_parser s ON s.oid = f.cfgparser JOIN pg_catalog.pg_namespace pn ON pn.oid = s.prsnamespace" \
    " WHERE" NOT_MEMBER("pg_ts_config", "f.oid")
/* An operator's name is qualified by writing it out; 0: none. */
#define OPERATOR(WORD, Q)                                                                                      \
    "coalesce((SELECT format(', " WORD " = OPERATOR(%I.%s)', on_.nspname, o2.oprname) FROM pg_catalog.pg_operator o2" \
    " JOIN pg_catalog.pg_namespace on_ ON on_.oid = o2.oprnamespace WHERE o2.oid = " Q "), '')"
#define UNLESS_0(WORD, Q) "CASE WHEN " Q " <> 0 THEN ', " WORD " = ' || " Q " ELSE '' END"
#define OPERATORS                                                                                              \
    "SELECT 0, 7, n.nspname || '.' || p.oprname || ' ' || p.oprleft || ' ' || p.oprright, 'before', NULL, 'q' || p.oid," \
    " format('CREATE OPERATOR %I.%s (FUNCTION = %s', n.nspname, p.oprname, p.oprcode)"                          \
    " || CASE WHEN p.oprleft <> 0 THEN ', LEFTARG = ' || format_type(p.oprleft, NULL) ELSE '' END"              \
    " || CASE WHEN p.oprright <> 0 THEN ', RIGHTARG = ' || format_type(p.oprright, NULL) ELSE '' END"           \
    " || " OPERATOR("COMMUTATOR", "p.oprcom") " || " OPERATOR("NEGATOR", "p.oprnegate") " || " UNLESS_0("RESTRICT", "p.oprrest") \
    " || " UNLESS_0("JOIN", "p.oprjoin") " || CASE WHEN p.oprcanhash THEN ', HASHES' ELSE '' END"                \
    " || CASE WHEN p.oprcanmerge THEN ', MERGES' ELSE '' END || ')' FROM pg_catalog.pg_operator p JOIN n ON n.oid = p.oprnamespace" \
    " WHERE p.oprcode <> 0 AND" NOT_MEMBER("pg_operator", "p.oid")
/* Those of a range to its multirange come with the type. */
#define CASTS                                                                                                  \
    "SELECT 0, 8, format_type(k.castsource, NULL) || ' ' || format_type(k.casttarget, NULL), 'before', NULL, 'k' || k.oid," \
    " format('CREATE CAST (%s AS %s) %s%s', format_type(k.castsource, NULL), format_type(k.casttarget, NULL), CASE k.castmethod" \
    " WHEN 'f' THEN 'WITH FUNCTION ' || k.castfunc::regprocedure WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION' END," \
    " CASE k.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END) FROM pg_catalog.pg_cast k" \
    " WHERE k.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = " ID("pg_cast")  \
    " AND d.objid = k.oid AND d.deptype = 'i') AND" NOT_MEMBER("pg_cast", "k.oid")
#define SEQUENCES                                                                                              \
    "SELECT 0, 5, n.nspname || '.' || c.relname, 'before', NULL, 'r' || c.oid, format('CREATE SEQUENCE %I.%I AS %s %s', n.nspname," \
    " c.relname, format_type(q.seqtypid, NULL), " SEQUENCE("q") ") FROM pg_catalog.pg_sequence q"               \
    " JOIN pg_catalog.pg_class c ON c.oid = q.seqrelid JOIN n ON n.oid = c.relnamespace"                        \
    " WHERE c.relpersistence <> 't' AND NOT EXISTS (SELECT FROM " OWNED("i", "c.oid") ") AND" NOT_MEMBER("pg_class", "c.oid")
#define ROUTINES                                                                                               \
    "SELECT 0, 6, n.nspname || '.' || f.proname || '(' || pg_get_function_identity_arguments(f.oid) || ')', 'before', NULL," \
    " 'p' || f.oid, pg_get_functiondef(f.oid) FROM pg_catalog.pg_proc f JOIN n ON n.oid = f.pronamespace"       \
    " JOIN pg_catalog.pg_language l ON l.oid = f.prolang WHERE f.prokind IN ('f', 'p', 'w') AND l.lanname NOT IN ('c', 'internal')" \
    " AND" NOT_MEMBER("pg_proc", "f.oid")

/* The ordinary ones: name, transition, final, combination, start. */
#define AGGREGATES                                                                                             \
    "SELECT 0, 7, n.nspname || '.' || f.proname || '(' || pg_get_function_identity_arguments(f.oid) || ')', 'before', NULL," \
    " 'p' || f.oid, format('CREATE AGGREGATE %I.%I(%s) (SFUNC = %s, STYPE = %s%s%s%s)', n.nspname, f.proname,"  \
    " pg_get_function_identity_arguments(f.oid), g.aggtransfn, format_type(g.aggtranstype, NULL),"              \
    " CASE WHEN g.aggfinalfn <> 0 THEN ', FINALFUNC = ' || g.aggfinalfn ELSE '' END,"                           \
    " CASE WHEN g.aggcombinefn <> 0 THEN ', COMBINEFUNC = ' || g.aggcombinefn ELSE '' END,"                     \
    " coalesce(', INITCOND = ' || quote_literal(g.agginitval), '')) FROM pg_catalog.pg_proc f JOIN n ON n.oid = f.pronamespace" \
    " JOIN pg_catalog.pg_aggregate g ON g.aggfnoid = f.oid AND g.aggkind = 'n' WHERE" NOT_MEMBER("pg_proc", "f.oid")

#define COLUMN                                                                                                 \
    "format('%I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod), " COLLATION("a.attcollation", "t.typcollation") "," \
    " CASE WHEN a.attgenerated = 's' THEN format(' GENERATED ALWAYS AS (%s) STORED', pg_get_expr(d.adbin, d.adrelid))" \
    " WHEN a.attgenerated = 'v' THEN format(' GENERATED ALWAYS AS (%s) VIRTUAL', pg_get_expr(d.adbin, d.adrelid))" \
    " WHEN a.attidentity <> '' THEN format(' GENERATED %s AS IDENTITY (SEQUENCE NAME %s %s)',"                  \
    " CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END, i.full_name, i.words)"                   \
    " ELSE coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') END,"                                   \
    " CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END)"
/* Columns of all tables at once: one by one the planner would go through all sequences for each table. */
#define COLUMN_LISTS                                                                                           \
    ", identity AS (SELECT y.refobjid AS relation, y.refobjsubid AS attnum, " FULL("q.seqrelid") " AS full_name, " SEQUENCE("q") " AS words" \
    " FROM pg_catalog.pg_depend y JOIN pg_catalog.pg_sequence q ON q.seqrelid = y.objid WHERE y.classid = " ID("pg_class") \
    " AND y.refclassid = " ID("pg_class") " AND y.refobjsubid > 0 AND y.deptype = 'i'),"                        \
    " column_list AS (SELECT a.attrelid AS relation, string_agg(" COLUMN ", ', ' ORDER BY a.attnum) AS columns"  \
    " FROM chosen c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attislocal" \
    " JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"                                                          \
    " LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"                       \
    " LEFT JOIN identity i ON i.relation = a.attrelid AND i.attnum = a.attnum GROUP BY a.attrelid)"
/* CREATE TABLE would take a CHECK that is NOT VALID for valid. */
#define TABLES                                                                                                 \
    "SELECT 1, 1, c.nspname || '.' || c.relname, 'table', c.oid, 'r' || c.oid,"                                 \
    " format('CREATE %sTABLE %I.%I%s%s%s', CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END, c.nspname, c.relname," \
    " CASE WHEN c.relispartition THEN format(' PARTITION OF %s %s', " FULL("(SELECT h.inhparent FROM pg_catalog.pg_inherits h WHERE h.inhrelid = c.oid)") \
    ", pg_get_expr(c.relpartbound, c.oid)) ELSE format(' (%s)%s', concat_ws(', ',"                              \
    " l.columns,"                                                                                               \
    " (SELECT string_agg(format('CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)), ', ' ORDER BY k.conname)" \
    " FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conislocal AND k.convalidated))," \
    " ' INHERITS (' || (SELECT string_agg(" FULL("h.inhparent") ", ', ' ORDER BY h.inhseqno) FROM pg_catalog.pg_inherits h" \
    " WHERE h.inhrelid = c.oid) || ')') END,"                                                                   \
    " ' PARTITION BY ' || pg_get_partkeydef(c.oid), ' WITH (' || array_to_string(c.reloptions, ', ') || ')')" \
    " FROM chosen c LEFT JOIN column_list l ON l.relation = c.oid"
#define CHECKS                                                                                                 \
    "SELECT 1, 2, c.nspname || '.' || c.relname || '.' || k.conname, 'table', c.oid, NULL, format('ALTER TABLE ONLY %I.%I ADD CONSTRAINT %I %s'," \
    " c.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid)) FROM chosen c JOIN pg_catalog.pg_constraint k"  \
    " ON k.conrelid = c.oid AND k.contype = 'c' AND k.conislocal AND (NOT k.convalidated OR (c.relispartition AND k.coninhcount = 0))"
#define ALTER_COLUMN(RANK, CHANGE, SOURCES)                                                                    \
    "SELECT 1, " RANK ", c.nspname || '.' || c.relname || '.' || a.attnum, 'table', c.oid, NULL,"               \
    " format('ALTER TABLE ONLY %I.%I ALTER COLUMN %I ', c.nspname, c.relname, a.attname) || " CHANGE            \
    " FROM chosen c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped" SOURCES
/* What a child's column has otherwise than the first parent's of that name. */
#define INHERITED                                                                                              \
    " JOIN LATERAL (SELECT p.attrelid, p.attnum, p.attnotnull FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_attribute p" \
    " ON p.attrelid = h.inhparent AND p.attname = a.attname WHERE h.inhrelid = c.oid ORDER BY h.inhseqno LIMIT 1) p"  \
    " ON a.attinhcount > 0 AND (c.relispartition OR NOT a.attislocal)"
#define DEFAULT_OF(RELATION, ATTNUM) "(SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d"      \
    " WHERE d.adrelid = " RELATION " AND d.adnum = " ATTNUM ")"
#define COLUMN_DETAILS                                                                                         \
    ALTER_COLUMN("3", "coalesce('SET DEFAULT ' || " DEFAULT_OF("a.attrelid", "a.attnum") ", 'DROP DEFAULT')",    \
                 INHERITED " WHERE a.attgenerated = '' AND a.attidentity = '' AND " DEFAULT_OF("a.attrelid", "a.attnum") \
                 " IS DISTINCT FROM " DEFAULT_OF("p.attrelid", "p.attnum"))                                     \
    AND_ALSO ALTER_COLUMN("4", "'SET NOT NULL'", INHERITED " WHERE a.attnotnull AND NOT p.attnotnull")           \
    AND_ALSO ALTER_COLUMN("5", "format('SET STATISTICS %s', a.attstattarget)", " WHERE a.attstattarget >= 0")    \
    AND_ALSO ALTER_COLUMN("6", "format('SET STORAGE %s', CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL'" \
                          " WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END)",                                         \
                          " JOIN pg_catalog.pg_type t ON t.oid = a.atttypid WHERE a.attstorage <> t.typstorage") \
    AND_ALSO ALTER_COLUMN("7", "format('SET (%s)', o.list)", " JOIN LATERAL (SELECT string_agg(w, ', ' ORDER BY w) AS list" \
                          " FROM unnest(a.attoptions) w WHERE w LIKE 'n_distinct%') o ON o.list IS NOT NULL")       \
    AND_ALSO ALTER_COLUMN("8", "format('SET COMPRESSION %s', CASE to_jsonb(a) ->> 'attcompression' WHEN 'l' THEN 'lz4' ELSE 'pglz' END)", \
                          " WHERE to_jsonb(a) ->> 'attcompression' IN ('l', 'p')")
#define OWNERS                                                                                                 \
    "SELECT 1, 8, " FULL("d.objid") ", 'table', c.oid, NULL, format('ALTER SEQUENCE %s OWNED BY %I.%I.%I', " FULL("d.objid") "," \
    " c.nspname, c.relname, a.attname) FROM chosen c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid"      \
    " JOIN pg_catalog.pg_depend d ON d.classid = " ID("pg_class") " AND d.refclassid = " ID("pg_class")         \
    " AND d.refobjid = c.oid AND d.refobjsubid = a.attnum AND d.deptype = 'a'"                                  \
    " JOIN pg_catalog.pg_class q ON q.oid = d.objid AND q.relkind = 'S'"
#define STATISTICS                                                                                             \
    "SELECT 1, 9, s.stxname, 'table', c.oid, 's' || s.oid, pg_get_statisticsobjdef(s.oid)"                      \
    " FROM chosen c JOIN pg_catalog.pg_statistic_ext s ON s.stxrelid = c.oid"                                   \
    AND_ALSO "SELECT 1, 10, s.stxname, 'table', c.oid, NULL, format('ALTER STATISTICS %I.%I SET STATISTICS %s', sn.nspname, s.stxname," \
    " to_jsonb(s) ->> 'stxstattarget') FROM chosen c JOIN pg_catalog.pg_statistic_ext s ON s.stxrelid = c.oid"  \
    " JOIN pg_catalog.pg_namespace sn ON sn.oid = s.stxnamespace WHERE (to_jsonb(s) ->> 'stxstattarget')::int >= 0"

/* k: the index's constraint. */
#define INDEX_SOURCES(RELATION)                                                                                \
    " JOIN pg_catalog.pg_index i ON i.indrelid = " RELATION " JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid"  \
    " AND (i.indisvalid OR x.relkind = 'I')"                                                                    \
    " JOIN pg_catalog.pg_namespace xn ON xn.oid = x.relnamespace"                                               \
    " LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = x.oid AND k.contype IN ('p', 'u', 'x')"
#define ATTACH(CONDITION, STAGE_RANK, STAGE)                                                                   \
    "SELECT " STAGE_RANK ", 2, x.relname, " STAGE ", c.oid, NULL, format('ALTER INDEX %s ATTACH PARTITION %I.%I', " \
    FULL("h.inhparent") ", xn.nspname, x.relname) FROM chosen c" INDEX_SOURCES("c.oid")                         \
    " JOIN pg_catalog.pg_inherits h ON h.inhrelid = x.oid WHERE k.oid IS " CONDITION
#define INDEX_DETAILS(CONDITION, STAGE_RANK, STAGE)                                                            \
    "SELECT " STAGE_RANK ", 3, x.relname || a.attnum, " STAGE ", c.oid, NULL, format('ALTER INDEX %I.%I ALTER COLUMN %s SET STATISTICS %s'," \
    " xn.nspname, x.relname, a.attnum, a.attstattarget) FROM chosen c" INDEX_SOURCES("c.oid")                   \
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = x.oid AND a.attstattarget >= 0 WHERE k.oid IS " CONDITION
#define INDEXES                                                                                                \
    "SELECT 2, 1, x.relname, 'index', c.oid, 'r' || x.oid, pg_get_indexdef(x.oid) FROM chosen c" INDEX_SOURCES("c.oid") " WHERE k.oid IS NULL" \
    AND_ALSO ATTACH("NULL", "2", "'index'") AND_ALSO INDEX_DETAILS("NULL", "2", "'index'")
#define KEYS                                                                                                   \
    "SELECT 3, 1, x.relname, 'key', c.oid, 'r' || x.oid, format('ALTER TABLE ONLY %I.%I ADD CONSTRAINT %I %s', c.nspname, c.relname," \
    " k.conname, pg_get_constraintdef(k.oid)) FROM chosen c" INDEX_SOURCES("c.oid") " WHERE k.oid IS NOT NULL"   \
    AND_ALSO ATTACH("NOT NULL", "3", "'key'")                                                                   \
    AND_ALSO "SELECT 3, 3, x.relname, 'key', c.oid, NULL, format('ALTER INDEX %I.%I SET (%s)', xn.nspname, x.relname," \
    " array_to_string(x.reloptions, ', ')) FROM chosen c" INDEX_SOURCES("c.oid") " WHERE k.oid IS NOT NULL AND x.reloptions IS NOT NULL" \
    AND_ALSO "SELECT 3, 4, x.relname, 'key', c.oid, NULL, format('ALTER TABLE %I.%I CLUSTER ON %I', c.nspname, c.relname, x.relname)" \
    " FROM chosen c" INDEX_SOURCES("c.oid") " WHERE i.indisclustered"                                           \
    AND_ALSO "SELECT 3, 5, c.relname, 'key', c.oid, NULL, format('ALTER TABLE ONLY %I.%I REPLICA IDENTITY %s', c.nspname, c.relname," \
    " CASE c.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' ELSE format('USING INDEX %I', (SELECT x.relname" \
    " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid AND i.indisreplident)) END)" \
    " FROM chosen c WHERE c.relreplident IN ('f', 'n') OR EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisreplident)"
#define REFERENCES                                                                                             \
    "SELECT 4, 1, k.conname, 'reference', c.oid, NULL, format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', c.nspname, c.relname," \
    " k.conname, pg_get_constraintdef(k.oid)) FROM chosen c JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f'" \
    " AND k.conparentid = 0 AND k.confrelid IN (SELECT oid FROM chosen)"

#define VIEWS                                                                                                  \
    "SELECT 5, 1, n.nspname || '.' || c.relname, 'after', NULL, 'r' || c.oid, format('CREATE %sVIEW %I.%I%s AS %s%s',"  \
    " CASE c.relkind WHEN 'm' THEN 'MATERIALIZED ' ELSE '' END, n.nspname, c.relname,"                          \
    " ' WITH (' || array_to_string(c.reloptions, ', ') || ')', rtrim(pg_get_viewdef(c.oid), ';'),"              \
    " CASE WHEN c.relispopulated THEN '' ELSE ' WITH NO DATA' END)"                                                \
    " FROM pg_catalog.pg_class c JOIN n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND c.relpersistence <> 't'" \
    " AND" NOT_MEMBER("pg_class", "c.oid")                                                                      \
    AND_ALSO "SELECT 5, 2, x.relname, 'after', NULL, 'r' || x.oid, pg_get_indexdef(x.oid) FROM pg_catalog.pg_class c JOIN n" \
    " ON n.oid = c.relnamespace AND c.relkind = 'm'" INDEX_SOURCES("c.oid")
#define RULES                                                                                                  \
    "SELECT 5, 3, w.rulename, 'after', (SELECT t.oid FROM chosen t WHERE t.oid = w.ev_class), 'w' || w.oid, rtrim(pg_get_ruledef(w.oid), ';')" \
    " FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_class c ON c.oid = w.ev_class JOIN n ON n.oid = c.relnamespace"  \
    " WHERE w.rulename <> '_RETURN' AND" NOT_MEMBER("pg_class", "c.oid")
#define TRIGGERS                                                                                               \
    "SELECT 5, 4, g.tgname, 'after', (SELECT t.oid FROM chosen t WHERE t.oid = g.tgrelid), 'g' || g.oid, pg_get_triggerdef(g.oid)" \
    " FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class c ON c.oid = g.tgrelid JOIN n ON n.oid = c.relnamespace" \
    " WHERE NOT g.tgisinternal AND coalesce(to_jsonb(g) ->> 'tgparentid', '0') = '0'"                           \
    AND_ALSO "SELECT 5, 5, g.tgname, 'after', c.oid, NULL, format('ALTER TABLE %I.%I %s TRIGGER %I', c.nspname, c.relname," \
    " CASE g.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, g.tgname)" \
    " FROM chosen c JOIN pg_catalog.pg_trigger g ON g.tgrelid = c.oid WHERE NOT g.tgisinternal AND g.tgenabled <> 'O'" \
    " AND coalesce(to_jsonb(g) ->> 'tgparentid', '0') = '0'"

/* One query, one snapshot: longer than the 4095 characters that ISO C promises; GNU compilers take any length. */
#pragma GCC diagnostic ignored "-Woverlength-strings"
static const char statements[] =
    "WITH " POSTGRES_CHOSEN NODES EDGES COLUMN_LISTS ", made AS (" SCHEMAS AND_ALSO BODIES AND_ALSO EXTENSIONS AND_ALSO COLLATIONS AND_ALSO ENUMS
    AND_ALSO DOMAINS AND_ALSO COMPOSITES AND_ALSO RANGES AND_ALSO SEQUENCES AND_ALSO TEXT_SEARCH AND_ALSO ROUTINES
    AND_ALSO AGGREGATES AND_ALSO OPERATORS AND_ALSO CASTS
    AND_ALSO TABLES AND_ALSO CHECKS
    AND_ALSO COLUMN_DETAILS AND_ALSO OWNERS AND_ALSO STATISTICS AND_ALSO INDEXES AND_ALSO KEYS AND_ALSO REFERENCES
    AND_ALSO VIEWS AND_ALSO RULES AND_ALSO TRIGGERS ")"
    " SELECT json_build_array(m.stage, m.relation::text, m.key, coalesce(e.needs, '[]'), m.sql)::text"
    " FROM made m LEFT JOIN needed e ON e.key = m.key"
    " ORDER BY m.stage_rank, m.rank, m.name COLLATE \"C\", m.relation, m.key";

/* clang-format on */

const struct postgres_query postgres_travel[] = {
    {DIALECT_PROFILE_STATEMENTS, PG_ANY, PG_NEWEST, statements},
    {0, 0, 0, NULL},
};
