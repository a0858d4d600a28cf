/* buf: bytes that grow; always terminated by a NUL that is not counted. One thread at a time. Zero-initialise to start. */
#ifndef REHEARSE_BASE_BUF_H
#define REHEARSE_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
    char *data; /* owned; NULL while nothing was ever added */
    size_t length, capacity;
};

void buf_add(struct buf *buf, const void *bytes, size_t length);
void buf_puts(struct buf *buf, const char *text);
void buf_putc(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
void buf_reserve(struct buf *buf, size_t more); /* room for `more` further bytes */
void buf_clear(struct buf *buf);                /* empties, keeps the memory */
void buf_free(struct buf *buf);
const char *buf_text(const struct buf *buf); /* "" when empty */

#endif
