#include "generators/parents.h"

#include <math.h>
#include <stdlib.h>

/* Values of the source to those of a table with more or fewer parents, from the most rows down: each is the mean of several,
 * or one of several alike. */
struct thinning {
    struct profile_count *list; /* falling rows */
    size_t count;
    double ratio, each;  /* values for one; rows for one */
    double filled, rows; /* of the value that is not whole yet: how much of it, and its rows */
};

static void push_values(struct thinning *self, double rows, int64_t values)
{
    int64_t whole = (int64_t)fmax(1, round(rows * self->each));
    if (values > 0 && self->count > 0 && self->list[self->count - 1].rows == whole)
        self->list[self->count - 1].values += values;
    else if (values > 0)
        self->list[self->count++] = (struct profile_count){.rows = whole, .values = values};
}

static void thin_class(struct thinning *self, double rows, double values)
{
    static const double nearly = 1 - 1e-9;
    double left = values * self->ratio, part = fmin(left, self->filled > 0 ? 1 - self->filled : 0);
    self->rows += part * rows;
    self->filled += part;
    left -= part;
    if (self->filled > nearly) {
        push_values(self, self->rows, 1);
        self->filled = self->rows = 0;
    }
    push_values(self, rows, (int64_t)floor(left + 1e-9));
    double rest = fmax(0, left - floor(left + 1e-9));
    self->filled += rest;
    self->rows += rest * rows;
}

static double children(const struct profile_count *counts, size_t count)
{
    double rows = 0;
    for (size_t i = 0; i < count; i++)
        rows += (double)counts[i].rows * (double)counts[i].values;
    return rows;
}

/* What is counted of all rows is truer than a sample's nulls, if they are about as many. */
void parents_count_nulls(struct parents_making *m, const struct profile_count *counts, size_t count)
{
    const struct profile_table *table = m->maker->table->profile;
    double nulls = table != NULL && table->rows > 0 ? 1 - children(counts, count) / table->rows : -1;
    if (nulls >= 0 && m->spec.null_ratio > 0 && fabs(nulls - m->spec.null_ratio) < 0.02)
        m->spec.null_ratio = nulls;
}

/* Those without children have no part in it. */
void parents_use_counts(struct parents_making *m, const struct profile_count *counts, size_t count)
{
    struct thinning thin = {.list = arena_alloc(m->arena, (2 * count + 2) * sizeof *thin.list),
                            .ratio = m->ratio};
    double rows = children(counts, count), values = 0;
    if (rows <= 0)
        return;
    thin.each = (double)m->spec.rows * (1 - m->spec.null_ratio) / (rows * m->ratio);
    for (size_t i = count; i-- > 0 && counts[i].rows > 0;)
        thin_class(&thin, (double)counts[i].rows, (double)counts[i].values);
    if (thin.filled > 0.5 || thin.count == 0)
        push_values(&thin, thin.rows / thin.filled, 1);
    for (size_t i = 0; i < thin.count / 2; i++) {
        struct profile_count swapped = thin.list[i];
        thin.list[i] = thin.list[thin.count - 1 - i];
        thin.list[thin.count - 1 - i] = swapped;
    }
    for (size_t i = 0; i < thin.count; i++)
        values += (double)thin.list[i].values;
    m->spec.counts = thin.list;
    m->spec.count_count = thin.count;
    m->spec.distinct = values;
}

/* ---- parents that all have children ---- */

/* The place where the normal distribution has this share below it. */
static double normal_at(double share)
{
    double low = -8, high = 8;
    for (int i = 0; i < 40; i++) {
        double middle = (low + high) / 2;
        *(erfc(-middle / sqrt(2)) / 2 < share ? &low : &high) = middle;
    }
    return (low + high) / 2;
}

struct shape {
    double mean, rarest; /* children of those that are no common values; of the rarest common value */
    double values, rows;
    double spread; /* standard deviation */
    bool even;     /* as many of each number; else as the normal distribution has them */
};

/* Where few are common, their rarest one tells how far the others spread, less what sampling adds. Where many are, the others
 * go on below it at the same distance. */
static bool find_shape(const struct parents_making *m, double atoms, double filled, struct shape *shape)
{
    static const double few = 0.15;
    const struct profile_table *source = m->maker->table->profile;
    double all = atoms + shape->values, mean = filled / all;
    double sampled = source->sample_rows > 0 ? fmin(1, source->sample_rows / source->rows) : 1;
    double low = 2 * shape->mean - shape->rarest;
    if (atoms / all < few && shape->rarest > mean) {
        double spread = (shape->rarest - mean) / normal_at(1 - atoms / all);
        shape->spread = sqrt(fmax(0, spread * spread - mean * (1 - sampled) / sampled));
        shape->even = false;
        return shape->spread < shape->mean / 2;
    }
    shape->even = true;
    shape->spread = fmax(0, shape->rarest - shape->mean);
    return low > 0.5;
}

static double shape_at(const struct shape *shape, double share)
{
    double at = shape->even ? shape->mean + shape->spread * (2 * share - 1)
                            : shape->mean + shape->spread * normal_at(share);
    return fmax(1, round(fmin(at, fmax(shape->rarest, shape->mean + 0.5))));
}

/* All rows were looked at, and the common ones have hardly more children than the others: all have as many. */
static bool are_alike(const struct parents_making *m, const struct shape *shape)
{
    static const double nearly = 0.9;
    const struct profile_table *source = m->maker->table->profile;
    return source->sample_rows >= source->rows && shape->mean >= nearly * shape->rarest;
}

bool parents_spread(struct parents_making *m)
{
    enum { MOST = 20000 };
    static const double nearly = 0.9;
    size_t atoms = m->spec.atom_count, kept = 0;
    double filled = (double)m->spec.rows * (1 - m->spec.null_ratio), rest = filled;
    for (size_t i = 0; i < atoms; i++)
        rest -= round(m->spec.atom_share[i] * (double)m->spec.rows);
    struct shape shape = {.values = m->spec.distinct - (double)atoms, .rows = rest};
    if (atoms == 0 || shape.values < 2 || shape.values > MOST || rest < shape.values ||
        m->maker->table->profile == NULL)
        return false;
    shape.mean = rest / shape.values;
    shape.rarest = round(m->spec.atom_share[atoms - 1] * (double)m->spec.rows);
    if (are_alike(m, &shape))
        shape.even = true; /* without spread */
    else if (m->spec.distinct < nearly * (double)m->parents_count ||
             !find_shape(m, (double)atoms, filled, &shape))
        return false;
    size_t most = (size_t)shape.values + atoms;
    struct profile_count *counts = arena_alloc(m->arena, (most + 1) * sizeof *counts);
    for (size_t i = 0; i < most; i++) { /* ascending: the others, then the common ones from the rarest on */
        double share = ((double)i + 0.5) / shape.values;
        double rows = i < (size_t)shape.values
                          ? shape_at(&shape, share)
                          : round(m->spec.atom_share[most - 1 - i] * (double)m->spec.rows);
        if (kept > 0 && counts[kept - 1].rows >= (int64_t)rows)
            counts[kept - 1].values++;
        else
            counts[kept++] = (struct profile_count){.rows = (int64_t)rows, .values = 1};
    }
    m->spec.counts = counts;
    m->spec.count_count = kept;
    return true;
}

/* Keys before the first bound and behind the last, where those of the parents are counted from one without gaps: children of
 * the newest, or the oldest, parents only. */
void parents_find_gaps(const struct parents_making *m, double *before, double *behind)
{
    static const double sparse = 1.02; /* keys that reach further than there are parents have gaps anywhere */
    static const double least =
        0.02; /* of the parents: bounds of a sample, and moved ones, lie a little inside */
    static const double most = 0.2; /* of the parents between, by which their number may be wrong */
    const struct reference *reference = m->reference;
    const struct recipe *key = reference->parent == NULL
                                   ? NULL
                                   : &reference->parent->recipes[reference->key->parent_columns[0]];
    *before = *behind = 0;
    if (key == NULL || key->source != RECIPE_NUMBERED || !value_kind_is_integer(key->spec.kind))
        return;
    double first = strtod(m->statistics->bounds[0], NULL),
           last = strtod(m->statistics->bounds[m->statistics->bound_count - 1], NULL);
    for (size_t i = 0; i < m->statistics->mcv_count; i++) {
        first = fmin(first, strtod(m->statistics->mcv[i].value, NULL));
        last = fmax(last, strtod(m->statistics->mcv[i].value, NULL));
    }
    double more = fmax(0, m->spec.distinct / m->ratio - (last - first + 1));
    if (first < 1 || last > sparse * reference->source_rows || more > most * (last - first))
        return;
    double below = fmax(0, first - 1 - more);
    double above = fmax(0, reference->source_rows - last - fmax(0, more - (first - 1)));
    if (below + above < least * reference->source_rows)
        return;
    *before = below;
    *behind = above;
}
