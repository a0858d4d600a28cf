#include "generators/scan_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Autovacuum analyses partitions, never the table that they make up: its statistics are put together from theirs. */

enum { MOST_ATOMS = 100, BUCKETS = 100 };

struct leaf {
    const struct profile_table *table;
    const struct profile_column *column;
    double weight; /* its share of the rows */
};

struct point {
    const char *value;
    double weight;
    long double number;
};

struct leaves {
    struct arena *arena;
    struct leaf *list;
    size_t count, common; /* common: different values in all lists of common ones */
};

static int by_value(const void *a, const void *b)
{
    return strcmp(((const struct profile_atom *)a)->value, ((const struct profile_atom *)b)->value);
}

static int by_share(const void *a, const void *b)
{
    const struct profile_atom *x = a, *y = b;
    return x->share > y->share ? -1 : x->share < y->share ? 1 : strcmp(x->value, y->value);
}

static int by_number(const void *a, const void *b)
{
    const struct point *x = a, *y = b;
    return x->number < y->number ? -1 : x->number > y->number ? 1 : strcmp(x->value, y->value);
}

/* Equal values become one, the most common first. */
static size_t gather(struct profile_atom *atoms, size_t count)
{
    size_t made = 0;
    qsort(atoms, count, sizeof *atoms, by_value);
    for (size_t i = 0; i < count; i++)
        if (made > 0 && strcmp(atoms[made - 1].value, atoms[i].value) == 0)
            atoms[made - 1].share += atoms[i].share;
        else
            atoms[made++] = atoms[i];
    qsort(atoms, made, sizeof *atoms, by_share);
    return made;
}

static void gather_atoms(struct leaves *leaves, struct profile_column *to)
{
    size_t atoms = 0, elements = 0;
    for (size_t i = 0; i < leaves->count; i++) {
        atoms += leaves->list[i].column->mcv_count;
        elements += leaves->list[i].column->element_count;
    }
    to->mcv = arena_alloc(leaves->arena, (atoms + 1) * sizeof *to->mcv);
    to->elements = arena_alloc(leaves->arena, (elements + 1) * sizeof *to->elements);
    for (size_t i = 0; i < leaves->count; i++) {
        const struct leaf *leaf = &leaves->list[i];
        for (size_t a = 0; a < leaf->column->mcv_count; a++)
            to->mcv[to->mcv_count++] = (struct profile_atom){leaf->column->mcv[a].share * leaf->weight,
                                                             leaf->column->mcv[a].value};
        for (size_t a = 0; a < leaf->column->element_count; a++)
            to->elements[to->element_count++] = (struct profile_atom){
                leaf->column->elements[a].share * leaf->weight, leaf->column->elements[a].value};
    }
    leaves->common = gather(to->mcv, to->mcv_count);
    to->mcv_count = leaves->common < MOST_ATOMS ? leaves->common : MOST_ATOMS;
    to->element_count = gather(to->elements, to->element_count);
    to->element_count = to->element_count < MOST_ATOMS ? to->element_count : MOST_ATOMS;
}

enum order { ORDER_NUMBER, ORDER_BYTES, ORDER_SERVER };

/* How the values of a type sort, as far as it needs no server. */
static enum order order_of(const char *base)
{
    static const char *const numbers[] = {"int2", "int4", "int8", "float4", "float8", "numeric", "oid", NULL};
    static const char *const bytes[] = {"date", "timestamp", "timestamptz", "time", "uuid", "bytea", NULL};
    for (size_t i = 0; numbers[i] != NULL; i++)
        if (strcmp(numbers[i], base) == 0)
            return ORDER_NUMBER;
    for (size_t i = 0; bytes[i] != NULL; i++)
        if (strcmp(bytes[i], base) == 0)
            return ORDER_BYTES;
    return ORDER_SERVER;
}

/* Rows of a leaf in each of its buckets, as a share of all rows. */
static double bucket_weight(const struct leaf *leaf)
{
    double rest = 1 - (isnan(leaf->column->null_ratio) ? 0 : leaf->column->null_ratio);
    for (size_t i = 0; i < leaf->column->mcv_count; i++)
        rest -= leaf->column->mcv[i].share;
    return leaf->column->bound_count < 2
               ? 0
               : fmax(rest, 0) * leaf->weight / (double)(leaf->column->bound_count - 1);
}

static bool is_atom(const struct profile_column *column, const char *value)
{
    for (size_t i = 0; i < column->mcv_count; i++)
        if (strcmp(column->mcv[i].value, value) == 0)
            return true;
    return false;
}

/* The bounds of all leaves, each standing for the rows around it, cut anew into buckets of as many rows. */
static void cut(struct profile_column *to, const struct point *points, size_t count)
{
    double total = 0, seen = 0;
    for (size_t i = 0; i < count; i++)
        total += points[i].weight;
    for (size_t i = 0; i < count; i++) {
        bool due = i + 1 == count || seen >= total * (double)to->bound_count / BUCKETS;
        seen += points[i].weight;
        if (due && (to->bound_count == 0 || strcmp(to->bounds[to->bound_count - 1], points[i].value) != 0))
            to->bounds[to->bound_count++] = points[i].value;
    }
    if (to->bound_count < 2)
        to->bound_count = 0;
}

static void gather_bounds(struct leaves *leaves, struct profile_column *to)
{
    enum order order = order_of(to->base);
    size_t count = 0, most = 0;
    for (size_t i = 0; i < leaves->count; i++) {
        count += leaves->list[i].column->bound_count;
        if (bucket_weight(&leaves->list[i]) > bucket_weight(&leaves->list[most]))
            most = i;
    }
    if (order == ORDER_SERVER) { /* those of the greatest part stand for all */
        to->bounds = leaves->list[most].column->bounds;
        to->bound_count = leaves->list[most].column->bound_count;
        return;
    }
    struct point *points = arena_alloc(leaves->arena, (count + 1) * sizeof *points);
    count = 0;
    for (size_t i = 0; i < leaves->count; i++)
        for (size_t b = 0; b < leaves->list[i].column->bound_count; b++) {
            const char *value = leaves->list[i].column->bounds[b];
            if (!is_atom(to, value))
                points[count++] = (struct point){value, bucket_weight(&leaves->list[i]),
                                                 order == ORDER_NUMBER ? strtold(value, NULL) : 0};
        }
    qsort(points, count, sizeof *points, by_number);
    to->bounds = arena_alloc(leaves->arena, (count + BUCKETS + 2) * sizeof *to->bounds);
    cut(to, points, count);
}

/* The least and the greatest value that a leaf tells of. */
static void span(const struct profile_column *column, enum order order, struct point ends[2])
{
    for (size_t i = 0; i < column->mcv_count + column->bound_count; i++) {
        const char *value = i < column->mcv_count ? column->mcv[i].value
                                                  : column->bounds[i - column->mcv_count];
        struct point at = {value, 0, order == ORDER_NUMBER ? strtold(value, NULL) : 0};
        if (i == 0 || by_number(&at, &ends[0]) < 0)
            ends[0] = at;
        if (i == 0 || by_number(&at, &ends[1]) > 0)
            ends[1] = at;
    }
}

/* Ranges that do not meet hold different values; else the same may be in all. */
static bool ranges_meet(const struct leaves *leaves, enum order order)
{
    struct point here[2] = {0}, there[2] = {0};
    for (size_t i = 0; i < leaves->count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct profile_column *a = leaves->list[i].column, *b = leaves->list[j].column;
            if (order == ORDER_SERVER || a->mcv_count + a->bound_count == 0 ||
                b->mcv_count + b->bound_count == 0)
                return true;
            span(a, order, here);
            span(b, order, there);
            if (by_number(&here[0], &there[1]) <= 0 && by_number(&there[0], &here[1]) <= 0)
                return true;
        }
    return false;
}

static double distinct_of(const struct leaves *leaves, const struct profile_column *to)
{
    double shared = 0, sum = 0, most = 0, total = 0;
    size_t bounds = 0;
    for (size_t i = 0; i < leaves->count; i++) {
        double reported = leaves->list[i].column->distinct_reported, rows = leaves->list[i].table->rows;
        double number = reported < 0 ? -reported * rows : reported;
        shared += reported < 0 ? reported * leaves->list[i].weight : 0;
        bounds += leaves->list[i].column->bound_count;
        total += rows;
        sum += number;
        most = fmax(most, number);
    }
    if (shared <= -0.9) /* a key, or nearly */
        return shared;
    if (bounds == 0 && leaves->common > 0) /* each leaf lists all that it has */
        return (double)leaves->common;
    double number = ranges_meet(leaves, order_of(to->base)) ? most : sum;
    return number > total / 10 ? -number / total : number;
}

static void merge_column(struct leaves *leaves, struct profile_column *to)
{
    double held = 0;
    to->null_ratio = to->width_bytes = to->correlation = 0;
    for (size_t i = 0; i < leaves->count; i++) {
        const struct leaf *leaf = &leaves->list[i];
        double nulls = isnan(leaf->column->null_ratio) ? 0 : leaf->column->null_ratio;
        to->null_ratio += leaf->weight * nulls;
        to->correlation += leaf->weight * (isnan(leaf->column->correlation) ? 0 : leaf->column->correlation);
        if (!isnan(leaf->column->width_bytes)) {
            to->width_bytes += leaf->weight * (1 - nulls) * leaf->column->width_bytes;
            held += leaf->weight * (1 - nulls);
        }
        if (leaf->column->element_count_count > 0 && to->element_counts == NULL) {
            to->element_counts = leaf->column->element_counts;
            to->element_count_count = leaf->column->element_count_count;
        }
    }
    to->width_bytes = held > 0 ? to->width_bytes / held : NAN;
    gather_atoms(leaves, to);
    gather_bounds(leaves, to);
    to->distinct_reported = distinct_of(leaves, to);
    to->values = to->mcv_count + to->bound_count + to->element_count > 0 ? PROFILE_KEPT : PROFILE_NONE;
}

static const struct profile_column *column_called(const struct profile_table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    return NULL;
}

static bool find_leaves(struct leaves *leaves, const struct profile *profile, const int *roots, int root,
                        double *sample)
{
    double rows = 0;
    leaves->count = 0;
    for (size_t i = 0; i < profile->table_count; i++) {
        const struct profile_table *table = &profile->tables[i];
        if (roots[i] != root || table->rows == 0)
            continue;
        if (!table->analyzed || table->rows < 0)
            return false;
        rows += table->rows;
        *sample += fmin(table->sample_rows, table->rows);
        leaves->list[leaves->count++] = (struct leaf){.table = table};
    }
    for (size_t i = 0; i < leaves->count; i++)
        leaves->list[i].weight = leaves->list[i].table->rows / rows;
    return leaves->count > 0;
}

void scan_leaves(struct arena *arena, struct profile *profile, const int *roots)
{
    struct leaves leaves = {.arena = arena};
    leaves.list = arena_alloc(arena, (profile->table_count + 1) * sizeof *leaves.list);
    for (size_t t = 0; t < profile->table_count; t++) {
        struct profile_table *table = &profile->tables[t];
        double sample = 0;
        if (strcmp(table->kind, "partitioned") != 0 || table->analyzed ||
            !find_leaves(&leaves, profile, roots, (int)t, &sample))
            continue;
        for (size_t c = 0; c < table->column_count; c++) {
            bool all = true;
            for (size_t i = 0; i < leaves.count; i++) {
                leaves.list[i].column = column_called(leaves.list[i].table, table->columns[c].name);
                all &= leaves.list[i].column != NULL;
            }
            if (all)
                merge_column(&leaves, &table->columns[c]);
        }
        table->analyzed = true;
        table->sample_rows = sample;
    }
}
