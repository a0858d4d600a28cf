/* MySQL: Oracle's server, where one is found. Root comes in on the socket without a password. */
#include "bench/base/file.h"
#include "bench/sandbox/sandbox_mysqld.h"

#include <signal.h>

/* Lock waits are kept for all sessions, also those that end; other waits would push them out of the ring. */
static const struct sandbox_mysqld mysql = {
    .title = "MySQL",
    .mariadb = false,
    .programs = (const char *const[]){"mysqld", NULL},
    .places = (const char *const[]){"~/rehearse/mysql-9/usr/sbin", "/usr/local/lib/rehearse/mysql-9/usr/sbin",
                                    "/usr/sbin", "/usr/local/mysql/bin", NULL},
    .settings = (const char *const[]){"secure-file-priv=", "mysqlx=OFF", "innodb-redo-log-capacity=512M",
                                      "performance-schema-instrument=wait/%=OFF",
                                      "performance-schema-instrument=idle=OFF",
                                      "performance-schema-consumer-events-waits-history-long=ON",
                                      "performance-schema-consumer-events-statements-history-long=ON", NULL},
    .hint = "scripts/setup-mysql sets one up; or set REHEARSE_MYSQLD to the path of a mysqld",
};

static const char *mysql_find(struct arena *arena, const char *wanted, struct err *err)
{
    return sandbox_mysqld_find(arena, &mysql, wanted, err);
}

/* Where its messages and time zones are: beside the program, not where it was built to be. */
static const char *basedir(struct arena *arena, const struct sandbox_site *site)
{
    return arena_printf(arena, "--basedir=%s", file_directory(arena, file_directory(arena, site->bin)));
}

static bool mysql_init(const struct sandbox_site *site, struct err *err)
{
    struct arena arena = {0};
    const char *first = sandbox_mysqld_file(&arena, site, "first.sql", "CREATE DATABASE rehearse;\n", err);
    const char *initialize[] = {site->bin,
                                "--no-defaults",
                                "--initialize-insecure",
                                basedir(&arena, site),
                                arena_printf(&arena, "--datadir=%s", site->data),
                                "--secure-file-priv=",
                                arena_printf(&arena, "--init-file=%s", first),
                                NULL};
    bool made = first != NULL && sandbox_mysqld_run(site, initialize, NULL, err);
    arena_free(&arena);
    return made;
}

static const char **mysql_argv(struct arena *arena, const struct sandbox_site *site)
{
    const char *extra[] = {basedir(arena, site), NULL};
    return sandbox_mysqld_argv(arena, site, &mysql, extra);
}

static char *mysql_server(struct arena *arena, const struct sandbox_site *site)
{
    return sandbox_mysqld_server(arena, site, &mysql);
}

const struct sandbox_engine sandbox_mysql = {
    .name = "mysql",
    .lexis = SQL_MYSQL,
    .root_users = (const char *const[]){"mysql", "nobody", NULL},
    .find = mysql_find,
    .init = mysql_init,
    .argv = mysql_argv,
    .ready = sandbox_mysqld_ready,
    .dsn = sandbox_mysqld_dsn,
    .server = mysql_server,
    .stop_fast = SIGTERM,
    .stop_immediate = SIGKILL,
};
