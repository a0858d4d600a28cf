#include "bench/run/plan_value.h"

#include "bench/base/units.h"

bool plan_value_type(const struct json *node, enum json_type type, const char *what, struct err *err)
{
    return node->type == type || json_error(err, node, "%s is expected", what);
}

bool plan_value_member(const struct json *object, const char *key, enum json_type type, const char *what,
                       const struct json **member, struct err *err)
{
    *member = json_get(object, key);
    return *member == NULL || (*member)->type == type ||
           json_error(err, *member, "%s: %s is expected", key, what);
}

bool plan_value_string(const struct json *object, const char *key, const char **value, struct err *err)
{
    const struct json *node;
    if (!plan_value_member(object, key, JSON_STRING, "a string", &node, err))
        return false;
    if (node == NULL)
        return true;
    *value = node->string;
    return node->string[0] != '\0' || json_error(err, node, "%s: the string is empty", key);
}

bool plan_value_bool(const struct json *object, const char *key, bool *value, struct err *err)
{
    const struct json *node = json_get(object, key);
    if (node == NULL)
        return true;
    *value = node->type == JSON_TRUE;
    return *value || node->type == JSON_FALSE || json_error(err, node, "%s: true or false is expected", key);
}

bool plan_value_integer(const struct json *object, const char *key, int64_t least, int64_t most,
                        int64_t *value, struct err *err)
{
    const struct json *node;
    if (!plan_value_member(object, key, JSON_NUMBER, "a whole number", &node, err))
        return false;
    if (node == NULL)
        return true;
    if (!node->is_integer || node->integer < least || node->integer > most)
        return json_error(err, node, "%s: a whole number from %lld to %lld is expected", key,
                          (long long)least, (long long)most);
    *value = node->integer;
    return true;
}

bool plan_value_duration(const struct json *object, const char *key, int64_t *ns, struct err *err)
{
    const struct json *node = json_get(object, key);
    const char *why;
    if (node == NULL)
        return true;
    if (node->type == JSON_NUMBER && node->is_integer && node->integer == 0) {
        *ns = 0;
        return true;
    }
    if (node->type != JSON_STRING)
        return json_error(err, node, "%s: a duration in quotes is expected, as \"10s\"", key);
    return units_duration_ns(node->string, ns, &why) ||
           json_error(err, node, "%s: bad duration \"%s\": %s", key, node->string, why);
}

bool plan_value_not_built(const struct json *node, const char *what, const char *hint, struct err *err)
{
    err_at(err, node->file, node->key_line ? node->key_line : node->line,
           node->key_column ? node->key_column : node->column, "%s is not built yet", what);
    return err_hint(err, "%s", hint);
}

bool plan_value_refuse(const struct json *object, const char *const *keys, struct err *err)
{
    for (; *keys != NULL; keys++) {
        const struct json *node = json_get(object, *keys);
        if (node != NULL)
            return plan_value_not_built(node, *keys, "Take the key out of the plan.", err);
    }
    return true;
}

struct plan_place plan_value_place(const struct json *node)
{
    return (struct plan_place){node->file, node->line, node->column};
}
