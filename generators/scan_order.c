#include "generators/scan_parts.h"

#include <stdlib.h>
#include <string.h>

static const char *const stages[] = {"before", "table", "index", "key", "reference", "after"};
enum { STAGES = sizeof stages / sizeof *stages, TABLE_STAGE = 1 };

struct maker {       /* one statement */
    const char *key; /* of what it makes; NULL: nothing that others need */
    const char **needs, *sql;
    size_t need_count;
    int stage, table;
    enum { UNSEEN, ON_THE_WAY, PLACED, LEFT_OUT } state;
};

struct key {
    const char *text;
    struct maker *maker;
};

struct order {
    struct arena *arena;
    struct maker *makers, **sorted;
    struct key *keys; /* by text */
    size_t count, key_count, sorted_count;
};

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct key *)a)->text, ((const struct key *)b)->text);
}

static struct maker *maker_of(const struct order *order, const char *key)
{
    struct key wanted = {.text = key};
    struct key *found = bsearch(&wanted, order->keys, order->key_count, sizeof *order->keys, by_text);
    return found == NULL ? NULL : found->maker;
}

/* CREATE TABLE; there, what does not travel is missed when it is run. */
static bool makes_table(const struct maker *maker)
{
    return maker->stage == TABLE_STAGE && maker->table >= 0 && maker->key != NULL && maker->key[0] == 'r';
}

/* Behind all that it needs, and in no earlier stage. What does not travel (a type in C, a foreign table, an operator class)
 * cannot be needed by what does, but by a table; a circle ends where it began. */
static bool place(struct order *order, struct maker *maker)
{
    if (maker->state != UNSEEN)
        return maker->state != LEFT_OUT;
    maker->state = ON_THE_WAY;
    for (size_t i = 0; i < maker->need_count; i++) {
        struct maker *needed = maker->needs[i] == NULL ? NULL : maker_of(order, maker->needs[i]);
        bool there = needed != NULL && place(order, needed);
        if (!there && !makes_table(maker)) {
            maker->state = LEFT_OUT;
            return false;
        }
        if (there && needed->stage > maker->stage)
            maker->stage = needed->stage;
    }
    maker->state = PLACED;
    order->sorted[order->sorted_count++] = maker;
    return true;
}

static int table_of(const struct profile *profile, const char *const *ids, const char *id, size_t *last)
{
    for (size_t i = 0; id != NULL && i < profile->table_count; i++) {
        size_t at = (*last + i) % profile->table_count;
        if (strcmp(ids[at], id) == 0) {
            *last = at;
            return (int)at;
        }
    }
    return -1;
}

static bool read_makers(struct order *order, const struct scan_input *input, const char *const *ids,
                        const struct profile *profile, struct err *err)
{
    const struct scan_rows *rows = &input->topics[SCAN_STATEMENTS];
    size_t last = 0;
    order->makers = arena_alloc(order->arena, (rows->count + 1) * sizeof *order->makers);
    order->sorted = arena_alloc(order->arena, (rows->count + 1) * sizeof *order->sorted);
    order->keys = arena_alloc(order->arena, (rows->count + 1) * sizeof *order->keys);
    for (size_t i = 0; i < rows->count; i++) {
        struct scan_cells cells = scan_cells(order->arena, rows->items[i]);
        struct maker *maker = &order->makers[order->count++];
        const char *stage = scan_text(&cells);
        while (stage != NULL && maker->stage < STAGES && strcmp(stages[maker->stage], stage) != 0)
            maker->stage++;
        maker->table = table_of(profile, ids, scan_text(&cells), &last);
        maker->key = scan_text(&cells);
        maker->needs = scan_texts(&cells, &maker->need_count);
        maker->sql = scan_text(&cells);
        cells.broken |= stage == NULL || maker->stage == STAGES || maker->sql == NULL;
        if (!scan_cells_end(&cells, input, "statements", err))
            return false;
        if (maker->key != NULL)
            order->keys[order->key_count++] = (struct key){maker->key, maker};
    }
    qsort(order->keys, order->key_count, sizeof *order->keys, by_text);
    return true;
}

/* Whether all tables were asked for: then what belongs to no table travels too. */
static bool wants_all(struct arena *arena, const struct scan_input *input)
{
    struct scan_cells cells = scan_cells(arena, input->topics[SCAN_SERVER].items[0]);
    scan_text(&cells);
    scan_real(&cells);
    return scan_flag(&cells);
}

bool scan_order(struct arena *arena, const struct scan_input *input, const char *const *ids,
                struct profile *profile, struct err *err)
{
    struct order order = {.arena = arena};
    if (!read_makers(&order, input, ids, profile, err))
        return false;
    bool all = wants_all(arena, input);
    for (size_t i = 0; i < order.count; i++)
        if (all || order.makers[i].table >= 0 || order.makers[i].key == NULL)
            place(&order, &order.makers[i]);
    profile->left_out = arena_alloc(arena, (order.count + 1) * sizeof *profile->left_out);
    for (size_t i = 0; i < order.count; i++)
        if (order.makers[i].state == LEFT_OUT)
            profile->left_out[profile->left_out_count++] = order.makers[i].sql;
    profile->statements = arena_alloc(arena, (order.sorted_count + 1) * sizeof *profile->statements);
    for (int stage = 0; stage < STAGES; stage++)
        for (size_t i = 0; i < order.sorted_count; i++)
            if (order.sorted[i]->stage == stage)
                profile->statements[profile->statement_count++] = (struct profile_statement){
                    .stage = stages[stage], .table = order.sorted[i]->table, .sql = order.sorted[i]->sql};
    return true;
}
