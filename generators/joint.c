#include "generators/profiled.h"

#include "bench/base/rng.h"
#include "generators/permute.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Combinations that are common are made as a whole. One of their columns leads: it goes by its own distribution, in its own
 * physical order; of the rows that hold one of its values so many belong to each combination with it, in any order. In the
 * rows of no combination the other columns go by what is left of their own. */

enum { JOINT_NULL = -1 };

struct piece {                  /* of the leader's places; a combination's, or the rest between two of them */
    int64_t start, combination; /* −1: rest */
    int64_t rest;               /* rows of no combination before it */
};

struct joint {
    const struct profile_group *group;
    const struct distribution *lead;
    size_t leader;   /* position in the group */
    size_t *columns; /* of the table */
    int *atom;       /* of each combination, each column: among the column's literals */
    int64_t *rows;   /* of each combination */
    int64_t rest;    /* rows in no combination */
    struct piece *pieces;
    size_t piece_count;
    uint64_t stream;
};

/* How far a column lies in the order of the rows, equal values apart. */
static double order_of(const struct profile_column *statistics)
{
    double ties = statistics->null_ratio * statistics->null_ratio;
    for (size_t i = 0; i < statistics->mcv_count; i++)
        ties += statistics->mcv[i].share * statistics->mcv[i].share;
    return isfinite(statistics->correlation) ? fmax(0, fabs(statistics->correlation) - ties) : 0;
}

static bool has_order(const struct profile_column *statistics)
{
    return order_of(statistics) > 0.5 && statistics->bound_count > 0;
}

/* Where one column determines another in rows of no combination too: ties keep that (tie_find.c). */
static bool is_tied_better(const struct profile_group *group)
{
    static const double nearly_all = 0.95, strong = 0.5;
    double sum = 0;
    bool determined = false;
    for (size_t i = 0; i < group->mcv_count; i++)
        sum += group->mcv[i].share;
    for (size_t i = 0; i < group->dependency_count; i++)
        determined |= group->dependencies[i].from_count == 1 && group->dependencies[i].degree > strong;
    return sum < nearly_all && determined;
}

/* Its columns are made from statistics alone, and in no other combination, and one of them at most lies in the order of the
 * rows: it leads. */
static bool is_free(const struct row_maker *maker, struct joint *joint)
{
    const struct profile_table *source = maker->table->profile;
    const struct profile_group *group = joint->group;
    size_t ordered = 0;
    for (size_t i = 0; i < group->column_count; i++) {
        const char *name = source->columns[group->columns[i]].name;
        size_t at = 0;
        while (at < maker->table->column_count && strcmp(maker->table->columns[at].name, name) != 0)
            at++;
        if (at == maker->table->column_count || !profiled_is_known(&maker->recipes[at]) ||
            maker->recipes[at].column->rule != NULL || maker->recipes[at].joint != NULL ||
            maker->recipes[at].distribution != NULL)
            return false;
        joint->columns[i] = at;
        const struct profile_column *statistics = maker->recipes[at].column->statistics;
        ordered += has_order(statistics);
        if (order_of(statistics) > order_of(maker->recipes[joint->columns[joint->leader]].column->statistics))
            joint->leader = i;
    }
    return group->mcv_count > 0 && group->column_count > 1 && ordered < 2 && !is_tied_better(group);
}

static struct element element_of(const struct joint *joint, size_t combination, size_t position)
{
    int atom = joint->atom[combination * joint->group->column_count + position];
    if (atom == JOINT_NULL)
        return (struct element){.kind = ELEMENT_NULL};
    return (struct element){.kind = ELEMENT_ATOM, .index = (uint32_t)atom, .values = 1};
}

/* Of the leader's value, once that is made: it may have a row less than its combinations together. */
static double fit(const struct joint *joint, size_t combination, double rows)
{
    if (joint->lead == NULL || rows <= 0)
        return 1;
    struct element element = element_of(joint, combination, joint->leader);
    return fmin(1, (double)distribution_range_of(joint->lead, &element).rows / rows);
}

/* Rounded so that those of one of the leader's values have its rows together. */
static void make_rows(struct arena *arena, const struct row_maker *maker, struct joint *joint)
{
    const struct profile_group *group = joint->group;
    uint64_t *value = arena_alloc(arena, group->mcv_count * sizeof *value);
    double rows = (double)maker->rows;
    joint->rest = maker->rows;
    for (size_t i = 0; i < group->mcv_count; i++) {
        const char *literal = group->mcv[i].values[joint->leader];
        value[i] = literal == NULL ? 0 : rng_hash_text(1, literal);
    }
    for (size_t i = 0; i < group->mcv_count; i++) {
        double before = 0, all = 0, share = group->mcv[i].share;
        for (size_t j = 0; j < group->mcv_count; j++) {
            before += j < i && value[j] == value[i] ? group->mcv[j].share : 0;
            all += value[j] == value[i] ? group->mcv[j].share : 0;
        }
        double each = rows * fit(joint, i, all * rows);
        joint->rows[i] = llround((before + share) * each) - llround(before * each);
        joint->rest -= joint->rows[i];
    }
}

/* The literal's number among the column's common values, behind them if it is none of them. */
static int literal_of(const struct profile_column *statistics, struct profiled_rest *rest,
                      const char *literal)
{
    for (size_t i = 0; i < statistics->mcv_count; i++)
        if (strcmp(statistics->mcv[i].value, literal) == 0)
            return (int)i;
    for (size_t i = 0; i < rest->more_count; i++)
        if (strcmp(rest->more[i], literal) == 0)
            return (int)(statistics->mcv_count + i);
    rest->more[rest->more_count] = literal;
    return (int)(statistics->mcv_count + rest->more_count++);
}

/* The leader makes all rows; what only combinations hold it has besides. */
static void keep_all(const struct row_maker *maker, const struct profile_column *statistics,
                     struct profiled_rest *rest, int64_t *used)
{
    rest->rows = maker->rows;
    rest->nulls = 0;
    for (size_t i = 0; i < statistics->mcv_count + rest->more_count; i++)
        used[i] = i < statistics->mcv_count ? 0 : -used[i];
}

static bool make_column(struct arena *arena, struct row_maker *maker, struct joint *joint, size_t position,
                        struct err *err)
{
    const struct profile_group *group = joint->group;
    struct recipe *recipe = &maker->recipes[joint->columns[position]];
    const struct profile_column *statistics = recipe->column->statistics;
    struct profiled_rest rest = {.rows = joint->rest};
    int64_t *used = arena_alloc(arena, (statistics->mcv_count + group->mcv_count) * sizeof *used);
    rest.used = used;
    rest.more = arena_alloc(arena, (group->mcv_count + 1) * sizeof *rest.more);
    for (size_t i = 0; i < group->mcv_count; i++) {
        const char *literal = group->mcv[i].values[position];
        int *atom = &joint->atom[i * group->column_count + position];
        *atom = literal == NULL ? JOINT_NULL : literal_of(statistics, &rest, literal);
        if (literal == NULL)
            rest.nulls += joint->rows[i];
        else
            used[*atom] += joint->rows[i];
    }
    if (position == joint->leader)
        keep_all(maker, statistics, &rest, used);
    if (!profiled_make(arena, maker, recipe, &rest, err))
        return false;
    recipe->source = RECIPE_PROFILED;
    recipe->joint = joint;
    recipe->joint_column = position;
    return true;
}

static int by_start(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->combination > y->combination) - (x->combination < y->combination);
}

/* Combinations take their rows from the front of their value's places; what is behind them is rest. */
static void make_pieces(struct arena *arena, struct joint *joint)
{
    size_t count = joint->group->mcv_count, literals = 0;
    for (size_t i = 0; i < count; i++) {
        int atom = joint->atom[i * joint->group->column_count + joint->leader];
        literals = (size_t)atom + 2 > literals ? (size_t)atom + 2 : literals;
    }
    int64_t *taken = arena_alloc(arena, (literals + 1) * sizeof *taken); /* nulls first */
    joint->pieces = arena_alloc(arena, (2 * count + 2) * sizeof *joint->pieces);
    for (size_t i = 0; i < count; i++) {
        struct element element = element_of(joint, i, joint->leader);
        struct distribution_range range = distribution_range_of(joint->lead, &element);
        int64_t *used = &taken[joint->atom[i * joint->group->column_count + joint->leader] + 1];
        int64_t rows = joint->rows[i] < range.rows - *used ? joint->rows[i] : range.rows - *used;
        if (rows <= 0)
            continue;
        joint->pieces[joint->piece_count++] = (struct piece){.start = range.first + *used,
                                                             .combination = (int64_t)i};
        joint->pieces[joint->piece_count++] = (struct piece){.start = range.first + *used + rows,
                                                             .combination = -1};
        *used += rows;
    }
    joint->pieces[joint->piece_count++] = (struct piece){.start = 0, .combination = -1};
    qsort(joint->pieces, joint->piece_count, sizeof *joint->pieces, by_start);
    for (size_t i = 1; i < joint->piece_count; i++) {
        const struct piece *before = &joint->pieces[i - 1];
        joint->pieces[i].rest = before->rest +
                                (before->combination < 0 ? joint->pieces[i].start - before->start : 0);
    }
}

static bool make(struct arena *arena, struct row_maker *maker, struct joint *joint, struct err *err)
{
    const struct profile_group *group = joint->group;
    joint->atom = arena_alloc(arena, group->mcv_count * group->column_count * sizeof *joint->atom);
    joint->rows = arena_alloc(arena, group->mcv_count * sizeof *joint->rows);
    joint->stream = rng_hash(maker->recipes[joint->columns[0]].stream, 21, 0);
    make_rows(arena, maker, joint);
    if (!make_column(arena, maker, joint, joint->leader, err))
        return false;
    joint->lead = maker->recipes[joint->columns[joint->leader]].distribution;
    make_rows(arena, maker, joint);
    for (size_t j = 0; j < group->column_count; j++)
        if (j != joint->leader && !make_column(arena, maker, joint, j, err))
            return false;
    make_pieces(arena, joint);
    return true;
}

bool joint_make(struct arena *arena, struct row_maker *maker, struct err *err)
{
    const struct profile_table *source = maker->table->profile;
    for (size_t i = 0; source != NULL && i < source->group_count; i++) {
        struct joint *joint = arena_alloc(arena, sizeof *joint);
        joint->group = &source->groups[i];
        joint->columns = arena_alloc(arena, (joint->group->column_count + 1) * sizeof *joint->columns);
        if (is_free(maker, joint) && !make(arena, maker, joint, err))
            return false;
    }
    return true;
}

/* The last piece that begins at the place or before it; of empty ones that begin there, the last. */
static const struct piece *piece_at(const struct joint *joint, int64_t place)
{
    size_t low = 0, high = joint->piece_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (joint->pieces[middle].start <= place)
            low = middle;
        else
            high = middle;
    }
    return &joint->pieces[low];
}

struct element joint_at(const struct recipe *recipe, int64_t row)
{
    const struct joint *joint = recipe->joint;
    int64_t place = distribution_place(joint->lead, row);
    struct distribution_range range = distribution_around(joint->lead, place);
    int64_t mixed = range.first + (int64_t)permute(rng_hash(joint->stream, 1, (uint64_t)range.first),
                                                   (uint64_t)range.rows, (uint64_t)(place - range.first));
    const struct piece *piece = piece_at(joint, mixed);
    if (recipe->joint_column == joint->leader)
        return distribution_placed(joint->lead, place);
    if (piece->combination >= 0)
        return element_of(joint, (size_t)piece->combination, recipe->joint_column);
    if (joint->rest > 0)
        return distribution_at(recipe->distribution, (piece->rest + mixed - piece->start) % joint->rest);
    /* Shares of values and of combinations are rounded apart: a row more or less. */
    const struct piece *near = piece > joint->pieces ? piece - 1 : piece + 1;
    return near->combination < 0 ? distribution_placed(recipe->distribution, 0)
                                 : element_of(joint, (size_t)near->combination, recipe->joint_column);
}
