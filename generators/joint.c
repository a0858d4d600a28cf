#include "generators/profiled.h"

#include "bench/base/rng.h"

#include <math.h>
#include <string.h>

/* Combinations that are common are atoms of several columns at once, which share one rank; in the other rows each column
 * goes by what is left of its own. */

enum { JOINT_NULL = -1 };

struct joint {
    const struct distribution
        *distribution; /* atoms: combinations; the others: each row a value of its own */
    const struct profile_group *group;
    size_t *columns; /* of the table */
    int *atom;       /* of each combination, each column: among the column's literals */
    int64_t *rows;   /* of each combination */
    int64_t rest;    /* rows in no combination */
};

static bool has_order(const struct profile_column *statistics)
{
    return isfinite(statistics->correlation) && fabs(statistics->correlation) > 0.5 &&
           statistics->bound_count > 0;
}

/* Its columns are made from statistics alone, and in no other combination, nor do they lie in the order of the rows. */
static bool is_free(const struct row_maker *maker, const struct profile_group *group, size_t *columns)
{
    const struct profile_table *source = maker->table->profile;
    for (size_t i = 0; i < group->column_count; i++) {
        const char *name = source->columns[group->columns[i]].name;
        size_t at = 0;
        while (at < maker->table->column_count && strcmp(maker->table->columns[at].name, name) != 0)
            at++;
        if (at == maker->table->column_count || !profiled_is_known(&maker->recipes[at]) ||
            maker->recipes[at].joint != NULL || maker->recipes[at].distribution != NULL ||
            has_order(maker->recipes[at].column->statistics))
            return false;
        columns[i] = at;
    }
    return group->mcv_count > 0 && group->column_count > 1;
}

static void make_rows(struct arena *arena, const struct row_maker *maker, struct joint *joint,
                      uint64_t stream)
{
    const struct profile_group *group = joint->group;
    double *share = arena_alloc(arena, group->mcv_count * sizeof *share), sum = 0;
    for (size_t i = 0; i < group->mcv_count; i++)
        sum += share[i] = group->mcv[i].share;
    struct distribution_spec spec = {.stream = stream,
                                     .rows = maker->rows,
                                     .atom_share = share,
                                     .atom_count = group->mcv_count,
                                     .bucket_count = sum < 0.9999,
                                     .correlation = NAN};
    joint->distribution = distribution_make(arena, &spec);
    joint->rest = maker->rows;
    for (size_t i = 0; i < group->mcv_count; i++) {
        const struct element element = {.kind = ELEMENT_ATOM, .index = (uint32_t)i, .values = 1};
        joint->rows[i] = distribution_count(joint->distribution, &element);
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
    if (!profiled_make(arena, maker, recipe, &rest, err))
        return false;
    recipe->source = RECIPE_PROFILED;
    recipe->joint = joint;
    recipe->joint_column = position;
    return true;
}

bool joint_make(struct arena *arena, struct row_maker *maker, struct err *err)
{
    const struct profile_table *source = maker->table->profile;
    for (size_t i = 0; source != NULL && i < source->group_count; i++) {
        const struct profile_group *group = &source->groups[i];
        struct joint *joint = arena_alloc(arena, sizeof *joint);
        joint->group = group;
        joint->columns = arena_alloc(arena, (group->column_count + 1) * sizeof *joint->columns);
        if (!is_free(maker, group, joint->columns))
            continue;
        joint->atom = arena_alloc(arena, group->mcv_count * group->column_count * sizeof *joint->atom);
        joint->rows = arena_alloc(arena, group->mcv_count * sizeof *joint->rows);
        make_rows(arena, maker, joint, rng_hash(maker->recipes[joint->columns[0]].stream, 21, i));
        for (size_t j = 0; j < group->column_count; j++)
            if (!make_column(arena, maker, joint, j, err))
                return false;
    }
    return true;
}

struct element joint_at(const struct recipe *recipe, int64_t row)
{
    const struct joint *joint = recipe->joint;
    struct element element = distribution_at(joint->distribution, row);
    if (element.kind != ELEMENT_ATOM)
        return distribution_at(recipe->distribution, (int64_t)element.value);
    int atom = joint->atom[element.index * joint->group->column_count + recipe->joint_column];
    if (atom == JOINT_NULL)
        return (struct element){.kind = ELEMENT_NULL};
    return (struct element){.kind = ELEMENT_ATOM, .index = (uint32_t)atom, .values = 1};
}
