/* command: a program of the user's that runs as a step: its words, its process group, its output.
 *
 * The words: any thread. A running command belongs to the thread that started it, and goes with it (parent-death signal).
 * No shell; standard input is /dev/null. Output is kept line by line, secrets cut, the last COMMAND_LINES of it. */
#ifndef REHEARSE_MIGRATE_COMMAND_H
#define REHEARSE_MIGRATE_COMMAND_H

#include "bench/base/arena.h"
#include "bench/base/buf.h"
#include "bench/base/err.h"
#include "bench/db/db.h"

#include <sys/types.h>

enum { COMMAND_LINES = 200 };

/* As a person would type it: words that need it in single quotes; secrets cut. */
char *command_line(struct arena *arena, const char *const *argv);
/* The words with {host} {port} {socket} {user} {database} filled in. One that the target's DSN leaves open is an error: what
 * a program takes by default may be another server. */
bool command_resolve(struct arena *arena, const char *const *argv, const struct db_target *target,
                     const char *const **filled, struct err *err);
/* The program's file, looked up on PATH when its name has no slash. */
bool command_find(struct arena *arena, const char *program, const char **file, struct err *err);

struct command {
    pid_t pid; /* and its process group */
    int output;
    struct buf line; /* that is not complete yet */
    struct arena *arena;
    const char *lines[COMMAND_LINES]; /* a ring: line i is at i % COMMAND_LINES */
    size_t line_count;
    int status; /* of waitpid, once it has ended */
};

/* application_name: PGAPPNAME of its libpq sessions. The arena outlives the command. */
bool command_start(struct command *command, struct arena *arena, const char *file, const char *const *argv,
                   const char *application_name, struct err *err);
void command_read(struct command *command,
                  int64_t until_ns);         /* output, until then or until it is quiet at its end */
bool command_ended(struct command *command); /* true once; its whole group is gone then */
/* SIGTERM to the group, SIGKILL when it is not gone in 5 s. It has ended when this returns. */
void command_stop(struct command *command);
void command_close(struct command *command);
/* The last `most` lines in an array of the arena, oldest first. */
const char *const *command_tail(const struct command *command, size_t most, size_t *count);
/* "exited with status 3", "was killed by signal 9 (Killed)"; NULL when it ended well. */
const char *command_failure(const struct command *command);

#endif
