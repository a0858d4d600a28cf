#include "bench/sandbox/sandbox_mysqld.h"

#include "bench/base/file.h"
#include "bench/sandbox/sandbox_directory.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { GREETING_WAIT_MS = 1000 };

/* Durability stays at the server's defaults. Its log may be quoted when it cannot start: a crash report would tell the
 * statement, so there is none. */
static const char *const common_settings[] = {
    "local-infile=1",
    "character-set-server=utf8mb4",
    "log-bin=binlog",
    "max-connections=600",
    "innodb-buffer-pool-size=256M",
    "performance-schema=ON",
    "performance-schema-instrument=wait/lock/metadata/sql/mdl=ON",
    "performance-schema-consumer-events-waits-current=ON",
    "performance-schema-consumer-events-waits-history=ON",
    "performance-schema-instrument=transaction=ON", /* how old is who stands in the way, and its last statement */
    "performance-schema-consumer-events-transactions-current=ON",
    "performance-schema-consumer-events-statements-current=ON",
    "skip-stack-trace",
};

/* "mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu …" or "/usr/sbin/mysqld  Ver 9.7.0 for Linux …". */
static bool says(const char *program, char version[32], bool *mariadb)
{
    const char *argv[] = {program, "--version", NULL};
    char line[256];
    if (access(program, X_OK) != 0 || !sandbox_process_line(argv, "", line, sizeof line))
        return false;
    const char *word = strstr(line, "  Ver ");
    if (word == NULL || sscanf(word, "  Ver %31[0-9.]", version) != 1)
        return false;
    *mariadb = strstr(word, "MariaDB") != NULL;
    return true;
}

static bool is_flavour(const char *program, const struct sandbox_mysqld *flavour)
{
    char version[32];
    bool mariadb;
    return says(program, version, &mariadb) && mariadb == flavour->mariadb;
}

/* Links are followed: the server finds its other files from where it really is. */
static const char *find_in(struct arena *arena, const struct sandbox_mysqld *flavour, const char *directory)
{
    for (const char *const *name = flavour->programs; directory[0] == '/' && *name != NULL; name++) {
        char real[PATH_MAX];
        if (realpath(file_join(arena, directory, *name), real) != NULL && is_flavour(real, flavour))
            return arena_strdup(arena, real);
    }
    return NULL;
}

static const char *find_on_path(struct arena *arena, const struct sandbox_mysqld *flavour)
{
    const char *path = getenv("PATH"), *found = NULL;
    char *rest = arena_strdup(arena, path != NULL ? path : ""), *directory;
    while (found == NULL && (directory = strsep(&rest, ":")) != NULL)
        found = find_in(arena, flavour, directory);
    return found;
}

static const char *expand(struct arena *arena, const char *place)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (place[0] != '~')
        return place;
    if (cache != NULL && cache[0] == '/')
        return arena_printf(arena, "%s%s", cache, place + 1);
    return arena_printf(arena, "%s/.cache%s", home != NULL ? home : "", place + 1);
}

const char *sandbox_mysqld_find(struct arena *arena, const struct sandbox_mysqld *flavour, const char *wanted,
                                struct err *err)
{
    const char *found = NULL, *named = getenv("REHEARSE_MYSQLD");
    if (wanted != NULL) {
        found = find_in(arena, flavour, wanted);
        if (found == NULL)
            err_set(err, ERR_ENVIRONMENT, "no %s server in %s", flavour->title, wanted);
        return found;
    }
    if (named != NULL && named[0] != '\0') {
        char version[32];
        bool mariadb;
        if (!says(named, version, &mariadb)) {
            err_set(err, ERR_ENVIRONMENT, "REHEARSE_MYSQLD names no server: %s", named);
            return NULL;
        }
        if (mariadb == flavour->mariadb)
            return arena_strdup(arena, named);
    }
    found = find_on_path(arena, flavour);
    for (const char *const *place = flavour->places; found == NULL && *place != NULL; place++)
        found = find_in(arena, flavour, expand(arena, *place));
    if (found == NULL) {
        err_set(err, ERR_ENVIRONMENT, "no %s server found on PATH or in /usr/sbin", flavour->title);
        err_hint(err, "%s", flavour->hint);
    }
    return found;
}

static const char *socket_path(struct arena *arena, const struct sandbox_site *site)
{
    return arena_printf(arena, "%s/%s", site->directory, site->follower ? "s2.sock" : "s.sock");
}

static size_t length_of(const char *const *list)
{
    size_t count = 0;
    while (list[count] != NULL)
        count++;
    return count;
}

const char **sandbox_mysqld_argv(struct arena *arena, const struct sandbox_site *site,
                                 const struct sandbox_mysqld *flavour, const char *const *extra)
{
    size_t common = sizeof common_settings / sizeof common_settings[0], own = length_of(flavour->settings);
    size_t more = length_of(extra), fixed = 8, count = 0;
    size_t capacity = fixed + common + own + more + site->setting_count + 1;
    const char **argv = arena_alloc(arena, capacity * sizeof *argv);
    argv[count++] = site->bin;
    argv[count++] = "--no-defaults";
    argv[count++] = arena_printf(arena, "--datadir=%s", site->data);
    argv[count++] = arena_printf(arena, "--pid-file=%s/%s", site->data, SANDBOX_MYSQLD_PID_FILE);
    argv[count++] = arena_printf(arena, "--socket=%s", socket_path(arena, site));
    argv[count++] = arena_printf(arena, "--tmpdir=%s", site->data); /* not its replica's, which empties it */
    argv[count++] = site->follower ? "--server-id=2" : "--server-id=1";
    if (site->port == 0)
        argv[count++] = "--skip-networking";
    for (size_t i = 0; i < common; i++)
        argv[count++] = arena_printf(arena, "--%s", common_settings[i]);
    for (size_t i = 0; i < own; i++)
        argv[count++] = arena_printf(arena, "--%s", flavour->settings[i]);
    for (size_t i = 0; i < more; i++)
        argv[count++] = extra[i];
    for (size_t i = 0; i < site->setting_count; i++)
        argv[count++] = arena_printf(arena, "--%s", site->settings[i]);
    assert(count < capacity);
    return argv;
}

bool sandbox_mysqld_run(const struct sandbox_site *site, const char *const *argv, const char *input,
                        struct err *err)
{
    struct sandbox_process process = {.argv = argv,
                                      .user = &site->user,
                                      .directory = site->directory,
                                      .log = site->setup_log,
                                      .input = input,
                                      .death_signal = SIGKILL};
    return sandbox_process_run(&process, err);
}

const char *sandbox_mysqld_file(struct arena *arena, const struct sandbox_site *site, const char *name,
                                const char *statements, struct err *err)
{
    const char *path = file_join(arena, site->directory, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    ssize_t length = (ssize_t)strlen(statements);
    bool wrote = fd >= 0 && write(fd, statements, (size_t)length) == length &&
                 (!site->user.change || fchown(fd, site->user.uid, site->user.gid) == 0);
    if (fd >= 0)
        close(fd);
    if (!wrote)
        err_set(err, ERR_ENVIRONMENT, "cannot write %s: %s", path, strerror(errno));
    return wrote ? path : NULL;
}

/* Whose pid file it is: a server that was killed leaves its own behind. */
static bool is_running(const struct sandbox_site *site, pid_t server)
{
    char path[PATH_MAX], line[32] = "";
    snprintf(path, sizeof path, "%s/%s", site->data, SANDBOX_MYSQLD_PID_FILE);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    bool same = fgets(line, sizeof line, file) != NULL && strtol(line, NULL, 10) == (long)server;
    fclose(file);
    return same;
}

/* The kernel takes connections before the server does: it is ready when it greets. */
bool sandbox_mysqld_ready(const struct sandbox_site *site, pid_t server)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct arena arena = {0};
    const char *path = socket_path(&arena, site);
    bool fits = strlen(path) < sizeof address.sun_path, greeted = false;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    arena_free(&arena);
    if (!fits || !is_running(site, server))
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    struct pollfd answer = {.fd = fd, .events = POLLIN};
    char greeting[64];
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
        poll(&answer, 1, GREETING_WAIT_MS) == 1)
        greeted = read(fd, greeting, sizeof greeting) > 0;
    close(fd);
    return greeted;
}

char *sandbox_mysqld_dsn(struct arena *arena, const struct sandbox_site *site)
{
    return arena_printf(arena, "mysql://root@localhost/rehearse?socket=%s", socket_path(arena, site));
}

char *sandbox_mysqld_server(struct arena *arena, const struct sandbox_site *site,
                            const struct sandbox_mysqld *flavour)
{
    char version[32] = "of unknown version";
    bool mariadb;
    says(site->bin, version, &mariadb);
    return arena_printf(arena, "%s %s, %s", flavour->title, version, file_directory(arena, site->bin));
}
