/* arena: memory that is read once and kept, freed all at once. One thread at a time per arena.
 *
 * Out of memory ends the process with a message, so no caller checks. Memory is zeroed and aligned for any type. */
#ifndef REHEARSE_BASE_ARENA_H
#define REHEARSE_BASE_ARENA_H

#include <stddef.h>

struct arena {
    struct arena_block *block;
};

void *arena_alloc(struct arena *arena, size_t bytes);
void *arena_grow(struct arena *arena, const void *old, size_t old_bytes,
                 size_t new_bytes);                        /* copy into more room */
char *arena_strdup(struct arena *arena, const char *text); /* NULL stays NULL */
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
void arena_free(struct arena *arena); /* everything; the arena may be used again */

/* malloc and friends that end the process when memory is out; free with free(). */
void *mem_alloc(size_t bytes); /* zeroed */
void *mem_realloc(void *old, size_t bytes);
char *mem_strdup(const char *text);

/* Append one zeroed element to array (T *), count and capacity (size_t lvalues), growing in the arena; yields T *. */
#define ARENA_PUSH(arena, array, count, capacity)                                                            \
    ((count) == (capacity) ? ((array) = arena_grow((arena), (array), (capacity) * sizeof *(array),           \
                                                   ((capacity) ? 2 * (capacity) : 8) * sizeof *(array)),     \
                              (capacity) = (capacity) ? 2 * (capacity) : 8, &(array)[(count)++])             \
                           : &(array)[(count)++])

#endif
