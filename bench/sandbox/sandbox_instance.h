/* instance: one server of a sandbox that is started and stopped, and its data copied. Main thread. */
#ifndef REHEARSE_SANDBOX_INSTANCE_H
#define REHEARSE_SANDBOX_INSTANCE_H

#include "bench/sandbox/sandbox_engine.h"

struct sandbox_instance {
    const struct sandbox_engine *engine;
    struct sandbox_site site;
    const char *kept; /* where a copy of its data goes and comes from */
    pid_t pid;        /* of the server; 0 while it is stopped */
};

bool sandbox_instance_start(struct sandbox_instance *instance, struct err *err); /* waits until it is ready */
/* A server that does not stop fast is stopped immediately, and one that does not do that either is killed. */
bool sandbox_instance_stop(struct sandbox_instance *instance, bool immediate, struct err *err);
/* As the server's user, so that nothing changes hands; a copy on write where the file system can. */
bool sandbox_instance_copy(const struct sandbox_instance *instance, const char *from, const char *to,
                           struct err *err);
/* Of a stopped server: its data to `kept`, which is replaced, and back. */
bool sandbox_instance_keep(const struct sandbox_instance *instance, struct err *err);
bool sandbox_instance_restore(const struct sandbox_instance *instance, struct err *err);

#endif
