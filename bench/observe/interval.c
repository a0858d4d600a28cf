#include "bench/observe/interval.h"

#include "bench/base/arena.h"

#include <stdlib.h>

void interval_add(struct interval_list *list, int64_t start_ns, int64_t end_ns)
{
    if (end_ns <= start_ns)
        return;
    if (list->count == list->capacity) {
        list->capacity = list->capacity > 0 ? 2 * list->capacity : 64;
        list->items = mem_realloc(list->items, list->capacity * sizeof *list->items);
    }
    list->items[list->count++] = (struct interval){start_ns, end_ns};
}

void interval_free(struct interval_list *list)
{
    free(list->items);
    *list = (struct interval_list){0};
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t interval_overlap_ns(struct interval a, struct interval b)
{
    return later(0, earlier(a.end_ns, b.end_ns) - later(a.start_ns, b.start_ns));
}

int64_t interval_longest_ns(const struct interval_list *list, struct interval window)
{
    int64_t longest_ns = 0;
    for (size_t i = 0; i < list->count && list->items[i].start_ns < window.end_ns; i++) {
        if (list->items[i].end_ns > window.start_ns)
            longest_ns = later(longest_ns, list->items[i].end_ns - list->items[i].start_ns);
    }
    return longest_ns;
}

static int by_start(const void *left, const void *right)
{
    const struct interval *a = left, *b = right;
    return (a->start_ns > b->start_ns) - (a->start_ns < b->start_ns);
}

void interval_union(struct interval_list *list)
{
    if (list->count == 0)
        return;
    qsort(list->items, list->count, sizeof *list->items, by_start);
    size_t last = 0;
    for (size_t i = 1; i < list->count; i++) {
        if (list->items[i].start_ns <= list->items[last].end_ns)
            list->items[last].end_ns = later(list->items[last].end_ns, list->items[i].end_ns);
        else
            list->items[++last] = list->items[i];
    }
    list->count = last + 1;
}

int64_t interval_total_ns(const struct interval_list *list)
{
    int64_t total_ns = 0;
    for (size_t i = 0; i < list->count; i++)
        total_ns += list->items[i].end_ns - list->items[i].start_ns;
    return total_ns;
}

void interval_meet(const struct interval_list *a, const struct interval_list *b, struct interval_list *out)
{
    for (size_t i = 0, j = 0; i < a->count && j < b->count;) {
        interval_add(out, later(a->items[i].start_ns, b->items[j].start_ns),
                     earlier(a->items[i].end_ns, b->items[j].end_ns));
        if (a->items[i].end_ns < b->items[j].end_ns)
            i++;
        else
            j++;
    }
}

static int by_time(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

size_t interval_depth_max(struct interval *items, size_t count)
{
    if (count == 0)
        return 0;
    int64_t *ends = mem_alloc(count * sizeof *ends);
    qsort(items, count, sizeof *items, by_start);
    for (size_t i = 0; i < count; i++)
        ends[i] = items[i].end_ns;
    qsort(ends, count, sizeof *ends, by_time);
    size_t most = 0, ended = 0;
    for (size_t i = 0; i < count; i++) {
        while (ends[ended] <= items[i].start_ns)
            ended++;
        most = i + 1 - ended > most ? i + 1 - ended : most;
    }
    free(ends);
    return most;
}
