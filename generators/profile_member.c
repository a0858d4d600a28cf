#include "generators/profile_member.h"

/* Member of an object, of this type; NULL in *member when it is absent and may be. */
bool member_find(struct profile_reader *r, const struct json *object, const char *key, enum json_type type,
                 bool needed, const struct json **found)
{
    static const char *const names[] = {
        [JSON_NULL] = "null",       [JSON_FALSE] = "true or false", [JSON_TRUE] = "true",
        [JSON_NUMBER] = "a number", [JSON_STRING] = "a string",     [JSON_ARRAY] = "a list",
        [JSON_OBJECT] = "an object"};
    *found = json_get(object, key);
    if (*found == NULL)
        return !needed || json_error(r->err, object, "\"%s\" is missing", key);
    return (*found)->type == type || json_error(r->err, *found, "%s: %s is expected", key, names[type]);
}

bool member_text(struct profile_reader *r, const struct json *object, const char *key, bool needed,
                 const char **text)
{
    const struct json *found;
    if (!member_find(r, object, key, JSON_STRING, needed, &found))
        return false;
    if (found != NULL)
        *text = found->string;
    return true;
}

bool member_real(struct profile_reader *r, const struct json *object, const char *key, double low,
                 double high, double *value)
{
    const struct json *found;
    if (!member_find(r, object, key, JSON_NUMBER, false, &found))
        return false;
    if (found == NULL)
        return true;
    *value = found->number;
    return (*value >= low && *value <= high) ||
           json_error(r->err, found, "%s: a number from %g to %g is expected", key, low, high);
}

bool member_count(struct profile_reader *r, const struct json *object, const char *key, int64_t *value)
{
    const struct json *found;
    *value = -1;
    if (!member_find(r, object, key, JSON_NUMBER, false, &found))
        return false;
    if (found == NULL)
        return true;
    *value = found->integer;
    return (found->is_integer && *value >= 0) ||
           json_error(r->err, found, "%s: a whole number of 0 or more is expected", key);
}

bool member_flag(struct profile_reader *r, const struct json *object, const char *key, bool *value)
{
    const struct json *found = json_get(object, key);
    *value = found != NULL && found->type == JSON_TRUE;
    return found == NULL || found->type == JSON_TRUE || found->type == JSON_FALSE ||
           json_error(r->err, found, "%s: true or false is expected", key);
}

bool member_reals(struct profile_reader *r, const struct json *object, const char *key, double **values,
                  size_t *count)
{
    const struct json *found;
    *count = 0;
    if (!member_find(r, object, key, JSON_ARRAY, false, &found) || found == NULL)
        return found == NULL;
    *values = arena_alloc(r->arena, (json_size(found) + 1) * sizeof **values);
    for (const struct json *item = found->child; item != NULL; item = item->next) {
        if (item->type != JSON_NUMBER)
            return json_error(r->err, item, "%s: a number is expected", key);
        (*values)[(*count)++] = item->number;
    }
    return true;
}

bool member_texts(struct profile_reader *r, const struct json *object, const char *key, const char ***texts,
                  size_t *count)
{
    const struct json *found;
    *count = 0;
    if (!member_find(r, object, key, JSON_ARRAY, false, &found) || found == NULL)
        return found == NULL;
    *texts = arena_alloc(r->arena, (json_size(found) + 1) * sizeof **texts);
    for (const struct json *item = found->child; item != NULL; item = item->next) {
        if (item->type != JSON_STRING)
            return json_error(r->err, item, "%s: a string is expected", key);
        (*texts)[(*count)++] = item->string;
    }
    return true;
}

bool member_is_share(const struct json *node)
{
    return node != NULL && node->type == JSON_NUMBER && node->number >= 0 && node->number <= 1;
}

bool member_atoms(struct profile_reader *r, const struct json *object, const char *key,
                  struct profile_atom **atoms, size_t *count)
{
    const struct json *found;
    *count = 0;
    if (!member_find(r, object, key, JSON_ARRAY, false, &found) || found == NULL)
        return found == NULL;
    *atoms = arena_alloc(r->arena, (json_size(found) + 1) * sizeof **atoms);
    for (const struct json *item = found->child; item != NULL; item = item->next) {
        if (item->type != JSON_ARRAY || json_size(item) != 2 || item->child->type != JSON_STRING ||
            !member_is_share(item->child->next))
            return json_error(r->err, item, "%s: [value, share of the rows] is expected", key);
        (*atoms)[(*count)++] = (struct profile_atom){.share = item->child->next->number,
                                                     .value = item->child->string};
    }
    return true;
}

bool member_counts(struct profile_reader *r, const struct json *object, struct profile_count **counts,
                   size_t *count)
{
    const struct json *found;
    *count = 0;
    if (!member_find(r, object, "counts", JSON_ARRAY, false, &found) || found == NULL)
        return found == NULL;
    *counts = arena_alloc(r->arena, (json_size(found) + 1) * sizeof **counts);
    for (const struct json *item = found->child; item != NULL; item = item->next) {
        const struct json *rows = item->type == JSON_ARRAY ? item->child : NULL;
        if (rows == NULL || json_size(item) != 2 || !rows->is_integer || !rows->next->is_integer ||
            rows->integer < 0 || rows->next->integer <= 0)
            return json_error(r->err, item, "counts: [rows, values] is expected");
        if (*count > 0 && (*counts)[*count - 1].rows >= rows->integer)
            return json_error(r->err, item, "counts: rows do not ascend");
        (*counts)[(*count)++] = (struct profile_count){rows->integer, rows->next->integer};
    }
    return true;
}
