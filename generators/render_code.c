#include "generators/render_shape.h"

#include <stdlib.h>
#include <string.h>

enum { WINDOW = 17, CODE_BITS = 62 };

/* Of the last letter or digit before a place that has none. */
static unsigned class_before(const struct letters *text, size_t at)
{
    for (size_t i = at < text->count ? at : text->count; i-- > 0;) {
        unsigned class = letters_class(text->at[i]) & LETTERS_ALNUM;
        if (class != 0)
            return class;
    }
    return 0;
}

/* As far as it is built like low; a sign of the frame stands where low has it. */
static bool is_alike(const struct shape_bucket *bucket, size_t at)
{
    return bucket->high != NULL && at < bucket->high->count &&
           (at < bucket->high_end || bucket->high_end == bucket->low_end);
}

static unsigned classes_at(const struct render_shape *self, const struct shape_bucket *bucket, size_t at)
{
    unsigned classes = 0;
    if (self->wide)
        return self->general & LETTERS_ALNUM ? (self->general & LETTERS_ALNUM) | LETTERS_DIGIT
                                             : LETTERS_DIGIT | LETTERS_LOWER;
    if (self->fixed && at < self->length)
        return self->classes[at] & LETTERS_ALNUM;
    if (at < bucket->low->count)
        classes |= letters_class(bucket->low->at[at]);
    if (is_alike(bucket, at))
        classes |= letters_class(bucket->high->at[at]);
    classes &= LETTERS_ALNUM;
    if (classes == 0)
        classes = class_before(bucket->low, at);
    if (classes == 0 && bucket->high != NULL)
        classes = class_before(bucket->high, at < bucket->high_end ? at : bucket->high_end);
    if (classes == 0)
        classes = self->general & LETTERS_LOWER ? LETTERS_LOWER : self->general & LETTERS_ALNUM;
    return classes == 0 ? LETTERS_LOWER : classes;
}

static bool is_frame_sign(const struct render_shape *self, uint32_t letter)
{
    size_t i = 0;
    while (i < self->frame_count && self->frame[i] != letter)
        i++;
    return i < self->frame_count;
}

static void add(const struct render_shape *self, struct letters_place *place, uint32_t letter)
{
    bool other_case = false;
    if (is_frame_sign(self, letter))
        return;
    if (self->one_case)
        letters_rank(place, LETTERS_DICTIONARY, letter, &other_case);
    if (!other_case)
        letters_add(place, self->order, letter);
}

/* In hexadecimal texts of one length some places may have digits only, or be a letter: a prefix, a version. */
static bool is_hex_at(const struct render_shape *self, size_t at)
{
    enum { TELLING = 20 }; /* bounds */
    if (!self->hex || self->bytes || !self->fixed || self->bound_count < TELLING || at >= self->length)
        return self->hex;
    unsigned classes = self->classes[at];
    return (classes & LETTERS_DIGIT) && (classes & (LETTERS_LOWER | LETTERS_UPPER));
}

static void make_place(const struct render_shape *self, const struct shape_bucket *bucket, size_t at,
                       struct letters_place *place)
{
    bool one_case = self->one_case || self->order == LETTERS_DICTIONARY;
    *place = (struct letters_place){.set = ""};
    if (at < bucket->low->count && is_frame_sign(self, bucket->low->at[at])) {
        letters_add(place, self->order, bucket->low->at[at]);
        return;
    }
    place->set = letters_set(classes_at(self, bucket, at), is_hex_at(self, at), one_case);
    place->set_count = (uint8_t)strlen(place->set);
    if (at < bucket->low->count)
        add(self, place, bucket->low->at[at]);
    if (is_alike(bucket, at))
        add(self, place, bucket->high->at[at]);
}

static bool may_be_blank(const struct letters_place *place)
{
    for (unsigned i = 0; i < place->more_count; i++)
        if (place->more[i] == ' ')
            return true;
    return false;
}

/* Of the codes of the first depth places the first that is no smaller than bound, as far as they tell. included: bound itself is
 * a code. */
static uint64_t code_of(const struct render_shape *self, const struct shape_bucket *bucket, unsigned depth,
                        const struct letters *bound, bool *exact, bool *same)
{
    uint64_t code = 0;
    *exact = *same = true;
    for (unsigned i = 0; i < depth; i++) {
        const struct letters_place *place = &bucket->places[i];
        size_t at = bucket->prefix + i;
        unsigned rank = 0;
        code *= letters_count(place);
        if (*exact && at < bound->count) {
            rank = letters_rank(place, self->order, bound->at[at], exact);
            *same = *same && *exact && letters_at(place, rank) == bound->at[at];
        } else if (*exact) {
            *exact = *same = false;
        }
        code += rank;
    }
    return code;
}

static int compare_codes(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static bool has_prefix(const struct shape_bucket *bucket, const struct letters *text)
{
    return text->count > bucket->prefix &&
           memcmp(text->at, bucket->low->at, bucket->prefix * sizeof *text->at) == 0;
}

static void take_atoms(struct arena *arena, const struct render_shape *self,
                       const struct shape_bucket *bucket, unsigned depth, struct shape_depth *out)
{
    size_t kept = 0;
    out->taken = arena_alloc(arena, (bucket->atom_count + 1) * sizeof *out->taken);
    bool exact, same;
    for (size_t i = 0; i < bucket->atom_count; i++) {
        const struct letters *atom = &self->atoms[bucket->first_atom + i];
        if (!has_prefix(bucket, atom) || atom->count < bucket->prefix + depth)
            continue;
        uint64_t code = code_of(self, bucket, depth, atom, &exact, &same);
        if (same && code >= out->first && code - out->first < out->span)
            out->taken[out->taken_count++] = code - out->first;
    }
    if (out->taken_count > 0)
        qsort(out->taken, out->taken_count, sizeof *out->taken, compare_codes);
    for (size_t i = 0; i < out->taken_count; i++)
        if (i == 0 || out->taken[i] != out->taken[kept - 1])
            out->taken[kept++] = out->taken[i];
    out->taken_count = kept;
    out->span -= kept;
}

/* A code smaller than high's stays below it whatever follows; one that is low's own needs low to end there. */
static void measure_depth(struct arena *arena, const struct render_shape *self,
                          const struct shape_bucket *bucket, unsigned depth, struct shape_depth *out)
{
    bool exact, same;
    uint64_t end = 1;
    out->first = code_of(self, bucket, depth, bucket->low, &exact, &same);
    if (exact && !(same && bucket->low->count == bucket->prefix + depth))
        out->first++;
    for (unsigned i = 0; i < depth; i++)
        end *= letters_count(&bucket->places[i]);
    if (bucket->high != NULL) {
        end = code_of(self, bucket, depth, bucket->high, &exact, &same);
        bool last = bucket->high == &self->bounds[self->bound_count - 1];
        if (last && same && self->fixed && bucket->high->count == bucket->prefix + depth)
            end++;
    }
    out->span = end > out->first ? end - out->first : 0;
    if (may_be_blank(&bucket->places[depth - 1]) &&
        bucket->prefix + depth >= (self->fixed ? self->length : self->limit))
        out->span = 0;
    take_atoms(arena, self, bucket, depth, out);
}

static void measure_field(const struct render_shape *self, struct shape_bucket *bucket)
{
    bucket->behind_prefix = (struct shape_at){0};
    for (size_t i = 0; i < bucket->prefix; i++)
        shape_step(self, &bucket->behind_prefix, bucket->low->at[i]);
    bucket->low_end = shape_field_end(self, bucket->low, bucket->behind_prefix.signs);
    bucket->high_end = bucket->high == NULL
                           ? 0
                           : shape_field_end(self, bucket->high, bucket->behind_prefix.signs);
}

/* Characters of a prefix and its code at most, so that the signs that must follow find room, with a letter behind each. */
static size_t code_limit(const struct render_shape *self, const struct shape_bucket *bucket)
{
    size_t signs = 2 * (self->frame_count - bucket->behind_prefix.signs);
    if (self->fixed && !self->wide)
        return self->length;
    return self->limit == SIZE_MAX ? SIZE_MAX : self->limit > signs ? self->limit - signs : 0;
}

void shape_bucket_measure(struct arena *arena, const struct render_shape *self, struct shape_bucket *bucket)
{
    struct letters_place places[SHAPE_PLACES];
    measure_field(self, bucket);
    size_t most = code_limit(self, bucket);
    double bits = 0;
    bucket->depths = 0;
    bucket->prefix_bytes = letters_bytes(bucket->low, bucket->prefix);
    while (bucket->depths < SHAPE_PLACES && bucket->prefix + bucket->depths < most) {
        struct letters_place *place = &places[bucket->depths];
        make_place(self, bucket, bucket->prefix + bucket->depths, place);
        bits += log2(letters_count(place));
        if (bits > CODE_BITS)
            break;
        bucket->depths++;
    }
    bucket->places = arena_alloc(arena, (bucket->depths + 1) * sizeof *bucket->places);
    memcpy(bucket->places, places, bucket->depths * sizeof *places);
    bucket->depth = arena_alloc(arena, (bucket->depths + 1) * sizeof *bucket->depth);
    for (unsigned i = 0; i < bucket->depths; i++)
        measure_depth(arena, self, bucket, i + 1, &bucket->depth[i]);
}

/* Bytes have two digits each. */
static bool is_usable(const struct render_shape *self, const struct shape_bucket *bucket, unsigned depth)
{
    return bucket->depth[depth - 1].span > 0 &&
           !(self->bytes && bucket->prefix + depth + 1 > self->limit && (bucket->prefix + depth) % 2 != 0);
}

unsigned shape_depth_for(const struct render_shape *self, const struct shape_bucket *bucket, uint64_t values)
{
    unsigned best = 0;
    for (unsigned i = 1; i <= bucket->depths; i++) {
        if (!is_usable(self, bucket, i))
            continue;
        if (bucket->depth[i - 1].span >= values)
            return i;
        if (best == 0 || bucket->depth[i - 1].span > bucket->depth[best - 1].span)
            best = i;
    }
    return best;
}

double shape_bucket_capacity(const struct render_shape *self, const struct shape_bucket *bucket)
{
    unsigned depth = shape_depth_for(self, bucket, UINT64_MAX);
    if (depth == 0)
        return bucket->bare;
    uint64_t span = bucket->depth[depth - 1].span;
    return span > UINT64_C(1) << 50 ? INFINITY : (double)span;
}

/* A bound nearby is the model of a value's length and of the classes of its characters. */
size_t shape_length(const struct render_shape *self, size_t bucket, uint64_t hash, size_t *model)
{
    size_t window = self->bound_count < WINDOW ? self->bound_count : WINDOW;
    size_t first = bucket > window / 2 ? bucket - window / 2 : 0;
    if (first + window > self->bound_count)
        first = self->bound_count - window;
    *model = first + value_scale(hash, window);
    if (self->fixed)
        return self->length;
    double wanted = (double)self->bounds[*model].count * self->stretch;
    size_t length = (size_t)(wanted + (double)(hash & 0xffff) / 65536);
    length = length > self->limit ? self->limit : length;
    return self->bytes ? length & ~(size_t)1 : length;
}

static uint64_t code_at(const struct shape_depth *depth, uint64_t hash, const struct element *element)
{
    uint64_t values = element->values > 0 ? element->values : 1;
    uint64_t code = (uint64_t)render_spread(hash, element->value, values, depth->span);
    size_t low = 0, high = depth->taken_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (depth->taken[middle] - middle <= code)
            low = middle + 1;
        else
            high = middle;
    }
    return depth->first + code + low;
}

/* at: where the text stands then. */
static void put_code(const struct render_shape *self, const struct shape_bucket *bucket, unsigned depth,
                     uint64_t code, struct shape_at *at, struct buf *out)
{
    uint32_t letters[SHAPE_PLACES];
    for (unsigned i = depth; i-- > 0;) {
        unsigned count = letters_count(&bucket->places[i]);
        letters[i] = letters_at(&bucket->places[i], (unsigned)(code % count));
        code /= count;
    }
    for (unsigned i = 0; i < depth; i++) {
        letters_put(letters[i], out);
        shape_step(self, at, letters[i]);
    }
}

/* A drawn character of the same class for the place at. */
static char like(const struct render_shape *self, size_t at, uint32_t letter, uint64_t random)
{
    random >>= 32;
    if (letters_class(letter) == LETTERS_OTHER)
        return (char)letter;
    if (is_hex_at(self, at))
        return (self->general & LETTERS_UPPER ? "0123456789ABCDEF" : "0123456789abcdef")[random >> 28];
    if (letter <= '9')
        return (char)('0' + (random * 10 >> 32));
    return (char)((letter < 'a' ? 'A' : 'a') + (random * 26 >> 32));
}

void shape_put_like(const struct render_shape *self, size_t at, uint32_t letter, uint64_t *random,
                    struct buf *out)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    if (letter < 0x80)
        buf_putc(out, like(self, at, letter, *random));
    else
        letters_put(letter, out);
}

/* No text ends with a blank: some types and collations do not see it. */
static void put_rest(const struct render_shape *self, size_t bucket, uint64_t hash, size_t from,
                     const struct shape_at *reached, struct buf *out)
{
    size_t model, length = shape_length(self, bucket, hash, &model);
    const struct letters *as = &self->bounds[model];
    bool blank = out->length > 0 && out->data[out->length - 1] == ' ';
    if (self->frame_count > 0) {
        shape_put_fields(self, model, reached, from, hash, out);
        return;
    }
    if (length <= from && (blank || (self->bytes && from % 2 != 0)))
        length = from + 1;
    if (length <= from)
        return;
    size_t at = self->fixed || self->bytes || as->count == 0 ? from : shape_align(self, model, reached);
    at = as->count > 0 ? at % as->count : 0;
    for (size_t i = from; i < length; i++) {
        uint32_t letter = as->count > 0 ? as->at[at] : 'a';
        at = at + 1 < as->count ? at + 1 : 0;
        shape_put_like(self, i, letter == ' ' && i + 1 == length ? 'a' : letter, &hash, out);
    }
}

void shape_put(const struct render_shape *self, size_t at, uint64_t hash, const struct element *element,
               struct buf *out)
{
    const struct shape_bucket *bucket = &self->buckets[at];
    unsigned depth = shape_depth_for(self, bucket, element->values);
    if (depth == 0) {
        buf_puts(out, bucket->literal);
        return;
    }
    struct shape_at reached = bucket->behind_prefix;
    buf_add(out, bucket->literal, bucket->prefix_bytes);
    put_code(self, bucket, depth, code_at(&bucket->depth[depth - 1], hash, element), &reached, out);
    put_rest(self, at, hash, bucket->prefix + depth, &reached, out);
}
