#include "generators/translate_parts.h"

#include <string.h>
#include <strings.h>

/* Statements as scan writes them, so this reads no more SQL than that: where a word stands decides. */

struct tokens {
    struct sql_token *list;
    size_t count;
};

static const struct sql_token nothing = {.kind = SQL_END, .text = ""};

static struct tokens read_tokens(const struct translate *self, const char *sql)
{
    struct tokens all = {0};
    size_t room = 0;
    struct sql_scan scan = sql_scan(self->profile->lexis, sql, strlen(sql), 1, 1);
    for (struct sql_token token = sql_next(&scan); token.kind != SQL_END; token = sql_next(&scan))
        if (token.kind != SQL_SPACE && token.kind != SQL_COMMENT)
            *ARENA_PUSH(self->arena, all.list, all.count, room) = token;
    return all;
}

static const struct sql_token *at(const struct tokens *all, size_t i)
{
    return i < all->count ? &all->list[i] : &nothing;
}

static bool is_char(const struct tokens *all, size_t i, char c)
{
    const struct sql_token *token = at(all, i);
    return token->kind == SQL_OTHER && *token->text == c;
}

static bool is_word(const struct tokens *all, size_t i, const char *word)
{
    return at(all, i)->kind == SQL_WORD && sql_is_word(at(all, i), word);
}

static bool is_name(const struct tokens *all, size_t i)
{
    return at(all, i)->kind == SQL_WORD || at(all, i)->kind == SQL_QUOTED;
}

/* All between two tokens as the statement has it. */
static const char *text_of(const struct translate *self, const struct tokens *all, size_t from, size_t to)
{
    if (from >= to || from >= all->count)
        return "";
    const struct sql_token *first = at(all, from), *last = at(all, to - 1);
    return arena_strndup(self->arena, first->text, (size_t)(last->text + last->length - first->text));
}

static const char *name_of(const struct translate *self, const struct tokens *all, size_t i)
{
    return sql_fold(self->arena, self->profile->lexis, at(all, i)->text, at(all, i)->length);
}

/* Behind the parenthesis that closes the one at i. */
static size_t past(const struct tokens *all, size_t i)
{
    int depth = 0;
    do {
        depth += is_char(all, i, '(') ? 1 : is_char(all, i, ')') ? -1 : 0;
        i++;
    } while (depth > 0 && i < all->count);
    return i;
}

static size_t past_name(const struct tokens *all, size_t i)
{
    for (i++; is_char(all, i, '.'); i += 2)
        ;
    return i;
}

const char *translate_unquote(struct arena *arena, enum sql_lexis lexis, const char *text, size_t length)
{
    const char *from = memchr(text, '\'', length);
    if (from == NULL)
        return arena_strndup(arena, text, length);
    bool backslashes = from > text ? (*text | 32) == 'e'
                                   : sql_is_mysql(lexis) && (lexis & SQL_PLAIN_BACKSLASH) == 0;
    char *plain = arena_alloc(arena, length + 1), *end = plain;
    for (const char *p = from + 1; p < text + length - 1; p++) {
        if ((*p == '\\' && backslashes) || *p == '\'')
            p++;
        *end++ = *p;
    }
    return plain;
}

static const char **labels_of(const struct translate *self, const struct tokens *all, size_t from,
                              size_t *count)
{
    const char **list = NULL;
    size_t found = 0, room = 0;
    for (; from < all->count && !is_char(all, from, ')'); from++) {
        if (at(all, from)->kind != SQL_STRING)
            continue;
        const char **label = ARENA_PUSH(self->arena, list, found, room);
        *label = translate_unquote(self->arena, self->profile->lexis, at(all, from)->text,
                                   at(all, from)->length);
    }
    *count = found;
    return list;
}

/* ---- types of the source's own ---- */

static bool ends_default(const struct tokens *all, size_t i)
{
    static const char *const words[] = {
        "not",        "null",       "generated", "auto_increment", "comment", "check",
        "collate",    "constraint", "on",        "primary",        "unique",  "key",
        "references", "invisible",  "virtual",   "without",        "stored"};
    for (size_t j = 0; j < sizeof words / sizeof *words; j++)
        if (is_word(all, i, words[j]))
            return true;
    return false;
}

/* Behind the default that begins at i. */
static size_t past_default(const struct tokens *all, size_t i, size_t to)
{
    do
        i = is_char(all, i, '(') ? past(all, i) : i + 1;
    while (i < to && !ends_default(all, i));
    return i;
}

/* CREATE TYPE a.b AS ENUM (…), CREATE DOMAIN a.b AS type … */
static void read_kind(struct translate *self, const struct tokens *all)
{
    size_t behind = past_name(all, 2);
    struct translate_kind kind = {.name = text_of(self, all, 2, behind)};
    if (is_word(all, 1, "type") && is_word(all, behind + 1, "enum")) {
        kind.labels = labels_of(self, all, behind + 2, &kind.label_count);
    } else if (is_word(all, 1, "domain")) {
        size_t end = behind + 1;
        while (end < all->count && !is_word(all, end, "collate") && !is_word(all, end, "default") &&
               !is_word(all, end, "not") && !is_word(all, end, "constraint"))
            end++;
        kind.under = text_of(self, all, behind + 1, end);
        for (; end < all->count && kind.check == NULL; end++)
            if (is_word(all, end, "default") && kind.default_text == NULL)
                kind.default_text = text_of(self, all, end + 1, past_default(all, end + 1, all->count));
            else if (is_word(all, end, "check"))
                kind.check = text_of(self, all, end, past(all, end + 1));
    } else {
        return; /* composite types and ranges: their columns tell */
    }
    *ARENA_PUSH(self->arena, self->kinds, self->kind_count, self->kind_room) = kind;
}

static const struct translate_kind *kind_called(const struct translate *self, const char *name)
{
    for (size_t i = 0; self->kinds != NULL && i < self->kind_count; i++)
        if (strcmp(self->kinds[i].name, name) == 0)
            return &self->kinds[i];
    return NULL;
}

static void add_check(struct translate *self, size_t table, const char *name, const char *definition)
{
    if (strcasestr(definition, "json_valid(") == NULL)
        *ARENA_PUSH(self->arena, self->checks, self->check_count,
                    self->check_room) = (struct translate_check){table, name, definition};
}

/* CHECK (VALUE > 0) of a column's domain is the column's own. */
static void add_domain_check(struct translate *self, size_t table, const char *column, const char *check)
{
    struct buf text = {0};
    struct sql_scan scan = sql_scan(self->profile->lexis, check, strlen(check), 1, 1);
    for (struct sql_token token = sql_next(&scan); token.kind != SQL_END; token = sql_next(&scan)) {
        if (sql_is_word(&token, "value"))
            buf_puts(&text, sql_quote(self->arena, self->profile->lexis, NULL, column));
        else
            buf_add(&text, token.text, token.length);
    }
    add_check(self, table, arena_printf(self->arena, "%s_check", column),
              arena_strdup(self->arena, buf_text(&text)));
    buf_free(&text);
}

static void resolve_column(struct translate *self, size_t table, struct translate_column *column)
{
    const struct translate_kind *kind;
    for (int depth = 0; depth < 16 && (kind = kind_called(self, column->type)) != NULL; depth++) {
        if (kind->check != NULL)
            add_domain_check(self, table, column->name, kind->check);
        if (kind->under == NULL) {
            column->labels = kind->labels;
            column->label_count = kind->label_count;
            return;
        }
        column->type = kind->under;
        if (column->default_text == NULL)
            column->default_text = kind->default_text;
    }
    if (strncasecmp(column->type, "enum(", 5) == 0) {
        struct tokens words = read_tokens(self, column->type);
        column->labels = labels_of(self, &words, 2, &column->label_count);
    }
}

/* ---- tables ---- */

static struct translate_column *column_called(const struct translate *self, size_t table, const char *name)
{
    const struct translate_table *of = &self->tables[table];
    for (size_t i = 0; i < of->source->column_count; i++)
        if (strcmp(of->columns[i].name, name) == 0)
            return &of->columns[i];
    return NULL;
}

static void read_column(struct translate *self, size_t table, const struct tokens *all, size_t from,
                        size_t to)
{
    struct translate_column *column = column_called(self, table, name_of(self, all, from));
    if (column == NULL)
        return;
    for (size_t i = from + 1; i < to;) {
        if (is_word(all, i, "default") && !is_word(all, i - 1, "by")) {
            size_t end = past_default(all, i + 1, to);
            column->default_text = text_of(self, all, i + 1, end);
            i = end;
            continue;
        }
        column->automatic |= is_word(all, i, "auto_increment") || is_word(all, i, "identity");
        column->generated |= is_word(all, i, "as") && !is_word(all, i + 1, "identity");
        if (is_word(all, i, "check") && is_char(all, i + 1, '('))
            add_check(self, table, arena_printf(self->arena, "%s_check", column->name),
                      text_of(self, all, i, past(all, i + 1)));
        if (is_word(all, i, "on") && is_word(all, i + 1, "update"))
            translate_note(self, "table %s, column %s: the target does not set it at each UPDATE",
                           self->tables[table].source->name, column->name);
        i = is_char(all, i, '(') ? past(all, i) : i + 1;
    }
}

static const char *action_at(const struct tokens *all, size_t i)
{
    return is_word(all, i, "cascade")                                 ? "CASCADE"
           : is_word(all, i, "set") && is_word(all, i + 1, "null")    ? "SET NULL"
           : is_word(all, i, "set") && is_word(all, i + 1, "default") ? "SET DEFAULT"
           : is_word(all, i, "restrict")                              ? "RESTRICT"
                                                                      : NULL;
}

/* CONSTRAINT name CHECK (…), CONSTRAINT name FOREIGN KEY … ON DELETE …; from stands at what follows the name. */
static void read_constraint(struct translate *self, size_t table, const char *name, const struct tokens *all,
                            size_t from, size_t to)
{
    if (is_word(all, from, "check")) {
        add_check(self, table, name, text_of(self, all, from, past(all, from + 1)));
    } else if (is_word(all, from, "foreign")) {
        struct translate_action action = {.table = table, .name = name};
        for (size_t i = from; i < to; i++)
            if (is_word(all, i, "on"))
                *(is_word(all, i + 1, "delete") ? &action.on_delete : &action.on_update) = action_at(all,
                                                                                                     i + 2);
        *ARENA_PUSH(self->arena, self->actions, self->action_count, self->action_room) = action;
    } else if (is_word(all, from, "exclude")) {
        translate_note(self, "table %s: exclusion constraint %s has no counterpart",
                       self->tables[table].source->name, name);
    }
}

static void read_element(struct translate *self, size_t table, const struct tokens *all, size_t from,
                         size_t to)
{
    static const char *const words[] = {"primary", "unique", "fulltext", "spatial", "foreign", "period"};
    bool named = is_word(all, from, "constraint");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is_word(all, from, words[i]))
            return;
    if (named)
        read_constraint(self, table, name_of(self, all, from + 1), all, from + 2, to);
    else if (is_word(all, from, "check"))
        read_constraint(self, table, arena_printf(self->arena, "%s_check", self->tables[table].source->name),
                        all, from, to);
    else if (is_name(all, from))
        read_column(self, table, all, from, to);
}

static void read_table(struct translate *self, size_t table, const struct tokens *all)
{
    size_t from = 0;
    while (from < all->count && !is_char(all, from, '('))
        from++;
    size_t end = past(all, from);
    for (size_t i = ++from; i < end && end - 1 < all->count;) {
        i = is_char(all, i, '(') ? past(all, i) : i + 1;
        if (i + 1 < end && !is_char(all, i, ','))
            continue;
        read_element(self, table, all, from, i < end ? i : end - 1);
        from = ++i;
    }
    for (size_t i = end; i < all->count; i++)
        if (is_word(all, i, "partition") && is_word(all, i + 1, "by"))
            translate_note(self, "table %s: its partitions do not translate, it is one table",
                           self->tables[table].source->name);
}

static void read_alter(struct translate *self, size_t table, const struct tokens *all)
{
    for (size_t i = 2; i + 2 < all->count; i++)
        if (is_word(all, i, "add") && is_word(all, i + 1, "constraint") && is_name(all, i + 2)) {
            read_constraint(self, table, name_of(self, all, i + 2), all, i + 3, all->count);
            return;
        }
}

/* ---- what has no counterpart ---- */

static void tell_of(struct translate *self, const struct tokens *all)
{
    static const char *const kinds[] = {"view",       "trigger",   "function", "procedure", "aggregate",
                                        "statistics", "extension", "rule",     "collation", "event"};
    size_t at_kind = 1;
    while (at_kind < 8 && at_kind < all->count && !is_char(all, at_kind, '(')) {
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
            if (is_word(all, at_kind, kinds[i])) {
                size_t name = at_kind + 1;
                while (is_word(all, name, "if") || is_word(all, name, "not") || is_word(all, name, "exists"))
                    name++;
                translate_note(self, "%s %s is not translated", kinds[i],
                               text_of(self, all, name, past_name(all, name)));
                return;
            }
        at_kind++;
    }
}

static void read_statement(struct translate *self, const struct profile_statement *statement)
{
    struct tokens all = read_tokens(self, statement->sql);
    bool creates = is_word(&all, 0, "create");
    bool has_table = statement->table >= 0 && self->tables[statement->table].name != NULL;
    if (creates && has_table && strcmp(statement->stage, "table") == 0 &&
        (is_word(&all, 1, "table") || is_word(&all, 2, "table")))
        read_table(self, (size_t)statement->table, &all);
    else if (has_table && is_word(&all, 0, "alter") && is_word(&all, 1, "table"))
        read_alter(self, (size_t)statement->table, &all);
    else if (creates && (is_word(&all, 1, "type") || is_word(&all, 1, "domain")))
        read_kind(self, &all);
    else if (creates && strcmp(statement->stage, "index") != 0)
        tell_of(self, &all);
}

void translate_read(struct translate *self)
{
    const struct profile *profile = self->profile;
    for (size_t i = 0; i < profile->statement_count; i++)
        read_statement(self, &profile->statements[i]);
    for (size_t i = 0; i < profile->table_count; i++)
        for (size_t j = 0; self->tables[i].name != NULL && j < profile->tables[i].column_count; j++)
            resolve_column(self, i, &self->tables[i].columns[j]);
}
