#include "generators/value_kind.h"
#include "generators/value_wire.h"

static void put_hex(struct buf *out, uint64_t value, int digits)
{
    char text[16];
    for (int i = digits; i-- > 0; value >>= 4)
        text[i] = "0123456789abcdef"[value & 15];
    buf_add(out, text, (size_t)digits);
}

/* Version 4, variant 1. All 64 bits of `unique` appear, so different numbers give different identifiers. */
static void put_uuid(struct buf *out, uint64_t unique)
{
    uint64_t more = value_mix(unique + 1);
    put_hex(out, unique >> 32, 8);
    buf_putc(out, '-');
    put_hex(out, unique >> 16, 4);
    buf_puts(out, "-4");
    put_hex(out, more, 3);
    buf_putc(out, '-');
    put_hex(out, 8 | (more >> 12 & 3), 1);
    put_hex(out, more >> 14, 3);
    buf_putc(out, '-');
    put_hex(out, unique, 4);
    put_hex(out, more >> 26, 8);
}

void value_uuid_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)spec, (void)row;
    put_uuid(out, hash);
}

/* The key in low takes the column's stream, so that two tables do not share identifiers. */
void value_uuid_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    put_uuid(out, value_mix(index ^ (uint64_t)spec->low));
}

static void put_uuid_binary(struct buf *out, uint64_t unique)
{
    uint64_t more = value_mix(unique + 1);
    char *at = value_wire_room(out, 20);
    value_wire_32(at, 16);
    value_wire_32(at + 4, (uint32_t)(unique >> 32));
    value_wire_16(at + 8, (uint16_t)(unique >> 16));
    value_wire_16(at + 10, (uint16_t)(0x4000 | (more & 0xfff)));
    value_wire_16(at + 12, (uint16_t)(0x8000 | (more & 0x3000) | (more >> 14 & 0xfff)));
    value_wire_16(at + 14, (uint16_t)unique);
    value_wire_32(at + 16, (uint32_t)(more >> 26));
}

void value_uuid_draw_binary(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)spec, (void)row;
    put_uuid_binary(out, hash);
}

void value_uuid_nth_binary(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    put_uuid_binary(out, value_mix(index ^ (uint64_t)spec->low));
}

void value_json_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    static const char *const sources[] = {"web", "app", "shop", "partner", "import"};
    (void)spec, (void)row;
    buf_puts(out, "{\"source\": \"");
    buf_puts(out, sources[value_scale_low(hash, 5)]);
    buf_puts(out, "\", \"score\": ");
    value_put_int(out, (int64_t)(hash % 1000));
    buf_puts(out, hash & 1024 ? ", \"active\": true" : ", \"active\": false");
    if (hash & 2048) {
        buf_puts(out, ", \"ref\": \"");
        put_hex(out, value_mix(hash), 12);
        buf_putc(out, '"');
    }
    buf_putc(out, '}');
}

void value_json_draw_binary(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    size_t start = value_wire_open(out);
    value_json_draw(spec, hash, row, out);
    value_wire_close(out, start);
}

/* The format's version, then its text. */
void value_jsonb_draw_binary(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    size_t start = value_wire_open(out);
    *value_wire_room(out, 1) = 1;
    value_json_draw(spec, hash, row, out);
    value_wire_close(out, start);
}

void value_bytes_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)spec, (void)row;
    buf_puts(out, "\\\\x");
    for (uint64_t i = 0, words = 1 + hash % 4; i < words; i++)
        put_hex(out, value_mix(hash + i), 16);
}

void value_bytes_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    (void)spec;
    buf_puts(out, "\\\\x");
    put_hex(out, value_mix(index), 16);
}

void value_bytes_draw_binary(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)spec, (void)row;
    uint32_t words = 1 + (uint32_t)(hash % 4);
    char *at = value_wire_room(out, 4 + 8 * (size_t)words);
    value_wire_32(at, 8 * words);
    for (uint64_t i = 0; i < words; i++)
        value_wire_64(at + 4 + 8 * i, value_mix(hash + i));
}

void value_bytes_nth_binary(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    (void)spec;
    value_wire_put_8(out, (int64_t)value_mix(index));
}

static void put_address(struct buf *out, uint64_t host)
{
    buf_puts(out, "10");
    for (int shift = 16; shift >= 0; shift -= 8) {
        buf_putc(out, '.');
        value_put_int(out, (int64_t)(host >> shift & 255));
    }
}

void value_inet_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)spec, (void)row;
    put_address(out, hash);
}

void value_inet_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    (void)spec;
    put_address(out, index);
}

void value_cidr_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)spec, (void)row;
    put_address(out, hash & 0xffff00);
    buf_puts(out, "/24");
}

void value_cidr_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    (void)spec;
    put_address(out, index);
    buf_puts(out, "/32");
}

/* Family, bits of the mask, whether it is a network, bytes of the address. */
static void put_address_binary(struct buf *out, uint64_t host, char bits, char is_network)
{
    enum { FAMILY_4 = 2 };
    char *at = value_wire_room(out, 12);
    value_wire_32(at, 8);
    memcpy(at + 4, (char[]){FAMILY_4, bits, is_network, 4}, 4);
    value_wire_32(at + 8, (uint32_t)(10 << 24 | (host & 0xffffff)));
}

void value_inet_draw_binary(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)spec, (void)row;
    put_address_binary(out, hash, 32, 0);
}

void value_inet_nth_binary(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    (void)spec;
    put_address_binary(out, index, 32, 0);
}

void value_cidr_draw_binary(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)spec, (void)row;
    put_address_binary(out, hash & 0xffff00, 24, 1);
}

void value_cidr_nth_binary(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    (void)spec;
    put_address_binary(out, index, 32, 1);
}

void value_mac_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)row;
    value_mac_nth(spec, hash, out);
}

void value_mac_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    (void)spec;
    buf_puts(out, "02");
    for (int shift = 32; shift >= 0; shift -= 8) {
        buf_putc(out, ':');
        put_hex(out, index >> shift & 255, 2);
    }
}

void value_mac_nth_binary(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    (void)spec;
    char *at = value_wire_room(out, 10);
    value_wire_32(at, 6);
    value_wire_16(at + 4, (uint16_t)(2 << 8 | (index >> 32 & 255)));
    value_wire_32(at + 6, (uint32_t)index);
}

void value_mac_draw_binary(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)row;
    value_mac_nth_binary(spec, hash, out);
}

/* As long as the limit says, which is the source's mean here, if it leaves room for a number. */
void value_xml_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    enum { TAGS = 7, LONG = 34, CODE = 16 };
    int length = spec->length < 0 ? LONG : spec->length > TAGS ? spec->length : TAGS + 1;
    bool nested = length >= LONG;
    (void)row;
    buf_puts(out, nested ? "<item><code>" : "<a>");
    length -= nested ? LONG - 8 : TAGS;
    for (int digits; length > 0; length -= digits, hash = value_mix(hash)) {
        digits = length < CODE ? length : CODE;
        put_hex(out, hash, digits);
    }
    buf_puts(out, nested ? "</code></item>" : "</a>");
}

void value_xml_draw_binary(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    size_t start = value_wire_open(out);
    value_xml_draw(spec, hash, row, out);
    value_wire_close(out, start);
}

static void put_int_range(struct buf *out, int64_t from, int64_t to)
{
    buf_putc(out, '[');
    value_put_int(out, from);
    buf_putc(out, ',');
    value_put_int(out, to);
    buf_putc(out, ')');
}

void value_int_range_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)spec, (void)row;
    int64_t from = (int64_t)value_scale(hash, 9800);
    put_int_range(out, from, from + 1 + (int64_t)(hash % 100));
}

void value_int_range_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    (void)spec;
    put_int_range(out, (int64_t)index * 10, (int64_t)index * 10 + 10);
}

enum { BYTES_UNLIMITED = 64, BYTES_DISTINCT = 16 };

static void put_text_bytes(const struct value_spec *spec, uint64_t number, int words, struct buf *out)
{
    int left = spec->length < 0 ? BYTES_UNLIMITED : spec->length;
    for (int i = 0; i < words && left > 0; i++, left -= 16) {
        put_hex(out, number, left < 16 ? left : 16);
        number = value_mix(number + 1);
    }
}

/* Bytes that are hexadecimal digits, as many as there is room for. */
void value_text_bytes_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)row;
    put_text_bytes(spec, hash, 1 + (int)(hash % 4), out);
}

void value_text_bytes_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    bool roomy = spec->length < 0 || spec->length >= BYTES_DISTINCT;
    put_text_bytes(spec, roomy ? value_mix(index) : index, 1, out);
}

int64_t value_text_bytes_capacity(const struct value_spec *spec)
{
    return spec->length < 0 || spec->length > 12 ? INT64_C(1) << 50 : INT64_C(1) << (4 * spec->length);
}

void value_inet6_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)row;
    value_inet6_nth(spec, hash >> 16, out);
}

void value_inet6_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    (void)spec;
    buf_puts(out, "fd00::");
    for (int shift = 48; shift >= 0; shift -= 16) {
        put_hex(out, index >> shift, 4);
        if (shift > 0)
            buf_putc(out, ':');
    }
}
