#include "bench/base/utf8.h"

#include <stdint.h>

/* The Unicode Standard, table 3-7: the second byte's range depends on the first. */
static const struct utf8_row {
    uint8_t first_low, first_high, second_low, second_high;
    uint8_t length;
} rows[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

static bool continues(const unsigned char *byte, size_t from, size_t length)
{
    for (size_t i = from; i < length; i++) {
        if (byte[i] < 0x80 || byte[i] > 0xBF)
            return false;
    }
    return true;
}

size_t utf8_length(const char *at, const char *end)
{
    const unsigned char *byte = (const unsigned char *)at;
    if (at >= end)
        return 0;
    if (byte[0] < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct utf8_row *row = &rows[i];
        if (byte[0] < row->first_low || byte[0] > row->first_high)
            continue;
        bool whole = (size_t)(end - at) >= row->length && byte[1] >= row->second_low &&
                     byte[1] <= row->second_high && continues(byte, 2, row->length);
        return whole ? row->length : 0;
    }
    return 0;
}

bool utf8_is_valid(const char *text, size_t length)
{
    const char *end = text + length;
    while (text < end) {
        size_t step = utf8_length(text, end);
        if (step == 0)
            return false;
        text += step;
    }
    return true;
}
