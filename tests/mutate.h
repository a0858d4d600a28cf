/* mutate: a text cut at every byte, and with every byte replaced, given to a reader that must only not misbehave.
 *
 * Each variant lies in a block of exactly its size, so that the address sanitizer sees a read beyond it. */
#ifndef REHEARSE_TESTS_MUTATE_H
#define REHEARSE_TESTS_MUTATE_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static inline void mutate_give(const char *text, size_t length, size_t at, int byte,
                               void (*reader)(const char *text, size_t length))
{
    char *copy = malloc(length ? length : 1);
    memcpy(copy, text, length);
    if (byte >= 0)
        copy[at] = (char)byte;
    reader(copy, length);
    free(copy);
}

static inline void mutate(const char *text, void (*reader)(const char *text, size_t length))
{
    static const unsigned char bytes[] = {0,   '\n', ' ', '"',  '\'', '$',  '(',  ')', ';',
                                          '-', '/',  '*', '\\', '{',  '}',  '[',  ']', ':',
                                          ',', '=',  '0', 'E',  'u',  0x80, 0xE2, 0xFF};
    size_t length = strlen(text);
    for (size_t i = 0; i <= length; i++)
        mutate_give(text, i, 0, -1, reader);
    for (size_t i = 0; i < length; i++) {
        for (size_t b = 0; b < sizeof bytes; b++)
            mutate_give(text, length, i, bytes[b], reader);
    }
}

#endif
