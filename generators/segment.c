#include "generators/segment.h"

#include "generators/share.h"

#include <math.h>
#include <stdlib.h>

enum { PARTS = 8, FEW = 16 }; /* fewer values in an outermost bucket: no shape to speak of */

static const int64_t boundless = INT64_MAX / 4;

struct mark {
    double at; /* bucket and how far inside it */
    size_t atom;
};

static int by_place(const void *left, const void *right)
{
    const struct mark *a = left, *b = right;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return a->atom < b->atom ? -1 : 1;
}

static int by_falling_share(const void *left, const void *right)
{
    const struct mark *a = left, *b = right;
    if (a->at != b->at)
        return a->at > b->at ? -1 : 1;
    return a->atom < b->atom ? -1 : 1;
}

static size_t bucket_count(const struct distribution_spec *spec)
{
    return spec->bucket_count == 0 && spec->atom_count == 0 ? 1 : spec->bucket_count;
}

/* Profiles are files that people edit: what cannot be counts as 0. */
static double sound(double x, double most)
{
    return isfinite(x) && x > 0 ? fmin(x, most) : 0;
}

static double atom_share(const struct distribution_spec *spec, size_t atom)
{
    return sound(spec->atom_share[atom], 1);
}

static double capacity_of(const struct distribution_spec *spec, size_t bucket)
{
    double capacity = spec->bucket_capacity != NULL ? spec->bucket_capacity[bucket] : INFINITY;
    return capacity < (double)boundless ? fmax(0, floor(capacity)) : INFINITY;
}

static double share_of(const struct distribution_spec *spec, size_t bucket)
{
    return spec->bucket_share != NULL ? sound(spec->bucket_share[bucket], 1) : 1 / (double)bucket_count(spec);
}

/* ---- rows of the atoms ---- */

/* By their shares; all rows when there is no bucket. */
static void count_by_share(const struct segments *self, int64_t *rows)
{
    const struct distribution_spec *spec = self->spec;
    double *weight = arena_alloc(self->arena, spec->atom_count * sizeof *weight + 1);
    int64_t sum = 0;
    for (size_t i = 0; i < spec->atom_count; i++) {
        weight[i] = atom_share(spec, i);
        sum += rows[i] = (int64_t)llround(weight[i] * (double)spec->rows);
    }
    if (sum > self->rows || bucket_count(spec) == 0)
        share_evenly(weight, spec->atom_count, self->rows, rows);
}

/* By the counts of counts: the most common value has the highest count. False: the two are not of the same data. */
static bool count_by_counts(struct segments *self, double grown, const struct mark *atom, int64_t *rows)
{
    const struct distribution_spec *spec = self->spec;
    double sum = 0, expected = 0;
    size_t class = spec->count_count;
    for (size_t i = 0; i < spec->atom_count; i++) {
        while (class > 0 && self->counts[class - 1].values == 0)
            class --;
        if (class == 0)
            return false;
        self->counts[class - 1].values--;
        double each = (double)self->counts[class - 1].rows * grown;
        rows[atom[i].atom] = (int64_t)llround(each);
        sum += each;
        expected += atom[i].at * (double)spec->rows;
    }
    return sum <= (double)self->rows && sum < 2 * expected && expected < 2 * sum;
}

static double rows_counted(const struct distribution_spec *spec)
{
    double rows = 0;
    for (size_t i = 0; i < spec->count_count; i++)
        rows += (double)spec->counts[i].rows * (double)spec->counts[i].values;
    return rows;
}

static void use_counts(struct segments *self, int64_t *rows)
{
    const struct distribution_spec *spec = self->spec;
    self->counts = arena_alloc(self->arena, spec->count_count * sizeof *self->counts);
    for (size_t i = 0; i < spec->count_count; i++)
        self->counts[i] = spec->counts[i];
    struct mark *atom = arena_alloc(self->arena, spec->atom_count * sizeof *atom + 1);
    for (size_t i = 0; i < spec->atom_count; i++)
        atom[i] = (struct mark){.at = atom_share(spec, i), .atom = i};
    qsort(atom, spec->atom_count, sizeof *atom, by_falling_share);
    double grown = (double)self->rows / rows_counted(spec);
    if (spec->atom_count > 0 && bucket_count(spec) > 0 &&
        !count_by_counts(self, fabs(grown - 1) < 0.02 ? 1 : grown, atom, rows))
        count_by_share(self, rows);
}

static int64_t count_atoms(struct segments *self, int64_t *rows)
{
    const struct distribution_spec *spec = self->spec;
    count_by_share(self, rows);
    if (spec->counts != NULL && rows_counted(spec) > 0)
        use_counts(self, rows);
    int64_t sum = 0;
    self->last_atom = INFINITY;
    for (size_t i = 0; i < spec->atom_count; i++) {
        sum += rows[i];
        if (rows[i] > 0)
            self->last_atom = fmin(self->last_atom, (double)rows[i]);
    }
    return sum;
}

/* ---- parts of buckets ---- */

struct bucket {
    size_t index;
    double share, distinct, capacity;
    double fall; /* its density falls outwards as e^(−fall · x); 0: even */
    bool first;
};

/* The share of a bucket's rows that lies between two places in it. */
static double share_between(const struct bucket *bucket, double from, double to)
{
    if (bucket->fall <= 0)
        return to - from;
    double near = bucket->first ? 1 - to : from, far = bucket->first ? 1 - from : to;
    return (exp(-bucket->fall * near) - exp(-bucket->fall * far)) / -expm1(-bucket->fall);
}

static struct segment *push(struct segments *self)
{
    return ARENA_PUSH(self->arena, self->list, self->count, self->capacity);
}

static void push_part(struct segments *self, const struct bucket *bucket, double from, double to)
{
    struct segment *segment = push(self);
    double share = share_between(bucket, from, to);
    bool bound = isfinite(bucket->capacity);
    double first = bound ? floor(from * bucket->capacity) : 0;
    *segment = (struct segment){.index = bucket->index,
                                .weight = bucket->share * share,
                                .value_weight = bucket->distinct * share,
                                .placed = bucket->fall > 0,
                                .place = (int64_t)first,
                                .capacity = boundless};
    if (bound)
        segment->capacity = (int64_t)(floor(to * bucket->capacity) - first);
}

static void push_between(struct segments *self, const struct bucket *bucket, double from, double to)
{
    if (to <= from)
        return;
    if (bucket->fall <= 0) {
        push_part(self, bucket, from, to);
        return;
    }
    for (int i = 0; i < PARTS; i++) {
        double low = fmax(from, (double)i / PARTS), high = fmin(to, (double)(i + 1) / PARTS);
        if (high > low)
            push_part(self, bucket, low, high);
    }
}

/* An outermost bucket that is wider than its neighbour ends in outliers: its density begins as the neighbour's and falls. */
static double fall_of(const struct segments *self, size_t index)
{
    const struct distribution_spec *spec = self->spec;
    size_t count = bucket_count(spec);
    if (count < 3 || (index != 0 && index + 1 != count))
        return 0;
    size_t next = index == 0 ? 1 : count - 2;
    double width = capacity_of(spec, index), next_width = capacity_of(spec, next);
    double share = share_of(spec, index), next_share = share_of(spec, next);
    double values = sound(spec->distinct, 1e18) > 0 ? fmin(spec->distinct, (double)self->tail_rows)
                                                    : (double)self->tail_rows;
    if (!isfinite(width) || !isfinite(next_width) || next_width < 1 || share <= 0 || next_share <= 0 ||
        values * share < FEW)
        return 0;
    double steep = width / share / (next_width / next_share);
    return steep > 1.25 ? fmin(30, tail_even(steep, 1)) : 0;
}

static struct bucket bucket_at(const struct segments *self, size_t index)
{
    const struct distribution_spec *spec = self->spec;
    double share = share_of(spec, index);
    return (struct bucket){
        .index = index,
        .share = share,
        .distinct = spec->bucket_distinct != NULL ? sound(spec->bucket_distinct[index], 1e15) : share,
        .capacity = capacity_of(spec, index),
        .fall = fall_of(self, index),
        .first = index == 0};
}

static struct mark *sort_atoms(const struct segments *self)
{
    const struct distribution_spec *spec = self->spec;
    struct mark *mark = arena_alloc(self->arena, spec->atom_count * sizeof *mark + 1);
    for (size_t i = 0; i < spec->atom_count; i++) {
        double bucket = spec->atom_bucket != NULL ? (double)spec->atom_bucket[i] : 0;
        double within = spec->atom_within != NULL ? fmin(1, fmax(0, spec->atom_within[i])) : 0;
        mark[i] = (struct mark){.at = bucket + within, .atom = i};
    }
    qsort(mark, spec->atom_count, sizeof *mark, by_place);
    return mark;
}

static void lay_out(struct segments *self, const int64_t *atom_rows)
{
    size_t buckets = self->tail_rows > 0 ? bucket_count(self->spec) : 0, atoms = self->spec->atom_count;
    const struct mark *mark = sort_atoms(self);
    size_t next = 0;
    for (size_t i = 0; i <= buckets; i++) {
        struct bucket bucket = i < buckets ? bucket_at(self, i) : (struct bucket){0};
        double from = 0;
        for (; next < atoms && (i == buckets || mark[next].at < (double)(i + 1)); next++) {
            size_t atom = mark[next].atom;
            if (atom_rows[atom] == 0)
                continue;
            if (i < buckets) {
                push_between(self, &bucket, from, mark[next].at - (double)i);
                from = fmax(from, mark[next].at - (double)i);
            }
            *push(self) = (struct segment){.atom = true, .index = atom, .rows = atom_rows[atom], .values = 1};
        }
        if (i < buckets)
            push_between(self, &bucket, from, 1);
    }
}

static void share_rows(struct segments *self)
{
    double *weight = arena_alloc(self->arena, self->count * sizeof *weight + 1);
    int64_t *rows = arena_alloc(self->arena, self->count * sizeof *rows + 1);
    double sum = 0;
    for (size_t i = 0; i < self->count; i++)
        sum += weight[i] = self->list[i].weight;
    for (size_t i = 0; sum <= 0 && i < self->count; i++) /* no bucket has a share: all have the same */
        weight[i] = self->list[i].atom ? 0 : 1;
    share_evenly(weight, self->count, self->tail_rows, rows);
    for (size_t i = 0; i < self->count; i++)
        if (!self->list[i].atom)
            self->list[i].rows = rows[i];
}

static int64_t values_wanted(const struct segments *self, int64_t atoms)
{
    const struct distribution_spec *spec = self->spec;
    double distinct = sound(spec->distinct, 1e18);
    if (distinct <= 0 && self->counts != NULL) {
        distinct = (double)atoms;
        for (size_t i = 0; i < spec->count_count; i++)
            distinct += (double)self->counts[i].values;
    }
    if (distinct <= 0 || distinct >= (double)self->rows)
        return self->tail_rows;
    int64_t tail = (int64_t)llround(distinct) - atoms;
    return tail < 1 ? 1 : tail > self->tail_rows ? self->tail_rows : tail;
}

void segments_make(struct segments *segments, struct arena *arena, const struct distribution_spec *spec,
                   int64_t rows)
{
    *segments = (struct segments){.arena = arena, .spec = spec, .rows = rows};
    int64_t *atom_rows = arena_alloc(arena, spec->atom_count * sizeof *atom_rows + 1), atoms = 0;
    segments->tail_rows = rows - count_atoms(segments, atom_rows);
    for (size_t i = 0; i < spec->atom_count; i++)
        atoms += atom_rows[i] > 0;
    lay_out(segments, atom_rows);
    if (segments->tail_rows == 0)
        return;
    share_rows(segments);
    segments->tail_values = values_wanted(segments, atoms);
}
