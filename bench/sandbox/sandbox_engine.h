/* engine: what a kind of server needs to be thrown away: where it is, how it is made, started and stopped. One row each. */
#ifndef REHEARSE_SANDBOX_ENGINE_H
#define REHEARSE_SANDBOX_ENGINE_H

#include "bench/base/arena.h"
#include "bench/base/err.h"
#include "bench/db/sql.h"
#include "bench/sandbox/sandbox_process.h"

#include <stdbool.h>
#include <stddef.h>

struct sandbox_site { /* one server's place */
    const char *directory, *data;
    const char *log, *setup_log; /* of the server; of the programs that make and copy its data */
    const char *bin;             /* what find answered */
    const char **settings;       /* "name=value" from the DSN */
    size_t setting_count;
    struct sandbox_user user;
    bool follower; /* it is the replica */
    int port;      /* of 127.0.0.1, where the replica finds the primary; 0: it needs none */
};

struct sandbox_engine {
    const char *name; /* "postgresql" */
    enum sql_lexis lexis;
    /* System users to run as when we are root: the first that exists; NULL ends them. */
    const char *const *root_users;
    /* Directory of the server's programs, or the path of its program, as init and argv want it; wanted: the directory that
     * the DSN names, NULL. */
    const char *(*find)(struct arena *arena, const char *wanted, struct err *err);
    bool (*init)(const struct sandbox_site *site,
                 struct err *err); /* data directory with database "rehearse" */
    const char **(*argv)(struct arena *arena, const struct sandbox_site *site); /* of the server itself */
    /* Makes the replica's data, a copy of the primary's, follow; the primary has not been started yet. NULL: cannot. */
    bool (*follow)(struct sandbox_site *primary, struct sandbox_site *replica, struct err *err);
    bool (*ready)(const struct sandbox_site *site, pid_t server); /* it lets clients in */
    char *(*dsn)(struct arena *arena, const struct sandbox_site *site);
    char *(*server)(struct arena *arena, const struct sandbox_site *site); /* "PostgreSQL 15.18, /usr/…" */
    int stop_fast, stop_immediate;                                         /* signals */
};

extern const struct sandbox_engine sandbox_postgres, sandbox_mariadb, sandbox_mysql;

#endif
