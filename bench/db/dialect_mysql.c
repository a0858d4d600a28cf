#include "bench/db/dialect_mysql.h"

#include <stdio.h>

enum {
    INTENTION_EXCLUSIVE,
    SHARED,
    SHARED_HIGH_PRIO,
    SHARED_READ,
    SHARED_WRITE,
    SHARED_WRITE_LOW_PRIO,
    SHARED_UPGRADABLE,
    SHARED_READ_ONLY,
    SHARED_NO_WRITE,
    SHARED_NO_READ_WRITE,
    EXCLUSIVE
};

/* Metadata locks, by the compatibility matrix of granted locks in the servers' mdl.cc; then InnoDB's row locks. A plain
 * SELECT takes SHARED READ, a statement that changes rows SHARED WRITE. */
static const struct dialect_lock_mode lock_modes[] = {
    {"INTENTION EXCLUSIVE", 0x402, false, false},
    {"SHARED", 0x401, false, false},
    {"SHARED HIGH PRIO", 0x400, false, false},
    {"SHARED READ", 0x600, false, false},
    {"SHARED WRITE", 0x780, false, false},
    {"SHARED WRITE LOW PRIO", 0x780, false, false},
    {"SHARED UPGRADABLE", 0x740, false, false},
    {"SHARED READ ONLY", 0x630, false, true},
    {"SHARED NO WRITE", 0x770, false, true},
    {"SHARED NO READ WRITE", 0x7F8, true, true},
    {"EXCLUSIVE", 0x7FF, true, true},
    {"ROW SHARED", 0x1000, false, false},
    {"ROW EXCLUSIVE", 0x1800, false, false},
    {NULL, 0, false, false},
};

#define SETTING_NAMES                                                                                        \
    "'innodb_buffer_pool_size', 'innodb_flush_log_at_trx_commit', 'innodb_flush_method', "                   \
    "'innodb_log_file_size',"                                                                                \
    " 'innodb_redo_log_capacity', 'innodb_io_capacity', 'innodb_doublewrite', 'innodb_lock_wait_timeout',"   \
    " 'innodb_online_alter_log_max_size', 'innodb_rollback_on_timeout', 'innodb_sort_buffer_size',"          \
    " 'innodb_alter_copy_bulk', 'alter_algorithm', 'lock_wait_timeout', 'max_statement_time', "              \
    "'max_execution_time',"                                                                                  \
    " 'max_connections', 'sync_binlog', 'log_bin', 'binlog_format', 'binlog_row_image', 'gtid_mode', "       \
    "'sql_mode',"                                                                                            \
    " 'performance_schema', 'thread_handling', 'transaction_isolation', 'tx_isolation', 'version',"          \
    " 'version_comment', 'read_only'"

/* The words of the language, and what a session of ours says first. */
const struct mysql_query mysql_words[] = {
    {DIALECT_NOW, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "SELECT CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED) AS now_us"},
    {DIALECT_VERSION, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "SELECT VERSION() AS text, SUBSTRING_INDEX(VERSION(), '.', 1) * 10000"
     " + SUBSTRING_INDEX(SUBSTRING_INDEX(VERSION(), '.', 2), '.', -1) * 100"
     " + CAST(REGEXP_SUBSTR(SUBSTRING_INDEX(SUBSTRING_INDEX(VERSION(), '.', 3), '.', -1), '^[0-9]+')"
     " AS UNSIGNED) AS number"},
    {DIALECT_IDENTITY, MYSQL_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     "SELECT CONCAT(@@GLOBAL.server_uuid, '/', IFNULL(DATABASE(), ''))"},
    /* Not server_uid: it is made of the machine's address and the port, which servers on sockets alone share. */
    {DIALECT_IDENTITY, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     "SELECT CONCAT(MD5(CONCAT_WS('|', @@GLOBAL.hostname, @@GLOBAL.port, @@GLOBAL.datadir, "
     "@@GLOBAL.server_id)),"
     " '/', IFNULL(DATABASE(), ''))"},
    {DIALECT_SCHEMA, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, "SELECT DATABASE()"},
    {DIALECT_DATABASE, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, "SELECT DATABASE()"},
    {DIALECT_SETTINGS, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     "SELECT LOWER(VARIABLE_NAME) AS name, VARIABLE_VALUE AS value FROM information_schema.GLOBAL_VARIABLES"
     " WHERE VARIABLE_NAME IN (" SETTING_NAMES ") ORDER BY 1"},
    {DIALECT_SETTINGS, MYSQL_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     "SELECT LOWER(VARIABLE_NAME) AS name, VARIABLE_VALUE AS value FROM performance_schema.global_variables"
     " WHERE VARIABLE_NAME IN (" SETTING_NAMES ") ORDER BY 1"},
    {DIALECT_BEGIN, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, "START TRANSACTION"},
    {DIALECT_COMMIT, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, "COMMIT"},
    {DIALECT_ROLLBACK, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, "ROLLBACK"},
    /* In whole seconds, rounded up; what is finer the driver watches over. */
    {DIALECT_SET_LOCK_TIMEOUT, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "SET SESSION lock_wait_timeout = IF({} = 0, 31536000, LEAST(31536000, ({} + 999) DIV 1000)),"
     " innodb_lock_wait_timeout = IF({} = 0, 100000000, LEAST(100000000, ({} + 999) DIV 1000))"},
    {DIALECT_SET_STATEMENT_TIMEOUT, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     "SET SESSION max_statement_time = {} / 1000"},
    {DIALECT_SET_STATEMENT_TIMEOUT, MYSQL_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     "SET SESSION max_execution_time = {}"},
    {DIALECT_LEXIS, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "SELECT FIND_IN_SET('ANSI_QUOTES', @@GLOBAL.sql_mode) > 0,"
     " FIND_IN_SET('NO_BACKSLASH_ESCAPES', @@GLOBAL.sql_mode) > 0"},
    {DIALECT_SETUP_USER, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, "SET SESSION sql_mode = @@GLOBAL.sql_mode"},
    /* The modes are the server's, made strict, without those that change how text is quoted. */
    {DIALECT_SETUP_SESSION, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "SET NAMES utf8mb4; SET SESSION time_zone = '+00:00', autocommit = 1, sql_auto_is_null = 0,"
     " group_concat_max_len = 16777216, wait_timeout = 28800,"
     " sql_mode = CONCAT_WS(',', REPLACE(REPLACE(REPLACE(@@SESSION.sql_mode, 'ANSI_QUOTES', ''), ',ANSI', "
     "''),"
     " 'NO_BACKSLASH_ESCAPES', ''), 'STRICT_TRANS_TABLES')"},
    {DIALECT_MARKER_CREATE, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "CREATE TABLE IF NOT EXISTS rehearse_staging_marker ("
     "identity VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, expires_us BIGINT NOT NULL,"
     " armed_by VARCHAR(300) CHARACTER SET utf8mb4 NOT NULL, armed_at DATETIME(6) NOT NULL) ENGINE = InnoDB"},
    {DIALECT_MARKER_READ, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "SELECT identity, expires_us FROM rehearse_staging_marker ORDER BY expires_us DESC"},
    {DIALECT_MARKER_WRITE, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "INSERT INTO rehearse_staging_marker (identity, expires_us, armed_by, armed_at)"
     " VALUES ({}, CURRENT_USER(), UTC_TIMESTAMP(6))"},
    {DIALECT_MARKER_DROP, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "DROP TABLE IF EXISTS rehearse_staging_marker"},
    {DIALECT_HEARTBEAT_CREATE, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "CREATE TABLE IF NOT EXISTS rehearse_heartbeat (id int PRIMARY KEY, beat bigint NOT NULL) ENGINE = "
     "InnoDB"},
    {DIALECT_HEARTBEAT_BEAT, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "REPLACE INTO rehearse_heartbeat (id, beat) VALUES (1, {})"},
    {DIALECT_HEARTBEAT_READ, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, "SELECT beat FROM rehearse_heartbeat"},
    {DIALECT_HEARTBEAT_DROP, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, "DROP TABLE IF EXISTS rehearse_heartbeat"},
    {DIALECT_COMPARE_SETUP, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     "SET SESSION TRANSACTION READ ONLY; SET SESSION lock_wait_timeout = 5, max_statement_time = {} / 1000"},
    {DIALECT_COMPARE_SETUP, MYSQL_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     "SET SESSION TRANSACTION READ ONLY; SET SESSION lock_wait_timeout = 5, max_execution_time = {}"},
    {DIALECT_COMPARE_PLANNER, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "SELECT CONCAT('SET SESSION optimizer_switch = ', QUOTE(@@SESSION.optimizer_switch)) UNION ALL"
     " SELECT CONCAT('SET SESSION join_buffer_size = ', @@SESSION.join_buffer_size) UNION ALL"
     " SELECT CONCAT('SET SESSION sort_buffer_size = ', @@SESSION.sort_buffer_size)"},
    {DIALECT_COMPARE_PLAN, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, "EXPLAIN FORMAT=JSON {}"},
    {DIALECT_COMPARE_ROWS, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, "SELECT COUNT(*) FROM ({}) AS rehearse_q"},
    {DIALECT_COMPARE_TOUCHED, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "SHOW SESSION STATUS LIKE 'Handler_read%'"},
    {0, 0, 0, 0, NULL},
};

static const struct mysql_query *const chapters[] = {
    mysql_words, mysql_catalogue, mysql_activity, mysql_schema, mysql_bulk, mysql_profile, mysql_travel};

static const char *find(enum dialect_query query, enum mysql_flavour flavour, int version)
{
    for (size_t i = 0; i < sizeof chapters / sizeof chapters[0]; i++)
        for (const struct mysql_query *row = chapters[i]; row->text != NULL; row++)
            if (row->query == query && (row->flavour == MYSQL_BOTH || row->flavour == flavour) &&
                version >= row->since && version < row->before)
                return row->text;
    return NULL;
}

static const char *text_of_mysql(enum dialect_query query, int version)
{
    return find(query, MYSQL_ONLY, version);
}

static const char *text_of_mariadb(enum dialect_query query, int version)
{
    return find(query, MARIADB_ONLY, version);
}

static const char *version_label(int version, char label[32])
{
    snprintf(label, 32, "%d.%d.%d", version / 10000, version / 100 % 100, version % 100);
    return label;
}

/* Every ALTER TABLE takes EXCLUSIVE at its end, an online one only for a moment. */
static const signed char strongest[] = {
    [SQL_KIND_OTHER] = -1,
    [SQL_KIND_SELECT] = SHARED_READ,
    [SQL_KIND_INSERT] = SHARED_WRITE,
    [SQL_KIND_UPDATE] = SHARED_WRITE,
    [SQL_KIND_DELETE] = SHARED_WRITE,
    [SQL_KIND_ALTER_TABLE_ADD_COLUMN] = EXCLUSIVE,
    [SQL_KIND_ALTER_TABLE_DROP_COLUMN] = EXCLUSIVE,
    [SQL_KIND_ALTER_TABLE_RENAME] = EXCLUSIVE,
    [SQL_KIND_ALTER_TABLE_VALIDATE] = EXCLUSIVE,
    [SQL_KIND_ALTER_TABLE_ADD_FOREIGN_KEY] = EXCLUSIVE,
    [SQL_KIND_ALTER_TABLE_SET_OPTIONS] = EXCLUSIVE,
    [SQL_KIND_ALTER_TABLE_OTHER] = EXCLUSIVE,
    [SQL_KIND_CREATE_INDEX] = EXCLUSIVE,
    [SQL_KIND_CREATE_INDEX_CONCURRENTLY] = -1,
    [SQL_KIND_DROP_INDEX] = EXCLUSIVE,
    [SQL_KIND_DROP_INDEX_CONCURRENTLY] = -1,
    [SQL_KIND_REINDEX_CONCURRENTLY] = -1,
    [SQL_KIND_CREATE_TRIGGER] = EXCLUSIVE,
    [SQL_KIND_DROP_TRIGGER] = EXCLUSIVE,
    [SQL_KIND_CREATE_FUNCTION] = -1,
    [SQL_KIND_DROP_FUNCTION] = -1,
    [SQL_KIND_CREATE_TABLE] = -1,
    [SQL_KIND_DROP_TABLE] = EXCLUSIVE,
    [SQL_KIND_TRUNCATE] = EXCLUSIVE,
    [SQL_KIND_VACUUM] = -1,
    [SQL_KIND_BEGIN] = -1,
    [SQL_KIND_COMMIT] = -1,
    [SQL_KIND_ROLLBACK] = -1,
    [SQL_KIND_COPY] = -1,
    [SQL_KIND_LOCK_TABLE] = -1,
    [SQL_KIND_OTHER_DDL] = -1,
};

static int expected_lock(enum sql_kind kind)
{
    return strongest[kind];
}

/* Listing metadata locks every 1 ms leaves 16 clients that send without pause 0.82 of their throughput on two CPUs, every
 * 2 ms 0.95. */
#define WATCH_NS (2 * NS_PER_MS)
#define WAITS_UNTOLD                                                                                         \
    "Latency only: the server does not time waits for metadata locks (performance_schema with the "          \
    "instrument "                                                                                            \
    "wait/lock/metadata/sql/mdl and the consumers events_waits_current and events_waits_history), so that "  \
    "short waits are told from noise by their length alone."
#define LOCKS_UNTOLD                                                                                         \
    "Latency only: the server does not list metadata locks (performance_schema=ON with the instrument "      \
    "wait/lock/metadata/sql/mdl would): who blocked whom is not known."
#define WAITS_DENIED                                                                                         \
    "Latency only: the role may not read how long metadata locks were waited for, so that short waits are "  \
    "told from noise by their length alone: GRANT SELECT ON performance_schema.* TO the user of the DSN."
#define LOCKS_DENIED                                                                                         \
    "Latency only: the role may not read who holds and waits for locks, so that who blocked whom is not "    \
    "known: GRANT SELECT ON performance_schema.* TO the user of the DSN, and GRANT PROCESS ON *.* TO it."
#define MODES_UNTOLD_MARIADB                                                                                 \
    "The server tells the modes of locks as they were asked for, not as they were made stronger later "      \
    "(INSTALL SONAME 'metadata_lock_info' would): holds are told by who waited for them."
#define MODES_UNTOLD_MYSQL                                                                                   \
    "The server tells the modes of locks as they were asked for, not as they were made stronger later "      \
    "(MySQL 8.4 does): holds are told by who waited for them."

const struct dialect dialect_mysql = {
    .engine = "mysql",
    .lexis = SQL_MYSQL,
    .ddl_is_transactional = false,
    .loads_unchecked = true,
    .lock_modes = lock_modes,
    .text = text_of_mysql,
    .version_label = version_label,
    .expected_lock = expected_lock,
    .watch_ns = WATCH_NS,
    .upgradable = 1u << SHARED_UPGRADABLE,
    .locks_in_stages = true,
    .waits_untold = WAITS_UNTOLD,
    .modes_untold = MODES_UNTOLD_MYSQL,
    .locks_untold = LOCKS_UNTOLD,
    .waits_denied = WAITS_DENIED,
    .locks_denied = LOCKS_DENIED,
};

const struct dialect dialect_mariadb = {
    .engine = "mariadb",
    .lexis = SQL_MYSQL,
    .ddl_is_transactional = false,
    .loads_unchecked = true,
    .lock_modes = lock_modes,
    .text = text_of_mariadb,
    .version_label = version_label,
    .expected_lock = expected_lock,
    .watch_ns = WATCH_NS,
    .upgradable = 1u << SHARED_UPGRADABLE,
    .locks_in_stages = true,
    .waits_untold = WAITS_UNTOLD,
    .modes_untold = MODES_UNTOLD_MARIADB,
    .locks_untold = LOCKS_UNTOLD,
    .waits_denied = WAITS_DENIED,
    .locks_denied = LOCKS_DENIED,
};
