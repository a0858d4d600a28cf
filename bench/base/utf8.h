/* utf8: which bytes are one character. Pure. */
#ifndef REHEARSE_BASE_UTF8_H
#define REHEARSE_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the well-formed character at `at` (1 … 4); 0 when there is none before `end`: stray or missing continuation
 * bytes, overlong forms, surrogates, above U+10FFFF. */
size_t utf8_length(const char *at, const char *end);
bool utf8_is_valid(const char *text, size_t length);

#endif
