#include "bench/db/dialect_mysql.h"

/* Loading many rows.
 *
 * On MariaDB the first insert into an empty table with both checks off is a bulk insert: no undo, and every index is sorted
 * before it is built. A million rows with three secondary indexes: 5.2 s, against 4.9 s for loading without them and adding
 * them then, and 11.6 s with checks on. So indexes and foreign keys stay where they are; only triggers, which cannot be
 * disabled, are dropped and made again. */

/* clang-format off: it would break the lines of SQL at odd places */

#define IDENTIFIER(NAME) "CONCAT('`', REPLACE(" NAME ", '`', '``'), '`')"
#define HOST             "SUBSTRING_INDEX(g.DEFINER, '@', -1)"

/* In the order in which they fire. The mode and the collation of the one who made a trigger are part of it. */
static const char pieces[] =
    "SELECT 0 AS rank_number, g.TRIGGER_NAME AS name,"
    " CONCAT('DROP TRIGGER ', " IDENTIFIER(
        "g.TRIGGER_NAME") ") AS take_off,"
                          " CONCAT('SET @rehearse_mode = @@sql_mode, "
                          "@rehearse_collation = @@collation_connection,"
                          " collation_connection = ', g.COLLATION_CONNECTION, ', "
                          "sql_mode = ', QUOTE(g.SQL_MODE),"
                          " '; CREATE DEFINER = ', " IDENTIFIER(
                              "LEFT(g.DEFINER, "
                              "CHAR_LENGTH(g."
                              "DEFINER) - "
                              "CHAR_LENGTH(" HOST
                              ") - 1)") ", '@', " IDENTIFIER(HOST) ", ' TRIGGER ', " IDENTIFIER("g.TRIGGER_"
                                                                                                "NAME") ", ' "
                                                                                                        "', "
                                                                                                        "g."
                                                                                                        "ACTI"
                                                                                                        "ON_"
                                                                                                        "TIMI"
                                                                                                        "NG, "
                                                                                                        "' ',"
                                                                                                        " g."
                                                                                                        "EVEN"
                                                                                                        "T_"
                                                                                                        "MANI"
                                                                                                        "PULA"
                                                                                                        "TION"
                                                                                                        ", ' "
                                                                                                        "ON "
                                                                                                        "',"
                                                                                                        " " IDENTIFIER(
                                                                                                            "g.EVENT_OBJECT_"
                                                                                                            "TABLE") ", ' FOR "
                                                                                                                     "EACH ROW "
                                                                                                                     "', "
                                                                                                                     "g.ACTION_"
                                                                                                                     "STATEMENT"
                                                                                                                     ","
                                                                                                                     " CHAR(10 "
                                                                                                                     "USING "
                                                                                                                     "utf8mb4),"
                                                                                                                     " '; SET "
                                                                                                                     "sql_mode "
                                                                                                                     "= "
                                                                                                                     "@rehearse"
                                                                                                                     "_mode, "
                                                                                                                     "collation"
                                                                                                                     "_connecti"
                                                                                                                     "on = "
                                                                                                                     "@rehearse"
                                                                                                                     "_collatio"
                                                                                                                     "n')"
                                                                                                                     " AS "
                                                                                                                     "put_back,"
                                                                                                                     " NULL AS "
                                                                                                                     "finish "
                                                                                                                     "FROM "
                                                                                                                     "informati"
                                                                                                                     "on_"
                                                                                                                     "schema."
                                                                                                                     "TRIGGERS "
                                                                                                                     "g"
                                                                                                                     " WHERE "
                                                                                                                     "g."
                                                                                                                     "TRIGGER_"
                                                                                                                     "SCHEMA = "
                                                                                                                     "DATABASE("
                                                                                                                     ") "
                                                                                                                     "AND"
                                                                                                                     " " MYSQL_OBJECT(
                                                                                                                         "g."
                                                                                                                         "EVENT"
                                                                                                                         "_OBJE"
                                                                                                                         "CT_"
                                                                                                                         "SCHEM"
                                                                                                                         "A",
                                                                                                                         "g."
                                                                                                                         "EVENT"
                                                                                                                         "_OBJE"
                                                                                                                         "CT_"
                                                                                                                         "TABL"
                                                                                                                         "E") " = {}"
                                                                                                                              " ORDER BY g.EVENT_OBJECT_TABLE, g.ACTION_TIMING, g.EVENT_MANIPULATION, g.ACTION_ORDER";

static const char tables[] = "SELECT " MYSQL_OBJECT(
    "l.TABLE_SCHEMA", "l.TABLE_NAME") " AS id, '' AS kind, CONCAT('CHECK (', l.clause, ')')"
                                      " AS limits FROM " MYSQL_PARTITION_LIMITS " l";

/* clang-format on */

#define NO_LIMITS                                                                                            \
    "SET SESSION lock_wait_timeout = 31536000, innodb_lock_wait_timeout = 100000000, net_read_timeout = "    \
    "86400,"                                                                                                 \
    " net_write_timeout = 86400, wait_timeout = 2147483, group_concat_max_len = 16777216"
#define RIGHT_TIMES "SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'"

/* One fill at a time in a database; the lock goes with its session. */
#define ALONE "SELECT GET_LOCK(CONCAT('rehearse fill ', CRC32(DATABASE())), 5)"

#define STATISTICS_MARIADB(HOW)                                                                              \
    "WITH asked (name, list) AS (SELECT {}) SELECT CONCAT('" HOW "ANALYZE TABLE ', name,"                    \
    " ' PERSISTENT FOR COLUMNS (', list, ') INDEXES ()') FROM asked"

const struct mysql_query mysql_bulk[] = {
    {DIALECT_BULK_SETUP, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST, NO_LIMITS ", max_statement_time = 0"},
    {DIALECT_BULK_SETUP, MYSQL_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     NO_LIMITS ", information_schema_stats_expiry = 0"},
    /* Where there is no bulk insert, unique_checks would spare little and prove nothing. */
    {DIALECT_BULK_LOAD, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     RIGHT_TIMES ", foreign_key_checks = 0, unique_checks = 0"},
    {DIALECT_BULK_LOAD, MYSQL_ONLY, MYSQL_ANY, MYSQL_NEWEST, RIGHT_TIMES ", foreign_key_checks = 0"},
    /* A bulk insert has the table to itself. */
    {DIALECT_BULK_SHARED, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST, "SET SESSION unique_checks = 1"},
    {DIALECT_BULK_TABLES, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, tables},
    {DIALECT_DATA_DIRECTORY, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, "SELECT @@GLOBAL.datadir"},
    {DIALECT_BULK_JOURNALS, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "SELECT TABLE_SCHEMA FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
     " AND TABLE_NAME = 'rehearse_unfinished_fill'"},
    {DIALECT_BULK_HOLD, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, ALONE},
    {DIALECT_BULK_SEIZE, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, ALONE},
    {DIALECT_BULK_PIECES, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, pieces},
    /* AUTO_INCREMENT follows what is loaded. A sequence never goes back. */
    {DIALECT_BULK_SEQUENCE, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     "EXECUTE IMMEDIATE CONCAT('SELECT SETVAL(', CONCAT_WS(', ', {}), ')')"},
    {DIALECT_BULK_FINISH, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, "ANALYZE TABLE {}"},
    {DIALECT_BULK_STATISTICS, MARIADB_ONLY, MYSQL_ANY, 100800, STATISTICS_MARIADB("")},
    /* Histograms of the newer kind tell values, and texts too. */
    {DIALECT_BULK_STATISTICS, MARIADB_ONLY, 100800, MYSQL_NEWEST,
     STATISTICS_MARIADB("SET STATEMENT histogram_type = ''JSON_HB'' FOR ")},
    {DIALECT_BULK_STATISTICS, MYSQL_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     "WITH asked (name, list) AS (SELECT {}) SELECT CONCAT('ANALYZE TABLE ', name, ' UPDATE HISTOGRAM ON ', "
     "list)"
     " FROM asked"},
    {0, 0, 0, 0, NULL},
};
