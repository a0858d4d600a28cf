#include "bench/stat/hist.h"

#include <math.h>

enum {
    SUB_HALF_BITS = HIST_SUB_BITS - 1,
    SUB_HALF = 1 << SUB_HALF_BITS,
    SUB_MASK = (1 << HIST_SUB_BITS) - 1
};

_Static_assert(((HIST_MAX_US >> (HIST_SUB_BITS + 21)) == 0) && HIST_SLOTS == (22 + 1) * SUB_HALF,
               "22 doublings of 2,048 sub-buckets reach 1 h");

int hist_slot(int64_t value_us)
{
    if (value_us < 0)
        value_us = 0;
    if (value_us > HIST_MAX_US)
        value_us = HIST_MAX_US;
    uint64_t value = (uint64_t)value_us;
    int bucket = 64 - __builtin_clzll(value | SUB_MASK) - HIST_SUB_BITS;
    return (bucket << SUB_HALF_BITS) + (int)(value >> bucket);
}

int64_t hist_slot_low_us(int slot)
{
    int bucket = (slot >> SUB_HALF_BITS) - 1;
    if (bucket < 0)
        return slot;
    return (int64_t)((slot & (SUB_HALF - 1)) + SUB_HALF) << bucket;
}

static void lower_to(int64_t *least, int64_t value)
{
    int64_t seen = __atomic_load_n(least, __ATOMIC_RELAXED);
    while ((seen == 0 || value < seen) &&
           !__atomic_compare_exchange_n(least, &seen, value, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
}

static void raise_to(int64_t *most, int64_t value)
{
    int64_t seen = __atomic_load_n(most, __ATOMIC_RELAXED);
    while (value > seen &&
           !__atomic_compare_exchange_n(most, &seen, value, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
}

void hist_add(struct hist *hist, int64_t value_us)
{
    if (value_us < 1)
        value_us = 1;
    __atomic_fetch_add(&hist->counts[hist_slot(value_us)], 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&hist->total, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&hist->sum_us, (uint64_t)value_us, __ATOMIC_RELAXED);
    lower_to(&hist->min_us, value_us);
    raise_to(&hist->max_us, value_us);
}

void hist_merge(struct hist *into, const struct hist *from)
{
    uint64_t total = __atomic_load_n(&from->total, __ATOMIC_RELAXED);
    if (total == 0)
        return;
    int64_t min_us = __atomic_load_n(&from->min_us, __ATOMIC_RELAXED);
    int64_t max_us = __atomic_load_n(&from->max_us, __ATOMIC_RELAXED);
    if (min_us != 0 && (into->min_us == 0 || min_us < into->min_us))
        into->min_us = min_us;
    if (max_us > into->max_us)
        into->max_us = max_us;
    into->total += total;
    into->sum_us += __atomic_load_n(&from->sum_us, __ATOMIC_RELAXED);
    int last = hist_slot(max_us);
    for (int i = hist_slot(min_us); i <= last; i++)
        into->counts[i] += __atomic_load_n(&from->counts[i], __ATOMIC_RELAXED);
}

void hist_drain(struct hist *from, struct hist *into)
{
    int64_t min_us = __atomic_exchange_n(&from->min_us, 0, __ATOMIC_RELAXED);
    int64_t max_us = __atomic_exchange_n(&from->max_us, 0, __ATOMIC_RELAXED);
    if (min_us != 0)
        lower_to(&into->min_us, min_us);
    raise_to(&into->max_us, max_us);
    into->sum_us += __atomic_exchange_n(&from->sum_us, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&from->total, 0, __ATOMIC_RELAXED);
    for (int i = 0; i < HIST_SLOTS; i++) {
        if (__atomic_load_n(&from->counts[i], __ATOMIC_RELAXED) == 0)
            continue;
        uint32_t count = __atomic_exchange_n(&from->counts[i], 0, __ATOMIC_RELAXED);
        into->counts[i] += count;
        into->total += count;
    }
}

int64_t hist_percentile_us(const struct hist *hist, double percent)
{
    uint64_t total = __atomic_load_n(&hist->total, __ATOMIC_RELAXED);
    int64_t max_us = __atomic_load_n(&hist->max_us, __ATOMIC_RELAXED);
    if (total == 0)
        return 0;
    /* The small step back keeps 99.9 % of 1,000 at 999 although 0.999 is not a binary fraction. */
    double wanted = ceil(percent / 100 * (double)total * (1 - 1e-12));
    uint64_t rank = wanted < 1 ? 1 : wanted > (double)total ? total : (uint64_t)wanted;
    uint64_t seen = 0;
    for (int i = 0; i < HIST_SLOTS; i++) {
        seen += __atomic_load_n(&hist->counts[i], __ATOMIC_RELAXED);
        if (seen >= rank) {
            int64_t high_us = hist_slot_low_us(i + 1) - 1;
            return high_us < max_us ? high_us : max_us;
        }
    }
    return max_us;
}

double hist_mean_us(const struct hist *hist)
{
    return hist->total == 0 ? 0 : (double)hist->sum_us / (double)hist->total;
}

uint64_t hist_count_above(const struct hist *hist, int64_t value_us)
{
    uint64_t above = 0;
    for (int i = hist_slot(value_us) + 1; i < HIST_SLOTS; i++)
        above += __atomic_load_n(&hist->counts[i], __ATOMIC_RELAXED);
    return above;
}
