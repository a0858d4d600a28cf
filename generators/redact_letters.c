#include "generators/redact_parts.h"

#include <stdlib.h>

/* Nibbles, bits, and letters beside them, which stay, have numbers of their own, beyond all characters. */
enum { NIBBLE = 0x200000, BIT = 0x200010, BESIDE = 0x300000, LOWER = 26, HEX_LOWER = 6, BLOCK = 64 };

/* Letters of one script and case; count 1: signs, marks and blanks, which stay. Between them, whatever shares all but the last
 * of its bytes. */
struct range {
    uint32_t first, last;
    bool stays;
};

static const struct range ranges[] = {
    {0x80, 0xBF, true},        {0xC0, 0xD6, false},       {0xD7, 0xD7, true},
    {0xD8, 0xDE, false},       {0xDF, 0xF6, false},       {0xF7, 0xF7, true},
    {0xF8, 0xFF, false},       {0x100, 0x17F, false},     {0x2B0, 0x36F, true},
    {0x391, 0x3A1, false},     {0x3A3, 0x3A9, false},     {0x3B1, 0x3C9, false},
    {0x400, 0x40F, false},     {0x410, 0x42F, false},     {0x430, 0x44F, false},
    {0x450, 0x45F, false},     {0x561, 0x586, false},     {0x591, 0x5CF, true},
    {0x5D0, 0x5EA, false},     {0x600, 0x61F, true},      {0x621, 0x63A, false},
    {0x641, 0x64A, false},     {0x64B, 0x65F, true},      {0x660, 0x669, false},
    {0x6F0, 0x6F9, false},     {0x900, 0x903, true},      {0x905, 0x939, false},
    {0x93A, 0x957, true},      {0x966, 0x96F, false},     {0xE01, 0xE2E, false},
    {0xE2F, 0xE4F, true},      {0xE50, 0xE59, false},     {0x10D0, 0x10F0, false},
    {0x2000, 0x2BFF, true},    {0x3000, 0x3040, true},    {0x3041, 0x3096, false},
    {0x3097, 0x30A0, true},    {0x30A1, 0x30FA, false},   {0x30FB, 0x30FF, true},
    {0x3400, 0x4DB5, false},   {0x4E00, 0x9FA5, false},   {0xAC00, 0xD7A3, false},
    {0xE000, 0xF8FF, true},    {0xFE00, 0xFE6F, true},    {0xFEFF, 0xFF0F, true},
    {0xFF10, 0xFF19, false},   {0xFF1A, 0xFF20, true},    {0xFF21, 0xFF3A, false},
    {0xFF3B, 0xFF40, true},    {0xFF41, 0xFF5A, false},   {0xFFE0, 0xFFFF, true},
    {0x1F300, 0x1F3FA, false}, {0x1F3FB, 0x1F3FF, true},  {0x1F400, 0x1F5FF, false},
    {0x1F600, 0x1F64F, false}, {0x20000, 0x2A6D6, false}, {0xE0000, 0x1FFFFF, true},
};

static int compare(const void *key, const void *item)
{
    uint32_t letter = *(const uint32_t *)key;
    const struct range *range = item;
    return letter < range->first ? -1 : letter > range->last;
}

/* What a table does not name: the part of its block that no range reaches into. */
static struct redact_class block_of(uint32_t letter)
{
    uint32_t first = letter / BLOCK * BLOCK, last = first + BLOCK - 1;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (ranges[i].last < letter && ranges[i].last >= first)
            first = ranges[i].last + 1;
        if (ranges[i].first > letter && ranges[i].first <= last)
            last = ranges[i].first - 1;
    }
    return (struct redact_class){first, last - first + 1};
}

struct redact_class redact_class_of(uint32_t letter, bool hex)
{
    if (letter >= BESIDE)
        return (struct redact_class){letter, 1};
    if (letter >= BIT)
        return (struct redact_class){BIT, 2};
    if (letter >= NIBBLE)
        return (struct redact_class){NIBBLE, 16};
    if (letter >= '0' && letter <= '9')
        return (struct redact_class){'0', 10};
    if (letter >= 'a' && letter <= 'z')
        return (struct redact_class){'a', hex ? HEX_LOWER : LOWER};
    if (letter < 0x80)
        return (struct redact_class){letter, 1};
    const struct range *range = bsearch(&letter, ranges, sizeof ranges / sizeof *ranges, sizeof *ranges,
                                        compare);
    if (range == NULL)
        return block_of(letter);
    return range->stays ? (struct redact_class){letter, 1}
                        : (struct redact_class){range->first, range->last - range->first + 1};
}

static int nibble(uint32_t letter)
{
    if (letter >= '0' && letter <= '9')
        return (int)letter - '0';
    uint32_t lower = letter | 0x20;
    return letter < 0x80 && lower >= 'a' && lower <= 'f' ? (int)lower - 'a' + 10 : -1;
}

/* "\x" and "0x". */
static bool is_mark(const uint32_t *letters, size_t at)
{
    return at < 2 && (letters[0] == '\\' || letters[0] == '0') && (letters[1] | 0x20) == 'x';
}

/* Its first digit, and whatever stands behind an e. */
static bool is_frame(const uint32_t *letters, size_t at)
{
    bool first = true;
    for (size_t i = 0; i < at; i++) {
        if ((letters[i] | 0x20) == 'e')
            return true;
        first &= letters[i] < '1' || letters[i] > '9';
    }
    return first || letters[at] < '0' || letters[at] > '9';
}

uint32_t redact_letter_in(enum redact_kind kind, const uint32_t *letters, size_t at)
{
    enum { VERSION_AT = 14, VARIANT_AT = 19 };
    uint32_t letter = letters[at];
    if (kind == REDACT_BITS)
        return letter == '0' || letter == '1' ? BIT + letter - '0' : BESIDE + letter;
    if (kind == REDACT_DIGITS)
        return is_frame(letters, at) ? BESIDE + letter : letter;
    if (kind == REDACT_HEX || kind == REDACT_UUID) {
        bool stays = kind == REDACT_UUID ? at == VERSION_AT || at == VARIANT_AT : is_mark(letters, at);
        int value = stays ? -1 : nibble(letter);
        return value < 0 ? BESIDE + letter : (uint32_t)(NIBBLE + value);
    }
    return letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter;
}

uint32_t redact_letter_out(uint32_t letter, uint32_t source, bool upper)
{
    if (letter >= BESIDE)
        return letter - BESIDE;
    if (letter >= BIT)
        return letter - BIT + '0';
    if (letter >= NIBBLE)
        return (unsigned char)(upper ? "0123456789ABCDEF" : "0123456789abcdef")[letter - NIBBLE];
    return source >= 'A' && source <= 'Z' ? letter - ('a' - 'A') : letter;
}
