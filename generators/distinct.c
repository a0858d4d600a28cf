#include "generators/distinct_parts.h"

#include <math.h>

double distinct_duj1(double rows, double sample_rows, const struct profile_count *counts, size_t count)
{
    struct distinct_sample sample = distinct_sample_make(rows, sample_rows, 0, false);
    for (size_t i = 0; i < count; i++)
        distinct_sample_add(&sample, (double)counts[i].rows, (double)counts[i].values, false);
    double estimate = distinct_sample_estimate(&sample);
    return estimate > 0.1 * rows ? -estimate / rows : round(estimate);
}

static double share_listed(const struct profile_column *column)
{
    double share = 0;
    for (size_t i = 0; i < column->mcv_count; i++)
        share += column->mcv[i].share;
    return share;
}

static double reported_values(const struct distinct_facts *facts, const struct profile_column *column)
{
    double reported = column->distinct_reported;
    return reported < 0 ? -reported * facts->rows : reported;
}

struct distinct_subject distinct_subject_make(const struct distinct_facts *facts,
                                              const struct profile_column *column)
{
    struct distinct_subject self = {.facts = facts, .column = column};
    double kept = 1 - (isfinite(column->null_ratio) ? column->null_ratio : 0);
    self.rows = facts->rows * kept;
    self.taken = fmin(facts->rows, facts->sample_rows) * kept;
    self.reported = fmin(self.rows, reported_values(facts, column));
    self.tail_rows = fmax(0, self.rows - share_listed(column) * facts->rows);
    self.clustered = isfinite(column->correlation) && fabs(column->correlation) > 0.9;
    return self;
}

struct distinct_sample distinct_sample_listed(const struct distinct_subject *self)
{
    struct distinct_sample sample = distinct_sample_make(self->rows, self->taken, self->facts->pages,
                                                         self->clustered);
    for (size_t i = 0; i < self->column->mcv_count; i++)
        distinct_sample_add(&sample, self->column->mcv[i].share * self->facts->rows, 1, false);
    return sample;
}

/* ---- order of trust ---- */

static void settle(struct profile_column *column, double distinct, const char *by, double ratio)
{
    column->distinct = distinct;
    column->distinct_by = by;
    column->distinct_ratio = ratio;
}

static bool list_is_complete(const struct distinct_subject *self)
{
    const struct profile_column *column = self->column;
    return column->mcv_count > 0 && column->bound_count < 2 && column->distinct_reported > 0 &&
           fabs(column->distinct_reported - (double)column->mcv_count) < 0.5;
}

static double from_counts(const struct distinct_subject *self, double *values)
{
    const struct profile_column *column = self->column;
    double rows = 0;
    *values = 0;
    struct distinct_sample sample = distinct_sample_make(self->rows, self->taken, self->facts->pages,
                                                         self->clustered);
    for (size_t i = 0; i < column->count_count; i++) {
        rows += (double)column->counts[i].rows * (double)column->counts[i].values;
        *values += column->counts[i].rows > 0 ? (double)column->counts[i].values : 0;
        if (column->counts[i].rows > 0)
            distinct_sample_add(&sample, (double)column->counts[i].rows, (double)column->counts[i].values,
                                false);
    }
    return rows > 0 ? distinct_sample_estimate(&sample) : NAN;
}

/* An index knows better where it is far from the model: equal values that lie together mislead a sample. */
static void compare_with_others(const struct distinct_facts *facts, struct profile_column *column)
{
    double index = facts->index_distinct, ratio = column->distinct_ratio;
    bool above = column->distinct > index,
         far = column->distinct > 1.5 * index || column->distinct < index / 1.5;
    if (index > 0 && (facts->index_is_upper_bound ? above : far))
        settle(column, index, "index", ratio);
    if (facts->parent_rows > 0 && column->distinct > facts->parent_rows)
        settle(column, facts->parent_rows, "parent", ratio);
}

static void recover_from_sample(const struct distinct_subject *self, struct profile_column *column)
{
    struct distinct_guess guess;
    const char *by = "density";
    if (!distinct_density(self, &guess)) {
        guess = distinct_invert(self);
        by = "tail";
    }
    double listed = (double)column->mcv_count, most = fmin(self->rows, distinct_capacity(self));
    settle(column, fmin(most, fmax(listed, round(guess.distinct))), by, guess.predicted / self->reported);
}

void distinct_recover(const struct distinct_facts *facts, struct profile_column *column)
{
    struct distinct_subject self = distinct_subject_make(facts, column);
    double values, predicted;
    settle(column, 0, NULL, NAN);
    if (facts->unique) {
        settle(column, round(self.rows), "unique", self.reported > 0 ? self.rows / self.reported : NAN);
    } else if (list_is_complete(&self)) {
        settle(column, (double)column->mcv_count, "mcv", (double)column->mcv_count / self.reported);
    } else if (column->counts != NULL && isfinite(predicted = from_counts(&self, &values))) {
        settle(column, values, "counts", self.reported > 0 ? predicted / self.reported : NAN);
    } else if (self.reported <= 0 || self.rows <= 0) {
        if (facts->index_distinct > 0)
            settle(column, facts->index_distinct, "index", NAN);
    } else if (facts->sample_rows <= 0 || facts->rows <= facts->sample_rows) {
        settle(column, round(self.reported), "reported", 1);
        if (facts->rows > facts->sample_rows) /* not counted by ANALYZE of every row */
            compare_with_others(facts, column);
    } else {
        recover_from_sample(&self, column);
        compare_with_others(facts, column);
    }
}

struct distinct_tail distinct_tail(const struct distinct_facts *facts, const struct profile_column *column)
{
    struct distinct_subject self = distinct_subject_make(facts, column);
    struct distinct_guess guess;
    bool even;
    if (self.reported > 0 && self.tail_rows > 0 && facts->sample_rows > 0 &&
        facts->rows > facts->sample_rows) {
        if (distinct_density(&self, &guess))
            return guess.tail;
        return distinct_invert(&self).tail;
    }
    return (struct distinct_tail){.share = distinct_first(&self, &even) / fmax(1, facts->rows)};
}
