#include "generators/translate_parts.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

enum { KEY_BYTES = 3072, PREFIX = 191, KEY_PARTS = 16, NAME_BYTES = 63, NAME_CHARS = 64 };

static bool to_mysql(const struct translate *self)
{
    return sql_is_mysql(self->target->lexis);
}

/* ---- what the files share ---- */

void translate_note(struct translate *self, const char *format, ...)
{
    struct buf text = {0};
    va_list arguments;
    va_start(arguments, format);
    buf_vprintf(&text, format, arguments);
    va_end(arguments);
    *ARENA_PUSH(self->arena, self->out.notes, self->out.note_count,
                self->note_room) = arena_strdup(self->arena, buf_text(&text));
    buf_free(&text);
}

void translate_add(struct translate *self, const char *stage, int table, const char *sql)
{
    *ARENA_PUSH(self->arena, self->out.statements, self->out.statement_count,
                self->statement_room) = (struct profile_statement){stage, sql, table};
}

/* No longer than the target takes; MySQL has no characters above U+FFFF in names, and no space at their end. */
static char *clean(const struct translate *self, const char *name, size_t spare)
{
    char *text = arena_strdup(self->arena, name), *to = text;
    size_t chars = 0;
    for (const char *from = name; *from != 0; chars++) {
        size_t bytes = 1;
        while ((from[bytes] & 0xc0) == 0x80)
            bytes++;
        if (to_mysql(self) ? chars == NAME_CHARS - spare : (size_t)(to - text) + bytes > NAME_BYTES - spare)
            break;
        if (to_mysql(self) && bytes > 3)
            *to++ = '_';
        else
            for (size_t i = 0; i < bytes; i++)
                *to++ = from[i];
        from += bytes;
    }
    *to = 0;
    if (to_mysql(self) && to > text && to[-1] == ' ')
        to[-1] = '_';
    return text;
}

const char *translate_quote(const struct translate *self, const char *name)
{
    return sql_quote(self->arena, self->target->lexis, NULL, clean(self, name, 0));
}

static bool is_taken(const struct translate *self, const char *name)
{
    for (size_t i = 0; i < self->name_count; i++)
        if (strcasecmp(self->names[i], name) == 0)
            return true;
    return false;
}

const char *translate_name(struct translate *self, const char *table, const char *name)
{
    const char *found = clean(self, name, 0);
    if (is_taken(self, found))
        found = clean(self, arena_printf(self->arena, "%s_%s", table, name), 0);
    for (int i = 2; is_taken(self, found); i++)
        found = arena_printf(self->arena, "%s_%d", clean(self, name, 8), i);
    *ARENA_PUSH(self->arena, self->names, self->name_count, self->name_room) = found;
    return found;
}

/* ---- which tables ---- */

/* Of several schemas' tables of one name public's, else the first. */
static const struct profile_table *first_called(const struct profile *profile, const char *name)
{
    const struct profile_table *found = NULL;
    for (size_t i = 0; i < profile->table_count; i++)
        if (strcmp(profile->tables[i].name, name) == 0 &&
            (found == NULL || strcmp(profile->tables[i].schema, "public") == 0))
            found = &profile->tables[i];
    return found;
}

static void take_table(struct translate *self, size_t at)
{
    const struct profile_table *source = &self->profile->tables[at];
    struct translate_table *table = &self->tables[at];
    table->source = source;
    if (strcmp(source->kind, "partition") == 0)
        return;
    if (strcmp(source->kind, "child") == 0) {
        translate_note(self, "table %s inherits from another: it is left out", source->name);
        return;
    }
    if (source->column_count == 0) {
        translate_note(self, "table %s has no column: it is left out", source->name);
        return;
    }
    const struct profile_table *other = first_called(self->profile, source->name);
    if (other != source) {
        translate_note(self, "table %s.%s: that of schema %s is called the same, it is left out",
                       source->schema, source->name, other->schema);
        return;
    }
    table->name = translate_name(self, source->schema, source->name);
    if (strcmp(table->name, source->name) != 0)
        translate_note(self, "table %s is called %s here: its rows come from types alone", source->name,
                       table->name);
    table->columns = arena_alloc(self->arena, (source->column_count + 1) * sizeof *table->columns);
    for (size_t i = 0; i < source->column_count; i++) {
        table->columns[i] = (struct translate_column){.name = source->columns[i].name,
                                                      .type = source->columns[i].type};
        if (strcmp(clean(self, source->columns[i].name, 0), source->columns[i].name) != 0)
            translate_note(self, "table %s, column %s is called otherwise here: its name has to be shorter",
                           source->name, source->columns[i].name);
    }
}

/* ---- keys and indexes ---- */

/* How many characters of a column an index takes; 0: all. */
static int prefix_of(const struct profile_index *index, const struct translate_type *columns[])
{
    int bytes = 0;
    for (size_t i = 0; i < index->column_count; i++)
        bytes += columns[i]->open ? 4 * PREFIX : 4 * columns[i]->chars + columns[i]->bytes;
    return bytes <= KEY_BYTES ? 0 : KEY_BYTES / 4 / (int)index->column_count;
}

static void put_parts(struct translate *self, size_t table, const struct profile_index *index,
                      struct buf *out)
{
    const struct translate_type *types[KEY_PARTS + 1];
    bool cut = false;
    for (size_t i = 0; to_mysql(self) && i < index->column_count; i++)
        types[i] = &self->tables[table].columns[index->columns[i]].made;
    int share = to_mysql(self) ? prefix_of(index, types) : 0;
    for (size_t i = 0; i < index->column_count; i++) {
        const struct translate_column *column = &self->tables[table].columns[index->columns[i]];
        buf_printf(out, "%s%s", i > 0 ? ", " : "(", translate_quote(self, column->name));
        bool longer = share > 0 && column->made.chars > share;
        if (!to_mysql(self) || (!column->made.open && !longer))
            continue;
        buf_printf(out, "(%d)", share > 0 && share < PREFIX ? share : column->made.open ? PREFIX : share);
        cut = true;
    }
    buf_putc(out, ')');
    if (cut && index->unique)
        translate_note(self, "table %s, index %s: only the beginning of its texts is unique here",
                       self->tables[table].source->name, index->name);
}

static const char *reason_against(const struct translate *self, size_t table,
                                  const struct profile_index *index)
{
    if (index->partial)
        return "a partial index has no counterpart";
    for (size_t i = 0; i < index->column_count; i++)
        if (index->columns[i] < 0)
            return "an index of expressions, or of the beginning of a column, does not translate";
    if (!translate_index_fits(index))
        return arena_printf(self->arena, "%s has no counterpart", index->method);
    if (to_mysql(self) && index->column_count > KEY_PARTS)
        return "it has more columns than the target's indexes take";
    for (size_t i = 0; to_mysql(self) && i < index->column_count; i++)
        if (self->tables[table].columns[index->columns[i]].made.unindexed)
            return "json has no index of this kind";
    return NULL;
}

static void put_key(struct translate *self, size_t table, const struct profile_index *index)
{
    const char *own = self->tables[table].name;
    bool bare = strcmp(index->name, "PRIMARY") == 0;
    const char *wanted = bare ? arena_printf(self->arena, "%s_pkey", own) : index->name;
    const char *name = translate_quote(self, translate_name(self, own, wanted));
    struct buf sql = {0};
    if (!index->unique)
        buf_printf(&sql, "CREATE INDEX %s ON %s ", name, translate_quote(self, own));
    else if (to_mysql(self))
        buf_printf(&sql, "CREATE UNIQUE INDEX %s ON %s ", name, translate_quote(self, own));
    else
        buf_printf(&sql, "ALTER TABLE %s ADD CONSTRAINT %s %s ", translate_quote(self, own), name,
                   index->primary ? "PRIMARY KEY" : "UNIQUE");
    put_parts(self, table, index, &sql);
    translate_add(self, index->unique ? "key" : "index", (int)table,
                  arena_strdup(self->arena, buf_text(&sql)));
    buf_free(&sql);
}

/* MySQL's primary key is the table: it comes with it. */
static void put_keys(struct translate *self, size_t table, bool unique)
{
    const struct profile_table *source = &self->profile->tables[table];
    for (size_t i = 0; i < source->index_count; i++) {
        const struct profile_index *index = &source->indexes[i];
        const char *reason = reason_against(self, table, index);
        if (index->unique != unique)
            continue;
        if (reason != NULL)
            translate_note(self, "table %s, index %s: %s", source->name, index->name, reason);
        else if (!index->primary || !to_mysql(self))
            put_key(self, table, index);
    }
}

/* ---- tables ---- */

static void put_checks(struct translate *self, size_t table, struct buf *out)
{
    const char *own = self->tables[table].name;
    for (size_t i = 0; i < self->check_count; i++) {
        const struct translate_check *check = &self->checks[i];
        struct buf text = {0};
        if (check->table != table)
            continue;
        if (translate_check_put(self, table, check->definition, &text))
            buf_printf(out, ", CONSTRAINT %s %s",
                       translate_quote(self, translate_name(self, own, check->name)), buf_text(&text));
        else
            translate_note(self, "table %s: check %s does not translate", self->tables[table].source->name,
                           check->name);
        buf_free(&text);
    }
}

/* Texts are compared to the letter, as PostgreSQL does. */
static const char *options_of(const struct translate *self)
{
    static const char *const options[][2] = {
        {"mariadb", " ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"},
        {"mysql", " ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin"},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (strcmp(self->target->engine, options[i][0]) == 0)
            return options[i][1];
    return "";
}

static void put_table(struct translate *self, size_t table)
{
    const struct profile_table *source = &self->profile->tables[table];
    struct buf sql = {0};
    buf_printf(&sql, "CREATE TABLE %s (", translate_quote(self, self->tables[table].name));
    for (size_t i = 0; i < source->column_count; i++) {
        buf_puts(&sql, i > 0 ? ", " : "");
        translate_column_put(self, table, i, &sql);
    }
    for (size_t i = 0; to_mysql(self) && i < source->index_count; i++)
        if (source->indexes[i].primary && reason_against(self, table, &source->indexes[i]) == NULL) {
            buf_puts(&sql, ", PRIMARY KEY ");
            put_parts(self, table, &source->indexes[i], &sql);
        }
    put_checks(self, table, &sql);
    buf_printf(&sql, ")%s", options_of(self));
    translate_add(self, "table", (int)table, arena_strdup(self->arena, buf_text(&sql)));
    buf_free(&sql);
}

/* ---- references ---- */

static bool holds(const struct profile_reference *reference, int column, size_t first)
{
    for (size_t i = 0; i < first; i++)
        if ((int)reference->parent_columns[i] == column)
            return true;
    return false;
}

/* The parent's columns have a key of their own. */
static bool has_key(const struct translate *self, const struct profile_reference *reference)
{
    const struct profile_table *parent = &self->profile->tables[reference->parent];
    for (size_t i = 0; i < parent->index_count; i++) {
        const struct profile_index *index = &parent->indexes[i];
        bool same = index->unique && index->column_count == reference->column_count &&
                    reason_against(self, (size_t)reference->parent, index) == NULL;
        for (size_t j = 0; same && j < index->column_count; j++)
            same = holds(reference, index->columns[j], reference->column_count);
        if (same)
            return true;
    }
    return false;
}

static const char *reason_against_reference(const struct translate *self, size_t table,
                                            const struct profile_reference *reference)
{
    if (reference->parent < 0 || self->tables[reference->parent].name == NULL)
        return "its parent is not here";
    if (!has_key(self, reference))
        return "its parent has no such key here";
    for (size_t i = 0; to_mysql(self) && i < reference->column_count; i++)
        if (self->tables[table].columns[reference->columns[i]].made.open)
            return "its type has no whole index here";
    return NULL;
}

static void put_action(struct translate *self, size_t table, const struct profile_reference *reference,
                       const char *event, const char *action, struct buf *out)
{
    bool possible = action != NULL && !(to_mysql(self) && strcmp(action, "SET DEFAULT") == 0);
    for (size_t i = 0; possible && strcmp(action, "SET NULL") == 0 && i < reference->column_count; i++)
        possible = !self->profile->tables[table].columns[reference->columns[i]].not_null;
    if (possible)
        buf_printf(out, " ON %s %s", event, action);
    else if (action != NULL)
        translate_note(self, "table %s, reference %s: ON %s %s is not possible here",
                       self->tables[table].source->name, reference->name, event, action);
}

static void put_actions(struct translate *self, size_t table, const struct profile_reference *reference,
                        struct buf *out)
{
    for (size_t i = 0; i < self->action_count; i++) {
        const struct translate_action *action = &self->actions[i];
        if (action->table != table || strcmp(action->name, reference->name) != 0)
            continue;
        put_action(self, table, reference, "DELETE", action->on_delete, out);
        put_action(self, table, reference, "UPDATE", action->on_update, out);
        return;
    }
}

static void put_reference(struct translate *self, size_t table, const struct profile_reference *reference)
{
    const struct translate_table *own = &self->tables[table];
    const char *reason = reason_against_reference(self, table, reference);
    if (reason != NULL) {
        translate_note(self, "table %s, reference %s: %s", own->source->name, reference->name, reason);
        return;
    }
    const struct translate_table *parent = &self->tables[reference->parent];
    struct buf sql = {0}, theirs = {0};
    buf_printf(&sql, "ALTER TABLE %s ADD CONSTRAINT %s FOREIGN KEY (", translate_quote(self, own->name),
               translate_quote(self, translate_name(self, own->name, reference->name)));
    for (size_t i = 0; i < reference->column_count; i++) {
        const char *comma = i > 0 ? ", " : "";
        buf_printf(&sql, "%s%s", comma, translate_quote(self, own->columns[reference->columns[i]].name));
        buf_printf(&theirs, "%s%s", comma,
                   translate_quote(self, parent->columns[reference->parent_columns[i]].name));
    }
    buf_printf(&sql, ") REFERENCES %s (%s)", translate_quote(self, parent->name), buf_text(&theirs));
    put_actions(self, table, reference, &sql);
    translate_add(self, "reference", (int)table, arena_strdup(self->arena, buf_text(&sql)));
    buf_free(&sql);
    buf_free(&theirs);
}

static void put_references(struct translate *self, size_t table)
{
    for (size_t i = 0; i < self->profile->tables[table].reference_count; i++)
        put_reference(self, table, &self->profile->tables[table].references[i]);
}

struct translation translate_schema(struct arena *arena, const struct profile *profile,
                                    const struct translate_target *target)
{
    struct translate self = {.arena = arena, .profile = profile, .target = target};
    size_t count = profile->table_count;
    self.tables = arena_alloc(arena, (count + 1) * sizeof *self.tables);
    for (size_t i = 0; i < count; i++)
        take_table(&self, i);
    translate_read(&self);
    translate_types(&self);
    for (size_t i = 0; i < count; i++)
        if (self.tables[i].name != NULL)
            put_table(&self, i);
    for (int unique = 0; unique < 2; unique++)
        for (size_t i = 0; i < count; i++)
            if (self.tables[i].name != NULL)
                put_keys(&self, i, unique > 0);
    for (size_t i = 0; i < count; i++)
        if (self.tables[i].name != NULL)
            put_references(&self, i);
    return self.out;
}
