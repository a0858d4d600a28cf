/* render_letters: the characters of texts: classes, order, sets to draw from. Private to render*.c. Pure. */
#ifndef REHEARSE_GENERATORS_RENDER_LETTERS_H
#define REHEARSE_GENERATORS_RENDER_LETTERS_H

#include "bench/base/arena.h"
#include "bench/base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LETTERS_DIGIT = 1, LETTERS_LOWER = 2, LETTERS_UPPER = 4, LETTERS_OTHER = 8, LETTERS_ALNUM = 7 };

/* How a server sorts: by code point, or as a dictionary does: signs, digits, letters without regard to case. */
enum letters_order { LETTERS_BINARY, LETTERS_DICTIONARY };

struct letters {
    const uint32_t *at; /* code points; a byte that is no UTF-8 is 0x110000 + byte */
    size_t count, bytes;
};

struct letters letters_read(struct arena *arena, const char *text, size_t length);
size_t letters_bytes(const struct letters *letters, size_t count); /* of the first ones */
void letters_put(uint32_t letter, struct buf *out);
unsigned letters_class(uint32_t letter);
uint32_t letters_key(enum letters_order order, uint32_t letter);
int letters_compare(enum letters_order order, const struct letters *a, const struct letters *b);

/* What may stand at a place of a code: a set in ascending order and up to two more characters among them. */
struct letters_place {
    const char *set;
    uint32_t more[2];
    uint8_t more_rank[2], set_count, more_count;
};

/* classes: of which a place holds at least one; hex: letters beyond f are none; one_case: never both cases. */
const char *letters_set(unsigned classes, bool hex, bool one_case);
void letters_add(struct letters_place *place, enum letters_order order, uint32_t letter);

static inline unsigned letters_count(const struct letters_place *place)
{
    return (unsigned)place->set_count + place->more_count;
}

static inline uint32_t letters_at(const struct letters_place *place, unsigned rank)
{
    unsigned before = 0;
    for (unsigned i = 0; i < place->more_count; i++) {
        if (place->more_rank[i] == rank)
            return place->more[i];
        before += place->more_rank[i] < rank;
    }
    return (unsigned char)place->set[rank - before];
}

/* How many characters of the place sort before letter; exact: it is the next one itself, or sorts like it. */
unsigned letters_rank(const struct letters_place *place, enum letters_order order, uint32_t letter,
                      bool *exact);

#endif
