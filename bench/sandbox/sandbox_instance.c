#include "bench/sandbox/sandbox_instance.h"

#include "bench/base/clock.h"
#include "bench/base/file.h"

#include <signal.h>
#include <unistd.h>

#define READY_WAIT_NS  (120 * NS_PER_S) /* after a crash it first replays up to max_wal_size */
#define STOP_WAIT_NS   (60 * NS_PER_S)
#define KILLED_WAIT_NS (10 * NS_PER_S)

bool sandbox_instance_start(struct sandbox_instance *instance, struct err *err)
{
    if (instance->pid > 0 && !sandbox_process_ended(instance->pid, 0, NULL))
        return true;
    instance->pid = 0;
    struct arena arena = {0};
    struct sandbox_process process = {.argv = instance->engine->argv(&arena, &instance->site),
                                      .user = &instance->site.user,
                                      .directory = instance->site.directory,
                                      .log = instance->site.log,
                                      .death_signal = instance->engine->stop_immediate};
    pid_t pid = sandbox_process_start(&process, err);
    arena_free(&arena);
    if (pid < 0)
        return false;
    int64_t deadline_ns = clock_ns() + READY_WAIT_NS;
    while (!instance->engine->ready(&instance->site, pid)) {
        if (sandbox_process_ended(pid, clock_ns() + 5 * NS_PER_MS, NULL))
            return sandbox_process_failed(instance->site.log, err, "the server ended while it started");
        if (clock_ns() > deadline_ns) {
            kill(pid, SIGKILL);
            sandbox_process_ended(pid, CLOCK_NEVER_NS, NULL);
            return sandbox_process_failed(instance->site.log, err, "the server was not ready after 2 min");
        }
    }
    instance->pid = pid;
    return true;
}

bool sandbox_instance_stop(struct sandbox_instance *instance, bool immediate, struct err *err)
{
    if (instance->pid <= 0)
        return true;
    const struct {
        int signal;
        int64_t wait_ns;
    } steps[] = {{instance->engine->stop_fast, STOP_WAIT_NS},
                 {instance->engine->stop_immediate, KILLED_WAIT_NS},
                 {SIGKILL, KILLED_WAIT_NS}};
    for (size_t i = immediate ? 1 : 0; i < sizeof steps / sizeof steps[0]; i++) {
        kill(instance->pid, steps[i].signal);
        kill(instance->pid, SIGCONT); /* a frozen server takes no other signal */
        if (sandbox_process_ended(instance->pid, clock_ns() + steps[i].wait_ns, NULL)) {
            instance->pid = 0;
            return true;
        }
    }
    return err_set(err, ERR_ENVIRONMENT, "the throw-away server (pid %d) does not end", (int)instance->pid);
}

bool sandbox_instance_copy(const struct sandbox_instance *instance, const char *from, const char *to,
                           struct err *err)
{
    const char *argv[] = {"/bin/cp", "-a", "--reflink=auto", "--", from, to, NULL};
    struct sandbox_process process = {.argv = argv,
                                      .user = &instance->site.user,
                                      .directory = instance->site.directory,
                                      .log = instance->site.setup_log,
                                      .death_signal = SIGKILL};
    return sandbox_process_run(&process, err);
}

bool sandbox_instance_keep(const struct sandbox_instance *instance, struct err *err)
{
    file_remove_tree(instance->kept);
    return sandbox_instance_copy(instance, instance->site.data, instance->kept, err);
}

bool sandbox_instance_restore(const struct sandbox_instance *instance, struct err *err)
{
    file_remove_tree(instance->site.data);
    return sandbox_instance_copy(instance, instance->kept, instance->site.data, err);
}
