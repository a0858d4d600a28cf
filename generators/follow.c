#include "generators/profiled.h"
#include "generators/share.h"

#include <math.h>
#include <stdlib.h>

/* The follower's rank is the lead's, multiplied: a lattice. Each rank is taken once, so that every value keeps its rows, and
 * the ranks of one value of the lead lie far apart, so that none of the follower's comes twice beside it: the golden section
 * keeps them so. Where a value of the lead has too many rows for that, the follower's values are a sample as large: drawn
 * at equal distances from a start of its own (systematic sampling), after what is so common that two draws could meet it,
 * which is taken once. What is taken once by many has fewer rows than its share: it weighs more with the others. */

__extension__ typedef unsigned __int128 wide;

enum {
    RARE = 8, /* so many times rarer than two draws are apart: of no account */
    UNIT = 1024,
    MOST_HOT = 1 << 20,
    WEIGHED = 512,
    TURNS = 40
};

/* So many multiples of the golden section are at least this far apart, of an even distance: a little less. */
static const double APART = 0.36;

struct follow {
    const struct distribution *lead, *own;
    uint64_t stream;
    int64_t filled;             /* of own */
    int64_t step, lattice_most; /* of the lattice; rows of a value of the lead for which it holds */
    int64_t light;              /* rows of a value of the lead for which weights still lie far enough apart */
    struct distribution_range *hot; /* common values, by falling rows */
    size_t hot_count;
    uint64_t *before; /* weight of those before each, in 1/UNIT rows; and of all of them */
    uint64_t cold;    /* weight of the others */
    int64_t cold_rows;
    int64_t *cold_before,
        *skipped; /* by rank: cold rows before a common value, rows of it and the common ones before it */
};

/* ---- common values ---- */

static uint64_t weight(const struct follow *follow, size_t hot)
{
    return follow->before[hot + 1] - follow->before[hot];
}

static uint64_t left_after(const struct follow *follow, size_t taken)
{
    return follow->before[follow->hot_count] + follow->cold - follow->before[taken];
}

/* How many of the commonest are certain among count draws. */
static size_t certain(const struct follow *follow, int64_t count)
{
    size_t low = 0, high = follow->hot_count < (size_t)count ? follow->hot_count : (size_t)count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((wide)weight(follow, middle) * (uint64_t)(count - (int64_t)middle) > left_after(follow, middle))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void set_weights(struct follow *follow, const double *weights, double cold)
{
    double sum = cold, scale;
    for (size_t i = 0; i < follow->hot_count; i++)
        sum += weights[i];
    scale = (double)follow->filled * UNIT / sum;
    for (size_t i = 0; i < follow->hot_count; i++)
        follow->before[i + 1] = follow->before[i] + (uint64_t)fmax(1, round(weights[i] * scale));
    follow->cold = (uint64_t)round(cold * scale);
    double most = follow->hot_count > 0 ? (double)weight(follow, 0) : UNIT;
    follow->light = (int64_t)(APART * (double)left_after(follow, 0) / most);
}

/* Rows that the commonest have with these weights; returns those of all others. */
static double expect(const struct follow *follow, double *rows, size_t weighed)
{
    size_t classes;
    const struct profile_count *counts = distribution_counts(follow->lead, &classes);
    double others = 0;
    for (size_t i = 0; i < weighed; i++)
        rows[i] = 0;
    for (size_t c = 0; c < classes; c++) {
        size_t taken = certain(follow, counts[c].rows);
        double values = (double)counts[c].values, left = (double)left_after(follow, taken);
        double draws = (double)(counts[c].rows - (int64_t)taken), known = 0;
        for (size_t i = 0; i < weighed; i++) {
            double chance = i < taken ? 1 : left > 0 ? draws * (double)weight(follow, i) / left : 0;
            rows[i] += values * chance;
            known += chance;
        }
        others += values * ((double)counts[c].rows - known);
    }
    return others;
}

/* Weights with which the common ones have their rows. */
static void weigh(struct arena *arena, struct follow *follow)
{
    size_t count = follow->hot_count, weighed = count < WEIGHED ? count : WEIGHED;
    double *weights = arena_alloc(arena, (count + 1) * sizeof *weights);
    double *rows = arena_alloc(arena, (count + 1) * sizeof *rows);
    double cold = (double)follow->cold_rows, rest = (double)follow->cold_rows;
    for (size_t i = 0; i < count; i++)
        weights[i] = (double)follow->hot[i].rows;
    for (size_t i = weighed; i < count; i++)
        rest += weights[i];
    set_weights(follow, weights, cold);
    for (int turn = 0; turn < TURNS && certain(follow, distribution_most(follow->lead)) > 0; turn++) {
        double others = expect(follow, rows, weighed);
        for (size_t i = 0; i < weighed; i++)
            weights[i] *= rows[i] > 0 ? (double)follow->hot[i].rows / rows[i] : 1;
        double more = others > 0 ? rest / others : 1;
        for (size_t i = weighed; i < count; i++)
            weights[i] *= more;
        cold *= more;
        for (size_t i = count; i-- > 1;) /* the order stays */
            weights[i - 1] = fmax(weights[i - 1], weights[i]);
        set_weights(follow, weights, cold);
    }
}

static int by_first(const void *left, const void *right)
{
    const struct distribution_range *a = left, *b = right;
    return a->first < b->first ? -1 : 1;
}

static void sort_by_rank(struct arena *arena, struct follow *follow)
{
    size_t count = follow->hot_count;
    struct distribution_range *sorted = arena_alloc(arena, (count + 1) * sizeof *sorted);
    follow->cold_before = arena_alloc(arena, (count + 1) * sizeof *follow->cold_before);
    follow->skipped = arena_alloc(arena, (count + 1) * sizeof *follow->skipped);
    follow->cold_rows = follow->filled;
    for (size_t i = 0; i < count; i++)
        sorted[i] = follow->hot[i];
    qsort(sorted, count, sizeof *sorted, by_first);
    for (size_t i = 0; i < count; i++) {
        follow->cold_before[i] = sorted[i].first - follow->skipped[i];
        follow->skipped[i + 1] = follow->skipped[i] + sorted[i].rows;
        follow->cold_rows -= sorted[i].rows;
    }
}

static bool fits_memory(const struct distribution *own, int64_t least_rows)
{
    size_t classes;
    int64_t values = 0;
    const struct profile_count *counts = distribution_counts(own, &classes);
    for (size_t i = 0; i < classes; i++)
        values += counts[i].rows >= least_rows ? counts[i].values : 0;
    return values <= MOST_HOT;
}

/* ---- the lattice ---- */

/* So many ranks in a row of the lead are apart by more than any value of the follower has rows. */
static void make_lattice(struct follow *follow, int64_t most, int64_t widest)
{
    int64_t count = follow->filled, at = 0;
    follow->step = (int64_t)((double)count * 0.6180339887498949);
    while (follow->step < count && share_divisor(count, follow->step) != 1)
        follow->step++;
    follow->lattice_most = 1;
    while (follow->lattice_most < most) {
        at = (at + follow->step) % count;
        int64_t gap = at < count - at ? at : count - at;
        if (gap < widest)
            return;
        follow->lattice_most++;
    }
}

const struct follow *follow_make(struct arena *arena, uint64_t stream, const struct distribution *lead,
                                 const struct distribution *own)
{
    struct follow *self = arena_alloc(arena, sizeof *self);
    int64_t most = distribution_most(lead);
    *self = (struct follow){.lead = lead, .own = own, .stream = stream, .filled = distribution_filled(own)};
    if (self->filled == 0 || most == 0 || most > distribution_distinct(own))
        return NULL;
    make_lattice(self, most, distribution_most(own));
    if (self->lattice_most >= most)
        return self;
    self->lattice_most = 0; /* the two ways would not know what the other has taken */
    int64_t rare = self->filled / (RARE * most) + 1;
    if (!fits_memory(own, rare))
        return NULL;
    self->hot = distribution_common(own, arena, rare, &self->hot_count);
    self->before = arena_alloc(arena, (self->hot_count + 1) * sizeof *self->before);
    sort_by_rank(arena, self);
    weigh(arena, self);
    size_t taken = certain(self, most);
    double apart = (double)left_after(self, taken) / fmax(1, (double)(most - (int64_t)taken));
    double widest = self->cold_rows > 0 ? (double)self->cold / (double)self->cold_rows * (double)rare : 0;
    return most <= (int64_t)taken || apart >= widest ? self : NULL;
}

/* ---- using ---- */

/* The last of the sorted numbers that is not above it; the first is 0. */
static size_t last_before(const uint64_t *sorted, size_t count, uint64_t at)
{
    size_t low = 0, high = count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        *(sorted[middle] <= at ? &low : &high) = middle;
    }
    return low;
}

/* The rank of a rare value's row, of which so many are before it. */
static int64_t cold_rank(const struct follow *follow, int64_t before)
{
    size_t low = 0, high = follow->hot_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (follow->cold_before[middle] <= before)
            low = middle + 1;
        else
            high = middle;
    }
    return before + follow->skipped[low];
}

static int64_t rank_at(const struct follow *follow, uint64_t place)
{
    uint64_t hot = follow->before[follow->hot_count];
    if (place < hot || follow->cold_rows == 0)
        return follow->hot[last_before(follow->before, follow->hot_count, place)].first;
    int64_t at = (int64_t)((wide)(place - hot) * (uint64_t)follow->cold_rows / follow->cold);
    return cold_rank(follow, at < follow->cold_rows ? at : follow->cold_rows - 1);
}

bool follow_at(const struct follow *follow, int64_t row, struct element *element)
{
    struct distribution_standing lead;
    if (!distribution_standing(follow->lead, row, &lead))
        return false;
    if (follow->lattice_most > 0) {
        wide rank = (wide)lead.rank * (uint64_t)follow->step % (uint64_t)follow->filled;
        *element = distribution_ranked(follow->own, (int64_t)rank);
        return true;
    }
    if (lead.count <= follow->light) {
        uint64_t turn = (uint64_t)lead.rank * UINT64_C(0x9e3779b97f4a7c15) + follow->stream;
        *element = distribution_ranked(follow->own,
                                       rank_at(follow, (uint64_t)((wide)turn * left_after(follow, 0) >> 64)));
        return true;
    }
    int64_t taken = (int64_t)certain(follow, lead.count), others = lead.count - taken;
    if (lead.nth < taken) {
        *element = distribution_ranked(follow->own, follow->hot[lead.nth].first);
        return true;
    }
    /* Starts as even as can be, of values with any number of rows: the golden section again. */
    uint64_t first = (uint64_t)((lead.rank - lead.nth) / lead.count),
             left = left_after(follow, (size_t)taken);
    uint64_t start = (first * UINT64_C(0x9e3779b97f4a7c15) + follow->stream) >> 32;
    wide place = ((wide)(uint64_t)(lead.nth - taken) << 32) + start;
    uint64_t at = (uint64_t)(place * left / ((wide)(uint64_t)others << 32));
    *element = distribution_ranked(follow->own, rank_at(follow, follow->before[taken] + at));
    return true;
}
