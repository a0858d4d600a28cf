/* The server's order of literals: each list is asked for once, however many sheets compare by it. */
#include "bench/base/clock.h"
#include "bench/base/rng.h"
#include "bench/db/db.h"
#include "generators/audit_parts.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_LITERALS = 2000 };

struct order {
    double *places;
    size_t count, taken;
};

static void take_place(void *context, int result, int columns, const char *const *values)
{
    struct order *order = context;
    (void)result;
    long at = columns == 1 && values[0] != NULL ? strtol(values[0], NULL, 10) : 0;
    if (at >= 1 && (size_t)at <= order->count)
        order->places[at - 1] = (double)order->taken++;
}

/* The column's own type and collation lead, because its (no) rows stand first in the union. */
static bool ask(struct db *db, const struct profile_table *table, const struct profile_column *column,
                const char *const *literals, size_t count, double *places)
{
    struct arena arena = {0};
    struct buf sql = {0};
    enum sql_lexis lexis = db_lexis(db);
    struct order order = {.places = places, .count = count};
    bool sayable = count <= MOST_LITERALS;
    buf_printf(&sql, "SELECT s.place FROM (SELECT 0 AS place, %s AS value FROM %s WHERE 1 = 0",
               sql_quote(&arena, lexis, NULL, column->name),
               sql_quote(&arena, lexis, table->schema, table->name));
    for (size_t i = 0; sayable && i < count; i++) {
        const char *literal = sql_quote_literal(&arena, lexis, literals[i]);
        sayable = literal != NULL;
        if (sayable)
            buf_printf(&sql, " UNION ALL SELECT %zu, %s", i + 1, literal);
    }
    buf_puts(&sql, ") s ORDER BY s.value, s.place");
    struct db_answer answer = {.outcome = OUTCOME_OTHER};
    if (sayable)
        answer = db_exec(db, buf_text(&sql), clock_ns() + 10 * NS_PER_S, take_place, &order);
    buf_free(&sql);
    arena_free(&arena);
    return answer.outcome == OUTCOME_OK && order.taken == count;
}

static uint64_t key_of(const struct profile_table *table, const struct profile_column *column,
                       const char *const *literals, size_t count)
{
    uint64_t key = rng_hash_text(rng_hash_text(rng_hash_text(count, table->schema), table->name),
                                 column->name);
    for (size_t i = 0; i < count; i++)
        key = rng_hash_text(key, literals[i]);
    return key;
}

bool audit_order(void *context, const struct profile_table *table, const struct profile_column *column,
                 const char *const *literals, size_t count, double *places)
{
    struct audit_orders *orders = context;
    uint64_t key = key_of(table, column, literals, count);
    struct audit_ordered *found = NULL;
    for (size_t i = 0; i < orders->count && found == NULL; i++)
        if (orders->items[i].key == key && orders->items[i].count == count)
            found = &orders->items[i];
    if (found == NULL) {
        found = ARENA_PUSH(orders->arena, orders->items, orders->count, orders->capacity);
        *found = (struct audit_ordered){
            .key = key, .count = count, .places = arena_alloc(orders->arena, (count + 1) * sizeof(double))};
        found->known = ask(orders->db, table, column, literals, count, found->places);
    }
    memcpy(places, found->places, count * sizeof *places);
    return found->known;
}
