#include "bench/sandbox/sandbox.h"

#include "bench/base/clock.h"
#include "bench/base/file.h"
#include "bench/sandbox/sandbox_directory.h"
#include "bench/sandbox/sandbox_engine.h"

#include <assert.h>
#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PREFIX         "sandbox:"
#define READY_WAIT_NS  (120 * NS_PER_S) /* after a crash it first replays up to max_wal_size */
#define STOP_WAIT_NS   (60 * NS_PER_S)
#define KILLED_WAIT_NS (10 * NS_PER_S)

static const struct sandbox_engine *const engines[] = {&sandbox_postgres, &sandbox_mariadb, &sandbox_mysql};

struct sandbox {
    const struct sandbox_engine *engine;
    struct arena arena;
    struct sandbox_site site;
    char directory[SANDBOX_PATH_BYTES];
    const char *dsn, *server;
    const char *kept; /* the copy of the data that restore brings back */
    pid_t pid;        /* of the server; 0 while it is stopped */
    pid_t reaper;
    int lifeline; /* the reaper acts when the last copy of this end is closed: by us or by our death */
};

bool sandbox_is_dsn(const char *dsn)
{
    return strncmp(dsn, PREFIX, strlen(PREFIX)) == 0;
}

static const struct sandbox_engine *engine_named(const char *name, struct err *err)
{
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++)
        if (strcmp(engines[i]->name, name) == 0)
            return engines[i];
    err_set(err, ERR_USAGE, "no throw-away server for engine \"%s\"", name);
    err_hint(err, "there are sandbox:postgresql, sandbox:mariadb and sandbox:mysql");
    return NULL;
}

bool sandbox_lexis(const char *dsn, enum sql_lexis *lexis, struct err *err)
{
    char name[32];
    const char *begin = dsn + strlen(PREFIX);
    snprintf(name, sizeof name, "%.*s", (int)strcspn(begin, "?"), begin);
    const struct sandbox_engine *engine = engine_named(name, err);
    if (engine != NULL)
        *lexis = engine->lexis;
    return engine != NULL;
}

static bool read_option(struct sandbox *sandbox, char *option, const char **bin, struct err *err)
{
    char *value = strchr(option, '=');
    if (value != NULL && strncmp(option, "bin=", strlen("bin=")) == 0) {
        *bin = value + 1;
        return true;
    }
    if (value != NULL && strncmp(option, "set.", strlen("set.")) == 0 && value > option + strlen("set.")) {
        sandbox->site.settings[sandbox->site.setting_count++] = option + strlen("set.");
        return true;
    }
    err_set(err, ERR_USAGE, "unknown sandbox option \"%s\"", option);
    return err_hint(err, "options are bin=DIRECTORY and set.SETTING=VALUE, joined by &");
}

/* "sandbox:engine?option&option" into the sandbox; *bin is what the user named, or NULL. */
static bool read_dsn(struct sandbox *sandbox, const char *dsn, const char **bin, struct err *err)
{
    if (!sandbox_is_dsn(dsn))
        return err_set(err, ERR_USAGE, "a sandbox is written sandbox:ENGINE");
    char *options = arena_strdup(&sandbox->arena, dsn + strlen(PREFIX));
    const char *engine = strsep(&options, "?");
    sandbox->engine = engine_named(engine, err);
    if (sandbox->engine == NULL)
        return false;
    sandbox->site.settings = arena_alloc(&sandbox->arena, (strlen(dsn) + 1) * sizeof *sandbox->site.settings);
    for (char *option; (option = strsep(&options, "&")) != NULL;)
        if (option[0] != '\0' && !read_option(sandbox, option, bin, err))
            return false;
    return true;
}

static bool choose_user(const struct sandbox_engine *engine, struct sandbox_user *user, struct err *err)
{
    *user = (struct sandbox_user){.uid = geteuid(), .gid = getegid()};
    if (user->uid != 0)
        return true;
    const struct passwd *entry = NULL;
    for (const char *const *name = engine->root_users; entry == NULL && *name != NULL; name++)
        entry = getpwnam(*name);
    if (entry == NULL) {
        err_set(err, ERR_ENVIRONMENT, "the server refuses to run as root, and there is no user \"%s\"",
                engine->root_users[0]);
        return err_hint(err,
                        "install the server's package, which makes that user, or run as an ordinary user");
    }
    *user = (struct sandbox_user){.change = true, .uid = entry->pw_uid, .gid = entry->pw_gid};
    return true;
}

static bool make_directory(struct sandbox *sandbox, struct err *err)
{
    sandbox_directory_remove_orphans(&sandbox->site.user);
    if (!sandbox_directory_make(&sandbox->site.user, sandbox->directory, err))
        return false;
    sandbox->reaper = sandbox_reaper_start(sandbox->directory, &sandbox->lifeline, err);
    if (sandbox->reaper < 0) {
        file_remove_tree(sandbox->directory);
        return false;
    }
    sandbox->site.directory = sandbox->directory;
    sandbox->site.data = arena_printf(&sandbox->arena, "%s/data", sandbox->directory);
    sandbox->site.log = arena_printf(&sandbox->arena, "%s/log", sandbox->directory);
    sandbox->site.setup_log = arena_printf(&sandbox->arena, "%s/setup.log", sandbox->directory);
    return true;
}

struct sandbox *sandbox_start(const char *dsn, struct err *err)
{
    assert(gettid() == getpid()); /* the server ends with the thread that started it */
    struct sandbox *sandbox = mem_alloc(sizeof *sandbox);
    sandbox->reaper = -1;
    const char *bin = NULL;
    if (!read_dsn(sandbox, dsn, &bin, err) || !choose_user(sandbox->engine, &sandbox->site.user, err))
        goto failed;
    sandbox->site.bin = sandbox->engine->find(&sandbox->arena, bin, err);
    if (sandbox->site.bin == NULL || !make_directory(sandbox, err) ||
        !sandbox->engine->init(&sandbox->site, err) || !sandbox_start_server(sandbox, err))
        goto failed;
    sandbox->dsn = sandbox->engine->dsn(&sandbox->arena, &sandbox->site);
    sandbox->server = sandbox->engine->server(&sandbox->arena, &sandbox->site);
    return sandbox;
failed:
    sandbox_stop(sandbox);
    err_wrap(err, "throw-away server");
    return NULL;
}

bool sandbox_start_server(struct sandbox *sandbox, struct err *err)
{
    if (sandbox->pid > 0 && !sandbox_process_ended(sandbox->pid, 0, NULL))
        return true;
    sandbox->pid = 0;
    struct arena arena = {0};
    struct sandbox_process process = {.argv = sandbox->engine->argv(&arena, &sandbox->site),
                                      .user = &sandbox->site.user,
                                      .directory = sandbox->site.directory,
                                      .log = sandbox->site.log,
                                      .death_signal = sandbox->engine->stop_immediate};
    pid_t pid = sandbox_process_start(&process, err);
    arena_free(&arena);
    if (pid < 0)
        return false;
    int64_t deadline_ns = clock_ns() + READY_WAIT_NS;
    while (!sandbox->engine->ready(&sandbox->site, pid)) {
        if (sandbox_process_ended(pid, clock_ns() + 5 * NS_PER_MS, NULL))
            return sandbox_process_failed(sandbox->site.log, err, "the server ended while it started");
        if (clock_ns() > deadline_ns) {
            kill(pid, SIGKILL);
            sandbox_process_ended(pid, CLOCK_NEVER_NS, NULL);
            return sandbox_process_failed(sandbox->site.log, err, "the server was not ready after 2 min");
        }
    }
    sandbox->pid = pid;
    return true;
}

/* A server that does not stop fast is stopped immediately, and one that does not do that either is killed. */
bool sandbox_stop_server(struct sandbox *sandbox, bool immediate, struct err *err)
{
    if (sandbox->pid <= 0)
        return true;
    const struct {
        int signal;
        int64_t wait_ns;
    } steps[] = {{sandbox->engine->stop_fast, STOP_WAIT_NS},
                 {sandbox->engine->stop_immediate, KILLED_WAIT_NS},
                 {SIGKILL, KILLED_WAIT_NS}};
    for (size_t i = immediate ? 1 : 0; i < sizeof steps / sizeof steps[0]; i++) {
        kill(sandbox->pid, steps[i].signal);
        kill(sandbox->pid, SIGCONT); /* a frozen server takes no other signal */
        if (sandbox_process_ended(sandbox->pid, clock_ns() + steps[i].wait_ns, NULL)) {
            sandbox->pid = 0;
            return true;
        }
    }
    return err_set(err, ERR_ENVIRONMENT, "the throw-away server (pid %d) does not end", (int)sandbox->pid);
}

/* As the server's user, so that nothing changes hands; a copy on write where the file system can. */
static bool copy_tree(const struct sandbox *sandbox, const char *from, const char *to, struct err *err)
{
    const char *argv[] = {"/bin/cp", "-a", "--reflink=auto", "--", from, to, NULL};
    struct sandbox_process process = {.argv = argv,
                                      .user = &sandbox->site.user,
                                      .directory = sandbox->site.directory,
                                      .log = sandbox->site.setup_log,
                                      .death_signal = SIGKILL};
    return sandbox_process_run(&process, err);
}

bool sandbox_keep(struct sandbox *sandbox, struct err *err)
{
    if (sandbox->kept == NULL)
        sandbox->kept = arena_printf(&sandbox->arena, "%s/kept", sandbox->directory);
    file_remove_tree(sandbox->kept);
    return (sandbox_stop_server(sandbox, false, err) &&
            copy_tree(sandbox, sandbox->site.data, sandbox->kept, err) &&
            sandbox_start_server(sandbox, err)) ||
           err_wrap(err, "keep the data aside");
}

bool sandbox_restore(struct sandbox *sandbox, struct err *err)
{
    assert(sandbox->kept != NULL); /* sandbox_keep comes first */
    if (sandbox_stop_server(sandbox, true, err)) {
        file_remove_tree(sandbox->site.data);
        if (copy_tree(sandbox, sandbox->kept, sandbox->site.data, err) && sandbox_start_server(sandbox, err))
            return true;
    }
    return err_wrap(err, "bring the kept data back");
}

/* The reaper removes the directory, as it would if we died. */
void sandbox_stop(struct sandbox *sandbox)
{
    if (sandbox == NULL)
        return;
    struct err ignored = {0};
    sandbox_stop_server(sandbox, true, &ignored);
    if (sandbox->reaper > 0) {
        close(sandbox->lifeline);
        while (waitpid(sandbox->reaper, NULL, 0) < 0 && errno == EINTR)
            continue;
        if (access(sandbox->directory, F_OK) == 0)
            file_remove_tree(sandbox->directory);
    }
    arena_free(&sandbox->arena);
    free(sandbox);
}

const char *sandbox_dsn(const struct sandbox *sandbox)
{
    return sandbox->dsn;
}

const char *sandbox_server(const struct sandbox *sandbox)
{
    return sandbox->server;
}

const char *sandbox_directory(const struct sandbox *sandbox)
{
    return sandbox->directory;
}

int sandbox_pid(const struct sandbox *sandbox)
{
    return (int)sandbox->pid;
}

int64_t sandbox_bytes(const struct sandbox *sandbox)
{
    return sandbox_directory_bytes(sandbox->site.data);
}
