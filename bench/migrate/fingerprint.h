/* fingerprint: the schema as sorted lines, hashed, to tell whether a rollback got back. One thread. */
#ifndef REHEARSE_MIGRATE_FINGERPRINT_H
#define REHEARSE_MIGRATE_FINGERPRINT_H

#include "bench/base/arena.h"
#include "bench/db/db.h"

struct fingerprint {
    const char **lines; /* sorted */
    size_t count;
    char sha256[65];
};

struct fingerprint_change {
    char sign; /* '+' now there, '-' gone */
    const char *line;
};

bool fingerprint_take(struct db *db, struct arena *arena, struct fingerprint *fingerprint, struct err *err);
/* What differs, at most max changes; returns how many in all. */
size_t fingerprint_diff(struct arena *arena, const struct fingerprint *before,
                        const struct fingerprint *after, struct fingerprint_change *changes, size_t max);

#endif
