/* dialect_mysql: the queries of MariaDB 10.6 to 11.8 and MySQL 8.0 to 9.7, chosen by engine and version. dialect_*.c only. */
#ifndef REHEARSE_DB_DIALECT_MYSQL_H
#define REHEARSE_DB_DIALECT_MYSQL_H

#include "bench/db/dialect.h"

enum mysql_flavour { MYSQL_BOTH, MYSQL_ONLY, MARIADB_ONLY };

/* Rows of one query may differ by flavour and version; no two fit the same server. Versions are the client library's
 * numbers: 101119 is MariaDB 10.11.19, 80036 is MySQL 8.0.36. */
struct mysql_query {
    enum dialect_query query;
    enum mysql_flavour flavour;
    int since, before; /* before is exclusive */
    const char *text;
};

enum { MYSQL_ANY = 0, MYSQL_NEWEST = 99999999 };

extern const struct mysql_query mysql_words[], mysql_catalogue[], mysql_activity[];
extern const struct mysql_query mysql_schema[], mysql_bulk[];
extern const struct mysql_query mysql_profile[], mysql_travel[]; /* each ends with a NULL text */

/* Tables have no number that stays over a rebuild: an object id is CRC32 of "schema.name". */
#define MYSQL_OBJECT(schema, name) "CRC32(CONCAT(" schema ", '.', " name "))"

#define MYSQL_IDENTIFIER(NAME) "CONCAT('`', REPLACE(" NAME ", '`', '``'), '`')"

/* clang-format off */
/* What partitions take (TABLE_SCHEMA, TABLE_NAME, clause as of a CHECK or NULL), where a column says where rows go, alone or as its
 * year, day or second, and none takes the rest. Subpartitions repeat their partition. In single quotes: it may stand in
 * double ones. */
#define MYSQL_COLUMN_ALONE    "(p.PARTITION_EXPRESSION REGEXP '^`?[^`(),]+`?$')"
#define MYSQL_COLUMN_IN(NAME) "(p.PARTITION_EXPRESSION REGEXP '^" NAME "[(]`?[^`(),]+`?[)]$')"
#define MYSQL_PARTITION_LIMITS                                                                                             \
    "(SELECT TABLE_SCHEMA, TABLE_NAME, CASE WHEN plain AND method LIKE 'LIST%'"                                            \
    " THEN CONCAT(IF(takes_null, '', CONCAT(named, ' is not null and ')), named, ' in (', list, ')')"                      \
    " WHEN plain THEN CONCAT(named, ' < ', last)"                                                                          \
    " WHEN by_year THEN CONCAT(named, ' < ''', LPAD(last, 4, '0'), '-01-01''')"                                            \
    " WHEN by_day THEN CONCAT(named, ' < ''', FROM_DAYS(last), '''')"                                                      \
    " WHEN by_second THEN CONCAT(named, ' < ''', DATE_ADD('1970-01-01', INTERVAL last SECOND), '''') END AS clause"        \
    " FROM (SELECT p.TABLE_SCHEMA, p.TABLE_NAME, MIN(p.PARTITION_METHOD) AS method,"                                       \
    " MIN(" MYSQL_COLUMN_ALONE ") AS plain, MIN(" MYSQL_COLUMN_IN("year") ") AS by_year,"                                  \
    " MIN(" MYSQL_COLUMN_IN("to_days") ") AS by_day, MIN(" MYSQL_COLUMN_IN("unix_timestamp") ") AS by_second,"             \
    " CONCAT('`', REPLACE(SUBSTRING_INDEX(SUBSTRING_INDEX(MIN(p.PARTITION_EXPRESSION), '(', -1), ')', 1), '`', ''), '`')"  \
    " AS named, MAX(p.PARTITION_DESCRIPTION REGEXP '(^|,)NULL') AS takes_null,"                                            \
    " GROUP_CONCAT(DISTINCT IF(p.PARTITION_DESCRIPTION = 'NULL', NULL, REPLACE(REPLACE(p.PARTITION_DESCRIPTION,"           \
    " 'NULL,', ''), ',NULL', '')) ORDER BY p.PARTITION_ORDINAL_POSITION SEPARATOR ',') AS list,"                           \
    " SUBSTRING_INDEX(GROUP_CONCAT(DISTINCT p.PARTITION_DESCRIPTION ORDER BY p.PARTITION_ORDINAL_POSITION DESC"            \
    " SEPARATOR '|'), '|', 1) AS last FROM information_schema.PARTITIONS p WHERE p.TABLE_SCHEMA = DATABASE()"              \
    " AND p.PARTITION_METHOD IN ('LIST', 'LIST COLUMNS', 'RANGE', 'RANGE COLUMNS') GROUP BY p.TABLE_SCHEMA, p.TABLE_NAME" \
    " HAVING SUM(p.PARTITION_DESCRIPTION IN ('DEFAULT', 'MAXVALUE')) = 0) q)"

/* The base type of c, a row of information_schema.COLUMNS, as the generators know it. JSON on MariaDB is a longtext whose CHECK
 * is json_valid: MARIADB_JSON_TYPE there, "" on MySQL. No double quote and no backslash may stand in these. */
#define MYSQL_WHOLE_NUMBER                                                                                         \
    "CONCAT(IF(c.COLUMN_TYPE LIKE '%unsigned%', 'u', ''), CASE c.DATA_TYPE WHEN 'tinyint' THEN 'int1'"       \
    " WHEN 'smallint' THEN 'int2' WHEN 'mediumint' THEN 'int3' WHEN 'int' THEN 'int4' ELSE 'int8' END)"

#define MYSQL_BASE_TYPE(JSON)                                                                                      \
    "CASE WHEN c.COLUMN_TYPE = 'tinyint(1)' THEN 'bool'"                                                     \
    " WHEN c.DATA_TYPE IN ('tinyint', 'smallint', 'mediumint', 'int', 'bigint') THEN " MYSQL_WHOLE_NUMBER          \
    " WHEN c.DATA_TYPE = 'decimal' THEN 'numeric' WHEN c.DATA_TYPE = 'float' THEN 'float4'"                  \
    " WHEN c.DATA_TYPE = 'double' THEN 'float8' WHEN c.DATA_TYPE = 'char' THEN 'bpchar'" JSON                \
    " WHEN c.DATA_TYPE IN ('tinytext', 'text', 'mediumtext', 'longtext') THEN 'text'"                        \
    " WHEN c.DATA_TYPE IN ('binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob') THEN "       \
    "'bytes'"                                                                                                \
    " WHEN c.DATA_TYPE IN ('datetime', 'timestamp') THEN 'timestamp' WHEN c.DATA_TYPE = 'bit' THEN 'bits'"   \
    " WHEN c.DATA_TYPE = 'inet4' THEN 'inet'"                                                                \
    " WHEN c.DATA_TYPE IN ('point', 'linestring', 'polygon', 'multipoint', 'multilinestring', "              \
    "'multipolygon',"                                                                                        \
    " 'geometrycollection', 'geomcollection') THEN 'geometry' ELSE c.DATA_TYPE END"

#define MARIADB_JSON_TYPE                                                                                         \
    " WHEN c.DATA_TYPE = 'longtext' AND EXISTS (SELECT 1 FROM information_schema.CHECK_CONSTRAINTS k"        \
    " WHERE k.CONSTRAINT_SCHEMA = c.TABLE_SCHEMA AND k.TABLE_NAME = c.TABLE_NAME"                            \
    " AND k.CHECK_CLAUSE = CONCAT('json_valid(', " MYSQL_IDENTIFIER("c.COLUMN_NAME") ", ')')) THEN 'json'"
/* clang-format on */

#endif
