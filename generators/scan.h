/* scan: catalogue and statistics of a server as a profile, unredacted. One connection, one read-only transaction, no row read
 * (but counts of counts, when asked for: each in a transaction of its own). One thread; session and progress are called on it. */
#ifndef REHEARSE_GENERATORS_SCAN_H
#define REHEARSE_GENERATORS_SCAN_H

#include "bench/db/db.h"
#include "generators/profile.h"

struct scan_config {
    const struct db_target *target;
    const char *const *tables; /* NULL-terminated names, "table" or "schema.table"; NULL: all user tables */
    bool counts;               /* L1 */
    int64_t statement_timeout_ms;
    /* Where it stands, and what it had to leave out. table: as people write it, or NULL. */
    void (*progress)(void *context, const char *table, const char *what);
    /* The open session, so that another thread may db_cancel it; NULL before it closes. */
    void (*session)(void *context, struct db *db);
    bool (*interrupted)(void *context);
    void *context; /* of the three, each of which may be NULL */
};

/* A table whose statistics the role may not see is an error of ERR_ENVIRONMENT with the GRANT to run, never an empty profile.
 * A count that takes longer than the timeout is left out, and progress says so. */
bool scan_run(const struct scan_config *config, struct arena *arena, struct profile **profile,
              struct err *err);
/* The SQL of a scan for somebody else to run: its output, as psql or mariadb prints it, is read by scan_read. Connects to learn
 * the version and, for counts, the keys. */
bool scan_print_sql(const struct scan_config *config, struct buf *out, struct err *err);
bool scan_read(struct arena *arena, const char *file, const char *text, size_t length,
               struct profile **profile, struct err *err);

#endif
