/* err: an error of the run (not an answer of the server, which is an outcome; not a bug, which is assert).
 *
 * A function that can fail is `bool f(…, struct err *err)`: false means err says why. The innermost function sets,
 * callers wrap with context, main prints once. Fixed buffers: an error can always be told. Any thread; no sharing. */
#ifndef REHEARSE_BASE_ERR_H
#define REHEARSE_BASE_ERR_H

#include <stdbool.h>

enum err_kind { /* in order of the exit codes of PRODUCT: see err_exit_code() */
                ERR_NONE,
                ERR_USAGE,       /* exit 2: command line, plan, strategy, script */
                ERR_ENVIRONMENT, /* exit 3: database, file system, guard refused */
                ERR_INVALID,     /* exit 4: the run's numbers cannot be trusted */
                ERR_LEFTOVER,    /* exit 5 */
                ERR_INTEGRITY,   /* exit 6 */
                ERR_INTERRUPTED, /* exit 130 */
                ERR_INTERNAL,    /* exit 70 */
};

struct err {
    enum err_kind kind;
    char file[256]; /* where the user's text is wrong; empty when no file is to blame */
    int line;       /* 1-based, 0 = unknown */
    int column;     /* 1-based, in characters, 0 = unknown */
    char message[1024];
    char hint[512]; /* one sentence: what to do; empty when there is none */
};

/* All return false, so that a failing function ends with `return err_set(err, …);`. */
bool err_set(struct err *err, enum err_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool err_at(struct err *err, const char *file, int line, int column, const char *format, ...)
    __attribute__((format(printf, 5, 6))); /* kind is ERR_USAGE; file may be NULL */
bool err_hint(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts context before the message: "fill orders: <message>". The kind, place and hint stay. */
bool err_wrap(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "file:line:column: message" (or the message alone) into text, always terminated. The hint is not included. */
void err_text(const struct err *err, char *text, int size);

int err_exit_code(enum err_kind kind);

#endif
