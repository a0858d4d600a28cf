#include "bench/base/buf.h"
#include "bench/db/sql.h"
#include "generators/redact_parts.h"

#include <string.h>

static void put_line(struct buf *out, const char *where, const char *text, size_t length)
{
    buf_printf(out, "%s: ", where);
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\n')
            buf_puts(out, "\\n");
        else if (text[i] == '\r')
            buf_puts(out, "\\r");
        else
            buf_putc(out, text[i]);
    }
    buf_putc(out, '\n');
}

static const char **texts_of(struct arena *arena, const struct redact_slots *slots, size_t *count)
{
    const char **texts = arena_alloc(arena, (slots->count + 1) * sizeof *texts);
    for (size_t i = 0; i < slots->count; i++)
        texts[i] = *slots->at[i];
    *count = redact_unique(texts, slots->count);
    return texts;
}

static void put_all(struct buf *out, const char *where, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_line(out, where, texts[i], strlen(texts[i]));
}

static void audit_column(struct arena *arena, const struct profile_table *table, size_t at, struct buf *out)
{
    const struct profile_column *column = &table->columns[at];
    const char *where = arena_printf(arena, "%s.%s.%s", table->schema, table->name, column->name);
    struct redact_slots values = {0}, elements = {0};
    size_t count, name_count;
    redact_slots(arena, table, at, &values, &elements);
    const char **texts = texts_of(arena, &values, &count);
    if (column->values == PROFILE_KEPT) {
        put_all(out, where, texts, count);
        texts = texts_of(arena, &elements, &count);
        put_all(out, where, texts, count);
        return;
    }
    put_all(out, where, column->stayed, column->stayed_count);
    if (strncmp(column->base, "json", 4) != 0)
        return;
    const char **names = redact_names(arena, texts, count, &name_count);
    put_all(out, arena_printf(arena, "%s, member", where), names, name_count);
}

/* What its author wrote into the schema: defaults, CHECKs, predicates, bodies of functions. */
static void audit_statement(struct arena *arena, const struct profile *profile,
                            const struct profile_statement *statement, struct buf *out)
{
    struct sql_scan scan = sql_scan(profile->lexis, statement->sql, strlen(statement->sql), 1, 1);
    const struct profile_table *table = statement->table < 0 ? NULL : &profile->tables[statement->table];
    const char *where = table == NULL ? "schema"
                                      : arena_printf(arena, "%s.%s, schema", table->schema, table->name);
    for (struct sql_token token = sql_next(&scan); token.kind != SQL_END; token = sql_next(&scan))
        if (token.kind == SQL_STRING)
            put_line(out, where, token.text, token.length);
}

void redact_audit(const struct profile *profile, struct buf *out)
{
    struct arena arena = {0};
    for (size_t t = 0; t < profile->table_count; t++)
        for (size_t c = 0; c < profile->tables[t].column_count; c++)
            audit_column(&arena, &profile->tables[t], c, out);
    for (size_t i = 0; i < profile->statement_count; i++)
        audit_statement(&arena, profile, &profile->statements[i], out);
    arena_free(&arena);
}
