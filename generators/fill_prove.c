#include "bench/base/buf.h"
#include "bench/db/dialect.h"
#include "generators/fill_parts.h"

#include <stdlib.h>
#include <string.h>

/* What a load did not look at is looked at afterwards: that every reference leads to a row; and that every row is there,
 * where an earlier fill made some of them. */

static bool count_rows(const struct fill_target *target, struct db *session, struct arena *arena,
                       struct err *err)
{
    struct db_table rows;
    if (!db_query(session, arena, arena_printf(arena, "SELECT count(*) FROM %s", target->table->quoted),
                  &rows, err))
        return false;
    const char *count = rows.rows == 1 ? db_value(&rows, 0, 0) : "0";
    return strtoll(count, NULL, 10) == target->table->rows ||
           err_set(err, ERR_ENVIRONMENT, "table %s: %s of %lld rows arrived", target->table->name, count,
                   (long long)target->table->rows);
}

static const char *orphan_query(const struct catalogue_table *child, const struct catalogue_table *parent,
                                const struct catalogue_key *key, struct arena *arena)
{
    struct buf match = {0}, present = {0};
    for (size_t i = 0; i < key->column_count; i++) {
        const char *column = child->columns[key->columns[i]].quoted;
        const char *other = parent->columns[key->parent_columns[i]].quoted;
        buf_printf(&match, "%sp.%s = c.%s", i > 0 ? " AND " : "", other, column);
        buf_printf(&present, " AND c.%s IS NOT NULL", column);
    }
    const char *sql = arena_printf(
        arena, "SELECT 1 FROM %s c LEFT JOIN %s p ON %s WHERE p.%s IS NULL%s LIMIT 1", child->quoted,
        parent->quoted, buf_text(&match), parent->columns[key->parent_columns[0]].quoted, buf_text(&present));
    buf_free(&match);
    buf_free(&present);
    return sql;
}

static bool follow_references(const struct fill *fill, const struct fill_target *target, struct db *session,
                              struct arena *arena, struct err *err)
{
    const struct catalogue_table *child = target->table;
    for (size_t i = 0; i < child->key_count; i++) {
        const struct catalogue_key *key = &child->keys[i];
        struct db_table rows;
        if (key->kind != 'f' || key->parent < 0)
            continue;
        const struct catalogue_table *parent = &fill->catalogue.tables[key->parent];
        const char *sql = orphan_query(child, parent, key, arena);
        if (!db_query(session, arena, sql, &rows, err))
            return err_wrap(err, "table %s, %s", child->name, key->name);
        if (rows.rows > 0)
            return err_set(err, ERR_ENVIRONMENT, "table %s, %s: a row references none of %s", child->name,
                           key->name, parent->name);
    }
    return true;
}

static bool prove(struct fill_crew *crew, struct db *session, const void *context, struct err *err)
{
    const struct fill *fill = context;
    for (;;) {
        size_t at = atomic_fetch_add(&crew->next, 1);
        if (at >= fill->target_count || atomic_load(&crew->stop))
            return true;
        struct arena arena = {0};
        bool ok = (!fill->resumed || count_rows(&fill->targets[at], session, &arena, err)) &&
                  (!db_dialect(session)->loads_unchecked ||
                   follow_references(fill, &fill->targets[at], session, &arena, err));
        arena_free(&arena);
        if (!ok)
            return false;
    }
}

bool fill_prove(struct fill_crew *crew)
{
    return (!db_dialect(crew->fill->control)->loads_unchecked && !crew->fill->resumed) ||
           fill_crew_run(crew, "index", prove, crew->fill);
}
