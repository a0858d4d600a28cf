#include "generators/share.h"

#include "bench/base/arena.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

struct part {
    size_t at;
    double rest;
};

static int by_falling_rest(const void *left, const void *right)
{
    const struct part *a = left, *b = right;
    if (a->rest != b->rest)
        return a->rest < b->rest ? 1 : -1;
    return a->at < b->at ? -1 : 1;
}

/* Fills what reaches its cap until the others can share the rest. Returns the level: units per weight. */
static double fill_up(const double *weight, const int64_t *cap, size_t count, double *left, bool *full)
{
    for (;;) {
        double sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += full[i] ? 0 : weight[i];
        double level = sum > 0 ? fmax(0, *left) / sum : 0, before = *left;
        bool more = false;
        for (size_t i = 0; cap != NULL && i < count; i++)
            if (!full[i] && weight[i] * level >= (double)cap[i]) {
                full[i] = more = true;
                *left -= (double)cap[i];
            }
        if (!more || sum <= 0) {
            *left = before;
            return level;
        }
    }
}

/* One unit each to those that lack most, while any has room. */
static int64_t hand_rest(struct part *part, size_t parts, const int64_t *cap, int64_t rest, int64_t *out)
{
    qsort(part, parts, sizeof *part, by_falling_rest);
    for (bool moved = true; rest > 0 && moved;) {
        moved = false;
        for (size_t i = 0; i < parts && rest > 0; i++)
            if (cap == NULL || out[part[i].at] < cap[part[i].at]) {
                out[part[i].at]++;
                rest--;
                moved = true;
            }
    }
    return rest;
}

int64_t share_out(const double *weight, const int64_t *cap, size_t count, int64_t total, int64_t *out)
{
    bool *full = mem_alloc(count * sizeof *full + 1);
    struct part *part = mem_alloc(count * sizeof *part + 1);
    double left = (double)total;
    double level = fill_up(weight, cap, count, &left, full);
    int64_t rest = total;
    size_t parts = 0;
    for (size_t i = 0; i < count; i++) {
        double ideal = full[i] ? (double)cap[i] : weight[i] * level;
        out[i] = full[i] ? cap[i] : (int64_t)ideal;
        if (!full[i] && weight[i] > 0)
            part[parts++] = (struct part){.at = i, .rest = ideal - (double)out[i]};
        rest -= out[i];
    }
    for (size_t i = 0; rest < 0 && i < count; i++) { /* rounding of huge totals */
        int64_t back = out[i] < -rest ? out[i] : -rest;
        out[i] -= back;
        rest += back;
    }
    rest = hand_rest(part, parts, cap, rest, out);
    free(part);
    free(full);
    return total - rest;
}

void share_evenly(const double *weight, size_t count, int64_t total, int64_t *out)
{
    double sum = 0, before = 0;
    for (size_t i = 0; i < count; i++)
        sum += weight[i];
    int64_t given = 0;
    for (size_t i = 0; i < count; i++) {
        before += sum > 0 ? weight[i] / sum : 1 / (double)count;
        int64_t to = i + 1 == count ? total : (int64_t)llround(before * (double)total);
        to = to < given ? given : to > total ? total : to;
        out[i] = to - given;
        given = to;
    }
}

int64_t share_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}
