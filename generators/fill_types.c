#include "generators/fill_types.h"

#include "bench/base/log.h"
#include "generators/recipe.h"
#include "generators/render.h"

#include <string.h>

/* Columns of types that no values can be made of: all of them are told at once, with what the plan can say of each. */

struct unknown {
    const struct catalogue_table *table;
    const struct catalogue_column *column;
};

struct unknowns {
    struct arena *arena;
    struct unknown *list;
    size_t count, capacity;
};

/* A foreign key's values are its parent's. */
static bool is_foreign(const struct catalogue_table *table, size_t column)
{
    for (size_t i = 0; i < table->key_count; i++)
        for (size_t c = 0; table->keys[i].kind == 'f' && c < table->keys[i].column_count; c++)
            if (table->keys[i].columns[c] == column)
                return true;
    return false;
}

static bool is_made(struct arena *arena, const struct catalogue_table *table, size_t column)
{
    const struct catalogue_column *self = &table->columns[column];
    struct recipe recipe;
    struct err ignored = {0};
    int windows = 0;
    if (self->generated || self->given != NULL || is_foreign(table, column) ||
        recipe_choose(arena, 0, table, column, &windows, &recipe, &ignored))
        return true;
    if (self->statistics == NULL)
        return false;
    return (!self->not_null && self->statistics->null_ratio >= 1) ||
           render_make(arena, 0, table, self, self->statistics, &ignored) != NULL;
}

static void find(struct unknowns *unknowns, const struct catalogue_table *table)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (!is_made(unknowns->arena, table, i))
            *ARENA_PUSH(unknowns->arena, unknowns->list, unknowns->count,
                        unknowns->capacity) = (struct unknown){table, &table->columns[i]};
}

static bool begins(const char *type, const char *with)
{
    return strncmp(type, with, strlen(with)) == 0;
}

/* What may do for a type of an extension; n counts the rows. */
static const char *proposal(const struct catalogue_column *column)
{
    static const char *const known[][2] = {
        {"geometry", "{\"expression\": \"ST_SetSRID(ST_MakePoint(n % 180, n % 85), 4326)\"}"},
        {"geography", "{\"expression\": \"ST_SetSRID(ST_MakePoint(n % 180, n % 85), 4326)\"}"},
        {"vector", "{\"expression\": \"array_fill(random(), ARRAY[3])\"}"},
        {"reg", "{\"constant\": \"pg_class\"}"},
        {"cube", "{\"expression\": \"cube(n % 100)\"}"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (begins(column->base_type, known[i][0]))
            return known[i][1];
    return column->not_null ? "{\"expression\": \"…\"}" : "{\"null\": true}";
}

static void put_paste(const struct unknowns *unknowns, struct buf *out)
{
    const struct catalogue_table *table = NULL;
    for (size_t i = 0; i < unknowns->count; i++) {
        const struct unknown *unknown = &unknowns->list[i];
        if (unknown->table != table)
            buf_printf(out, "%s\"%s\": {\"columns\": {", table == NULL ? "" : "}}, ", unknown->table->name);
        else
            buf_puts(out, ", ");
        buf_printf(out, "\"%s\": %s", unknown->column->name, proposal(unknown->column));
        table = unknown->table;
    }
    buf_puts(out, "}}");
}

static bool refuse(const struct unknowns *unknowns, struct err *err)
{
    enum { IN_HINT = 300 };
    struct buf names = {0}, paste = {0};
    for (size_t i = 0; i < unknowns->count; i++)
        buf_printf(&names, "%s%s.%s (%s)", i > 0 ? ", " : "", unknowns->list[i].table->name,
                   unknowns->list[i].column->name, unknowns->list[i].column->type);
    put_paste(unknowns, &paste);
    err_set(err, ERR_ENVIRONMENT, "no values can be made of %zu column%s: %s", unknowns->count,
            unknowns->count == 1 ? "" : "s", buf_text(&names));
    if (paste.length > IN_HINT)
        log_warn("fill: for the plan: \"tables\": {%s}", buf_text(&paste));
    err_hint(
        err,
        "say in the plan's data how to, each by an expression of n, the row's number, a constant, values or "
        "null: %s%s%s",
        paste.length > IN_HINT ? "the warning before this one has it to be copied" : "\"tables\": {",
        paste.length > IN_HINT ? "" : buf_text(&paste), paste.length > IN_HINT ? "" : "}");
    buf_free(&names);
    buf_free(&paste);
    return false;
}

bool fill_types_known(struct fill *fill)
{
    struct arena scratch = {0};
    struct unknowns unknowns = {.arena = &scratch};
    for (size_t i = 0; i < fill->target_count; i++)
        find(&unknowns, fill->targets[i].table);
    bool ok = unknowns.count == 0 || refuse(&unknowns, fill->err);
    arena_free(&scratch);
    return ok;
}
