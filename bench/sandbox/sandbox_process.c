#include "bench/sandbox/sandbox_process.h"

#include "bench/base/arena.h"
#include "bench/base/buf.h"
#include "bench/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* As execve wants them: in memory of their own. */
static char **copy_list(struct arena *arena, const char *const *list)
{
    size_t count = 0;
    while (list[count] != NULL)
        count++;
    char **copy = arena_alloc(arena, (count + 1) * sizeof *copy);
    for (size_t i = 0; i < count; i++)
        copy[i] = arena_strdup(arena, list[i]);
    return copy;
}

static bool changes_servers(const char *variable)
{
    static const char *const prefixes[] = {"PG", "MYSQL", "MARIADB", "TMPDIR="};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (strncmp(variable, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

/* Our environment without the variables of servers and their clients (PGDATA, MYSQL_HOME …), which would change what is
 * started, and without our directory for temporary files, which the server's user may not enter. */
static char **clean_environment(struct arena *arena)
{
    size_t count = 0, kept = 0;
    while (environ[count] != NULL)
        count++;
    char **clean = arena_alloc(arena, (count + 1) * sizeof *clean);
    for (size_t i = 0; i < count; i++)
        if (!changes_servers(environ[i]))
            clean[kept++] = environ[i];
    return clean;
}

static int input_pipe(const char *text)
{
    if (text == NULL)
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    ssize_t wrote = write(ends[1], text, strlen(text)); /* fits: a pipe holds more */
    close(ends[1]);
    if (wrote == (ssize_t)strlen(text))
        return ends[0];
    close(ends[0]);
    return -1;
}

static bool become(const struct sandbox_user *user)
{
    return !user->change || (setgroups(0, NULL) == 0 && setresgid(user->gid, user->gid, user->gid) == 0 &&
                             setresuid(user->uid, user->uid, user->uid) == 0);
}

/* In the child; only async-signal-safe calls. The death signal is set after the change of user, which clears it, and the
 * parent is looked at after that: one that died before would never send it. Own session: Ctrl-C is not for servers. */
static _Noreturn void child(const struct sandbox_process *process, char *const *argv,
                            char *const *environment, pid_t parent, int input, int output)
{
    sigset_t none;
    sigemptyset(&none);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    umask(077);
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    close_range(STDERR_FILENO + 1, ~0U, 0);
    if (become(process->user) && chdir(process->directory) == 0 &&
        prctl(PR_SET_PDEATHSIG, process->death_signal) == 0 && getppid() == parent)
        execve(argv[0], argv, environment);
    static const char failed[] = "cannot execute the program\n";
    (void)!write(STDERR_FILENO, failed, sizeof failed - 1);
    _exit(127);
}

pid_t sandbox_process_start(const struct sandbox_process *process, struct err *err)
{
    int input = input_pipe(process->input);
    int output = open(process->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct arena arena = {0};
    char **argv = copy_list(&arena, process->argv), **environment = clean_environment(&arena);
    pid_t parent = getpid(), pid = -1;
    if (input >= 0 && output >= 0 && (pid = fork()) == 0)
        child(process, argv, environment, parent, input, output);
    if (pid < 0)
        err_set(err, ERR_ENVIRONMENT, "cannot start %s: %s", process->argv[0], strerror(errno));
    arena_free(&arena);
    if (input >= 0)
        close(input);
    if (output >= 0)
        close(output);
    return pid;
}

bool sandbox_process_ended(pid_t pid, int64_t deadline_ns, int *status)
{
    int ignored;
    for (;;) {
        pid_t got = waitpid(pid, status != NULL ? status : &ignored, WNOHANG);
        if (got == pid || (got < 0 && errno != EINTR))
            return true;
        if (clock_ns() >= deadline_ns)
            return false;
        clock_sleep_ns(2 * NS_PER_MS);
    }
}

bool sandbox_process_run(const struct sandbox_process *process, struct err *err)
{
    pid_t pid = sandbox_process_start(process, err);
    if (pid < 0)
        return false;
    int status = 0;
    sandbox_process_ended(pid, CLOCK_NEVER_NS, &status);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    return sandbox_process_failed(process->log, err, "%s failed", process->argv[0]);
}

static bool find_line(const char *path, const char *begin, char *line, size_t size)
{
    bool found = false;
    FILE *file = fopen(path, "re");
    while (file != NULL && !found && fgets(line, (int)size, file) != NULL)
        found = strncmp(line, begin, strlen(begin)) == 0;
    if (file != NULL)
        fclose(file);
    return found;
}

bool sandbox_process_line(const char *const *argv, const char *begin, char *line, size_t size)
{
    char path[] = "/tmp/rehearse-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return false;
    close(fd);
    struct err ignored = {0};
    struct sandbox_user ourselves = {.uid = geteuid(), .gid = getegid()};
    struct sandbox_process process = {
        .argv = argv, .user = &ourselves, .directory = "/", .log = path, .death_signal = SIGKILL};
    bool found = sandbox_process_run(&process, &ignored) && find_line(path, begin, line, size);
    unlink(path);
    return found;
}

bool sandbox_process_failed(const char *log, struct err *err, const char *format, ...)
{
    char tail[601] = "";
    FILE *file = fopen(log, "re");
    if (file != NULL) {
        if (fseek(file, -(long)(sizeof tail - 1), SEEK_END) != 0)
            rewind(file);
        tail[fread(tail, 1, sizeof tail - 1, file)] = '\0';
        fclose(file);
    }
    for (size_t end = strlen(tail); end > 0 && tail[end - 1] == '\n'; end--)
        tail[end - 1] = '\0';
    struct buf what = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&what, format, args);
    va_end(args);
    err_set(err, ERR_ENVIRONMENT, "%s%s%s", buf_text(&what), tail[0] != '\0' ? ": " : "", tail);
    buf_free(&what);
    return false;
}
