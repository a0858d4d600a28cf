/* file: whole files in and out. Any thread. */
#ifndef REHEARSE_BASE_FILE_H
#define REHEARSE_BASE_FILE_H

#include "bench/base/arena.h"
#include "bench/base/err.h"

#include <stddef.h>

/* Reads all of path ("-": standard input) into the arena, terminated by a NUL. Refuses directories. */
bool file_read(struct arena *arena, const char *path, char **text, size_t *length, struct err *err);

/* Replaces path by a temporary file beside it: every write checked, fsync, rename, fsync of the directory. On failure
 * nothing of it is left and err says why. */
bool file_write_atomic(const char *path, const void *bytes, size_t length, struct err *err);

bool file_make_directories(const char *path, struct err *err); /* mkdir -p */
char *file_join(struct arena *arena, const char *directory,
                const char *name);                           /* an absolute name stays itself */
char *file_directory(struct arena *arena, const char *path); /* "." when there is none */
const char *file_name(const char *path);                     /* after the last slash */
bool file_remove_tree(const char *path);                     /* rm -r, does not follow links */

#endif
