#include "generators/order.h"

#include "bench/base/rng.h"

#include <math.h>

__extension__ typedef unsigned __int128 wide;

static uint64_t high(uint64_t a, uint64_t b)
{
    return (uint64_t)((wide)a * b >> 64);
}

/* Set bits, the choice of which is drawn. */
static uint64_t draw_mask(struct rng *rng, uint64_t set, uint64_t width)
{
    uint64_t mask = 0;
    for (uint64_t at = width - set; at < width; at++) { /* Floyd: a sample without replacement */
        uint64_t bit = UINT64_C(1) << rng_below(rng, at + 1);
        mask |= (mask & bit) != 0 ? UINT64_C(1) << at : bit;
    }
    return mask;
}

static void make_nulls(struct order_nulls *self, uint64_t key, uint64_t rows, uint64_t nulls)
{
    self->rows = rows;
    self->nulls = nulls;
    self->key = key;
    if (nulls == 0 || nulls == rows)
        return;
    self->step = (uint64_t)(((wide)nulls << 64) / rows);
    self->low = high(64, self->step);
    struct rng rng = rng_start(key);
    for (uint64_t more = 0; more < 2; more++)
        for (int i = 0; i < ORDER_MASKS; i++)
            self->masks[more][i] = draw_mask(&rng, self->low + more, 64);
    uint64_t last = (rows - 1) / 64 * 64;
    self->last_mask = draw_mask(&rng, nulls - high(last, self->step), rows - last);
}

/* The nulls among the 64 rows from `from` on. */
static uint64_t block_mask(const struct order_nulls *self, uint64_t from, uint64_t before)
{
    if (from + 64 >= self->rows)
        return self->last_mask;
    uint64_t hash = (from ^ self->key) * UINT64_C(0x9e3779b97f4a7c15);
    hash = (hash ^ hash >> 32) * UINT64_C(0xbf58476d1ce4e5b9);
    uint64_t more = high(from + 64, self->step) - before - self->low;
    uint64_t mask = self->masks[more][hash >> 59];
    unsigned turn = hash >> 53 & 63;
    return mask << turn | mask >> (-turn & 63);
}

/* In line: the compiler calls a function where it may not assume the instruction. */
static uint64_t count_bits(uint64_t x)
{
    x -= x >> 1 & UINT64_C(0x5555555555555555);
    x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
    x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return x * UINT64_C(0x0101010101010101) >> 56;
}

/* *ordinal: rows before it that are not null. false: the row is null. */
static bool find_ordinal(const struct order_nulls *self, uint64_t row, uint64_t *ordinal)
{
    if (self->nulls == self->rows)
        return false;
    uint64_t from = row & ~UINT64_C(63), before = high(from, self->step);
    uint64_t mask = block_mask(self, from, before), bit = UINT64_C(1) << (row & 63);
    *ordinal = row - before - count_bits(mask & (bit - 1));
    return (mask & bit) == 0;
}

/* Evenly over the block, so that the first slots of a last, shorter block have their share; a draw decides within 8. */
static void choose_slots(struct order *self, uint64_t key, unsigned kept)
{
    struct rng rng = rng_start(key);
    int16_t index = 0;
    for (unsigned from = 0; from < ORDER_SLOTS; from += 8) {
        unsigned keep = (from + 8) * kept / ORDER_SLOTS - from * kept / ORDER_SLOTS;
        uint64_t mask = draw_mask(&rng, keep, 8);
        for (unsigned i = 0; i < 8; i++) {
            bool stays = mask >> i & 1;
            self->index_of[from + i] = stays ? -1 : index;
            if (!stays)
                self->slot_of[index++] = (uint8_t)(from + i);
        }
    }
    self->mixed = (uint64_t)index;
}

static uint64_t pool_size(const struct order *self)
{
    uint64_t rest = self->count % ORDER_SLOTS, in_rest = 0;
    while (in_rest < self->mixed && self->slot_of[in_rest] < rest)
        in_rest++;
    return self->count / ORDER_SLOTS * self->mixed + in_rest;
}

void order_make(struct order *order, uint64_t key, uint64_t null_key, int64_t rows, int64_t nulls,
                double kept, bool falling)
{
    make_nulls(&order->nulls, rng_hash(null_key, 1, 0), (uint64_t)rows, (uint64_t)nulls);
    order->count = (uint64_t)(rows - nulls);
    order->falling = falling;
    unsigned slots = (unsigned)lround(kept * ORDER_SLOTS);
    order->mode = slots == 0 ? ORDER_SHUFFLED : slots >= ORDER_SLOTS ? ORDER_KEPT : ORDER_MIXED;
    uint64_t pool = order->count;
    if (order->mode == ORDER_MIXED) {
        choose_slots(order, rng_hash(key, 2, 0), slots);
        order->per_slot = UINT64_MAX / order->mixed;
        pool = pool_size(order);
    }
    if (pool < 2 && order->mode == ORDER_MIXED)
        order->mode = ORDER_KEPT;
    order->pool = permute_make(rng_hash(key, 3, 0), pool);
}

static uint64_t mix(const struct order *self, uint64_t ordinal)
{
    int16_t index = self->index_of[ordinal % ORDER_SLOTS];
    uint64_t from = index < 0 ? 0 : ordinal / ORDER_SLOTS * self->mixed + (uint64_t)index;
    uint64_t at = permute_at(&self->pool, from);
    uint64_t block = high(at + 1, self->per_slot);
    uint64_t moved = block * ORDER_SLOTS + self->slot_of[at - block * self->mixed];
    return index < 0 ? ordinal : moved; /* both ways at once: no branch could be guessed */
}

static int64_t rank_of(const struct order *order, uint64_t rank)
{
    if (order->mode == ORDER_SHUFFLED)
        rank = permute_at(&order->pool, rank);
    else if (order->mode == ORDER_MIXED)
        rank = mix(order, rank);
    return (int64_t)(order->falling ? order->count - 1 - rank : rank);
}

int64_t order_rank(const struct order *order, int64_t row)
{
    uint64_t ordinal = (uint64_t)row;
    if (order->nulls.nulls > 0 && !find_ordinal(&order->nulls, ordinal, &ordinal))
        return -1;
    return rank_of(order, ordinal);
}

int64_t order_nulls_before(const struct order *order, int64_t row)
{
    uint64_t ordinal = (uint64_t)row;
    if (order->nulls.nulls == 0 || order->count == 0)
        return order->nulls.nulls == 0 ? 0 : row;
    find_ordinal(&order->nulls, (uint64_t)row, &ordinal);
    return row - (int64_t)ordinal;
}

int64_t order_place(const struct order *order, int64_t row)
{
    uint64_t ordinal = (uint64_t)row;
    if (order->count == 0)
        return row;
    if (order->nulls.nulls > 0 && !find_ordinal(&order->nulls, ordinal, &ordinal))
        return (int64_t)(order->count + (uint64_t)row - ordinal);
    return rank_of(order, ordinal);
}

/* Mean of place in sort order × place in the table over the rows of one value. Ranks of equal values follow the rows, so
 * a value's ranks are the distribution function of where its rows are: kept ones in one stretch of the table, others anywhere. */
static double equal_product(double from, double share, double kept, bool falling)
{
    double at = falling ? 1 - from - share : from, end = at + share;
    double mean = kept * (at + share / 2) + (1 - kept) / 2;
    double ramp_squared = share / 3 + 1 - end;
    double ramp_place = at * share / 2 + share * share / 3 + (1 - end * end) / 2;
    double squared = kept * kept * ramp_squared + 2 * kept * (1 - kept) * ramp_place +
                     (1 - kept) * (1 - kept) / 3;
    return from * mean + share * (1 - squared) / 2;
}

/* The same, summed over a stretch of rare values. */
static double rare_product(double from, double share, double kept, bool falling)
{
    double to = from + share;
    double first = (to * to - from * from) / 2, second = (to * to * to - from * from * from) / 3;
    return kept * (falling ? first - second : second) + (1 - kept) * first / 2;
}

double order_correlation(const struct order_stretch *stretch, size_t count, double kept, bool falling)
{
    double sum = 0, from = 0, ties = 0;
    for (size_t i = 0; i < count; i++) {
        double share = stretch[i].share;
        sum += stretch[i].equal ? share * equal_product(from, share, kept, falling)
                                : rare_product(from, share, kept, falling);
        ties += stretch[i].equal ? 0 : stretch[i].squares;
        from += share;
    }
    return 12 * (sum - 0.25) + (1 - kept) * ties;
}

double order_mix(const struct order_stretch *stretch, size_t count, double correlation, bool *falling)
{
    *falling = correlation < order_correlation(stretch, count, 0, false);
    double low = 0, high_ = 1;
    for (int i = 0; i < 40; i++) {
        double middle = (low + high_) / 2;
        bool more = order_correlation(stretch, count, middle, *falling) < correlation;
        *(more != *falling ? &low : &high_) = middle;
    }
    return (low + high_) / 2;
}
