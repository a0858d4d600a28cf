#include "bench/db/dialect_mysql.h"

/* Loading many rows. */
const struct mysql_query mysql_bulk[] = {
    {0, 0, 0, 0, NULL},
};
