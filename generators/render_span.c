#include "generators/render_ordinal.h"

#include <string.h>

/* Ranges: the lower end is a value between the lower ends of the bounds, the length one of theirs. */
struct render_span {
    const struct render *from;
    wide *lengths; /* by bucket; −1: no upper end */
    const char **literals;
};

static const char *subtype(const char *type)
{
    static const char *const types[][2] = {{"int4range", "int4"},    {"int8range", "int8"},
                                           {"numrange", "numeric"},  {"daterange", "date"},
                                           {"tsrange", "timestamp"}, {"tstzrange", "timestamptz"}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i][0], type) == 0)
            return types[i][1];
    return NULL;
}

static char *unquoted(struct arena *arena, const char *text, size_t length)
{
    if (length >= 2 && text[0] == '"' && text[length - 1] == '"')
        return arena_strndup(arena, text + 1, length - 2);
    return arena_strndup(arena, text, length);
}

/* "[a,b)"; false: empty, or not a range. An end that is missing is "". */
static bool ends_of(struct arena *arena, const char *text, const char **low, const char **high)
{
    size_t length = strlen(text);
    const char *comma = strchr(text, ',');
    if (length < 3 || comma == NULL || (*text != '[' && *text != '('))
        return false;
    *low = unquoted(arena, text + 1, (size_t)(comma - text) - 1);
    *high = unquoted(arena, comma + 1, length - (size_t)(comma - text) - 2);
    return true;
}

static void plain(const struct render *render, const struct element *element, struct buf *out)
{
    const struct render_span *self = render->span;
    const struct render_ordinal *ordinal = self->from->ordinal;
    wide length = self->lengths[element->index], low;
    struct buf text = {0};
    render_plain(self->from, element, &text);
    if (!ordinal->codec->read(ordinal, buf_text(&text), &low)) {
        buf_puts(out, self->literals[element->index]);
    } else {
        buf_putc(out, '[');
        buf_add(out, text.data, text.length);
        buf_putc(out, ',');
        if (length >= 0)
            ordinal->codec->plain(ordinal, low + length, out);
        buf_putc(out, ')');
    }
    buf_free(&text);
}

static double capacity(const struct render *render, size_t bucket)
{
    return render_capacity(render->span->from, bucket);
}

static double place(const struct render *render, const char *literal)
{
    struct arena arena = {0};
    const char *low, *high;
    const struct render *from = render->span == NULL ? NULL : render->span->from;
    double at = 0;
    if (from != NULL && ends_of(&arena, literal, &low, &high))
        at = from->literals->place(from, low);
    arena_free(&arena);
    return at;
}

static bool field(const struct render *render, const char *literal, struct buf *out)
{
    (void)render, (void)literal, (void)out;
    return false;
}

static const struct render_class span_class = {plain, NULL, capacity, place, field};

/* Lower ends make a column of their own. */
static void make_ends(const struct render_ask *ask, struct render_span *self, const char ***lows,
                      const char ***highs)
{
    size_t count = ask->statistics->bound_count;
    *lows = arena_alloc(ask->arena, count * sizeof **lows);
    *highs = arena_alloc(ask->arena, count * sizeof **highs);
    self->literals = ask->statistics->bounds;
    for (size_t i = 0; i < count; i++)
        if (!ends_of(ask->arena, ask->statistics->bounds[i], &(*lows)[i], &(*highs)[i]))
            (*lows)[i] = (*highs)[i] = "";
}

bool render_span_make(const struct render_ask *ask, struct render *render)
{
    const char *type = subtype(ask->type), **lows, **highs;
    if (type == NULL)
        return false;
    render->literals = &span_class;
    size_t buckets = render_buckets(ask->statistics);
    if (buckets == 0)
        return true;
    struct render_span *self = arena_alloc(ask->arena, sizeof *self);
    make_ends(ask, self, &lows, &highs);
    struct profile_column *statistics = arena_alloc(ask->arena, sizeof *statistics);
    *statistics = (struct profile_column){.width_bytes = NAN,
                                          .bounds = lows,
                                          .bound_count = buckets + 1,
                                          .distinct = ask->statistics->distinct};
    struct render_ask of = *ask;
    of.type = type;
    of.statistics = statistics;
    self->from = render_part(&of);
    if (self->from == NULL || self->from->ordinal == NULL)
        return false;
    const struct render_ordinal *ordinal = self->from->ordinal;
    self->lengths = arena_alloc(ask->arena, buckets * sizeof *self->lengths);
    for (size_t i = 0; i < buckets; i++) {
        wide low, high;
        bool both = ordinal->codec->read(ordinal, lows[i], &low) &&
                    ordinal->codec->read(ordinal, highs[i], &high);
        self->lengths[i] = !both ? -1 : high > low ? high - low : ordinal->finest;
    }
    render->span = self;
    render->values = &span_class;
    render->binary = false;
    render->hostile = true;
    return true;
}
