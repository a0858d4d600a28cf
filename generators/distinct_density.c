#include "generators/distinct_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number without its point, or the days of a date; digits: after the point, the same for all bounds. */
static bool read_bound(const char *text, int *digits, double *number)
{
    int year, month, day, used = 0;
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &used) == 3 && text[used] == '\0' && year > 0) {
        int shifted = month <= 2 ? year - 1 : year, since_march = (month + 9) % 12;
        *number = 365.0 * shifted + floor(shifted / 4.0) - floor(shifted / 100.0) + floor(shifted / 400.0) +
                  floor((153.0 * since_march + 2) / 5) + day;
        return *digits <= 0 && (*digits = 0, true);
    }
    char *end;
    double value = strtod(text, &end);
    const char *point = strchr(text, '.');
    int found = point != NULL ? (int)strlen(point + 1) : 0;
    if (end == text || *end != '\0' || strpbrk(text, "eExXnN") != NULL || (*digits >= 0 && found != *digits))
        return false;
    *digits = found;
    *number = value * pow(10, found);
    return true;
}

static void add_density(struct distinct_sample *sample, double *distinct, double rows, double capacity)
{
    if (rows <= 0 || capacity < 1)
        return;
    distinct_sample_add(sample, rows / capacity, capacity, true);
    *distinct -= capacity * expm1(-rows / capacity);
}

static bool add_buckets(const struct distinct_subject *self, struct distinct_sample *sample, double *distinct)
{
    const struct profile_column *column = self->column;
    double before = 0, now;
    int digits = -1;
    for (size_t i = 0; i < column->bound_count; i++, before = now) {
        if (!read_bound(column->bounds[i], &digits, &now) || (i > 0 && now < before))
            return false;
        double share = column->bucket_share != NULL && i > 0 ? column->bucket_share[i - 1]
                                                             : 1 / (double)(column->bound_count - 1);
        if (i > 0)
            add_density(sample, distinct, self->tail_rows * share, fmax(1, now - before));
    }
    return column->bound_count > 1;
}

bool distinct_density(const struct distinct_subject *self, struct distinct_guess *guess)
{
    struct distinct_sample sample = distinct_sample_listed(self);
    double distinct = 0;
    if (!add_buckets(self, &sample, &distinct)) {
        if (self->facts->capacity <= 0 || !isfinite(self->facts->capacity))
            return false;
        sample = distinct_sample_listed(self);
        distinct = 0;
        add_density(&sample, &distinct, self->tail_rows,
                    fmax(1, self->facts->capacity - (double)self->column->mcv_count));
    }
    guess->distinct = (double)self->column->mcv_count + distinct;
    guess->predicted = distinct_sample_estimate(&sample);
    guess->tail = (struct distinct_tail){.share = self->tail_rows / fmax(1, distinct) / self->facts->rows};
    return fabs(guess->predicted / self->reported - 1) <= 0.2;
}
