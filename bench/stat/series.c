#include "bench/stat/series.h"

#include "bench/base/arena.h"
#include "bench/stat/reserve.h"

#include <math.h>
#include <stdlib.h>

/* The coarse histogram: log-linear as hist's, 32 sub-buckets per doubling, up to an hour in µs. */
enum { SUB_BITS = 5, SUB = 1 << SUB_BITS, SLOTS = 28 * SUB };
static const int64_t most_us = INT64_C(3600000000);

enum { GROUP_BINS = 512 };

struct counts {
    int64_t due, started, completed, failed;
};

struct latency {
    int64_t measured, max_us;
    uint32_t slots[SLOTS];
};

/* bins[i] counts one bin; groups[i] the GROUP_BINS bins from i × GROUP_BINS, so that a sum from zero stays cheap. */
struct series {
    int64_t zero_ns;
    size_t capacity, touched; /* touched: bins up to the last one written */
    struct counts *bins, *groups;
    struct latency *latencies;
};

static size_t group_capacity(const struct series *series)
{
    return series->capacity / GROUP_BINS + 1;
}

struct series *series_create(int64_t zero_ns, int64_t longest_ns)
{
    struct series *series = mem_alloc(sizeof *series);
    *series = (struct series){.zero_ns = zero_ns, .capacity = (size_t)(longest_ns / SERIES_BIN_NS) + 1};
    series->bins = reserve_memory(series->capacity * sizeof *series->bins);
    series->groups = reserve_memory(group_capacity(series) * sizeof *series->groups);
    series->latencies = reserve_memory(series->capacity * sizeof *series->latencies);
    return series;
}

void series_destroy(struct series *series)
{
    if (series == NULL)
        return;
    release_memory(series->bins, series->capacity * sizeof *series->bins);
    release_memory(series->groups, group_capacity(series) * sizeof *series->groups);
    release_memory(series->latencies, series->capacity * sizeof *series->latencies);
    free(series);
}

/* Times outside the series count in its first or last bin, so that sums stay whole. */
static size_t bin_of(struct series *series, int64_t at_ns)
{
    int64_t bin = at_ns <= series->zero_ns ? 0 : (at_ns - series->zero_ns) / SERIES_BIN_NS;
    size_t index = (uint64_t)bin < series->capacity ? (size_t)bin : series->capacity - 1;
    size_t seen = __atomic_load_n(&series->touched, __ATOMIC_RELAXED);
    while (index >= seen && !__atomic_compare_exchange_n(&series->touched, &seen, index + 1, true,
                                                         __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
    return index;
}

static void add_one(int64_t *count)
{
    __atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
}

void series_due(struct series *series, int64_t due_ns)
{
    size_t bin = bin_of(series, due_ns);
    add_one(&series->bins[bin].due);
    add_one(&series->groups[bin / GROUP_BINS].due);
}

void series_started(struct series *series, int64_t at_ns)
{
    size_t bin = bin_of(series, at_ns);
    add_one(&series->bins[bin].started);
    add_one(&series->groups[bin / GROUP_BINS].started);
}

static int slot_of(int64_t us)
{
    uint64_t value = us < 0 ? 0 : us > most_us ? (uint64_t)most_us : (uint64_t)us;
    int bucket = 64 - __builtin_clzll(value | (2 * SUB - 1)) - (SUB_BITS + 1);
    return (bucket << SUB_BITS) + (int)(value >> bucket);
}

static int64_t slot_high_us(int slot)
{
    int bucket = (slot >> SUB_BITS) - 1;
    if (bucket < 0)
        return slot;
    int64_t low_us = (int64_t)((slot & (SUB - 1)) + SUB) << bucket;
    return low_us + (INT64_C(1) << bucket) - 1;
}

static void add_latency(struct latency *latency, int64_t us)
{
    __atomic_fetch_add(&latency->slots[slot_of(us)], 1, __ATOMIC_RELAXED);
    add_one(&latency->measured);
    int64_t seen = __atomic_load_n(&latency->max_us, __ATOMIC_RELAXED);
    while (us > seen && !__atomic_compare_exchange_n(&latency->max_us, &seen, us, true, __ATOMIC_RELAXED,
                                                     __ATOMIC_RELAXED))
        ;
}

void series_completed(struct series *series, int64_t due_ns, int64_t done_ns, bool failed)
{
    size_t bin = bin_of(series, done_ns);
    struct counts *group = &series->groups[bin / GROUP_BINS];
    add_one(&series->bins[bin].completed);
    add_one(&group->completed);
    if (failed) {
        add_one(&series->bins[bin].failed);
        add_one(&group->failed);
    }
    add_latency(&series->latencies[bin_of(series, due_ns)], (done_ns - due_ns) / 1000);
}

int64_t series_zero_ns(const struct series *series)
{
    return series->zero_ns;
}

size_t series_bins(const struct series *series)
{
    return __atomic_load_n(&series->touched, __ATOMIC_RELAXED);
}

static void sum_counts(const struct counts *from, struct counts *into)
{
    into->due += __atomic_load_n(&from->due, __ATOMIC_RELAXED);
    into->started += __atomic_load_n(&from->started, __ATOMIC_RELAXED);
    into->completed += __atomic_load_n(&from->completed, __ATOMIC_RELAXED);
    into->failed += __atomic_load_n(&from->failed, __ATOMIC_RELAXED);
}

/* Everything before bin `end`. */
static struct counts sum_before(const struct series *series, size_t end)
{
    struct counts sum = {0};
    size_t whole = end / GROUP_BINS;
    for (size_t i = 0; i < whole; i++)
        sum_counts(&series->groups[i], &sum);
    for (size_t i = whole * GROUP_BINS; i < end; i++)
        sum_counts(&series->bins[i], &sum);
    return sum;
}

static int64_t percentile_us(const struct latency *latency, double percent)
{
    int64_t rank = (int64_t)ceil(percent / 100 * (double)latency->measured), seen = 0;
    for (int i = 0; i < SLOTS; i++) {
        seen += latency->slots[i];
        if (seen >= rank)
            return slot_high_us(i) < latency->max_us ? slot_high_us(i) : latency->max_us;
    }
    return latency->max_us;
}

static void read_latency(const struct series *series, size_t first, size_t end, struct series_point *point)
{
    struct latency sum = {0};
    for (size_t bin = first; bin < end; bin++) {
        const struct latency *from = &series->latencies[bin];
        if (from->measured == 0)
            continue;
        sum.measured += from->measured;
        sum.max_us = from->max_us > sum.max_us ? from->max_us : sum.max_us;
        for (int i = 0; i < SLOTS; i++)
            sum.slots[i] += from->slots[i];
    }
    point->measured = sum.measured;
    if (sum.measured == 0)
        return;
    point->p50_us = percentile_us(&sum, 50);
    point->p90_us = percentile_us(&sum, 90);
    point->p99_us = percentile_us(&sum, 99);
    point->max_us = sum.max_us;
}

struct series_point series_read(const struct series *series, size_t first, size_t count)
{
    size_t bins = series_bins(series);
    size_t from = first < bins ? first : bins, end = count < bins - from ? from + count : bins;
    struct counts before = sum_before(series, from), upto = sum_before(series, end);
    struct series_point point = {
        .t_s = (double)first * (double)SERIES_BIN_NS / 1e9,
        .due = upto.due - before.due,
        .started = upto.started - before.started,
        .completed = upto.completed - before.completed,
        .failed = upto.failed - before.failed,
        .backlog = upto.due - upto.started,
        .in_flight = upto.started - upto.completed,
    };
    read_latency(series, from, end, &point);
    return point;
}
