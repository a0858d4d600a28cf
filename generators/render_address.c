#include "generators/render_ordinal.h"

#include "generators/value_wire.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* 128 unsigned bits as a signed number of the same order. */
#define LOWEST ((wide)((uwide)1 << 127))

static wide ordered(uwide bits)
{
    return (wide)(bits ^ (uwide)LOWEST);
}

static uwide bits_of(wide ordinal)
{
    return (uwide)ordinal ^ (uwide)LOWEST;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void put_hex(struct buf *out, uint64_t value, int digits)
{
    char text[16];
    for (int i = digits; i-- > 0; value >>= 4)
        text[i] = "0123456789abcdef"[value & 15];
    buf_add(out, text, (size_t)digits);
}

/* So many hexadecimal digits, with separators anywhere. */
static bool read_hex(const char *text, int digits, uwide *bits)
{
    *bits = 0;
    for (; *text != '\0'; text++) {
        int digit = hex_digit(*text);
        if (digit < 0 && *text != '-' && *text != ':' && *text != '.' && *text != '{' && *text != '}')
            return false;
        if (digit >= 0) {
            *bits = *bits * 16 + (unsigned)digit;
            digits--;
        }
    }
    return digits == 0;
}

/* Version and variant are no part of the number where all literals have the same. */
enum { VERSION_AT = 76, VARIANT_AT = 62, LOWER_HALF = 19 /* where its first digit stands */ };

static bool read_uuid(const struct render_ordinal *self, const char *text, wide *ordinal)
{
    uwide bits;
    if (!read_hex(text, 32, &bits))
        return false;
    if (self->version >= 0)
        bits = bits >> (VERSION_AT + 4) << (VERSION_AT - 2) | (bits >> 64 & 0xfff) << 62 |
               (bits & (((uwide)1 << 62) - 1));
    *ordinal = ordered(bits);
    return true;
}

static uwide uuid_bits(const struct render_ordinal *self, wide ordinal)
{
    uwide bits = bits_of(ordinal);
    if (self->version < 0)
        return bits;
    return bits >> (VERSION_AT - 2) << (VERSION_AT + 4) | (uwide)self->version << VERSION_AT |
           (bits >> VARIANT_AT & 0xfff) << 64 | (uwide)self->variant << VARIANT_AT |
           (bits & (((uwide)1 << 62) - 1));
}

static void plain_uuid(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    static const char digits[] = "0123456789abcdef", form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    char text[sizeof form - 1];
    uwide bits = uuid_bits(self, ordinal);
    uint64_t half = (uint64_t)bits;
    for (size_t i = sizeof text; i-- > 0;) {
        text[i] = form[i] == '-' ? '-' : digits[half & 15];
        if (form[i] != '-')
            half >>= 4;
        if (i == LOWER_HALF)
            half = (uint64_t)(bits >> 64);
    }
    buf_add(out, text, sizeof text);
}

static void put_wide_bytes(struct buf *out, uwide bits)
{
    char *at = value_wire_room(out, 20);
    value_wire_32(at, 16);
    value_wire_64(at + 4, (uint64_t)(bits >> 64));
    value_wire_64(at + 12, (uint64_t)bits);
}

static void binary_uuid(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    put_wide_bytes(out, uuid_bits(self, ordinal));
}

static void learn_uuid(struct render_ordinal *self, const struct render_ask *ask)
{
    const char *text;
    uwide bits;
    self->version = -1;
    for (size_t i = 0; (text = render_literal(ask->statistics, i)) != NULL; i++) {
        if (!read_hex(text, 32, &bits))
            continue;
        int version = (int)(bits >> VERSION_AT & 15);
        unsigned variant = (unsigned)(bits >> VARIANT_AT & 3);
        if (i > 0 && (version != self->version || variant != self->variant)) {
            self->version = -1;
            return;
        }
        self->version = version;
        self->variant = variant;
    }
}

static bool read_mac(const struct render_ordinal *self, const char *text, wide *ordinal)
{
    uwide bits;
    bool ok = read_hex(text, 2 * self->codec->bytes, &bits);
    *ordinal = ok ? (wide)bits : 0;
    return ok;
}

static void plain_mac(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    for (int shift = 8 * (self->codec->bytes - 1); shift >= 0; shift -= 8) {
        put_hex(out, (uint64_t)ordinal >> shift, 2);
        if (shift > 0)
            buf_putc(out, ':');
    }
}

static void binary_mac(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    if (self->codec->bytes == 8) {
        value_wire_put_8(out, (int64_t)ordinal);
        return;
    }
    char *at = value_wire_room(out, 10);
    value_wire_32(at, 6);
    value_wire_16(at + 4, (uint16_t)((uint64_t)ordinal >> 32));
    value_wire_32(at + 6, (uint32_t)ordinal);
}

struct address {
    uwide bits; /* 32 of them when v4 */
    int mask;
    bool is_v6;
};

static bool read_parts(const char *text, struct address *address)
{
    char plain[64];
    unsigned char bytes[16];
    const char *slash = strchrnul(text, '/');
    size_t length = (size_t)(slash - text);
    if (length >= sizeof plain)
        return false;
    memcpy(plain, text, length);
    plain[length] = '\0';
    address->is_v6 = strchr(plain, ':') != NULL;
    int size = address->is_v6 ? 16 : 4;
    if (inet_pton(address->is_v6 ? AF_INET6 : AF_INET, plain, bytes) != 1)
        return false;
    address->bits = 0;
    for (int i = 0; i < size; i++)
        address->bits = address->bits << 8 | bytes[i];
    address->mask = *slash == '/' ? (int)strtol(slash + 1, NULL, 10) : 8 * size;
    return address->mask >= 0 && address->mask <= 8 * size;
}

/* v4 before v6: the lowest 2^32 numbers, which no v6 address in use has. Where all v4 addresses have the same mask they are
 * counted by networks when they are networks. */
static bool read_inet(const struct render_ordinal *self, const char *text, wide *ordinal)
{
    struct address address;
    if (!read_parts(text, &address))
        return false;
    if (address.is_v6 && address.bits >> 32 == 0)
        address.bits = (uwide)1 << 32;
    else if (!address.is_v6 && self->mask >= 0 && self->codec->bytes == 1)
        address.bits >>= 32 - self->mask;
    *ordinal = ordered(address.bits);
    return true;
}

static struct address address_of(const struct render_ordinal *self, wide ordinal)
{
    struct address address = {.bits = bits_of(ordinal)};
    address.is_v6 = address.bits >> 32 != 0;
    address.mask = address.is_v6 ? 128 : self->mask < 0 ? 32 : self->mask;
    if (!address.is_v6 && self->mask >= 0 && self->codec->bytes == 1)
        address.bits <<= 32 - self->mask;
    return address;
}

static void address_bytes(const struct address *address, unsigned char *bytes)
{
    int size = address->is_v6 ? 16 : 4;
    for (int i = 0; i < size; i++)
        bytes[i] = (unsigned char)(address->bits >> (8 * (size - 1 - i)));
}

static void plain_inet(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    struct address address = address_of(self, ordinal);
    if (!address.is_v6) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            value_put_int(out, (int64_t)(address.bits >> shift & 255));
            if (shift > 0)
                buf_putc(out, '.');
        }
    } else {
        unsigned char bytes[16];
        char text[INET6_ADDRSTRLEN];
        address_bytes(&address, bytes);
        buf_puts(out, inet_ntop(AF_INET6, bytes, text, sizeof text));
    }
    if (self->codec->bytes == 1 || (!address.is_v6 && address.mask < 32)) {
        buf_putc(out, '/');
        value_put_int(out, address.mask);
    }
}

/* Family, bits of the mask, whether it is a network, bytes of the address. */
static void put_address(const struct render_ordinal *self, const struct address *address, struct buf *out)
{
    unsigned char bytes[16];
    size_t size = address->is_v6 ? 16 : 4;
    address_bytes(address, bytes);
    char *at = value_wire_room(out, 8 + size);
    value_wire_32(at, (uint32_t)(4 + size));
    at[4] = address->is_v6 ? 3 : 2;
    at[5] = (char)address->mask;
    at[6] = (char)(self->codec->bytes == 1);
    at[7] = (char)size;
    memcpy(at + 8, bytes, size);
}

static void binary_inet(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    struct address address = address_of(self, ordinal);
    put_address(self, &address, out);
}

static bool field_inet(const struct render_ordinal *self, const char *text, struct buf *out)
{
    struct address address;
    if (!read_parts(text, &address))
        return false;
    put_address(self, &address, out);
    return true;
}

static void learn_inet(struct render_ordinal *self, const struct render_ask *ask)
{
    const char *text;
    struct address address;
    self->mask = INT_MAX;
    for (size_t i = 0; (text = render_literal(ask->statistics, i)) != NULL; i++) {
        if (!read_parts(text, &address) || address.is_v6)
            continue;
        if (self->mask != INT_MAX && self->mask != address.mask) {
            self->mask = -1;
            return;
        }
        self->mask = address.mask;
    }
    if (self->mask == INT_MAX)
        self->mask = -1;
}

static bool read_inet6(const struct render_ordinal *self, const char *text, wide *ordinal)
{
    struct address address;
    (void)self;
    if (!read_parts(text, &address))
        return false;
    *ordinal = ordered(address.bits);
    return true;
}

static void plain_inet6(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    struct address address = {.bits = bits_of(ordinal), .is_v6 = true};
    unsigned char bytes[16];
    char text[INET6_ADDRSTRLEN];
    (void)self;
    address_bytes(&address, bytes);
    buf_puts(out, inet_ntop(AF_INET6, bytes, text, sizeof text));
}

/* Left-justified, so that they sort as the server sorts them; of longer ones the rest is zeros. */
enum { BITS = 120 };

static bool read_bits(const struct render_ordinal *self, const char *text, wide *ordinal)
{
    (void)self;
    *ordinal = 0;
    for (int i = 0; i < BITS; i++) {
        *ordinal = *ordinal * 2 + (*text == '1');
        text += *text != '\0';
    }
    return text[strspn(text, "01")] == '\0';
}

static int bit_at(const struct render_ordinal *self, wide ordinal, int i)
{
    (void)self;
    return i < BITS ? (int)(ordinal >> (BITS - 1 - i) & 1) : 0;
}

static void plain_bits(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    for (int i = 0; i < self->mask; i++)
        buf_putc(out, (char)('0' + bit_at(self, ordinal, i)));
}

static char *bits_room(struct buf *out, int length)
{
    size_t bytes = ((size_t)length + 7) / 8;
    char *at = value_wire_room(out, 8 + bytes);
    value_wire_32(at, (uint32_t)(4 + bytes));
    value_wire_32(at + 4, (uint32_t)length);
    memset(at + 8, 0, bytes);
    return at + 8;
}

static void binary_bits(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    char *at = bits_room(out, self->mask);
    for (int i = 0; i < self->mask; i++)
        at[i / 8] |= (char)(bit_at(self, ordinal, i) << (7 - i % 8));
}

static bool field_bits(const struct render_ordinal *self, const char *text, struct buf *out)
{
    (void)self;
    int length = (int)strlen(text);
    char *at = bits_room(out, length);
    for (int i = 0; i < length; i++)
        at[i / 8] |= (char)((text[i] == '1') << (7 - i % 8));
    return true;
}

/* All as long as the longest. */
static void learn_bits(struct render_ordinal *self, const struct render_ask *ask)
{
    const char *text;
    self->mask = strcmp(ask->type, "bit") == 0 ? ask->column->max_length : 0;
    for (size_t i = 0; (text = render_literal(ask->statistics, i)) != NULL; i++)
        if ((int)strlen(text) > self->mask)
            self->mask = (int)strlen(text);
    if (self->mask < BITS)
        self->finest = (wide)1 << (BITS - self->mask);
}

/* bytes: of a mac; 1: a network. */
const struct render_codec render_addresses[] = {
    {{"uuid"}, read_uuid, plain_uuid, binary_uuid, NULL, learn_uuid, NULL, 0},
    {{"inet"}, read_inet, plain_inet, binary_inet, field_inet, learn_inet, NULL, 0},
    {{"cidr"}, read_inet, plain_inet, binary_inet, field_inet, learn_inet, NULL, 1},
    {{"inet6"}, read_inet6, plain_inet6, NULL, NULL, NULL, NULL, 0},
    {{"macaddr"}, read_mac, plain_mac, binary_mac, NULL, NULL, NULL, 6},
    {{"bit", "varbit", "bit varying"}, read_bits, plain_bits, binary_bits, field_bits, learn_bits, NULL, 0},
    {{"macaddr8"}, read_mac, plain_mac, binary_mac, NULL, NULL, NULL, 8},
    {{NULL}, NULL, NULL, NULL, NULL, NULL, NULL, 0},
};
