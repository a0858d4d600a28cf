/* strategy_mark: one line "-- rehearse:word name key=value …". For strategy.c alone. One thread.
 *
 * The words of a `command` are the arguments of a program: none of them has a value. */
#ifndef REHEARSE_MIGRATE_STRATEGY_MARK_H
#define REHEARSE_MIGRATE_STRATEGY_MARK_H

#include "bench/base/arena.h"
#include "bench/base/err.h"

#include <stddef.h>

enum { MARK_MAX_WORDS = 64 };

struct mark_word {
    const char *text;  /* the key, or the whole word when there is no '=' */
    const char *value; /* NULL when there is no '=' */
    int column, value_column;
};

struct mark {
    const char *word; /* as written */
    const char *file;
    int line, column; /* of the word */
    struct mark_word words[MARK_MAX_WORDS];
    int count;
};

bool mark_is(const char *comment, size_t length); /* for a comment that begins at column 1 */
bool mark_read(struct arena *arena, const char *file, const char *comment, size_t length, int line,
               struct mark *mark, struct err *err);

/* "unknown what \"word\"", with "did you mean" one of known; returns false. */
bool mark_unknown(const struct mark *mark, int column, const char *what, const char *word,
                  const char *const *known, struct err *err);

#endif
