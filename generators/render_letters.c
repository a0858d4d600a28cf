#include "generators/render_letters.h"

#include "bench/base/utf8.h"

#include <string.h>

enum { BROKEN = 0x110000, SIGNS = 64, LETTER_KEYS = 128 };

static uint32_t decode(const unsigned char *at, size_t length)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t letter = at[0] & masks[length];
    for (size_t i = 1; i < length; i++)
        letter = letter << 6 | (at[i] & 0x3f);
    return letter;
}

struct letters letters_read(struct arena *arena, const char *text, size_t length)
{
    uint32_t *list = arena_alloc(arena, (length + 1) * sizeof *list);
    struct letters letters = {.at = list, .bytes = length};
    const char *end = text + length;
    while (text < end) {
        size_t step = utf8_length(text, end);
        list[letters.count++] = step == 0 ? (uint32_t)(BROKEN + (unsigned char)*text)
                                          : decode((const unsigned char *)text, step);
        text += step == 0 ? 1 : step;
    }
    return letters;
}

size_t letters_bytes(const struct letters *letters, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t letter = letters->at[i];
        bytes += letter < 0x80 || letter >= BROKEN ? 1 : letter < 0x800 ? 2 : letter < 0x10000 ? 3 : 4;
    }
    return bytes;
}

void letters_put(uint32_t letter, struct buf *out)
{
    if (letter < 0x80) {
        buf_putc(out, (char)letter);
        return;
    }
    if (letter >= BROKEN) {
        buf_putc(out, (char)(letter - BROKEN));
        return;
    }
    char bytes[4];
    size_t count = letter < 0x800 ? 2 : letter < 0x10000 ? 3 : 4;
    for (size_t i = count; i-- > 1; letter >>= 6)
        bytes[i] = (char)(0x80 | (letter & 0x3f));
    bytes[0] = (char)((0xf00 >> count & 0xff) | letter);
    buf_add(out, bytes, count);
}

unsigned letters_class(uint32_t letter)
{
    if (letter >= '0' && letter <= '9')
        return LETTERS_DIGIT;
    if (letter >= 'a' && letter <= 'z')
        return LETTERS_LOWER;
    return letter >= 'A' && letter <= 'Z' ? LETTERS_UPPER : LETTERS_OTHER;
}

/* The letter without its marks, U+00C0 … U+017F; a blank where it has no such letter. */
static const char unmarked[] = "aaaaaaaceeeeiiiidnooooo ouuuuy saaaaaaaceeeeiiiidnooooo ouuuuy y"
                               "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
                               "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

static uint32_t dictionary_key(uint32_t letter)
{
    static const char signs[] = "\t\n\v\f\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";
    if (letter >= 'A' && letter <= 'Z')
        letter += 'a' - 'A';
    if (letter >= 0xC0 && letter <= 0x17F && unmarked[letter - 0xC0] != ' ')
        letter = (unsigned char)unmarked[letter - 0xC0];
    const char *sign = letter > 0 && letter < 0x80 ? strchr(signs, (int)letter) : NULL;
    if (sign != NULL)
        return (uint32_t)(sign - signs) + 1;
    return letter + SIGNS;
}

uint32_t letters_key(enum letters_order order, uint32_t letter)
{
    return order == LETTERS_BINARY ? letter : dictionary_key(letter);
}

int letters_compare(enum letters_order order, const struct letters *a, const struct letters *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        uint32_t left = letters_key(order, a->at[i]), right = letters_key(order, b->at[i]);
        if (left != right)
            return left < right ? -1 : 1;
    }
    return a->count < b->count ? -1 : a->count > b->count;
}

const char *letters_set(unsigned classes, bool hex, bool one_case)
{
    if (one_case && (classes & LETTERS_LOWER))
        classes &= ~(unsigned)LETTERS_UPPER;
    if (hex && (classes & (LETTERS_LOWER | LETTERS_UPPER)) != (LETTERS_LOWER | LETTERS_UPPER))
        return classes & LETTERS_UPPER ? "0123456789ABCDEF" : "0123456789abcdef";
    static const char *const sets[] = {
        "",
        "0123456789",
        "abcdefghijklmnopqrstuvwxyz",
        "0123456789abcdefghijklmnopqrstuvwxyz",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    };
    return sets[classes & LETTERS_ALNUM];
}

unsigned letters_rank(const struct letters_place *place, enum letters_order order, uint32_t letter,
                      bool *exact)
{
    uint32_t key = letters_key(order, letter);
    unsigned rank = 0;
    *exact = false;
    for (unsigned i = 0; i < place->set_count; i++) {
        uint32_t other = letters_key(order, (unsigned char)place->set[i]);
        rank += other < key;
        *exact |= other == key;
    }
    for (unsigned i = 0; i < place->more_count; i++) {
        uint32_t other = letters_key(order, place->more[i]);
        rank += other < key;
        *exact |= other == key;
    }
    return rank;
}

void letters_add(struct letters_place *place, enum letters_order order, uint32_t letter)
{
    bool exact;
    unsigned rank = letters_rank(place, order, letter, &exact);
    if (exact || place->more_count == 2)
        return;
    for (unsigned i = 0; i < place->more_count; i++)
        place->more_rank[i] = (uint8_t)(place->more_rank[i] + (place->more_rank[i] >= rank));
    place->more[place->more_count] = letter;
    place->more_rank[place->more_count++] = (uint8_t)rank;
}
