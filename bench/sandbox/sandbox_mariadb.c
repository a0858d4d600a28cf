/* MariaDB: data made by mariadb-install-db; the plugin that shows true lock modes is loaded where it is found. */
#include "bench/base/file.h"
#include "bench/sandbox/sandbox_mysqld.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PLUGIN "metadata_lock_info"

static const char unpacked_plugins[] = "/usr/local/lib/rehearse/mariadb"; /* by scripts/setup */

/* Only root on the socket is left, and the database is made by a server that ends before anything listens. */
static const char first_statements[] = "DELETE FROM mysql.global_priv WHERE Host <> 'localhost';\n"
                                       "CREATE DATABASE rehearse CHARACTER SET utf8mb4;\n";

static const struct sandbox_mysqld mariadb = {
    .title = "MariaDB",
    .mariadb = true,
    .programs = (const char *const[]){"mariadbd", "mysqld", NULL},
    .places = (const char *const[]){"/usr/sbin", "/usr/local/mysql/bin", NULL},
    .settings = (const char *const[]){"binlog-format=ROW", "innodb-log-file-size=256M", NULL},
    .hint = "install it (Debian: apt-get install mariadb-server-core) or set REHEARSE_MYSQLD to the path of "
            "mariadbd",
};

static const char *mariadb_find(struct arena *arena, const char *wanted, struct err *err)
{
    return sandbox_mysqld_find(arena, &mariadb, wanted, err);
}

/* Packages put the server into sbin and the installer into bin; archives use bin and scripts. */
static const char *find_installer(struct arena *arena, const char *prefix)
{
    static const char *const names[] = {"bin/mariadb-install-db", "scripts/mariadb-install-db",
                                        "bin/mysql_install_db", "scripts/mysql_install_db"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *path = file_join(arena, prefix, names[i]);
        if (access(path, X_OK) == 0)
            return path;
    }
    return NULL;
}

static bool mariadb_init(const struct sandbox_site *site, struct err *err)
{
    struct arena arena = {0};
    const char *prefix = file_directory(&arena, file_directory(&arena, site->bin));
    const char *installer = find_installer(&arena, prefix);
    const char *datadir = arena_printf(&arena, "--datadir=%s", site->data);
    const char *install[] = {installer,
                             "--no-defaults",
                             arena_printf(&arena, "--basedir=%s", prefix),
                             datadir,
                             "--auth-root-authentication-method=normal",
                             "--skip-test-db",
                             "--force", /* a host name that does not resolve */
                             NULL};
    const char *bootstrap[] = {site->bin, "--no-defaults", "--bootstrap", datadir, NULL};
    bool made = false;
    if (installer == NULL)
        err_set(err, ERR_ENVIRONMENT, "no mariadb-install-db in %s/bin or %s/scripts", prefix, prefix);
    else
        made = sandbox_mysqld_run(site, install, NULL, err) &&
               sandbox_mysqld_run(site, bootstrap, first_statements, err);
    arena_free(&arena);
    return made;
}

/* The server's own directory of plugins, as it says itself; "" when it does not. */
static const char *own_plugins(struct arena *arena, const struct sandbox_site *site)
{
    const char *argv[] = {site->bin, "--no-defaults", "--verbose", "--help", NULL};
    char line[PATH_MAX] = "", directory[PATH_MAX] = "";
    if (sandbox_process_line(argv, "plugin-dir ", line, sizeof line))
        sscanf(line, "plugin-dir %4095s", directory);
    return arena_strdup(arena, directory);
}

static bool holds_plugin(struct arena *arena, const char *directory)
{
    return access(arena_printf(arena, "%s/" PLUGIN ".so", directory), R_OK) == 0;
}

static const char **mariadb_argv(struct arena *arena, const struct sandbox_site *site)
{
    const char *extra[3] = {NULL};
    if (holds_plugin(arena, own_plugins(arena, site))) {
        extra[0] = "--plugin-load-add=" PLUGIN;
    } else if (holds_plugin(arena, unpacked_plugins)) {
        extra[0] = "--plugin-load-add=" PLUGIN;
        extra[1] = arena_printf(arena, "--plugin-dir=%s", unpacked_plugins);
    }
    return sandbox_mysqld_argv(arena, site, &mariadb, extra);
}

static char *mariadb_server(struct arena *arena, const struct sandbox_site *site)
{
    return sandbox_mysqld_server(arena, site, &mariadb);
}

const struct sandbox_engine sandbox_mariadb = {
    .name = "mariadb",
    .lexis = SQL_MYSQL,
    .root_users = (const char *const[]){"mysql", "nobody", NULL},
    .find = mariadb_find,
    .init = mariadb_init,
    .argv = mariadb_argv,
    .ready = sandbox_mysqld_ready,
    .dsn = sandbox_mysqld_dsn,
    .server = mariadb_server,
    .stop_fast = SIGTERM,
    .stop_immediate = SIGKILL,
};
