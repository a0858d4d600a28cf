#include "generators/profiled.h"

#include "bench/base/rng.h"

#include <stdlib.h>

/* The follower's rank is the lead's, multiplied: a lattice. Each rank is taken once, so that every value keeps its rows, and
 * the ranks of one value of the lead lie far apart, so that none of the follower's comes twice beside it: the golden section
 * keeps them so. Where a value of the lead has too many rows for that, the follower's values are a sample as large: drawn
 * at equal distances from a start of its own, after what is so common that two draws could meet it, which is taken once. */

__extension__ typedef unsigned __int128 wide;

enum { RARE = 8 }; /* so many times rarer than two draws are apart: of no account */

struct follow {
    const struct distribution *lead, *own;
    uint64_t stream;
    int64_t filled;                 /* of own */
    int64_t step, lattice_most;     /* of the lattice; rows of a value of the lead for which it holds */
    struct distribution_range *hot; /* by falling rows */
    size_t *by_first, hot_count;    /* the same by rank */
};

/* How many of the commonest are certain among count draws, and what is left of the others. */
static size_t certain(const struct follow *follow, int64_t count, int64_t *left)
{
    size_t taken = 0;
    *left = follow->filled;
    while (taken < follow->hot_count && (int64_t)taken < count &&
           (double)follow->hot[taken].rows * (double)(count - (int64_t)taken) > (double)*left)
        *left -= follow->hot[taken++].rows;
    return taken;
}

static int by_first(const void *left, const void *right)
{
    const struct distribution_range *const *a = left, *const *b = right;
    return (*a)->first < (*b)->first ? -1 : 1;
}

static void sort_by_first(struct arena *arena, struct follow *follow)
{
    const struct distribution_range **sorted = arena_alloc(arena, (follow->hot_count + 1) *
                                                                      sizeof(struct distribution_range *));
    for (size_t i = 0; i < follow->hot_count; i++)
        sorted[i] = &follow->hot[i];
    qsort(sorted, follow->hot_count, sizeof(struct distribution_range *), by_first);
    for (size_t i = 0; i < follow->hot_count; i++)
        follow->by_first[i] = (size_t)(sorted[i] - follow->hot);
}

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* So many ranks in a row of the lead are apart by more than any value of the follower has rows. */
static void make_lattice(struct follow *follow, int64_t most, int64_t widest)
{
    int64_t count = follow->filled, at = 0;
    follow->step = (int64_t)((double)count * 0.6180339887498949);
    while (follow->step < count && common_divisor(count, follow->step) != 1)
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
    int64_t most = distribution_most(lead), left;
    *self = (struct follow){.lead = lead, .own = own, .stream = stream, .filled = distribution_filled(own)};
    if (self->filled == 0 || most == 0 || most > distribution_distinct(own))
        return NULL;
    make_lattice(self, most, distribution_most(own));
    if (self->lattice_most >= most)
        return self;
    int64_t rare = self->filled / (RARE * most) + 1;
    self->hot = distribution_common(own, arena, rare, &self->hot_count);
    self->by_first = arena_alloc(arena, (self->hot_count + 1) * sizeof *self->by_first);
    sort_by_first(arena, self);
    int64_t taken = (int64_t)certain(self, most, &left);
    return most <= taken || left / (most - taken) >= rare ? self : NULL;
}

/* The rank among all, of a rank among those that are not certain. */
static int64_t beside(const struct follow *follow, size_t taken, int64_t rank)
{
    for (size_t i = 0; taken > 0 && i < follow->hot_count; i++) {
        const struct distribution_range *hot = &follow->hot[follow->by_first[i]];
        if (follow->by_first[i] < taken && hot->first <= rank)
            rank += hot->rows;
    }
    return rank;
}

bool follow_at(const struct follow *follow, int64_t row, struct element *element)
{
    struct distribution_standing lead;
    int64_t left;
    if (!distribution_standing(follow->lead, row, &lead))
        return false;
    if (lead.count <= follow->lattice_most) {
        wide rank = (wide)lead.rank * (uint64_t)follow->step % (uint64_t)follow->filled;
        *element = distribution_ranked(follow->own, (int64_t)rank);
        return true;
    }
    size_t taken = certain(follow, lead.count, &left);
    if (lead.nth < (int64_t)taken) {
        *element = distribution_ranked(follow->own, follow->hot[lead.nth].first);
        return true;
    }
    int64_t others = lead.count - (int64_t)taken;
    if (others < 1)
        return false;
    uint64_t kind = (uint64_t)lead.element.kind * UINT64_C(0x9e3779b97f4a7c15) + lead.element.index;
    uint64_t start = rng_hash(follow->stream, kind, lead.element.value) >> 32;
    wide place = ((wide)(lead.nth - (int64_t)taken) << 32) + start;
    uint64_t rank = (uint64_t)(place * (uint64_t)left / ((wide)others << 32));
    *element = distribution_ranked(follow->own, beside(follow, taken, (int64_t)rank));
    return true;
}
