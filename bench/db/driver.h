/* driver: the vtable behind db.h. Only db.c and the drivers include this.
 *
 * A driver embeds struct db as the first member of its own session type. Slots follow the contracts in db.h. */
#ifndef REHEARSE_DB_DRIVER_H
#define REHEARSE_DB_DRIVER_H

#include "bench/db/db.h"

struct db_driver {
    const char *engine; /* "postgresql", "mysql" (MariaDB too), "fake" */
    enum sql_lexis lexis;
    bool (*accepts)(const char *dsn);
    bool (*parse)(struct arena *arena, const char *dsn, struct db_target *target, struct err *err);
    struct db *(*open)(const struct db_target *target, const struct db_options *options,
                       struct db_answer *answer);
    void (*close)(struct db *db);
    struct db_answer (*exec)(struct db *db, const char *sql, int64_t deadline_ns, db_row_fn *rows,
                             void *context);
    struct db_answer (*prepare)(struct db *db, int id, const char *sql, int64_t deadline_ns);
    struct db_answer (*run)(struct db *db, int id, const char *const *values, int count, int64_t deadline_ns,
                            db_row_fn *rows, void *context);
    struct db_answer (*load)(struct db *db, const struct db_load *load, int64_t deadline_ns, db_fill_fn *fill,
                             void *context);
    bool (*cancel)(struct db *db);
    const char *(*client_version)(void);
};

struct db {
    const struct db_driver *driver;
    const struct dialect *dialect;
    int version, session;
    bool in_transaction;
    int modes; /* bits of sql_lexis that the server's own settings add to the dialect's; 0: none */
    int64_t lock_timeout_ms; /* as db_set_lock_timeout last set it; 0: none */
};

extern const struct db_driver db_postgres, db_mysql, db_fake;

#endif
