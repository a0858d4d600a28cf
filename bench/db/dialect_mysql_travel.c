#include "bench/db/dialect_mysql.h"

/* The schema that travels: statements that make it in an empty database, put together from information_schema, where all that
 * SHOW CREATE tells stands in columns.
 *
 * A table comes with its indexes and keys: a load keeps them (DIALECT_BULK_PIECES), so there is nothing to gain from adding them
 * later. Foreign keys follow when all tables are there. Names come without their database, so that any will do. Definers,
 * comments and events do not travel: who makes a view, trigger or routine is its definer, and nothing starts by itself. Bodies are told
 * without the backslashes of their literals: one that has such a literal comes out otherwise, or not at all. */

/* Lines of SQL, which formatting would break at odd places. */
/* clang-format off */

#define AND_ALSO         " UNION ALL "
#define QUOTED(NAME)     MYSQL_IDENTIFIER(NAME)
#define OURS(NAME)       "LEFT(" NAME ", 9) = 'rehearse_'"
#define BACKSLASH        "CHAR(92 USING utf8mb4)"
#define PLAIN(TEXT)      TEXT
/* MySQL tells expressions as they would stand in quotes. */
#define UNESCAPED(TEXT)                                                                                        \
    "REPLACE(REPLACE(REPLACE(" TEXT ", REPEAT(" BACKSLASH ", 2), CHAR(1 USING utf8mb4)), CONCAT(" BACKSLASH ", ''''), '''')," \
    " CHAR(1 USING utf8mb4), " BACKSLASH ")"
#define HERE(TEXT)       "REPLACE(" TEXT ", CONCAT(" QUOTED("DATABASE()") ", '.'), '')"
#define ID(SCHEMA, NAME) "CONCAT(" SCHEMA ", '.', " NAME ")"
#define WHEN(CONDITION, TEXT) "IF(" CONDITION ", " TEXT ", '')"

/* Given no names, all tables. */
#define WANTED(NAME)                                                                                           \
    "(@rehearse_names IS NULL OR JSON_CONTAINS(@rehearse_names, JSON_QUOTE(CONVERT(" NAME " USING utf8mb4)))"    \
    " OR JSON_CONTAINS(@rehearse_names, JSON_QUOTE(CONVERT(CONCAT(DATABASE(), '.', " NAME ") USING utf8mb4))))"
#define CHOSEN                                                                                                 \
    "chosen AS (SELECT DISTINCT t.* FROM information_schema.TABLES t WHERE t.TABLE_SCHEMA = DATABASE()"                  \
    " AND t.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND NOT " OURS("t.TABLE_NAME") " AND " WANTED("t.TABLE_NAME") ")"
#define OF(ALIAS) ALIAS ".TABLE_SCHEMA = DATABASE() AND " ALIAS ".TABLE_NAME = t.TABLE_NAME"

#define GENERATED(EXPRESSION)                                                                                  \
    "IF(c.GENERATION_EXPRESSION IN ('ROW START', 'ROW END'), CONCAT(' GENERATED ALWAYS AS ', c.GENERATION_EXPRESSION)," \
    " CONCAT(' GENERATED ALWAYS AS (', " EXPRESSION("c.GENERATION_EXPRESSION") ", ')',"                          \
    " IF(c.EXTRA LIKE '%VIRTUAL%', ' VIRTUAL', ' STORED')))"
#define DEFAULT_MARIADB HERE("c.COLUMN_DEFAULT")
#define DEFAULT_MYSQL                                                                                          \
    "CASE WHEN c.COLUMN_DEFAULT LIKE 'CURRENT_TIMESTAMP%' AND c.EXTRA LIKE '%DEFAULT_GENERATED%' THEN c.COLUMN_DEFAULT" \
    " WHEN c.EXTRA LIKE '%DEFAULT_GENERATED%' THEN CONCAT('(', " UNESCAPED("c.COLUMN_DEFAULT") ", ')')"          \
    " WHEN c.DATA_TYPE IN ('bit', 'binary', 'varbinary') THEN c.COLUMN_DEFAULT ELSE QUOTE(c.COLUMN_DEFAULT) END"
#define COLUMN_CHECK "COALESCE(CONCAT(' CHECK (', k.CHECK_CLAUSE, ')'), '')"
#define COLUMN_CHECKS                                                                                          \
    " LEFT JOIN (SELECT DISTINCT TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS"  \
    " WHERE CONSTRAINT_SCHEMA = DATABASE() AND LEVEL = 'Column') k ON k.TABLE_NAME = c.TABLE_NAME AND k.CONSTRAINT_NAME = c.COLUMN_NAME"
#define COLUMN(EXPRESSION, DEFAULT, TAIL)                                                                       \
    "CONCAT(" QUOTED("c.COLUMN_NAME") ", ' ', c.COLUMN_TYPE,"                                                   \
    " " WHEN("c.COLLATION_NAME IS NOT NULL", "CONCAT(' COLLATE ', c.COLLATION_NAME)") ","                       \
    " IF(COALESCE(c.GENERATION_EXPRESSION, '') <> '', " GENERATED(EXPRESSION) ", CONCAT("                       \
    "IF(c.IS_NULLABLE = 'NO', ' NOT NULL', ' NULL'),"                                                           \
    " " WHEN("c.COLUMN_DEFAULT IS NOT NULL", "CONCAT(' DEFAULT ', " DEFAULT ")") ","                            \
    " COALESCE(CONCAT(' ', NULLIF(REGEXP_SUBSTR(c.EXTRA, 'on update [a-zA-Z_]+([(][0-9]*[)])?'), '')), ''),"     \
    " " WHEN("c.EXTRA LIKE '%auto_increment%'", "' AUTO_INCREMENT'") ")),"                                      \
    " " WHEN("c.EXTRA LIKE '%INVISIBLE%'", "' INVISIBLE'") ","                                                  \
    " " WHEN("c.EXTRA LIKE '%WITHOUT SYSTEM VERSIONING%'", "' WITHOUT SYSTEM VERSIONING'") "," TAIL ")"
/* Lists of all tables at once: a subquery for each would go through all tables each time. The times of system versioning are
 * columns or hidden. */
#define COLUMN_LISTS(COLUMN, SOURCES)                                                                          \
    "column_list AS (SELECT c.TABLE_NAME, GROUP_CONCAT(" COLUMN " ORDER BY c.ORDINAL_POSITION SEPARATOR ', ') AS words," \
    " CONCAT('PERIOD FOR SYSTEM_TIME (', MAX(CASE c.GENERATION_EXPRESSION WHEN 'ROW START' THEN " QUOTED("c.COLUMN_NAME") " END)," \
    " ', ', MAX(CASE c.GENERATION_EXPRESSION WHEN 'ROW END' THEN " QUOTED("c.COLUMN_NAME") " END), ')') AS period"  \
    " FROM information_schema.COLUMNS c" SOURCES " WHERE c.TABLE_SCHEMA = DATABASE() GROUP BY c.TABLE_NAME)"
#define COLUMN_MARIADB COLUMN(PLAIN, DEFAULT_MARIADB, COLUMN_CHECK)
#define COLUMN_MYSQL                                                                                           \
    COLUMN(UNESCAPED, DEFAULT_MYSQL, WHEN("COALESCE(c.GENERATION_EXPRESSION, '') <> '' AND c.IS_NULLABLE = 'NO'", "' NOT NULL'") \
           ", " WHEN("c.SRS_ID IS NOT NULL", "CONCAT(' SRID ', c.SRS_ID)"))

#define PART(NAME)                                                                                             \
    "CONCAT(" NAME ", " WHEN("s.SUB_PART IS NOT NULL AND s.INDEX_TYPE <> 'SPATIAL'", "CONCAT('(', s.SUB_PART, ')')") "," \
    " " WHEN("s.COLLATION = 'D'", "' DESC'") ")"
#define PART_MARIADB PART(QUOTED("s.COLUMN_NAME"))
#define PART_MYSQL   PART("COALESCE(" QUOTED("s.COLUMN_NAME") ", CONCAT('(', " UNESCAPED("s.EXPRESSION") ", ')'))")
/* Those of one index in their order; then the indexes, the primary key first. */
#define INDEX_LISTS(PART, MORE)                                                                                \
    "index_text AS (SELECT s.TABLE_NAME, s.INDEX_NAME, MIN(s.NON_UNIQUE) AS non_unique, CONCAT("                \
    "CASE WHEN s.INDEX_NAME = 'PRIMARY' THEN 'PRIMARY KEY' ELSE CONCAT(CASE WHEN MAX(s.INDEX_TYPE)"             \
    " IN ('FULLTEXT', 'SPATIAL', 'VECTOR') THEN CONCAT(MAX(s.INDEX_TYPE), ' ') WHEN MIN(s.NON_UNIQUE) = 0 THEN 'UNIQUE '"  \
    " ELSE '' END, 'KEY ', " QUOTED("s.INDEX_NAME") ") END,"                                                    \
    " ' (', GROUP_CONCAT(" PART " ORDER BY s.SEQ_IN_INDEX SEPARATOR ', '), ')',"                                \
    " " WHEN("MAX(s.INDEX_TYPE) = 'HASH'", "' USING HASH'") ","                                                 \
    " " MORE ") AS words"                                                                                       \
    " FROM information_schema.STATISTICS s WHERE s.TABLE_SCHEMA = DATABASE() GROUP BY s.TABLE_NAME, s.INDEX_NAME)," \
    " index_list AS (SELECT TABLE_NAME, GROUP_CONCAT(words ORDER BY INDEX_NAME <> 'PRIMARY', non_unique, INDEX_NAME" \
    " SEPARATOR ', ') AS words FROM index_text GROUP BY TABLE_NAME)"
#define CHECKS_MARIADB                                                                                         \
    ", check_list AS (SELECT k.TABLE_NAME, GROUP_CONCAT(CONCAT('CONSTRAINT ', " QUOTED("k.CONSTRAINT_NAME") ", ' CHECK (', k.CHECK_CLAUSE, ')')" \
    " ORDER BY k.CONSTRAINT_NAME SEPARATOR ', ') AS words FROM information_schema.CHECK_CONSTRAINTS k"          \
    " WHERE k.CONSTRAINT_SCHEMA = DATABASE() AND k.LEVEL = 'Table' GROUP BY k.TABLE_NAME)"
#define CHECKS_MYSQL                                                                                           \
    ", check_list AS (SELECT e.TABLE_NAME, GROUP_CONCAT(CONCAT('CONSTRAINT ', " QUOTED("k.CONSTRAINT_NAME") ", ' CHECK ('," \
    " " UNESCAPED("k.CHECK_CLAUSE") ", ')', IF(e.ENFORCED = 'NO', ' NOT ENFORCED', '')) ORDER BY k.CONSTRAINT_NAME SEPARATOR ', ') AS words" \
    " FROM information_schema.TABLE_CONSTRAINTS e JOIN information_schema.CHECK_CONSTRAINTS k"                  \
    " ON k.CONSTRAINT_SCHEMA = e.CONSTRAINT_SCHEMA AND k.CONSTRAINT_NAME = e.CONSTRAINT_NAME"                   \
    " WHERE e.TABLE_SCHEMA = DATABASE() AND e.CONSTRAINT_TYPE = 'CHECK' GROUP BY e.TABLE_NAME)"

#define ONE_PARTITION                                                                                          \
    "CONCAT('PARTITION ', " QUOTED("d.PARTITION_NAME") ", CASE WHEN d.PARTITION_METHOD = 'SYSTEM_TIME'"         \
    " THEN IF(d.PARTITION_DESCRIPTION = 'CURRENT', ' CURRENT', ' HISTORY')"                                     \
    " WHEN d.PARTITION_METHOD LIKE 'RANGE%' THEN CONCAT(' VALUES LESS THAN (', d.PARTITION_DESCRIPTION, ')')"    \
    " WHEN d.PARTITION_DESCRIPTION IN ('DEFAULT', 'MAXVALUE') THEN ' DEFAULT'"                                                 \
    " WHEN d.PARTITION_METHOD LIKE 'LIST%' THEN CONCAT(' VALUES IN (', d.PARTITION_DESCRIPTION, ')') ELSE '' END)"
#define PARTITIONS                                                                                             \
    ", partition_list AS (SELECT d.TABLE_NAME, CONCAT(' PARTITION BY ', MAX(d.PARTITION_METHOD), IF(MAX(d.PARTITION_METHOD) = 'SYSTEM_TIME', ''," \
    " CONCAT(' (', COALESCE(MAX(d.PARTITION_EXPRESSION), ''), ')')),"                                           \
    " COALESCE(CONCAT(' SUBPARTITION BY ', MAX(d.SUBPARTITION_METHOD), ' (', MAX(d.SUBPARTITION_EXPRESSION), ') SUBPARTITIONS '," \
    " MAX(d.SUBPARTITION_ORDINAL_POSITION)), ''), ' (', GROUP_CONCAT(IF(COALESCE(d.SUBPARTITION_ORDINAL_POSITION, 1) = 1," \
    " " ONE_PARTITION ", NULL) ORDER BY d.PARTITION_ORDINAL_POSITION SEPARATOR ', '), ')') AS words"            \
    " FROM information_schema.PARTITIONS d WHERE d.TABLE_SCHEMA = DATABASE() AND d.PARTITION_NAME IS NOT NULL GROUP BY d.TABLE_NAME)"

#define NO_NEEDS "NULL"
#define ROW(STAGE, RANK, NAME, TABLE, KEY, NEEDS, SQL)                                                          \
    "SELECT '" STAGE "' AS stage, " RANK " AS place, " NAME " AS name, " TABLE " AS owner, " KEY " AS made, " NEEDS " AS needs, " SQL " AS words"

#define TABLES(NEEDS, SOURCES)                                                                                  \
    ROW("table", "20", "t.TABLE_NAME", ID("t.TABLE_SCHEMA", "t.TABLE_NAME"), "CONCAT('r', t.TABLE_NAME)", NEEDS,  \
        "CONCAT('CREATE TABLE ', " QUOTED("t.TABLE_NAME") ", ' (', CONCAT_WS(', ', l.words,"                     \
        " i.words, h.words, l.period), ') ENGINE=', t.ENGINE, ' COLLATE=', t.TABLE_COLLATION,"                  \
        " COALESCE(CONCAT(' ', NULLIF(TRIM(REPLACE(t.CREATE_OPTIONS, 'partitioned', '')), '')), ''),"           \
            " " WHEN("t.TABLE_TYPE = 'SYSTEM VERSIONED'", "' WITH SYSTEM VERSIONING'") ", COALESCE(d.words, ''))")   \
    " FROM chosen t JOIN column_list l ON l.TABLE_NAME = t.TABLE_NAME LEFT JOIN index_list i ON i.TABLE_NAME = t.TABLE_NAME" \
    " LEFT JOIN check_list h ON h.TABLE_NAME = t.TABLE_NAME LEFT JOIN partition_list d ON d.TABLE_NAME = t.TABLE_NAME" SOURCES
/* Sequences that defaults of the table name. */
#define SEQUENCES_NEEDED                                                                                       \
    " LEFT JOIN (SELECT c.TABLE_NAME, CONCAT('[', GROUP_CONCAT(DISTINCT JSON_QUOTE(CONCAT('r', o.TABLE_NAME))), ']') AS needs" \
    " FROM information_schema.COLUMNS c JOIN information_schema.TABLES o ON o.TABLE_SCHEMA = DATABASE() AND o.TABLE_TYPE = 'SEQUENCE'" \
    " AND LOCATE(CONCAT('.', " QUOTED("o.TABLE_NAME") "), c.COLUMN_DEFAULT) > 0 WHERE c.TABLE_SCHEMA = DATABASE()" \
    " GROUP BY c.TABLE_NAME) q ON q.TABLE_NAME = t.TABLE_NAME"

#define REFERENCES                                                                                             \
    ROW("reference", "40", "k.CONSTRAINT_NAME", ID("t.TABLE_SCHEMA", "t.TABLE_NAME"), "NULL", NO_NEEDS,          \
        "CONCAT('ALTER TABLE ', " QUOTED("t.TABLE_NAME") ", ' ADD CONSTRAINT ', " QUOTED("k.CONSTRAINT_NAME") "," \
        " ' FOREIGN KEY (', GROUP_CONCAT(" QUOTED("k.COLUMN_NAME") " ORDER BY k.ORDINAL_POSITION SEPARATOR ', '), ') REFERENCES '," \
        " " QUOTED("k.REFERENCED_TABLE_NAME") ", ' (', GROUP_CONCAT(" QUOTED("k.REFERENCED_COLUMN_NAME")         \
        " ORDER BY k.ORDINAL_POSITION SEPARATOR ', '), ') ON DELETE ', MAX(r.DELETE_RULE), ' ON UPDATE ', MAX(r.UPDATE_RULE))") \
    " FROM chosen t JOIN information_schema.KEY_COLUMN_USAGE k ON " OF("k")                                     \
    " JOIN chosen p ON p.TABLE_SCHEMA = k.REFERENCED_TABLE_SCHEMA AND p.TABLE_NAME = k.REFERENCED_TABLE_NAME"    \
    " JOIN information_schema.REFERENTIAL_CONSTRAINTS r ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA"            \
    " AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME"                                \
    " GROUP BY t.TABLE_SCHEMA, t.TABLE_NAME, k.CONSTRAINT_NAME, k.REFERENCED_TABLE_NAME"

/* The mode of the one who made it is part of it. A body ends its message: MySQL would keep a semicolon. */
#define IN_MODE(MODE, SQL, BODY) "CONCAT('SET SESSION sql_mode = ', QUOTE(" MODE "), '; ', " SQL ", " HERE(BODY) ")"
#define HAS_BODIES                                                                                             \
    "(EXISTS (SELECT 1 FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE())"                     \
    " OR EXISTS (SELECT 1 FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()))"
#define SAVED_MODE                                                                                             \
    ROW("after", "49", "''", "NULL", "NULL", NO_NEEDS, "'SET @rehearse_mode = @@sql_mode'") " FROM DUAL WHERE " HAS_BODIES \
    AND_ALSO ROW("after", "52", "''", "NULL", "NULL", NO_NEEDS, "'SET SESSION sql_mode = @rehearse_mode'") " FROM DUAL WHERE " HAS_BODIES
#define PARAMETERS(CONDITION, WORDS)                                                                           \
    "(SELECT GROUP_CONCAT(CONCAT(" WORDS "a.DTD_IDENTIFIER, COALESCE(CONCAT(' CHARACTER SET ', a.CHARACTER_SET_NAME,"  \
    " ' COLLATE ', a.COLLATION_NAME), '')) ORDER BY a.ORDINAL_POSITION SEPARATOR ', ')"                         \
    " FROM information_schema.PARAMETERS a WHERE a.SPECIFIC_SCHEMA = DATABASE() AND a.SPECIFIC_NAME = f.SPECIFIC_NAME" \
    " AND a.ROUTINE_TYPE = f.ROUTINE_TYPE AND a.ORDINAL_POSITION " CONDITION ")"
#define ROUTINES                                                                                               \
    ROW("after", "50", "f.ROUTINE_NAME", "NULL", "CONCAT('p', f.ROUTINE_NAME)", NO_NEEDS,                        \
        IN_MODE("f.SQL_MODE", "'CREATE ', f.ROUTINE_TYPE, ' ', " QUOTED("f.ROUTINE_NAME") ", ' (', COALESCE("     \
        PARAMETERS("> 0", "IF(f.ROUTINE_TYPE = 'PROCEDURE', CONCAT(a.PARAMETER_MODE, ' '), ''), " QUOTED("a.PARAMETER_NAME") ", ' ', ") \
        ", ''), ')', COALESCE(CONCAT(' RETURNS ', " PARAMETERS("= 0", "") "), ''),"                             \
        " IF(f.IS_DETERMINISTIC = 'YES', ' DETERMINISTIC ', ' NOT DETERMINISTIC '), f.SQL_DATA_ACCESS, ' SQL SECURITY ', f.SECURITY_TYPE," \
        "' '", "f.ROUTINE_DEFINITION")) \
    " FROM information_schema.ROUTINES f WHERE f.ROUTINE_SCHEMA = DATABASE() AND f.ROUTINE_TYPE IN ('FUNCTION', 'PROCEDURE')" \
    " AND COALESCE(f.ROUTINE_DEFINITION, '') <> '' AND NOT " OURS("f.ROUTINE_NAME")

#define VIEWS(ALGORITHM)                                                                                       \
    ROW("after", "53", "v.TABLE_NAME", "NULL", "CONCAT('r', v.TABLE_NAME)", "n.needs",                           \
        "CONCAT('CREATE " ALGORITHM "SQL SECURITY ', v.SECURITY_TYPE, ' VIEW ', " QUOTED("v.TABLE_NAME") ", ' AS ',"  \
        " " HERE("v.VIEW_DEFINITION") ", IF(v.CHECK_OPTION = 'NONE', '', CONCAT(' WITH ', v.CHECK_OPTION, ' CHECK OPTION')))") \
    " FROM information_schema.VIEWS v LEFT JOIN (SELECT w.TABLE_NAME, CONCAT('[', GROUP_CONCAT(JSON_QUOTE(CONCAT('r', o.TABLE_NAME))" \
    " ORDER BY o.TABLE_NAME), ']') AS needs FROM information_schema.VIEWS w JOIN information_schema.TABLES o"    \
    " ON o.TABLE_SCHEMA = DATABASE() AND o.TABLE_NAME <> w.TABLE_NAME"                                          \
    " AND LOCATE(CONCAT(" QUOTED("DATABASE()") ", '.', " QUOTED("o.TABLE_NAME") "), w.VIEW_DEFINITION) > 0"     \
    " WHERE w.TABLE_SCHEMA = DATABASE() GROUP BY w.TABLE_NAME) n ON n.TABLE_NAME = v.TABLE_NAME"                \
    " WHERE v.TABLE_SCHEMA = DATABASE() AND v.VIEW_DEFINITION <> '' AND NOT " OURS("v.TABLE_NAME")

#define TRIGGERS                                                                                               \
    ROW("after", "51", "CONCAT(t.TABLE_NAME, '.', g.ACTION_TIMING, '.', g.EVENT_MANIPULATION, '.', LPAD(g.ACTION_ORDER, 4, '0'))", \
        ID("t.TABLE_SCHEMA", "t.TABLE_NAME"), "NULL", NO_NEEDS,                                                 \
        IN_MODE("g.SQL_MODE", "'CREATE TRIGGER ', " QUOTED("g.TRIGGER_NAME") ", ' ', g.ACTION_TIMING, ' ', g.EVENT_MANIPULATION," \
        " ' ON ', " QUOTED("t.TABLE_NAME") ", ' FOR EACH ROW '", "g.ACTION_STATEMENT"))                         \
    " FROM chosen t JOIN information_schema.TRIGGERS g ON g.TRIGGER_SCHEMA = DATABASE() AND g.EVENT_OBJECT_TABLE = t.TABLE_NAME"

/* A sequence's settings are rows of its own: a query for each, in @rehearse_sequences. */
#define SEQUENCES                                                                                              \
    ROW("before", "10", "q.name", "NULL", "CONCAT('r', q.name)", NO_NEEDS,                                       \
        "CONCAT('CREATE SEQUENCE ', " QUOTED("q.name") ", ' START WITH ', q.start_value, ' MINVALUE ', q.minimum_value," \
        " ' MAXVALUE ', q.maximum_value, ' INCREMENT BY ', q.increment, IF(q.cache_size = 0, ' NOCACHE', CONCAT(' CACHE ', q.cache_size))," \
        " IF(q.cycle_option, ' CYCLE', ' NOCYCLE'))")                                                           \
    " FROM ("
#define NO_SEQUENCE                                                                                            \
    "SELECT '' AS name, 1 AS start_value, 1 AS minimum_value, 1 AS maximum_value, 1 AS increment, 0 AS cache_size," \
    " 0 AS cycle_option"
#define EACH_SEQUENCE                                                                                          \
    "(SELECT GROUP_CONCAT(CONCAT(' UNION ALL SELECT ', QUOTE(TABLE_NAME), ', start_value, minimum_value, maximum_value,"  \
    " increment, cache_size, cycle_option FROM ', " QUOTED("TABLE_NAME") ") SEPARATOR '') FROM information_schema.TABLES" \
    " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'SEQUENCE' AND NOT " OURS("TABLE_NAME") ")"

#define JSON_TEXT(TEXT) "COALESCE(JSON_QUOTE(CONVERT(" TEXT " USING utf8mb4)), 'null')"
#define ROWS                                                                                                   \
    " SELECT CONCAT('[', CONCAT_WS(',', JSON_QUOTE(stage), " JSON_TEXT("owner") ", " JSON_TEXT("made") ","       \
    " COALESCE(needs, '[]'), " JSON_TEXT("words") "), ']') FROM made ORDER BY place, CAST(name AS BINARY), CAST(owner AS BINARY)"

/* Between double quotes, which this server's session takes for a string: none inside, and no backslash. */
#define MARIADB_MADE                                                                                           \
    "WITH " CHOSEN ", " INDEX_LISTS(PART_MARIADB, "IF(MAX(s.IGNORED) = 'YES', ' IGNORED', '')") ", "            \
    COLUMN_LISTS(COLUMN_MARIADB, COLUMN_CHECKS) CHECKS_MARIADB PARTITIONS ", made AS ("                         \
    TABLES("q.needs", SEQUENCES_NEEDED) AND_ALSO REFERENCES AND_ALSO SAVED_MODE AND_ALSO ROUTINES              \
    AND_ALSO VIEWS("ALGORITHM = ', v.ALGORITHM, ' ") AND_ALSO TRIGGERS AND_ALSO SEQUENCES NO_SEQUENCE
#define MARIADB_END ") q WHERE q.name <> '')" ROWS

/* Longer than the 4095 characters that ISO C promises; GNU compilers take any length. */
#pragma GCC diagnostic ignored "-Woverlength-strings"
static const char statements_mariadb[] =
    "SET @rehearse_names = {}, @rehearse_sequences = " EACH_SEQUENCE ";"
    " SET @rehearse_sql = CONCAT(\"" MARIADB_MADE "\", COALESCE(@rehearse_sequences, ''), \"" MARIADB_END "\");"
    " PREPARE rehearse_profile FROM @rehearse_sql; EXECUTE rehearse_profile; DEALLOCATE PREPARE rehearse_profile";
static const char statements_mysql[] =
    "SET @rehearse_names = {};"
    " WITH " CHOSEN ", " INDEX_LISTS(PART_MYSQL, "IF(MAX(s.IS_VISIBLE) = 'NO', ' INVISIBLE', '')") ", "
    COLUMN_LISTS(COLUMN_MYSQL, "") CHECKS_MYSQL PARTITIONS ", made AS ("
    TABLES(NO_NEEDS, "") AND_ALSO REFERENCES AND_ALSO SAVED_MODE AND_ALSO ROUTINES
    AND_ALSO VIEWS("") AND_ALSO TRIGGERS ")" ROWS;

/* clang-format on */

const struct mysql_query mysql_travel[] = {
    {DIALECT_PROFILE_STATEMENTS, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST, statements_mariadb},
    {DIALECT_PROFILE_STATEMENTS, MYSQL_ONLY, MYSQL_ANY, MYSQL_NEWEST, statements_mysql},
    {0, 0, 0, 0, NULL},
};
