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
extern const struct mysql_query mysql_schema[], mysql_bulk[]; /* each ends with a NULL text */

/* Tables have no number that stays over a rebuild: an object id is CRC32 of "schema.name". */
#define MYSQL_OBJECT(schema, name) "CRC32(CONCAT(" schema ", '.', " name "))"

#endif
