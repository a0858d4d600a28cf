#include "bench/run/reach.h"

#include "bench/db/dialect.h"

#include <string.h>
#include <strings.h>

static bool is_name(const struct sql_token *token)
{
    return token->kind == SQL_WORD || token->kind == SQL_QUOTED;
}

static bool is_any(const struct sql_token *token, const char *const *words)
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
    while (token.kind == SQL_SPACE || token.kind == SQL_COMMENT || token.kind == SQL_VERSIONED);
    return token;
}

/* Servers may compare names of databases without regard to case. */
static const char *if_other(struct arena *arena, enum sql_lexis lexis, const char *text, size_t length,
                            const char *database)
{
    const char *name = sql_fold(arena, lexis, text, length);
    return strcasecmp(name, database) == 0 ? NULL : name;
}

/* USE d; CREATE, ALTER, DROP DATABASE d. */
static const char *named_database(struct arena *arena, enum sql_lexis lexis, struct sql_scan scan,
                                  const char *database)
{
    static const char *const verbs[] = {"CREATE", "ALTER", "DROP", NULL};
    static const char *const noise[] = {"OR", "REPLACE", "IF", "NOT", "EXISTS", NULL};
    static const char *const kinds[] = {"DATABASE", "SCHEMA", NULL};
    struct sql_token token = next(&scan);
    if (is_any(&token, verbs)) {
        do
            token = next(&scan);
        while (is_any(&token, noise));
        if (!is_any(&token, kinds))
            return NULL;
    } else if (!sql_is_word(&token, "USE")) {
        return NULL;
    }
    do
        token = next(&scan);
    while (is_any(&token, noise));
    return is_name(&token) ? if_other(arena, lexis, token.text, token.length, database) : NULL;
}

/* Of statements that name nothing but what they change: DROP TABLE a, d.b; RENAME TABLE a TO d.a. */
static const char *qualified(struct arena *arena, enum sql_lexis lexis, struct sql_scan scan,
                             const char *database)
{
    static const char *const verbs[] = {"DROP", "RENAME", "TRUNCATE", NULL};
    struct sql_token before = next(&scan), token;
    if (!is_any(&before, verbs))
        return NULL;
    for (; before.kind != SQL_END; before = token) {
        token = next(&scan);
        if (!is_name(&before) || token.kind != SQL_OTHER || token.text[0] != '.')
            continue;
        const char *other = if_other(arena, lexis, before.text, before.length, database);
        if (other != NULL)
            return other;
    }
    return NULL;
}

static const char *target_database(struct arena *arena, enum sql_lexis lexis, const char *statement,
                                   const char *database)
{
    const char *table = sql_target_table(arena, lexis, statement);
    if (table == NULL)
        return NULL;
    struct sql_scan scan = sql_scan(lexis, table, strlen(table), 1, 1);
    struct sql_token first = next(&scan), dot = next(&scan);
    bool other = is_name(&first) && dot.kind == SQL_OTHER && dot.text[0] == '.';
    return other ? if_other(arena, lexis, first.text, first.length, database) : NULL;
}

const char *reach_elsewhere(struct arena *arena, enum sql_lexis lexis, const char *statement,
                            const char *database)
{
    if (!sql_is_mysql(lexis))
        return NULL;
    struct sql_scan scan = sql_scan(lexis, statement, strlen(statement), 1, 1);
    const char *other = named_database(arena, lexis, scan, database);
    if (other == NULL)
        other = qualified(arena, lexis, scan, database);
    return other != NULL ? other : target_database(arena, lexis, statement, database);
}

static bool check_phase(struct arena *arena, const struct phase *phase, const char *database, struct err *err)
{
    for (size_t i = 0; i < phase->step_count; i++) {
        const struct step *step = &phase->steps[i];
        const char *other = step->sql == NULL || step->kind == STEP_COMMAND
                                ? NULL
                                : reach_elsewhere(arena, step->lexis, step->sql, database);
        if (other == NULL)
            continue;
        err_at(err, step->file, step->line, step->column,
               "this statement goes to the database %s; only %s is the target, and armed", other, database);
        err_hint(err, "name that database in the DSN and arm it, or leave the name out");
        err->kind = ERR_ENVIRONMENT;
        return false;
    }
    return true;
}

bool reach_check(struct db *db, struct arena *arena, const struct strategy *strategy, struct err *err)
{
    struct db_table table;
    if (!db_query(db, arena, dialect_sql(arena, db, DIALECT_DATABASE, NULL), &table, err))
        return err_wrap(err, "asking for the name of the database");
    const char *database = table.rows == 1 ? db_value(&table, 0, 0) : NULL;
    if (database == NULL)
        return true;
    for (size_t i = 0; i < strategy->phase_count; i++)
        if (!check_phase(arena, &strategy->phases[i], database, err))
            return false;
    for (size_t i = 0; i < strategy->rollback_count; i++)
        if (!check_phase(arena, &strategy->rollbacks[i].phase, database, err))
            return false;
    return true;
}
