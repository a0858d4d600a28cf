#include "bench/db/dialect_mysql.h"

/* The schema as text, and what a migration can leave. */
const struct mysql_query mysql_schema[] = {
    {0, 0, 0, 0, NULL},
};
