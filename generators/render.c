#include "generators/render_kind.h"

#include "bench/base/rng.h"
#include "generators/check_tree.h"
#include "generators/recipe.h"
#include "generators/render_order.h"
#include "generators/value_wire.h"

#include <stdlib.h>
#include <string.h>

struct render_drawn {
    struct value_spec spec;
    bool numbered; /* every value has its own */
};

static void draw(const struct render *render, const struct element *element, struct buf *out,
                 void (*nth)(const struct value_spec *spec, int64_t index, struct buf *out),
                 void (*drawn)(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out))
{
    const struct value_spec *spec = &render->drawn->spec;
    int64_t value = (int64_t)(element->value & INT64_MAX);
    if (render->drawn->numbered && (uint64_t)value_capacity(spec) >= element->values)
        nth(spec, value, out);
    else
        drawn(spec, rng_hash(render->stream, 0, element->value), value, out);
}

/* Already as db_load reads it. */
static void draw_text(const struct render *render, const struct element *element, struct buf *out)
{
    draw(render, element, out, value_nth, value_draw);
}

static void draw_binary(const struct render *render, const struct element *element, struct buf *out)
{
    draw(render, element, out, value_nth_binary, value_draw_binary);
}

static double draw_capacity(const struct render *render, size_t bucket)
{
    (void)bucket;
    return render->drawn->numbered ? (double)value_capacity(&render->drawn->spec) : INFINITY;
}

static double no_place(const struct render *render, const char *literal)
{
    (void)literal;
    return (double)render->bucket_count;
}

static bool no_field(const struct render *render, const char *literal, struct buf *out)
{
    (void)render, (void)literal, (void)out;
    return false;
}

static const struct render_class drawn_class = {draw_text, draw_binary, draw_capacity, no_place, no_field};

/* PostgreSQL says of all ranges that no two are alike. */
static bool is_unique(const struct render_ask *ask)
{
    const struct profile_column *statistics = ask->statistics;
    return (statistics->distinct_reported < -0.99 && strstr(ask->type, "range") == NULL) ||
           (statistics->distinct_by != NULL && strcmp(statistics->distinct_by, "unique") == 0);
}

/* As a table of one column sees it, so that the type may be another than the column's own. */
bool render_drawn_make(const struct render_ask *ask, struct render *render)
{
    struct catalogue_column *column = arena_alloc(ask->arena, sizeof *column);
    *column = *ask->column;
    column->base_type = ask->type;
    struct catalogue_table table = *ask->table;
    table.columns = column;
    table.column_count = 1;
    struct recipe recipe;
    struct err ignored = {0};
    int windows = 0;
    if (!recipe_choose(ask->arena, ask->stream, &table, 0, &windows, &recipe, &ignored) ||
        recipe.source == RECIPE_SERVER)
        return false;
    struct render_drawn *self = arena_alloc(ask->arena, sizeof *self);
    self->spec = recipe.spec;
    if (strcmp(ask->type, "xml") == 0 && ask->statistics->width_bytes > 1)
        self->spec.length = (int)fmin(ask->statistics->width_bytes, 1e6) - 1;
    self->numbered = (is_unique(ask) || recipe.spec.labels != NULL) && value_capacity(&recipe.spec) > 0;
    render->drawn = self;
    render->values = &drawn_class;
    render->binary = value_has_binary(&recipe.spec);
    render->hostile = false;
    if (render->literals == NULL)
        render->literals = &drawn_class;
    return true;
}

/* A type that nobody here knows: what the profile tells to the letter is all there is, one value in each bucket. */
static void tell(const struct render *render, const struct element *element, struct buf *out)
{
    buf_puts(out, render->told[element->index]);
}

static double tell_one(const struct render *render, size_t bucket)
{
    (void)render, (void)bucket;
    return 1;
}

static const struct render_class told_class = {tell, NULL, tell_one, no_place, no_field};

static bool make_told(const struct render_ask *ask, struct render *render)
{
    const struct profile_column *statistics = ask->statistics;
    render->literals = &told_class;
    render->told = statistics->bounds;
    render->hostile = true;
    render->binary = false;
    if (render_buckets(statistics) > 0 && statistics->values == PROFILE_KEPT)
        render->values = &told_class;
    return render->values != NULL || (statistics->mcv_count > 0 && statistics->bound_count == 0);
}

static bool make_values(const struct render_ask *ask, struct render *render)
{
    bool known = render_ordinal_make(ask, render) || render_shape_make(ask, render) ||
                 render_document_make(ask, render) || render_span_make(ask, render) ||
                 render_list_make(ask, render);
    if (known && render->values != NULL)
        return true;
    return render_drawn_make(ask, render) || make_told(ask, render);
}

struct render *render_part(const struct render_ask *ask)
{
    struct render *render = arena_alloc(ask->arena, sizeof *render);
    render->stream = ask->stream;
    render->bucket_count = render_buckets(ask->statistics);
    return make_values(ask, render) ? render : NULL;
}

static bool cannot(const struct render_ask *ask, struct err *err)
{
    const char *table = ask->table->name, *column = ask->column->name;
    err_set(err, ERR_ENVIRONMENT, "table %s, column %s: no values can be made of type %s", table, column,
            ask->column->type);
    return err_hint(err,
                    "say in the plan how to: tables.%s.columns.%s: {\"expression\": …} or {\"constant\": …},"
                    " {\"values\": […]} or {\"null\": true}",
                    table, column);
}

static const char *keep(struct arena *arena, const struct buf *from, size_t *bytes)
{
    char *kept = arena_alloc(arena, from->length + 1);
    memcpy(kept, buf_text(from), from->length);
    *bytes = from->length;
    return kept;
}

/* The blanks that fill a character(n) up are the server's. */
static const char *written(const struct render_ask *ask, const char *literal)
{
    size_t length = strlen(literal);
    if (strcmp(ask->type, "bpchar") != 0 || ask->column->max_length < 0)
        return literal;
    while (length > 0 && literal[length - 1] == ' ')
        length--;
    return arena_printf(ask->arena, "%.*s", (int)length, literal);
}

/* Common values are written once, in both forms. */
static void make_atoms(const struct render_ask *ask, struct render *render)
{
    struct arena *arena = ask->arena;
    size_t count = render->atom_count = ask->statistics->mcv_count;
    render->atoms = arena_alloc(arena, (count + 1) * sizeof *render->atoms);
    render->fields = arena_alloc(arena, (count + 1) * sizeof *render->fields);
    render->atom_bytes = arena_alloc(arena, (count + 1) * sizeof *render->atom_bytes);
    render->field_bytes = arena_alloc(arena, (count + 1) * sizeof *render->field_bytes);
    render->places = arena_alloc(arena, (count + 1) * sizeof *render->places);
    struct buf text = {0};
    for (size_t i = 0; i < count; i++) {
        const char *literal = ask->statistics->mcv[i].value, *sent = written(ask, literal);
        buf_clear(&text);
        if (ask->table->lexis == SQL_POSTGRES ||
            !(render_ordinal_text(render, literal, &text) || render_shape_text(render, literal, &text)))
            value_put_escaped(&text, sent);
        render->atoms[i] = keep(arena, &text, &render->atom_bytes[i]);
        buf_clear(&text);
        render->binary = render->binary && render->literals->field(render, sent, &text);
        render->fields[i] = keep(arena, &text, &render->field_bytes[i]);
        render->places[i] = render->literals->place(render, literal);
    }
    buf_free(&text);
    render_order_atoms(ask, render);
}

/* Numbers of fractions of a unit, moments of fractions of a second. */
static bool is_continuous(const struct render_ask *ask, const struct render *render)
{
    const struct value_kind *kind = value_kind_find(ask->type);
    if (ask->column->labels != NULL || kind == NULL || render->ordinal == NULL)
        return false;
    return value_kind_is_number(kind)
               ? !value_kind_is_integer(kind)
               : value_kind_is_moment(kind) && render_ordinal_has_fractions(render->ordinal);
}

/* Texts begin as the table's CHECKs demand: surrogates have another head of the same length. */
static const char *with_head(struct arena *arena, const char *text, const char *head)
{
    size_t length = strlen(head);
    for (size_t i = 0; i < length; i++)
        if (text[i] == '\0' || (signed char)text[i] < 0 || (signed char)head[i] < 0)
            return text;
    return arena_printf(arena, "%s%s", head, text + length);
}

static const struct profile_column *headed(struct arena *arena, const struct catalogue_table *table,
                                           const struct catalogue_column *of,
                                           const struct profile_column *statistics)
{
    const struct value_kind *kind = value_kind_find(of->base_type);
    const char *head = NULL;
    for (size_t i = 0; kind != NULL && value_kind_is_text(kind) && i < table->check_count && head == NULL;
         i++) {
        const struct check_tree *tree = check_tree_read(arena, table, table->checks[i].definition);
        head = tree == NULL ? NULL : check_tree_head(arena, tree, (size_t)(of - table->columns));
    }
    if (head == NULL)
        return statistics;
    struct profile_column *copy = arena_alloc(arena, sizeof *copy);
    *copy = *statistics;
    copy->bounds = arena_alloc(arena, (copy->bound_count + 1) * sizeof *copy->bounds);
    copy->mcv = arena_alloc(arena, (copy->mcv_count + 1) * sizeof *copy->mcv);
    for (size_t i = 0; i < copy->bound_count; i++)
        copy->bounds[i] = with_head(arena, statistics->bounds[i], head);
    for (size_t i = 0; i < copy->mcv_count; i++)
        copy->mcv[i] = (struct profile_atom){statistics->mcv[i].share,
                                             with_head(arena, statistics->mcv[i].value, head)};
    return copy;
}

const struct render *render_make(struct arena *arena, uint64_t stream, const struct catalogue_table *table,
                                 const struct catalogue_column *of, const struct profile_column *statistics,
                                 struct err *err)
{
    static const struct profile_column unknown = {
        .width_bytes = NAN, .distinct_ratio = NAN, .correlation = NAN};
    struct render_ask ask = {
        .arena = arena,
        .stream = stream,
        .table = table,
        .column = of,
        .statistics = headed(arena, table, of, statistics != NULL ? statistics : &unknown),
        .type = of->base_type};
    struct render *render = of->generated ? NULL : render_part(&ask);
    if (render == NULL) {
        cannot(&ask, err);
        return NULL;
    }
    if (render->bucket_count == 0)
        render->bucket_count = 1;
    make_atoms(&ask, render);
    render_turns_make(&ask, render);
    render->continuous = is_continuous(&ask, render);
    return render;
}

void render_escape(struct buf *out, size_t start)
{
    static const char names[128] = {['\t'] = 't', ['\n'] = 'n', ['\r'] = 'r', ['\\'] = '\\'};
    size_t more = 0;
    for (size_t i = start; i < out->length; i++) {
        unsigned char c = (unsigned char)out->data[i];
        more += c < sizeof names && names[c] != 0;
    }
    if (more == 0)
        return;
    buf_reserve(out, more);
    char *from = out->data + out->length, *to = from + more;
    out->length += more;
    out->data[out->length] = '\0';
    while (from < to) {
        unsigned char c = (unsigned char)*--from;
        bool named = c < sizeof names && names[c] != 0;
        *--to = named ? names[c] : (char)c;
        if (named)
            *--to = '\\';
    }
}

void render_plain(const struct render *render, const struct element *element, struct buf *out)
{
    render->values->plain(render, element, out);
}

void render_text(const struct render *render, const struct element *element, struct buf *out)
{
    size_t start = out->length;
    if (element->kind == ELEMENT_NULL || (element->kind == ELEMENT_BUCKET && render->values == NULL)) {
        buf_add(out, "\\N", 2);
    } else if (element->kind == ELEMENT_ATOM) {
        buf_add(out, render->atoms[element->index], render->atom_bytes[element->index]);
    } else {
        render->values->plain(render, element, out);
        if (render->hostile)
            render_escape(out, start);
    }
}

bool render_has_binary(const struct render *render)
{
    return render->binary;
}

void render_binary(const struct render *render, const struct element *element, struct buf *out)
{
    if (element->kind == ELEMENT_NULL)
        value_wire_put_null(out);
    else if (element->kind == ELEMENT_ATOM)
        buf_add(out, render->fields[element->index], render->field_bytes[element->index]);
    else
        render->values->binary(render, element, out);
}

double render_capacity(const struct render *render, size_t bucket)
{
    return render->values == NULL ? 0 : render->values->capacity(render, bucket);
}

void render_place(const struct render *render, size_t atom, size_t *bucket, double *within)
{
    double place = fmax(render->places[atom], 0);
    *bucket = (size_t)fmin(place, (double)render->bucket_count);
    *within = fmin(place - (double)*bucket, 1);
}

bool render_differs_folded(const struct render *render)
{
    return render->shape == NULL || render_shape_differs_folded(render);
}

bool render_is_continuous(const struct render *render)
{
    return render->continuous;
}
