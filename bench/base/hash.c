#include "bench/base/hash.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>

void hash_sha256(const void *bytes, size_t length, char hex[65])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(bytes, length, digest);
    for (size_t i = 0; i < SHA256_DIGEST_LENGTH; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

void hash_sha256_base64(const void *bytes, size_t length, char base64[64])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(bytes, length, digest);
    EVP_EncodeBlock((unsigned char *)base64, digest, SHA256_DIGEST_LENGTH);
}
