#include "bench/db/dialect_mysql.h"

/* Tables, columns, constraints and indexes of the current database.
 *
 * Base types are named as the generators know them (bool, int1 … int8, unsigned with a u before, numeric, bpchar, bytes …);
 * JSON on MariaDB is a longtext whose CHECK is json_valid. Storage ids are InnoDB's table ids, the youngest of a
 * partitioned table's: a copy, a rebuild in place and TRUNCATE give a new one, INSTANT keeps it. Without the privilege
 * PROCESS, given to the user and not by a role, the id is NULL: asking would be an error. */

/* clang-format off: it would break the lines of SQL at odd places */

#define NOT_OURS(NAME) " AND " NAME " NOT LIKE 'rehearse|_%' ESCAPE '|'"
#define THIS_TABLE(A)                                                                                        \
    " WHERE " A "TABLE_SCHEMA = DATABASE() AND " MYSQL_OBJECT(A "TABLE_SCHEMA", A "TABLE_NAME") " = {}"
#define LIST(WHAT, BY)  "CONCAT('[', GROUP_CONCAT(JSON_QUOTE(" WHAT ") ORDER BY " BY " SEPARATOR ','), ']')"
#define NAMES(WHAT, BY) "GROUP_CONCAT(" MYSQL_IDENTIFIER(WHAT) " ORDER BY " BY " SEPARATOR ', ')"

/* As files are named: special characters are encoded, and partitions have a tail. */
#define FILE_NAME(NAME) "CONVERT(CONVERT(" NAME " USING filename) USING binary)"
/* MySQL has no such character set for queries: of a name with special characters it does not tell the storage. */
#define PLAIN_NAME(NAME) "CAST(" NAME " AS BINARY)"
#define STORAGE(TABLE, FILE_NAME)                                                                            \
    "(SELECT MAX(s.TABLE_ID) FROM information_schema." TABLE " s WHERE CAST(s.NAME AS BINARY) ="             \
    " CONCAT(" FILE_NAME("t.TABLE_SCHEMA") ", '/', " FILE_NAME(                                              \
        "t.TABLE_NAME") ")"                                                                                  \
                        " OR LOWER(s.NAME) LIKE CONCAT(LOWER(CONVERT(CONCAT(" FILE_NAME(                     \
                            "t.TABLE_SCHEMA") ", '/', " FILE_NAME("t.TABLE_NAME") ") USING utf8mb4)), "      \
                                                                                  "'#p#%'))"

#define TABLES(STORAGE_ID)                                                                                   \
    "SELECT " MYSQL_OBJECT("t.TABLE_SCHEMA",                                                                 \
                           "t.TABLE_NAME") " AS id, t.TABLE_SCHEMA, t.TABLE_NAME,"                           \
                                           " COALESCE(t.TABLE_ROWS, -1), COALESCE(t.DATA_LENGTH, 0), "       \
                                           "COALESCE(t.INDEX_LENGTH, 0),"                                    \
                                           " " STORAGE_ID " AS storage_id FROM information_schema.TABLES t"  \
                                           " WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE IN ('BASE "  \
                                           "TABLE', 'SYSTEM VERSIONED')" NOT_OURS(                           \
                                               "t.TABLE_NAME") " ORDER BY t.TABLE_NAME"

#define SEEN(STORAGE_ID)                                                                                     \
    "CASE WHEN EXISTS (SELECT 1 FROM information_schema.USER_PRIVILEGES u WHERE u.PRIVILEGE_TYPE = "         \
    "'PROCESS'"                                                                                              \
    " AND u.GRANTEE = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')) THEN " STORAGE_ID " END"

/* enum('a','it''s') as JSON: quotes of labels are doubled, and so are backslashes. */
#define LABELS                                                                                               \
    "CASE WHEN c.DATA_TYPE IN ('enum', 'set') THEN CONCAT('[\"', REPLACE(REPLACE(SUBSTR(JSON_QUOTE(REPLACE(" \
    "REPLACE(SUBSTR(c.COLUMN_TYPE, CHAR_LENGTH(c.DATA_TYPE) + 3, CHAR_LENGTH(c.COLUMN_TYPE)"                 \
    " - CHAR_LENGTH(c.DATA_TYPE) - 4), '''''', CHAR(1 USING utf8mb4)), REPEAT(CHAR(92 USING utf8mb4), 2),"   \
    " CHAR(92 USING utf8mb4))), 2), ''',''', '\",\"'), CONCAT(CHAR(92 USING utf8mb4), 'u0001'), ''''), "     \
    "']') END"

#define SEQUENCE_MARIADB                                                                                     \
    "CASE WHEN c.COLUMN_DEFAULT LIKE 'nextval(%' THEN"                                                       \
    " SUBSTR(c.COLUMN_DEFAULT, 9, CHAR_LENGTH(c.COLUMN_DEFAULT) - 9) END"

#define COLUMNS(JSON, SEQUENCE)                                                                              \
    "SELECT c.ORDINAL_POSITION, c.COLUMN_NAME, c.COLUMN_TYPE, " MYSQL_BASE_TYPE(                             \
        JSON) " AS base_type,"                                                                               \
              " IF(c.IS_NULLABLE = 'NO', 1, 0), c.COLUMN_DEFAULT,"                                           \
              " CASE WHEN COALESCE(c.GENERATION_EXPRESSION, '') <> '' THEN 's'"                              \
              " WHEN c.EXTRA LIKE '%auto_increment%' THEN 'd' ELSE '' END AS how_generated, " LABELS         \
              " AS labels,"                                                                                  \
              " CASE WHEN c.DATA_TYPE IN ('char', 'varchar', 'tinytext', 'binary', 'varbinary', 'tinyblob')" \
              " THEN c.CHARACTER_MAXIMUM_LENGTH WHEN c.DATA_TYPE = 'bit' THEN c.NUMERIC_PRECISION ELSE -1 "  \
              "END,"                                                                                         \
              " IF(c.DATA_TYPE = 'decimal', c.NUMERIC_PRECISION, -1),"                                       \
              " CASE WHEN c.DATA_TYPE = 'decimal' THEN c.NUMERIC_SCALE"                                      \
              " WHEN c.DATA_TYPE IN ('datetime', 'timestamp', 'time') THEN COALESCE(c.DATETIME_PRECISION, "  \
              "0)"                                                                                           \
              " ELSE -1 END, " SEQUENCE " AS sequence_name"                                                  \
              " FROM information_schema.COLUMNS c" THIS_TABLE("c.") " ORDER BY c.ORDINAL_POSITION"

#define INDEX_ID "CRC32(CONCAT(s.TABLE_SCHEMA, '.', s.TABLE_NAME, '.', s.INDEX_NAME))"

#define KEYS                                                                                                 \
    "SELECT s.INDEX_NAME AS name, IF(s.INDEX_NAME = 'PRIMARY', 'p', 'u') AS kind,"                           \
    " " LIST("s.COLUMN_NAME",                                                                                \
             "s.SEQ_IN_INDEX") " AS key_columns, 0 AS referenced_id, NULL AS referenced_columns,"            \
                               " CONCAT(IF(s.INDEX_NAME = 'PRIMARY', 'PRIMARY KEY (', 'UNIQUE ('),"          \
                               " " NAMES(                                                                    \
                                   "s.COLUMN_NAME",                                                          \
                                   "s.SEQ_IN_INDEX") ", ')') AS definition, 1 AS validated, " INDEX_ID       \
                                                     " AS index_id"                                          \
                                                     " FROM information_schema.STATISTICS s" THIS_TABLE(     \
                                                         "s.") " AND s.NON_UNIQUE = 0"                       \
                                                               " GROUP BY s.TABLE_SCHEMA, s.TABLE_NAME, "    \
                                                               "s.INDEX_NAME HAVING COUNT(s.COLUMN_NAME) = " \
                                                               "COUNT(*)"

#define FOREIGN_KEYS                                                                                                                                                                                                                                              \
    "SELECT k.CONSTRAINT_NAME, 'f', " LIST(                                                                                                                                                                                                                       \
        "k.COLUMN_NAME",                                                                                                                                                                                                                                          \
        "k.ORDINAL_POSITION") ","                                                                                                                                                                                                                                 \
                              " " MYSQL_OBJECT(                                                                                                                                                                                                                   \
                                  "k.REFERENCED_TABLE_SCHEMA",                                                                                                                                                                                                    \
                                  "k.REFERENCED_TABLE_NAME") ","                                                                                                                                                                                                  \
                                                             " " LIST(                                                                                                                                                                                            \
                                                                 "k.REFERENCED_COLUMN_NAME",                                                                                                                                                                      \
                                                                 "k.ORDINAL_POSITION") ","                                                                                                                                                                        \
                                                                                       " CONCAT('FOREIGN "                                                                                                                                                        \
                                                                                       "KEY (', " NAMES(                                                                                                                                                          \
                                                                                           "k.COLUMN_NAME",                                                                                                                                                       \
                                                                                           "k.ORDINAL_"                                                                                                                                                           \
                                                                                           "POSITION") ", "                                                                                                                                                       \
                                                                                                       "') "                                                                                                                                                      \
                                                                                                       "REF"                                                                                                                                                      \
                                                                                                       "ERE"                                                                                                                                                      \
                                                                                                       "NCE"                                                                                                                                                      \
                                                                                                       "S "                                                                                                                                                       \
                                                                                                       "',"                                                                                                                                                       \
                                                                                                       " " MYSQL_IDENTIFIER(                                                                                                                                      \
                                                                                                           "k.REFERENCED_TABLE_NAME") ", ' (',"                                                                                                                   \
                                                                                                                                      " " NAMES(                                                                                                                  \
                                                                                                                                          "k.REFERENCED_COLUMN_NAME",                                                                                             \
                                                                                                                                          "k.ORDINAL_POSITION") ", ')'), 1, 0"                                                                                    \
                                                                                                                                                                " FROM information_schema.KEY_COLUMN_USAGE k" THIS_TABLE(                                         \
                                                                                                                                                                    "k.") " AND k.REFERENCED_TABLE_NAME IS NOT NULL"                                              \
                                                                                                                                                                          " GROUP BY k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.REFERENCED_TABLE_SCHEMA," \
                                                                                                                                                                          " k.REFERENCED_TABLE_NAME"

#define CHECKS_MARIADB                                                                                       \
    "SELECT c.CONSTRAINT_NAME, 'c', '[]', 0, NULL, CONCAT('CHECK (', c.CHECK_CLAUSE, ')'), 1, 0"             \
    " FROM information_schema.CHECK_CONSTRAINTS c WHERE c.CONSTRAINT_SCHEMA = DATABASE()"                    \
    " AND " MYSQL_OBJECT("c.CONSTRAINT_SCHEMA", "c.TABLE_NAME") " = {}"

/* The clause is told with its quotes escaped. */
#define CHECKS_MYSQL                                                                                         \
    "SELECT c.CONSTRAINT_NAME, 'c', '[]', 0, NULL, CONCAT('CHECK (', REPLACE(c.CHECK_CLAUSE,"                \
    " CONCAT(CHAR(92 USING utf8mb4), ''''), ''''), ')'), 1, 0"                                               \
    " FROM information_schema.TABLE_CONSTRAINTS t JOIN information_schema.CHECK_CONSTRAINTS c"               \
    " ON c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA AND c.CONSTRAINT_NAME = t.CONSTRAINT_NAME" THIS_TABLE(    \
        "t.") " AND t.CONSTRAINT_TYPE = 'CHECK' AND t.ENFORCED = 'YES'"

#define CONSTRAINTS(CHECKS) KEYS " UNION ALL " FOREIGN_KEYS " UNION ALL " CHECKS " ORDER BY 2, 1"

#define COLUMN_PART                                                                                          \
    "CONCAT(" MYSQL_IDENTIFIER(                                                                              \
        "s.COLUMN_NAME") ", IF(s.SUB_PART IS NULL, '', CONCAT('(', s.SUB_PART, ')')),"                       \
                         " IF(s.COLLATION = 'D', ' DESC', ''))"
#define EXPRESSION_PART "COALESCE(" COLUMN_PART ", CONCAT('(', s.EXPRESSION, ')'))"

#define INDEXES(PART, EXPRESSIONS)                                                                           \
    "SELECT " INDEX_ID " AS id, s.INDEX_NAME AS name, 1 - s.NON_UNIQUE, IF(s.INDEX_NAME = 'PRIMARY', 1, 0)," \
    " CONCAT('CREATE ', CASE WHEN s.INDEX_TYPE IN ('FULLTEXT', 'SPATIAL') THEN CONCAT(s.INDEX_TYPE, ' ')"    \
    " WHEN s.NON_UNIQUE = 0 THEN 'UNIQUE ' ELSE '' END, 'INDEX ', " MYSQL_IDENTIFIER(                        \
        "s.INDEX_NAME") ", ' ON ',"                                                                          \
                        " " MYSQL_IDENTIFIER(                                                                \
                            "s.TABLE_NAME") ", ' (', GROUP_CONCAT(" PART                                     \
                                            " ORDER BY s.SEQ_IN_INDEX SEPARATOR ', '),"                      \
                                            " ')') AS definition, IF(s.NON_UNIQUE = 0 AND " EXPRESSIONS      \
                                            " = 0, 1, 0), 1"                                                 \
                                            " FROM information_schema.STATISTICS s" THIS_TABLE(              \
                                                "s.") " GROUP BY s.TABLE_SCHEMA, s.TABLE_NAME, "             \
                                                      "s.INDEX_NAME, s.NON_UNIQUE, s.INDEX_TYPE ORDER BY "   \
                                                      "s.INDEX_NAME"

/* clang-format on */

const struct mysql_query mysql_catalogue[] = {
    {DIALECT_TABLES, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     TABLES(SEEN(STORAGE("INNODB_SYS_TABLES", FILE_NAME)))},
    {DIALECT_TABLES, MYSQL_ONLY, MYSQL_ANY, MYSQL_NEWEST, TABLES(SEEN(STORAGE("INNODB_TABLES", PLAIN_NAME)))},
    {DIALECT_COLUMNS, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST, COLUMNS(MARIADB_JSON_TYPE, SEQUENCE_MARIADB)},
    {DIALECT_COLUMNS, MYSQL_ONLY, MYSQL_ANY, MYSQL_NEWEST, COLUMNS("", "NULL")},
    {DIALECT_CONSTRAINTS, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST, CONSTRAINTS(CHECKS_MARIADB)},
    {DIALECT_CONSTRAINTS, MYSQL_ONLY, MYSQL_ANY, MYSQL_NEWEST, CONSTRAINTS(CHECKS_MYSQL)},
    {DIALECT_INDEXES, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST, INDEXES(COLUMN_PART, "0")},
    {DIALECT_INDEXES, MYSQL_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     INDEXES(EXPRESSION_PART, "SUM(s.COLUMN_NAME IS NULL)")},
    {0, 0, 0, 0, NULL},
};
