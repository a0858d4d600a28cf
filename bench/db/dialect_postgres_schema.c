#include "bench/db/dialect_postgres.h"

const struct postgres_query postgres_schema[] = {
    {0, 0, 0, NULL},
};
