/* value_wire: fields of PostgreSQL's binary COPY: a length word and as many bytes, big-endian. Pure, any thread. */
#ifndef REHEARSE_GENERATORS_VALUE_WIRE_H
#define REHEARSE_GENERATORS_VALUE_WIRE_H

#include "bench/base/buf.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

/* Days and microseconds from 1970 to 2000, where the server's calendar begins. */
#define VALUE_WIRE_EPOCH_DAYS INT64_C(10957)
#define VALUE_WIRE_EPOCH_US   (VALUE_WIRE_EPOCH_DAYS * 86400 * 1000000)

/* Room for length bytes, which the caller writes. */
static inline char *value_wire_room(struct buf *out, size_t length)
{
    if (out->capacity - out->length <= length)
        buf_reserve(out, length);
    char *at = out->data + out->length;
    out->length += length;
    at[length] = '\0';
    return at;
}

static inline void value_wire_16(char *at, uint16_t number)
{
    number = htobe16(number);
    memcpy(at, &number, sizeof number);
}

static inline void value_wire_32(char *at, uint32_t number)
{
    number = htobe32(number);
    memcpy(at, &number, sizeof number);
}

static inline void value_wire_64(char *at, uint64_t number)
{
    number = htobe64(number);
    memcpy(at, &number, sizeof number);
}

static inline void value_wire_put_null(struct buf *out)
{
    value_wire_32(value_wire_room(out, 4), UINT32_MAX);
}

static inline void value_wire_put_1(struct buf *out, char byte)
{
    char *at = value_wire_room(out, 5);
    value_wire_32(at, 1);
    at[4] = byte;
}

static inline void value_wire_put_2(struct buf *out, int64_t number)
{
    char *at = value_wire_room(out, 6);
    value_wire_32(at, 2);
    value_wire_16(at + 4, (uint16_t)number);
}

static inline void value_wire_put_4(struct buf *out, int64_t number)
{
    char *at = value_wire_room(out, 8);
    value_wire_32(at, 4);
    value_wire_32(at + 4, (uint32_t)number);
}

static inline void value_wire_put_8(struct buf *out, int64_t number)
{
    char *at = value_wire_room(out, 12);
    value_wire_32(at, 8);
    value_wire_64(at + 4, (uint64_t)number);
}

static inline void value_wire_put_bytes(struct buf *out, const char *bytes, size_t length)
{
    char *at = value_wire_room(out, 4 + length);
    value_wire_32(at, (uint32_t)length);
    memcpy(at + 4, bytes, length);
}

/* A field whose length is known once it is written: what open returns is given to close. */
static inline size_t value_wire_open(struct buf *out)
{
    value_wire_room(out, 4);
    return out->length;
}

static inline void value_wire_close(struct buf *out, size_t start)
{
    value_wire_32(out->data + start - 4, (uint32_t)(out->length - start));
}

#endif
