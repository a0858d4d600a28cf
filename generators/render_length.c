#include "generators/render_shape.h"

#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 4096, MODELS = 16 };

/* Bytes of a text as stored, without its header. */
static double content_bytes(const struct render_ask *ask)
{
    double width = ask->statistics->width_bytes;
    if (ask->table->lexis != SQL_POSTGRES)
        return width;
    return width > 127 ? width - 4 : width - 1;
}

static double bytes_of(const struct render_shape *self, size_t digits)
{
    return (double)digits / (self->bytes ? 2 : 1);
}

/* Mean bytes of values that are no atoms, as the profile has it; NAN: it does not tell. PostgreSQL cuts the mean to a whole
 * number: where bounds are, within that, is taken from them. */
static double rest_bytes(const struct shaping *shaping)
{
    const struct profile_column *statistics = shaping->ask->statistics;
    double present = 1 - statistics->null_ratio, sum = 0, share = 0, bounds = 0;
    if (!(statistics->width_bytes > 0) || !(present > 0))
        return NAN;
    for (size_t i = 0; i < statistics->mcv_count; i++) {
        share += statistics->mcv[i].share / present;
        sum += statistics->mcv[i].share / present *
               bytes_of(shaping->self, strlen(shape_digits(shaping->self, statistics->mcv[i].value)));
    }
    if (share > 0.95)
        return NAN;
    for (size_t i = 0; i < shaping->self->bound_count; i++)
        bounds += bytes_of(shaping->self, shaping->bounds[i].bytes) / (double)shaping->self->bound_count;
    double least = fmax(1, (content_bytes(shaping->ask) - sum) / (1 - share));
    double most = shaping->ask->table->lexis == SQL_POSTGRES ? least + 1 / (1 - share) : least;
    return bounds > least - 0.01 && bounds < most ? bounds : (least + most) / 2;
}

/* Of few bounds all may be of one length by chance: the mean width tells. */
bool shape_width_fits(const struct shaping *shaping)
{
    double wanted = rest_bytes(shaping), mean = 0;
    for (size_t i = 0; i < shaping->self->bound_count; i++)
        mean += bytes_of(shaping->self, shaping->bounds[i].bytes) / (double)shaping->self->bound_count;
    return shaping->padded || isnan(wanted) || fabs(wanted - mean) < 0.75;
}

/* Mean bytes of values, some of which are longer than their model because a code needs the room. */
static double mean_bytes(const struct shaping *shaping)
{
    const struct render_shape *self = shaping->self;
    size_t buckets = self->bound_count - 1, sum = 0;
    double values = fmin(fmax(1, shaping->ask->statistics->distinct / (double)buckets), 1e15);
    struct buf text = {0};
    struct element element = {.kind = ELEMENT_BUCKET, .values = (uint64_t)values};
    for (size_t i = 0; i < SAMPLES; i++) {
        uint64_t hash = value_mix(i + 1);
        element.value = value_scale(value_mix(hash), element.values);
        buf_clear(&text);
        shape_put(self, i % buckets, hash, &element, &text);
        sum += text.length;
    }
    buf_free(&text);
    return bytes_of(self, sum) / SAMPLES;
}

void shape_learn_stretch(struct shaping *shaping)
{
    enum { ROUNDS = 4 };
    struct render_shape *self = shaping->self;
    double wanted = rest_bytes(shaping);
    self->stretch = 1;
    if (isnan(wanted) || self->bound_count < 2 || self->fixed || shaping->padded ||
        shape_is(shaping->ask, "name"))
        return;
    for (int i = 0; i < ROUNDS; i++) {
        double mean = mean_bytes(shaping);
        self->stretch = fmin(fmax(self->stretch * wanted / fmax(mean, 0.01), 0.01), 1e6);
    }
}

/* Where no bound is known: texts of letters, or words where there is room, of about the right length. */
static const char *invented(const struct render_ask *ask, size_t length, uint64_t hash, bool words)
{
    char *text = arena_alloc(ask->arena, length + 1);
    size_t at = strcasestr(ask->column->name, "email") != NULL ? length / 2 : length;
    for (size_t i = 0, word = 0; i < length; i++, word++) {
        hash = value_mix(hash + i);
        bool gap = words && word > 1 + hash % 9 && i + 1 < length;
        text[i] = i == at && i > 0                 ? '@'
                  : at < length && i + 4 == length ? '.'
                  : gap && at == length            ? ' '
                                                   : 'a';
        word = gap ? 0 : word;
    }
    return text;
}

void shape_invent(struct shaping *shaping)
{
    const struct render_ask *ask = shaping->ask;
    struct render_shape *self = shaping->self;
    double mean = fmin(fmax(content_bytes(ask), 1), 1e6);
    bool unique = ask->statistics->distinct_reported < -0.99, bytes = self->bytes;
    self->bound_count = MODELS;
    self->invented = true;
    shaping->bounds = arena_alloc(ask->arena, MODELS * sizeof *shaping->bounds);
    for (size_t i = 0; i < MODELS; i++) {
        double part = unique ? 1 : 0.5 + (double)i / (MODELS - 1);
        size_t length = (size_t)fmax(1, round(mean * part)) * (bytes ? 2 : 1);
        shaping->bounds[i] = shape_read(shaping, invented(ask, length, i, !unique && !bytes && mean > 12));
    }
    self->bounds = shaping->bounds;
    self->general = LETTERS_LOWER | (unique || bytes ? LETTERS_DIGIT : 0);
    self->hex = bytes;
    self->stretch = 1;
    self->order = LETTERS_BINARY;
    self->one_case = true;
    self->wide = unique || bytes;
    self->buckets = arena_alloc(ask->arena, sizeof *self->buckets);
    struct letters *none = arena_alloc(ask->arena, sizeof *none);
    self->buckets[0] = (struct shape_bucket){.low = none, .literal = ""};
    shape_bucket_measure(ask->arena, self, &self->buckets[0]);
}
