/* hash: SHA-256 of plans, strategies and fingerprints, as lower-case hex. Any thread. */
#ifndef REHEARSE_BASE_HASH_H
#define REHEARSE_BASE_HASH_H

#include <stddef.h>

void hash_sha256(const void *bytes, size_t length, char hex[65]);
void hash_sha256_base64(const void *bytes, size_t length,
                        char base64[64]); /* as a content security policy names it */

#endif
