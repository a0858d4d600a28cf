#include "bench/base/buf.h"
#include "generators/redact_parts.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* An address is its bits, of a network those of the mask: networks that hold each other go on doing so. */

struct address {
    unsigned char bytes[16];
    int size, mask; /* bytes; bits */
    bool masked;    /* the literal names its mask */
};

static bool read_address(const char *text, struct address *address)
{
    char plain[64];
    const char *slash = strchrnul(text, '/');
    size_t length = (size_t)(slash - text);
    if (length >= sizeof plain)
        return false;
    memcpy(plain, text, length);
    plain[length] = '\0';
    bool is_v6 = strchr(plain, ':') != NULL;
    address->size = is_v6 ? 16 : 4;
    address->masked = *slash == '/';
    address->mask = address->masked ? (int)strtol(slash + 1, NULL, 10) : 8 * address->size;
    return inet_pton(is_v6 ? AF_INET6 : AF_INET, plain, address->bytes) == 1 && address->mask >= 0 &&
           address->mask <= 8 * address->size;
}

static const char *bits_of(struct arena *arena, const struct address *address, bool network)
{
    int count = network ? address->mask : 8 * address->size;
    char *bits = arena_alloc(arena, (size_t)count + 2);
    bits[0] = address->size == 4 ? '4' : '6';
    for (int i = 0; i < count; i++)
        bits[i + 1] = (char)('0' + (address->bytes[i / 8] >> (7 - i % 8) & 1));
    return bits;
}

static const char *written(struct arena *arena, struct address address, const char *bits)
{
    char text[INET6_ADDRSTRLEN];
    memset(address.bytes, 0, sizeof address.bytes);
    for (int i = 0; bits[i + 1] != '\0'; i++)
        if (bits[i + 1] == '1')
            address.bytes[i / 8] |= (unsigned char)(1 << (7 - i % 8));
    inet_ntop(address.size == 16 ? AF_INET6 : AF_INET, address.bytes, text, sizeof text);
    return address.masked ? arena_printf(arena, "%s/%d", text, address.mask) : arena_strdup(arena, text);
}

void redact_addresses(struct arena *arena, const char *type, uint64_t stream, const char *const *texts,
                      size_t count, const char **surrogates)
{
    struct address *addresses = arena_alloc(arena, (count + 1) * sizeof *addresses);
    const char **bits = arena_alloc(arena, (count + 1) * sizeof *bits);
    bool *known = arena_alloc(arena, count + 1), network = strcmp(type, "cidr") == 0;
    for (size_t i = 0; i < count; i++) {
        known[i] = read_address(texts[i], &addresses[i]);
        bits[i] = known[i] ? bits_of(arena, &addresses[i], network) : "";
    }
    redact_texts(arena, REDACT_BITS, stream, bits, count, surrogates);
    for (size_t i = 0; i < count; i++)
        surrogates[i] = known[i] ? written(arena, addresses[i], surrogates[i]) : NULL;
}
