/* process: programs of the sandbox, run as its user, that end with us. Main thread: the parent-death signal follows it. */
#ifndef REHEARSE_SANDBOX_PROCESS_H
#define REHEARSE_SANDBOX_PROCESS_H

#include "bench/base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct sandbox_user { /* whom the server runs as */
    bool change;      /* we are root and become uid and gid; else both are our own */
    uid_t uid;
    gid_t gid;
};

struct sandbox_process {
    const char *const *argv; /* [0] with its path; NULL ends it */
    const struct sandbox_user *user;
    const char *directory; /* where it starts */
    const char *log;       /* standard output and error are appended to this file */
    const char *input;     /* text for standard input, shorter than a pipe (4096 bytes); NULL: none */
    int death_signal;      /* when we die */
};

/* −1 with err when it could not be started. A program that cannot be executed ends with status 127 and says so in log. */
pid_t sandbox_process_start(const struct sandbox_process *process, struct err *err);
/* Starts it and waits. False: it could not be started or ended other than by exit(0); the tail of log is in the message. */
bool sandbox_process_run(const struct sandbox_process *process, struct err *err);

/* The first line that a program prints and that begins with `begin` into line; as ourselves. False: it did not print any. */
bool sandbox_process_line(const char *const *argv, const char *begin, char *line, size_t size);

/* True when pid, a child of ours, has ended before the deadline; it is then reaped. */
bool sandbox_process_ended(pid_t pid, int64_t deadline_ns, int *status);

/* Sets err: the message, then the last lines of the log. */
bool sandbox_process_failed(const char *log, struct err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
