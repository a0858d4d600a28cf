/* translate: a profile's schema as statements for another engine: PostgreSQL's for MariaDB and MySQL, and theirs for
 * PostgreSQL. Pure, any thread; everything in the arena.
 *
 * Tables, columns, keys, indexes and references come from the profile's lists; labels, defaults, checks and what a reference
 * does on DELETE are read from its statements. Values keep their canonical text as far as the types allow: what has no counterpart
 * becomes text. What does not translate is left out, and told: one note each. */
#ifndef REHEARSE_GENERATORS_TRANSLATE_H
#define REHEARSE_GENERATORS_TRANSLATE_H

#include "bench/base/arena.h"
#include "generators/profile.h"

struct translate_target {
    const char *engine; /* as dialect.engine */
    int version;        /* as db_version */
    enum sql_lexis lexis;
};

struct translation {
    struct profile_statement *statements; /* stages before, table, index, key, reference, in order */
    const char **notes;                   /* "table orders, index by_day: …": what does not translate */
    size_t statement_count, note_count;
};

/* Names carry no schema: they mean the one that the session is in. */
struct translation translate_schema(struct arena *arena, const struct profile *profile,
                                    const struct translate_target *target);

#endif
