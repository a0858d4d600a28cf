#include "bench/run/watched.h"

#include "bench/db/dialect.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct name {           /* as a statement gives it, unquoted */
    const char *schema; /* NULL: not told */
    const char *table;
    bool exact; /* a table of exactly this name is there */
};

struct names {
    struct arena *arena;
    struct name *items;
    size_t count, capacity;
    bool any_case; /* where no table is exactly so called: the server may keep its names in small letters */
};

static struct sql_token next_token(struct sql_scan *scan)
{
    struct sql_token token;
    do
        token = sql_next(scan);
    while (token.kind == SQL_SPACE || token.kind == SQL_COMMENT);
    return token;
}

static struct name read_name(struct arena *arena, enum sql_lexis lexis, const char *written)
{
    struct sql_scan scan = sql_scan(lexis, written, strlen(written), 1, 1);
    struct sql_token first = next_token(&scan), dot = next_token(&scan), last = next_token(&scan);
    const char *name = sql_fold(arena, lexis, first.text, first.length);
    if (dot.kind != SQL_OTHER || dot.text[0] != '.')
        return (struct name){.table = name};
    return (struct name){.schema = name, .table = sql_fold(arena, lexis, last.text, last.length)};
}

static void add_phase(struct names *names, const struct phase *phase)
{
    for (size_t i = 0; i < phase->step_count; i++) {
        const struct step *step = &phase->steps[i];
        const char *written = step->sql == NULL || step->kind == STEP_COMMAND
                                  ? NULL
                                  : sql_target_table(names->arena, step->lexis, step->sql);
        if (written != NULL)
            *ARENA_PUSH(names->arena, names->items, names->count,
                        names->capacity) = read_name(names->arena, step->lexis, written);
    }
}

typedef int compare_fn(const char *a, const char *b);

static bool names_table(const struct name *name, const char *schema, const char *table, compare_fn *compare)
{
    return (name->schema == NULL || compare(name->schema, schema) == 0) && compare(name->table, table) == 0;
}

static void find_exact(struct names *names, const struct db_table *tables)
{
    for (size_t i = 0; i < names->count; i++)
        for (size_t row = 0; row < tables->rows; row++)
            names->items[i].exact = names->items[i].exact ||
                                    names_table(&names->items[i], db_value(tables, row, 1),
                                                db_value(tables, row, 2), strcmp);
}

static bool is_named(const struct names *names, const char *schema, const char *table)
{
    for (size_t i = 0; i < names->count; i++) {
        const struct name *name = &names->items[i];
        if (names_table(name, schema, table, names->any_case && !name->exact ? strcasecmp : strcmp))
            return true;
    }
    return false;
}

/* True when name stands in text as a word of its own. */
static bool has_word(const char *text, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = text; (at = strstr(at, name)) != NULL; at++) {
        char before = at == text ? ' ' : at[-1], after = at[length];
        if (!isalnum((unsigned char)before) && before != '_' && !isalnum((unsigned char)after) &&
            after != '_')
            return true;
    }
    return false;
}

static bool phase_names(const struct phase *phase, const char *name)
{
    for (size_t i = 0; i < phase->step_count; i++)
        for (const char *const *word = phase->steps[i].argv; word != NULL && *word != NULL; word++)
            if (has_word(*word, name))
                return true;
    return false;
}

/* An external command names its tables in a language of its own: any of its words may be one. */
static bool command_names(const struct strategy *strategy, const char *name)
{
    for (size_t i = 0; i < strategy->phase_count; i++)
        if (phase_names(&strategy->phases[i], name))
            return true;
    for (size_t i = 0; i < strategy->rollback_count; i++)
        if (phase_names(&strategy->rollbacks[i].phase, name))
            return true;
    return false;
}

/* A command that names no table (manage.py migrate) may change any: then those of the application are watched. */
static bool is_watched(const struct names *names, const struct strategy *strategy,
                       const struct workload *workload, bool application, const char *schema,
                       const char *name)
{
    if (is_named(names, schema, name) || command_names(strategy, name))
        return true;
    for (size_t i = 0; application && i < workload->script_count; i++)
        if (workload_script_touches(workload, (int)i, name))
            return true;
    return false;
}

static bool any_is_watched(const struct names *names, const struct strategy *strategy,
                           const struct workload *workload, const struct db_table *tables)
{
    for (size_t row = 0; row < tables->rows; row++)
        if (is_watched(names, strategy, workload, false, db_value(tables, row, 1), db_value(tables, row, 2)))
            return true;
    return false;
}

static void mark_scripts(struct arena *arena, const struct workload *workload, struct watched *watched,
                         const char *const *plain_names)
{
    watched->script_tables = arena_alloc(arena, workload->script_count * sizeof *watched->script_tables);
    for (size_t s = 0; s < workload->script_count; s++)
        for (size_t t = 0; t < watched->count; t++)
            if (workload_script_touches(workload, (int)s, plain_names[t]))
                watched->script_tables[s] |= UINT64_C(1) << t;
}

bool watched_find(struct db *db, struct arena *arena, const struct strategy *strategy,
                  const struct workload *workload, struct watched *watched, struct err *err)
{
    enum sql_lexis lexis = db_dialect(db)->lexis;
    struct names names = {.arena = arena, .any_case = sql_is_mysql(lexis)};
    for (size_t i = 0; i < strategy->phase_count; i++)
        add_phase(&names, &strategy->phases[i]);
    for (size_t i = 0; i < strategy->rollback_count; i++)
        add_phase(&names, &strategy->rollbacks[i].phase);

    struct db_table tables, schema_names;
    if (!db_query(db, arena, dialect_sql(arena, db, DIALECT_SCHEMA, NULL), &schema_names, err))
        return err_wrap(err, "looking for the default schema");
    const char *default_schema = schema_names.rows == 1 ? db_value(&schema_names, 0, 0) : NULL;
    if (!db_query(db, arena, dialect_sql(arena, db, DIALECT_TABLES, NULL), &tables, err))
        return err_wrap(err, "looking for the tables of the migration");
    find_exact(&names, &tables);
    const char *plain_names[WATCHED_MAX] = {0};
    bool application = strategy_has_command(strategy) && !any_is_watched(&names, strategy, workload, &tables);
    *watched = (struct watched){.names = arena_alloc(arena, WATCHED_MAX * sizeof *watched->names),
                                .quoted = arena_alloc(arena, WATCHED_MAX * sizeof *watched->quoted),
                                .ids = arena_alloc(arena, WATCHED_MAX * sizeof *watched->ids)};
    for (size_t row = 0; row < tables.rows && watched->count < WATCHED_MAX; row++) {
        const char *schema = db_value(&tables, row, 1), *name = db_value(&tables, row, 2);
        if (!is_watched(&names, strategy, workload, application, schema, name))
            continue;
        size_t t = watched->count++;
        bool is_default = default_schema != NULL && strcmp(schema, default_schema) == 0;
        plain_names[t] = name;
        watched->ids[t] = db_value(&tables, row, 0);
        watched->names[t] = is_default ? name : arena_printf(arena, "%s.%s", schema, name);
        watched->quoted[t] = sql_quote(arena, lexis, schema, name);
    }
    mark_scripts(arena, workload, watched, plain_names);
    return true;
}
