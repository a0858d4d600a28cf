/* cursor: a place in a script's text: what meta commands and expressions are read through. Pure.
 *
 * A meta command ends with its line; a backslash before the line's end continues it and reads as white space. */
#ifndef REHEARSE_WORKLOADS_CURSOR_H
#define REHEARSE_WORKLOADS_CURSOR_H

#include <stdbool.h>
#include <stddef.h>

struct cursor {
    const char *file; /* for errors */
    const char *at, *end;
    int line, column; /* of *at, 1-based; columns count characters */
};

struct word {
    const char *text; /* into the script's text; not terminated */
    size_t length;
    int line, column;
};

int cursor_peek(const struct cursor *cursor);            /* the byte here, −1 at the end of the command */
void cursor_step(struct cursor *cursor);                 /* one byte on */
void cursor_skip_space(struct cursor *cursor);           /* and continuations */
bool cursor_at_end(struct cursor *cursor);               /* after white space: nothing left of the command */
struct word cursor_word(struct cursor *cursor);          /* up to white space; length 0 at the end */
struct word cursor_name(struct cursor *cursor);          /* letters, digits, _ and bytes above 127 */
bool word_is(const struct word *word, const char *text); /* case-insensitive, ASCII */

#endif
