#include "generators/distinct_parts.h"
#include "generators/share.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Days from a fixed one. */
static int64_t days(int year, int month, int day)
{
    int64_t shifted = month <= 2 ? year - 1 : year, since_march = (month + 9) % 12;
    return 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + (153 * since_march + 2) / 5 + day;
}

/* Microseconds of "2024-05-06", "2024-05-06 07:08:09" and "2024-05-06 07:08:09.5+00". */
static bool read_moment(const char *text, int64_t *number)
{
    int year, month, day, hour, minute, second, used = 0;
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3 || used == 0 || year <= 0)
        return false;
    *number = days(year, month, day) * INT64_C(86400000000);
    text += used;
    used = 0;
    if (*text == '\0')
        return true;
    if (sscanf(text, " %2d:%2d:%2d%n", &hour, &minute, &second, &used) != 3 || used == 0)
        return false;
    *number += ((hour * INT64_C(60) + minute) * 60 + second) * 1000000;
    text += used;
    int64_t unit = 100000;
    if (*text == '.')
        for (text++; *text >= '0' && *text <= '9'; text++, unit /= 10)
            *number += (*text - '0') * unit;
    return *text == '\0' || strcmp(text, "+00") == 0;
}

/* A number without its point; digits: after the point, the same for all bounds, −1 at first. */
static bool read_number(const char *text, int *digits, int64_t *number)
{
    char *end;
    double value = strtod(text, &end);
    const char *point = strchr(text, '.');
    int found = point != NULL ? (int)strlen(point + 1) : 0;
    if (end == text || *end != '\0' || strpbrk(text, "eExXnN") != NULL || (*digits >= 0 && found != *digits))
        return false;
    value *= pow(10, found);
    if (fabs(value) > 0x1p53)
        return false;
    *digits = found;
    *number = llround(value);
    return true;
}

/* The bounds as whole numbers of the largest step that leads to all of them. NULL: they are no numbers or moments. */
static int64_t *read_bounds(const struct profile_column *column)
{
    size_t count = column->bound_count;
    int64_t *bounds = mem_alloc(count * sizeof *bounds + 1), step = 0;
    int digits = -1;
    for (size_t i = 0; i < count; i++) {
        bool read = read_moment(column->bounds[i], &bounds[i]) ||
                    read_number(column->bounds[i], &digits, &bounds[i]);
        if (!read || (i > 0 && bounds[i] < bounds[i - 1])) {
            free(bounds);
            return NULL;
        }
        step = share_divisor(bounds[i] - bounds[0], step);
    }
    for (size_t i = 0; i < count; i++) /* the least bound is 0 */
        bounds[i] = step == 0 ? 0 : bounds[i] / step;
    return bounds;
}

struct density {
    struct distinct_sample sample;
    struct distinct_leaves leaves;
    double distinct;
};

static void add_density(struct density *density, double rows, double capacity)
{
    if (rows <= 0 || capacity < 1)
        return;
    distinct_sample_add(&density->sample, rows / capacity, capacity, true);
    distinct_leaves_add(&density->leaves, rows / capacity, capacity, true);
    density->distinct -= capacity * expm1(-rows / capacity);
}

static bool add_buckets(const struct distinct_subject *self, struct density *density)
{
    const struct profile_column *column = self->column;
    int64_t *bounds = column->bound_count > 1 ? read_bounds(column) : NULL;
    for (size_t i = 1; bounds != NULL && i < column->bound_count; i++) {
        double share = column->bucket_share != NULL ? column->bucket_share[i - 1]
                                                    : 1 / (double)(column->bound_count - 1);
        add_density(density, self->tail_rows * share, fmax(1, (double)(bounds[i] - bounds[i - 1])));
    }
    bool read = bounds != NULL;
    free(bounds);
    return read;
}

bool distinct_fills_bounds(const struct distinct_subject *self, struct distinct_guess *guess)
{
    struct density density = {.sample = self->listed, .leaves = self->leaves};
    if (!add_buckets(self, &density)) {
        if (self->facts.capacity <= 0 || !isfinite(self->facts.capacity))
            return false;
        add_density(&density, self->tail_rows,
                    fmax(1, self->facts.capacity - (double)self->column->mcv_count));
    }
    *guess = (struct distinct_guess){
        .distinct = (double)self->column->mcv_count + density.distinct,
        .predicted = distinct_sample_estimate(&density.sample),
        .pages = distinct_leaves_pages(&density.leaves),
        .tail = {.share = self->tail_rows / fmax(1, density.distinct) / self->facts.rows}};
    return true;
}

/* Where nearly every row would have a value of its own, bounds say nothing that others do not say better. Where values have
 * many rows each but not the same, all are there though fewer are reported. */
bool distinct_density(const struct distinct_subject *self, struct distinct_guess *guess)
{
    static const double sparse = 0.8, close = 0.2, uneven = 1, many = 3;
    if (!distinct_fills_bounds(self, guess))
        return false;
    double values = guess->distinct - (double)self->column->mcv_count;
    double off = guess->predicted / self->reported - 1;
    return values < sparse * self->tail_rows &&
           (fabs(off) <= close || (off > 0 && off <= uneven && values * many < self->tail_rows));
}

double distinct_capacity(const struct distinct_subject *self)
{
    const struct profile_column *column = self->column;
    double capacity = self->facts.capacity > 0 ? self->facts.capacity : INFINITY;
    int64_t *bounds = column->bound_count > 1 ? read_bounds(column) : NULL;
    if (bounds != NULL)
        capacity = fmin(capacity, (double)(bounds[column->bound_count - 1] - bounds[0] + 1));
    free(bounds);
    double beyond = self->taken > 0 ? 2 * self->rows / self->taken : 0;
    return capacity + (double)column->mcv_count + beyond;
}
