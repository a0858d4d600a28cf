#include "generators/render_shape.h"

#include <string.h>

enum { ROOMY = 1000, TAIL = 8 };

size_t shape_common_prefix(const struct letters *a, const struct letters *b)
{
    size_t i = 0;
    while (i < a->count && i < b->count && a->at[i] == b->at[i])
        i++;
    return i;
}

static bool is_atom(const struct render_shape *self, const struct shape_bucket *bucket)
{
    for (size_t i = 0; i < bucket->atom_count; i++) {
        const struct letters *atom = &self->atoms[bucket->first_atom + i];
        if (atom->count == bucket->low->count && shape_common_prefix(atom, bucket->low) == atom->count)
            return true;
    }
    return false;
}

/* The first of sorted texts that is not below this one. */
size_t shape_lower(const struct render_shape *self, const struct letters *texts, size_t count,
                   const struct letters *text)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (letters_compare(self->order, &texts[middle], text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* All of them when the bounds are not in our order. */
static void find_atoms(const struct render_shape *self, struct shape_bucket *bucket, bool ordered)
{
    bucket->first_atom = 0;
    bucket->atom_count = self->atom_count;
    if (!ordered)
        return;
    bucket->first_atom = shape_lower(self, self->atoms, self->atom_count, bucket->low);
    size_t end = shape_lower(self, self->atoms, self->atom_count, bucket->high);
    while (end < self->atom_count && letters_compare(self->order, &self->atoms[end], bucket->high) == 0)
        end++;
    bucket->atom_count = end - bucket->first_atom;
}

/* Between the bounds; with any letter or digit where that leaves too little room; behind the lower bound where the order of
 * the server is not ours, or the upper one is too near. */
static void measure(struct shaping *shaping, size_t i, double wanted)
{
    struct render_shape *self = shaping->self;
    struct shape_bucket *bucket = &self->buckets[i], normal;
    struct arena *arena = shaping->ask->arena;
    *bucket = (struct shape_bucket){.low = &self->bounds[i],
                                    .high = &self->bounds[i + 1],
                                    .literal = shape_literal(shaping, shaping->literals[i])};
    bucket->prefix = shape_common_prefix(bucket->low, bucket->high);
    int order = letters_compare(self->order, bucket->low, bucket->high);
    find_atoms(self, bucket, order <= 0);
    bucket->bare = !is_atom(self, bucket);
    if (bucket->prefix == bucket->low->count && bucket->prefix == bucket->high->count)
        return;
    if (order < 0)
        shape_bucket_measure(arena, self, bucket);
    normal = *bucket;
    double room = order < 0 ? shape_bucket_capacity(self, bucket) : 0;
    if (room >= wanted || (self->fixed && (room > 0 || order < 0)))
        return;
    self->wide = true;
    if (order < 0)
        shape_bucket_measure(arena, self, bucket);
    if (shape_bucket_capacity(self, bucket) < wanted && bucket->prefix < bucket->low->count &&
        (order > 0 || bucket->low->count < self->limit)) {
        size_t most = self->limit == SIZE_MAX ? SIZE_MAX : self->limit > TAIL ? self->limit - TAIL : 0;
        bucket->prefix = order < 0 || bucket->low->count < most ? bucket->low->count : most;
        bucket->high = NULL;
        shape_bucket_measure(arena, self, bucket);
    }
    self->wide = false;
    if (order < 0 && shape_bucket_capacity(self, bucket) <= room)
        *bucket = normal;
}

/* Characters that a code may have so that no text is longer than its bounds. */
static unsigned natural_depth(const struct shape_bucket *bucket)
{
    size_t longest = bucket->low->count;
    if (bucket->high != NULL && bucket->high->count > longest)
        longest = bucket->high->count;
    return (unsigned)(longest - bucket->prefix < SHAPE_PLACES ? longest - bucket->prefix : SHAPE_PLACES);
}

/* Rather than with longer texts, where most of the values wanted are found without. */
static void shorten(const struct render_shape *self, struct shape_bucket *bucket, double wanted)
{
    unsigned depths = bucket->depths, natural = natural_depth(bucket);
    if (bucket->high == NULL || natural >= depths)
        return;
    bucket->depths = natural;
    if (shape_bucket_capacity(self, bucket) < wanted)
        bucket->depths = depths;
}

/* ---- texts of one length that end in digits: more values than lie between the bounds ---- */

static size_t digits_at_end(const struct render_shape *self)
{
    enum { MOST = 17 };
    size_t count = 0;
    while (count < self->length && count < MOST && self->classes[self->length - 1 - count] == LETTERS_DIGIT)
        count++;
    return count;
}

static uint64_t number_of(const struct letters *text, size_t digits)
{
    uint64_t number = 0;
    for (size_t i = text->count - digits; i < text->count; i++)
        number = number * 10 + (text->at[i] - '0');
    return number;
}

static void put_number(const struct shaping *shaping, size_t bound, size_t digits, uint64_t number)
{
    struct arena *arena = shaping->ask->arena;
    const struct letters *text = &shaping->bounds[bound];
    size_t head = letters_bytes(text, text->count - digits);
    const char *literal = shape_literal(shaping, shaping->literals[bound]);
    shaping->literals[bound] = arena_printf(arena, "%.*s%0*llu", (int)head, literal, (int)digits,
                                            (unsigned long long)number);
    shaping->bounds[bound] = shape_read(shaping, shaping->literals[bound]);
}

/* Counted on behind the last bound, as numbers do that are given out one by one. False: the digits do not hold so many. */
static bool stretch_bounds(struct shaping *shaping, double times)
{
    const struct render_shape *self = shaping->self;
    size_t digits = digits_at_end(self), last = self->bound_count - 1;
    if (digits == 0 || self->atom_count > 0 ||
        shape_common_prefix(&shaping->bounds[0], &shaping->bounds[last]) < self->length - digits)
        return false;
    uint64_t first = number_of(&shaping->bounds[0], digits), end = number_of(&shaping->bounds[last], digits);
    double most = pow(10, (double)digits), span = ceil((double)(end - first) * times);
    if (end <= first || span >= most)
        return false;
    uint64_t from = (double)first + span < most ? first : (uint64_t)(most - span) - 1;
    const char **literals = arena_alloc(shaping->ask->arena, self->bound_count * sizeof *literals);
    memcpy(literals, shaping->literals, self->bound_count * sizeof *literals);
    shaping->literals = literals;
    for (size_t i = 0; i <= last; i++) {
        double part = (double)(number_of(&shaping->bounds[i], digits) - first) / (double)(end - first);
        put_number(shaping, i, digits, from + (uint64_t)(part * span));
    }
    return true;
}

/* Different values in the table to be made, which may have more rows than the source. */
static double values_wanted(const struct render_ask *ask)
{
    static const double proportional = 0.1;
    const struct profile_table *source = ask->table->profile;
    double distinct = ask->statistics->distinct;
    if (source != NULL && source->rows > 0 && distinct > proportional * source->rows &&
        (double)ask->table->rows > source->rows)
        distinct *= (double)ask->table->rows / source->rows;
    return distinct;
}

static double room_of(const struct render_shape *self)
{
    double room = 0;
    for (size_t i = 0; i + 1 < self->bound_count; i++)
        room += shape_bucket_capacity(self, &self->buckets[i]);
    return room;
}

void shape_measure_all(struct shaping *shaping)
{
    const struct render_shape *self = shaping->self;
    size_t count = self->bound_count - 1;
    double values = values_wanted(shaping->ask), each = values > 0 ? values / (double)count : ROOMY;
    for (size_t i = 0; i < count; i++)
        measure(shaping, i, each);
    double room = room_of(self);
    if (self->fixed && room < values && stretch_bounds(shaping, values / fmax(room, 1) * 1.2))
        for (size_t i = 0; i < count; i++)
            measure(shaping, i, each);
    for (size_t i = 0; i < count; i++)
        shorten(self, &self->buckets[i],
                shaping->ask->statistics->distinct_reported < -0.9 ? each : each / 2);
}
