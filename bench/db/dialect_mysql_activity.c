#include "bench/db/dialect_mysql.h"

#define NOW_US   "CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED)"
#define SCHEMA_P "performance_schema."

/* Numbers of the metadata lock modes in the order of lock_modes; −1, which readers skip, for any other. Locks of a whole
 * server in MariaDB have modes of their own, which conflict as these do where it matters: what blocks writes or commits
 * is EXCLUSIVE, the start of a backup meets only another, all that changes data is SHARED WRITE. */
#define MODE(type)                                                                                           \
    "CASE WHEN " type " IN ('BACKUP_START', 'BACKUP_FLUSH') THEN 6"                                          \
    " WHEN " type " IN ('BACKUP_WAIT_FLUSH', 'BACKUP_WAIT_DDL', 'BACKUP_WAIT_COMMIT', 'BACKUP_FTWRL1',"      \
    " 'BACKUP_FTWRL2') THEN 10 WHEN " type " LIKE 'BACKUP\\_%' THEN 4"                                       \
    " ELSE FIELD(" type ", 'INTENTION_EXCLUSIVE', 'SHARED', 'SHARED_HIGH_PRIO', 'SHARED_READ',"              \
    " 'SHARED_WRITE', 'SHARED_WRITE_LOW_PRIO', 'SHARED_UPGRADABLE', 'SHARED_READ_ONLY',"                     \
    " 'SHARED_NO_WRITE', 'SHARED_NO_READ_WRITE', 'EXCLUSIVE') - 1 END"
#define LOCK_ROW(type, schema, name, session, mode)                                                          \
    "SELECT " NOW_US " AS now_us, IF(" type " = 'TABLE', 'relation', 'other') AS kind,"                      \
    " IF(" type " = 'TABLE', " MYSQL_OBJECT(schema, name) ", 0) AS object,"                                  \
                                                          " CONCAT_WS('/', " type ", NULLIF(" schema         \
                                                          ", ''), NULLIF(" name ", '')) AS target,"          \
                                                          " " session " AS session, " MODE(mode) " AS mode,"

/* The wait's start is now less what the wait in flight has lasted so far. Pending rows come first in a union, so that a lock
 * that is granted meanwhile shows twice and not at all never. */
#define FROM_METADATA_LOCKS(told)                                                                            \
    " FROM " SCHEMA_P "metadata_locks m STRAIGHT_JOIN " SCHEMA_P "threads t"                                 \
    " ON t.THREAD_ID = m.OWNER_THREAD_ID LEFT JOIN " SCHEMA_P "events_waits_current w"                       \
    " ON w.THREAD_ID = m.OWNER_THREAD_ID AND w.EVENT_NAME = 'wait/lock/metadata/sql/mdl'"                    \
    " AND w.END_EVENT_ID IS NULL AND m.LOCK_STATUS = 'PENDING'"                                              \
    " WHERE " told " AND t.PROCESSLIST_ID IS NOT NULL AND (m.OBJECT_SCHEMA = DATABASE()"                     \
    " AND m.OBJECT_TYPE IN ('TABLE', 'SCHEMA')"                                                              \
    " OR m.OBJECT_TYPE IN ('BACKUP', 'GLOBAL', 'COMMIT', 'BACKUP LOCK'))"
#define METADATA_LOCKS                                                                                       \
    LOCK_ROW("m.OBJECT_TYPE", "m.OBJECT_SCHEMA", "m.OBJECT_NAME", "t.PROCESSLIST_ID", "m.LOCK_TYPE")         \
    " m.LOCK_STATUS = 'GRANTED' AS granted,"                                                                 \
    " " NOW_US " - w.TIMER_WAIT DIV 1000000 AS wait_start_us"
/* The lock that asking takes, from the list itself: missing when the server keeps none. */
#define OWN_LOCK                                                                                             \
    "(SELECT " NOW_US ", 'other', 0, 'our own', CONNECTION_ID(), 0, 1, NULL FROM " SCHEMA_P                  \
    "metadata_locks LIMIT 1)"
#define PLUGIN_TYPE                                                                                          \
    "CASE i.LOCK_TYPE WHEN 'Table metadata lock' THEN 'TABLE' WHEN 'Schema metadata lock' THEN 'SCHEMA'"     \
    " ELSE 'BACKUP' END"
#define LOCKS_OF_METADATA_LOCKS METADATA_LOCKS FROM_METADATA_LOCKS("TRUE") " UNION ALL " OWN_LOCK
#define LOCKS_WITH_PLUGIN                                                                                    \
    METADATA_LOCKS FROM_METADATA_LOCKS("m.LOCK_STATUS = 'PENDING'") " UNION ALL " LOCK_ROW(                  \
        "i.KIND", "i.TABLE_SCHEMA", "i.TABLE_NAME", "i.THREAD_ID",                                           \
        "i.MODE") " 1, NULL FROM (SELECT THREAD_ID, SUBSTR(LOCK_MODE, 5) AS MODE, " PLUGIN_TYPE              \
                  " AS KIND, TABLE_SCHEMA,"                                                                  \
                  " TABLE_NAME FROM information_schema.METADATA_LOCK_INFO i WHERE LOCK_TYPE = 'Backup lock'" \
                  " OR LOCK_TYPE IN ('Table metadata lock', 'Schema metadata lock') AND TABLE_SCHEMA = "     \
                  "DATABASE()) i"                                                                            \
                  " UNION ALL " OWN_LOCK

/* One target for each pair that meets: the holder's row, and the waiter's. When the wait began is told in whole seconds only:
 * its first sighting tells more. */
#define ROW_LOCK(session, mode, granted, schema, name)                                                       \
    "SELECT " NOW_US " AS now_us, 'transaction' AS kind, " MYSQL_OBJECT(                                     \
        schema, name) " AS object,"                                                                          \
                      " CONCAT('row/', b.SESSION, '/', r.SESSION) AS target, " session " AS session, " mode  \
                      " AS mode,"                                                                            \
                      " " granted " AS granted, NULL AS wait_start_us, " name " AS name"
/* InnoDB writes `schema`.`table`, and the partition behind it in a comment. */
#define INNODB_TABLE         "SUBSTRING_INDEX(l.lock_table, '` /*', 1)"
#define INNODB_PART(of, nth) "REPLACE(SUBSTRING_INDEX(" of ", '`.`', " nth "), '`', '')"
#define INNODB_PAIR                                                                                          \
    " FROM information_schema.INNODB_LOCK_WAITS w"                                                           \
    " JOIN (SELECT trx_id, trx_mysql_thread_id AS SESSION FROM information_schema.INNODB_TRX) r"             \
    " ON r.trx_id = w.requesting_trx_id"                                                                     \
    " JOIN (SELECT trx_id, trx_mysql_thread_id AS SESSION FROM information_schema.INNODB_TRX) b"             \
    " ON b.trx_id = w.blocking_trx_id"                                                                       \
    " LEFT JOIN information_schema.INNODB_LOCKS l ON l.lock_id = w.requested_lock_id"
#define DATA_LOCK_PAIR                                                                                       \
    " FROM " SCHEMA_P "data_lock_waits w"                                                                    \
    " JOIN (SELECT THREAD_ID, PROCESSLIST_ID AS SESSION FROM " SCHEMA_P "threads) r"                         \
    " ON r.THREAD_ID = w.REQUESTING_THREAD_ID"                                                               \
    " JOIN (SELECT THREAD_ID, PROCESSLIST_ID AS SESSION FROM " SCHEMA_P "threads) b"                         \
    " ON b.THREAD_ID = w.BLOCKING_THREAD_ID"                                                                 \
    " LEFT JOIN " SCHEMA_P "data_locks l ON l.ENGINE_LOCK_ID = w.REQUESTING_ENGINE_LOCK_ID"                  \
    " AND l.ENGINE = w.ENGINE"
#define ROW_LOCKS(pair, schema, name)                                                                        \
    ROW_LOCK("b.SESSION", "12", "1", schema, name)                                                           \
    pair " UNION " ROW_LOCK("r.SESSION", "12", "0", schema, name) pair
#define INNODB_ROW_LOCKS                                                                                     \
    ROW_LOCKS(INNODB_PAIR, INNODB_PART(INNODB_TABLE, "1"), INNODB_PART(INNODB_TABLE, "-1"))
#define DATA_ROW_LOCKS ROW_LOCKS(DATA_LOCK_PAIR, "l.OBJECT_SCHEMA", "l.OBJECT_NAME")

/* MariaDB keeps no text of what was executed prepared. It is known when one statement alone can have been it: none of the
 * others ever took as long or as short, or had as many rows. */
#define LAST_PREPARED                                                                                        \
    "(SELECT IF(COUNT(*) = 1, MAX(i.SQL_TEXT), NULL) FROM " SCHEMA_P "prepared_statements_instances i"       \
    " WHERE t.PROCESSLIST_COMMAND = 'Sleep' AND i.OWNER_THREAD_ID = t.THREAD_ID"                             \
    " AND s.EXECUTED BETWEEN i.MIN_TIMER_EXECUTE AND i.MAX_TIMER_EXECUTE"                                    \
    " AND s.ROWS_SENT <= i.SUM_ROWS_SENT AND s.ROWS_EXAMINED <= i.SUM_ROWS_EXAMINED"                         \
    " AND s.ROWS_AFFECTED <= i.SUM_ROWS_AFFECTED)"

/* A session is in a transaction when the server times one that it began, or when it keeps a lock: LOCK TABLES begins none.
 * Where transactions are not timed, theirs began when the last statement ended at the latest. InnoDB's own list of them
 * would stay as it was if it was read here too, which is more often than every 200 ms. */
#define SESSIONS                                                                                             \
    "SELECT t.PROCESSLIST_ID AS session, COALESCE(a.ATTR_VALUE, '') AS application_name,"                    \
    " CASE WHEN t.PROCESSLIST_COMMAND IN ('Query', 'Execute') THEN 'active'"                                 \
    " WHEN t.PROCESSLIST_COMMAND <> 'Sleep' THEN LOWER(t.PROCESSLIST_COMMAND)"                               \
    " WHEN e.TIMER_WAIT IS NULL AND l.OWNER_THREAD_ID IS NULL THEN 'idle'"                                   \
    " ELSE 'idle in transaction' END AS state,"                                                              \
    " LEFT(COALESCE(t.PROCESSLIST_INFO, s.SQL_TEXT, " LAST_PREPARED ", ''), 1000) AS query,"                 \
    " COALESCE(" NOW_US " - e.TIMER_WAIT DIV 1000000,"                                                       \
    " IF(l.OWNER_THREAD_ID IS NULL AND t.PROCESSLIST_COMMAND = 'Sleep', NULL,"                               \
    " " NOW_US " - t.PROCESSLIST_TIME * 1000000)) AS transaction_start_us,"                                  \
    " IF(t.PROCESSLIST_COMMAND = 'Sleep', NULL, " NOW_US " - t.PROCESSLIST_TIME * 1000000)"                  \
    " AS query_start_us,"                                                                                    \
    " IF(t.PROCESSLIST_USER = 'system user', 'replication', 'client session') AS kind, NULL AS leader,"      \
    " t.PROCESSLIST_STATE AS wait_event, p.ATTR_VALUE AS client_process FROM " SCHEMA_P "threads t"          \
    " LEFT JOIN " SCHEMA_P "session_connect_attrs a"                                                         \
    " ON a.PROCESSLIST_ID = t.PROCESSLIST_ID AND a.ATTR_NAME = 'program_name'"                               \
    " LEFT JOIN " SCHEMA_P "session_connect_attrs p"                                                         \
    " ON p.PROCESSLIST_ID = t.PROCESSLIST_ID AND p.ATTR_NAME = '_pid'"                                       \
    " LEFT JOIN (SELECT DISTINCT OWNER_THREAD_ID FROM " SCHEMA_P "metadata_locks"                            \
    " WHERE LOCK_STATUS = 'GRANTED' AND OBJECT_TYPE IN ('TABLE', 'BACKUP', 'GLOBAL')) l"                     \
    " ON l.OWNER_THREAD_ID = t.THREAD_ID"                                                                    \
    " LEFT JOIN " SCHEMA_P "events_transactions_current e"                                                   \
    " ON e.THREAD_ID = t.THREAD_ID AND e.STATE = 'ACTIVE'"                                                   \
    " LEFT JOIN (SELECT THREAD_ID, MAX(SQL_TEXT) AS SQL_TEXT,"                                               \
    " MAX(IF(EVENT_NAME = 'statement/com/Execute', TIMER_WAIT, NULL)) AS EXECUTED,"                          \
    " MAX(ROWS_SENT) AS ROWS_SENT, MAX(ROWS_EXAMINED) AS ROWS_EXAMINED,"                                     \
    " MAX(ROWS_AFFECTED) AS ROWS_AFFECTED FROM " SCHEMA_P "events_statements_current"                        \
    " WHERE NESTING_EVENT_LEVEL = 0 GROUP BY THREAD_ID) s ON s.THREAD_ID = t.THREAD_ID"                      \
    " WHERE t.PROCESSLIST_ID <> CONNECTION_ID() AND t.TYPE = 'FOREGROUND'"

/* The last row stands for a server that does not list its locks. */
#define FOREIGN_WRITERS                                                                                      \
    "SELECT DISTINCT t.PROCESSLIST_ID AS session, COALESCE(a.ATTR_VALUE, '') AS application_name,"           \
    " COALESCE(t.PROCESSLIST_USER, '') AS `user`,"                                                           \
    " CONCAT(m.OBJECT_SCHEMA, '.', m.OBJECT_NAME) AS `table`,"                                               \
    " COALESCE(t.PROCESSLIST_COMMAND, '') AS state"                                                          \
    " FROM " SCHEMA_P "metadata_locks m STRAIGHT_JOIN " SCHEMA_P "threads t"                                 \
    " ON t.THREAD_ID = m.OWNER_THREAD_ID LEFT JOIN " SCHEMA_P "session_connect_attrs a"                      \
    " ON a.PROCESSLIST_ID = t.PROCESSLIST_ID AND a.ATTR_NAME = 'program_name'"                               \
    " WHERE m.OBJECT_TYPE = 'TABLE' AND m.LOCK_STATUS = 'GRANTED'"                                           \
    " AND m.LOCK_TYPE IN ('SHARED_WRITE', 'SHARED_WRITE_LOW_PRIO') AND m.OBJECT_SCHEMA = DATABASE()"         \
    " AND " MYSQL_OBJECT(                                                                                    \
        "m.OBJECT_SCHEMA",                                                                                   \
        "m.OBJECT_NAME") " IN ({})"                                                                          \
                         " AND t.PROCESSLIST_ID <> CONNECTION_ID() AND t.TYPE = 'FOREGROUND'"                \
                         " AND COALESCE(t.PROCESSLIST_USER, '') <> 'system user'"                            \
                         " AND COALESCE(t.PROCESSLIST_COMMAND, '') NOT LIKE 'Slave%'"                        \
                         " AND COALESCE(a.ATTR_VALUE, '') NOT LIKE 'rehearse/%'"                             \
                         " UNION ALL SELECT NULL, NULL, NULL, NULL, NULL FROM DUAL"                          \
                         " WHERE NOT EXISTS (SELECT 1 FROM " SCHEMA_P "metadata_locks)"

#define MDL_WAITS                                                                                            \
    SCHEMA_P "events_waits_history WHERE THREAD_ID = @rehearse_thread"                                       \
             " AND EVENT_NAME = 'wait/lock/metadata/sql/mdl'"

/* Profiles cut a stage's name at 30 characters: what is missing of those that a DDL may come through. */
#define REST_OF_STATE                                                                                        \
    "CASE STATE WHEN 'Waiting for table metadata loc' THEN 'k'"                                              \
    " WHEN 'Waiting for schema metadata lo' THEN 'ck' WHEN 'Waiting for event metadata loc' THEN 'k'"        \
    " WHEN 'Waiting for trigger metadata l' THEN 'ock' WHEN 'Waiting for tablespace metadat' THEN 'a lock'"  \
    " WHEN 'Waiting for stored function me' THEN 'tadata lock'"                                              \
    " WHEN 'Waiting for stored procedure m' THEN 'etadata lock'"                                             \
    " WHEN 'Waiting for foreign key metada' THEN 'ta lock'"                                                  \
    " WHEN 'Waiting for check constraint m' THEN 'etadata lock'"                                             \
    " WHEN 'Committing alter table to stor' THEN 'age engine'"                                               \
    " ELSE '' END"

/* What the server does now. */
const struct mysql_query mysql_activity[] = {
    {DIALECT_LOCKS, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST, LOCKS_WITH_PLUGIN},
    {DIALECT_LOCKS, MYSQL_ONLY, 80400, MYSQL_NEWEST, LOCKS_OF_METADATA_LOCKS},
    {DIALECT_LOCKS_WEAK, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, LOCKS_OF_METADATA_LOCKS},
    {DIALECT_ROW_LOCKS, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST, INNODB_ROW_LOCKS},
    {DIALECT_ROW_LOCKS, MYSQL_ONLY, MYSQL_ANY, MYSQL_NEWEST, DATA_ROW_LOCKS},
    {DIALECT_SESSIONS, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, SESSIONS},
    {DIALECT_STATEMENT, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "SELECT LEFT(PROCESSLIST_INFO, 1000) AS query FROM " SCHEMA_P "threads WHERE PROCESSLIST_ID = {}"},
    {DIALECT_FOREIGN_WRITERS, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, FOREIGN_WRITERS},
    {DIALECT_LOG_BYTES, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     "SELECT CAST(SUM(VARIABLE_VALUE) AS SIGNED) AS log_bytes FROM information_schema.GLOBAL_STATUS"
     " WHERE VARIABLE_NAME IN ('INNODB_OS_LOG_WRITTEN', 'BINLOG_BYTES_WRITTEN')"},
    {DIALECT_LOG_BYTES, MYSQL_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     "SELECT CAST(SUM(VARIABLE_VALUE) AS SIGNED) AS log_bytes FROM performance_schema.global_status"
     " WHERE VARIABLE_NAME IN ('Innodb_os_log_written', 'Binlog_bytes_written')"},
    {DIALECT_DATABASE_BYTES, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     "SELECT CAST(COALESCE(SUM(FILE_SIZE), 0) AS SIGNED) AS database_bytes"
     " FROM information_schema.INNODB_SYS_TABLESPACES WHERE SUBSTRING_INDEX(NAME, '/', 1) = DATABASE()"},
    {DIALECT_DATABASE_BYTES, MYSQL_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     "SELECT CAST(COALESCE(SUM(FILE_SIZE), 0) AS SIGNED) AS database_bytes"
     " FROM information_schema.INNODB_TABLESPACES WHERE SUBSTRING_INDEX(NAME, '/', 1) = DATABASE()"},
    /* The thread is known only where every wait for a metadata lock is timed and kept. */
    {DIALECT_SETUP_PROBE, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "SET @rehearse_seen = 0; SET @rehearse_thread = (SELECT THREAD_ID FROM " SCHEMA_P "threads"
     " WHERE PROCESSLIST_ID = CONNECTION_ID() AND INSTRUMENTED = 'YES' AND HISTORY = 'YES'"
     " AND 4 = (SELECT COUNT(*) FROM " SCHEMA_P "setup_consumers WHERE ENABLED = 'YES' AND NAME IN"
     " ('global_instrumentation', 'thread_instrumentation', 'events_waits_current', 'events_waits_history'))"
     " AND 1 = (SELECT COUNT(*) FROM " SCHEMA_P "setup_instruments"
     " WHERE NAME = 'wait/lock/metadata/sql/mdl' AND ENABLED = 'YES' AND TIMED = 'YES'))"},
    /* Waits below 1 ms may be those of looks that nobody asked about. */
    {DIALECT_PROBE_WAITED, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "SELECT COALESCE((SELECT SUM(TIMER_WAIT) DIV 1000000 FROM " MDL_WAITS " AND EVENT_ID > @rehearse_seen"
     " AND TIMER_WAIT >= 1000000000), 0) AS waited_us FROM DUAL WHERE @rehearse_thread IS NOT NULL;"
     " SET @rehearse_seen = (SELECT COALESCE(MAX(EVENT_ID), @rehearse_seen) FROM " MDL_WAITS ")"},
    {DIALECT_PROBE_READ, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, "SELECT 1 FROM {} LIMIT 0"},
    /* Takes SHARED WRITE, fires no trigger and logs nothing. */
    {DIALECT_PROBE_WRITE, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, "SELECT 1 FROM {} LIMIT 0 FOR UPDATE"},
    {DIALECT_SETUP_MIGRATION, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "SET profiling_history_size = 15, profiling = 1"},
    /* Of the last two profiles the second is the reading of the clock behind the statement. */
    {DIALECT_STAGES, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "SELECT CONCAT(STATE, " REST_OF_STATE
     ") AS stage, CAST(SUM(DURATION) * 1000000 AS SIGNED) AS duration_us"
     " FROM information_schema.PROFILING WHERE QUERY_ID ="
     " (SELECT MAX(QUERY_ID) - 1 FROM information_schema.PROFILING)"
     " GROUP BY STATE ORDER BY MIN(SEQ)"},
    {0, 0, 0, 0, NULL},
};
