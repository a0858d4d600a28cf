#include "generators/check.h"
#include "generators/translate_parts.h"

#include <string.h>
#include <strings.h>

static bool to_mysql(const struct translate *self)
{
    return sql_is_mysql(self->target->lexis);
}

static bool looks_like_a_number(const char *text)
{
    return *text != 0 && strspn(text, "0123456789.-+eE") == strlen(text);
}

/* ---- literals ---- */

/* The canonical text of a value as the target's literal; NULL: it has none there. */
static const char *literal(const struct translate *self, const struct translate_column *column,
                           const char *value)
{
    const struct translate_type *type = &column->made;
    if (strcmp(type->text, "tinyint(1)") == 0 && !looks_like_a_number(value))
        return *value == 't' || *value == 'T' ? "1" : *value == 'f' || *value == 'F' ? "0" : NULL;
    if (type->number)
        return looks_like_a_number(value) ? value : NULL;
    if (type->moment && (strlen(value) < 5 || strchr(value, '+') != NULL || strncmp(value, "0000", 4) == 0))
        return NULL; /* zones, infinity and the year 0 are not everywhere */
    if (strncmp(type->text, "bit", 3) == 0 || strstr(type->text, "binary") != NULL ||
        strcmp(type->text, "bytea") == 0 || strcmp(type->text, "longblob") == 0)
        return *value == 0 && strncmp(type->text, "bit", 3) != 0 ? "''" : NULL;
    static const char introducer[] = "_utf8mb4 ";
    const char *text = sql_quote_literal(self->arena, self->target->lexis, value);
    if (strncmp(text, introducer, strlen(introducer)) != 0)
        return text;
    /* MariaDB keeps what a default or check says as it prints it, and cannot read that again. */
    return arena_printf(self->arena, "CONVERT(%s USING utf8mb4)", text + strlen(introducer));
}

/* ---- defaults ---- */

enum told { TOLD_NOT, TOLD_VALUE, TOLD_NULL, TOLD_CLOCK, TOLD_UUID, TOLD_SEQUENCE };

static bool is_one_of(const struct sql_token *token, const char *const *words)
{
    for (; *words != NULL; words++)
        if (sql_is_word(token, *words))
            return true;
    return false;
}

static struct sql_token next(struct sql_scan *scan)
{
    struct sql_token token;
    do
        token = sql_next(scan);
    while (token.kind == SQL_SPACE || token.kind == SQL_COMMENT);
    return token;
}

/* Behind what tells nothing may stand but casts and parentheses. */
static bool ends_plainly(struct sql_scan *scan)
{
    for (struct sql_token token = next(scan); token.kind != SQL_END; token = next(scan))
        if (token.kind == SQL_STRING || (token.kind == SQL_OTHER && strchr("():.,[]", *token.text) == NULL))
            return false;
    return true;
}

static enum told word_tells(const struct sql_token *token, const char **value)
{
    static const char *const truths[] = {"true", "false", NULL},
                             *const clocks[] = {"now",
                                                "current_timestamp",
                                                "localtimestamp",
                                                "transaction_timestamp",
                                                "statement_timestamp",
                                                "clock_timestamp",
                                                "current_date",
                                                "curdate",
                                                NULL},
                             *const uuids[] = {"gen_random_uuid", "uuid_generate_v4", "uuid", NULL};
    if (is_one_of(token, truths)) {
        *value = (*token->text | 32) == 't' ? "true" : "false";
        return TOLD_VALUE;
    }
    return sql_is_word(token, "null")      ? TOLD_NULL
           : sql_is_word(token, "nextval") ? TOLD_SEQUENCE
           : is_one_of(token, clocks)      ? TOLD_CLOCK
           : is_one_of(token, uuids)       ? TOLD_UUID
                                           : TOLD_NOT;
}

static enum told default_tells(const struct translate *self, const char *text, const char **value)
{
    struct sql_scan scan = sql_scan(self->profile->lexis, text, strlen(text), 1, 1);
    struct sql_token token = next(&scan);
    bool minus = false;
    for (; token.kind == SQL_OTHER && (*token.text == '(' || *token.text == '-'); token = next(&scan))
        minus |= *token.text == '-';
    enum told told = TOLD_NOT;
    if (token.kind == SQL_NUMBER || token.kind == SQL_STRING) {
        *value = translate_unquote(self->arena, self->profile->lexis, token.text, token.length);
        *value = minus ? arena_printf(self->arena, "-%s", *value) : *value;
        told = TOLD_VALUE;
    } else if (token.kind == SQL_WORD) {
        for (struct sql_scan ahead = scan; *ahead.at == '.'; ahead = scan) { /* public.gen_random_uuid() */
            next(&scan);
            token = next(&scan);
        }
        told = word_tells(&token, value);
    }
    return told == TOLD_SEQUENCE || ends_plainly(&scan) ? told : TOLD_NOT;
}

static const char *clock_of(const struct translate *self, const struct translate_type *type)
{
    if (!type->moment || strncmp(type->text, "time(", 5) == 0 || strcmp(type->text, "time") == 0)
        return NULL;
    if (!to_mysql(self))
        return strcmp(type->text, "date") == 0 ? "CURRENT_DATE" : "CURRENT_TIMESTAMP";
    return strcmp(type->text, "date") == 0 ? "(CURRENT_DATE)"
           : type->digits > 0              ? arena_printf(self->arena, "CURRENT_TIMESTAMP(%d)", type->digits)
                                           : "CURRENT_TIMESTAMP";
}

static const char *uuid_of(const struct translate *self, const struct translate_type *type)
{
    bool holds = strcmp(type->text, "uuid") == 0 || type->chars >= 36 || type->open;
    return !holds                            ? NULL
           : to_mysql(self)                  ? "(uuid())"
           : strcmp(type->text, "uuid") == 0 ? "gen_random_uuid()"
                                             : "gen_random_uuid()::text";
}

static const char *default_of(const struct translate *self, const struct translate_column *column)
{
    const char *value = NULL, *text = NULL;
    enum told told = default_tells(self, column->default_text, &value);
    if (told == TOLD_NULL)
        return "NULL";
    if (told == TOLD_CLOCK)
        return clock_of(self, &column->made);
    if (told == TOLD_UUID)
        return uuid_of(self, &column->made);
    if (told == TOLD_VALUE)
        text = literal(self, column, value);
    bool parentheses = text != NULL && to_mysql(self) && column->made.open;
    return parentheses ? arena_printf(self->arena, "(%s)", text) : text;
}

/* ---- numbers that the server gives ---- */

static bool asks_for_numbers(const struct translate *self, const struct translate_column *column)
{
    const char *ignored;
    return column->automatic || (column->default_text != NULL &&
                                 default_tells(self, column->default_text, &ignored) == TOLD_SEQUENCE);
}

static bool is_whole(const struct translate_type *type)
{
    static const char *const types[] = {"smallint", "int", "integer", "bigint"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(type->text, types[i]) == 0)
            return true;
    return false;
}

/* MySQL numbers one column of a table. */
static bool is_numbered(const struct translate *self, size_t table, size_t at)
{
    const struct translate_column *columns = self->tables[table].columns;
    if (!is_whole(&columns[at].made) || !asks_for_numbers(self, &columns[at]))
        return false;
    for (size_t i = 0; to_mysql(self) && i < at; i++)
        if (is_whole(&columns[i].made) && asks_for_numbers(self, &columns[i]))
            return false;
    return true;
}

static bool leads_the_primary_key(const struct profile_table *table, size_t column)
{
    for (size_t i = 0; i < table->index_count; i++)
        if (table->indexes[i].primary && translate_index_fits(&table->indexes[i]))
            return table->indexes[i].columns[0] == (int)column;
    return false;
}

/* ---- a column ---- */

static void put_default(struct translate *self, size_t table, const struct translate_column *column,
                        struct buf *out)
{
    const char *text = column->default_text == NULL ? NULL : default_of(self, column);
    if (text != NULL && strcmp(text, "NULL") == 0)
        return;
    if (text != NULL)
        buf_printf(out, " DEFAULT %s", text);
    else if (column->default_text != NULL || column->automatic)
        translate_note(self, "table %s, column %s: its default does not translate",
                       self->tables[table].source->name, column->name);
}

void translate_column_put(struct translate *self, size_t table, size_t at, struct buf *out)
{
    const struct profile_table *source = &self->profile->tables[table];
    const struct translate_column *column = &self->tables[table].columns[at];
    const char *name = translate_quote(self, column->name);
    buf_printf(out, "%s %s", name, column->made.text);
    if (source->columns[at].not_null)
        buf_puts(out, " NOT NULL");
    if (column->generated)
        translate_note(self, "table %s, column %s: the source computes it, here it is a column like others",
                       source->name, column->name);
    if (!is_numbered(self, table, at)) {
        put_default(self, table, column, out);
        return;
    }
    buf_puts(out, to_mysql(self) ? " AUTO_INCREMENT" : " GENERATED BY DEFAULT AS IDENTITY");
    if (to_mysql(self) && !leads_the_primary_key(source, at))
        buf_printf(out, ", KEY (%s)", name);
}

/* ---- checks ---- */

static bool put_bound(const struct translate *self, const struct translate_column *column,
                      const char *operator, const char * value, struct buf *out)
{
    const char *text = literal(self, column, value);
    if (text == NULL)
        return false;
    buf_printf(out, "%s%s %s %s", out->length > 0 ? " AND " : "",
               translate_quote(self, column->name), operator, text);
    return true;
}

static bool put_labels(const struct translate *self, const struct translate_column *column,
                       const struct check_bounds *bounds, struct buf *out)
{
    buf_printf(out, "%s%s IN (", out->length > 0 ? " AND " : "", translate_quote(self, column->name));
    for (size_t i = 0; i < bounds->label_count; i++) {
        const char *text = literal(self, column, bounds->labels[i]);
        if (text == NULL)
            return false;
        buf_printf(out, "%s%s", i > 0 ? ", " : "", text);
    }
    buf_putc(out, ')');
    return true;
}

static bool put_bounds(struct translate *self, size_t table, size_t at, const struct check_bounds *bounds,
                       struct buf *out)
{
    const struct translate_column *column = &self->tables[table].columns[at];
    bool says = bounds->low != NULL || bounds->high != NULL || bounds->labels != NULL || bounds->not_null;
    bool barred = is_numbered(self, table, at) ||
                  (column->referring && strcmp(self->target->engine, "mysql") == 0);
    if (says && to_mysql(self) && barred)
        return false; /* the server allows no check there */
    if ((bounds->low != NULL && !put_bound(self, column, bounds->low_open ? ">" : ">=", bounds->low, out)) ||
        (bounds->high != NULL &&
         !put_bound(self, column, bounds->high_open ? "<" : "<=", bounds->high, out)) ||
        (bounds->labels != NULL && !put_labels(self, column, bounds, out)))
        return false;
    if (bounds->not_null)
        buf_printf(out, "%s%s IS NOT NULL", out->length > 0 ? " AND " : "",
                   translate_quote(self, column->name));
    return true;
}

bool translate_check_put(struct translate *self, size_t table, const char *definition, struct buf *out)
{
    struct buf text = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < self->profile->tables[table].column_count; i++) {
        struct check_bounds bounds = {0};
        check_read(self->arena, self->profile->lexis, definition, self->tables[table].columns[i].name,
                   &bounds);
        ok = put_bounds(self, table, i, &bounds, &text);
    }
    ok = ok && text.length > 0;
    if (ok)
        buf_printf(out, "CHECK (%s)", buf_text(&text));
    buf_free(&text);
    return ok;
}
