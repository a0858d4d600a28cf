#include "generators/render_shape.h"

#include <string.h>

bool shape_is_sign(uint32_t letter)
{
    return letter < 0x80 && letters_class(letter) == LETTERS_OTHER;
}

/* How often each sign stands in a text. */
static void count_signs(const struct letters *text, size_t *counts)
{
    memset(counts, 0, 0x80 * sizeof *counts);
    for (size_t i = 0; i < text->count; i++)
        if (shape_is_sign(text->at[i]))
            counts[text->at[i]]++;
}

/* Signs that stand in every bound, as often in each. */
static void common_signs(const struct shaping *shaping, bool *common)
{
    size_t first[0x80], counts[0x80];
    count_signs(&shaping->bounds[0], first);
    for (size_t c = 0; c < 0x80; c++)
        common[c] = first[c] > 0;
    for (size_t i = 1; i < shaping->self->bound_count; i++) {
        count_signs(&shaping->bounds[i], counts);
        for (size_t c = 0; c < 0x80; c++)
            common[c] &= counts[c] == first[c];
    }
}

/* The common signs of a text in their order; SHAPE_SIGNS + 1: too many. */
static size_t read_frame(const struct letters *text, const bool *common, uint32_t *frame, size_t *behind)
{
    size_t count = 0;
    for (size_t i = 0; i < text->count && count <= SHAPE_SIGNS; i++)
        if (shape_is_sign(text->at[i]) && common[text->at[i]]) {
            if (count < SHAPE_SIGNS) {
                frame[count] = text->at[i];
                behind[count] = i + 1;
            }
            count++;
        }
    return count;
}

/* Texts of one length have their signs at the same places. Signs whose order differs are no frame. */
void shape_learn_frame(struct shaping *shaping)
{
    struct render_shape *self = shaping->self;
    bool common[0x80];
    uint32_t frame[SHAPE_SIGNS], other[SHAPE_SIGNS];
    size_t behind[SHAPE_SIGNS];
    if (self->bound_count == 0 || self->fixed || self->bytes || self->digits)
        return;
    common_signs(shaping, common);
    size_t count = read_frame(&shaping->bounds[0], common, frame, behind);
    if (count == 0 || count > SHAPE_SIGNS)
        return;
    size_t *fields = arena_alloc(shaping->ask->arena, self->bound_count * (count + 1) * sizeof *fields);
    for (size_t i = 0; i < self->bound_count; i++) {
        read_frame(&shaping->bounds[i], common, other, behind);
        if (memcmp(frame, other, count * sizeof *frame) != 0)
            return;
        memcpy(fields + i * (count + 1) + 1, behind, count * sizeof *behind);
    }
    uint32_t *kept = arena_alloc(shaping->ask->arena, count * sizeof *kept);
    memcpy(kept, frame, count * sizeof *kept);
    self->frame = kept;
    self->frame_count = count;
    self->fields = fields;
}

void shape_step(const struct render_shape *self, struct shape_at *at, uint32_t letter)
{
    if (at->signs < self->frame_count && letter == self->frame[at->signs])
        *at = (struct shape_at){.signs = at->signs + 1};
    else if (shape_is_sign(letter))
        *at = (struct shape_at){.signs = at->signs, .others = at->others + 1};
    else
        at->letters++;
}

size_t shape_field_end(const struct render_shape *self, const struct letters *text, size_t signs)
{
    struct shape_at at = {0};
    for (size_t i = 0; i < text->count; i++) {
        shape_step(self, &at, text->at[i]);
        if (at.signs > signs)
            return i;
    }
    return text->count;
}

size_t shape_align(const struct render_shape *self, size_t model, const struct shape_at *at)
{
    const struct letters *as = &self->bounds[model];
    const size_t *field = self->fields == NULL ? NULL : self->fields + model * (self->frame_count + 1);
    size_t i = field != NULL ? field[at->signs] : 0;
    size_t end = at->signs < self->frame_count ? field[at->signs + 1] - 1 : as->count;
    for (size_t others = 0; i < end && others < at->others; i++)
        others += shape_is_sign(as->at[i]);
    for (size_t letters = 0; i < end && letters < at->letters && !shape_is_sign(as->at[i]); i++)
        letters++;
    return i;
}

static size_t run_end(const struct letters *as, size_t i)
{
    while (i < as->count && !shape_is_sign(as->at[i]))
        i++;
    return i;
}

/* The fewest characters that can follow: every sign, and a letter of each run. */
static size_t least_of(const struct letters *as, size_t i)
{
    size_t least = 0;
    for (bool in_run = true; i < as->count; i++) {
        bool sign = shape_is_sign(as->at[i]);
        least += sign || !in_run;
        in_run = !sign;
    }
    return least;
}

/* Only what must be there. */
static void put_frame(const struct render_shape *self, size_t model, size_t signs, uint64_t hash,
                      struct buf *out)
{
    const struct letters *as = &self->bounds[model];
    const size_t *field = self->fields + model * (self->frame_count + 1);
    for (size_t i = signs; i < self->frame_count; i++) {
        letters_put(self->frame[i], out);
        if (field[i + 1] < as->count && !shape_is_sign(as->at[field[i + 1]]))
            shape_put_like(self, field[i + 1], as->at[field[i + 1]], &hash, out);
    }
}

/* The letters of a run, as many as wanted. */
static void put_run(const struct render_shape *self, const struct letters *as, size_t from, size_t to,
                    size_t wanted, uint64_t *hash, struct buf *out)
{
    uint32_t last = to > 0 && !shape_is_sign(as->at[to - 1]) ? as->at[to - 1] : 'a';
    for (size_t i = 0; i < wanted; i++)
        shape_put_like(self, from + i, from + i < to ? as->at[from + i] : last, hash, out);
}

/* Characters more or fewer than the model's own, so that the mean is the profile's and the limit holds. */
static long more_of(const struct render_shape *self, size_t natural, uint64_t hash)
{
    double more = (double)natural * (self->stretch - 1);
    long count = (long)floor(more + (double)(hash & 0xffff) / 65536);
    if (self->limit != SIZE_MAX && (long)natural + count > (long)self->limit)
        count = (long)self->limit - (long)natural;
    return count;
}

/* The first run takes what is too much; what is too little is taken from each that still has a letter left. */
void shape_put_fields(const struct render_shape *self, size_t model, const struct shape_at *at, size_t from,
                      uint64_t hash, struct buf *out)
{
    const struct letters *as = &self->bounds[model];
    size_t i = shape_align(self, model, at), end;
    long more = more_of(self, from + as->count - i, hash);
    if (self->limit != SIZE_MAX && from + least_of(as, i) > self->limit) {
        put_frame(self, model, at->signs, hash, out);
        return;
    }
    for (bool first = true; i < as->count || (first && more > 0); i = end + 1, first = false) {
        end = run_end(as, i);
        long count = (long)(end - i), least = count > 0 && !(first && at->letters > 0), kept = count + more;
        kept = more > 0 ? kept : kept > least ? kept : least;
        more -= kept - count;
        put_run(self, as, i, end, (size_t)kept, &hash, out);
        if (end < as->count)
            letters_put(as->at[end], out);
    }
    if (out->length > 0 && out->data[out->length - 1] == ' ')
        buf_putc(out, 'a');
}
