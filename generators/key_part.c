#include "generators/profiled.h"

/* Numbers that count within (warehouse, district) beside a foreign key of (warehouse, district, customer): the part of it that
 * is in the unique key is a foreign key of its own, to what the parent's part refers to, and the whole follows it. */

static bool holds(const size_t *columns, size_t count, size_t column)
{
    for (size_t i = 0; i < count; i++)
        if (columns[i] == column)
            return true;
    return false;
}

/* The foreign key of the parent table that has just these columns of it. */
static const struct catalogue_key *key_of(const struct catalogue_table *table, const size_t *columns,
                                          size_t count)
{
    for (size_t i = 0; i < table->key_count; i++) {
        const struct catalogue_key *key = &table->keys[i];
        size_t found = 0;
        for (size_t j = 0; j < key->column_count; j++)
            found += holds(columns, count, key->columns[j]);
        if (key->kind == 'f' && key->parent >= 0 && key->parent_values == NULL &&
            key->column_count == count && found == count)
            return key;
    }
    return NULL;
}

/* The unique key's columns outside of the foreign key tell rows apart by themselves, or there are none. */
static bool tells_apart(const struct catalogue_table *table, const struct catalogue_key *key,
                        const struct catalogue_key *unique)
{
    static const double nearly = 0.9;
    bool outside = false;
    for (size_t i = 0; i < unique->column_count; i++) {
        const struct profile_column *statistics = table->columns[unique->columns[i]].statistics;
        if (holds(key->columns, key->column_count, unique->columns[i]))
            continue;
        outside = true;
        if (statistics == NULL || statistics->distinct_reported < -nearly ||
            statistics->distinct > nearly * table->profile->rows)
            return true;
    }
    return !outside;
}

/* A foreign key that is in the unique key as a whole has these columns too: they follow that one. */
static bool are_held(const struct catalogue_table *table, const struct catalogue_key *unique,
                     const size_t *columns, size_t count)
{
    for (size_t i = 0; i < table->key_count; i++) {
        const struct catalogue_key *key = &table->keys[i];
        size_t within = 0, found = 0;
        for (size_t j = 0; j < key->column_count; j++) {
            within += holds(unique->columns, unique->column_count, key->columns[j]);
            found += holds(columns, count, key->columns[j]);
        }
        if (key->kind == 'f' && key->column_count > count && within == key->column_count && found == count)
            return true;
    }
    return false;
}

const struct catalogue_key *key_part(struct arena *arena, const struct catalogue *catalogue,
                                     const struct row_maker *maker, const struct catalogue_key *key,
                                     const struct catalogue_key *unique)
{
    if (maker->table->profile == NULL || key->kind != 'f' || key->parent < 0 || key->parent_values != NULL ||
        key->column_count < 2 || unique->kind != 'p' || unique->column_count < 2)
        return NULL;
    const struct catalogue_table *parent = &catalogue->tables[key->parent];
    size_t *theirs = arena_alloc(arena, key->column_count * sizeof *theirs), count = 0;
    size_t *ours = arena_alloc(arena, key->column_count * sizeof *ours);
    for (size_t i = 0; i < key->column_count; i++)
        if (holds(unique->columns, unique->column_count, key->columns[i])) {
            ours[count] = key->columns[i];
            theirs[count++] = key->parent_columns[i];
        }
    if (count == 0 || count == key->column_count || tells_apart(maker->table, key, unique) ||
        are_held(maker->table, unique, ours, count))
        return NULL;
    const struct catalogue_key *upper = key_of(parent, theirs, count);
    if (upper == NULL)
        return NULL;
    struct catalogue_key *part = arena_alloc(arena, sizeof *part);
    size_t *columns = arena_alloc(arena, count * sizeof *columns);
    *part = *upper;
    part->name = arena_printf(arena, "%s (part)", key->name);
    part->columns = columns;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            if (theirs[j] == upper->columns[i])
                columns[i] = ours[j];
    for (size_t i = 0; i < count; i++)
        if (maker->recipes[columns[i]].source != RECIPE_DRAWN)
            return NULL; /* as it is already */
    return part;
}
