#include "bench/db/dialect_mysql.h"

/* The fingerprint: the schema of the current database as lines of text, so that two of them can be compared and what
 * differs can be read.
 *
 * Left out on purpose: column positions (a column dropped and added again is the same column), counters of
 * AUTO_INCREMENT, statistics, times, and the harness's own tables. Definitions of code are told by md5, without the
 * database's own name, which a view carries inside. QUOTE tells an empty text from none. */

/* Lines of SQL, which formatting would break at odd places. */
/* clang-format off */

#define AND_ALSO " UNION ALL "
#define TEXT(COLUMN) "CONVERT(QUOTE(" COLUMN ") USING utf8mb4)"
#define BODY(COLUMN) "SHA2(REPLACE(" COLUMN ", CONCAT('`', DATABASE(), '`.'), ''), 256)"
#define OURS(COLUMN) "LEFT(" COLUMN ", 9) = 'rehearse_'"

#define DATABASES                                                                                            \
    "SELECT CONCAT('database charset ', DEFAULT_CHARACTER_SET_NAME, ' collation ', DEFAULT_COLLATION_NAME)"  \
    " AS line FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = DATABASE()"

#define TABLES                                                                                               \
    "SELECT CONCAT('table ', " TEXT("TABLE_NAME") ", ' type ', TABLE_TYPE, ' engine ', " TEXT("ENGINE") ","  \
    " ' format ', " TEXT("ROW_FORMAT") ", ' collation ', " TEXT("TABLE_COLLATION") ","                       \
    " ' options ', " TEXT("CREATE_OPTIONS") ", ' comment ', " TEXT("TABLE_COMMENT") ")"                      \
    " FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"                                        \
    " AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE') AND NOT " OURS("TABLE_NAME")

#define PARTITIONS                                                                                           \
    "SELECT CONCAT('partition ', " TEXT("TABLE_NAME") ", ' ', " TEXT("PARTITION_NAME") ", ' ',"              \
    " " TEXT("SUBPARTITION_NAME") ", ' by ', " TEXT("PARTITION_METHOD") ", ' ', " TEXT("PARTITION_EXPRESSION") ","\
    " ' ', " TEXT("SUBPARTITION_METHOD") ", ' ', " TEXT("SUBPARTITION_EXPRESSION") ","                       \
    " ' values ', " TEXT("PARTITION_DESCRIPTION") ")"                                                        \
    " FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = DATABASE() AND PARTITION_NAME IS NOT NULL"     \
    " AND NOT " OURS("TABLE_NAME")

#define COLUMNS                                                                                              \
    "SELECT CONCAT('column ', " TEXT("TABLE_NAME") ", '.', " TEXT("COLUMN_NAME") ", ' ', COLUMN_TYPE,"       \
    " IF(IS_NULLABLE = 'NO', ' NOT NULL', ''), ' collation ', " TEXT("COLLATION_NAME") ","                   \
    " ' default ', " TEXT("COLUMN_DEFAULT") ", ' extra ', " TEXT("EXTRA") ","                                \
    " ' generated ', " TEXT("GENERATION_EXPRESSION") ", ' comment ', " TEXT("COLUMN_COMMENT") ")"            \
    " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND NOT " OURS("TABLE_NAME")

/* One line for each part of an index: no list is too long. */
#define INDEX_PARTS(MORE)                                                                                    \
    "SELECT CONCAT('index ', " TEXT("TABLE_NAME") ", '.', " TEXT("INDEX_NAME") ", ' part ', SEQ_IN_INDEX,"   \
    " ' ', " TEXT("COLUMN_NAME") ", ' prefix ', " TEXT("SUB_PART") ", ' order ', " TEXT("COLLATION") ","     \
    " ' unique ', 1 - NON_UNIQUE, ' type ', INDEX_TYPE, ' comment ', " TEXT("INDEX_COMMENT") "," MORE ")"    \
    " FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND NOT " OURS("TABLE_NAME")

#define FOREIGN_KEYS                                                                                         \
    "SELECT CONCAT('foreign key ', " TEXT("k.TABLE_NAME") ", '.', " TEXT("k.CONSTRAINT_NAME") ","            \
    " ' part ', k.ORDINAL_POSITION, ' ', " TEXT("k.COLUMN_NAME") ", ' to ',"                                 \
    " IF(k.REFERENCED_TABLE_SCHEMA = DATABASE(), '', CONCAT(k.REFERENCED_TABLE_SCHEMA, '.')),"               \
    " " TEXT("k.REFERENCED_TABLE_NAME") ", '.', " TEXT("k.REFERENCED_COLUMN_NAME") ","                       \
    " ' update ', r.UPDATE_RULE, ' delete ', r.DELETE_RULE)"                                                 \
    " FROM information_schema.KEY_COLUMN_USAGE k JOIN information_schema.REFERENTIAL_CONSTRAINTS r"          \
    " ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME"                \
    " AND r.TABLE_NAME = k.TABLE_NAME WHERE k.TABLE_SCHEMA = DATABASE() AND NOT " OURS("k.TABLE_NAME")

#define CHECKS_MARIADB                                                                                       \
    "SELECT CONCAT('check ', " TEXT("TABLE_NAME") ", '.', " TEXT("CONSTRAINT_NAME") ", ' of ', LEVEL, ' ',"  \
    " " TEXT("CHECK_CLAUSE") ") FROM information_schema.CHECK_CONSTRAINTS"                                   \
    " WHERE CONSTRAINT_SCHEMA = DATABASE() AND NOT " OURS("TABLE_NAME")

#define CHECKS_MYSQL                                                                                         \
    "SELECT CONCAT('check ', " TEXT("t.TABLE_NAME") ", '.', " TEXT("t.CONSTRAINT_NAME") ","                  \
    " ' enforced ', t.ENFORCED, ' ', " TEXT("c.CHECK_CLAUSE") ") FROM information_schema.TABLE_CONSTRAINTS t"\
    " JOIN information_schema.CHECK_CONSTRAINTS c ON c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA"              \
    " AND c.CONSTRAINT_NAME = t.CONSTRAINT_NAME WHERE t.TABLE_SCHEMA = DATABASE()"                           \
    " AND t.CONSTRAINT_TYPE = 'CHECK' AND NOT " OURS("t.TABLE_NAME")

#define VIEWS                                                                                                \
    "SELECT CONCAT('view ', " TEXT("TABLE_NAME") ", ' check ', CHECK_OPTION, ' definer ', DEFINER,"          \
    " ' security ', SECURITY_TYPE, ' ', " TEXT(BODY("VIEW_DEFINITION")) ")"                                  \
    " FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE() AND NOT " OURS("TABLE_NAME")

#define TRIGGERS                                                                                             \
    "SELECT CONCAT('trigger ', " TEXT("TRIGGER_NAME") ", ' ', ACTION_TIMING, ' ', EVENT_MANIPULATION,"       \
    " ' on ', " TEXT("EVENT_OBJECT_TABLE") ", ' order ', ACTION_ORDER, ' mode ', SQL_MODE,"                  \
    " ' definer ', DEFINER, ' ', " TEXT(BODY("ACTION_STATEMENT")) ") FROM information_schema.TRIGGERS"       \
    " WHERE TRIGGER_SCHEMA = DATABASE() AND NOT " OURS("EVENT_OBJECT_TABLE")

#define ROUTINES                                                                                             \
    "SELECT CONCAT('routine ', ROUTINE_TYPE, ' ', " TEXT("ROUTINE_NAME") ", ' returns ',"                    \
    " " TEXT("DTD_IDENTIFIER") ", ' ', IS_DETERMINISTIC, ' ', SQL_DATA_ACCESS, ' mode ', SQL_MODE,"          \
    " ' security ', SECURITY_TYPE, ' definer ', DEFINER, ' comment ', " TEXT("ROUTINE_COMMENT") ","          \
    " ' ', " TEXT(BODY("ROUTINE_DEFINITION")) ") FROM information_schema.ROUTINES"                           \
    " WHERE ROUTINE_SCHEMA = DATABASE() AND NOT " OURS("ROUTINE_NAME")                                       \
    AND_ALSO "SELECT CONCAT('parameter ', " TEXT("SPECIFIC_NAME") ", ' ', ROUTINE_TYPE, ' ',"                \
    " ORDINAL_POSITION, ' ', " TEXT("PARAMETER_MODE") ", ' ', " TEXT("PARAMETER_NAME") ","                   \
    " ' ', DTD_IDENTIFIER, ' ', " TEXT("COLLATION_NAME") ") FROM information_schema.PARAMETERS"              \
    " WHERE SPECIFIC_SCHEMA = DATABASE() AND NOT " OURS("SPECIFIC_NAME")

/* When a single event is due is part of it; when the last was is not. */
#define EVENTS                                                                                               \
    "SELECT CONCAT('event ', " TEXT("EVENT_NAME") ", ' ', EVENT_TYPE, ' at ', " TEXT("EXECUTE_AT") ","       \
    " ' every ', " TEXT("INTERVAL_VALUE") ", ' ', " TEXT("INTERVAL_FIELD") ", ' ends ', " TEXT("ENDS") ","   \
    " ' status ', STATUS, ' then ', ON_COMPLETION, ' mode ', SQL_MODE, ' definer ', DEFINER,"                \
    " ' comment ', " TEXT("EVENT_COMMENT") ", ' ', " TEXT(BODY("EVENT_DEFINITION")) ")"                      \
    " FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE() AND NOT " OURS("EVENT_NAME")

#define FINGERPRINT(PARTS, CHECKS)                                                                           \
    DATABASES AND_ALSO TABLES AND_ALSO PARTITIONS AND_ALSO COLUMNS AND_ALSO INDEX_PARTS(PARTS)               \
    AND_ALSO FOREIGN_KEYS AND_ALSO CHECKS AND_ALSO VIEWS AND_ALSO TRIGGERS AND_ALSO ROUTINES AND_ALSO EVENTS \
    " ORDER BY line"

/* One query: longer than the 4095 characters that ISO C promises; GNU compilers take any length. */
#pragma GCC diagnostic ignored "-Woverlength-strings"
static const char fingerprint_mariadb[] = FINGERPRINT(" ' ignored ', IGNORED", CHECKS_MARIADB);
static const char fingerprint_mysql[] =
    FINGERPRINT(" ' visible ', IS_VISIBLE, ' expression ', " TEXT("EXPRESSION"), CHECKS_MYSQL);

/* What a migration can add, and what removes it. Names of parts begin with their table's. */
#define QUOTED(NAME) "'`', REPLACE(" NAME ", '`', '``'), '`'"
#define OBJECT(RANK, KIND, NAME, STATEMENT)                                                                  \
    "SELECT DISTINCT " RANK " AS object_rank, CONVERT(" KIND " USING utf8mb4) AS kind,"                      \
    " CONVERT(" NAME " USING utf8mb4) AS name, CONVERT(CONCAT(" STATEMENT ") USING utf8mb4) AS statement"
#define PART(TABLE, NAME) "CONCAT(" TABLE ", '.', " NAME ")"
#define ALTER(TABLE, CLAUSE) "'ALTER TABLE ', " QUOTED(TABLE) ", ' " CLAUSE " '"

#define ADDED_TRIGGERS                                                                                       \
    OBJECT("0", "'trigger'", PART("EVENT_OBJECT_TABLE", "TRIGGER_NAME"),                                     \
           "'DROP TRIGGER IF EXISTS ', " QUOTED("TRIGGER_NAME"))                                             \
    " FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
#define ADDED_EVENTS                                                                                         \
    OBJECT("0", "'event'", "EVENT_NAME", "'DROP EVENT IF EXISTS ', " QUOTED("EVENT_NAME"))                   \
    " FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()"
#define ADDED_VIEWS                                                                                          \
    OBJECT("1", "'view'", "TABLE_NAME", "'DROP VIEW IF EXISTS ', " QUOTED("TABLE_NAME"))                     \
    " FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()"
#define ADDED_FOREIGN_KEYS                                                                                   \
    OBJECT("2", "'constraint'", PART("TABLE_NAME", "CONSTRAINT_NAME"),                                       \
           ALTER("TABLE_NAME", "DROP FOREIGN KEY") ", " QUOTED("CONSTRAINT_NAME"))                           \
    " FROM information_schema.TABLE_CONSTRAINTS WHERE TABLE_SCHEMA = DATABASE()"                             \
    " AND CONSTRAINT_TYPE = 'FOREIGN KEY'"
/* One that stands at its column goes with it: MariaDB gives it the column's name. */
#define ADDED_CHECKS                                                                                         \
    OBJECT("3", "'constraint'", PART("TABLE_NAME", "CONSTRAINT_NAME"),                                       \
           ALTER("TABLE_NAME", "DROP CONSTRAINT") ", " QUOTED("CONSTRAINT_NAME"))                            \
    " FROM information_schema.TABLE_CONSTRAINTS t WHERE TABLE_SCHEMA = DATABASE()"                           \
    " AND CONSTRAINT_TYPE = 'CHECK' AND NOT EXISTS (SELECT 1 FROM information_schema.COLUMNS c"              \
    " WHERE c.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME = t.TABLE_NAME"                                     \
    " AND c.COLUMN_NAME = t.CONSTRAINT_NAME)"
#define ADDED_INDEXES                                                                                        \
    OBJECT("4", "'index'", PART("TABLE_NAME", "INDEX_NAME"),                                                 \
           ALTER("TABLE_NAME", "DROP INDEX") ", " QUOTED("INDEX_NAME"))                                      \
    " FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()"
#define ADDED_COLUMNS                                                                                        \
    OBJECT("5", "'column'", PART("c.TABLE_NAME", "c.COLUMN_NAME"),                                           \
           ALTER("c.TABLE_NAME", "DROP COLUMN") ", " QUOTED("c.COLUMN_NAME"))                                \
    " FROM information_schema.COLUMNS c JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA" \
    " AND t.TABLE_NAME = c.TABLE_NAME AND t.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')"                \
    " WHERE c.TABLE_SCHEMA = DATABASE()"
#define ADDED_TABLES                                                                                         \
    OBJECT("6", "IF(TABLE_TYPE = 'SEQUENCE', 'sequence', 'table')", "TABLE_NAME",                            \
           "IF(TABLE_TYPE = 'SEQUENCE', 'DROP SEQUENCE IF EXISTS ', 'DROP TABLE IF EXISTS '), "              \
           QUOTED("TABLE_NAME"))                                                                             \
    " FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"                                        \
    " AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE')"
#define ADDED_ROUTINES                                                                                       \
    OBJECT("7", "LOWER(ROUTINE_TYPE)", "ROUTINE_NAME",                                                       \
           "'DROP ', ROUTINE_TYPE, ' IF EXISTS ', " QUOTED("ROUTINE_NAME"))                                  \
    " FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()"                                    \
    " AND ROUTINE_TYPE IN ('FUNCTION', 'PROCEDURE')"

static const char objects[] =
    "SELECT kind, name, statement FROM (" ADDED_TRIGGERS AND_ALSO ADDED_EVENTS AND_ALSO ADDED_VIEWS
    AND_ALSO ADDED_FOREIGN_KEYS AND_ALSO ADDED_CHECKS AND_ALSO ADDED_INDEXES AND_ALSO ADDED_COLUMNS
    AND_ALSO ADDED_TABLES AND_ALSO ADDED_ROUTINES ") o WHERE NOT " OURS("name")
    " ORDER BY object_rank, name";

/* The schema as text, and what a migration can leave. */
const struct mysql_query mysql_schema[] = {
    {DIALECT_OBJECTS, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, objects},
    {DIALECT_JOURNAL_CREATE, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "CREATE TABLE IF NOT EXISTS rehearse_unfinished_run (run_id varchar(64) NOT NULL,"
     " strategy varchar(255) NOT NULL, objects longtext NOT NULL, note longtext NOT NULL,"
     " started timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)) ENGINE=InnoDB CHARACTER SET utf8mb4"},
    {DIALECT_JOURNAL_WRITE, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "INSERT INTO rehearse_unfinished_run (run_id, strategy, objects, note) VALUES ({})"},
    {DIALECT_JOURNAL_READ, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "SELECT run_id, strategy, objects, note, CAST(UNIX_TIMESTAMP(started) * 1000000 AS SIGNED) AS started_us"
     " FROM rehearse_unfinished_run ORDER BY started"},
    {DIALECT_JOURNAL_FORGET, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "DELETE FROM rehearse_unfinished_run WHERE run_id = {}"},
    {DIALECT_JOURNAL_DROP, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, "DROP TABLE IF EXISTS rehearse_unfinished_run"},
    {DIALECT_FINGERPRINT, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST, fingerprint_mariadb},
    {DIALECT_FINGERPRINT, MYSQL_ONLY, MYSQL_ANY, MYSQL_NEWEST, fingerprint_mysql},
    {0, 0, 0, 0, NULL},
};

/* clang-format on */
