#include "bench/migrate/command.h"

#include "bench/base/clock.h"
#include "bench/migrate/redact.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE_BYTES_MAX = 2000 };
static const int64_t grace_ns = 5 * NS_PER_S, look_ns = 20 * NS_PER_MS;

static size_t count_words(const char *const *argv)
{
    size_t count = 0;
    while (argv[count] != NULL)
        count++;
    return count;
}

/* The words. */

static bool is_plain(const char *word)
{
    bool plain = word[0] != '\0';
    for (const char *c = word; *c != '\0'; c++)
        plain = plain && (isalnum((unsigned char)*c) || strchr("-_./:=@,+{}%", *c) != NULL);
    return plain;
}

char *command_line(struct arena *arena, const char *const *argv)
{
    struct buf line = {0};
    for (size_t i = 0; argv[i] != NULL; i++) {
        if (i > 0)
            buf_putc(&line, ' ');
        if (is_plain(argv[i])) {
            buf_puts(&line, argv[i]);
            continue;
        }
        buf_putc(&line, '\'');
        for (const char *c = argv[i]; *c != '\0'; c++)
            *c == '\'' ? buf_puts(&line, "'\\''") : buf_putc(&line, *c);
        buf_putc(&line, '\'');
    }
    char *text = redact_text(arena, buf_text(&line));
    buf_free(&line);
    return text;
}

struct placeholder {
    const char *name, *value;
};

static bool fill_word(struct arena *arena, const char *word, const struct placeholder *places, size_t count,
                      const char **filled, struct err *err)
{
    struct buf out = {0};
    bool ok = true;
    for (const char *at = word; *at != '\0' && ok;) {
        const struct placeholder *place = NULL;
        for (size_t i = 0; i < count; i++)
            if (strncmp(at, places[i].name, strlen(places[i].name)) == 0)
                place = &places[i];
        if (place == NULL) {
            buf_putc(&out, *at++);
            continue;
        }
        ok = place->value != NULL && place->value[0] != '\0';
        if (ok)
            buf_puts(&out, place->value);
        else
            err_set(err, ERR_ENVIRONMENT, "%s stands in the command, but the target's DSN does not say it",
                    place->name);
        at += strlen(place->name);
    }
    *filled = arena_strdup(arena, buf_text(&out));
    buf_free(&out);
    return ok;
}

bool command_resolve(struct arena *arena, const char *const *argv, const struct db_target *target,
                     const char *const **filled, struct err *err)
{
    const struct placeholder places[] = {{"{host}", target->host},
                                         {"{port}", target->port},
                                         {"{socket}", target->socket},
                                         {"{user}", target->user},
                                         {"{database}", target->database}};
    const char **words = arena_alloc(arena, (count_words(argv) + 1) * sizeof *words);
    for (size_t i = 0; argv[i] != NULL; i++)
        if (!fill_word(arena, argv[i], places, sizeof places / sizeof *places, &words[i], err))
            return err_hint(err, "write it into the DSN, or use {socket} for a server reached by its socket");
    *filled = words;
    return true;
}

bool command_find(struct arena *arena, const char *program, const char **file, struct err *err)
{
    const char *path = getenv("PATH");
    *file = program;
    if (strchr(program, '/') != NULL)
        return access(program, X_OK) == 0 ||
               err_set(err, ERR_ENVIRONMENT, "the program %s cannot be run: %s", program, strerror(errno));
    for (const char *at = path != NULL ? path : "/usr/bin:/bin"; *at != '\0';) {
        size_t length = strcspn(at, ":");
        *file = arena_printf(arena, "%.*s/%s", (int)length, at, program);
        if (length > 0 && access(*file, X_OK) == 0)
            return true;
        at += length + (at[length] == ':');
    }
    err_set(err, ERR_ENVIRONMENT, "the program %s is not on PATH", program);
    return err_hint(err, "install it, or write its path");
}

/* The process. */

/* As execve wants them: in memory of their own. */
static char **copy_words(struct arena *arena, const char *const *argv)
{
    size_t count = count_words(argv);
    char **copy = arena_alloc(arena, (count + 1) * sizeof *copy);
    for (size_t i = 0; i < count; i++)
        copy[i] = arena_strdup(arena, argv[i]);
    return copy;
}

static char **environment_with(struct arena *arena, const char *application_name)
{
    size_t count = 0, kept = 0;
    while (environ[count] != NULL)
        count++;
    char **made = arena_alloc(arena, (count + 2) * sizeof *made);
    for (size_t i = 0; i < count; i++)
        if (strncmp(environ[i], "PGAPPNAME=", 10) != 0)
            made[kept++] = environ[i];
    made[kept] = arena_printf(arena, "PGAPPNAME=%s", application_name);
    return made;
}

/* In the child; only async-signal-safe calls. The parent is looked at after the death signal is set: one that died before
 * would never send it. Own group: Ctrl-C is ours to pass on. */
static _Noreturn void child(const char *file, char *const *argv, char *const *environment, pid_t parent,
                            int input, int output)
{
    sigset_t none;
    sigemptyset(&none);
    setpgid(0, 0);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    close_range(STDERR_FILENO + 1, ~0U, 0);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent)
        execve(file, argv, environment);
    static const char failed[] = "cannot execute the program\n";
    (void)!write(STDERR_FILENO, failed, sizeof failed - 1);
    _exit(127);
}

bool command_start(struct command *command, struct arena *arena, const char *file, const char *const *argv,
                   const char *application_name, struct err *err)
{
    int ends[2] = {-1, -1}, input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    char **words = copy_words(arena, argv), **environment = environment_with(arena, application_name);
    pid_t parent = getpid();
    *command = (struct command){.pid = -1, .output = -1, .arena = arena};
    if (input >= 0 && pipe2(ends, O_CLOEXEC) == 0 && (command->pid = fork()) == 0)
        child(file, words, environment, parent, input, ends[1]);
    if (command->pid < 0)
        err_set(err, ERR_ENVIRONMENT, "cannot start %s: %s", argv[0], strerror(errno));
    else
        setpgid(command->pid, command->pid); /* whoever comes first */
    if (input >= 0)
        close(input);
    if (ends[1] >= 0)
        close(ends[1]);
    command->output = ends[0];
    if (command->output >= 0)
        fcntl(command->output, F_SETFL, O_NONBLOCK);
    return command->pid >= 0;
}

/* Output. */

static void end_line(struct command *command)
{
    if (command->line.length > 0)
        command->lines[command->line_count++ % COMMAND_LINES] = redact_text(command->arena,
                                                                            buf_text(&command->line));
    buf_clear(&command->line);
}

static void take_bytes(struct command *command, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\n' || bytes[i] == '\r')
            end_line(command);
        else if (bytes[i] != '\0' && command->line.length < LINE_BYTES_MAX)
            buf_putc(&command->line, bytes[i]);
    }
}

/* What is there now. False: the end, nobody can write any more. */
static bool read_some(struct command *command)
{
    char bytes[4096];
    ssize_t got;
    while ((got = read(command->output, bytes, sizeof bytes)) > 0)
        take_bytes(command, bytes, (size_t)got);
    return got < 0 && (errno == EAGAIN || errno == EINTR);
}

void command_read(struct command *command, int64_t until_ns)
{
    for (;;) {
        int64_t left_ns = until_ns - clock_ns();
        struct pollfd fd = {.fd = command->output, .events = POLLIN};
        int timeout_ms = left_ns > 0 ? (int)(left_ns / NS_PER_MS) + 1 : 0;
        if (poll(&fd, 1, timeout_ms) > 0 && !read_some(command)) {
            if (left_ns > 0)
                clock_sleep_ns(left_ns < look_ns ? left_ns : look_ns);
            return;
        }
        if (left_ns <= 0)
            return;
    }
}

/* The end. */

static bool has_exited(const struct command *command)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)command->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0;
}

/* The zombie keeps the group's number ours until it is reaped: what the program left running in its group goes first. */
static void reap(struct command *command)
{
    kill(-command->pid, SIGKILL);
    while (waitpid(command->pid, &command->status, 0) < 0 && errno == EINTR)
        ;
    command->pid = -1;
    command_read(command, clock_ns());
    end_line(command);
}

bool command_ended(struct command *command)
{
    if (command->pid < 0 || !has_exited(command))
        return command->pid < 0;
    reap(command);
    return true;
}

void command_stop(struct command *command)
{
    if (command->pid < 0)
        return;
    int64_t until_ns = clock_ns() + grace_ns;
    kill(-command->pid, SIGTERM);
    while (!has_exited(command) && clock_ns() < until_ns)
        command_read(command, clock_ns() + look_ns);
    if (!has_exited(command))
        kill(-command->pid, SIGKILL);
    reap(command);
}

void command_close(struct command *command)
{
    command_stop(command);
    if (command->output >= 0)
        close(command->output);
    command->output = -1;
    buf_free(&command->line);
}

const char *const *command_tail(const struct command *command, size_t most, size_t *count)
{
    size_t kept = command->line_count < COMMAND_LINES ? command->line_count : COMMAND_LINES;
    *count = kept < most ? kept : most;
    const char **tail = arena_alloc(command->arena, (*count + 1) * sizeof *tail);
    for (size_t i = 0; i < *count; i++)
        tail[i] = command->lines[(command->line_count - *count + i) % COMMAND_LINES];
    return tail;
}

const char *command_failure(const struct command *command)
{
    if (WIFSIGNALED(command->status))
        return arena_printf(command->arena, "was ended by signal %d (%s)", WTERMSIG(command->status),
                            strsignal(WTERMSIG(command->status)));
    if (WIFEXITED(command->status) && WEXITSTATUS(command->status) != 0)
        return arena_printf(command->arena, "exited with status %d", WEXITSTATUS(command->status));
    return NULL;
}
