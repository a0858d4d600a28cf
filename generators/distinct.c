#include "generators/distinct_parts.h"

#include <math.h>
#include <string.h>

double distinct_duj1(double rows, double sample_rows, const struct profile_count *counts, size_t count)
{
    struct distinct_sample sample = distinct_sample_make(rows, sample_rows, 0, false);
    for (size_t i = 0; i < count; i++)
        distinct_sample_add(&sample, (double)counts[i].rows, (double)counts[i].values, false);
    double estimate = distinct_sample_estimate(&sample);
    return estimate > 0.1 * rows ? -estimate / rows : round(estimate);
}

static double sound(double x, double most)
{
    return isfinite(x) && x > 0 ? fmin(x, most) : 0;
}

double distinct_listed_share(const struct profile_column *column, size_t atom)
{
    return sound(column->mcv[atom].share, 1);
}

/* Profiles are files that people edit: what cannot be counts as unknown. */
static struct distinct_facts sound_facts(const struct distinct_facts *facts)
{
    struct distinct_facts copy = *facts;
    copy.rows = sound(facts->rows, 1e18);
    copy.sample_rows = sound(facts->sample_rows, 1e18);
    copy.pages = sound(facts->pages, 1e18);
    copy.parent_rows = sound(facts->parent_rows, 1e18);
    copy.index_distinct = sound(facts->index_distinct, 1e18);
    copy.index_pages = sound(facts->index_pages, 1e15);
    copy.index_key_bytes = sound(facts->index_key_bytes, 1e6);
    copy.capacity = sound(facts->capacity, 1e18);
    return copy;
}

struct distinct_subject distinct_subject_make(const struct distinct_facts *facts,
                                              const struct profile_column *column)
{
    struct distinct_subject self = {.facts = sound_facts(facts), .column = column};
    double kept = 1 - sound(column->null_ratio, 1), listed = 0, reported = column->distinct_reported;
    self.rows = self.facts.rows * kept;
    self.taken = fmin(self.facts.rows, self.facts.sample_rows) * kept;
    self.reported = fmin(self.rows,
                         reported < 0 ? sound(-reported, 1) * self.facts.rows : sound(reported, 1e18));
    self.clustered = isfinite(column->correlation) && fabs(column->correlation) > 0.9;
    self.listed = distinct_sample_make(self.rows, self.taken, self.facts.pages, self.clustered);
    self.leaves = distinct_leaves_make(self.facts.index_key_bytes);
    distinct_leaves_add(&self.leaves, self.facts.rows - self.rows, self.facts.rows > self.rows, false);
    for (size_t i = 0; self.rows > 0 && i < column->mcv_count; i++) {
        double share = distinct_listed_share(column, i);
        distinct_sample_add(&self.listed, share * self.facts.rows, 1, false);
        distinct_leaves_add(&self.leaves, share * self.facts.rows, 1, false);
        listed += share;
    }
    self.tail_rows = fmax(0, self.rows - listed * self.facts.rows);
    return self;
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
           fabs(column->distinct_reported - (double)column->mcv_count) < 0.5 && self->reported > 0;
}

static double from_counts(const struct distinct_subject *self, double *values)
{
    const struct profile_column *column = self->column;
    double rows = 0;
    *values = 0;
    struct distinct_sample sample = distinct_sample_make(self->rows, self->taken, self->facts.pages,
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

/* An index of which the server keeps statistics knows better where it is far from the model. */
static void compare_with_others(const struct distinct_facts *facts, struct profile_column *column)
{
    double index = facts->index_distinct, ratio = column->distinct_ratio;
    if (index > 0 && (column->distinct > 1.5 * index || column->distinct < index / 1.5))
        settle(column, index, "index", ratio);
    if (facts->parent_rows > 0 && column->distinct > facts->parent_rows)
        settle(column, facts->parent_rows, "parent", ratio);
}

/* From the sample, or so that both it and the index are explained. */
static const char *guess_tail(const struct distinct_subject *self, struct distinct_guess *guess)
{
    if (distinct_density(self, guess) && !distinct_index_denies(self, guess))
        return "density";
    *guess = distinct_invert(self);
    return distinct_heed_index(self, guess) ? "index" : "tail";
}

static void recover_from_sample(const struct distinct_subject *self, struct profile_column *column)
{
    struct distinct_guess guess;
    const char *by = guess_tail(self, &guess);
    double listed = (double)column->mcv_count, most = fmin(self->rows, distinct_capacity(self));
    settle(column, fmin(most, fmax(listed, round(guess.distinct))), by, guess.predicted / self->reported);
}

void distinct_recover(const struct distinct_facts *given, struct profile_column *column)
{
    struct distinct_subject self = distinct_subject_make(given, column);
    const struct distinct_facts *facts = &self.facts;
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

/* What was decided stays decided: bounds that were redacted since may tell less. */
static struct distinct_tail tail_by(struct distinct_subject *self, const char *by)
{
    static const double even = 1.1; /* what is reported, of values that are all alike */
    struct distinct_guess guess;
    if (by != NULL && strcmp(by, "density") == 0 && distinct_fills_bounds(self, &guess) &&
        guess.predicted < even * self->reported)
        return guess.tail;
    self->facts.index_fresh = true;
    if (by == NULL || strcmp(by, "index") != 0)
        self->facts.index_pages = 0;
    guess = distinct_invert(self);
    (void)distinct_heed_index(self, &guess);
    return guess.tail;
}

/* How many values a bucket holds varies from one to the next as rows do from value to value: of values that come in any order,
 * with so many rows each (mean m, variance v), rows r hold r/m of them, with variance r·v/m³ (renewal theory). What chance
 * alone makes of rows, 1/m, is no spread. */
static double spread_of_buckets(const struct distinct_subject *self)
{
    enum { LEAST = 30 };
    static const double little = 0.05;
    const struct profile_column *column = self->column;
    double rows = 0, values = 0, squares = 0, expected = 0, before = NAN, rows_before = 0;
    if (column->bucket_distinct == NULL || column->bucket_share == NULL || column->bound_count <= LEAST)
        return 0;
    for (size_t i = 0; i + 1 < column->bound_count; i++) {
        double here = sound(column->bucket_share[i], 1) * self->tail_rows,
               held = sound(column->bucket_distinct[i], 1e18);
        if (here < 1 || held < 1)
            continue;
        if (isfinite(before)) {
            squares += (held / here - before) * (held / here - before);
            expected += 1 / here + 1 / rows_before;
        }
        before = held / here, rows_before = here;
        rows += here, values += held;
    }
    double mean = rows / fmax(1, values);
    double spread = expected > 0 ? mean * squares / expected - 1 / mean : 0;
    return spread > little ? fmin(TAIL_WIDEST, spread) : 0;
}

struct distinct_tail distinct_tail(const struct distinct_facts *given, const struct profile_column *column)
{
    struct distinct_subject self = distinct_subject_make(given, column);
    bool even;
    if (self.reported > 0 && self.tail_rows > 0 && self.facts.sample_rows > 0 &&
        self.facts.rows > self.facts.sample_rows)
        return tail_by(&self, column->distinct_by);
    struct distinct_tail tail = {.share = distinct_first(&self, &even) / fmax(1, self.facts.rows)};
    if (self.facts.sample_rows <= 0 ||
        self.facts.rows <= self.facts.sample_rows) /* what the server keeps is of all rows */
        tail.spread = spread_of_buckets(&self);
    return tail;
}
