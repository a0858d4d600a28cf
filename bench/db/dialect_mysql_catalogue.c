#include "bench/db/dialect_mysql.h"

/* Tables, columns, constraints and indexes. */
const struct mysql_query mysql_catalogue[] = {
    {0, 0, 0, 0, NULL},
};
