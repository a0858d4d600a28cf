#include "bench/db/dialect_mysql.h"

/* What the server does now. */
const struct mysql_query mysql_activity[] = {
    {0, 0, 0, 0, NULL},
};
