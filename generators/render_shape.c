#include "generators/render_shape.h"

#include "generators/value_wire.h"

#include <stdlib.h>
#include <string.h>

enum { FIXED_AT_MOST = 256, NAME_BYTES = 63 };

bool shape_is(const struct render_ask *ask, const char *type)
{
    return strcmp(ask->type, type) == 0;
}

/* Of bytes, without what introduces them. */
const char *shape_digits(const struct render_shape *self, const char *text)
{
    return self->bytes && strncmp(text, "\\x", 2) == 0 ? text + 2 : text;
}

const char *shape_literal(const struct shaping *shaping, const char *text)
{
    if (shaping->self->digits && strncmp(text, "\\x", 2) == 0)
        return arena_strndup(shaping->ask->arena, text + 2, (strlen(text) - 2) / 2);
    return shape_digits(shaping->self, text);
}

struct letters shape_read(const struct shaping *shaping, const char *text)
{
    text = shape_literal(shaping, text);
    size_t length = strlen(text);
    while (shaping->padded && length > 0 && text[length - 1] == ' ')
        length--;
    return letters_read(shaping->ask->arena, text, length);
}

static size_t disorder(const struct shaping *shaping, enum letters_order order)
{
    size_t count = 0;
    for (size_t i = 1; i < shaping->self->bound_count; i++)
        count += letters_compare(order, &shaping->bounds[i - 1], &shaping->bounds[i]) > 0;
    return count;
}

/* Upper and lower case may be the same to the server. */
static bool is_folded(const struct render_ask *ask)
{
    return shape_is(ask, "citext") || ask->table->lexis != SQL_POSTGRES;
}

static enum letters_order order_of(const struct shaping *shaping)
{
    if (shaping->self->bytes || (!is_folded(shaping->ask) && disorder(shaping, LETTERS_BINARY) == 0))
        return LETTERS_BINARY;
    return disorder(shaping, LETTERS_DICTIONARY) <= disorder(shaping, LETTERS_BINARY) ? LETTERS_DICTIONARY
                                                                                      : LETTERS_BINARY;
}

/* Hexadecimal: digits, all letters up to f in one case, and no other letter in any text. */
static bool is_hex(const struct shaping *shaping)
{
    enum { ALL = 0x7e }; /* a … f by their last five bits */
    unsigned lower = 0, upper = 0;
    size_t digits = 0;
    for (size_t i = 0; i < shaping->self->bound_count; i++)
        for (size_t j = 0; j < shaping->bounds[i].count; j++) {
            uint32_t letter = shaping->bounds[i].at[j];
            unsigned class = letters_class(letter);
            if ((class & (LETTERS_LOWER | LETTERS_UPPER)) && (letter | 0x20) > 'f')
                return false;
            lower |= class == LETTERS_LOWER ? 1U << (letter & 31) : 0;
            upper |= class == LETTERS_UPPER ? 1U << (letter & 31) : 0;
            digits += class == LETTERS_DIGIT;
        }
    return digits > 0 && ((lower == ALL && upper == 0) || (upper == ALL && lower == 0));
}

static void learn_classes(struct shaping *shaping)
{
    struct render_shape *self = shaping->self;
    self->fixed = self->bound_count > 0 && shaping->bounds[0].count > 0 &&
                  shaping->bounds[0].count <= FIXED_AT_MOST && shape_width_fits(shaping);
    self->length = self->bound_count > 0 ? shaping->bounds[0].count : 0;
    for (size_t i = 0; i < self->bound_count; i++)
        self->fixed &= shaping->bounds[i].count == self->length;
    self->classes = arena_alloc(shaping->ask->arena, (self->length + 1) * sizeof *self->classes);
    for (size_t i = 0; i < self->bound_count; i++)
        for (size_t j = 0; j < shaping->bounds[i].count; j++) {
            unsigned class = letters_class(shaping->bounds[i].at[j]);
            self->general |= class;
            if (self->fixed)
                self->classes[j] |= class;
        }
}

static size_t limit_of(const struct render_ask *ask)
{
    if (shape_is(ask, "name"))
        return NAME_BYTES;
    if (shape_is(ask, "\"char\""))
        return 1;
    return ask->column->max_length < 0 ? SIZE_MAX : (size_t)ask->column->max_length;
}

static void read_bounds(struct shaping *shaping)
{
    const struct profile_column *statistics = shaping->ask->statistics;
    struct render_shape *self = shaping->self;
    self->bound_count = statistics->bound_count > 1 ? statistics->bound_count : 0;
    self->atom_count = statistics->mcv_count;
    shaping->bounds = arena_alloc(shaping->ask->arena, (self->bound_count + 1) * sizeof *shaping->bounds);
    shaping->atoms = arena_alloc(shaping->ask->arena, (self->atom_count + 1) * sizeof *shaping->atoms);
    shaping->literals = statistics->bounds;
    for (size_t i = 0; i < self->bound_count; i++)
        shaping->bounds[i] = shape_read(shaping, statistics->bounds[i]);
    for (size_t i = 0; i < self->atom_count; i++)
        shaping->atoms[i] = shape_read(shaping, statistics->mcv[i].value);
    self->bounds = shaping->bounds;
    self->atoms = shaping->atoms;
}

static int compare_binary(const void *left, const void *right)
{
    return letters_compare(LETTERS_BINARY, left, right);
}

static int compare_dictionary(const void *left, const void *right)
{
    return letters_compare(LETTERS_DICTIONARY, left, right);
}

static void plain(const struct render *render, const struct element *element, struct buf *out)
{
    if (render->shape->bytes)
        buf_add(out, "\\x", 2);
    shape_put(render->shape, element->index, render_hash(render, element), element, out);
}

static void put_bytes(const char *digits, size_t count, char *to)
{
    for (size_t i = 0; i < count; i++, digits += 2) {
        unsigned byte = 0;
        for (size_t j = 0; j < 2; j++)
            byte = byte << 4 |
                   (digits[j] <= '9' ? (unsigned)digits[j] - '0' : ((unsigned)digits[j] | 0x20) - 'a' + 10);
        to[i] = (char)byte;
    }
}

static bool field(const struct render *render, const char *literal, struct buf *out)
{
    if (!render->shape->bytes) {
        value_wire_put_bytes(out, literal, strlen(literal));
        return true;
    }
    size_t length = strlen(literal);
    if (length < 2 || length % 2 != 0 || strncmp(literal, "\\x", 2) != 0 ||
        strspn(literal + 2, "0123456789abcdefABCDEF") != length - 2)
        return false;
    size_t start = value_wire_open(out), count = length / 2 - 1;
    put_bytes(literal + 2, count, value_wire_room(out, count));
    value_wire_close(out, start);
    return true;
}

/* Digits are written, then made bytes where they stand. */
static void binary(const struct render *render, const struct element *element, struct buf *out)
{
    size_t start = value_wire_open(out);
    shape_put(render->shape, element->index, render_hash(render, element), element, out);
    if (render->shape->bytes) {
        size_t count = (out->length - start) / 2;
        put_bytes(out->data + start, count, out->data + start);
        out->length = start + count;
    }
    value_wire_close(out, start);
}

static double capacity(const struct render *render, size_t bucket)
{
    return shape_bucket_capacity(render->shape, &render->shape->buckets[bucket]);
}

/* As a number of a few places, good enough to tell how far it is from one bound to the other. */
static double fraction(const struct render_shape *self, const struct letters *text, size_t prefix)
{
    double value = 0, unit = 1;
    for (size_t i = prefix; i < prefix + 6; i++) {
        unit /= 256;
        uint32_t key = i < text->count ? letters_key(self->order, text->at[i]) + 1 : 0;
        value += unit * (key > 255 ? 255 : key);
    }
    return value;
}

static double place(const struct render *render, const char *literal)
{
    const struct render_shape *self = render->shape;
    struct arena arena = {0};
    if (self->bound_count < 2 || self->invented)
        return 0;
    literal = shape_digits(self, literal);
    struct letters text = letters_read(&arena, literal, strlen(literal));
    size_t count = render->bucket_count, i = shape_lower(self, self->bounds, count + 1, &text);
    if (i > 0 && (i > count || letters_compare(self->order, &self->bounds[i], &text) != 0))
        i--;
    double at = (double)(letters_compare(self->order, &self->bounds[count], &text) <= 0 ? count : i);
    if (i < count && letters_compare(self->order, &self->bounds[i], &text) < 0) {
        size_t prefix = shape_common_prefix(&self->bounds[i], &self->bounds[i + 1]);
        double low = fraction(self, &self->bounds[i], prefix),
               high = fraction(self, &self->bounds[i + 1], prefix);
        double within = high > low ? (fraction(self, &text, prefix) - low) / (high - low) : 0;
        at += fmin(fmax(within, 0), 0.999999);
    }
    arena_free(&arena);
    return at;
}

static const struct render_class shape_class = {plain, binary, capacity, place, field};

static bool is_shaped(const struct render_ask *ask)
{
    static const char *const types[] = {"text",   "citext",    "name", "varchar",  "character varying",
                                        "bpchar", "character", "char", "\"char\"", "bytea",
                                        "bytes"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (shape_is(ask, types[i]))
            return true;
    return false;
}

static bool is_hostile(const struct profile_column *statistics)
{
    for (size_t i = 0; i < statistics->bound_count; i++)
        if (strpbrk(statistics->bounds[i], "\t\n\r\\") != NULL)
            return true;
    return false;
}

/* Codes hold one case; buckets lie apart where their bounds ascend as a dictionary's do. */
bool render_shape_differs_folded(const struct render *render)
{
    const struct render_shape *self = render->shape;
    return self->invented || self->bound_count <= 2 || self->order == LETTERS_DICTIONARY || !self->folded;
}

bool render_shape_text(const struct render *render, const char *literal, struct buf *out)
{
    if (render->shape == NULL || !render->shape->digits || strncmp(literal, "\\x", 2) != 0)
        return false;
    buf_add(out, literal + 2, (strlen(literal) - 2) / 2);
    return true;
}

bool render_shape_make(const struct render_ask *ask, struct render *render)
{
    if (!is_shaped(ask))
        return false;
    struct render_shape *self = arena_alloc(ask->arena, sizeof *self);
    struct shaping shaping = {.ask = ask, .self = self};
    self->bytes = shape_is(ask, "bytea");
    self->digits = shape_is(ask, "bytes");
    self->limit = limit_of(ask);
    shaping.padded = ask->column->max_length >= 0 &&
                     (shape_is(ask, "bpchar") || shape_is(ask, "character") ||
                      shape_is(ask, "char")); /* without a length they are kept */
    read_bounds(&shaping);
    render->shape = self;
    render->literals = &shape_class;
    render->hostile = self->bytes || is_hostile(ask->statistics);
    if (self->bound_count == 0 && !(ask->statistics->width_bytes > 0))
        return true;
    render->values = &shape_class;
    render->binary = !shape_is(ask, "bytes");
    if (self->bound_count == 0) {
        shape_invent(&shaping);
        return true;
    }
    self->order = order_of(&shaping);
    self->folded = is_folded(ask);
    self->one_case = self->order == LETTERS_DICTIONARY || self->folded;
    qsort(shaping.atoms, self->atom_count, sizeof *shaping.atoms,
          self->order == LETTERS_BINARY ? compare_binary : compare_dictionary);
    learn_classes(&shaping);
    shape_learn_frame(&shaping);
    bool hex = self->digits && strncmp(ask->statistics->bounds[0], "\\x", 2) == 0;
    self->hex = self->bytes || hex || is_hex(&shaping);
    self->buckets = arena_alloc(ask->arena, render_buckets(ask->statistics) * sizeof *self->buckets);
    shape_measure_all(&shaping);
    shape_learn_stretch(&shaping);
    return true;
}
