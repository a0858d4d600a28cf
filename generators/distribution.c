#include "generators/distribution_rank.h"

#include "bench/base/rng.h"
#include "generators/order.h"
#include "generators/segment.h"
#include "generators/zone.h"

#include <math.h>
#include <stdlib.h>

struct distribution {
    struct order order;
    struct zones zones;
    struct spectrum counts;
    int64_t rows, nulls, distinct, most;
};

struct stretches {
    struct arena *arena;
    struct order_stretch *list;
    size_t count, capacity;
};

static void push_stretch(struct stretches *self, double share, bool equal, double squares)
{
    *ARENA_PUSH(self->arena, self->list, self->count,
                self->capacity) = (struct order_stretch){.share = share, .squares = squares, .equal = equal};
}

/* Values that are common though no atoms stand for themselves, in any order: a part of a bucket is narrow. */
static void push_part(struct stretches *self, const struct spectrum *spectrum, double rows)
{
    static const double common = 0.002;
    double rare = 0, squares = 0;
    for (size_t i = 0; i < spectrum->count; i++) {
        double share = (double)spectrum->classes[i].rows / rows;
        for (int64_t j = 0; share > common && j < spectrum->classes[i].values; j++)
            push_stretch(self, share, true, 0);
        rare += share > common ? 0 : share * (double)spectrum->classes[i].values;
        squares += share > common ? 0 : share * share * (double)spectrum->classes[i].values;
    }
    push_stretch(self, rare, false, squares);
}

/* How much of the sort order is to be kept for the wanted correlation; none for any. */
static double share_kept(const struct segments *segments, double correlation, bool *falling)
{
    if (!isfinite(correlation))
        return 0;
    struct stretches stretches = {.arena = segments->arena};
    double rows = (double)segments->rows;
    for (size_t i = 0; i < segments->count; i++) {
        const struct segment *segment = &segments->list[i];
        if (segment->atom)
            push_stretch(&stretches, (double)segment->rows / rows, true, 0);
        else
            push_part(&stretches, &segment->spectrum, rows);
    }
    return order_mix(stretches.list, stretches.count, correlation, falling);
}

static int64_t count_nulls(const struct distribution_spec *spec)
{
    double ratio = isfinite(spec->null_ratio) ? fmin(1, fmax(0, spec->null_ratio)) : 0;
    int64_t nulls = (int64_t)llround(ratio * (double)spec->rows);
    return nulls > spec->rows ? spec->rows : nulls;
}

static void count_values(struct distribution *self, const struct segments *segments)
{
    self->counts = (struct spectrum){.arena = segments->arena};
    for (size_t i = 0; i < segments->count; i++) {
        const struct segment *segment = &segments->list[i];
        const struct spectrum *part = &segment->spectrum;
        if (segment->atom)
            spectrum_add(&self->counts, segment->rows, 1);
        for (size_t j = 0; !segment->atom && j < part->count; j++)
            spectrum_add(&self->counts, part->classes[j].rows, part->classes[j].values);
    }
    self->distinct = spectrum_values(&self->counts);
    if (self->counts.count > 0)
        self->most = self->counts.classes[self->counts.count - 1].rows;
}

const struct distribution *distribution_make(struct arena *arena, const struct distribution_spec *spec)
{
    struct distribution *self = arena_alloc(arena, sizeof *self);
    self->rows = spec->rows;
    self->nulls = count_nulls(spec);
    struct segments segments;
    segments_make(&segments, arena, spec, self->rows - self->nulls);
    segments_fill(&segments);
    count_values(self, &segments);
    zones_make(&self->zones, &segments);
    bool falling = false;
    double kept = segments.rows > 0 ? share_kept(&segments, spec->correlation, &falling) : 1;
    uint64_t null_stream = spec->null_stream != 0 ? spec->null_stream : spec->stream;
    order_make(&self->order, rng_hash(spec->stream, 12, 0), rng_hash(null_stream, 12, 0), self->rows,
               self->nulls, kept, falling);
    return self;
}

struct element distribution_at(const struct distribution *distribution, int64_t row)
{
    int64_t rank = order_rank(&distribution->order, row);
    return rank < 0 ? (struct element){.kind = ELEMENT_NULL} : zones_at(&distribution->zones, (uint64_t)rank);
}

struct element distribution_quantile(const struct distribution *distribution, double u)
{
    int64_t rows = distribution->rows - distribution->nulls;
    if (rows == 0)
        return (struct element){.kind = ELEMENT_NULL};
    int64_t rank = (int64_t)(fmax(0, u) * (double)rows);
    return zones_at(&distribution->zones, (uint64_t)(rank < rows ? rank : rows - 1));
}

int64_t distribution_count(const struct distribution *distribution, const struct element *element)
{
    return element->kind == ELEMENT_NULL ? distribution->nulls : zones_rows(&distribution->zones, element);
}

int64_t distribution_distinct(const struct distribution *distribution)
{
    return distribution->distinct;
}

int64_t distribution_filled(const struct distribution *distribution)
{
    return distribution->rows - distribution->nulls;
}

struct element distribution_ranked(const struct distribution *distribution, int64_t rank)
{
    return zones_at(&distribution->zones, (uint64_t)rank);
}

bool distribution_standing(const struct distribution *distribution, int64_t row,
                           struct distribution_standing *standing)
{
    standing->rank = order_rank(&distribution->order, row);
    if (standing->rank < 0)
        return false;
    standing->element = zones_at(&distribution->zones, (uint64_t)standing->rank);
    zones_nth(&distribution->zones, (uint64_t)standing->rank, &standing->nth, &standing->count);
    return true;
}

static int by_falling_rows(const void *left, const void *right)
{
    const struct distribution_range *a = left, *b = right;
    if (a->rows != b->rows)
        return a->rows < b->rows ? 1 : -1;
    return a->first < b->first ? -1 : 1;
}

struct distribution_range *distribution_common(const struct distribution *distribution, struct arena *arena,
                                               int64_t least_rows, size_t *count)
{
    struct distribution_range *list = NULL;
    size_t capacity = 0;
    int64_t nth, rows;
    *count = 0;
    for (int64_t rank = 0; rank < distribution_filled(distribution); rank += rows) {
        zones_nth(&distribution->zones, (uint64_t)rank, &nth, &rows);
        if (rows >= least_rows)
            *ARENA_PUSH(arena, list, *count, capacity) = (struct distribution_range){rank, rows};
    }
    if (*count > 0)
        qsort(list, *count, sizeof *list, by_falling_rows);
    return list;
}

int64_t distribution_most(const struct distribution *distribution)
{
    return distribution->most;
}

int64_t distribution_place(const struct distribution *distribution, int64_t row)
{
    return order_place(&distribution->order, row);
}

struct element distribution_placed(const struct distribution *distribution, int64_t place)
{
    return place < distribution_filled(distribution) ? zones_at(&distribution->zones, (uint64_t)place)
                                                     : (struct element){.kind = ELEMENT_NULL};
}

struct distribution_range distribution_around(const struct distribution *distribution, int64_t place)
{
    int64_t filled = distribution_filled(distribution), nth, rows;
    if (place >= filled)
        return (struct distribution_range){filled, distribution->nulls};
    zones_nth(&distribution->zones, (uint64_t)place, &nth, &rows);
    return (struct distribution_range){place - nth, rows};
}

int64_t distribution_rows(const struct distribution *distribution)
{
    return distribution->rows;
}

const struct profile_count *distribution_counts(const struct distribution *distribution, size_t *count)
{
    *count = distribution->counts.count;
    return distribution->counts.classes;
}

int64_t distribution_row(const struct distribution *distribution, int64_t rank)
{
    return order_row(&distribution->order, rank);
}

struct distribution_range distribution_range_of(const struct distribution *distribution,
                                                const struct element *element)
{
    const struct zones *zones = &distribution->zones;
    if (element->kind == ELEMENT_NULL)
        return (struct distribution_range){distribution_filled(distribution), distribution->nulls};
    for (size_t i = 0; i < zones->count; i++)
        if (zones->list[i].places == 0 && zones->list[i].index == element->index)
            return (struct distribution_range){(int64_t)zones->start[i],
                                               (int64_t)(zones->start[i + 1] - zones->start[i])};
    return (struct distribution_range){0, 0};
}
