#include "bench/db/dialect_postgres.h"

/* Lock modes by number, in the order of postgres_lock_modes, so that readers of a snapshot need no table of names. Predicate
 * locks (SIReadLock) block nobody and are left out; relations of the server's own have numbers below 16384. Planning costs more than running it: prepare it where it is asked often. */
#define LOCK_COLUMNS                                                                                         \
    "SELECT (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) AS now_us,"                   \
    " CASE locktype WHEN 'relation' THEN CASE WHEN relation >= 16384 THEN 'relation' ELSE 'other' END"       \
    " WHEN 'transactionid' THEN 'transaction' WHEN 'virtualxid' THEN 'virtualxid' ELSE 'other' END AS kind," \
    " CASE WHEN locktype = 'relation' AND relation >= 16384 THEN relation ELSE 0 END AS object,"             \
    " concat_ws('/', locktype, database, relation, page, tuple, virtualxid, transactionid, classid, objid,"  \
    " objsubid) AS target,"                                                                                  \
    " coalesce(pid, 0) AS session,"                                                                          \
    " CASE mode WHEN 'AccessShareLock' THEN 0 WHEN 'RowShareLock' THEN 1 WHEN 'RowExclusiveLock' THEN 2"     \
    " WHEN 'ShareUpdateExclusiveLock' THEN 3 WHEN 'ShareLock' THEN 4 WHEN 'ShareRowExclusiveLock' THEN 5"    \
    " WHEN 'ExclusiveLock' THEN 6 ELSE 7 END AS mode,"                                                       \
    " granted::int AS granted,"
#define LOCK_SOURCE                                                                                          \
    " FROM pg_catalog.pg_locks WHERE mode <> 'SIReadLock' AND (database IS NULL OR database = 0"             \
    " OR database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))"

#define SESSION_HEAD                                                                                         \
    "SELECT pid AS session, coalesce(application_name, '') AS application_name, coalesce(state, '') AS "     \
    "state,"                                                                                                 \
    " left(coalesce(query, ''), 1000) AS query,"                                                             \
    " (extract(epoch FROM xact_start) * 1000000)::bigint AS transaction_start_us,"                           \
    " (extract(epoch FROM query_start) * 1000000)::bigint AS query_start_us,"                                \
    " coalesce(backend_type, '') AS kind,"
#define SESSION_TAIL                                                                                         \
    " AS leader, wait_event_type || '/' || wait_event AS wait_event, NULL::int AS client_process"            \
    " FROM pg_catalog.pg_stat_activity WHERE pid <> pg_backend_pid()"

/* What the server does now. */
const struct postgres_query postgres_activity[] = {
    {DIALECT_LOCKS, PG_ANY, PG_14, LOCK_COLUMNS " NULL::bigint AS wait_start_us" LOCK_SOURCE},
    {DIALECT_LOCKS, PG_14, PG_NEWEST,
     LOCK_COLUMNS " (extract(epoch FROM waitstart) * 1000000)::bigint AS wait_start_us" LOCK_SOURCE},
    {DIALECT_SESSIONS, PG_ANY, PG_13, SESSION_HEAD " NULL::int" SESSION_TAIL},
    {DIALECT_SESSIONS, PG_13, PG_NEWEST, SESSION_HEAD " leader_pid" SESSION_TAIL},
    {DIALECT_STATEMENT, PG_ANY, PG_NEWEST,
     "SELECT left(query, 1000) AS query FROM pg_stat_activity WHERE pid = {} AND state = 'active'"},
    {DIALECT_LOG_BYTES, PG_ANY, PG_NEWEST,
     "SELECT pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
     " ELSE pg_current_wal_insert_lsn() END, '0/0')::bigint AS log_bytes"},
    {DIALECT_DATABASE_BYTES, PG_ANY, PG_NEWEST,
     "SELECT pg_database_size(current_database()) AS database_bytes"},
    {DIALECT_FOREIGN_WRITERS, PG_ANY, PG_NEWEST,
     "SELECT DISTINCT a.pid AS session, coalesce(a.application_name, '') AS application_name,"
     " coalesce(a.usename, '') AS \"user\", n.nspname || '.' || c.relname AS \"table\","
     " coalesce(a.state, '') AS state"
     " FROM pg_catalog.pg_locks l"
     " JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid"
     " JOIN pg_catalog.pg_class c ON c.oid = l.relation"
     " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
     " WHERE l.locktype = 'relation' AND l.granted AND l.relation IN ({})"
     " AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"
     " AND l.mode = 'RowExclusiveLock'"
     " AND l.pid <> pg_backend_pid() AND coalesce(a.application_name, '') NOT LIKE 'rehearse/%'"
     " AND coalesce(a.backend_type, 'client backend') IN ('client backend', 'parallel worker', 'walsender',"
     " 'logical replication worker', 'logical replication apply worker', 'logical replication parallel "
     "worker')"
     " ORDER BY 1, 4"},
    {0, 0, 0, NULL},
};
