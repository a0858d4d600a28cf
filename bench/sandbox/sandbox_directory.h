/* directory: a sandbox's own directory and whose it is.
 *
 * /tmp/rh.XXXXXX holds `owner` (pid, start time and pid name space of the process that made it), `data`, `log`,
 * `setup.log`, the socket, and `kept`. Only the server's user and root may enter. A directory whose owner lives, or may
 * live in another name space, is never touched. Any thread. */
#ifndef REHEARSE_SANDBOX_DIRECTORY_H
#define REHEARSE_SANDBOX_DIRECTORY_H

#include "bench/base/err.h"
#include "bench/sandbox/sandbox_process.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { SANDBOX_PATH_BYTES = 64 };

#define SANDBOX_MYSQLD_PID_FILE "server.pid" /* in its data directory, where PostgreSQL has postmaster.pid */

bool sandbox_directory_make(const struct sandbox_user *user, char path[SANDBOX_PATH_BYTES], struct err *err);
int64_t sandbox_directory_bytes(const char *path); /* on disk, of everything below */

/* Removes directories in /tmp that belong to user or us and whose owner died without a reaper. */
void sandbox_directory_remove_orphans(const struct sandbox_user *user);

/* A small child that waits for our death, or for `lifeline` to be closed, then for the server's, then removes path.
 * Returns its pid; −1 with err. */
pid_t sandbox_reaper_start(const char *path, int *lifeline, struct err *err);
/* A server that runs in path/data or path/data2, by its pid file and its working directory; 0 when none does.
 * Async-signal-safe, as is the next. */
pid_t sandbox_reaper_server(const char *path);
void sandbox_reaper_kill(const char *path); /* every such server; returns when they are gone, at most 6 s */

#endif
