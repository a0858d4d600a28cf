#include "generators/segment.h"

#include "bench/base/rng.h"
#include "generators/permute.h"
#include "generators/share.h"

#include <math.h>

/* The parts of buckets, and room to share something out over them. */
struct deal {
    struct arena *arena;
    struct segment **part;
    size_t count;
    double *weight;
    int64_t *cap, *out;
    double *rows;  /* not dealt yet; below 0: too many */
    int64_t *room; /* for more values */
};

static struct deal deal_make(struct segments *self)
{
    struct deal deal = {.arena = self->arena};
    deal.part = arena_alloc(self->arena, self->count * sizeof(struct segment *));
    deal.weight = arena_alloc(self->arena, self->count * sizeof *deal.weight);
    deal.cap = arena_alloc(self->arena, self->count * sizeof *deal.cap);
    deal.out = arena_alloc(self->arena, self->count * sizeof *deal.out);
    for (size_t i = 0; i < self->count; i++)
        if (!self->list[i].atom)
            deal.part[deal.count++] = &self->list[i];
    return deal;
}

/* Different values among so many rows if all that fit are equally likely. */
static double occupied(const struct segment *part)
{
    double room = (double)part->capacity;
    return room < 1 ? 0 : -room * expm1(-(double)part->rows / room);
}

/* Where most of what fits is there, the room tells how many values a part has; else the rows do. */
static void weigh_values(struct deal *deal, bool told, int64_t total)
{
    double all = 0;
    for (size_t i = 0; i < deal->count; i++)
        all += occupied(deal->part[i]);
    for (size_t i = 0; i < deal->count; i++) {
        const struct segment *part = deal->part[i];
        deal->weight[i] = told                         ? part->value_weight
                          : (double)total >= 0.5 * all ? occupied(part)
                                                       : (double)part->rows;
        deal->cap[i] = part->capacity;
    }
}

/* In proportion, no more than fit: what narrow buckets cannot hold goes to the others. */
static int64_t share_values(struct deal *deal, bool told, int64_t total)
{
    weigh_values(deal, told, total);
    int64_t given = share_out(deal->weight, deal->cap, deal->count, total, deal->out);
    for (size_t i = 0; i < deal->count; i++)
        deal->part[i]->values = deal->out[i];
    if (given > 0 || total == 0 || deal->count == 0)
        return given;
    deal->part[0]->values = deal->part[0]->capacity = 1; /* nothing fits anywhere, yet the rows are there */
    return 1;
}

/* Rows of a part without a value go to the next one that has some. */
static void pass_rows(struct deal *deal)
{
    int64_t carried = 0;
    struct segment *last = NULL;
    for (size_t i = 0; i < deal->count; i++) {
        struct segment *part = deal->part[i];
        part->rows += carried;
        carried = part->values == 0 ? part->rows : 0;
        if (part->values == 0)
            part->rows = 0;
        else
            last = part;
    }
    if (last != NULL)
        last->rows += carried;
}

/* Each value needs a row: parts that lack some take from those with rows to spare. */
static void lift_rows(struct deal *deal)
{
    int64_t lack = 0;
    for (size_t i = 0; i < deal->count; i++) {
        struct segment *part = deal->part[i];
        int64_t spare = part->rows - part->values;
        deal->cap[i] = spare > 0 ? spare : 0;
        deal->weight[i] = (double)deal->cap[i];
        if (spare < 0) {
            lack -= spare;
            part->rows = part->values;
        }
    }
    if (lack == 0)
        return;
    share_out(deal->weight, deal->cap, deal->count, lack, deal->out);
    for (size_t i = 0; i < deal->count; i++)
        deal->part[i]->rows -= deal->out[i];
}

/* Rows that a part can hold if no value has more than so many. */
static double rows_held(const struct segment *part, bool valued, double most)
{
    return floor(most * (double)(valued ? part->values : part->capacity));
}

static void move_rows(struct deal *deal, size_t from, size_t to, bool valued, double most, double fill)
{
    struct segment *giver = deal->part[from], *taker = deal->part[to];
    double excess = (double)giver->rows - rows_held(giver, valued, most);
    double spare = rows_held(taker, valued, most * fill) - (double)taker->rows;
    if (excess < 1 || spare < 1 || taker->rows == 0)
        return;
    int64_t moved = (int64_t)fmin(excess, spare);
    giver->rows -= moved;
    taker->rows += moved;
}

static void give_away(struct deal *deal, size_t from, bool valued, double most)
{
    static const double fill[] = {0.5, 0.75, 1}; /* the nearest half full, then some more, then all */
    const size_t reach[] = {4, 16, deal->count};
    for (int turn = 0; turn < 3; turn++)
        for (size_t away = 1; away <= reach[turn] && away < deal->count; away++) {
            if ((double)deal->part[from]->rows <= rows_held(deal->part[from], valued, most))
                return;
            if (away <= from)
                move_rows(deal, from, from - away, valued, most, fill[turn]);
            if (from + away < deal->count)
                move_rows(deal, from, from + away, valued, most, fill[turn]);
        }
}

/* What is in no list is no more common than what is: rows that are too many for the places of a part go to the nearest that
 * have room. valued: the parts have their values; else as many as fit. */
static void spread_rows(struct deal *deal, bool valued, double most)
{
    for (size_t i = 0; isfinite(most) && i < deal->count; i++)
        give_away(deal, i, valued, most);
}

/* ---- a spectrum dealt to the parts, class by class from the most rows down ---- */

static void hand(struct deal *deal, int64_t rows_each)
{
    for (size_t i = 0; i < deal->count; i++) {
        spectrum_add(&deal->part[i]->spectrum, rows_each, deal->out[i]);
        deal->rows[i] -= (double)rows_each * (double)deal->out[i];
        deal->room[i] -= deal->out[i];
    }
}

static int64_t fitting(const struct deal *deal, size_t part, int64_t rows_each)
{
    double most = floor(fmax(0, deal->rows[part]) / (double)rows_each);
    return most < (double)deal->room[part] ? (int64_t)most : deal->room[part];
}

/* What a part must take of this class, because all the room it has, filled with the next lower one, would not hold its rows. */
static int64_t deal_needed(struct deal *deal, int64_t rows_each, int64_t next, int64_t values)
{
    int64_t needed = 0;
    for (size_t i = 0; i < deal->count; i++) {
        double lack = deal->rows[i] - (double)deal->room[i] * (double)next;
        double need = lack > 0 ? ceil(lack / (double)(rows_each - next) - 1e-9) : 0;
        int64_t fit = fitting(deal, i, rows_each);
        deal->cap[i] = need < (double)fit ? (int64_t)need : fit;
        deal->weight[i] = (double)deal->cap[i];
        needed += deal->cap[i];
    }
    if (needed == 0)
        return 0;
    int64_t given = share_out(deal->weight, deal->cap, deal->count, needed < values ? needed : values,
                              deal->out);
    hand(deal, rows_each);
    return given;
}

static int64_t deal_class(struct deal *deal, int64_t rows_each, int64_t next, int64_t values)
{
    int64_t left = values - deal_needed(deal, rows_each, next, values);
    for (int strict = 1; strict >= 0 && left > 0; strict--) {
        for (size_t i = 0; i < deal->count; i++) {
            deal->weight[i] = strict ? fmax(0, deal->rows[i]) : fmax(1e-3, deal->rows[i]);
            deal->cap[i] = strict ? fitting(deal, i, rows_each) : deal->room[i];
        }
        left -= share_out(deal->weight, deal->cap, deal->count, left, deal->out);
        hand(deal, rows_each);
    }
    return left;
}

static void deal_spectrum(struct deal *deal, uint64_t key, const struct spectrum *spectrum)
{
    struct deal mixed = *deal; /* in an order that shows no step */
    mixed.part = arena_alloc(deal->arena, deal->count * sizeof(struct segment *));
    mixed.rows = arena_alloc(deal->arena, deal->count * sizeof *mixed.rows);
    mixed.room = arena_alloc(deal->arena, deal->count * sizeof *mixed.room);
    for (size_t i = 0; i < deal->count; i++) {
        mixed.part[i] = deal->part[permute(key, deal->count, i)];
        mixed.part[i]->spectrum = (struct spectrum){.arena = deal->arena};
        mixed.rows[i] = (double)mixed.part[i]->rows;
        mixed.room[i] = mixed.part[i]->capacity;
    }
    for (size_t i = spectrum->count; i-- > 0;) {
        const struct profile_count *class = &spectrum->classes[i];
        deal_class(&mixed, class->rows, i > 0 ? class[-1].rows : 0, class->values);
    }
    for (size_t i = 0; i < deal->count; i++)
        deal->part[i]->values = spectrum_values(&deal->part[i]->spectrum);
}

/* ---- which spectrum ---- */

static double told(double x, double most)
{
    return isfinite(x) && x > 0 ? fmin(x, most) : 0;
}

static double first_of_tail(const struct segments *self)
{
    double first = told(self->spec->tail_share, 1) * (double)self->spec->rows;
    return first > 0 ? fmin(first, self->last_atom) : self->last_atom;
}

/* Values of one row each, beside the others. */
static int64_t singles_among(const struct segments *self, int64_t values)
{
    int64_t single = (int64_t)(told(self->spec->tail_single, 1) * (double)self->tail_rows);
    return single < values ? single : values - 1;
}

/* Of these values the most common is not just as common as the others. */
static bool is_uneven(const struct segments *self, int64_t rows, int64_t values)
{
    double first = first_of_tail(self), mean = (double)rows / (double)values;
    return told(self->spec->tail_spread, TAIL_WIDEST) > 0 || (isfinite(first) && mean < 0.95 * first);
}

/* Buckets are told how many values they have, and these are no more and no fewer by rows here than there. */
static bool tells_shape(const struct segments *self)
{
    static const double same = 0.05;
    double values = 0, rows = 0, all_values = 0, all_rows = 0, apart = 0;
    for (size_t i = 0; i < self->count; i++) {
        all_values += self->list[i].atom ? 0 : self->list[i].value_weight;
        all_rows += self->list[i].atom ? 0 : self->list[i].weight;
    }
    if (self->spec->bucket_distinct == NULL || all_values <= 0 || all_rows <= 0)
        return false;
    for (size_t i = 0; i < self->count; i++) {
        values += self->list[i].atom ? 0 : self->list[i].value_weight / all_values;
        rows += self->list[i].atom ? 0 : self->list[i].weight / all_rows;
        apart = fmax(apart, fabs(values - rows));
    }
    return apart > same || told(self->spec->tail_spread, TAIL_WIDEST) <= 0;
}

/* A power tail needs a beginning, and enough values that a bucket does not tell its own. */
static bool has_tail(const struct segments *self, size_t parts, int64_t values)
{
    return !self->spec->continuous && !tells_shape(self) && values >= 4 * (int64_t)parts &&
           values < self->tail_rows &&
           (singles_among(self, values) > 0 || is_uneven(self, self->tail_rows, values));
}

static struct tail tail_of(const struct segments *self, int64_t rows, int64_t values)
{
    double knee = fmax(1, (double)self->spec->atom_count);
    double spread = told(self->spec->tail_spread, TAIL_WIDEST),
           slope = told(self->spec->tail_slope, TAIL_STEEPEST);
    if (spread <= 0)
        return tail_fit(first_of_tail(self), knee, slope, (double)rows, (double)values);
    struct tail tail = tail_fit_spread(spread, (double)rows, (double)values);
    tail.most = isfinite(self->last_atom) ? self->last_atom : 0;
    return tail;
}

static struct spectrum spectrum_alike(const struct segments *self, int64_t rows, int64_t values)
{
    return self->spec->tail_exact ? spectrum_even(self->arena, rows, values)
                                  : spectrum_poisson(self->arena, rows, values);
}

static struct spectrum spectrum_wanted(const struct segments *self, int64_t values)
{
    int64_t single = singles_among(self, values), rows = self->tail_rows - single;
    struct spectrum spectrum;
    values -= single;
    if (is_uneven(self, rows, values)) {
        struct tail tail = tail_of(self, rows, values);
        spectrum = spectrum_tail(self->arena, &tail, rows, values);
    } else {
        spectrum = spectrum_alike(self, rows, values);
    }
    spectrum_add(&spectrum, 1, single);
    return spectrum;
}

static void fill_from_counts(struct segments *self, struct deal *deal, int64_t values)
{
    struct spectrum spectrum = spectrum_counts(self->arena, self->counts, self->spec->count_count,
                                               self->tail_rows, values);
    deal_spectrum(deal, rng_hash(self->spec->stream, 11, 0), &spectrum);
    for (size_t i = 0; i < deal->count; i++)
        deal->part[i]->rows = spectrum_rows(&deal->part[i]->spectrum);
}

static void fill_from_tail(struct segments *self, struct deal *deal, int64_t values)
{
    struct spectrum spectrum = spectrum_wanted(self, values);
    spread_rows(deal, false, 0.75 * self->last_atom); /* few of a tail's values are as common as its first */
    deal_spectrum(deal, rng_hash(self->spec->stream, 11, 0), &spectrum);
    pass_rows(deal);
    lift_rows(deal);
    for (size_t i = 0; i < deal->count; i++)
        if (deal->part[i]->values > 0)
            spectrum_settle(&deal->part[i]->spectrum, deal->part[i]->rows);
}

static void fill_each(struct segments *self, struct deal *deal)
{
    spread_rows(deal, true, self->last_atom);
    pass_rows(deal);
    lift_rows(deal);
    for (size_t i = 0; i < deal->count; i++)
        if (deal->part[i]->values > 0)
            deal->part[i]->spectrum = spectrum_alike(self, deal->part[i]->rows, deal->part[i]->values);
}

/* Buckets whose room is too small for their counts leave rows over: the largest part takes them. */
static void keep_rows(struct segments *self)
{
    int64_t lack = self->rows;
    struct segment *most = NULL;
    for (size_t i = 0; i < self->count; i++) {
        struct segment *segment = &self->list[i];
        lack -= segment->rows;
        if (segment->rows > 0 && (most == NULL || segment->rows > most->rows))
            most = segment;
    }
    if (lack <= 0 || most == NULL)
        return;
    most->rows += lack;
    if (!most->atom)
        spectrum_settle(&most->spectrum, most->rows);
}

void segments_fill(struct segments *segments)
{
    struct deal deal = deal_make(segments);
    int64_t values = share_values(&deal, segments->spec->bucket_distinct != NULL, segments->tail_values);
    if (segments->counts != NULL && values > 0)
        fill_from_counts(segments, &deal, values);
    else if (has_tail(segments, deal.count, values))
        fill_from_tail(segments, &deal, values);
    else
        fill_each(segments, &deal);
    keep_rows(segments);
    size_t kept = 0;
    for (size_t i = 0; i < segments->count; i++)
        if (segments->list[i].rows > 0)
            segments->list[kept++] = segments->list[i];
    segments->count = kept;
}
