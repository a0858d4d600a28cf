#include "bench/db/dialect_postgres.h"

/* The fingerprint: the schema as lines of text, so that two of them can be compared and what differs can be read.
 *
 * Left out on purpose: object ids and column positions (a column dropped and added again is the same column), comments,
 * statistics, sequence values, and members of extensions (the extension and its version stand for them). A privilege list
 * that was never touched equals the default list it stands for. Definitions of code are told by md5. Version 18 keeps NOT
 * NULL as named constraints: they are told without their names, beside the column that says NOT NULL in every version. */

/* clang-format off: it would break the lines of SQL at odd places */

#define NOT_OF_EXTENSION(CLASS, OID)                                                                         \
    " NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog." CLASS "'::regclass"     \
    " AND e.objid = " OID " AND e.deptype = 'e')"
#define SORTED(ARRAY) "(SELECT string_agg(o::text, ',' ORDER BY o::text) FROM unnest(" ARRAY ") o)"
/* Those that ALTER TABLE sets: some builds of the server keep stamps of their own there, new with every column. */
#define COLUMN_OPTIONS                                                                                       \
    "(SELECT string_agg(o, ',' ORDER BY o) FROM unnest(a.attoptions) o WHERE o LIKE 'n_distinct%')"
#define AND_ALSO " UNION ALL "

/* n: schemas of the user; r: everything in pg_class there. */
#define SOURCES                                                                                              \
    "WITH n AS (SELECT oid, nspname, nspowner, nspacl FROM pg_catalog.pg_namespace n WHERE nspname !~ "      \
    "'^pg_'"                                                                                                 \
    " AND nspname NOT IN ('information_schema', 'rehearse_staging', 'rehearse_heartbeat')),"                 \
    " r AS (SELECT c.*, format('%I.%I', n.nspname, c.relname) AS full_name FROM pg_catalog.pg_class c"       \
    " JOIN n ON n.oid = c.relnamespace WHERE c.relpersistence <> 't' AND" NOT_OF_EXTENSION("pg_class",       \
                                                                                           "c.oid") ")"

#define SCHEMAS                                                                                              \
    "SELECT format('schema %I owner %s grants %s', nspname, pg_get_userbyid(nspowner)," SORTED(              \
        "coalesce(nspacl, acldefault('n', nspowner))") ") AS line FROM n"

#define EXTENSIONS "SELECT format('extension %I %s', extname, extversion) FROM pg_catalog.pg_extension"

#define RELATIONS                                                                                            \
    "SELECT format('relation %s kind %s persistence %s owner %s options %s toast %s identity %s rls %s%s "   \
    "of %s key %s"                                                                                           \
    " bound %s space %s grants %s', r.full_name, r.relkind, r.relpersistence, "                              \
    "pg_get_userbyid(r.relowner)," SORTED("r.reloptions") "," SORTED(                                        \
        "x.reloptions") ", r.relreplident, r.relrowsecurity::int,"                                           \
                        " r.relforcerowsecurity::int, (SELECT string_agg(i.inhparent::regclass::text, ',' "  \
                        "ORDER BY i.inhseqno)"                                                               \
                        " FROM pg_catalog.pg_inherits i WHERE i.inhrelid = r.oid),"                          \
                        " CASE WHEN r.relkind = 'p' THEN pg_get_partkeydef(r.oid) END, "                     \
                        "pg_get_expr(r.relpartbound, r.oid),"                                                \
                        " (SELECT spcname FROM pg_catalog.pg_tablespace s WHERE s.oid = "                    \
                        "r.reltablespace)," SORTED(                                                          \
                            "coalesce(r.relacl, acldefault('r', r.relowner))") ")"                           \
                                                                               " FROM r LEFT JOIN "          \
                                                                               "pg_catalog.pg_class x ON "   \
                                                                               "x.oid = r.reltoastrelid"     \
                                                                               " WHERE r.relkind IN ('r', "  \
                                                                               "'p', 'v', 'm', 'f')"

#define COLUMNS                                                                                              \
    "SELECT format('column %s.%I %s%s collation %s default %s identity %s generated %s storage %s "          \
    "statistics %s"                                                                                          \
    " options %s grants %s', r.full_name, a.attname, format_type(a.atttypid, a.atttypmod),"                  \
    " CASE WHEN a.attnotnull THEN ' NOT NULL' END,"                                                          \
    " CASE WHEN a.attcollation <> t.typcollation THEN (SELECT o.collname FROM pg_catalog.pg_collation o"     \
    " WHERE o.oid = a.attcollation) END, pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated,"    \
    " a.attstorage, nullif(coalesce(a.attstattarget, -1), -1)," COLUMN_OPTIONS "," SORTED(                   \
        "a.attacl") ")"                                                                                      \
                    " FROM r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid JOIN pg_catalog.pg_type "  \
                    "t ON t.oid = a.atttypid"                                                                \
                    " LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"    \
                    " WHERE r.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND a.attnum > 0 AND NOT "           \
                    "a.attisdropped"

#define VIEWS                                                                                                \
    "SELECT format('definition %s %s', r.full_name, md5(pg_get_viewdef(r.oid))) FROM r WHERE r.relkind IN "  \
    "('v', 'm')"

/* Of tables and of domains; constraint triggers stand among the triggers. */
#define CONSTRAINTS                                                                                          \
    "SELECT format('constraint %s %s %s validated %s deferrable %s%s inherited %s',"                         \
    " coalesce(r.full_name, k.contypid::regtype::text), CASE WHEN k.contype <> 'n' THEN "                    \
    "quote_ident(k.conname) END,"                                                                            \
    " pg_get_constraintdef(k.oid), k.convalidated::int, k.condeferrable::int, k.condeferred::int,"           \
    " (k.coninhcount > 0)::int)"                                                                             \
    " FROM pg_catalog.pg_constraint k JOIN n ON n.oid = k.connamespace LEFT JOIN r ON r.oid = k.conrelid"    \
    " WHERE (r.oid IS NOT NULL OR k.contypid <> 0) AND k.contype <> 't'"

#define INDEXES                                                                                              \
    "SELECT format('index %s valid %s clustered %s identity %s statistics %s', "                             \
    "pg_get_indexdef(i.indexrelid),"                                                                         \
    " (i.indisvalid AND i.indisready AND i.indislive)::int, i.indisclustered::int, i.indisreplident::int,"   \
    " (SELECT string_agg(a.attnum || '=' || a.attstattarget, ',' ORDER BY a.attnum) FROM "                   \
    "pg_catalog.pg_attribute a"                                                                              \
    " WHERE a.attrelid = i.indexrelid AND coalesce(a.attstattarget, -1) >= 0))"                              \
    " FROM pg_catalog.pg_index i JOIN r ON r.oid = i.indrelid"

#define STATISTICS                                                                                           \
    "SELECT format('statistics %s', pg_get_statisticsobjdef(s.oid)) FROM pg_catalog.pg_statistic_ext s"      \
    " JOIN n ON n.oid = s.stxnamespace"

#define TRIGGERS                                                                                             \
    "SELECT format('trigger %s enabled %s', pg_get_triggerdef(g.oid), g.tgenabled) FROM "                    \
    "pg_catalog.pg_trigger g"                                                                                \
    " JOIN r ON r.oid = g.tgrelid WHERE NOT g.tgisinternal"

#define RULES                                                                                                \
    "SELECT format('rule %s enabled %s', pg_get_ruledef(w.oid), w.ev_enabled) FROM pg_catalog.pg_rewrite w"  \
    " JOIN r ON r.oid = w.ev_class WHERE w.rulename <> '_RETURN'"

#define POLICIES                                                                                             \
    "SELECT format('policy %s %I for %s permissive %s to %s using %s check %s', r.full_name, p.polname, "    \
    "p.polcmd,"                                                                                              \
    " p.polpermissive::int, (SELECT string_agg(u.name, ',' ORDER BY u.name) FROM (SELECT CASE o WHEN 0 "     \
    "THEN 'public'"                                                                                          \
    " ELSE pg_get_userbyid(o)::text END AS name FROM unnest(p.polroles) o) u),"                              \
    " pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))"                          \
    " FROM pg_catalog.pg_policy p JOIN r ON r.oid = p.polrelid"

#define ROUTINES                                                                                             \
    "SELECT format('routine %I.%I(%s) kind %s owner %s body %s grants %s', n.nspname, f.proname,"            \
    " pg_get_function_identity_arguments(f.oid), f.prokind, pg_get_userbyid(f.proowner),"                    \
    " CASE WHEN f.prokind = 'a' THEN (SELECT concat_ws(' ', a.aggtransfn, a.aggfinalfn, "                    \
    "a.aggtranstype::regtype,"                                                                               \
    " a.agginitval) FROM pg_catalog.pg_aggregate a WHERE a.aggfnoid = f.oid) ELSE "                          \
    "md5(pg_get_functiondef(f.oid)) END," SORTED(                                                            \
        "coalesce(f.proacl, acldefault('f', f.proowner))") ") FROM pg_catalog.pg_proc f JOIN n"              \
                                                           " ON n.oid = f.pronamespace "                     \
                                                           "WHERE" NOT_OF_EXTENSION("pg_proc", "f.oid")

#define EVENT_TRIGGERS                                                                                       \
    "SELECT format('event trigger %I on %s calls %s enabled %s tags %s', evtname, evtevent, "                \
    "evtfoid::regproc,"                                                                                      \
    " evtenabled," SORTED("evttags") ") FROM pg_catalog.pg_event_trigger v WHERE" NOT_OF_EXTENSION(          \
        "pg_event_trigger", "v.oid")

/* Enums with their labels, domains, ranges; composite types have their columns above. */
#define TYPES                                                                                                \
    "SELECT format('type %I.%I kind %s owner %s base %s%s default %s labels %s subtype %s grants %s', "      \
    "n.nspname,"                                                                                             \
    " t.typname, t.typtype, pg_get_userbyid(t.typowner), CASE WHEN t.typtype = 'd'"                          \
    " THEN format_type(t.typbasetype, t.typtypmod) END, CASE WHEN t.typnotnull THEN ' NOT NULL' END, "       \
    "t.typdefault,"                                                                                          \
    " (SELECT string_agg(quote_literal(e.enumlabel), ',' ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum " \
    "e"                                                                                                      \
    " WHERE e.enumtypid = t.oid), (SELECT g.rngsubtype::regtype FROM pg_catalog.pg_range g WHERE "           \
    "g.rngtypid = t.oid)," SORTED(                                                                           \
        "coalesce(t.typacl, acldefault('T', t.typowner))") ") FROM pg_catalog.pg_type t JOIN n"              \
                                                           " ON n.oid = t.typnamespace WHERE (t.typtype IN " \
                                                           "('e', 'd', 'r') OR (t.typtype = 'c' AND EXISTS " \
                                                           "(SELECT FROM r"                                  \
                                                           " WHERE r.oid = t.typrelid AND r.relkind = "      \
                                                           "'c'))) AND" NOT_OF_EXTENSION("pg_type", "t.oid")

#define SEQUENCES                                                                                            \
    "SELECT format('sequence %s %s start %s step %s range %s..%s cache %s cycle %s owner %s of %s grants "   \
    "%s',"                                                                                                   \
    " r.full_name, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, "          \
    "s.seqcache,"                                                                                            \
    " s.seqcycle::int, pg_get_userbyid(r.relowner), (SELECT format('%s.%I', d.refobjid::regclass, "          \
    "a.attname)"                                                                                             \
    " FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid"                 \
    " AND a.attnum = d.refobjsubid WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = r.oid"    \
    " AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', "      \
    "'i'))," SORTED(                                                                                         \
        "coalesce(r.relacl, acldefault('s', r.relowner))") ") FROM pg_catalog.pg_sequence s JOIN r"          \
                                                           " ON r.oid = s.seqrelid"

/* One query, one snapshot: longer than the 4095 characters that ISO C promises; GNU compilers take any length. */
#pragma GCC diagnostic ignored "-Woverlength-strings"
static const char fingerprint[] = SOURCES
    ", lines AS (" SCHEMAS AND_ALSO EXTENSIONS AND_ALSO RELATIONS AND_ALSO COLUMNS AND_ALSO VIEWS AND_ALSO
        CONSTRAINTS AND_ALSO INDEXES AND_ALSO STATISTICS AND_ALSO TRIGGERS AND_ALSO RULES AND_ALSO POLICIES
            AND_ALSO ROUTINES AND_ALSO EVENT_TRIGGERS AND_ALSO TYPES AND_ALSO SEQUENCES
    ") SELECT line FROM lines ORDER BY line COLLATE \"C\"";

/* clang-format on */

const struct postgres_query postgres_schema[] = {
    {DIALECT_FINGERPRINT, PG_ANY, PG_NEWEST, fingerprint},
    {0, 0, 0, NULL},
};
