/* HdrHistogram's V2 compressed text: base64 of {cookie, length, zlib of {header, payload}}, integers big-endian.
 * The payload is ZigZag LEB128 (at most 9 bytes, the ninth carries 8 bits): counts, and −n for a run of n empty slots. */
#include "bench/base/buf.h"
#include "bench/stat/hist.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
    COOKIE_PLAIN = 0x1c849303 | 0x10,
    COOKIE_COMPRESSED = 0x1c849304 | 0x10,
    HEADER_BYTES = 40,
    DIGITS = 3,
    MOST_PLAIN_BYTES = HEADER_BYTES + 9 * HIST_SLOTS,
    MOST_BYTES = 8 + MOST_PLAIN_BYTES + MOST_PLAIN_BYTES / 1000 + 64
};

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void put_big_endian(struct buf *out, uint64_t value, int bytes)
{
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        buf_putc(out, (char)(value >> shift));
}

static uint64_t get_big_endian(const unsigned char *at, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

static void put_zigzag(struct buf *out, int64_t value)
{
    uint64_t rest = ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
    int bytes = 1;
    for (; rest >= 0x80 && bytes < 9; bytes++, rest >>= 7)
        buf_putc(out, (char)(rest | 0x80));
    buf_putc(out, (char)rest);
}

static bool get_zigzag(const unsigned char **at, const unsigned char *end, int64_t *value)
{
    uint64_t raw = 0;
    for (int i = 0; i < 9; i++) {
        if (*at == end)
            return false;
        unsigned char byte = *(*at)++;
        raw |= (uint64_t)(i == 8 ? byte : byte & 0x7f) << (7 * i);
        if (byte < 0x80 || i == 8)
            break;
    }
    *value = (int64_t)(raw >> 1) ^ -(int64_t)(raw & 1);
    return true;
}

static void put_counts(struct buf *out, const struct hist *hist)
{
    int limit = hist->total == 0 ? 0 : hist_slot(hist->max_us) + 1;
    for (int i = 0; i < limit;) {
        if (hist->counts[i] != 0) {
            put_zigzag(out, hist->counts[i++]);
            continue;
        }
        int first = i;
        while (i < limit && hist->counts[i] == 0)
            i++;
        put_zigzag(out, i - first > 1 ? -(int64_t)(i - first) : 0);
    }
}

static void put_plain(struct buf *out, const struct hist *hist)
{
    const double ratio = 1;
    uint64_t ratio_bits;
    memcpy(&ratio_bits, &ratio, sizeof ratio_bits);
    struct buf payload = {0};
    put_counts(&payload, hist);
    put_big_endian(out, COOKIE_PLAIN, 4);
    put_big_endian(out, payload.length, 4);
    put_big_endian(out, 0, 4); /* normalizing index offset */
    put_big_endian(out, DIGITS, 4);
    put_big_endian(out, 1, 8); /* lowest discernible value */
    put_big_endian(out, (uint64_t)HIST_MAX_US, 8);
    put_big_endian(out, ratio_bits, 8); /* integer to double conversion */
    buf_add(out, buf_text(&payload), payload.length);
    buf_free(&payload);
}

static char *base64(struct arena *arena, const unsigned char *bytes, size_t length)
{
    char *text = arena_alloc(arena, (length + 2) / 3 * 4 + 1), *to = text;
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        unsigned group = (unsigned)bytes[i] << 16 | (left > 1 ? (unsigned)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? bytes[i + 2] : 0U);
        *to++ = base64_digits[group >> 18];
        *to++ = base64_digits[group >> 12 & 63];
        *to++ = left > 1 ? base64_digits[group >> 6 & 63] : '=';
        *to++ = left > 2 ? base64_digits[group & 63] : '=';
    }
    return text;
}

/* Returns the number of bytes, −1 when the text is not base64 or too long for a histogram. */
static long unbase64(const char *text, unsigned char *bytes, size_t capacity)
{
    size_t length = strlen(text), count = 0;
    if (length % 4 != 0)
        return -1;
    for (int pads = 0; pads < 2 && length > 0 && text[length - 1] == '='; pads++)
        length--;
    unsigned group = 0;
    for (size_t i = 0; i < length; i++) {
        const char *digit = strchr(base64_digits, text[i]);
        if (digit == NULL)
            return -1;
        group = group << 6 | (unsigned)(digit - base64_digits);
        if (i % 4 == 0)
            continue;
        if (count == capacity)
            return -1;
        bytes[count++] = (unsigned char)(group >> (6 - 2 * (i % 4)));
    }
    return (long)count;
}

char *hist_encode(struct arena *arena, const struct hist *hist)
{
    struct buf plain = {0}, out = {0};
    put_plain(&plain, hist);
    uLongf packed = compressBound(plain.length);
    unsigned char *bytes = mem_alloc(packed);
    if (compress2(bytes, &packed, (const Bytef *)plain.data, plain.length, Z_DEFAULT_COMPRESSION) != Z_OK)
        abort();
    put_big_endian(&out, COOKIE_COMPRESSED, 4);
    put_big_endian(&out, packed, 4);
    buf_add(&out, bytes, packed);
    char *text = base64(arena, (const unsigned char *)out.data, out.length);
    free(bytes);
    buf_free(&plain);
    buf_free(&out);
    return text;
}

/* The text keeps slots, not values: minimum, maximum and sum become those of the slots' edges and middles. */
static bool take_slot(struct hist *hist, int slot, int64_t count)
{
    if (count > UINT32_MAX)
        return false;
    int64_t low_us = hist_slot_low_us(slot), high_us = hist_slot_low_us(slot + 1) - 1;
    hist->counts[slot] = (uint32_t)count;
    if (hist->total == 0)
        hist->min_us = low_us > 0 ? low_us : 1;
    hist->max_us = high_us < HIST_MAX_US ? high_us : HIST_MAX_US;
    hist->total += (uint64_t)count;
    hist->sum_us += (uint64_t)count * (uint64_t)(low_us + (high_us - low_us + 1) / 2);
    return true;
}

static bool take_counts(const unsigned char *at, const unsigned char *end, struct hist *hist)
{
    int64_t value = 0, slot = 0;
    while (at < end) {
        if (!get_zigzag(&at, end, &value) || slot >= HIST_SLOTS || value < -(HIST_SLOTS - slot))
            return false;
        if (value > 0 && !take_slot(hist, (int)slot, value))
            return false;
        slot += value < 0 ? -value : 1;
    }
    return true;
}

static bool take_plain(const unsigned char *bytes, size_t length, struct hist *hist)
{
    if (length < HEADER_BYTES || get_big_endian(bytes, 4) != COOKIE_PLAIN)
        return false;
    uint64_t payload = get_big_endian(bytes + 4, 4);
    if (payload != length - HEADER_BYTES || get_big_endian(bytes + 8, 4) != 0 ||
        get_big_endian(bytes + 12, 4) != DIGITS || get_big_endian(bytes + 16, 8) != 1)
        return false;
    return take_counts(bytes + HEADER_BYTES, bytes + length, hist);
}

bool hist_decode(const char *text, struct hist *hist)
{
    memset(hist, 0, sizeof *hist);
    unsigned char *packed = mem_alloc(MOST_BYTES), *plain = mem_alloc(MOST_PLAIN_BYTES);
    long length = unbase64(text, packed, MOST_BYTES);
    uLongf plain_bytes = MOST_PLAIN_BYTES;
    bool ok = length > 8 && get_big_endian(packed, 4) == COOKIE_COMPRESSED &&
              get_big_endian(packed + 4, 4) == (uint64_t)length - 8 &&
              uncompress(plain, &plain_bytes, packed + 8, (uLong)length - 8) == Z_OK &&
              take_plain(plain, plain_bytes, hist);
    free(packed);
    free(plain);
    return ok;
}
