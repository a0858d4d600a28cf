/* redact: a profile without the source's values. One thread.
 *
 * Kept are the literals of enums, booleans, columns whose CHECK lists them, and columns named one by one; integers of at
 * most 100 different values that are no key (status-like). Other numbers and moments move within their neighbourhood; texts become
 * surrogates: same length and character classes, same order, same common prefixes, other characters; documents keep their
 * keys and the types of their values. Which surrogate depends on place, never on the value. */
#ifndef REHEARSE_GENERATORS_REDACT_H
#define REHEARSE_GENERATORS_REDACT_H

#include "generators/profile.h"

struct redact_rules {
    const char *const
        *literals; /* "table.column" or "schema.table.column", NULL-terminated: kept to the letter */
};

/* Every column of the profile, in place; err when a name in literals is no column (did you mean). */
bool redact_profile(struct profile *profile, struct arena *arena, const struct redact_rules *rules,
                    struct err *err);
/* What would leave: one line per literal that is kept ("table.column: value"), for profile --audit. */
void redact_audit(const struct profile *profile, struct buf *out);

#endif
