#include "bench/base/near.h"
#include "generators/fill_parts.h"

#include <string.h>

/* The plan's words on columns that depend on others, found in the catalogue. */

struct lookup {
    struct fill *fill;
    const struct catalogue_table *table;
    const struct fill_column_spec *spec;
};

static bool wrong(const struct lookup *l, const char *why)
{
    return err_at(l->fill->err, l->spec->file, l->spec->line, l->spec->place, "table %s, column %s: %s",
                  l->table->name, l->spec->name, why);
}

static bool find_column(const struct lookup *l, const struct catalogue_table *table, const char *name,
                        size_t *at)
{
    const char **names = arena_alloc(l->fill->arena, (table->column_count + 1) * sizeof *names);
    for (*at = 0; *at < table->column_count; ++*at) {
        names[*at] = table->columns[*at].name;
        if (strcmp(names[*at], name) == 0)
            return true;
    }
    const char *near = near_word(name, names);
    wrong(l, arena_printf(l->fill->arena, "there is no column \"%s\" in table %s", name, table->name));
    return near == NULL ? false : err_hint(l->fill->err, "did you mean \"%s\"?", near);
}

/* By one of its columns, its own name, or the table that it leads to. */
static bool is_called(const struct lookup *l, const struct catalogue_key *key, const char *name)
{
    const struct catalogue_table *parent = &l->fill->catalogue.tables[key->parent];
    for (size_t i = 0; i < key->column_count; i++)
        if (strcmp(l->table->columns[key->columns[i]].name, name) == 0)
            return true;
    return strcmp(key->name, name) == 0 || strcmp(parent->name, name) == 0;
}

static bool no_key(const struct lookup *l, const char *name, size_t found)
{
    const char *list = "";
    for (size_t i = 0; i < l->table->key_count; i++)
        if (l->table->keys[i].kind == 'f' && l->table->keys[i].parent >= 0)
            list = arena_printf(l->fill->arena, "%s%s\"%s\"", list, *list == '\0' ? "" : ", ",
                                l->table->columns[l->table->keys[i].columns[0]].name);
    wrong(l, arena_printf(l->fill->arena,
                          found == 0 ? "no foreign key is called \"%s\""
                                     : "more than one foreign key may be meant by \"%s\"",
                          name));
    return err_hint(l->fill->err,
                    *list == '\0' ? "the table has no foreign keys%s" : "name it by its column: %s", list);
}

static bool find_key(const struct lookup *l, const char *name, const struct catalogue_key **key)
{
    size_t found = 0;
    for (size_t i = 0; i < l->table->key_count; i++) {
        const struct catalogue_key *one = &l->table->keys[i];
        if (one->kind != 'f' || one->parent < 0 || !is_called(l, one, name))
            continue;
        *key = one;
        found++;
    }
    return found == 1 || no_key(l, name, found);
}

bool fill_rule_attach(struct fill *fill, const struct catalogue_table *table, struct catalogue_column *column,
                      const struct fill_column_spec *spec)
{
    const struct lookup l = {fill, table, spec};
    struct catalogue_rule *rule = arena_alloc(fill->arena, sizeof *rule);
    *rule = (struct catalogue_rule){.kind = spec->kind == FILL_COLUMN_FROM    ? RULE_FROM
                                            : spec->kind == FILL_COLUMN_AFTER ? RULE_AFTER
                                                                              : RULE_FOLLOWS,
                                    .share = spec->share,
                                    .moments = spec->moments,
                                    .low = spec->low,
                                    .median = spec->median,
                                    .high = spec->high,
                                    .nulls = spec->nulls,
                                    .when_count = spec->value_count,
                                    .file = spec->file,
                                    .line = spec->line,
                                    .place = spec->place};
    const char *name = spec->other, *dot = spec->kind == FILL_COLUMN_FROM ? strrchr(name, '.') : NULL;
    if (dot != NULL && !find_key(&l, arena_strndup(fill->arena, name, (size_t)(dot - name)), &rule->key))
        return false;
    const struct catalogue_table *of = rule->key != NULL ? &fill->catalogue.tables[rule->key->parent] : table;
    if (!find_column(&l, of, dot != NULL ? dot + 1 : name, &rule->other))
        return false;
    if (rule->key == NULL && &table->columns[rule->other] == column)
        return wrong(&l, "it cannot depend on itself");
    if (spec->when != NULL) {
        rule->when_values = spec->values;
        if (!find_column(&l, table, spec->when, &rule->when))
            return false;
        if (column->not_null)
            return wrong(&l, "null_when: the column is NOT NULL");
    }
    if (spec->nulls > 0 && column->not_null)
        return wrong(&l, "nulls: the column is NOT NULL");
    column->rule = rule;
    return true;
}
