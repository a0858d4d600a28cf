/* dialect_postgres: the queries of PostgreSQL 12 and later, chosen by version. Used by dialect_*.c only. */
#ifndef REHEARSE_DB_DIALECT_POSTGRES_H
#define REHEARSE_DB_DIALECT_POSTGRES_H

#include "bench/db/dialect.h"

/* Rows of one query may differ by version; ranges of one query do not overlap. */
struct postgres_query {
    enum dialect_query query;
    int since, before; /* server_version_num; before is exclusive */
    const char *text;
};

enum { PG_ANY = 0, PG_13 = 130000, PG_14 = 140000, PG_15 = 150000, PG_NEWEST = 99999999 };

extern const struct postgres_query postgres_words[], postgres_catalogue[], postgres_activity[];
extern const struct postgres_query postgres_schema[], postgres_bulk[],
    postgres_journal[]; /* each ends with a NULL text */

extern const struct dialect_lock_mode postgres_lock_modes[];
int postgres_expected_lock(enum sql_kind kind);

#endif
