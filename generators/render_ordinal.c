#include "generators/render_ordinal.h"

#include "generators/value_wire.h"

#include <stdlib.h>
#include <string.h>

enum { PRIMES_BELOW = 1000, EVIDENCE_BITS = 7 };

uwide render_spread(uint64_t hash, uint64_t i, uint64_t n, uwide span)
{
    if (span <= n)
        return span == n ? i : (uwide)i * span / n;
    if (span >> 64 == 0) {
        uint64_t each = (uint64_t)span / n, rest = (uint64_t)span % n;
        if (rest == 0)
            return i * each + value_scale(hash, each);
        uint64_t from, to;
        if (rest <= UINT32_MAX && n <= UINT32_MAX)
            from = i * rest / n, to = (i + 1) * rest / n;
        else
            from = (uint64_t)((uwide)i * rest / n), to = (uint64_t)((uwide)(i + 1) * rest / n);
        return i * each + from + value_scale(hash, each + to - from);
    }
    uwide each = span / n, rest = span % n, start = each * i + rest * i / n;
    uwide drawn = (uwide)hash << 64 | value_mix(hash);
    return start + (each >> 64 == 0 ? value_scale(hash, (uint64_t)each) : drawn % each);
}

static uwide divisor(uwide a, uwide b)
{
    while (b != 0) {
        uwide rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* A factor that divides a few differences only may do so by accident. */
static uwide without_accidents(uwide step, size_t differences)
{
    uwide kept = 1;
    for (uint64_t p = 2; p < PRIMES_BELOW && step > 1; p++) {
        uwide power = 1;
        for (; step % p == 0; step /= p)
            power *= p;
        if ((double)differences * log2((double)power) >= EVIDENCE_BITS)
            kept *= power;
    }
    return kept * step;
}

wide render_step(const wide *values, size_t count)
{
    uwide step = 0;
    size_t differences = 0;
    for (size_t i = 1; i < count; i++)
        if (values[i] != values[i - 1]) {
            step = divisor(render_distance(values[i], values[i - 1]), step);
            differences++;
        }
    if (differences < 2)
        return 1;
    step = without_accidents(step, differences);
    return step >> 126 ? 1 : (wide)step;
}

static wide smaller_step(wide step)
{
    for (int p = 2; p < PRIMES_BELOW; p++)
        if (step % p == 0)
            return step / p;
    return 1;
}

/* From its lower bound on, without the upper, which is the next one's; the last has both. */
static bool is_closed(const struct render_ordinal *self, size_t i)
{
    return i + 1 == self->stretch_count || self->stretches[i].low == self->stretches[i].high;
}

/* Steps as wide as the floats' at the outer end of the stretch. */
static void measure_grid(struct render_ordinal *self, size_t i)
{
    struct render_stretch *stretch = &self->stretches[i];
    double low = render_float_at(stretch->low), high = render_float_at(stretch->high),
           most = fmax(fabs(low), fabs(high));
    stretch->shift = self->mantissa - 1 - (most > 0 ? ilogb(most) : 0);
    stretch->unit = 1;
    stretch->first = (wide)ceil(ldexp(low, stretch->shift));
    high = ldexp(high, stretch->shift);
    wide end = is_closed(self, i) ? (wide)floor(high) : (wide)ceil(high) - 1;
    stretch->span = end < stretch->first ? 0 : render_distance(end, stretch->first) + 1;
}

static void measure(struct render_ordinal *self, size_t i, wide unit, wide phase)
{
    struct render_stretch *stretch = &self->stretches[i];
    uwide more = (uwide)stretch->finest / divisor((uwide)unit, (uwide)stretch->finest);
    stretch->unit = unit;
    if (more > 1 && (uwide)unit <= ((uwide)1 << 120) / more)
        stretch->unit *= (wide)more;
    stretch->first = render_above(stretch->low, more > 1 ? stretch->low : phase, stretch->unit);
    wide end = is_closed(self, i) ? stretch->high : stretch->high - 1;
    stretch->span = end < stretch->first ? 0
                                         : render_distance(end, stretch->first) / (uwide)stretch->unit + 1;
}

static int compare_wide(const void *left, const void *right)
{
    wide a = *(const wide *)left, b = *(const wide *)right;
    return a < b ? -1 : a > b;
}

/* Which value of the stretch this is, atoms counted; false: none. */
static bool offset_of(const struct render_ordinal *self, const struct render_stretch *stretch, wide ordinal,
                      uwide *offset)
{
    if (self->grid) {
        double units = ldexp(render_float_at(ordinal), stretch->shift);
        if (units != floor(units))
            return false;
        ordinal = (wide)units;
    }
    if (ordinal < stretch->first || stretch->unit == 0)
        return false;
    uwide from = render_distance(ordinal, stretch->first);
    *offset = from / (uwide)stretch->unit;
    return from % (uwide)stretch->unit == 0;
}

/* Values of buckets are no atoms. */
static void take_atoms(struct render_ordinal *self, struct arena *arena, const wide *atoms, size_t count)
{
    self->taken = arena_alloc(arena, (count + self->stretch_count + 1) * sizeof *self->taken);
    size_t next = 0, used = 0;
    for (size_t i = 0; i < self->stretch_count; i++) {
        struct render_stretch *stretch = &self->stretches[i];
        uwide all = stretch->span, offset;
        stretch->taken = used;
        if (stretch->unit == 0)
            continue;
        while (next < count && atoms[next] < stretch->low)
            next++;
        for (size_t at = next; at < count && atoms[at] <= stretch->high; at++)
            if (offset_of(self, stretch, atoms[at], &offset) && offset < all &&
                (used == stretch->taken || self->taken[used - 1] != offset))
                self->taken[used++] = offset;
        stretch->taken_count = used - stretch->taken;
        stretch->span -= stretch->taken_count;
    }
}

static double total(const struct render_ordinal *self)
{
    double values = 0;
    for (size_t i = 0; i < self->stretch_count; i++)
        values += (double)self->stretches[i].span;
    return values;
}

/* No stretch has a step of its own any more; false: none had. */
static bool refine(struct render_ordinal *self)
{
    bool any = false;
    for (size_t i = 0; i < self->stretch_count; i++) {
        any |= self->stretches[i].finest > 1;
        self->stretches[i].finest = 1;
    }
    return any;
}

/* The coarsest step that bounds allow and that leaves room for as many values as there are. */
static void measure_all(struct render_ordinal *self, const struct render_ask *ask, wide *bounds,
                        size_t bound_count, const wide *atoms, size_t atom_count)
{
    if (self->grid) {
        for (size_t i = 0; i < self->stretch_count; i++)
            if (self->stretches[i].unit != 0)
                measure_grid(self, i);
        take_atoms(self, ask->arena, atoms, atom_count);
        return;
    }
    wide finest = self->finest, phase = bound_count > 0 ? render_above(bounds[0], 0, finest) : 0;
    for (size_t i = 0; i < bound_count; i++)
        bounds[i] = render_above(bounds[i], 0, finest) / finest;
    wide unit = render_step(bounds, bound_count) * finest;
    for (;;) {
        for (size_t i = 0; i < self->stretch_count; i++)
            if (self->stretches[i].unit != 0)
                measure(self, i, unit, phase);
        take_atoms(self, ask->arena, atoms, atom_count);
        if (total(self) + (double)atom_count >= 0.99 * ask->statistics->distinct ||
            (unit == finest && !refine(self)))
            break;
        unit = unit == finest ? finest : smaller_step(unit / finest) * finest;
    }
}

struct bound { /* its literal stands behind the number that it is compared by */
    wide at;
    const char *literal;
};

/* A server may sort a type in another order than its text shows (MariaDB its uuids): bounds are then taken in ours. */
static const char **bounds_in_order(const struct render_ordinal *self, const struct render_ask *ask)
{
    const struct profile_column *statistics = ask->statistics;
    size_t count = statistics->bound_count;
    struct bound *bounds = arena_alloc(ask->arena, (count + 1) * sizeof *bounds);
    bool ordered = true;
    for (size_t i = 0; i < count; i++) {
        bounds[i].literal = statistics->bounds[i];
        if (!self->codec->read(self, statistics->bounds[i], &bounds[i].at))
            return statistics->bounds;
        ordered &= i == 0 || bounds[i - 1].at <= bounds[i].at;
    }
    if (ordered)
        return statistics->bounds;
    qsort(bounds, count, sizeof *bounds, compare_wide);
    const char **sorted = arena_alloc(ask->arena, count * sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = bounds[i].literal;
    return sorted;
}

static void stretch_buckets(struct render_ordinal *self, const struct render_ask *ask)
{
    const struct profile_column *statistics = ask->statistics;
    size_t count = self->stretch_count = render_buckets(statistics), read = 0, atom_count = 0;
    self->stretches = arena_alloc(ask->arena, (count + 1) * sizeof *self->stretches);
    wide *bounds = arena_alloc(ask->arena, (count + 2) * sizeof *bounds);
    wide *atoms = arena_alloc(ask->arena, (statistics->mcv_count + 1) * sizeof *atoms);
    const char **literals = bounds_in_order(self, ask);
    for (size_t i = 0; i < count; i++) {
        struct render_stretch *stretch = &self->stretches[i];
        stretch->literal = literals[i];
        bool known = self->codec->read(self, literals[i], &stretch->low) &&
                     self->codec->read(self, literals[i + 1], &stretch->high) &&
                     stretch->low <= stretch->high;
        stretch->unit = known; /* 0: not to be measured */
        stretch->finest = self->codec->finest == NULL
                              ? 1
                              : self->codec->finest(self, literals[i], literals[i + 1]);
        if (known && read == 0)
            bounds[read++] = stretch->low;
        if (known)
            bounds[read++] = stretch->high;
    }
    for (size_t i = 0; i < statistics->mcv_count; i++)
        atom_count += self->codec->read(self, statistics->mcv[i].value, &atoms[atom_count]);
    qsort(atoms, atom_count, sizeof *atoms, compare_wide);
    if (read > 0)
        render_learn_round(self, ask, bounds, read);
    measure_all(self, ask, bounds, read, atoms, atom_count);
}

static wide ordinal_at(const struct render *render, const struct render_stretch *stretch,
                       const struct element *element)
{
    const struct render_ordinal *self = render->ordinal;
    uint64_t values = element->values > 0 ? element->values : 1, hash = render_hash(render, element);
    uwide offset = render_spread(hash, element->value, values, stretch->span);
    offset = self->round[0] > 0 || self->round[1] > 0
                 ? render_round_offset(self, stretch, element, values, hash, offset)
                 : render_behind_atoms(self, stretch, offset);
    if (self->grid)
        return render_float_order(ldexp((double)(stretch->first + (wide)offset), -stretch->shift));
    return (wide)((uwide)stretch->first + offset * (uwide)stretch->unit);
}

static void plain(const struct render *render, const struct element *element, struct buf *out)
{
    const struct render_stretch *stretch = &render->ordinal->stretches[element->index];
    if (stretch->span == 0)
        buf_puts(out, stretch->literal);
    else
        render->ordinal->codec->plain(render->ordinal, ordinal_at(render, stretch, element), out);
}

static bool field(const struct render *render, const char *literal, struct buf *out)
{
    const struct render_ordinal *self = render->ordinal;
    wide ordinal;
    if (self->codec->binary == NULL)
        return false;
    if (self->codec->field != NULL)
        return self->codec->field(self, literal, out);
    if (!self->codec->read(self, literal, &ordinal))
        return false;
    self->codec->binary(self, ordinal, out);
    return true;
}

static void binary(const struct render *render, const struct element *element, struct buf *out)
{
    const struct render_stretch *stretch = &render->ordinal->stretches[element->index];
    if (stretch->span == 0)
        field(render, stretch->literal, out);
    else
        render->ordinal->codec->binary(render->ordinal, ordinal_at(render, stretch, element), out);
}

/* Between bounds that are no numbers is the lower one. */
static double capacity(const struct render *render, size_t bucket)
{
    const struct render_stretch *stretch = &render->ordinal->stretches[bucket];
    return stretch->unit == 0 ? 1 : (double)stretch->span;
}

/* The first stretch that does not lie wholly below. What is no number stands at the ends: below everything, or above. */
static size_t stretch_of(const struct render_ordinal *self, wide ordinal)
{
    size_t low = 0, high = self->stretch_count;
    while (low < high && self->stretches[low].unit == 0)
        low++;
    while (high > low && self->stretches[high - 1].unit == 0)
        high--;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (self->stretches[middle].high <= ordinal)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static double place(const struct render *render, const char *literal)
{
    const struct render_ordinal *self = render->ordinal;
    wide ordinal;
    if (!self->codec->read(self, literal, &ordinal))
        return literal[0] == '-' ? 0 : (double)self->stretch_count;
    size_t i = stretch_of(self, ordinal);
    if (i == self->stretch_count || ordinal <= self->stretches[i].low)
        return (double)i;
    const struct render_stretch *at = &self->stretches[i];
    if (at->unit == 0)
        return (double)i;
    return (double)i +
           fmin((double)render_distance(ordinal, at->low) / (double)render_distance(at->high, at->low),
                0.999999);
}

bool render_ordinal_has_fractions(const struct render_ordinal *ordinal)
{
    return ordinal->scale > 0;
}

bool render_ordinal_text(const struct render *render, const char *literal, struct buf *out)
{
    wide ordinal;
    const struct render_ordinal *self = render->ordinal;
    if (self == NULL || self->labels != NULL || !self->codec->read(self, literal, &ordinal))
        return false;
    self->codec->plain(self, ordinal, out);
    return true;
}

static const struct render_class ordinal_class = {plain, binary, capacity, place, field};

const struct render_codec *render_codec_find(const struct render_codec *codecs, const char *type)
{
    for (; codecs->types[0] != NULL; codecs++)
        for (int i = 0; i < 6 && codecs->types[i] != NULL; i++)
            if (strcmp(codecs->types[i], type) == 0)
                return codecs;
    return NULL;
}

static const struct render_codec *codec_of(const struct render_ask *ask)
{
    if (ask->column->labels != NULL && ask->type == ask->column->base_type && ask->type[0] != '_')
        return &render_labels;
    const char *base = ask->statistics->base, *type = ask->type;
    const struct value_kind *kind = value_kind_find(type),
                            *source = base == NULL ? NULL : value_kind_find(base);
    if (kind != NULL && value_kind_is_text(kind) && source != NULL && !value_kind_is_text(source))
        type = base; /* an address stays one where it is kept as a text */
    bool truth_is_number = ask->table->lexis != SQL_POSTGRES && strcmp(type, "bool") == 0;
    const struct render_codec *codec = render_codec_find(render_numbers, truth_is_number ? "int1" : type);
    if (codec == NULL)
        codec = render_codec_find(render_moments, type);
    return codec != NULL ? codec : render_codec_find(render_addresses, type);
}

/* The codec writes this type, not one that is kept in it. */
static bool is_own(const struct render_codec *codec, const char *type)
{
    const struct value_kind *kind = value_kind_find(type);
    return codec == &render_labels || kind == NULL || !value_kind_is_text(kind);
}

bool render_ordinal_make(const struct render_ask *ask, struct render *render)
{
    const struct render_codec *codec = codec_of(ask);
    if (codec == NULL)
        return false;
    struct render_ordinal *self = arena_alloc(ask->arena, sizeof *self);
    self->codec = codec;
    self->finest = 1;
    if (codec->learn != NULL)
        codec->learn(self, ask);
    render->ordinal = self;
    render->literals = &ordinal_class;
    stretch_buckets(self, ask);
    if (self->stretch_count == 0)
        return true;
    render->values = &ordinal_class;
    render->binary = codec->binary != NULL && is_own(codec, ask->type);
    render->hostile = self->labels != NULL;
    struct buf ignored = {0};
    for (size_t i = 0; i < self->stretch_count; i++)
        render->hostile |= self->stretches[i].span == 0 &&
                           strpbrk(self->stretches[i].literal, "\t\n\r\\") != NULL;
    for (size_t i = 0; i < self->stretch_count; i++)
        if (self->stretches[i].span == 0 && !field(render, self->stretches[i].literal, &ignored))
            render->binary = false;
    buf_free(&ignored);
    return true;
}
