#include "bench/db/dialect_mysql.h"

/* What a profile is made of: sizes, statistics, keys, of the current database.
 *
 * MariaDB's statistics of columns are mysql.column_stats, of all rows: ANALYZE TABLE … PERSISTENT FOR ALL. A JSON_HB histogram
 * tells the rows and the different values of each bucket; an older one only where its bounds lie between the least and the
 * greatest value, as numbers (a date as 20200131, an enum as its place in the list). A text's place is what its first
 * characters weigh, as good as the first alone: how often which comes is told where no two begin alike, else how many begin
 * with what. The texts themselves are not there but for the outermost; others in that order stand for them.
 * MySQL's are histograms in COLUMN_STATISTICS: ANALYZE TABLE … UPDATE HISTOGRAM. Both are pieces here: one common value, or a
 * range with its share of the rows. InnoDB's own statistics of indexes (mysql.innodb_index_stats) are of a sample; who may not
 * read them gets the rounded numbers that information_schema has.
 *
 * What a role may not read cannot be named in a query, so that queries are put together on the server and prepared: between
 * double quotes, which a session of ours takes for a string; none inside, but doubled, and no backslash. */

/* Lines of SQL, which formatting would break at odd places. */
/* clang-format off */

#define QUOTED(NAME) MYSQL_IDENTIFIER(NAME)
#define JSON_TEXT(TEXT) "COALESCE(JSON_QUOTE(CONVERT(" TEXT " USING utf8mb4)), 'null')"
#define JSON_NUMBER(NUMBER) "COALESCE(" NUMBER ", 'null')"
#define JSON_LIST(ITEMS) "COALESCE(CONCAT('[', " ITEMS ", ']'), 'null')"
#define JSON_ROW(CELLS) "CONCAT('[', CONCAT_WS(',', " CELLS "), ']')"
#define ID(SCHEMA, NAME) JSON_TEXT("CONCAT(" SCHEMA ", '.', " NAME ")")
#define OF(ALIAS) ALIAS ".TABLE_SCHEMA = t.TABLE_SCHEMA AND " ALIAS ".TABLE_NAME = t.TABLE_NAME"

#define WANTED(NAME)                                                                                           \
    "(@rehearse_names IS NULL OR JSON_CONTAINS(@rehearse_names, JSON_QUOTE(CONVERT(" NAME " USING utf8mb4)))"    \
    " OR JSON_CONTAINS(@rehearse_names, JSON_QUOTE(CONVERT(CONCAT(DATABASE(), '.', " NAME ") USING utf8mb4))))"
#define CHOSEN                                                                                                 \
    "chosen AS (SELECT DISTINCT t.* FROM information_schema.TABLES t WHERE t.TABLE_SCHEMA = DATABASE()"                  \
    " AND t.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND LEFT(t.TABLE_NAME, 9) <> 'rehearse_'"          \
    " AND " WANTED("t.TABLE_NAME") ")"
#define IN_ORDER " ORDER BY CAST(t.TABLE_NAME AS BINARY)"

#define MAY_READ(TABLE)                                                                                        \
    "EXISTS (SELECT 1 FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'mysql' AND TABLE_NAME = '" TABLE "'"  \
    " AND FIND_IN_SET('select', PRIVILEGES) > 0)"
#define PREPARED(TEXTS)                                                                                        \
    "SET @rehearse_names = {}; SET @rehearse_sql = CONCAT(" TEXTS "); PREPARE rehearse_profile FROM @rehearse_sql;"  \
    " EXECUTE rehearse_profile; DEALLOCATE PREPARE rehearse_profile"
#define ME "QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', 1)), '@', QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', -1))"

/* Longer than the 4095 characters that ISO C promises; GNU compilers take any length. */
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* ---- tables ---- */

#define NO_COLUMN_STATS                                                                                        \
    "(SELECT '' AS db_name, '' AS table_name, '' AS column_name, '' AS min_value, '' AS max_value, 0 AS nulls_ratio," \
    " 0 AS avg_length, 0 AS avg_frequency, 0 AS hist_size, '' AS hist_type, '' AS histogram FROM DUAL WHERE 1 = 0)"
#define NO_TABLE_STATS "(SELECT '' AS db_name, '' AS table_name, 0 AS cardinality FROM DUAL WHERE 1 = 0)"
#define COLUMN_STATS   "\", IF(" MAY_READ("column_stats") ", 'mysql.column_stats', \"" NO_COLUMN_STATS "\"), \""
#define TABLE_STATS    "\", IF(" MAY_READ("table_stats") ", 'mysql.table_stats', \"" NO_TABLE_STATS "\"), \""
#define COUNTED        " LEFT JOIN " TABLE_STATS " r ON r.db_name = t.TABLE_SCHEMA AND r.table_name = t.TABLE_NAME"

/* Rows as they were counted, unless InnoDB's estimate says that the table has changed much since: a partition without rows is
 * estimated to have one. */
#define ROWS_MARIADB                                                                                           \
    "CASE WHEN r.cardinality BETWEEN t.TABLE_ROWS * 0.6 - 32 AND t.TABLE_ROWS * 1.7 THEN r.cardinality ELSE COALESCE(t.TABLE_ROWS, -1) END"
#define TABLE_ROW(ROWS, KNOWN, SAMPLE)                                                                          \
    "SELECT " JSON_ROW(ID("t.TABLE_SCHEMA", "t.TABLE_NAME") ", " JSON_TEXT("t.TABLE_SCHEMA") ", " JSON_TEXT("t.TABLE_NAME") "," \
    " JSON_QUOTE(''), " ROWS ", " JSON_NUMBER("t.DATA_LENGTH DIV @@GLOBAL.innodb_page_size") ", " JSON_NUMBER("t.DATA_LENGTH") "," \
    " 0, " JSON_NUMBER("t.INDEX_LENGTH") ", (t.TABLE_ROWS = 0 OR " KNOWN "), " SAMPLE ", 'null',"                \
    " IF(u.shut," \
    " " JSON_TEXT("CONCAT('GRANT SELECT ON ', " QUOTED("t.TABLE_SCHEMA") ", '.', " QUOTED("t.TABLE_NAME") ", ' TO ', " ME ")") "," \
    " 'null')") " FROM chosen t LEFT JOIN (SELECT TABLE_NAME, 1 AS shut FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()" \
    " AND FIND_IN_SET('select', PRIVILEGES) = 0 GROUP BY TABLE_NAME) u ON u.TABLE_NAME = t.TABLE_NAME"

static const char tables_mariadb[] =
    PREPARED("\"WITH " CHOSEN " " TABLE_ROW(ROWS_MARIADB, "r.cardinality IS NOT NULL", ROWS_MARIADB) COUNTED IN_ORDER "\"");
static const char tables_mysql[] =
    "SET @rehearse_names = {}; WITH " CHOSEN " " TABLE_ROW("COALESCE(t.TABLE_ROWS, -1)", "h.rate IS NOT NULL",
    "IF(h.rate >= 1, t.TABLE_ROWS, 0)") " LEFT JOIN (SELECT TABLE_NAME, MIN(HISTOGRAM ->> '$.\"sampling-rate\"') AS rate"
    " FROM information_schema.COLUMN_STATISTICS WHERE SCHEMA_NAME = DATABASE() GROUP BY TABLE_NAME) h"
    " ON h.TABLE_NAME = t.TABLE_NAME" IN_ORDER;

/* ---- columns ---- */

/* enum('a','it''s') as JSON: quotes of labels are doubled, and so are backslashes. */
#define LABELS(Q)                                                                                              \
    "CASE WHEN c.DATA_TYPE IN ('enum', 'set') THEN CONCAT('[" Q "', REPLACE(REPLACE(SUBSTR(JSON_QUOTE(REPLACE("   \
    "REPLACE(SUBSTR(c.COLUMN_TYPE, CHAR_LENGTH(c.DATA_TYPE) + 3, CHAR_LENGTH(c.COLUMN_TYPE)"                    \
    " - CHAR_LENGTH(c.DATA_TYPE) - 4), '''''', CHAR(1 USING utf8mb4)), REPEAT(CHAR(92 USING utf8mb4), 2),"       \
    " CHAR(92 USING utf8mb4))), 2), ''',''', '" Q "," Q "'), CONCAT(CHAR(92 USING utf8mb4), 'u0001'), ''''), ']') END"
/* Values of these have no text that is theirs. */
#define HAS_TEXT " AND c.base NOT IN ('bytes', 'bits', 'geometry', 'json', 'vector')"
#define COLUMNS_OF(JSON, Q, SOURCES)                                                                                    \
    "described AS (SELECT c.TABLE_SCHEMA, c.TABLE_NAME, c.COLUMN_NAME, c.DATA_TYPE, c.COLUMN_TYPE, c.IS_NULLABLE," \
    " c.ORDINAL_POSITION, COALESCE(c.NUMERIC_SCALE, 0) AS scale, COALESCE(c.DATETIME_PRECISION, 0) AS digits,"  \
    " " MYSQL_BASE_TYPE(JSON) " AS base, " LABELS(Q) " AS labels"                                               \
    " FROM information_schema.COLUMNS c JOIN chosen t ON " OF("c") SOURCES ")"
#define IS_JSON_MARIADB " WHEN v.CHECK_CLAUSE IS NOT NULL THEN 'json'"
#define JSON_COLUMNS_MARIADB                                                                                    \
    " LEFT JOIN (SELECT DISTINCT TABLE_NAME, CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS"            \
    " WHERE CONSTRAINT_SCHEMA = DATABASE() AND CHECK_CLAUSE LIKE 'json|_valid(%' ESCAPE '|') v"                 \
    " ON c.DATA_TYPE = 'longtext' AND v.TABLE_NAME = c.TABLE_NAME"                                              \
    " AND v.CHECK_CLAUSE = CONCAT('json_valid(', " QUOTED("c.COLUMN_NAME") ", ')')"

/* All at once: a subquery for each row would go through all tables each time. */
#define CHECKS_MARIADB                                                                                         \
    "SELECT TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE AS clause FROM information_schema.CHECK_CONSTRAINTS"      \
    " WHERE CONSTRAINT_SCHEMA = DATABASE()"
#define CHECKS_MYSQL                                                                                           \
    "SELECT e.TABLE_NAME, e.CONSTRAINT_NAME, REPLACE(k.CHECK_CLAUSE, CONCAT(CHAR(92 USING utf8mb4), ''''), '''') AS clause"     " FROM information_schema.TABLE_CONSTRAINTS e JOIN information_schema.CHECK_CONSTRAINTS k"                      " ON k.CONSTRAINT_SCHEMA = e.CONSTRAINT_SCHEMA AND k.CONSTRAINT_NAME = e.CONSTRAINT_NAME"                       " WHERE e.TABLE_SCHEMA = DATABASE() AND e.CONSTRAINT_TYPE = 'CHECK' AND e.ENFORCED = 'YES'"
/* What a list of partitions names is schema, as what a CHECK lists. */
#define PARTITION_LISTS                                                                                        \
    " UNION ALL SELECT l.TABLE_NAME, 'partitions', l.clause FROM " MYSQL_PARTITION_LIMITS " l WHERE l.clause LIKE '% in (%'"
#define CHECK_LISTS(CHECKS)                                                                                        ", check_list AS (SELECT c.TABLE_NAME, c.COLUMN_NAME, GROUP_CONCAT(JSON_QUOTE(CONCAT('CHECK (', k.clause, ')'))"      " ORDER BY k.CONSTRAINT_NAME) AS checks FROM information_schema.COLUMNS c JOIN (" CHECKS PARTITION_LISTS ") k"                  " ON k.TABLE_NAME = c.TABLE_NAME AND LOCATE(" QUOTED("c.COLUMN_NAME") ", k.clause) > 0"                         " WHERE c.TABLE_SCHEMA = DATABASE() GROUP BY c.TABLE_NAME, c.COLUMN_NAME)"

/* Of piece (tbl, col, n in order, low, high, share of all rows, ndv or NULL, held: share of the rows that are not null, expected:
 * different values or NULL) the lists of a column. Where the common values are as many as there are at all, the ranges
 * between them are empty. */
#define LISTS                                                                                                  \
    ", weighed AS (SELECT p.*, COALESCE(p.ndv = 1, 0) AS atom, SUM(COALESCE(p.ndv = 1, 0)) OVER w AS atoms,"     \
    " SUM(IF(COALESCE(p.ndv = 1, 0), p.share, 0)) OVER w AS atom_total, SUM(IF(COALESCE(p.ndv = 1, 0), 0, p.share)) OVER w AS rest," \
    " MAX(IF(COALESCE(p.ndv = 1, 0), NULL, p.n)) OVER w AS last_n FROM piece p WINDOW w AS (PARTITION BY p.tbl, p.col))," \
    " judged AS (SELECT w.*, COALESCE(w.expected < w.atoms + 0.5, 0) AS complete FROM weighed w),"               \
    " lists AS (SELECT tbl, col, MAX(atoms) AS atom_count, SUM(ndv) AS ndvs,"                                   \
    " GROUP_CONCAT(IF(atom, JSON_QUOTE(low), NULL) ORDER BY share DESC, n) AS common,"                          \
    " GROUP_CONCAT(IF(atom, IF(complete, share * held / atom_total, share), NULL) ORDER BY share DESC, n) AS shares," \
    " CONCAT(GROUP_CONCAT(IF(atom OR complete, NULL, JSON_QUOTE(low)) ORDER BY n), ',',"                        \
    " MAX(IF(n = last_n AND NOT complete, JSON_QUOTE(high), NULL))) AS bounds,"                                 \
    " GROUP_CONCAT(IF(atom OR complete, NULL, share / rest) ORDER BY n) AS bucket_shares,"                      \
    " IF(SUM(NOT complete AND ndv IS NULL) > 0, NULL, GROUP_CONCAT(IF(atom OR complete, NULL, ndv) ORDER BY n)) AS bucket_ndvs" \
    " FROM judged GROUP BY tbl, col)"
#define COLUMN_ROW(NULLS, WIDTH, DISTINCT)                                                              \
    " SELECT " JSON_ROW(ID("c.TABLE_SCHEMA", "c.TABLE_NAME") ", " JSON_TEXT("c.COLUMN_NAME") ", " JSON_TEXT("c.COLUMN_TYPE") "," \
    " " JSON_TEXT("c.base") ", c.IS_NULLABLE = 'NO', c.base IN ('enum', 'set', 'bool'), " JSON_LIST("x.checks") ","  \
    " " JSON_NUMBER(NULLS) ", " JSON_NUMBER(WIDTH) ", " JSON_NUMBER(DISTINCT) ", 'null',"                       \
    " " JSON_LIST("l.common") ", " JSON_LIST("l.shares") ", " JSON_LIST("l.bounds") ", 'null', 'null', 'null',"  \
    " " JSON_LIST("l.bucket_shares") ", " JSON_LIST("l.bucket_ndvs"))                                           \
    " FROM described c LEFT JOIN lists l ON l.tbl = c.TABLE_NAME AND l.col = c.COLUMN_NAME"                      \
    " LEFT JOIN check_list x ON x.TABLE_NAME = c.TABLE_NAME AND x.COLUMN_NAME = c.COLUMN_NAME"
#define COLUMN_ORDER " ORDER BY CAST(c.TABLE_NAME AS BINARY), c.ORDINAL_POSITION"

/* Where a value lies, as the older histograms reckon. */
#define DIGITS(TEXT) "(IF(LEFT(" TEXT ", 1) = '-', -1, 1) * CAST(REGEXP_REPLACE(" TEXT ", '[^0-9.]', '') AS DECIMAL(40, 8)))"
#define ESCAPED(TEXT, CHARACTER) "REPLACE(" TEXT ", " CHARACTER ", CONCAT(CHAR(92 USING utf8mb4), " CHARACTER "))"
#define LITERALLY(TEXT) ESCAPED(ESCAPED(ESCAPED(TEXT, "CHAR(92 USING utf8mb4)"), "'%'"), "'_'")
/* What stands for a text of which only the place is known begins with one of these. */
#define ALPHABET "'0123456789abcdefghijklmnopqrstuvwxyz'"
#define RANK(TEXT) "LOCATE(LOWER(LEFT(" TEXT ", 1)), " ALPHABET ")"
#define IS_TEXT(BASE) BASE " IN ('text', 'varchar', 'bpchar')"
#define PLACE(TEXT)                                                                                            \
    "CASE WHEN " IS_TEXT("c.base") " THEN IF(" RANK("s.least_text") " > 0 AND " RANK("s.most_text") " > " RANK("s.least_text") ", NULLIF(" RANK(TEXT) ", 0), NULL)"                  \
    " WHEN c.base IN ('date', 'timestamp', 'time') THEN " DIGITS(TEXT)                                      \
    " WHEN c.base = 'enum' THEN 0 + REGEXP_SUBSTR(JSON_SEARCH(c.labels, 'one', " LITERALLY(TEXT) "), '[0-9]+')"  \
    " WHEN c.base RLIKE '^(u?int[0-9]|numeric|float[48]|year|bool)$' THEN CAST(" TEXT " AS DOUBLE) END"
/* The reverse: what is no date becomes the nearest. x is a number of a row of point. */
#define PADDED(X, UNIT, LEAST, MOST) "LPAD(GREATEST(LEAST(FLOOR(" X " / " UNIT ") MOD 100, " MOST "), " LEAST "), 2, '0')"
#define DAY(X)                                                                                                 \
    "CONCAT_WS('-', LPAD(FLOOR(" X " / 10000), 4, '0'), " PADDED(X, "100", "1", "12") ", LPAD(LEAST(GREATEST(FLOOR(" X ") MOD 100, 1)," \
    " COALESCE(DAY(LAST_DAY(CONCAT_WS('-', LPAD(FLOOR(" X " / 10000), 4, '0'), " PADDED(X, "100", "1", "12") ", '01'))), 28)), 2, '0'))"
#define HOUR_AND_ON(X)  "CONCAT_WS(':', " X ", " PADDED("ABS(p.x)", "100", "0", "59") ", " PADDED("ABS(p.x)", "1", "0", "59") ")"
#define FRACTION        "IF(p.digits > 0, CONCAT('.', REPEAT('0', p.digits)), '')"
#define LETTER(X) "SUBSTR(" ALPHABET ", FLOOR(" X ") + 1, 1)"
/* Behind the first: digits where the least text has one at its second place, else letters. */
#define DIGITS_FOLLOW "SUBSTR(p.least_text, 2, 1) RLIKE '[0-9]'"
#define FURTHER(POWER)                                                                                         \
    "IF(" DIGITS_FOLLOW ", SUBSTR('0123456789', FLOOR(p.x * POW(10, " POWER ") MOD 10) + 1, 1),"                \
    " SUBSTR('abcdefghijklmnopqrstuvwxyz', FLOOR(p.x * POW(26, " POWER ") MOD 26) + 1, 1))"
/* What begins as the least does comes behind it. */
#define INVENTED                                                                                               \
    "LEFT(CONCAT(IF(FLOOR(p.x) = p.least, CONCAT(LEFT(p.least_text, 1), IF(" DIGITS_FOLLOW ", '9', 'z')), " LETTER("p.x - 1") ")," \
    " " FURTHER("1") ", " FURTHER("2") ", " FURTHER("3") ", RIGHT(p.least_text, GREATEST(CHAR_LENGTH(p.least_text) - 4, 0)))," \
    " GREATEST(CHAR_LENGTH(p.most_text), CHAR_LENGTH(p.least_text)))"
#define IS_UPPER(AT) "CAST(UPPER(SUBSTR(p.least_text, " AT ", 1)) AS BINARY) = CAST(SUBSTR(p.least_text, " AT ", 1) AS BINARY)"
#define TEXT_OF_PLACE                                                                                          \
    "CASE WHEN p.last THEN p.most_text WHEN p.x IS NULL OR p.k = 0 OR (" IS_TEXT("p.base") " AND p.x <= p.least) THEN p.least_text" \
    " WHEN " IS_TEXT("p.base") " THEN IF(p.x >= p.most AND p.lows >= p.expected - 0.5, p.most_text," \
    " CONCAT(IF(" IS_UPPER("1") ", UPPER(LEFT(" INVENTED ", 1)), LEFT(" INVENTED ", 1)),"  \
    " IF(" IS_UPPER("2") ", UPPER(SUBSTR(" INVENTED ", 2)), LOWER(SUBSTR(" INVENTED ", 2)))))" \
    " WHEN p.base = 'date' THEN " DAY("p.x")                                                                    \
    " WHEN p.base = 'timestamp' THEN CONCAT(" DAY("(p.x / 1000000)") ", ' ', " HOUR_AND_ON(PADDED("p.x", "10000", "0", "23")) ", " FRACTION ")" \
    " WHEN p.base = 'time' THEN CONCAT(IF(p.x < 0, '-', ''), " HOUR_AND_ON("LPAD(FLOOR(ABS(p.x) / 10000), IF(ABS(p.x) >= 1000000, 3, 2), '0')") ", " FRACTION ")" \
    " WHEN p.base = 'enum' THEN JSON_VALUE(p.labels, CONCAT('$[', ROUND(p.x), ']'))"                            \
    " WHEN p.base = 'numeric' THEN REPLACE(FORMAT(p.x, p.scale), ',', '')"                                      \
    " WHEN p.base IN ('float4', 'float8') THEN CAST(p.x AS CHAR) ELSE REPLACE(FORMAT(p.x, 0), ',', '') END"

/* A step from one value to the next, with none between them, is half of each. Bytes of a position; how many of them there are. Without a histogram, or where it tells nothing, one range from the least
 * value to the greatest. */
#define UNIT  "IF(s.hist_type = 'SINGLE_PREC_HB', 1, 2)"
#define STEPS "IF(s.hist_type IN ('SINGLE_PREC_HB', 'DOUBLE_PREC_HB') AND s.least IS NOT NULL AND s.most > s.least,"  \
    " LENGTH(s.histogram) DIV " UNIT ", 0)"
#define POSITION                                                                                               \
    "IF(n.k = 0, 0, IF(n.k > s.steps, 1, (ASCII(SUBSTR(s.histogram, (n.k - 1) * " UNIT " + 1, 1)) + IF(" UNIT " = 2,"  \
    " 256 * ASCII(SUBSTR(s.histogram, n.k * 2, 1)), 0)) / IF(" UNIT " = 2, 65535, 255)))"
#define OLDER                                                                                                  \
    ", number AS (SELECT 0 AS k UNION ALL SELECT k + 1 FROM number WHERE k < 256),"                             \
    " placed AS (SELECT s.*, " STEPS " AS steps FROM (SELECT s.*, c.base, c.labels, c.scale, c.digits,"         \
    " " PLACE("s.least_text") " AS least, " PLACE("s.most_text") " AS most FROM known s"                         \
    " JOIN described c ON c.TABLE_NAME = s.tbl AND c.COLUMN_NAME = s.col WHERE COALESCE(s.hist_type, '') <> 'JSON_HB'" \
    " AND s.least_text IS NOT NULL AND c.base <> 'set'" HAS_TEXT ") s),"                                                         \
    " point AS (SELECT s.tbl, s.col, s.base, s.labels, s.scale, s.digits, s.held, s.expected, s.steps, s.least_text, s.most_text, s.least, s.most, n.k," \
    " n.k = s.steps + 1 AS last, s.least + (s.most - s.least) * " POSITION " AS x"                              \
    " FROM placed s JOIN number n ON n.k <= s.steps + 1),"                                                      \
    " apart AS (SELECT p.*, DENSE_RANK() OVER (PARTITION BY p.tbl, p.col ORDER BY p.x) AS place FROM point p),"  \
    " written AS (SELECT p.tbl, p.col, p.k, p.steps, p.held, p.expected, p.base, " TEXT_OF_PLACE " AS low,"      \
    " p.lows > p.expected - 0.5 AS few, " IS_TEXT("p.base") " AND p.lows < p.expected - 0.5 AS together"        \
    " FROM (SELECT a.*, MAX(a.place) OVER (PARTITION BY a.tbl, a.col) AS lows FROM apart a) p),"                \
    " between_two AS (SELECT w.*, LEAD(w.low) OVER (PARTITION BY w.tbl, w.col ORDER BY w.k) AS high FROM written w),"  \
    " half AS (SELECT 0 AS second UNION ALL SELECT 1),"                                                         \
    " part AS (SELECT b.tbl, b.col, b.k, b.steps, b.held, b.expected, b.together, IF(h.second, b.high, b.low) AS low," \
    " IF(h.second IS NULL OR h.second, b.high, b.low) AS high, IF(h.second IS NULL, 1, 0.5) AS weight"         \
    " FROM between_two b LEFT JOIN half h ON b.low <> b.high AND (b.few OR (b.base RLIKE '^u?int[0-9]$' AND b.high - b.low = 1))" \
    " WHERE b.high IS NOT NULL)"
#define JSON_HISTOGRAM                                                                                         \
    ", bucket AS (SELECT s.tbl, s.col, j.n, j.low, COALESCE(j.high, LEAD(j.low) OVER (PARTITION BY s.tbl, s.col ORDER BY j.n)) AS high," \
    " j.size * s.held AS share, j.ndv, s.held, s.expected FROM known s JOIN described c ON c.TABLE_NAME = s.tbl"  \
    " AND c.COLUMN_NAME = s.col AND s.hist_type = 'JSON_HB'" HAS_TEXT " JOIN JSON_TABLE(CONVERT(s.histogram USING utf8mb4), '$.histogram_hb[*]'" \
    " COLUMNS (n FOR ORDINALITY, low TEXT PATH '$.start', high TEXT PATH '$.end', size DOUBLE PATH '$.size', ndv BIGINT PATH '$.ndv')) j" \
    " WHERE j.low IS NOT NULL)"
#define KNOWN                                                                                                  \
    ", known AS (SELECT CONVERT(s.table_name USING utf8mb4) AS tbl, CONVERT(s.column_name USING utf8mb4) AS col,"  \
    " CONVERT(s.min_value USING utf8mb4) AS least_text, CONVERT(s.max_value USING utf8mb4) AS most_text, s.hist_type, s.histogram," \
    " 1 - s.nulls_ratio AS held, s.nulls_ratio, s.avg_length, s.avg_frequency, r.cardinality,"                  \
    " r.cardinality * (1 - s.nulls_ratio) / NULLIF(s.avg_frequency, 0) AS expected"                             \
    " FROM " COLUMN_STATS " s JOIN chosen t ON s.db_name = t.TABLE_SCHEMA AND s.table_name = t.TABLE_NAME" COUNTED ")"
#define PIECES_MARIADB                                                                                         \
    ", piece AS (SELECT tbl, col, n, low, high, share, ndv, held, expected FROM bucket"                         \
    " UNION ALL SELECT tbl, col, MIN(k), low, MAX(high), SUM(weight) * MAX(held) / (MAX(steps) + 1), MAX(IF(low = high AND NOT together, 1, NULL)),"  \
    " MAX(held), MAX(expected) FROM part GROUP BY tbl, col, CAST(low AS BINARY), low = high AND NOT together)"
#define DISTINCT_MARIADB                                                                                       \
    "CASE WHEN k.expected > k.cardinality * 0.1 THEN -k.expected / k.cardinality ELSE ROUND(k.expected) END"

static const char columns_mariadb[] =
    PREPARED("\"WITH RECURSIVE " CHOSEN ", " COLUMNS_OF(IS_JSON_MARIADB, "\"\"", JSON_COLUMNS_MARIADB) CHECK_LISTS(CHECKS_MARIADB)
    KNOWN OLDER JSON_HISTOGRAM PIECES_MARIADB LISTS COLUMN_ROW("k.nulls_ratio", "k.avg_length", DISTINCT_MARIADB)
    " LEFT JOIN known k ON k.tbl = c.TABLE_NAME AND k.col = c.COLUMN_NAME" COLUMN_ORDER "\"");

/* Texts are in base64 with their collation's number before it; moments have six digits; enums may be numbers. */
#define VALUE(AT)                                                                                              \
    "(CASE WHEN (b.bucket ->> '$[" AT "]') LIKE 'base64:%' THEN"                                                \
    " CONVERT(FROM_BASE64(SUBSTRING_INDEX(b.bucket ->> '$[" AT "]', ':', -1)) USING utf8mb4)"                   \
    " WHEN b.base = 'enum' THEN JSON_UNQUOTE(JSON_EXTRACT(b.labels, CONCAT('$[', GREATEST(CAST(b.bucket ->> '$[" AT "]' AS SIGNED), 1) - 1, ']')))"    \
    " WHEN b.base = 'date' THEN LEFT(b.bucket ->> '$[" AT "]', 10)"                                             \
    " WHEN b.base IN ('timestamp', 'time') THEN CONCAT(SUBSTRING_INDEX(b.bucket ->> '$[" AT "]', '.', 1),"      \
    " IF(b.digits > 0, CONCAT('.', LEFT(SUBSTRING_INDEX(b.bucket ->> '$[" AT "]', '.', -1), b.digits)), ''))"    \
    " ELSE b.bucket ->> '$[" AT "]' END)"
#define SINGLE "b.kind = 'singleton'"
#define PIECES_MYSQL                                                                                           \
    ", bucket AS (SELECT c.TABLE_NAME AS tbl, c.COLUMN_NAME AS col, j.n, j.bucket, c.base, c.labels, c.digits,"  \
    " h.HISTOGRAM ->> '$.\"histogram-type\"' AS kind, 1 - (h.HISTOGRAM ->> '$.\"null-values\"') AS held"         \
    " FROM described c JOIN information_schema.COLUMN_STATISTICS h ON h.SCHEMA_NAME = c.TABLE_SCHEMA AND h.TABLE_NAME = c.TABLE_NAME" \
    " AND h.COLUMN_NAME = c.COLUMN_NAME" HAS_TEXT " AND c.base <> 'set' JOIN JSON_TABLE(CAST(h.HISTOGRAM AS CHAR), '$.buckets[*]'" \
    " COLUMNS (n FOR ORDINALITY, bucket JSON PATH '$')) j),"                                                    \
    " ended AS (SELECT b.*, " VALUE("0") " AS low, " VALUE("1") " AS top, IF(" SINGLE ", b.bucket ->> '$[1]', b.bucket ->> '$[2]') AS reached," \
    " IF(" SINGLE ", 1, b.bucket ->> '$[3]') AS ndv FROM bucket b),"                                            \
    " piece AS (SELECT e.tbl, e.col, e.n, e.low, COALESCE(LEAD(e.low) OVER w, e.top) AS high,"                   \
    " e.reached - COALESCE(LAG(e.reached) OVER w, 0) AS share, CAST(e.ndv AS SIGNED) AS ndv, e.held, NULL AS expected" \
    " FROM ended e WINDOW w AS (PARTITION BY e.tbl, e.col ORDER BY e.n))"

static const char columns_mysql[] =
    "SET @rehearse_names = {}; WITH " CHOSEN ", " COLUMNS_OF("", "\"", "") CHECK_LISTS(CHECKS_MYSQL) PIECES_MYSQL LISTS
    COLUMN_ROW("h.HISTOGRAM ->> '$.\"null-values\"'", "NULL", "l.ndvs")
    " LEFT JOIN information_schema.COLUMN_STATISTICS h ON h.SCHEMA_NAME = c.TABLE_SCHEMA AND h.TABLE_NAME = c.TABLE_NAME"
    " AND h.COLUMN_NAME = c.COLUMN_NAME" COLUMN_ORDER;

/* ---- indexes, foreign keys ---- */

/* What stands there of partitions is summed. */
#define BEFORE_PARTITION                                                                                       \
    "IF(LOCATE('#p#', LOWER(table_name)) > 0, LEFT(table_name, LOCATE('#p#', LOWER(table_name)) - 1), table_name)"
#define STATED                                                                                                 \
    "stated AS (SELECT CONVERT(" BEFORE_PARTITION " USING utf8mb4) AS tbl, CONVERT(index_name USING utf8mb4) AS idx,"  \
    " CONVERT(stat_name USING utf8mb4) AS stat, SUM(stat_value) AS stated"                                      \
    " FROM \", @rehearse_stats, \" x WHERE database_name = DATABASE() GROUP BY 1, 2, 3)"
#define NO_INDEX_STATS                                                                                         \
    "(SELECT '' AS database_name, '' AS table_name, '' AS index_name, '' AS stat_name, 0 AS stat_value FROM DUAL WHERE 1 = 0)"
/* The first characters of a column are not the column, unless they are unique. */
#define INDEXES                                                                                                \
    "SET @rehearse_stats = IF(" MAY_READ("innodb_index_stats") ", 'mysql.innodb_index_stats', \"" NO_INDEX_STATS "\");" \
    PREPARED("\"WITH " CHOSEN ", " STATED                                                                        \
    " SELECT " JSON_ROW(ID("s.TABLE_SCHEMA", "s.TABLE_NAME") ", " JSON_TEXT("s.INDEX_NAME") "," JSON_LIST("GROUP_CONCAT(" \
    "IF(s.SUB_PART IS NULL OR s.NON_UNIQUE = 0, " JSON_TEXT("s.COLUMN_NAME") ", 'null') ORDER BY s.SEQ_IN_INDEX)") "," \
    " 1 - MAX(s.NON_UNIQUE), s.INDEX_NAME = 'PRIMARY', 0, " JSON_TEXT("LOWER(MAX(s.INDEX_TYPE))") ","           \
    " " JSON_NUMBER("MAX(z.stated) * @@GLOBAL.innodb_page_size") ", " JSON_NUMBER("MAX(z.stated)") ","           \
    " " JSON_NUMBER("MAX(t.TABLE_ROWS)") ", IF(MAX(s.INDEX_TYPE) = 'FULLTEXT' OR SUM(COALESCE(d.stated, s.CARDINALITY) IS NULL) > 0, 'null'," \
    " " JSON_LIST("GROUP_CONCAT(LEAST(COALESCE(d.stated, s.CARDINALITY), t.TABLE_ROWS) ORDER BY s.SEQ_IN_INDEX)") "), 0") \
    " FROM information_schema.STATISTICS s JOIN chosen t ON " OF("s")                                           \
    " LEFT JOIN stated d ON d.tbl = s.TABLE_NAME AND d.idx = s.INDEX_NAME AND d.stat = CONCAT('n_diff_pfx', LPAD(s.SEQ_IN_INDEX, 2, '0'))" \
    " LEFT JOIN stated z ON z.tbl = s.TABLE_NAME AND z.idx = s.INDEX_NAME AND z.stat = 'size'"                   \
    " GROUP BY s.TABLE_SCHEMA, s.TABLE_NAME, s.INDEX_NAME"                                                      \
    " ORDER BY CAST(s.TABLE_NAME AS BINARY), CAST(s.INDEX_NAME AS BINARY)\"")

#define NAMES(NAME) JSON_LIST("GROUP_CONCAT(" JSON_TEXT(NAME) " ORDER BY k.ORDINAL_POSITION)")
static const char references[] =
    "SET @rehearse_names = {}; WITH " CHOSEN
    " SELECT " JSON_ROW(ID("t.TABLE_SCHEMA", "t.TABLE_NAME") ", " JSON_TEXT("k.CONSTRAINT_NAME") ", " NAMES("k.COLUMN_NAME") ", "
    ID("k.REFERENCED_TABLE_SCHEMA", "k.REFERENCED_TABLE_NAME") ", " NAMES("k.REFERENCED_COLUMN_NAME"))
    " FROM chosen t JOIN information_schema.KEY_COLUMN_USAGE k ON " OF("k") " AND k.REFERENCED_TABLE_NAME IS NOT NULL"
    " GROUP BY t.TABLE_SCHEMA, t.TABLE_NAME, k.CONSTRAINT_NAME, k.REFERENCED_TABLE_SCHEMA, k.REFERENCED_TABLE_NAME"
    " ORDER BY CAST(t.TABLE_NAME AS BINARY), CAST(k.CONSTRAINT_NAME AS BINARY)";

#define BEGIN                                                                                                  \
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY;" \
    " SET SESSION lock_wait_timeout = 5, innodb_lock_wait_timeout = 5, wait_timeout = 28800, "
/* The version's number as in DIALECT_VERSION. */
#define VERSION_PART(AT) "CAST(SUBSTRING_INDEX(SUBSTRING_INDEX(VERSION(), '.', " AT "), '.', -1) AS UNSIGNED)"
#define SERVER(UNSEEN, MAKER)                                                                                  \
    "SELECT " JSON_ROW(JSON_TEXT("VERSION()") ", " VERSION_PART("1") " * 10000 + " VERSION_PART("2") " * 100 + "  \
    "CAST(REGEXP_SUBSTR(SUBSTRING_INDEX(SUBSTRING_INDEX(VERSION(), '.', 3), '.', -1), '^[0-9]+') AS UNSIGNED)," \
    " {} IS NULL, " JSON_TEXT(UNSEEN) ", " JSON_TEXT("'" MAKER "'"))
#define GRANT_HINT(TABLE, WHAT) "IF(" MAY_READ(TABLE) ", NULL, CONCAT('" WHAT ": GRANT SELECT ON mysql." TABLE " TO ', " ME "))"

const struct mysql_query mysql_profile[] = {
    {DIALECT_PROFILE_SCRIPT, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     "-- mariadb --batch --raw --skip-column-names DATABASE < this_file > output\n"},
    {DIALECT_PROFILE_SCRIPT, MYSQL_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     "-- mysql --batch --raw --skip-column-names DATABASE < this_file > output\n"},
    {DIALECT_PROFILE_BEGIN, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST, BEGIN "max_statement_time = {} / 1000"},
    {DIALECT_PROFILE_BEGIN, MYSQL_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     BEGIN "max_execution_time = {}, information_schema_stats_expiry = 0"},
    {DIALECT_PROFILE_SERVER, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     SERVER("NULLIF(CONCAT_WS('; ', " GRANT_HINT("column_stats", "nothing is known of values") ", "
            GRANT_HINT("table_stats", "rows are estimates") ", "
            GRANT_HINT("innodb_index_stats", "sizes of indexes are not known") "), '')",
            "ANALYZE TABLE … PERSISTENT FOR ALL")},
    {DIALECT_PROFILE_SERVER, MYSQL_ONLY, MYSQL_ANY, MYSQL_NEWEST,
     SERVER(GRANT_HINT("innodb_index_stats", "sizes of indexes are not known"), "ANALYZE TABLE … UPDATE HISTOGRAM ON …")},
    {DIALECT_PROFILE_TABLES, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST, tables_mariadb},
    {DIALECT_PROFILE_TABLES, MYSQL_ONLY, MYSQL_ANY, MYSQL_NEWEST, tables_mysql},
    {DIALECT_PROFILE_COLUMNS, MARIADB_ONLY, MYSQL_ANY, MYSQL_NEWEST, columns_mariadb},
    {DIALECT_PROFILE_COLUMNS, MYSQL_ONLY, MYSQL_ANY, MYSQL_NEWEST, columns_mysql},
    {DIALECT_PROFILE_INDEXES, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, INDEXES},
    {DIALECT_PROFILE_REFERENCES, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, references},
    {DIALECT_PROFILE_COUNTS, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST,
     "SELECT JSON_ARRAY(q.class_rows, q.class_values) FROM ({}) q ORDER BY q.class_rows"},
    {0, 0, 0, 0, NULL},
};

/* clang-format on */
