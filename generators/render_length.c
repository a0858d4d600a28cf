#include "generators/render_shape.h"

#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 16384, MODELS = 16 };

/* Bytes of a text as stored, without its header. */
static double content_bytes(const struct render_ask *ask)
{
    double width = ask->statistics->width_bytes;
    if (ask->table->lexis != SQL_POSTGRES)
        return width;
    return width > 127 ? width - 4 : width - 1;
}

/* Mean bytes of values that are no atoms, as the profile has it; NAN: it does not tell. */
static double rest_bytes(const struct shaping *shaping)
{
    const struct profile_column *statistics = shaping->ask->statistics;
    double present = 1 - statistics->null_ratio, sum = 0, share = 0;
    if (!(statistics->width_bytes > 0) || !(present > 0))
        return NAN;
    for (size_t i = 0; i < statistics->mcv_count; i++) {
        double bytes = (double)strlen(shape_digits(shaping->self, statistics->mcv[i].value)) /
                       (shaping->self->bytes ? 2 : 1);
        share += statistics->mcv[i].share / present;
        sum += statistics->mcv[i].share / present * bytes;
    }
    return share > 0.95 ? NAN : fmax(1, (content_bytes(shaping->ask) - sum) / (1 - share));
}

bool shape_width_fits(const struct shaping *shaping)
{
    const struct render_shape *self = shaping->self;
    double wanted = rest_bytes(shaping), mean = 0;
    for (size_t i = 0; i < self->bound_count; i++)
        mean += (double)shaping->bounds[i].bytes / (double)self->bound_count / (self->bytes ? 2 : 1);
    return shaping->padded || isnan(wanted) || fabs(wanted - mean) < 1;
}

/* Mean characters of values, some of which are longer than their model because a code needs the room. */
static double mean_length(const struct shaping *shaping)
{
    const struct render_shape *self = shaping->self;
    size_t buckets = self->bound_count - 1, model;
    double sum = 0, values = fmax(1, shaping->ask->statistics->distinct / (double)buckets);
    for (size_t i = 0; i < SAMPLES; i++) {
        size_t at = i % buckets;
        size_t length = shape_length(self, at, value_mix(i + 1), &model);
        size_t least = self->buckets[at].prefix +
                       shape_depth_for(self, &self->buckets[at], (uint64_t)fmin(values, 1e15));
        sum += (double)(length > least ? length : least);
    }
    return sum / SAMPLES;
}

void shape_learn_stretch(struct shaping *shaping)
{
    enum { ROUNDS = 6 };
    struct render_shape *self = shaping->self;
    double characters = 0, bytes = 0, wanted = rest_bytes(shaping);
    self->stretch = 1;
    for (size_t i = 0; i < self->bound_count; i++) {
        characters += (double)self->bounds[i].count;
        bytes += (double)self->bounds[i].bytes;
    }
    if (isnan(wanted) || bytes == 0 || self->bound_count < 2 || self->fixed || shaping->padded ||
        shape_is(shaping->ask, "name"))
        return;
    wanted *= self->bytes ? 2 : characters / bytes;
    for (int i = 0; i < ROUNDS; i++) {
        double mean = mean_length(shaping);
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
