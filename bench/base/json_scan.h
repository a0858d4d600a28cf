/* json_scan: the strict pass over JSON text before cJSON sees it. One thread; for json.c alone.
 *
 * cJSON by itself accepts trailing bytes, raw control characters, invalid UTF-8 and text cut at \u0000, and knows no
 * places. This pass refuses the former, keeps the place of every value in the order of the text (a container before its
 * members), and yields a copy of the text in which comments and trailing commas are blanks. */
#ifndef REHEARSE_BASE_JSON_SCAN_H
#define REHEARSE_BASE_JSON_SCAN_H

#include "bench/base/json.h"

enum { JSON_MAX_DEPTH = 64 };

struct json_place {
    int line, column;
    int key_line, key_column; /* 0 unless a member of an object */
    size_t offset;            /* of the value, in bytes */
};

struct json_scan {
    char *clean; /* as long as the text, then a NUL */
    struct json_place *places;
    size_t place_count, place_capacity;
};

/* Everything is allocated in the arena. */
bool json_scan(struct arena *arena, const char *file, const char *text, size_t length, enum json_flags flags,
               struct json_scan *scan, struct err *err);

#endif
