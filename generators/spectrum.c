#include "generators/spectrum.h"

#include "generators/share.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Counts up to EXACT stand alone, larger ones in groups half as wide as their least. */
enum { EXACT = 6, GROUPS = 100 };

struct draft {
    double values[GROUPS], rows[GROUPS];
};

static void draft_add(struct draft *draft, double rows_each, double values)
{
    int group = rows_each < EXACT + 0.5 ? (int)lround(rows_each) - 1
                                        : EXACT + (int)(log(rows_each / (EXACT + 0.5)) / log(1.5));
    group = group < 0 ? 0 : group >= GROUPS ? GROUPS - 1 : group;
    draft->values[group] += values;
    draft->rows[group] += values * rows_each;
}

/* So many values, each drawn from a Poisson distribution; those of no row left out. */
static void draft_drawn(void *context, double expected_rows, double values)
{
    struct draft *draft = context;
    if (expected_rows > 16) { /* mean, spread and skewlessness of it in three points */
        double spread = sqrt(3 * expected_rows);
        draft_add(draft, expected_rows, values * 2 / 3);
        draft_add(draft, fmax(1, expected_rows - spread), values / 6);
        draft_add(draft, expected_rows + spread, values / 6);
        return;
    }
    double chance = exp(-expected_rows);
    for (int rows = 1; rows < 64; rows++) {
        chance *= expected_rows / rows;
        draft_add(draft, rows, values * chance);
        if (rows > expected_rows && chance < 1e-9)
            break;
    }
}

void spectrum_add(struct spectrum *spectrum, int64_t rows_each, int64_t values)
{
    if (values == 0)
        return;
    size_t at = spectrum->count;
    while (at > 0 && spectrum->classes[at - 1].rows >= rows_each)
        at--;
    if (at < spectrum->count && spectrum->classes[at].rows == rows_each) {
        spectrum->classes[at].values += values;
        return;
    }
    (void)ARENA_PUSH(spectrum->arena, spectrum->classes, spectrum->count, spectrum->capacity);
    struct profile_count *here = &spectrum->classes[at];
    memmove(here + 1, here, (spectrum->count - 1 - at) * sizeof *here);
    *here = (struct profile_count){.rows = rows_each, .values = values};
}

int64_t spectrum_rows(const struct spectrum *spectrum)
{
    int64_t rows = 0;
    for (size_t i = 0; i < spectrum->count; i++)
        rows += spectrum->classes[i].rows * spectrum->classes[i].values;
    return rows;
}

int64_t spectrum_values(const struct spectrum *spectrum)
{
    int64_t values = 0;
    for (size_t i = 0; i < spectrum->count; i++)
        values += spectrum->classes[i].values;
    return values;
}

double spectrum_squares(const struct spectrum *spectrum)
{
    double sum = 0;
    for (size_t i = 0; i < spectrum->count; i++)
        sum += (double)spectrum->classes[i].rows * (double)spectrum->classes[i].rows *
               (double)spectrum->classes[i].values;
    return sum;
}

/* Where a row more or less per value is the smallest part: the class of most rows. */
static size_t steadiest(const struct spectrum *spectrum, bool take)
{
    size_t best = spectrum->count;
    double most = 0;
    for (size_t i = 0; i < spectrum->count; i++) {
        const struct profile_count *class = &spectrum->classes[i];
        double rows = (double)class->rows * (double)class->values;
        if (rows > most && (!take || class->rows > 1)) {
            most = rows;
            best = i;
        }
    }
    return best;
}

void spectrum_settle(struct spectrum *spectrum, int64_t rows)
{
    for (int64_t lack = rows - spectrum_rows(spectrum); lack != 0;) {
        size_t at = steadiest(spectrum, lack < 0);
        if (at == spectrum->count)
            return;
        struct profile_count *class = &spectrum->classes[at], was = *class;
        int64_t size = lack < 0 ? -lack : lack, each = size / was.values, most = was.rows / 8;
        each = each > most ? most : each;
        each = each < 1 ? 1 : each;
        int64_t moved = size / each < was.values ? size / each : was.values;
        each = lack < 0 ? -each : each;
        class->values -= moved;
        if (class->values == 0) {
            memmove(class, class + 1, (spectrum->count - at - 1) * sizeof *class);
            spectrum->count--;
        }
        spectrum_add(spectrum, was.rows + each, moved);
        lack -= each * moved;
    }
}

static struct spectrum draft_finish(const struct draft *draft, struct arena *arena, int64_t rows,
                                    int64_t values)
{
    struct spectrum spectrum = {.arena = arena};
    int64_t whole[GROUPS];
    share_evenly(draft->values, GROUPS, values, whole);
    for (int i = 0; i < GROUPS; i++)
        if (whole[i] > 0) {
            double each = draft->values[i] > 0 ? draft->rows[i] / draft->values[i] : 1;
            spectrum_add(&spectrum, (int64_t)fmin((double)rows, fmax(1, floor(each + 0.5))), whole[i]);
        }
    spectrum_settle(&spectrum, rows);
    return spectrum;
}

struct spectrum spectrum_even(struct arena *arena, int64_t rows, int64_t values)
{
    struct spectrum spectrum = {.arena = arena};
    spectrum_add(&spectrum, rows / values, values - rows % values);
    spectrum_add(&spectrum, rows / values + 1, rows % values);
    return spectrum;
}

struct spectrum spectrum_poisson(struct arena *arena, int64_t rows, int64_t values)
{
    if (rows == values)
        return spectrum_even(arena, rows, values);
    struct draft draft = {0};
    draft_drawn(&draft, tail_even((double)rows, (double)values), 1);
    return draft_finish(&draft, arena, rows, values);
}

struct spectrum spectrum_tail(struct arena *arena, const struct tail *tail, int64_t rows, int64_t values)
{
    struct draft draft = {0};
    tail_walk(tail, draft_drawn, &draft);
    return draft_finish(&draft, arena, rows, values);
}

struct spectrum spectrum_counts(struct arena *arena, const struct profile_count *counts, size_t count,
                                int64_t rows, int64_t values)
{
    struct spectrum spectrum = {.arena = arena};
    double had_rows = 0, had_values = 0;
    double *weight = arena_alloc(arena, count * sizeof *weight + 1);
    int64_t *whole = arena_alloc(arena, count * sizeof *whole + 1);
    for (size_t i = 0; i < count; i++) {
        weight[i] = counts[i].rows > 0 ? (double)counts[i].values : 0;
        had_values += weight[i];
        had_rows += weight[i] * (double)counts[i].rows;
    }
    if (had_values <= 0)
        return spectrum_poisson(arena, rows, values);
    double grown = (double)rows / (double)values / (had_rows / had_values);
    bool same = fabs(grown - 1) < 0.02;
    share_evenly(weight, count, values, whole);
    for (size_t i = 0; i < count; i++) {
        double each = same ? (double)counts[i].rows : fmax(1, round((double)counts[i].rows * grown));
        spectrum_add(&spectrum, (int64_t)each, whole[i]);
    }
    spectrum_settle(&spectrum, rows);
    return spectrum;
}
