#include "generators/distinct_parts.h"

#include <math.h>
#include <string.h>

/* How far the pages of an index can be told: of a fresh one by its keys, and at all. */
enum { LEAST_PAGES = 20 };

static const double far = 0.04;

/* How exactly pages are told by keys: relative. */
static double error_of_pages(const struct distinct_subject *self)
{
    return 0.008 + 0.5 / self->facts.index_pages;
}

static double pages_by(const struct distinct_subject *self, const struct distinct_guess *guess)
{
    return self->facts.index_pages / guess->pages;
}

/* ---- more keys than the sample lets one think: some are of one row each, and the others the more frequent ---- */

static struct distinct_guess set_aside(const struct distinct_subject *self, double share)
{
    struct distinct_subject rest = *self;
    double rows = share * self->tail_rows;
    distinct_sample_add(&rest.listed, 1, rows, false);
    distinct_leaves_add(&rest.leaves, 1, rows, false);
    rest.single_rows = rows;
    rest.tail_rows -= rows;
    struct distinct_guess guess = distinct_invert(&rest);
    guess.tail.single = share;
    return guess;
}

/* How little a share explains: what is left of the pages, and that such values are not to be assumed without need. */
static double blame(const struct distinct_subject *self, const struct distinct_guess *guess)
{
    static const double usual = 0.2;
    double off = log(pages_by(self, guess)) / error_of_pages(self), share = guess->tail.single / usual;
    bool allowed = fabs(guess->predicted / self->reported - 1) < 0.02;
    return allowed ? off * off + share * share : INFINITY;
}

static void find_singles(const struct distinct_subject *self, struct distinct_guess *guess)
{
    double low = 0, high = 0.99, least = blame(self, guess);
    for (int i = 0; i < 11; i++) {
        double near = low + (high - low) * 0.38, away = low + (high - low) * 0.62;
        struct distinct_guess a = set_aside(self, near), b = set_aside(self, away);
        double by_a = blame(self, &a), by_b = blame(self, &b);
        if (by_a < least)
            *guess = a, least = by_a;
        if (by_b < least)
            *guess = b, least = by_b;
        if (by_a <= by_b)
            high = away;
        else
            low = near;
    }
}

/* ---- pages alone, the shape as it is ---- */

static struct tail reshape(const struct distinct_subject *self, const struct distinct_guess *guess,
                           double distinct)
{
    const struct tail *law = &guess->law;
    double values = distinct - (double)self->column->mcv_count - self->single_rows;
    values = fmax(1e-3, fmin(values, self->tail_rows));
    if (law->spread > 0)
        return tail_fit_spread(law->spread, self->tail_rows, values);
    if (law->values <= 0)
        return distinct_law_even(self, self->exact ? self->tail_rows / values
                                                   : tail_even(self->tail_rows, fmax(1, values)));
    return tail_fit(law->first, law->knee, guess->tail.slope, self->tail_rows, values);
}

/* Pages and sample disagree: each by its error. What few of the values were seen of, a sample tells badly. */
static double trust_in_pages(const struct distinct_subject *self, const struct distinct_guess *guess,
                             double fitted)
{
    double unseen = log(fmax(1, guess->distinct / self->reported));
    double sample = 0.03 + 0.5 * unseen,
           per_page = (fitted - log(guess->distinct)) / log(pages_by(self, guess));
    double pages = 0.03 + error_of_pages(self) * fabs(per_page);
    return sample * sample / (sample * sample + pages * pages);
}

static void fit_pages(const struct distinct_subject *given, struct distinct_guess *guess)
{
    struct distinct_subject self = *given;
    double single = guess->tail.single, rows = single * given->tail_rows, low, high = log(given->rows);
    distinct_sample_add(&self.listed, 1, rows, false);
    distinct_leaves_add(&self.leaves, 1, rows, false);
    self.single_rows = rows;
    self.tail_rows -= rows;
    self.exact = guess->tail.exact;
    low = log((double)given->column->mcv_count + rows + 1);
    struct distinct_guess shape = *guess;
    for (int i = 0; i < 24; i++) {
        double middle = (low + high) / 2;
        struct tail law = reshape(&self, &shape, exp(middle));
        *guess = distinct_guess_of(&self, &law);
        *(guess->pages < given->facts.index_pages ? &low : &high) = middle;
    }
    double trust = trust_in_pages(given, &shape, low);
    struct tail law = reshape(&self, &shape, exp(trust * low + (1 - trust) * log(shape.distinct)));
    *guess = distinct_guess_of(&self, &law);
    guess->tail = shape.tail;
}

/* ---- all of as many rows, if that is it ---- */

static bool try_exact(const struct distinct_subject *self, struct distinct_guess *guess)
{
    struct distinct_subject same = *self;
    same.exact = true;
    struct distinct_guess tried = distinct_invert(&same);
    double off = fabs(log(pages_by(self, &tried)));
    if (!tried.tail.exact || off >= fabs(log(pages_by(self, guess))))
        return false;
    bool explained = off <= 2 * error_of_pages(self);
    if (explained || pages_by(self, guess) < 1)
        *guess = tried;
    return explained;
}

/* Half as many keys more would hardly make a difference: their bytes drown in those of the rows. */
static bool is_firm(const struct distinct_subject *self, const struct distinct_guess *guess)
{
    struct distinct_leaves more = distinct_leaves_make(self->facts.index_key_bytes);
    double distinct = fmin(self->rows, fmax(1, guess->distinct));
    distinct_leaves_add(&more, self->rows / distinct, distinct, false);
    double pages = distinct_leaves_pages(&more);
    distinct = fmin(self->rows, 1.5 * distinct);
    more = distinct_leaves_make(self->facts.index_key_bytes);
    distinct_leaves_add(&more, self->rows / distinct, distinct, false);
    return distinct_leaves_pages(&more) < 1.06 * pages;
}

bool distinct_heed_index(const struct distinct_subject *self, struct distinct_guess *guess)
{
    if (self->facts.index_pages < LEAST_PAGES || self->tail_rows <= 0)
        return false;
    double by = pages_by(self, guess), error = error_of_pages(self);
    bool tells_more = by < 1.1 || self->facts.index_fresh;
    bool seen_all = guess->distinct < 1.1 * self->reported && fabs(by - 1) < 0.1;
    if (seen_all || fabs(by - 1) <= error || !tells_more || (fabs(by - 1) < 0.06 && is_firm(self, guess)))
        return false;
    double before = guess->distinct;
    if (try_exact(self, guess))
        return true;
    if (by > 1)
        find_singles(self, guess);
    if (fabs(pages_by(self, guess) - 1) > 2 * error)
        fit_pages(self, guess);
    return guess->distinct < before || guess->distinct > before;
}

bool distinct_index_denies(const struct distinct_subject *self, const struct distinct_guess *guess)
{
    double by = self->facts.index_pages > LEAST_PAGES ? pages_by(self, guess) : 1;
    return !is_firm(self, guess) && (by < 1 - far || (by > 1 + far && self->facts.index_fresh));
}

double distinct_index_ratio(const struct distinct_facts *facts, const struct profile_column *column,
                            bool *firm)
{
    struct distinct_subject self = distinct_subject_make(facts, column);
    struct distinct_guess guess;
    *firm = false;
    if (self.facts.index_pages < LEAST_PAGES || self.rows <= 0)
        return NAN;
    if (facts->unique)
        guess = (struct distinct_guess){.distinct = self.rows};
    else if (self.tail_rows <= 0 || self.reported <= 0)
        return NAN;
    else if (!distinct_density(&self, &guess))
        guess = distinct_invert(&self);
    *firm = facts->unique || is_firm(&self, &guess);
    if (guess.pages <= 0) {
        struct distinct_leaves leaves = self.leaves;
        distinct_leaves_add(&leaves, self.rows / fmax(1, guess.distinct), guess.distinct, false);
        guess.pages = distinct_leaves_pages(&leaves);
    }
    return pages_by(&self, &guess);
}

/* ---- which index tells ---- */

/* The pages of an index of this column alone, as if it had as many rows as the table. */
static double pages_of_index(const struct profile_table *table, const struct profile_index *index)
{
    return index->pages > 0 && index->rows > 0 ? (double)index->pages / (double)index->rows * table->rows : 0;
}

void distinct_ask_indexes(const struct profile_table *table, size_t column, struct distinct_facts *facts)
{
    for (size_t i = 0; i < table->index_count; i++) {
        const struct profile_index *index = &table->indexes[i];
        bool alone = index->column_count == 1;
        if (index->columns[0] != (int)column || index->partial || (index->unique && !alone))
            continue;
        if (index->prefix_distinct != NULL && !index->unique)
            facts->index_distinct = index->prefix_distinct[0];
        else if (alone && (index->deduplicated || index->unique) && strcmp(index->method, "btree") == 0)
            facts->index_pages = pages_of_index(table, index);
        else
            continue;
        facts->index_key_bytes = fmax(1, table->columns[column].width_bytes);
        return;
    }
}
