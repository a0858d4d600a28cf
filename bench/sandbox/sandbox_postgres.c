#include "bench/base/buf.h"
#include "bench/sandbox/sandbox_engine.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUPERUSER    "rehearse"
#define PRIMARY_PORT "5432" /* a part of the socket's name */
#define REPLICA_PORT "5433"

static const char superuser_option[] = "--username=" SUPERUSER;

/* Durability stays at the server's defaults: a published time is a time of a durable server. The end of its log may be
 * quoted when it cannot start: no values of rows in there. */
static const char *const staging_settings[] = {
    "listen_addresses=",
    "shared_buffers=256MB",
    "max_connections=600",
    "max_wal_size=4GB",
    "log_checkpoints=on",
    "log_min_messages=warning",
    "cluster_name=rehearse-sandbox",
    "log_error_verbosity=terse",
    "log_min_error_statement=panic",
};

static const char *const replica_settings[] = {
    "cluster_name=rehearse-sandbox-replica",
    "wal_retrieve_retry_interval=200ms", /* when the primary was away */
};

static bool holds_server(const char *bin)
{
    char postgres[PATH_MAX], initdb[PATH_MAX];
    return snprintf(postgres, sizeof postgres, "%s/postgres", bin) < PATH_MAX &&
           snprintf(initdb, sizeof initdb, "%s/initdb", bin) < PATH_MAX && access(postgres, X_OK) == 0 &&
           access(initdb, X_OK) == 0;
}

/* Links on PATH are followed: the server finds its library and share directories from where it really is. */
static const char *find_on_path(struct arena *arena)
{
    const char *path = getenv("PATH");
    char *rest = arena_strdup(arena, path != NULL ? path : ""), *place;
    while ((place = strsep(&rest, ":")) != NULL) {
        char real[PATH_MAX];
        if (place[0] != '/' || realpath(arena_printf(arena, "%s/initdb", place), real) == NULL)
            continue;
        *strrchr(real, '/') = '\0';
        if (holds_server(real))
            return arena_strdup(arena, real);
    }
    return NULL;
}

static const char *find_newest_packaged(struct arena *arena)
{
    glob_t found = {0};
    const char *newest = NULL;
    double newest_version = 0;
    if (glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++) {
            double version = strtod(found.gl_pathv[i] + strlen("/usr/lib/postgresql/"), NULL);
            if (version > newest_version && holds_server(found.gl_pathv[i])) {
                newest = arena_strdup(arena, found.gl_pathv[i]);
                newest_version = version;
            }
        }
    globfree(&found);
    return newest;
}

static const char *postgres_find(struct arena *arena, const char *wanted, struct err *err)
{
    const char *named = wanted != NULL ? wanted : getenv("REHEARSE_PG_BIN");
    if (named != NULL && named[0] != '\0') {
        if (holds_server(named))
            return arena_strdup(arena, named);
        err_set(err, ERR_ENVIRONMENT, "no PostgreSQL server (postgres and initdb) in %s", named);
        return NULL;
    }
    const char *bin = find_on_path(arena);
    if (bin == NULL)
        bin = find_newest_packaged(arena);
    if (bin == NULL) {
        err_set(err, ERR_ENVIRONMENT, "no PostgreSQL server found on PATH or in /usr/lib/postgresql/*/bin");
        err_hint(err, "install it (Debian: apt-get install postgresql) or set REHEARSE_PG_BIN to the "
                      "directory of initdb");
    }
    return bin;
}

static bool run(const struct sandbox_site *site, const char *const *argv, const char *input, struct err *err)
{
    struct sandbox_process process = {.argv = argv,
                                      .user = &site->user,
                                      .directory = site->directory,
                                      .log = site->setup_log,
                                      .input = input,
                                      .death_signal = SIGKILL};
    return sandbox_process_run(&process, err);
}

/* The database is made by a single-user server, before anything listens. */
static bool postgres_init(const struct sandbox_site *site, struct err *err)
{
    struct arena arena = {0};
    const char *initdb[] = {arena_printf(&arena, "%s/initdb", site->bin),
                            "--pgdata",
                            site->data,
                            "--auth=trust",
                            superuser_option,
                            "--encoding=UTF8",
                            "--locale=C.UTF-8",
                            "--no-sync",
                            NULL};
    const char *single[] = {arena_printf(&arena, "%s/postgres", site->bin),
                            "--single",
                            "-F",
                            "-j",
                            "-D",
                            site->data,
                            "-c",
                            "log_checkpoints=off",
                            "postgres",
                            NULL};
    bool made = run(site, initdb, NULL, err) && run(site, single, "CREATE DATABASE rehearse;\n\n", err);
    arena_free(&arena);
    return made;
}

static const char *port(const struct sandbox_site *site)
{
    return site->follower ? REPLICA_PORT : PRIMARY_PORT;
}

static const char **postgres_argv(struct arena *arena, const struct sandbox_site *site)
{
    size_t fixed = sizeof staging_settings / sizeof staging_settings[0], count = 0;
    size_t more = site->follower ? sizeof replica_settings / sizeof replica_settings[0] : 0;
    const char **argv = arena_alloc(arena, (12 + 2 * (fixed + more + site->setting_count)) * sizeof *argv);
    argv[count++] = arena_printf(arena, "%s/postgres", site->bin);
    argv[count++] = "-D";
    argv[count++] = site->data;
    argv[count++] = "-k";
    argv[count++] = site->directory;
    argv[count++] = "-p";
    argv[count++] = port(site);
    for (size_t i = 0; i < fixed + site->setting_count; i++) {
        argv[count++] = "-c";
        argv[count++] = i < fixed ? staging_settings[i] : site->settings[i - fixed];
    }
    for (size_t i = 0; i < more; i++) {
        argv[count++] = "-c";
        argv[count++] = replica_settings[i];
    }
    if (site->follower) {
        argv[count++] = "-c";
        argv[count++] = arena_printf(arena, "primary_conninfo=host=%s port=" PRIMARY_PORT " user=" SUPERUSER,
                                     site->directory);
    }
    return argv;
}

/* The signal file is what makes it a standby; whom it follows is a setting. */
static bool postgres_follow(struct sandbox_site *primary, struct sandbox_site *replica, struct err *err)
{
    (void)primary;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/standby.signal", replica->data);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool made = fd >= 0 && (!replica->user.change || fchown(fd, replica->user.uid, replica->user.gid) == 0);
    if (fd >= 0)
        close(fd);
    return made || err_set(err, ERR_ENVIRONMENT, "cannot write %s: %s", path, strerror(errno));
}

/* The eighth line of the pid file says "ready" once connections are let in; the first tells whose file it is, for a server
 * that was killed leaves its own behind. */
static bool postgres_ready(const struct sandbox_site *site, pid_t server)
{
    char path[PATH_MAX], line[256] = "";
    snprintf(path, sizeof path, "%s/postmaster.pid", site->data);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    bool same = fgets(line, sizeof line, file) != NULL && strtol(line, NULL, 10) == (long)server;
    int number = 1;
    while (number < 8 && fgets(line, sizeof line, file) != NULL)
        number++;
    fclose(file);
    return same && number == 8 && strncmp(line, "ready", strlen("ready")) == 0;
}

static char *postgres_dsn(struct arena *arena, const struct sandbox_site *site)
{
    return arena_printf(arena, "host=%s port=%s user=" SUPERUSER " dbname=rehearse", site->directory,
                        port(site));
}

/* Asks the program, which prints "postgres (PostgreSQL) 15.18 (Debian …)" and may be asked by root. */
static char *postgres_server(struct arena *arena, const struct sandbox_site *site)
{
    const char *program[] = {arena_printf(arena, "%s/postgres", site->bin), "--version", NULL};
    char line[256], version[32] = "of unknown version";
    if (sandbox_process_line(program, "postgres", line, sizeof line))
        sscanf(line, "postgres (PostgreSQL) %31s", version);
    return arena_printf(arena, "PostgreSQL %s, %s", version, site->bin);
}

const struct sandbox_engine sandbox_postgres = {
    .name = "postgresql",
    .lexis = SQL_POSTGRES,
    .root_users = (const char *const[]){"postgres", NULL},
    .find = postgres_find,
    .init = postgres_init,
    .argv = postgres_argv,
    .follow = postgres_follow,
    .ready = postgres_ready,
    .dsn = postgres_dsn,
    .server = postgres_server,
    .stop_fast = SIGINT,
    .stop_immediate = SIGQUIT,
};
