/* plan_value: one value of the plan, read at its place. For plan*.c alone. One thread.
 *
 * Each plan_value_* leaves *value as it is when the key is absent. */
#ifndef REHEARSE_RUN_PLAN_VALUE_H
#define REHEARSE_RUN_PLAN_VALUE_H

#include "bench/base/json.h"
#include "bench/run/plan.h"

bool plan_value_type(const struct json *node, enum json_type type, const char *what, struct err *err);
/* The member if it is there and of the type; *member is NULL when it is absent. */
bool plan_value_member(const struct json *object, const char *key, enum json_type type, const char *what,
                       const struct json **member, struct err *err);
bool plan_value_string(const struct json *object, const char *key, const char **value, struct err *err);
bool plan_value_bool(const struct json *object, const char *key, bool *value, struct err *err);
bool plan_value_integer(const struct json *object, const char *key, int64_t least, int64_t most,
                        int64_t *value, struct err *err);
bool plan_value_duration(const struct json *object, const char *key, int64_t *ns, struct err *err);
/* "name" is not built yet, for the first of `keys` (NULL-terminated) that the object has. */
bool plan_value_refuse(const struct json *object, const char *const *keys, struct err *err);
bool plan_value_not_built(const struct json *node, const char *what, const char *hint, struct err *err);
struct plan_place plan_value_place(const struct json *node);

bool plan_data(struct arena *arena, const struct json *data, struct plan *plan, struct err *err);
bool plan_columns(struct arena *arena, const struct json *table, struct plan *plan, struct err *err);
bool plan_load(struct arena *arena, const struct json *load, struct plan *plan, struct err *err);

#endif
