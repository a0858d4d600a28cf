#include "generators/value_kind.h"
#include "generators/value_wire.h"

#include <stdlib.h>

static const int64_t powers[] = {1,           10,           100,          1000,      10000,
                                 100000,      1000000,      10000000,     100000000, 1000000000,
                                 10000000000, 100000000000, 1000000000000};

static void put_scaled(struct buf *out, int64_t units, int scale)
{
    if (scale <= 0) {
        value_put_int(out, units);
        return;
    }
    if (units < 0) {
        buf_putc(out, '-');
        units = -units;
    }
    value_put_int(out, units / powers[scale]);
    buf_putc(out, '.');
    value_put_padded(out, (uint64_t)(units % powers[scale]), scale);
}

static int64_t drawn(const struct value_spec *spec, uint64_t hash)
{
    uint64_t count = (uint64_t)(spec->high - spec->low) + 1;
    return spec->low + (int64_t)value_scale_low(hash, count);
}

void value_number_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)row;
    put_scaled(out, drawn(spec, hash), spec->scale);
}

void value_number_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    put_scaled(out, spec->low + (int64_t)index, spec->scale);
}

static void put_int2(struct buf *out, int64_t units, int scale)
{
    (void)scale;
    value_wire_put_2(out, units);
}

static void put_int4(struct buf *out, int64_t units, int scale)
{
    (void)scale;
    value_wire_put_4(out, units);
}

static void put_int8(struct buf *out, int64_t units, int scale)
{
    (void)scale;
    value_wire_put_8(out, units);
}

/* Groups of four decimal digits, the point between two of them. The server cuts zeros at both ends. */
static void put_numeric(struct buf *out, int64_t units, int scale)
{
    enum { WHOLE_GROUPS = 5 };
    uint64_t magnitude = units < 0 ? -(uint64_t)units : (uint64_t)units, unit = (uint64_t)powers[scale];
    uint64_t whole = magnitude / unit, fraction = magnitude % unit;
    uint16_t groups[WHOLE_GROUPS + 3];
    int first = WHOLE_GROUPS, fraction_groups = (scale + 3) / 4;
    for (; whole > 0; whole /= 10000)
        groups[--first] = (uint16_t)(whole % 10000);
    fraction *= (uint64_t)powers[4 * fraction_groups - scale];
    for (int i = fraction_groups; i-- > 0; fraction /= 10000)
        groups[WHOLE_GROUPS + i] = (uint16_t)(fraction % 10000);
    int count = WHOLE_GROUPS - first + fraction_groups;
    char *at = value_wire_room(out, 12 + 2 * (size_t)count);
    value_wire_32(at, 8 + 2 * (uint32_t)count);
    value_wire_16(at + 4, (uint16_t)count);
    value_wire_16(at + 6, (uint16_t)(WHOLE_GROUPS - first - 1));
    value_wire_16(at + 8, units < 0 ? 0x4000 : 0);
    value_wire_16(at + 10, (uint16_t)scale);
    for (int i = 0; i < count; i++)
        value_wire_16(at + 12 + 2 * (ptrdiff_t)i, groups[first + i]);
}

/* Both numbers are exact, so that their quotient is what the server reads from the text: the nearest there is. */
static void put_float8(struct buf *out, int64_t units, int scale)
{
    double number = (double)units / (double)powers[scale];
    int64_t bits;
    memcpy(&bits, &number, sizeof bits);
    value_wire_put_8(out, bits);
}

static void put_float4(struct buf *out, int64_t units, int scale)
{
    enum { EXACT = 1 << 24 };
    float number = (float)units / (float)powers[scale];
    if (units > EXACT || units < -EXACT) {
        struct buf text = {0};
        put_scaled(&text, units, scale);
        number = strtof(text.data, NULL);
        buf_free(&text);
    }
    int32_t bits;
    memcpy(&bits, &number, sizeof bits);
    value_wire_put_4(out, bits);
}

#define NUMBER_BINARY(NAME)                                                                                  \
    void value_##NAME##_draw_binary(const struct value_spec *spec, uint64_t hash, int64_t row,               \
                                    struct buf *out)                                                         \
    {                                                                                                        \
        (void)row;                                                                                           \
        put_##NAME(out, drawn(spec, hash), spec->scale);                                                     \
    }                                                                                                        \
    void value_##NAME##_nth_binary(const struct value_spec *spec, uint64_t index, struct buf *out)           \
    {                                                                                                        \
        put_##NAME(out, spec->low + (int64_t)index, spec->scale);                                            \
    }

NUMBER_BINARY(int2)
NUMBER_BINARY(int4)
NUMBER_BINARY(int8)
NUMBER_BINARY(numeric)
NUMBER_BINARY(float4)
NUMBER_BINARY(float8)

void value_bool_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)spec, (void)row;
    buf_putc(out, hash >> 63 ? '1' : '0');
}

void value_bool_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    (void)spec;
    buf_putc(out, index ? '1' : '0');
}

void value_bool_draw_binary(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)spec, (void)row;
    value_wire_put_1(out, (char)(hash >> 63));
}

void value_bool_nth_binary(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    (void)spec;
    value_wire_put_1(out, index != 0);
}

static void put_bits(const struct value_spec *spec, uint64_t bits, struct buf *out)
{
    int length = spec->length < 0 ? 40 : spec->length;
    for (int i = length; i-- > 0;)
        buf_putc(out, i < 64 && (bits >> i & 1) ? '1' : '0');
}

void value_bit_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)row;
    put_bits(spec, hash, out);
}

void value_bit_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    put_bits(spec, index, out);
}

void value_bit_nth_binary(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    uint32_t length = spec->length < 0 ? 40 : (uint32_t)spec->length, bytes = (length + 7) / 8;
    char *at = value_wire_room(out, 8 + bytes);
    value_wire_32(at, 4 + bytes);
    value_wire_32(at + 4, length);
    memset(at + 8, 0, bytes);
    for (uint32_t i = 0; i < length && i < 64; i++)
        if (index >> i & 1)
            at[8 + (length - 1 - i) / 8] |= (char)(0x80 >> (length - 1 - i) % 8);
}

void value_bit_draw_binary(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)row;
    value_bit_nth_binary(spec, hash, out);
}

/* The bits of a number as bytes, as MySQL takes them: every byte below 128, so that they are characters in any charset. */
static void put_bytes(const struct value_spec *spec, uint64_t bits, struct buf *out)
{
    int length = spec->length < 1 ? 1 : spec->length > 64 ? 64 : spec->length, bytes = (length + 7) / 8;
    for (int i = bytes; i-- > 0;) {
        int room = i == bytes - 1 && length % 8 > 0 ? length % 8 : 7;
        char text[2] = {(char)(bits >> (7 * i) & ((1U << (unsigned)room) - 1)), '\0'};
        if (text[0] == '\0')
            buf_puts(out, "\\0");
        else
            value_put_escaped(out, text);
    }
}

void value_bits_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)row;
    put_bytes(spec, hash, out);
}

void value_bits_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    put_bytes(spec, index, out);
}

int64_t value_bits_capacity(const struct value_spec *spec)
{
    int length = spec->length < 1 ? 1 : spec->length > 56 ? 56 : spec->length;
    return INT64_C(1) << (length / 8 * 7 + (length % 8));
}
