/* mysqld: what throw-away servers of MariaDB and MySQL have in common. What differs is a flavour; each is a row of engines. */
#ifndef REHEARSE_SANDBOX_MYSQLD_H
#define REHEARSE_SANDBOX_MYSQLD_H

#include "bench/sandbox/sandbox_engine.h"

struct sandbox_mysqld {
    const char *title;           /* "MariaDB" */
    bool mariadb;                /* what the program says of itself */
    const char *const *programs; /* its names, the likeliest first; NULL ends them */
    const char *const
        *places; /* directories looked at after PATH, '~' for the cache directory; NULL ends them */
    const char *const *settings; /* its own, as "name=value" or "name"; NULL ends them */
    const char *hint;            /* when there is none */
};

/* Path of the server's program: in `wanted` (a directory), what REHEARSE_MYSQLD names if it is of this flavour, on PATH,
 * in places. */
const char *sandbox_mysqld_find(struct arena *arena, const struct sandbox_mysqld *flavour, const char *wanted,
                                struct err *err);
/* extra: more arguments of this server; NULL ends them. */
const char **sandbox_mysqld_argv(struct arena *arena, const struct sandbox_site *site,
                                 const struct sandbox_mysqld *flavour, const char *const *extra);
/* Runs a program that makes data; its output goes to the setup log. */
bool sandbox_mysqld_run(const struct sandbox_site *site, const char *const *argv, const char *input,
                        struct err *err);
/* Writes statements into a file of the sandbox's directory that the server can read; its path, NULL with err. */
const char *sandbox_mysqld_file(struct arena *arena, const struct sandbox_site *site, const char *name,
                                const char *statements, struct err *err);
bool sandbox_mysqld_ready(const struct sandbox_site *site, pid_t server);
char *sandbox_mysqld_dsn(struct arena *arena, const struct sandbox_site *site);
char *sandbox_mysqld_server(struct arena *arena, const struct sandbox_site *site,
                            const struct sandbox_mysqld *flavour);

#endif
