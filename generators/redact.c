#include "generators/redact_parts.h"

#include "bench/base/near.h"
#include "bench/base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_AT_MOST = 100, STATUS_ROWS_EACH = 4 };

struct subject { /* a column, and what becomes of it */
    struct profile_table *table;
    struct profile_column *column;
    size_t at; /* in the table */
    enum redact_form form;
    enum redact_kind kind; /* of scalars, elements, ends */
    const char *type;      /* of the same */
    enum profile_values verdict;
    size_t family; /* the first of the columns that share values through foreign keys */
    size_t next;   /* of the family; SIZE_MAX: the last */
    struct redact_slots values, elements;
};

struct redaction {
    struct profile *profile;
    struct arena *arena;
    const char *const *literals;
    struct subject *subjects;
    size_t count;
    size_t *first; /* subject of each table */
};

static const struct {
    const char *type;
    enum redact_form form;
    enum redact_kind kind;
    const char *part;
} types[] = {
    {"text", REDACT_SCALAR, REDACT_TEXT, ""},
    {"varchar", REDACT_SCALAR, REDACT_TEXT, ""},
    {"character varying", REDACT_SCALAR, REDACT_TEXT, ""},
    {"bpchar", REDACT_SCALAR, REDACT_TEXT, ""},
    {"character", REDACT_SCALAR, REDACT_TEXT, ""},
    {"char", REDACT_SCALAR, REDACT_TEXT, ""},
    {"\"char\"", REDACT_SCALAR, REDACT_TEXT, ""},
    {"name", REDACT_SCALAR, REDACT_TEXT, ""},
    {"citext", REDACT_SCALAR, REDACT_TEXT, ""},
    {"ltree", REDACT_SCALAR, REDACT_TEXT, ""},
    {"tsvector", REDACT_SCALAR, REDACT_TEXT, ""},
    {"bytea", REDACT_SCALAR, REDACT_HEX, ""},
    {"bytes", REDACT_SCALAR, REDACT_HEX, ""},
    {"macaddr", REDACT_SCALAR, REDACT_HEX, ""},
    {"macaddr8", REDACT_SCALAR, REDACT_HEX, ""},
    {"uuid", REDACT_SCALAR, REDACT_UUID, ""},
    {"bit", REDACT_SCALAR, REDACT_BITS, ""},
    {"varbit", REDACT_SCALAR, REDACT_BITS, ""},
    {"bits", REDACT_SCALAR, REDACT_BITS, ""},
    {"bit varying", REDACT_SCALAR, REDACT_BITS, ""},
    {"inet", REDACT_SCALAR, REDACT_ADDRESS, "inet"},
    {"inet4", REDACT_SCALAR, REDACT_ADDRESS, "inet"},
    {"inet6", REDACT_SCALAR, REDACT_ADDRESS, "inet"},
    {"cidr", REDACT_SCALAR, REDACT_ADDRESS, "cidr"},
    {"bool", REDACT_SCALAR, REDACT_OPEN, ""},
    {"boolean", REDACT_SCALAR, REDACT_OPEN, ""},
    {"enum", REDACT_SCALAR, REDACT_OPEN, ""},
    {"set", REDACT_SCALAR, REDACT_OPEN, ""},
    {"json", REDACT_DOCUMENT, REDACT_TEXT, ""},
    {"jsonb", REDACT_DOCUMENT, REDACT_TEXT, ""},
    {"int4range", REDACT_RANGE, REDACT_NUMBER, "int4"},
    {"int4multirange", REDACT_RANGE, REDACT_NUMBER, "int4"},
    {"int8range", REDACT_RANGE, REDACT_NUMBER, "int8"},
    {"int8multirange", REDACT_RANGE, REDACT_NUMBER, "int8"},
    {"numrange", REDACT_RANGE, REDACT_NUMBER, "numeric"},
    {"nummultirange", REDACT_RANGE, REDACT_NUMBER, "numeric"},
    {"daterange", REDACT_RANGE, REDACT_NUMBER, "date"},
    {"datemultirange", REDACT_RANGE, REDACT_NUMBER, "date"},
    {"tsrange", REDACT_RANGE, REDACT_NUMBER, "timestamp"},
    {"tsmultirange", REDACT_RANGE, REDACT_NUMBER, "timestamp"},
    {"tstzrange", REDACT_RANGE, REDACT_NUMBER, "timestamptz"},
    {"tstzmultirange", REDACT_RANGE, REDACT_NUMBER, "timestamptz"},
};

static void look_up(struct subject *subject, const char *type)
{
    subject->form = REDACT_SCALAR;
    subject->kind = REDACT_UNKNOWN;
    subject->type = type;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].type, type) == 0) {
            subject->form = types[i].form;
            subject->kind = types[i].kind;
            subject->type = types[i].part;
            return;
        }
    if (redact_number_knows(type))
        subject->kind = REDACT_NUMBER;
}

/* The labels of an array's elements are in the schema. */
static bool is_enum_array(const struct redaction *r, const struct profile_column *column)
{
    size_t length = strlen(column->type);
    if (length < 3 || strcmp(column->type + length - 2, "[]") != 0)
        return false;
    const char *head = arena_printf(r->arena, "CREATE TYPE %.*s AS ENUM", (int)length - 2, column->type);
    for (size_t i = 0; i < r->profile->statement_count; i++)
        if (strncmp(r->profile->statements[i].sql, head, strlen(head)) == 0)
            return true;
    return false;
}

/* MySQL's tinyint(1) is a boolean by habit only. */
static bool holds_numbers(const struct subject *subject)
{
    struct redact_slots values = {0}, elements = {0};
    struct arena scratch = {0};
    bool found = false;
    redact_slots(&scratch, subject->table, subject->at, &values, &elements);
    for (size_t i = 0; i < values.count; i++)
        found |= strpbrk(*values.at[i], "-23456789") != NULL || strlen(*values.at[i]) == 2;
    arena_free(&scratch);
    return found;
}

static void find_kind(const struct redaction *r, struct subject *subject)
{
    const char *base = subject->column->base;
    bool array = base[0] == '_' && r->profile->lexis == SQL_POSTGRES;
    look_up(subject, base + array);
    if (strcmp(base, "bool") == 0 && holds_numbers(subject)) {
        subject->kind = REDACT_NUMBER;
        subject->type = "int1";
    }
    if (!array)
        return;
    if (subject->form != REDACT_SCALAR)
        subject->kind = REDACT_UNKNOWN;
    else if (subject->kind == REDACT_UNKNOWN && is_enum_array(r, subject->column))
        subject->kind = REDACT_OPEN;
    subject->form = REDACT_ARRAY;
}

static bool is_integer(const struct subject *subject)
{
    static const char *const whole[] = {"int1",    "int2",   "int3",  "int4",      "int8",    "uint1",
                                        "uint2",   "uint3",  "uint4", "uint8",     "tinyint", "smallint",
                                        "integer", "bigint", "int",   "mediumint", "year"};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (strcmp(whole[i], subject->column->base) == 0)
            return true;
    return false;
}

/* Alone: no two rows have the same. Else: is one of the columns that tell rows apart, or name a row of another table. */
static bool is_key(const struct subject *subject, bool alone)
{
    const struct profile_table *table = subject->table;
    for (size_t i = 0; i < table->index_count; i++) {
        const struct profile_index *index = &table->indexes[i];
        if (!index->unique || (alone && (index->partial || index->column_count != 1)))
            continue;
        for (size_t c = 0; c < index->column_count; c++)
            if (index->columns[c] == (int)subject->at)
                return true;
    }
    for (size_t i = 0; i < table->reference_count && !alone; i++)
        for (size_t c = 0; c < table->references[i].column_count; c++)
            if (table->references[i].columns[c] == subject->at)
                return true;
    return false;
}

/* Few values, each in several rows. */
static bool is_status(const struct subject *subject)
{
    const struct profile_column *column = subject->column;
    double rows = fmax(subject->table->rows, 0) * (1 - fmin(fmax(column->null_ratio, 0), 1));
    double distinct = column->distinct_reported < 0 ? -column->distinct_reported * subject->table->rows
                                                    : column->distinct_reported;
    distinct = fmax(distinct, column->distinct);
    return is_integer(subject) && distinct > 0 && distinct <= STATUS_AT_MOST &&
           rows >= STATUS_ROWS_EACH * distinct && !is_key(subject, false);
}

static bool is_called(const struct redaction *r, const struct subject *subject, const char *name)
{
    const struct profile_table *table = subject->table;
    const char *full = arena_printf(r->arena, "%s.%s.%s", table->schema, table->name, subject->column->name);
    return strcmp(name, full) == 0 || strcmp(name, full + strlen(table->schema) + 1) == 0;
}

static bool is_named(const struct redaction *r, const struct subject *subject)
{
    for (size_t i = 0; r->literals != NULL && r->literals[i] != NULL; i++)
        if (is_called(r, subject, r->literals[i]))
            return true;
    return false;
}

static enum profile_values judge(const struct redaction *r, const struct subject *subject)
{
    if (is_named(r, subject) || subject->column->listed || subject->kind == REDACT_OPEN || is_status(subject))
        return PROFILE_KEPT;
    if (subject->kind == REDACT_UNKNOWN || (is_integer(subject) && is_key(subject, true)))
        return PROFILE_NONE;
    return PROFILE_SHAPE;
}

static void collect_subjects(struct redaction *r)
{
    size_t count = 0;
    for (size_t t = 0; t < r->profile->table_count; t++)
        count += r->profile->tables[t].column_count;
    r->subjects = arena_alloc(r->arena, (count + 1) * sizeof *r->subjects);
    r->first = arena_alloc(r->arena, (r->profile->table_count + 1) * sizeof *r->first);
    for (size_t t = 0; t < r->profile->table_count; t++) {
        struct profile_table *table = &r->profile->tables[t];
        r->first[t] = r->count;
        for (size_t c = 0; c < table->column_count; c++) {
            struct subject *subject = &r->subjects[r->count++];
            *subject = (struct subject){.table = table,
                                        .column = &table->columns[c],
                                        .at = c,
                                        .family = r->count - 1,
                                        .next = SIZE_MAX};
            find_kind(r, subject);
            subject->verdict = judge(r, subject);
        }
    }
}

static bool check_names(const struct redaction *r, struct err *err)
{
    for (size_t i = 0; r->literals != NULL && r->literals[i] != NULL; i++) {
        const char *name = r->literals[i];
        const char **known = arena_alloc(r->arena, (2 * r->count + 1) * sizeof *known);
        bool found = false;
        for (size_t s = 0; s < r->count; s++) {
            const struct subject *subject = &r->subjects[s];
            found |= is_called(r, subject, name);
            known[2 * s] = arena_printf(r->arena, "%s.%s.%s", subject->table->schema, subject->table->name,
                                        subject->column->name);
            known[2 * s + 1] = known[2 * s] + strlen(subject->table->schema) + 1;
        }
        if (found)
            continue;
        const char *near = near_word(name, known);
        err_set(err, ERR_USAGE, "--literals %s: no such column in the profile", name);
        return err_hint(err, near != NULL ? "did you mean %s?" : "name them as table.column%.0s",
                        near != NULL ? near : "");
    }
    return true;
}

static size_t root_of(const struct redaction *r, size_t subject)
{
    while (r->subjects[subject].family != subject)
        subject = r->subjects[subject].family;
    return subject;
}

/* A child's value is one of the parent's: both get the same surrogate. */
static void join_families(struct redaction *r)
{
    for (size_t t = 0; t < r->profile->table_count; t++) {
        const struct profile_table *table = &r->profile->tables[t];
        for (size_t i = 0; i < table->reference_count; i++) {
            const struct profile_reference *reference = &table->references[i];
            for (size_t c = 0; reference->parent >= 0 && c < reference->column_count; c++) {
                size_t child = r->first[t] + reference->columns[c];
                size_t parent = r->first[reference->parent] + reference->parent_columns[c];
                size_t a = root_of(r, child), b = root_of(r, parent);
                if (strcmp(r->subjects[child].column->base, r->subjects[parent].column->base) == 0)
                    r->subjects[a > b ? a : b].family = a > b ? b : a;
            }
        }
    }
}

/* The columns of each family as a list from its first on. */
static void chain_families(struct redaction *r)
{
    for (size_t i = r->count; i-- > 0;)
        r->subjects[i].family = root_of(r, i);
    for (size_t i = r->count; i-- > 0;) {
        struct subject *subject = &r->subjects[i], *head = &r->subjects[subject->family];
        if (subject == head)
            continue;
        subject->next = head->next;
        head->next = i;
    }
}

static void push(struct arena *arena, struct redact_slots *slots, const char **at)
{
    if (*at != NULL)
        *ARENA_PUSH(arena, slots->at, slots->count, slots->capacity) = at;
}

void redact_slots(struct arena *arena, const struct profile_table *table, size_t at,
                  struct redact_slots *values, struct redact_slots *elements)
{
    struct profile_column *column = &table->columns[at];
    for (size_t i = 0; i < column->mcv_count; i++)
        push(arena, values, &column->mcv[i].value);
    for (size_t i = 0; i < column->bound_count; i++)
        push(arena, values, &column->bounds[i]);
    for (size_t i = 0; i < column->element_count; i++)
        push(arena, elements, &column->elements[i].value);
    for (size_t g = 0; g < table->group_count; g++) {
        const struct profile_group *group = &table->groups[g];
        for (size_t c = 0; c < group->column_count; c++)
            for (size_t i = 0; group->columns[c] == at && i < group->mcv_count; i++)
                push(arena, values, &group->mcv[i].values[c]);
    }
}

static void drop_values(struct subject *subject)
{
    struct profile_column *column = subject->column;
    column->mcv_count = column->bound_count = column->element_count = 0;
    column->bucket_share = column->bucket_distinct = NULL;
    for (size_t g = 0; g < subject->table->group_count && subject->kind == REDACT_UNKNOWN; g++) {
        struct profile_group *group = &subject->table->groups[g];
        for (size_t c = 0; c < group->column_count; c++)
            if (group->columns[c] == subject->at)
                group->mcv_count = 0;
    }
}

static int by_source(const void *left, const void *right)
{
    const struct redact_literal *a = left, *b = right;
    int order = strcmp(a->source, b->source);
    return order != 0 ? order : (int)a->form - (int)b->form;
}

static void add_literals(struct redact_work *work, const struct redact_slots *slots, enum redact_form form)
{
    for (size_t i = 0; i < slots->count; i++)
        *ARENA_PUSH(work->arena, work->literals, work->literal_count,
                    work->literal_capacity) = (struct redact_literal){.source = *slots->at[i], .form = form};
}

static void unite_literals(struct redact_work *work)
{
    size_t kept = 0;
    if (work->literal_count > 0)
        qsort(work->literals, work->literal_count, sizeof *work->literals, by_source);
    for (size_t i = 0; i < work->literal_count; i++)
        if (kept == 0 || by_source(&work->literals[kept - 1], &work->literals[i]) != 0)
            work->literals[kept++] = work->literals[i];
    work->literal_count = kept;
}

/* The literals stand in what the family's work is made of, the surrogates with the profile. One that has no other value is told of
 * by the audit. */
static void put_back(struct arena *arena, const struct redact_work *work, struct subject *subject,
                     const struct redact_slots *slots, enum redact_form form)
{
    struct profile_column *column = subject->column;
    const char **stayed = arena_alloc(work->arena,
                                      (column->stayed_count + slots->count + 1) * sizeof *stayed);
    size_t count = column->stayed_count;
    if (count > 0)
        memcpy(stayed, column->stayed, count * sizeof *stayed);
    for (size_t i = 0; i < slots->count; i++) {
        struct redact_literal key = {.source = *slots->at[i], .form = form};
        const struct redact_literal *found = bsearch(&key, work->literals, work->literal_count, sizeof key,
                                                     by_source);
        if (strcmp(found->source, found->surrogate) == 0)
            stayed[count++] = found->source;
        else
            *slots->at[i] = arena_strdup(arena, found->surrogate);
    }
    column->stayed_count = redact_unique(stayed, count);
    if (column->stayed_count == 0)
        return;
    column->stayed = arena_alloc(arena, column->stayed_count * sizeof *column->stayed);
    memcpy(column->stayed, stayed, column->stayed_count * sizeof *stayed);
}

static bool is_replaced(const struct subject *subject)
{
    return subject->verdict != PROFILE_KEPT && subject->kind != REDACT_UNKNOWN;
}

static void redact_family(const struct redaction *r, size_t family)
{
    const struct subject *head = &r->subjects[family];
    struct arena scratch = {0};
    const char *name = arena_printf(&scratch, "%s.%s.%s", head->table->schema, head->table->name,
                                    head->column->name);
    struct redact_work work = {.arena = &scratch,
                               .lexis = r->profile->lexis,
                               .kind = head->kind,
                               .type = head->type,
                               .stream = rng_hash_text(0, name)};
    for (size_t i = family; i != SIZE_MAX; i = r->subjects[i].next) {
        struct subject *subject = &r->subjects[i];
        if (!is_replaced(subject))
            continue;
        redact_slots(&scratch, subject->table, subject->at, &subject->values, &subject->elements);
        add_literals(&work, &subject->values, subject->form);
        add_literals(&work, &subject->elements, REDACT_SCALAR);
    }
    unite_literals(&work);
    redact_replace(&work);
    for (size_t i = family; i != SIZE_MAX; i = r->subjects[i].next) {
        struct subject *subject = &r->subjects[i];
        put_back(r->arena, &work, subject, &subject->values, subject->form);
        put_back(r->arena, &work, subject, &subject->elements, REDACT_SCALAR);
    }
    arena_free(&scratch);
}

static void set_values(const struct subject *subject)
{
    struct redact_slots values = {0}, elements = {0};
    struct arena scratch = {0};
    redact_slots(&scratch, subject->table, subject->at, &values, &elements);
    subject->column->values = values.count + elements.count == 0 ? PROFILE_NONE
                              : subject->verdict == PROFILE_KEPT ? PROFILE_KEPT
                                                                 : PROFILE_SHAPE;
    arena_free(&scratch);
}

bool redact_profile(struct profile *profile, struct arena *arena, const struct redact_rules *rules,
                    struct err *err)
{
    struct redaction r = {.profile = profile, .arena = arena, .literals = rules->literals};
    collect_subjects(&r);
    if (!check_names(&r, err))
        return false;
    for (size_t i = 0; i < r.count; i++)
        if (r.subjects[i].verdict == PROFILE_NONE)
            drop_values(&r.subjects[i]);
    join_families(&r);
    chain_families(&r);
    for (size_t i = 0; i < r.count; i++)
        if (r.subjects[i].family == i)
            redact_family(&r, i);
    for (size_t i = 0; i < r.count; i++)
        set_values(&r.subjects[i]);
    return true;
}
