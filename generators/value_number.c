#include "generators/value_kind.h"

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

void value_number_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)row;
    uint64_t count = (uint64_t)(spec->high - spec->low) + 1;
    put_scaled(out, spec->low + (int64_t)value_scale_low(hash, count), spec->scale);
}

void value_number_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    put_scaled(out, spec->low + (int64_t)index, spec->scale);
}

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
