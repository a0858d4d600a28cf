#include "bench/run/keyload.h"

#include "bench/base/buf.h"
#include "bench/base/log.h"
#include "bench/db/dialect.h"
#include "bench/run/watched.h"
#include "generators/catalogue.h"
#include "generators/value.h"

#define READ_WEIGHT  4.0
#define WRITE_WEIGHT 1.0

static const struct catalogue_column *integer_key(const struct catalogue_table *table)
{
    for (size_t k = 0; k < table->key_count; k++) {
        const struct catalogue_key *key = &table->keys[k];
        if (key->kind != 'p' || key->column_count != 1)
            continue;
        const struct catalogue_column *column = &table->columns[key->columns[0]];
        const struct value_kind *kind = value_kind_find(column->base_type);
        if (kind != NULL && value_kind_is_integer(kind))
            return column;
    }
    return NULL;
}

static const struct catalogue_column *other_column(const struct catalogue_table *table,
                                                   const struct catalogue_column *key)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (&table->columns[i] != key && !table->columns[i].generated && !table->columns[i].identity_always)
            return &table->columns[i];
    return NULL;
}

static bool add_script(struct workload *workload, const char *name, const struct buf *text, double weight,
                       struct app *app, size_t *capacity, struct err *err)
{
    int script;
    if (!workload_add_text(workload, name, buf_text(text), &script, err))
        return false;
    *ARENA_PUSH(workload->arena, app->entries, app->entry_count, *capacity) = (struct app_entry){script,
                                                                                                 weight};
    app->weight_sum += weight;
    return true;
}

static bool add_table(struct db *db, struct arena *arena, const struct catalogue_table *table,
                      struct workload *workload, struct app *app, size_t *capacity, struct err *err)
{
    const struct catalogue_column *key = integer_key(table);
    struct db_table range;
    if (key == NULL)
        return true;
    if (!db_query(
            db, arena,
            arena_printf(arena, "SELECT min(%s), max(%s) FROM %s", key->quoted, key->quoted, table->quoted),
            &range, err))
        return false;
    const char *low = db_value(&range, 0, 0), *high = db_value(&range, 0, 1);
    if (low == NULL)
        return true;
    struct buf read = {0}, write = {0};
    buf_printf(&read, "\\set id random(%s, %s)\nSELECT ", low, high);
    for (size_t i = 0; i < table->column_count; i++)
        buf_printf(&read, "%s%s", i ? ", " : "", table->columns[i].quoted);
    buf_printf(&read, " FROM %s WHERE %s = :id;\n", table->quoted, key->quoted);
    bool ok = add_script(workload, arena_printf(arena, "read %s", table->name), &read, READ_WEIGHT, app,
                         capacity, err);
    const struct catalogue_column *other = other_column(table, key);
    if (ok && other != NULL) {
        buf_printf(&write, "\\set id random(%s, %s)\nUPDATE %s SET %s = %s WHERE %s = :id;\n", low, high,
                   table->quoted, other->quoted, other->quoted, key->quoted);
        ok = add_script(workload, arena_printf(arena, "update %s", table->name), &write, WRITE_WEIGHT, app,
                        capacity, err);
    }
    buf_free(&read);
    buf_free(&write);
    return ok;
}

const char *keyload_shortcoming(enum sql_lexis lexis)
{
    return sql_is_mysql(lexis)
               ? "the load from keys updates rows to what they are: here that locks the row but "
                 "writes nothing, so that logs and replicas see the migration alone; bring "
                 "scripts that write (-f)"
               : NULL;
}

bool keyload_add(struct db *db, struct arena *arena, const struct strategy *strategy,
                 struct workload *workload, struct err *err)
{
    struct catalogue catalogue;
    struct watched watched;
    if (!catalogue_read(db, arena, &catalogue, err) ||
        !watched_find(db, arena, strategy, workload, &watched, err))
        return false;
    struct app app = {.name = "keys"};
    size_t capacity = 0;
    for (size_t t = 0; t < watched.count; t++) {
        int index = catalogue_find(&catalogue, watched.names[t]);
        if (index >= 0 && !add_table(db, arena, &catalogue.tables[index], workload, &app, &capacity, err))
            return false;
    }
    if (app.entry_count == 0) {
        err_set(err, ERR_USAGE,
                "no load: the migration names no table with rows and a primary key of one integer column");
        return err_hint(err, "bring your own scripts: -f SCRIPT.sql");
    }
    *ARENA_PUSH(workload->arena, workload->apps, workload->app_count, workload->app_capacity) = app;
    const char *shortcoming = keyload_shortcoming(db_dialect(db)->lexis);
    if (shortcoming != NULL)
        log_warn("%s", shortcoming);
    return true;
}
