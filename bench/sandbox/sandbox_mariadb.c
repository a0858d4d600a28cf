/* MariaDB: data made by mariadb-install-db; the plugin that shows true lock modes is loaded where it is found. */
#include "bench/base/file.h"
#include "bench/sandbox/sandbox_mysqld.h"

#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define PLUGIN      "metadata_lock_info"
#define FOLLOWER    "follower"   /* the replica's user at the primary */
#define LEAD_FILE   "lead.sql"   /* what the primary runs when it starts */
#define FOLLOW_FILE "follow.sql" /* what the replica does */

enum { PASSWORD_BYTES = 33 };

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
    /* A server that starts removes the temporary tables it finds: those of others in /tmp must not be among them. */
    const char *tmpdir = arena_printf(&arena, "--tmpdir=%s", site->directory);
    const char *install[] = {installer,
                             "--no-defaults",
                             arena_printf(&arena, "--basedir=%s", prefix),
                             datadir,
                             tmpdir,
                             "--auth-root-authentication-method=normal",
                             "--skip-test-db",
                             "--force", /* a host name that does not resolve */
                             NULL};
    const char *bootstrap[] = {site->bin, "--no-defaults", "--bootstrap", datadir, tmpdir, NULL};
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
    const char *extra[8] = {NULL};
    size_t count = 0;
    bool own = holds_plugin(arena, own_plugins(arena, site)),
         unpacked = holds_plugin(arena, unpacked_plugins);
    if (own || unpacked)
        extra[count++] = "--plugin-load-add=" PLUGIN;
    if (!own && unpacked)
        extra[count++] = arena_printf(arena, "--plugin-dir=%s", unpacked_plugins);
    if (site->follower) {
        extra[count++] = "--read-only";
        extra[count++] = "--skip-slave-start"; /* its first statements start it */
        extra[count++] = arena_printf(arena, "--init-file=%s/" FOLLOW_FILE, site->directory);
    } else if (site->port > 0) {
        extra[count++] = "--bind-address=127.0.0.1";
        extra[count++] = arena_printf(arena, "--port=%d", site->port);
        extra[count++] = "--skip-name-resolve"; /* 127.0.0.1 is not localhost, where root has no password */
        extra[count++] = arena_printf(arena, "--init-file=%s/" LEAD_FILE, site->directory);
    }
    return sandbox_mysqld_argv(arena, site, &mariadb, extra);
}

static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool found = fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
                 getsockname(fd, (struct sockaddr *)&address, &length) == 0;
    if (fd >= 0)
        close(fd);
    return found ? ntohs(address.sin_port) : 0;
}

static bool make_password(char password[PASSWORD_BYTES])
{
    unsigned char bytes[(PASSWORD_BYTES - 1) / 2];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return false;
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(password + 2 * i, 3, "%02x", bytes[i]);
    return true;
}

/* MariaDB replicates over TCP only. Both statement files are run at every start, so that they are true after a restore too;
 * only the server's user can read them. */
static bool mariadb_follow(struct sandbox_site *primary, struct sandbox_site *replica, struct err *err)
{
    char password[PASSWORD_BYTES];
    primary->port = free_port();
    if (primary->port == 0 || !make_password(password))
        return err_set(err, ERR_ENVIRONMENT, "no port of 127.0.0.1, or no random numbers, for replication");
    struct arena arena = {0};
    const char *lead = arena_printf(&arena,
                                    "SET SESSION sql_log_bin = 0;\n"
                                    "GRANT REPLICATION SLAVE ON *.* TO " FOLLOWER
                                    "@'127.0.0.1' IDENTIFIED BY '%s';\n",
                                    password);
    const char *follow = arena_printf(
        &arena,
        "CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = %d, "
        "MASTER_USER = '" FOLLOWER "', MASTER_PASSWORD = '%s', "
        "MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1;\nSTART SLAVE;\n",
        primary->port, password);
    bool made = sandbox_mysqld_file(&arena, primary, LEAD_FILE, lead, err) != NULL &&
                sandbox_mysqld_file(&arena, replica, FOLLOW_FILE, follow, err) != NULL;
    arena_free(&arena);
    return made;
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
    .follow = mariadb_follow,
    .ready = sandbox_mysqld_ready,
    .dsn = sandbox_mysqld_dsn,
    .server = mariadb_server,
    .stop_fast = SIGTERM,
    .stop_immediate = SIGKILL,
};
