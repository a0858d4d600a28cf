#include "generators/render_kind.h"

#include "generators/value_wire.h"

#include <stdlib.h>
#include <string.h>

/* Arrays of one dimension: as many elements as the profile's have, common ones as often as it says, the others like those that
 * stand in its bounds. Which array is which value is drawn: their order is not the index's, and two may be alike. One that is
 * an atom is drawn again. */
enum { MOST = 64, TRIES = 6, DRAWS = 32 };

struct render_list {
    const struct render *part; /* elements that are not common; NULL: there are only common ones */
    uint32_t oid;              /* of the element; 0: no binary form */
    bool quoted;               /* elements are */
    const char **common, **fields;
    size_t *field_bytes;
    double *share; /* running sum: of elements, up to mean_count */
    size_t common_count;
    const double *counts; /* quantiles of the number of elements */
    size_t count_count;
    double mean_count;
    uint64_t *atoms; /* sums of the atoms of common elements alone, ascending */
    size_t atom_count;
};

struct cells { /* elements of an array's literal; NULL: null */
    const char **at;
    size_t count, capacity;
};

/* One element up to a comma or brace; NULL: not well-formed, or another dimension. */
static const char *read_cell(struct arena *arena, const char *at, struct cells *cells)
{
    struct buf text = {0};
    bool quoted = *at == '"';
    for (at += quoted; *at != '\0' && (quoted ? *at != '"' : *at != ',' && *at != '}'); at++) {
        if (*at == '\\' && at[1] != '\0')
            at++;
        else if (!quoted && *at == '{')
            break;
        buf_putc(&text, *at);
    }
    at += quoted && *at == '"';
    bool ok = *at == ',' || *at == '}';
    bool null = !quoted && strcasecmp(buf_text(&text), "NULL") == 0;
    *ARENA_PUSH(arena, cells->at, cells->count,
                cells->capacity) = null ? NULL : arena_strdup(arena, buf_text(&text));
    buf_free(&text);
    return ok ? at : NULL;
}

static bool read_cells(struct arena *arena, const char *text, struct cells *cells)
{
    if (strcmp(text, "{}") == 0)
        return true;
    if (*text != '{')
        return false;
    do
        text = read_cell(arena, text + 1, cells);
    while (text != NULL && *text == ',');
    return text != NULL && strcmp(text, "}") == 0;
}

static void put_head(struct buf *out, uint32_t count, bool nulls, uint32_t oid)
{
    char *head = value_wire_room(out, count > 0 ? 20 : 12);
    value_wire_32(head, count > 0);
    value_wire_32(head + 4, nulls);
    value_wire_32(head + 8, oid);
    if (count > 0) {
        value_wire_32(head + 12, count);
        value_wire_32(head + 16, 1);
    }
}

static bool field(const struct render *render, const char *literal, struct buf *out)
{
    const struct render_list *self = render->list;
    struct arena arena = {0};
    struct cells cells = {0};
    bool ok = self != NULL && self->oid != 0 && self->part != NULL && read_cells(&arena, literal, &cells),
         nulls = false;
    for (size_t i = 0; i < cells.count; i++)
        nulls |= cells.at[i] == NULL;
    size_t start = value_wire_open(out);
    if (ok)
        put_head(out, (uint32_t)cells.count, nulls, self->oid);
    for (size_t i = 0; ok && i < cells.count; i++) {
        if (cells.at[i] == NULL)
            value_wire_put_null(out);
        else
            ok = self->part->literals->field(self->part, cells.at[i], out);
    }
    value_wire_close(out, start);
    arena_free(&arena);
    return ok;
}

static size_t drawn_count(const struct render_list *self, uint64_t hash)
{
    if (self->count_count == 0)
        return (size_t)value_scale(hash, (uint64_t)(2 * self->mean_count) + 1);
    double count = self->counts[value_scale(hash, self->count_count)];
    return count > MOST ? MOST : count < 0 ? 0 : (size_t)count;
}

/* The common element at a share of the running sum; common_count: none, another. */
static size_t drawn_common(const struct render_list *self, uint64_t hash)
{
    double at = (double)(hash >> 11) / (double)(UINT64_C(1) << 53) * self->mean_count;
    size_t low = 0, high = self->common_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (self->share[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == self->common_count && self->part == NULL && self->common_count > 0)
        return value_scale(value_mix(hash), self->common_count);
    return low;
}

struct drawn {
    size_t count, common[MOST];
    struct element other[MOST];
};

static struct element other(const struct render_list *self, uint64_t hash)
{
    uint64_t more = value_mix(hash + 1);
    size_t bucket = value_scale(hash, self->part->bucket_count > 0 ? self->part->bucket_count : 1);
    double room = self->part->values->capacity(self->part, bucket);
    uint64_t values = room < 1 ? 1 : room > 1e6 ? 1000000 : (uint64_t)room;
    return (struct element){ELEMENT_BUCKET, (uint32_t)bucket, value_scale(more, values), values};
}

/* A common element stands in an array once. */
static void draw_any(const struct render_list *self, uint64_t hash, struct drawn *drawn)
{
    size_t wanted = drawn_count(self, hash), kept = 0;
    for (size_t i = 0; i < wanted; i++) {
        bool taken = true;
        for (int j = 0; j < TRIES && taken; j++) {
            size_t common = drawn->common[kept] = drawn_common(self, hash = value_mix(hash + i + 1));
            taken = false;
            for (size_t k = 0; k < kept && common < self->common_count; k++)
                taken |= drawn->common[k] == common;
        }
        if (taken || (drawn->common[kept] == self->common_count && self->part == NULL))
            continue;
        if (drawn->common[kept] == self->common_count)
            drawn->other[kept] = other(self, hash);
        kept++;
    }
    drawn->count = kept;
}

static uint64_t add_to_sum(uint64_t sum, size_t common)
{
    return value_mix(sum + common + 1);
}

static int by_sum(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static bool is_atom(const struct render_list *self, const struct drawn *drawn)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < drawn->count; i++) {
        if (drawn->common[i] == self->common_count)
            return false;
        sum = add_to_sum(sum, drawn->common[i]);
    }
    return self->atom_count > 0 && bsearch(&sum, self->atoms, self->atom_count, sizeof sum, by_sum) != NULL;
}

static void draw(const struct render *render, const struct element *element, struct drawn *drawn)
{
    uint64_t hash = render_hash(render, element);
    for (unsigned turn = render_turn(render, element); turn > 0; turn--)
        hash = value_mix(hash + turn);
    for (int i = 0; i < DRAWS; i++, hash = value_mix(hash))
        if (draw_any(render->list, hash, drawn), !is_atom(render->list, drawn))
            return;
}

static void put_cell(const struct render_list *self, const char *text, struct buf *out)
{
    if (!self->quoted) {
        buf_puts(out, text);
        return;
    }
    buf_putc(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            buf_putc(out, '\\');
        buf_putc(out, *text);
    }
    buf_putc(out, '"');
}

static void plain(const struct render *render, const struct element *element, struct buf *out)
{
    const struct render_list *self = render->list;
    struct drawn drawn;
    struct buf text = {0};
    draw(render, element, &drawn);
    buf_putc(out, '{');
    for (size_t i = 0; i < drawn.count; i++) {
        if (i > 0)
            buf_putc(out, ',');
        buf_clear(&text);
        if (drawn.common[i] < self->common_count)
            buf_puts(&text, self->common[drawn.common[i]]);
        else
            render_plain(self->part, &drawn.other[i], &text);
        put_cell(self, buf_text(&text), out);
    }
    buf_putc(out, '}');
    buf_free(&text);
}

static void binary(const struct render *render, const struct element *element, struct buf *out)
{
    const struct render_list *self = render->list;
    struct drawn drawn;
    draw(render, element, &drawn);
    size_t start = value_wire_open(out);
    put_head(out, (uint32_t)drawn.count, false, self->oid);
    for (size_t i = 0; i < drawn.count; i++) {
        size_t common = drawn.common[i];
        if (common < self->common_count)
            buf_add(out, self->fields[common], self->field_bytes[common]);
        else
            self->part->values->binary(self->part, &drawn.other[i], out);
    }
    value_wire_close(out, start);
}

static double capacity(const struct render *render, size_t bucket)
{
    (void)render, (void)bucket;
    return INFINITY;
}

/* Literals that are alike stand together, wherever. */
static double place(const struct render *render, const char *literal)
{
    uint64_t hash = render->stream;
    for (; *literal != '\0'; literal++)
        hash = value_mix(hash + (unsigned char)*literal);
    return (double)value_scale(hash, render->bucket_count + 1);
}

static const struct render_class list_class = {plain, binary, capacity, place, field};

static int by_number(const void *left, const void *right)
{
    double a = strtod(*(const char *const *)left, NULL), b = strtod(*(const char *const *)right, NULL);
    return a < b ? -1 : a > b;
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* All elements of bounds, sorted, once each: the bounds of what is not common. */
static void collect(const struct render_ask *ask, struct profile_column *of)
{
    struct cells cells = {0};
    for (size_t i = 0; i < ask->statistics->bound_count; i++)
        if (!read_cells(ask->arena, ask->statistics->bounds[i], &cells))
            break;
    size_t kept = 0;
    for (size_t i = 0; i < cells.count; i++)
        if (cells.at[i] != NULL)
            cells.at[kept++] = cells.at[i];
    const struct value_kind *kind = value_kind_find(of->base);
    if (kept > 0)
        qsort(cells.at, kept, sizeof *cells.at,
              kind != NULL && value_kind_is_number(kind) ? by_number : by_text);
    of->bounds = cells.at;
    for (size_t i = 0; i < kept; i++)
        if (of->bound_count == 0 || strcmp(of->bounds[of->bound_count - 1], cells.at[i]) != 0)
            of->bounds[of->bound_count++] = cells.at[i];
    of->mcv = ask->statistics->elements;
    of->mcv_count = ask->statistics->element_count;
}

/* False: an element has no binary form. */
static bool take_common(const struct render_ask *ask, struct render_list *self)
{
    size_t count = self->common_count = ask->statistics->element_count;
    self->common = arena_alloc(ask->arena, (count + 1) * sizeof *self->common);
    self->fields = arena_alloc(ask->arena, (count + 1) * sizeof *self->fields);
    self->field_bytes = arena_alloc(ask->arena, (count + 1) * sizeof *self->field_bytes);
    self->share = arena_alloc(ask->arena, (count + 1) * sizeof *self->share);
    bool all = self->part != NULL;
    double sum = 0;
    struct buf bytes = {0};
    for (size_t i = 0; i < count; i++) {
        self->common[i] = ask->statistics->elements[i].value;
        self->share[i] = sum += ask->statistics->elements[i].share;
        buf_clear(&bytes);
        all = all && self->part->literals->field(self->part, self->common[i], &bytes);
        char *kept = arena_alloc(ask->arena, bytes.length + 1);
        memcpy(kept, buf_text(&bytes), bytes.length);
        self->fields[i] = kept;
        self->field_bytes[i] = bytes.length;
    }
    buf_free(&bytes);
    self->mean_count = fmax(sum, 1e-9);
    return all;
}

static size_t find_common(const struct render_list *self, const char *text)
{
    size_t at = 0;
    while (at < self->common_count && (text == NULL || strcmp(self->common[at], text) != 0))
        at++;
    return at;
}

static void take_atoms(const struct render_ask *ask, struct render_list *self)
{
    const struct profile_column *of = ask->statistics;
    self->atoms = arena_alloc(ask->arena, (of->mcv_count + 1) * sizeof *self->atoms);
    for (size_t i = 0; i < of->mcv_count; i++) {
        struct cells cells = {0};
        uint64_t sum = 0;
        bool all = read_cells(ask->arena, of->mcv[i].value, &cells);
        for (size_t c = 0; c < cells.count && all; c++) {
            size_t common = find_common(self, cells.at[c]);
            all = common < self->common_count;
            sum = add_to_sum(sum, common);
        }
        if (all)
            self->atoms[self->atom_count++] = sum;
    }
    qsort(self->atoms, self->atom_count, sizeof *self->atoms, by_sum);
}

static void take_counts(const struct render_ask *ask, struct render_list *self)
{
    self->counts = ask->statistics->element_counts;
    self->count_count = ask->statistics->element_counts != NULL ? ask->statistics->element_count_count : 0;
    double sum = 0;
    for (size_t i = 0; i < self->count_count; i++)
        sum += self->counts[i];
    if (self->count_count > 0)
        self->mean_count = fmax(sum / (double)self->count_count, 1e-9);
}

bool render_list_make(const struct render_ask *ask, struct render *render)
{
    if (ask->type[0] != '_' || ask->table->lexis != SQL_POSTGRES)
        return false;
    struct render_list *self = arena_alloc(ask->arena, sizeof *self);
    struct profile_column *of = arena_alloc(ask->arena, sizeof *of);
    *of = (struct profile_column){.width_bytes = NAN, .base = ask->type + 1};
    collect(ask, of);
    render->literals = &list_class;
    render->list = self;
    struct render_ask element = *ask;
    element.type = ask->type + 1;
    element.statistics = of;
    if (of->bound_count > 1 || value_kind_find(element.type) != NULL)
        self->part = render_part(&element);
    self->oid = value_oid(element.type);
    const struct value_kind *kind = value_kind_find(element.type);
    self->quoted = kind == NULL || !value_kind_is_number(kind);
    bool all = take_common(ask, self);
    take_counts(ask, self);
    take_atoms(ask, self);
    if (ask->statistics->element_count == 0 && of->bound_count == 0)
        return true;
    render->values = &list_class;
    render->binary = all && self->oid != 0 && self->part->binary;
    render->hostile = true;
    return true;
}
