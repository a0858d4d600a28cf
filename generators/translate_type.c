#include "bench/base/near.h"
#include "generators/translate_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* InnoDB's index takes 3072 bytes, so 768 characters: four texts of the usual length, or one of the greatest. */
enum { USUAL_KEY = 191, GREATEST_KEY = 700, ROW_BYTES = 60000, LONGEST_LABEL = 63 };

enum rule_how {
    AS_IT_IS,
    TEXT,
    BYTES,
    DECIMAL,
    MOMENT, /* with the source's digits of a second */
    BITS,
    UUID,
    TRUTH,    /* of a tinyint(1): boolean when nothing else was seen in it */
    UNSIGNED, /* of 64 bits */
    CLOCK     /* datetime or timestamp, by what the source calls it */
};

struct rule {
    const char *base; /* as profile_column.base */
    enum rule_how how;
    const char *to;
    int chars, bytes;
    const char *doubt; /* what is lost; NULL: nothing */
};

static const struct rule to_mysql[] = {
    {"bool", AS_IT_IS, "tinyint(1)", 0, 1, NULL},
    {"int2", AS_IT_IS, "smallint", 0, 2, NULL},
    {"int4", AS_IT_IS, "int", 0, 4, NULL},
    {"int8", AS_IT_IS, "bigint", 0, 8, NULL},
    {"oid", AS_IT_IS, "bigint", 0, 8, NULL},
    {"float4", AS_IT_IS, "float", 0, 4, NULL},
    {"float8", AS_IT_IS, "double", 0, 8, NULL},
    {"numeric", DECIMAL, "decimal", 0, 30, NULL},
    {"money", AS_IT_IS, "varchar(32)", 32, 0, "money is kept as text"},
    {"varchar", TEXT, "varchar", 0, 0, NULL},
    {"bpchar", TEXT, "char", 0, 0, NULL},
    {"text", TEXT, "longtext", 0, 0, NULL},
    {"citext", TEXT, "longtext", 0, 0, "citext is compared with regard to case"},
    {"char", AS_IT_IS, "char(1)", 1, 0, NULL},
    {"name", AS_IT_IS, "varchar(64)", 64, 0, NULL},
    {"bytea", BYTES, "longblob", 0, 0, NULL},
    {"uuid", UUID, "char(36)", 36, 0, NULL},
    {"json", AS_IT_IS, "json", 0, 0, NULL},
    {"jsonb", AS_IT_IS, "json", 0, 0, NULL},
    {"date", AS_IT_IS, "date", 0, 3, NULL},
    {"time", MOMENT, "time", 0, 6, NULL},
    {"timestamp", MOMENT, "datetime", 0, 8, NULL},
    {"timestamptz", MOMENT, "datetime", 0, 8, NULL},
    {"timetz", AS_IT_IS, "varchar(21)", 21, 0, "a time with a zone is kept as text"},
    {"interval", AS_IT_IS, "varchar(64)", 64, 0, "an interval is kept as text"},
    {"inet", AS_IT_IS, "varchar(43)", 43, 0, NULL},
    {"cidr", AS_IT_IS, "varchar(43)", 43, 0, NULL},
    {"macaddr", AS_IT_IS, "varchar(17)", 17, 0, NULL},
    {"macaddr8", AS_IT_IS, "varchar(23)", 23, 0, NULL},
    {"bit", BITS, "varchar", 0, 0, "bits are kept as text"},
    {"varbit", BITS, "varchar", 0, 0, "bits are kept as text"},
    {"xml", AS_IT_IS, "longtext", 0, 0, NULL},
    {NULL, AS_IT_IS, "longtext", 0, 0, NULL},
};

static const struct rule to_postgres[] = {
    {"bool", TRUTH, "boolean", 0, 1, NULL},
    {"int1", AS_IT_IS, "smallint", 0, 2, NULL},
    {"uint1", AS_IT_IS, "smallint", 0, 2, NULL},
    {"int2", AS_IT_IS, "smallint", 0, 2, NULL},
    {"uint2", AS_IT_IS, "integer", 0, 4, NULL},
    {"int3", AS_IT_IS, "integer", 0, 4, NULL},
    {"uint3", AS_IT_IS, "integer", 0, 4, NULL},
    {"int4", AS_IT_IS, "integer", 0, 4, NULL},
    {"uint4", AS_IT_IS, "bigint", 0, 8, NULL},
    {"int8", AS_IT_IS, "bigint", 0, 8, NULL},
    {"uint8", UNSIGNED, "numeric(20)", 0, 12, NULL},
    {"float4", AS_IT_IS, "real", 0, 4, NULL},
    {"float8", AS_IT_IS, "double precision", 0, 8, NULL},
    {"numeric", DECIMAL, "numeric", 0, 30, NULL},
    {"varchar", TEXT, "varchar", 0, 0, NULL},
    {"bpchar", TEXT, "char", 0, 0, NULL},
    {"text", TEXT, "text", 0, 0, NULL},
    {"set", AS_IT_IS, "text", 0, 0, "a set is kept as text"},
    {"bytes", BYTES, "bytea", 0, 0, NULL},
    {"uuid", AS_IT_IS, "uuid", 0, 16, NULL},
    {"inet", AS_IT_IS, "inet", 0, 16, NULL},
    {"inet6", AS_IT_IS, "inet", 0, 16, NULL},
    {"json", AS_IT_IS, "jsonb", 0, 0, NULL},
    {"date", AS_IT_IS, "date", 0, 4, NULL},
    {"time", MOMENT, "time", 0, 8, NULL},
    {"timestamp", CLOCK, "timestamp", 0, 8, NULL},
    {"year", AS_IT_IS, "smallint", 0, 2, NULL},
    {"bits", BITS, "bit", 0, 8, NULL},
    {NULL, AS_IT_IS, "text", 0, 0, NULL},
};

static bool to_mysql_of(const struct translate *self)
{
    return sql_is_mysql(self->target->lexis);
}

/* The numbers in "numeric(10,2)"; how many. */
static int modifiers(const char *type, int *first, int *second)
{
    const char *open = strchr(type, '(');
    return open == NULL ? 0 : sscanf(open, "(%d,%d", first, second);
}

/* ---- what was seen in a column ---- */

typedef void seen_fn(const char *literal, int *most);

static int most_of(const struct profile_column *column, seen_fn *look)
{
    int most = 0;
    for (size_t i = 0; i < column->mcv_count; i++)
        look(column->mcv[i].value, &most);
    for (size_t i = 0; i < column->bound_count; i++)
        look(column->bounds[i], &most);
    return most;
}

static void see_length(const char *literal, int *most)
{
    int length = (int)strlen(literal);
    *most = length > *most ? length : *most;
}

static void see_fraction(const char *literal, int *most)
{
    const char *point = strchr(literal, '.');
    int digits = point == NULL ? 0 : (int)strlen(point + 1);
    *most = digits > *most ? digits : *most;
}

static void see_number(const char *literal, int *most)
{
    bool truth = strlen(literal) == 1 && strchr("01tf", *literal) != NULL;
    *most |= !truth && strcmp(literal, "true") != 0 && strcmp(literal, "false") != 0;
}

static void see_beyond(const char *literal, int *most)
{
    size_t length = strlen(literal);
    *most |= length > 19 || (length == 19 && strcmp(literal, "9223372036854775807") > 0);
}

static int key_chars(const struct profile_column *source)
{
    int seen = most_of(source, see_length);
    if (source->width_bytes > seen && source->width_bytes < GREATEST_KEY)
        seen = (int)source->width_bytes;
    int chars = 2 * seen > USUAL_KEY ? 2 * seen : USUAL_KEY;
    return chars > GREATEST_KEY ? GREATEST_KEY : chars;
}

/* ---- one column ---- */

static void make_text(struct translate *self, const struct profile_column *source,
                      const struct translate_column *column, struct translate_type *made)
{
    bool fixed = strcmp(source->base, "bpchar") == 0, mysql = to_mysql_of(self);
    int chars = 0, unused;
    bool limited = modifiers(column->type, &chars, &unused) > 0 && chars > 0;
    if (strcmp(source->base, "text") == 0 || strcmp(source->base, "citext") == 0)
        limited = false; /* MySQL's text(300) is a text */
    if (!limited && fixed)
        limited = (chars = 1) > 0;
    if (!limited && mysql && column->keyed)
        limited = (chars = key_chars(source)) > 0;
    if (!limited || (mysql && chars > ROW_BYTES / 4)) {
        made->text = mysql ? "longtext" : "text";
        made->open = true;
    } else {
        const char *word = fixed && (!mysql || chars <= 255) ? "char" : "varchar";
        made->text = arena_printf(self->arena, "%s(%d)", word, chars);
        made->chars = chars;
        made->open = false;
    }
}

static void make_bytes(struct translate *self, const struct profile_column *source,
                       const struct translate_column *column, struct translate_type *made)
{
    if (!to_mysql_of(self)) {
        made->text = "bytea";
        return;
    }
    made->text = "longblob";
    made->open = true;
    if (column->keyed) {
        made->bytes = key_chars(source);
        made->text = arena_printf(self->arena, "varbinary(%d)", made->bytes);
        made->open = false;
    }
}

/* Without a limit of its own: as many digits behind the point as were seen. */
static void make_decimal(struct translate *self, const struct profile_column *source,
                         const struct translate_column *column, const struct rule *rule,
                         struct translate_type *made)
{
    int precision = 0, scale = 0;
    made->number = true;
    if (modifiers(column->type, &precision, &scale) > 0 && precision > 0) {
        bool fits = !to_mysql_of(self) ||
                    (precision <= 65 && scale <= 30 && scale >= 0 && scale <= precision);
        if (fits) {
            made->text = arena_printf(self->arena, "%s(%d,%d)", rule->to, precision, scale);
            return;
        }
    }
    if (!to_mysql_of(self)) {
        made->text = "numeric";
        return;
    }
    scale = most_of(source, see_fraction);
    made->text = arena_printf(self->arena, "decimal(%d,%d)", scale > 18 ? 65 : 38, scale > 30 ? 30 : scale);
}

/* "timestamp(3) without time zone", "datetime(6)", "datetime": the last has none on MySQL, six on PostgreSQL. */
static void make_moment(struct translate *self, const struct translate_column *column,
                        const struct rule *rule, struct translate_type *made)
{
    int digits = to_mysql_of(self) ? 6 : 0, unused;
    modifiers(column->type, &digits, &unused);
    bool zoned = rule->how == CLOCK && strncasecmp(column->type, "timestamp", 9) == 0;
    made->moment = true;
    made->digits = digits;
    made->text = arena_printf(self->arena, digits > 0 || !to_mysql_of(self) ? "%s(%d)%s" : "%s", rule->to,
                              digits, zoned ? " with time zone" : "");
}

/* MySQL loads bits as bytes, not as zeros and ones. */
static void make_bits(struct translate *self, const struct translate_column *column,
                      struct translate_type *made)
{
    int bits = strstr(column->type, "var") == NULL, unused;
    modifiers(column->type, &bits, &unused);
    made->open = to_mysql_of(self) && (bits == 0 || bits > GREATEST_KEY);
    made->chars = to_mysql_of(self) && !made->open ? bits : 0;
    made->text = made->open ? "longtext"
                            : arena_printf(self->arena, to_mysql_of(self) ? "varchar(%d)" : "bit(%d)", bits);
}

/* A uuid has a type of its own since MariaDB 10.7, which refuses some that are no uuids by their version and variant. */
static void see_odd_uuid(const char *literal, int *most)
{
    enum { VERSION_AT = 14, VARIANT_AT = 19, LENGTH = 36 };
    *most |= strlen(literal) != LENGTH || strchr("12345678", literal[VERSION_AT]) == NULL ||
             strchr("89abAB", literal[VARIANT_AT]) == NULL;
}

static void make_uuid(const struct translate *self, const struct profile_column *source,
                      struct translate_type *made)
{
    if (strcmp(self->target->engine, "mariadb") == 0 && self->target->version >= 100700 &&
        !most_of(source, see_odd_uuid))
        *made = (struct translate_type){.text = "uuid", .bytes = 16};
}

/* In a type a literal has no character set of its own. */
static bool make_labels(struct translate *self, size_t table, struct translate_column *column)
{
    static const char introducer[] = "_utf8mb4 ";
    bool mysql = to_mysql_of(self);
    struct buf list = {0};
    for (size_t i = 0; i < column->label_count; i++) {
        if (!mysql && strlen(column->labels[i]) > LONGEST_LABEL) {
            buf_free(&list);
            return false;
        }
        const char *label = sql_quote_literal(self->arena, self->target->lexis, column->labels[i]);
        label = strncmp(label, introducer, strlen(introducer)) == 0 ? label + strlen(introducer) : label;
        buf_printf(&list, "%s%s", i > 0 ? ", " : "", label);
    }
    if (mysql) {
        column->made.text = arena_printf(self->arena, "enum(%s)", buf_text(&list));
    } else {
        const char *wanted = arena_printf(self->arena, "%s_%s", self->tables[table].name, column->name);
        column->made.text = translate_quote(self, translate_name(self, self->tables[table].name, wanted));
        translate_add(
            self, "before", (int)table,
            arena_printf(self->arena, "CREATE TYPE %s AS ENUM (%s)", column->made.text, buf_text(&list)));
    }
    column->made.bytes = 4;
    buf_free(&list);
    return true;
}

static const struct rule *rule_of(const struct translate *self, const char *base)
{
    const struct rule *rule = to_mysql_of(self) ? to_mysql : to_postgres;
    while (rule->base != NULL && strcmp(rule->base, base) != 0)
        rule++;
    return rule;
}

static bool is_number_type(const char *base)
{
    return strncmp(base, "int", 3) == 0
               ? base[3] >= '1' && base[3] <= '8' && base[4] == 0
               : strncmp(base, "uint", 4) == 0 || strncmp(base, "float", 5) == 0 ||
                     strcmp(base, "year") == 0 || strcmp(base, "oid") == 0 || strcmp(base, "bool") == 0;
}

static void make_type(struct translate *self, size_t table, size_t at)
{
    const struct profile_column *source = &self->profile->tables[table].columns[at];
    struct translate_column *column = &self->tables[table].columns[at];
    struct translate_type *made = &column->made;
    const struct rule *rule = rule_of(self, source->base);
    *made = (struct translate_type){.text = rule->to, .chars = rule->chars, .bytes = rule->bytes};
    if (column->label_count > 0 && make_labels(self, table, column))
        return;
    made->number = is_number_type(source->base);
    made->open = strcmp(rule->to, "longtext") == 0 || strcmp(rule->to, "json") == 0;
    made->unindexed = strncmp(rule->to, "json", 4) == 0;
    made->moment = strcmp(source->base, "date") == 0;
    if (rule->how == TEXT)
        make_text(self, source, column, made);
    else if (rule->how == BYTES)
        make_bytes(self, source, column, made);
    else if (rule->how == DECIMAL)
        make_decimal(self, source, column, rule, made);
    else if (rule->how == MOMENT || rule->how == CLOCK)
        make_moment(self, column, rule, made);
    else if (rule->how == BITS)
        make_bits(self, column, made);
    else if (rule->how == UUID)
        make_uuid(self, source, made);
    else if (rule->how == TRUTH)
        *made = most_of(source, see_number)
                    ? (struct translate_type){.text = "smallint", .bytes = 2, .number = true}
                    : (struct translate_type){.text = "boolean", .bytes = 1};
    else if (rule->how == UNSIGNED && (column->automatic || !most_of(source, see_beyond)))
        made->text = "bigint";
    if (rule->base == NULL && column->label_count == 0)
        translate_note(self, "table %s, column %s: %s has no counterpart, it is kept as text",
                       self->tables[table].source->name, column->name, column->type);
    else if (rule->doubt != NULL)
        translate_note(self, "table %s, column %s: %s", self->tables[table].source->name, column->name,
                       rule->doubt);
}

/* ---- all ---- */

bool translate_index_fits(const struct profile_index *index)
{
    static const char *const methods[] = {"btree", "hash", ""};
    bool known = false, plain = !index->partial && index->column_count > 0;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        known |= strcasecmp(index->method == NULL ? "" : index->method, methods[i]) == 0;
    for (size_t i = 0; i < index->column_count; i++)
        plain = plain && index->columns[i] >= 0;
    return known && plain;
}

static void mark_keys(struct translate *self, size_t table)
{
    const struct profile_table *source = &self->profile->tables[table];
    struct translate_column *columns = self->tables[table].columns;
    for (size_t i = 0; i < source->index_count; i++)
        for (size_t j = 0; source->indexes[i].unique && translate_index_fits(&source->indexes[i]) &&
                           j < source->indexes[i].column_count;
             j++)
            columns[source->indexes[i].columns[j]].keyed = true;
    for (size_t i = 0; i < source->reference_count; i++)
        for (size_t j = 0; source->references[i].parent >= 0 && j < source->references[i].column_count; j++) {
            const struct profile_reference *reference = &source->references[i];
            columns[reference->columns[j]].keyed = columns[reference->columns[j]].referring = true;
            if (self->tables[reference->parent].name != NULL)
                self->tables[reference->parent].columns[reference->parent_columns[j]].keyed = true;
        }
}

/* A reference compares values of one type, which PostgreSQL asks less strictly than InnoDB. */
static bool follow_parents(struct translate *self, size_t table)
{
    const struct profile_table *source = &self->profile->tables[table];
    bool changed = false;
    for (size_t i = 0; i < source->reference_count; i++) {
        const struct profile_reference *reference = &source->references[i];
        for (size_t j = 0; reference->parent >= 0 && self->tables[reference->parent].name != NULL &&
                           j < reference->column_count;
             j++) {
            struct translate_type *child = &self->tables[table].columns[reference->columns[j]].made;
            const struct translate_type *parent =
                &self->tables[reference->parent].columns[reference->parent_columns[j]].made;
            if (strcmp(child->text, parent->text) != 0) {
                *child = *parent;
                changed = true;
            }
        }
    }
    return changed;
}

/* A row of InnoDB takes 65535 bytes, long texts not counted: the longest that no key needs become such. */
static void fit_row(struct translate *self, size_t table)
{
    struct translate_column *columns = self->tables[table].columns;
    for (;;) {
        size_t count = self->profile->tables[table].column_count, longest = count, sum = 0;
        for (size_t i = 0; i < count; i++) {
            sum += 4 * (size_t)columns[i].made.chars + (size_t)columns[i].made.bytes;
            if (!columns[i].keyed && columns[i].made.chars > 64 &&
                (longest == count || columns[i].made.chars > columns[longest].made.chars))
                longest = i;
        }
        if (sum <= ROW_BYTES || longest == count)
            return;
        columns[longest].made = (struct translate_type){.text = "longtext", .open = true};
    }
}

void translate_types(struct translate *self)
{
    size_t count = self->profile->table_count;
    for (size_t i = 0; i < count; i++)
        if (self->tables[i].name != NULL)
            mark_keys(self, i);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; self->tables[i].name != NULL && j < self->profile->tables[i].column_count; j++)
            make_type(self, i, j);
    bool changed = true;
    for (size_t turn = 0; turn < 16 && changed; turn++) {
        changed = false;
        for (size_t i = 0; i < count; i++)
            changed |= self->tables[i].name != NULL && follow_parents(self, i);
    }
    for (size_t i = 0; to_mysql_of(self) && i < count; i++)
        if (self->tables[i].name != NULL)
            fit_row(self, i);
}
