/* redact: a profile without the source's values. One thread.
 *
 * Kept are the literals of enums, booleans, columns whose CHECK lists them, and columns named one by one; integers of at
 * most 100 different values, each in four rows or more, that are no part of a key (status-like). Of integers that alone are a key
 * nothing is kept. Other numbers and moments move within their neighbourhood, the outermost inwards; zero and signs stay. Texts
 * become surrogates: same length and character classes, same order, same common prefixes, other characters; documents keep
 * names that at least two of them have, and the types of their values. Columns that a foreign key joins share surrogates.
 * Which surrogate depends on place, never on the value, so that whoever reads this program finds no way back. */
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
/* What would leave, one literal a line: those kept ("schema.table.column: value"), those that had no other value to become, names
 * of documents' members, literals in the schema's statements. For profile --audit, after redact_profile. */
void redact_audit(const struct profile *profile, struct buf *out);

#endif
