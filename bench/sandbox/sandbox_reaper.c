#include "bench/sandbox/sandbox_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SERVER_GRACE_TENTHS = 60, REMOVE_TRIES = 50 };

static void sleep_tenth(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
}

/* Joins path and name; false when it does not fit. Unlike snprintf it may be called after fork. */
static bool join(char *out, size_t size, const char *path, const char *name)
{
    size_t path_length = strlen(path), name_length = strlen(name);
    if (path_length + name_length + 1 > size)
        return false;
    memcpy(out, path, path_length);
    memcpy(out + path_length, name, name_length);
    out[path_length + name_length] = '\0';
    return true;
}

static bool runs_in(const char *pid_text, const char *data)
{
    char process[48], link[64], where[256];
    if (!join(process, sizeof process, "/proc/", pid_text) || !join(link, sizeof link, process, "/cwd"))
        return false;
    ssize_t length = readlink(link, where, sizeof where - 1);
    if (length < 0)
        return false;
    where[length] = '\0';
    return strcmp(where, data) == 0;
}

static pid_t server_in(const char *data, const char *file_name)
{
    char pid_file[280], text[24] = "";
    if (!join(pid_file, sizeof pid_file, data, file_name))
        return 0;
    int fd = open(pid_file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return 0;
    ssize_t got = read(fd, text, sizeof text - 1);
    close(fd);
    if (got <= 0)
        return 0;
    text[strspn(text, "0123456789")] = '\0';
    return runs_in(text, data) ? (pid_t)strtol(text, NULL, 10) : 0;
}

pid_t sandbox_reaper_server(const char *path)
{
    static const char *const places[] = {"/data", "/data2"};
    static const char *const files[] = {"/postmaster.pid", "/" SANDBOX_MYSQLD_PID_FILE};
    for (size_t i = 0; i < 4; i++) {
        char data[256];
        pid_t server = join(data, sizeof data, path, places[i / 2]) ? server_in(data, files[i % 2]) : 0;
        if (server > 0)
            return server;
    }
    return 0;
}

/* A server that was killed is gone when its own directory is no longer where it works. */
void sandbox_reaper_kill(const char *path)
{
    pid_t server;
    for (int i = 0; i < SERVER_GRACE_TENTHS && (server = sandbox_reaper_server(path)) > 0; i++) {
        kill(server, SIGKILL);
        sleep_tenth();
    }
}

static void wait_for_server(const char *path)
{
    for (int i = 0; i < SERVER_GRACE_TENTHS; i++) {
        if (sandbox_reaper_server(path) == 0)
            return;
        sleep_tenth();
    }
    sandbox_reaper_kill(path);
}

/* Its processes may still write for a moment, so a removal that failed is tried again. */
static void remove_directory(const char *path)
{
    char argument[SANDBOX_PATH_BYTES];
    char *const argv[] = {"rm", "-rf", "--", argument, NULL};
    if (!join(argument, sizeof argument, path, ""))
        return;
    for (int i = 0; i < REMOVE_TRIES && access(path, F_OK) == 0; i++) {
        if (i > 0)
            sleep_tenth();
        pid_t rm = fork();
        if (rm == 0) {
            execv("/bin/rm", argv);
            _exit(127);
        }
        while (rm > 0 && waitpid(rm, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
}

/* In the child, which may have been forked beside threads: only async-signal-safe calls. It keeps no file of ours open
 * but the lifeline, and leaves the terminal's signals to us: it has to outlive us. */
static _Noreturn void reap(const char *path, int lifeline)
{
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    setsid();
    prctl(PR_SET_NAME, "rehearse-reaper");
    dup2(lifeline, STDIN_FILENO);
    close_range(STDIN_FILENO + 1, ~0U, 0);
    (void)!chdir("/");
    char byte;
    while (read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR)
        continue;
    wait_for_server(path);
    remove_directory(path);
    _exit(0);
}

pid_t sandbox_reaper_start(const char *path, int *lifeline, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        err_set(err, ERR_ENVIRONMENT, "cannot make a pipe: %s", strerror(errno));
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0)
        reap(path, ends[0]);
    close(ends[0]);
    if (pid < 0) {
        err_set(err, ERR_ENVIRONMENT, "cannot fork: %s", strerror(errno));
        close(ends[1]);
        return -1;
    }
    *lifeline = ends[1];
    return pid;
}
