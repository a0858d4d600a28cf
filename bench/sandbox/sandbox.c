#include "bench/sandbox/sandbox.h"

#include "bench/base/file.h"
#include "bench/sandbox/sandbox_directory.h"
#include "bench/sandbox/sandbox_instance.h"
#include "bench/sandbox/sandbox_replica.h"

#include <assert.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PREFIX "sandbox:"

static const struct sandbox_engine *const engines[] = {&sandbox_postgres, &sandbox_mariadb, &sandbox_mysql};

struct sandbox {
    struct arena arena;
    struct sandbox_instance primary, replica; /* the replica's engine is NULL: there is none */
    char directory[SANDBOX_PATH_BYTES];
    const char *dsn, *replica_dsn, *server;
    bool kept; /* there are copies that restore brings back */
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

struct wishes {      /* what the DSN asks for beside settings */
    const char *bin; /* NULL: to be found */
    bool replica;
};

static bool read_option(struct sandbox_site *site, char *option, struct wishes *wishes, struct err *err)
{
    const char *value = strchr(option, '=');
    if (value != NULL && strncmp(option, "bin=", strlen("bin=")) == 0) {
        wishes->bin = value + 1;
        return true;
    }
    if (strcmp(option, "replica=1") == 0 || strcmp(option, "replica=0") == 0) {
        wishes->replica = strcmp(option, "replica=1") == 0;
        return true;
    }
    if (value != NULL && strncmp(option, "set.", strlen("set.")) == 0 && value > option + strlen("set.")) {
        site->settings[site->setting_count++] = option + strlen("set.");
        return true;
    }
    err_set(err, ERR_USAGE, "unknown sandbox option \"%s\"", option);
    return err_hint(err, "options are bin=DIRECTORY, replica=1 and set.SETTING=VALUE, joined by &");
}

/* "sandbox:engine?option&option" into the sandbox. */
static bool read_dsn(struct sandbox *sandbox, const char *dsn, struct wishes *wishes, struct err *err)
{
    if (!sandbox_is_dsn(dsn))
        return err_set(err, ERR_USAGE, "a sandbox is written sandbox:ENGINE");
    struct sandbox_instance *primary = &sandbox->primary;
    char *options = arena_strdup(&sandbox->arena, dsn + strlen(PREFIX));
    const char *engine = strsep(&options, "?");
    primary->engine = engine_named(engine, err);
    if (primary->engine == NULL)
        return false;
    primary->site.settings = arena_alloc(&sandbox->arena, (strlen(dsn) + 1) * sizeof *primary->site.settings);
    for (char *option; (option = strsep(&options, "&")) != NULL;)
        if (option[0] != '\0' && !read_option(&primary->site, option, wishes, err))
            return false;
    if (wishes->replica && primary->engine->follow == NULL) {
        err_set(err, ERR_USAGE, "no throw-away replica of engine \"%s\"", engine);
        return err_hint(err, "replica=1 works with sandbox:postgresql and sandbox:mariadb");
    }
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
    struct sandbox_instance *primary = &sandbox->primary;
    sandbox_directory_remove_orphans(&primary->site.user);
    if (!sandbox_directory_make(&primary->site.user, sandbox->directory, err))
        return false;
    sandbox->reaper = sandbox_reaper_start(sandbox->directory, &sandbox->lifeline, err);
    if (sandbox->reaper < 0) {
        file_remove_tree(sandbox->directory);
        return false;
    }
    primary->kept = arena_printf(&sandbox->arena, "%s/kept", sandbox->directory);
    primary->site.directory = sandbox->directory;
    primary->site.data = arena_printf(&sandbox->arena, "%s/data", sandbox->directory);
    primary->site.log = arena_printf(&sandbox->arena, "%s/log", sandbox->directory);
    primary->site.setup_log = arena_printf(&sandbox->arena, "%s/setup.log", sandbox->directory);
    return true;
}

static bool has_replica(const struct sandbox *sandbox)
{
    return sandbox->replica.engine != NULL;
}

/* The replica last: it finds somebody to follow. */
static bool start_both(struct sandbox *sandbox, struct err *err)
{
    return sandbox_instance_start(&sandbox->primary, err) &&
           (!has_replica(sandbox) || sandbox_instance_start(&sandbox->replica, err) ||
            err_wrap(err, "replica"));
}

/* The replica last: it is then never ahead of what it follows. */
static bool stop_both(struct sandbox *sandbox, bool immediate, struct err *err)
{
    return sandbox_instance_stop(&sandbox->primary, immediate, err) &&
           (!has_replica(sandbox) || sandbox_instance_stop(&sandbox->replica, immediate, err));
}

static bool make_servers(struct sandbox *sandbox, const struct wishes *wishes, struct err *err)
{
    struct sandbox_instance *primary = &sandbox->primary;
    primary->site.bin = primary->engine->find(&sandbox->arena, wishes->bin, err);
    if (primary->site.bin == NULL || !make_directory(sandbox, err) ||
        !primary->engine->init(&primary->site, err))
        return false;
    return !wishes->replica || sandbox_replica_make(&sandbox->arena, primary, &sandbox->replica, err);
}

struct sandbox *sandbox_start(const char *dsn, struct err *err)
{
    assert(gettid() == getpid()); /* the server ends with the thread that started it */
    struct sandbox *sandbox = mem_alloc(sizeof *sandbox);
    struct sandbox_instance *primary = &sandbox->primary;
    struct wishes wishes = {0};
    sandbox->reaper = -1;
    if (!read_dsn(sandbox, dsn, &wishes, err) || !choose_user(primary->engine, &primary->site.user, err) ||
        !make_servers(sandbox, &wishes, err) || !start_both(sandbox, err)) {
        sandbox_stop(sandbox);
        err_wrap(err, "throw-away server");
        return NULL;
    }
    sandbox->dsn = primary->engine->dsn(&sandbox->arena, &primary->site);
    sandbox->server = primary->engine->server(&sandbox->arena, &primary->site);
    if (has_replica(sandbox))
        sandbox->replica_dsn = primary->engine->dsn(&sandbox->arena, &sandbox->replica.site);
    return sandbox;
}

bool sandbox_start_server(struct sandbox *sandbox, struct err *err)
{
    return sandbox_instance_start(&sandbox->primary, err);
}

bool sandbox_stop_server(struct sandbox *sandbox, bool immediate, struct err *err)
{
    return sandbox_instance_stop(&sandbox->primary, immediate, err);
}

bool sandbox_keep(struct sandbox *sandbox, struct err *err)
{
    sandbox->kept = stop_both(sandbox, false, err) && sandbox_instance_keep(&sandbox->primary, err) &&
                    (!has_replica(sandbox) || sandbox_instance_keep(&sandbox->replica, err));
    return (sandbox->kept && start_both(sandbox, err)) || err_wrap(err, "keep the data aside");
}

bool sandbox_restore(struct sandbox *sandbox, struct err *err)
{
    assert(sandbox->kept); /* sandbox_keep comes first */
    return (stop_both(sandbox, true, err) && sandbox_instance_restore(&sandbox->primary, err) &&
            (!has_replica(sandbox) || sandbox_instance_restore(&sandbox->replica, err)) &&
            start_both(sandbox, err)) ||
           err_wrap(err, "bring the kept data back");
}

/* The reaper removes the directory, as it would if we died. */
void sandbox_stop(struct sandbox *sandbox)
{
    if (sandbox == NULL)
        return;
    struct err ignored = {0};
    stop_both(sandbox, true, &ignored);
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
    return (int)sandbox->primary.pid;
}

const char *sandbox_replica_dsn(const struct sandbox *sandbox)
{
    return sandbox->replica_dsn;
}

int sandbox_replica_pid(const struct sandbox *sandbox)
{
    return (int)sandbox->replica.pid;
}

int64_t sandbox_bytes(const struct sandbox *sandbox)
{
    return sandbox_directory_bytes(sandbox->primary.site.data);
}
