#include "generators/audit_query.h"

#include "bench/base/rng.h"
#include "generators/audit_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const audit_kinds[AUDIT_KINDS] = {"single", "join", "multi", "workload"};

enum { TRIES = 40, LEAST_ROWS = 200, LEAST_BOUNDS = 10 };
static const double least_expected = 50; /* rows, of a query that combines: fewer come and go by chance */

struct maker {
    struct arena *arena;
    const struct profile *reference;
    const struct audit_given *given;
    const struct profile_table **tables; /* that are worth asking */
    size_t table_count, made;
    struct audit_query *queries;
    const char **names;
};

/* ---- what can be asked of a column ---- */

static double present(const struct profile_column *column)
{
    return 1 - column->null_ratio;
}

static double listed(const struct profile_column *column)
{
    double sum = 0;
    for (size_t i = 0; i < column->mcv_count; i++)
        sum += column->mcv[i].share;
    return present(column) > 0 ? fmin(1, sum / present(column)) : 0;
}

static bool has_values(const struct profile_column *column)
{
    return present(column) > 0 && (column->mcv_count > 0 || column->bound_count >= LEAST_BOUNDS);
}

static bool has_nulls(const struct profile_column *column)
{
    return column->null_ratio > 0.001 && column->null_ratio < 0.999;
}

/* Types whose order is no accident of how they are stored. */
static bool is_scale(const struct profile_column *column)
{
    static const char *const unordered[] = {"json",   "jsonb", "bool",  "uuid", "bits", "bit",
                                            "varbit", "bytea", "bytes", "set",  "xml",  "hstore"};
    for (size_t i = 0; i < sizeof unordered / sizeof *unordered; i++)
        if (strcmp(column->base, unordered[i]) == 0)
            return false;
    return column->base[0] != '_' && strstr(column->base, "range") == NULL &&
           column->bound_count >= LEAST_BOUNDS;
}

static bool is_asked(const struct maker *maker, const struct profile_table *table,
                     const struct profile_column *column)
{
    return (has_values(column) || has_nulls(column)) && strcmp(column->base, "json") != 0 &&
           strcmp(column->base, "xml") != 0 && !audit_is_given(maker->given, table, column->name);
}

/* ---- places ---- */

/* In the middle of what one value takes, so that a little more or less of it hits it too; common ones more often. */
static double draw_value(const struct profile_column *column, struct rng *rng)
{
    double share = listed(column), below = 0, unit = rng_unit(rng);
    bool rest = column->bound_count >= LEAST_BOUNDS;
    if (column->mcv_count == 0 || (rest && rng_unit(rng) < 0.3))
        return share + (1 - share) * (0.1 + 0.8 * unit);
    size_t atom = (size_t)(unit * unit * (double)column->mcv_count);
    for (size_t i = 0; i < atom; i++)
        below += column->mcv[i].share / present(column);
    return fmin(1, below + column->mcv[atom].share / present(column) / 2);
}

static void draw_values(struct audit_predicate *predicate, struct rng *rng)
{
    size_t wanted = predicate->operator== AUDIT_ANY ? AUDIT_PLACES : 1;
    for (int tries = 0; tries < TRIES && predicate->place_count < wanted; tries++) {
        double place = draw_value(predicate->column, rng);
        bool near = false;
        for (size_t i = 0; i < predicate->place_count; i++)
            near |= fabs(predicate->places[i] - place) < 0.002;
        if (!near)
            predicate->places[predicate->place_count++] = place;
    }
}

static void draw_range(struct audit_predicate *predicate, struct rng *rng)
{
    static const double widths[] = {0.02, 0.05, 0.1, 0.2, 0.4};
    double width = widths[rng_below(rng, sizeof widths / sizeof *widths)];
    double low = predicate->operator== AUDIT_BELOW  ? width
                 : predicate->operator== AUDIT_FROM ? 1 - width
                                                    : rng_unit(rng) * (1 - width);
    predicate->places[0] = round(low * 100) / 100;
    predicate->places[1] = predicate->places[0] + width;
    predicate->place_count = predicate->operator== AUDIT_BETWEEN ? 2 : 1;
}

/* False: nothing can be asked of it. */
static bool draw_predicate(const struct profile_column *column, size_t at, struct rng *rng,
                           struct audit_predicate *predicate)
{
    enum audit_operator choices[8];
    size_t count = 0;
    if (has_values(column)) {
        choices[count++] = AUDIT_EQUAL;
        choices[count++] = AUDIT_EQUAL;
        choices[count++] = AUDIT_ANY;
    }
    if (is_scale(column)) {
        choices[count++] = AUDIT_BETWEEN;
        choices[count++] = AUDIT_BETWEEN;
        choices[count++] = AUDIT_BELOW;
        choices[count++] = AUDIT_FROM;
    }
    if (has_nulls(column))
        choices[count++] = AUDIT_IS_NULL;
    if (count == 0)
        return false;
    *predicate = (struct audit_predicate){
        .at = at, .column = column, .operator= choices[rng_below(rng, count)] };
    if (predicate->operator== AUDIT_EQUAL || predicate->operator== AUDIT_ANY)
        draw_values(predicate, rng);
    else if (predicate->operator!= AUDIT_IS_NULL)
        draw_range(predicate, rng);
    return true;
}

/* Of any column of the query's table but those that have one. */
static bool add_predicate(const struct maker *maker, struct audit_query *query, size_t at, struct rng *rng)
{
    const struct profile_table *table = query->tables[at];
    const struct profile_column *column = NULL;
    if (table->column_count == 0)
        return false;
    for (int tries = 0; tries < TRIES && column == NULL; tries++) {
        column = &table->columns[rng_below(rng, table->column_count)];
        bool taken = !is_asked(maker, table, column);
        for (size_t i = 0; i < query->predicate_count; i++)
            taken |= query->predicates[i].column == column;
        column = taken ? NULL : column;
    }
    if (column == NULL || !draw_predicate(column, at, rng, &query->predicates[query->predicate_count]))
        return false;
    query->predicate_count++;
    return true;
}

/* ---- how much is left of the rows, were predicates independent ---- */

static double share_at(const struct profile_table *table, const struct profile_column *column, double place)
{
    double below = 0;
    for (size_t i = 0; i < column->mcv_count; i++) {
        below += column->mcv[i].share / fmax(present(column), 1e-9);
        if (place < below)
            return column->mcv[i].share;
    }
    double others = fmax(1, column->distinct - (double)column->mcv_count);
    return column->distinct > 0 ? (1 - listed(column)) * present(column) / others : 1 / fmax(1, table->rows);
}

static double share_of(const struct profile_table *table, const struct audit_predicate *predicate)
{
    const struct profile_column *column = predicate->column;
    double sum = 0;
    switch (predicate->operator) {
    case AUDIT_IS_NULL:
        return column->null_ratio;
    case AUDIT_BETWEEN:
        return (predicate->places[1] - predicate->places[0]) * present(column);
    case AUDIT_BELOW:
        return predicate->places[0] * present(column);
    case AUDIT_FROM:
        return (1 - predicate->places[0]) * present(column);
    case AUDIT_EQUAL:
    case AUDIT_ANY:
        break;
    }
    for (size_t i = 0; i < predicate->place_count; i++)
        sum += share_at(table, column, predicate->places[i]);
    return sum;
}

static bool leaves_enough(const struct audit_query *query)
{
    double rows = query->tables[0]->rows, least = fmin(least_expected, rows / 20);
    for (size_t i = 0; i < query->predicate_count; i++)
        rows *= share_of(query->tables[query->predicates[i].at], &query->predicates[i]);
    return rows >= least;
}

/* ---- queries ---- */

static const struct profile_reference *draw_reference(const struct profile_table *table, struct rng *rng)
{
    size_t known = 0;
    for (size_t i = 0; i < table->reference_count; i++)
        known += table->references[i].parent >= 0;
    size_t wanted = known > 0 ? rng_below(rng, known) : 0;
    for (size_t i = 0; known > 0 && i < table->reference_count; i++)
        if (table->references[i].parent >= 0 && wanted-- == 0)
            return &table->references[i];
    return NULL;
}

/* A child, its parent, and one time in three the parent's parent, each with or without a predicate, one at least. */
static bool draw_join(const struct maker *maker, struct audit_query *query, struct rng *rng)
{
    size_t wanted = 2 + (rng_below(rng, 3) == 0);
    for (; query->table_count < wanted; query->table_count++) {
        const struct profile_reference *reference = draw_reference(query->tables[query->table_count - 1],
                                                                   rng);
        bool own = reference != NULL &&
                   &maker->reference->tables[reference->parent] == query->tables[query->table_count - 1];
        if (reference == NULL || (own && wanted > 2)) /* nobody asks for the patron of the patron */
            break;
        query->references[query->table_count - 1] = reference;
        query->tables[query->table_count] = &maker->reference->tables[reference->parent];
    }
    if (query->table_count < 2)
        return false;
    size_t first = rng_below(rng, query->table_count);
    if (!add_predicate(maker, query, first, rng) && !add_predicate(maker, query, 0, rng))
        return false;
    if (rng_below(rng, 3) == 0)
        add_predicate(maker, query, (first + 1) % query->table_count, rng);
    return leaves_enough(query);
}

static bool draw_query(const struct maker *maker, enum audit_kind kind, size_t table, struct rng *rng,
                       struct audit_query *query)
{
    *query = (struct audit_query){
        .kind = kind, .tables = {maker->tables[table % maker->table_count]}, .table_count = 1};
    if (kind == AUDIT_JOIN)
        return draw_join(maker, query, rng);
    if (!add_predicate(maker, query, 0, rng))
        return false;
    return kind == AUDIT_SINGLE ||
           (add_predicate(maker, query, 0, rng) &&
            (rng_below(rng, 4) > 0 || add_predicate(maker, query, 0, rng)) && leaves_enough(query));
}

static bool is_new(const struct maker *maker, const char *name)
{
    for (size_t i = 0; i < maker->made; i++)
        if (strcmp(maker->names[i], name) == 0)
            return false;
    return true;
}

static void make_one(struct maker *maker, enum audit_kind kind, uint64_t seed, size_t number)
{
    for (size_t tries = 0; tries < TRIES; tries++) {
        struct audit_query *query = &maker->queries[maker->made];
        struct rng rng = rng_start(rng_hash(seed, kind, number * TRIES + tries));
        const char *name = NULL;
        if (draw_query(maker, kind, number + tries, &rng, query))
            name = audit_query_name(maker->arena, query);
        if (name == NULL || !is_new(maker, name))
            continue;
        maker->names[maker->made++] = name;
        return;
    }
}

/* Small tables have one plan whatever they hold. */
static void find_tables(struct maker *maker)
{
    const struct profile *reference = maker->reference;
    double least = LEAST_ROWS, most = 0;
    for (size_t i = 0; i < reference->table_count; i++)
        most = fmax(most, reference->tables[i].rows);
    least = most < least ? 1 : least;
    maker->tables = arena_alloc(maker->arena, (reference->table_count + 1) * sizeof(struct profile_table *));
    for (size_t i = 0; i < reference->table_count; i++) {
        const struct profile_table *table = &reference->tables[i];
        if (audit_counts_as_table(table) && table->analyzed && table->rows >= least)
            maker->tables[maker->table_count++] = table;
    }
}

size_t audit_queries_make(struct arena *arena, const struct profile *reference, uint64_t seed, size_t wanted,
                          const struct audit_given *given, struct audit_query **queries)
{
    static const enum audit_kind turns[] = {AUDIT_SINGLE, AUDIT_JOIN, AUDIT_SINGLE, AUDIT_MULTI};
    struct maker maker = {.arena = arena, .reference = reference, .given = given};
    maker.queries = arena_alloc(arena, (wanted + 1) * sizeof *maker.queries);
    maker.names = arena_alloc(arena, (wanted + 1) * sizeof *maker.names);
    find_tables(&maker);
    uint64_t key = rng_hash_text(seed, "audit queries");
    for (size_t i = 0; i < 3 * wanted && maker.made < wanted && maker.table_count > 0; i++)
        make_one(&maker, turns[i % 4], key, i);
    *queries = maker.queries;
    return maker.made;
}

/* ---- names ---- */

static void put_places(struct buf *out, const struct audit_predicate *predicate)
{
    for (size_t i = 0; i < predicate->place_count; i++)
        buf_printf(out, "%s%.3f", i > 0 ? ", " : "", predicate->places[i]);
}

static void put_predicate(struct buf *out, const struct audit_query *query,
                          const struct audit_predicate *predicate)
{
    static const char *const words[] = {
        [AUDIT_EQUAL] = "at",    [AUDIT_ANY] = "at any of", [AUDIT_BETWEEN] = "between",
        [AUDIT_BELOW] = "below", [AUDIT_FROM] = "from",     [AUDIT_IS_NULL] = "is null"};
    buf_printf(out, "%s.%s %s", query->tables[predicate->at]->name, predicate->column->name,
               words[predicate->operator]);
    if (predicate->place_count > 0)
        buf_putc(out, ' ');
    put_places(out, predicate);
}

const char *audit_query_name(struct arena *arena, const struct audit_query *query)
{
    struct buf name = {0};
    for (size_t i = 0; query->table_count > 1 && i < query->table_count; i++)
        buf_printf(&name, "%s%s", i > 0 ? " -> " : "", query->tables[i]->name);
    if (query->table_count > 1)
        buf_puts(&name, ": ");
    for (size_t i = 0; i < query->predicate_count; i++) {
        if (i > 0)
            buf_puts(&name, ", ");
        put_predicate(&name, query, &query->predicates[i]);
    }
    const char *kept = arena_strdup(arena, buf_text(&name));
    buf_free(&name);
    return kept;
}
