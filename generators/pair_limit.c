#include "generators/pair.h"

#include "bench/base/arena.h"
#include "generators/share.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a key of several columns tells of them, beside what samples tell: no value has more rows than the others' values can
 * tell apart, and lines that are numbered tell how many orders have how many. */

/* A column's statistics as a copy that may be changed. NULL: it has none. */
static struct profile_column *copy_statistics(const struct pair *pair, size_t column)
{
    struct recipe *recipe = &pair->maker->recipes[column];
    struct reference *reference = pair_reference(pair, column);
    const struct profile_column *told = recipe->column->statistics;
    if (told == NULL || recipe->distribution != NULL || (reference != NULL && reference->fan_out != NULL))
        return NULL;
    struct catalogue_column *own = arena_alloc(pair->arena, sizeof *own);
    struct profile_column *copy = arena_alloc(pair->arena, sizeof *copy);
    *own = *recipe->column;
    *copy = *told;
    copy->mcv = arena_alloc(pair->arena, (told->mcv_count + 1) * sizeof *copy->mcv);
    if (told->mcv_count > 0)
        memcpy(copy->mcv, told->mcv, told->mcv_count * sizeof *copy->mcv);
    own->statistics = copy;
    recipe->column = own;
    if (reference != NULL && reference->key->columns[0] == column)
        reference->statistics = copy;
    return copy;
}

/* All there is to know of how many rows its values have: the most common one has the highest count. */
static void set_counts(const struct pair *pair, struct profile_column *statistics,
                       struct profile_count *counts, size_t count)
{
    size_t class = count;
    int64_t left = 0;
    for (size_t i = 0; i < statistics->mcv_count; i++) {
        while (left == 0 && class > 0)
            left = counts[--class].values;
        statistics->mcv[i].share = left > 0 ? (double)counts[class].rows / (double)pair->maker->rows : 0;
        left -= left > 0;
    }
    statistics->counts = counts;
    statistics->count_count = count;
    statistics->distinct = statistics->distinct_reported = 0; /* as the counts say */
}

/* ---- rows of a value ---- */

static double told_distinct(const struct pair *pair, const struct profile_column *statistics)
{
    double rows = pair->maker->table->profile->rows;
    return statistics->distinct > 0            ? statistics->distinct
           : statistics->distinct_reported < 0 ? -statistics->distinct_reported * rows
                                               : statistics->distinct_reported;
}

/* Different values it may have; infinite when nothing is known. */
static double values_of(const struct pair *pair, size_t column)
{
    const struct profile_column *statistics = pair->maker->recipes[column].column->statistics;
    const struct reference *reference = pair_reference(pair, column);
    double distinct = statistics == NULL ? 0 : told_distinct(pair, statistics);
    if (reference != NULL && reference->key->column_count > 1)
        return (double)reference->parent_rows;
    if (distinct <= 0)
        return reference != NULL ? (double)reference->parent_rows : INFINITY;
    if (reference == NULL)
        return profiled_distinct(distinct, pair->maker->table->profile->rows, pair->maker->rows);
    double ratio = reference->source_rows > 0 ? (double)reference->parent_rows / reference->source_rows : 1;
    return fmin(ceil(distinct * ratio), (double)reference->parent_rows);
}

/* Combinations of the other columns: those of one foreign key count once. */
static double room_beside(const struct pair *pair, size_t position)
{
    double room = 1;
    for (size_t i = 0; i < pair->count; i++) {
        const struct reference *reference = pair_reference(pair, pair->columns[i]);
        bool again = reference != NULL && reference == pair_reference(pair, pair->columns[position]);
        for (size_t j = 0; j < i && reference != NULL; j++)
            again = again || pair_reference(pair, pair->columns[j]) == reference;
        if (i != position && !again)
            room *= values_of(pair, pair->columns[i]);
    }
    return room;
}

/* What is above the limit goes to the others, where the list is all there is. */
static void cap_shares(struct profile_column *statistics, double most)
{
    bool complete = statistics->bound_count == 0;
    double excess = 1;
    for (int turn = 0; turn < 64 && excess > 1e-12; turn++) {
        double below = 0;
        excess = 0;
        for (size_t i = 0; i < statistics->mcv_count; i++) {
            double share = statistics->mcv[i].share;
            excess += fmax(0, share - most);
            below += share < most ? share : 0;
            statistics->mcv[i].share = fmin(share, most);
        }
        for (size_t i = 0; complete && below > 0 && i < statistics->mcv_count; i++)
            if (statistics->mcv[i].share < most)
                statistics->mcv[i].share *= 1 + excess / below;
        if (!complete || below <= 0)
            return;
    }
}

/* So many different values at least, or the key has too few. */
static void raise_distinct(const struct pair *pair, struct profile_column *statistics, double least)
{
    double source = pair->maker->table->profile->rows, distinct = told_distinct(pair, statistics);
    for (int i = 0; i < 64 && distinct > 0; i++) {
        double now = profiled_distinct(distinct, source, pair->maker->rows);
        if (now >= least || now <= 0)
            break;
        distinct = fmin(source, distinct * least / now + 1);
    }
    statistics->distinct = distinct;
}

/* All values alike: rows / values each, or one more. */
static void make_even(const struct pair *pair, size_t column, struct profile_column *statistics,
                      double values)
{
    struct reference *reference = pair_reference(pair, column);
    int64_t rows = pair->maker->rows, count = (int64_t)values;
    struct profile_count *counts = arena_alloc(pair->arena, 2 * sizeof *counts);
    size_t kept = 0;
    if (statistics->null_ratio > 0 || statistics->counts != NULL || count < 1 || count > rows)
        return;
    counts[kept++] = (struct profile_count){.rows = rows / count, .values = count - rows % count};
    if (rows % count > 0)
        counts[kept++] = (struct profile_count){.rows = rows / count + 1, .values = rows % count};
    if (reference != NULL && reference->counts == NULL) {
        reference->counts = counts;
        reference->count_count = kept;
    } else if (reference == NULL) {
        set_counts(pair, statistics, counts, kept);
    }
}

/* Nearly all combinations there may be: each value has all of the others'. Or so many that chance would exceed them. */
static bool is_full(double own, double room, double rows, size_t common)
{
    return own * room < 1.02 * rows || (common == 0 && own * room < (1 + 4 / sqrt(rows / own)) * rows);
}

void pair_limit(const struct pair *pair)
{
    double rows = (double)pair->maker->rows;
    double *room = arena_alloc(pair->arena, pair->count * sizeof *room);
    double *own = arena_alloc(pair->arena, pair->count * sizeof *own);
    for (size_t i = 0; i < pair->count && rows > 0; i++) { /* before any of them is changed */
        room[i] = room_beside(pair, i);
        own[i] = values_of(pair, pair->columns[i]);
    }
    for (size_t i = 0; i < pair->count && rows > 0; i++) {
        const struct reference *reference = pair_reference(pair, pair->columns[i]);
        bool single = reference == NULL || reference->key->column_count == 1;
        struct profile_column *statistics = single && room[i] < rows ? copy_statistics(pair, pair->columns[i])
                                                                     : NULL;
        if (statistics == NULL)
            continue;
        if (own[i] * room[i] < rows && reference == NULL && statistics->bound_count > 0) {
            raise_distinct(pair, statistics, ceil(rows / room[i]));
            own[i] = fmax(own[i], ceil(rows / room[i]));
        }
        if (reference == NULL && own[i] * room[i] < 1.02 * rows)
            own[i] = ceil(rows / room[i]);
        bool full = is_full(own[i], room[i], rows, statistics->mcv_count);
        cap_shares(statistics, full ? 1 / own[i] : room[i] / rows);
        if (full)
            make_even(pair, pair->columns[i], statistics, own[i]);
    }
}

/* ---- numbered lines ---- */

bool pair_starts_at_zero(const struct profile_column *statistics)
{
    for (size_t i = 0; statistics != NULL && i < statistics->mcv_count; i++)
        if (strcmp(statistics->mcv[i].value, "0") == 0)
            return true;
    return statistics != NULL && statistics->bound_count > 0 && strcmp(statistics->bounds[0], "0") == 0;
}

static int by_falling(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a < b) - (a > b);
}

/* But for what a sample may have changed; then it is. */
static bool is_falling(double *share, size_t count)
{
    static const double few = 0.02;
    double *sorted = mem_alloc(count * sizeof *sorted + 1), moved = 0;
    for (size_t i = 0; i < count; i++)
        sorted[i] = share[i];
    qsort(sorted, count, sizeof *sorted, by_falling);
    for (size_t i = 0; i < count; i++) {
        moved += fabs(sorted[i] - share[i]) / 2;
        share[i] = sorted[i];
    }
    free(sorted);
    return moved <= few;
}

bool pair_numbers(const struct profile_column *statistics, double *share)
{
    int64_t first = pair_starts_at_zero(statistics) ? 0 : 1;
    size_t count = statistics->mcv_count;
    for (size_t i = 0; i < count; i++) {
        char *end;
        int64_t at = strtoll(statistics->mcv[i].value, &end, 10) - first;
        if (*end != '\0' || at < 0 || at >= (int64_t)count || share[at] > 0)
            return false;
        share[at] = statistics->mcv[i].share;
    }
    return is_falling(share, count);
}

static int by_falling_rows(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a < b) - (a > b);
}

/* Shares of the numbers that are no common values, by the bounds they are between: evenly over each bucket's. */
static void smear(const struct profile_column *lines, int64_t first, double *share, size_t count)
{
    double rest = 1;
    for (size_t i = 0; i < lines->mcv_count; i++)
        rest -= lines->mcv[i].share;
    for (size_t i = 1; i < lines->bound_count; i++) {
        int64_t from = strtoll(lines->bounds[i - 1], NULL, 10) - first + (i > 1);
        int64_t to = strtoll(lines->bounds[i], NULL, 10) - first, free = 0;
        double bucket = fmax(0, rest) * (lines->bucket_share != NULL ? lines->bucket_share[i - 1]
                                                                     : 1 / (double)(lines->bound_count - 1));
        from = from > to ? to : from;
        for (int turn = 0; turn < 2; turn++)
            for (int64_t j = from < 0 ? 0 : from; j <= to && j < (int64_t)count; j++) {
                bool common = false;
                for (size_t k = 0; k < lines->mcv_count && !common; k++)
                    common = strtoll(lines->mcv[k].value, NULL, 10) - first == j;
                free += turn == 0 && !common;
                share[j] += turn == 1 && !common ? bucket / (double)free : 0;
            }
    }
}

/* Of numbers 1, 2, … the share of each, falling; 0 of them if they are none. */
static size_t numbers_of(const struct pair *pair, const struct profile_column *lines, double **share)
{
    enum { MOST = 4096 };
    int64_t first = pair_starts_at_zero(lines) ? 0 : 1;
    double last = 0;
    if (lines->bound_count == 0) {
        *share = arena_alloc(pair->arena, (lines->mcv_count + 1) * sizeof **share);
        return pair_numbers(lines, *share) ? lines->mcv_count : 0;
    }
    for (size_t i = 0; i < lines->mcv_count; i++)
        last = fmax(last, strtod(lines->mcv[i].value, NULL));
    last = fmax(last, strtod(lines->bounds[lines->bound_count - 1], NULL)) - (double)first + 1;
    if (!(last >= 1 && last <= MOST) || lines->mcv_count == 0 || last > 2 * told_distinct(pair, lines) + 2)
        return 0;
    size_t count = (size_t)last;
    *share = arena_alloc(pair->arena, (count + 1) * sizeof **share);
    for (size_t i = 0; i < lines->mcv_count; i++) {
        int64_t at = strtoll(lines->mcv[i].value, NULL, 10) - first;
        if (at < 0 || at >= (int64_t)count)
            return 0;
        (*share)[at] = lines->mcv[i].share;
    }
    smear(lines, first, *share, count);
    return is_falling(*share, count) ? count : 0;
}

/* Orders by lines, so that each number has the rows that its share says. Orders there are no more than `most`, and about
 * `told` of them if that is known; else these are no lines. */
static struct profile_count *orders(const struct pair *pair, const struct profile_column *lines, double most,
                                    double told, size_t *kept)
{
    double *share;
    size_t count = numbers_of(pair, lines, &share);
    int64_t *rows = arena_alloc(pair->arena, (count + 1) * sizeof *rows);
    int64_t *cap = arena_alloc(pair->arena, (count + 1) * sizeof *cap);
    struct profile_count *counts = arena_alloc(pair->arena, (count + 1) * sizeof *counts);
    for (size_t i = 0; i < count; i++)
        cap[i] = most < (double)pair->maker->rows ? (int64_t)most : pair->maker->rows;
    if (count == 0 || share_out(share, cap, count, pair->maker->rows, rows) != pair->maker->rows)
        return NULL;
    qsort(rows, count, sizeof *rows, by_falling_rows); /* falling, though rounded */
    if (isfinite(told) && told > 0 && ((double)rows[0] > 2 * told || (double)rows[0] < told / 2))
        return NULL;
    *kept = 0;
    for (size_t i = 0; i < count; i++)
        if (rows[i] > rows[i + 1])
            counts[(*kept)++] = (struct profile_count){.rows = (int64_t)i + 1,
                                                       .values = rows[i] - rows[i + 1]};
    return counts;
}

static bool tells_orders(const struct recipe *recipe)
{
    const struct profile_column *statistics = recipe->column->statistics;
    return profiled_is_known(recipe) && statistics->mcv_count > 0 && statistics->null_ratio <= 0 &&
           recipe->spec.kind != NULL && recipe->spec.labels == NULL &&
           value_kind_is_integer(recipe->spec.kind);
}

static void learn_orders(const struct pair *pair, size_t column, const struct profile_column *lines)
{
    struct reference *reference = pair_reference(pair, column);
    const struct profile_column *told = pair->maker->recipes[column].column->statistics;
    size_t count = 0;
    if (told != NULL && told->bound_count == 0 && told->mcv_count > 0)
        return; /* what it tells itself is all */
    if (reference != NULL && reference->fan_out == NULL && reference->counts == NULL) {
        double known = reference->key->column_count == 1 ? values_of(pair, column) : 0;
        reference->counts = orders(pair, lines, (double)reference->parent_rows, known, &count);
        reference->count_count = count;
    } else if (reference == NULL && told != NULL && told->counts == NULL && told->null_ratio <= 0) {
        struct profile_count *counts = orders(pair, lines, INFINITY, values_of(pair, column), &count);
        struct profile_column *own = counts != NULL ? copy_statistics(pair, column) : NULL;
        if (own != NULL)
            set_counts(pair, own, counts, count);
    }
}

void pair_learn(const struct pair *pair)
{
    for (size_t i = 0; i < pair->count; i++) {
        const struct recipe *lines = &pair->maker->recipes[pair->columns[i]];
        for (size_t j = 0; j < pair->count && tells_orders(lines); j++) {
            const struct reference *reference = pair_reference(pair, pair->columns[j]);
            size_t width = reference != NULL ? reference->key->column_count : 1;
            if (i != j && width + 1 == pair->count && (reference == NULL || pair_holds(pair, reference->key)))
                learn_orders(pair, pair->columns[j], lines->column->statistics);
        }
    }
}

/* ---- are they numbers? ---- */

/* Rows of lines up to this number, when each order's are numbered. */
static double rows_up_to(const struct profile_count *counts, size_t count, double number)
{
    double rows = 0;
    for (size_t i = 0; i < count; i++)
        rows += (double)counts[i].values * fmin((double)counts[i].rows, fmax(0, number));
    return rows;
}

static double share_up_to(const struct profile_column *statistics, double number)
{
    double share = 0, rest = 1 - statistics->null_ratio;
    size_t passed = 0;
    for (size_t i = 0; i < statistics->mcv_count; i++) {
        share += strtod(statistics->mcv[i].value, NULL) <= number ? statistics->mcv[i].share : 0;
        rest -= statistics->mcv[i].share;
    }
    while (passed < statistics->bound_count && strtod(statistics->bounds[passed], NULL) <= number)
        passed++;
    for (size_t i = 1; i < passed; i++)
        share += fmax(0, rest) * (statistics->bucket_share != NULL
                                      ? statistics->bucket_share[i - 1]
                                      : 1 / (double)(statistics->bound_count - 1));
    return share;
}

bool pair_looks_numbered(const struct profile_column *statistics, const struct distribution *lead)
{
    static const double near = 0.1;
    size_t count, points = statistics->mcv_count + statistics->bound_count;
    const struct profile_count *counts = distribution_counts(lead, &count);
    double filled = (double)distribution_filled(lead), first = pair_starts_at_zero(statistics) ? 0 : 1;
    for (size_t i = 0; i < points; i++) {
        const char *literal = i < statistics->mcv_count ? statistics->mcv[i].value
                                                        : statistics->bounds[i - statistics->mcv_count];
        double number = strtod(literal, NULL);
        double expected = rows_up_to(counts, count, number - first + 1) / filled;
        if (fabs(share_up_to(statistics, number) - expected) > near)
            return false;
    }
    return points > 0;
}
