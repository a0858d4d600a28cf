/* profile_member: typed members of a profile's JSON objects, each error at its place. Private to profile_read.c. */
#ifndef REHEARSE_GENERATORS_PROFILE_MEMBER_H
#define REHEARSE_GENERATORS_PROFILE_MEMBER_H

#include "bench/base/json.h"
#include "generators/profile.h"

struct profile_reader {
    struct arena *arena;
    struct profile *profile;
    struct err *err;
};

/* *found is NULL when the member is absent and may be. */
bool member_find(struct profile_reader *r, const struct json *object, const char *key, enum json_type type,
                 bool needed, const struct json **found);
/* What is absent leaves its place as it was; lists then count 0. */
bool member_text(struct profile_reader *r, const struct json *object, const char *key, bool needed,
                 const char **text);
bool member_real(struct profile_reader *r, const struct json *object, const char *key, double low,
                 double high, double *value);
bool member_count(struct profile_reader *r, const struct json *object, const char *key,
                  int64_t *value); /* −1: absent */
bool member_flag(struct profile_reader *r, const struct json *object, const char *key, bool *value);
bool member_reals(struct profile_reader *r, const struct json *object, const char *key, double **values,
                  size_t *count);
bool member_texts(struct profile_reader *r, const struct json *object, const char *key, const char ***texts,
                  size_t *count);
bool member_atoms(struct profile_reader *r, const struct json *object, const char *key,
                  struct profile_atom **atoms, size_t *count);
bool member_counts(struct profile_reader *r, const struct json *object, struct profile_count **counts,
                   size_t *count);
bool member_is_share(const struct json *node); /* a number from 0 to 1 */

#endif
