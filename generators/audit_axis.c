#include "generators/audit_parts.h"
#include "generators/render_ordinal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOMENT_DIGITS = 6 };

static bool read_number(const char *text, double *place)
{
    char *end;
    if (strcmp(text, "t") == 0 || strcmp(text, "f") == 0) {
        *place = text[0] == 't';
        return true;
    }
    *place = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*place);
}

/* In the unit of the type: numbers themselves, moments in days or microseconds. */
static bool read_place(const char *base, const char *text, double *place)
{
    if (render_codec_find(render_numbers, base) != NULL)
        return read_number(text, place);
    const struct render_codec *codec = render_codec_find(render_moments, base);
    struct render_ordinal ordinal = {.codec = codec, .scale = MOMENT_DIGITS, .finest = 1};
    wide count;
    if (codec == NULL || !codec->read(&ordinal, text, &count))
        return false;
    *place = (double)count;
    return true;
}

/* All literals of both columns, the source's atoms first. */
struct texts {
    const char **items;
    const char **bases;
    size_t count;
};

static struct texts gather(struct arena *arena, const struct profile_column *const sides[2])
{
    struct texts texts = {0};
    size_t room = 1;
    for (int s = 0; s < 2; s++)
        room += sides[s]->mcv_count + sides[s]->bound_count;
    texts.items = arena_alloc(arena, room * sizeof *texts.items);
    texts.bases = arena_alloc(arena, room * sizeof *texts.bases);
    for (int s = 0; s < 2; s++) {
        for (size_t i = 0; i < sides[s]->mcv_count; i++, texts.count++) {
            texts.items[texts.count] = sides[s]->mcv[i].value;
            texts.bases[texts.count] = sides[s]->base;
        }
        for (size_t i = 0; i < sides[s]->bound_count; i++, texts.count++) {
            texts.items[texts.count] = sides[s]->bounds[i];
            texts.bases[texts.count] = sides[s]->base;
        }
    }
    return texts;
}

static bool by_number(const struct texts *texts, double *places)
{
    for (size_t i = 0; i < texts->count; i++)
        if (!read_place(texts->bases[i], texts->items[i], &places[i]))
            return false;
    return true;
}

static int compare(const void *left, const void *right)
{
    const char *const *a = left, *const *b = right;
    return strcmp(*a, *b);
}

/* Each text once, as bytes sort. */
static const char **different(struct arena *arena, const struct texts *texts, size_t *count)
{
    const char **list = arena_alloc(arena, (texts->count + 1) * sizeof *list);
    for (size_t i = 0; i < texts->count; i++)
        list[i] = texts->items[i];
    qsort(list, texts->count, sizeof *list, compare);
    *count = 0;
    for (size_t i = 0; i < texts->count; i++)
        if (*count == 0 || strcmp(list[*count - 1], list[i]) != 0)
            list[(*count)++] = list[i];
    return list;
}

static bool ascends(const struct profile_column *column)
{
    for (size_t i = 1; i < column->bound_count; i++)
        if (strcmp(column->bounds[i - 1], column->bounds[i]) > 0)
            return false;
    return true;
}

/* Where the server cannot be asked, the bounds tell whether bytes sort as it does. */
static bool by_order(struct arena *arena, const struct audit_pair *pair, const struct profile_table *table,
                     const struct profile_column *const sides[2], const struct texts *texts, double *places)
{
    size_t count;
    const char **list = different(arena, texts, &count);
    double *ranks = arena_alloc(arena, (count + 1) * sizeof *ranks);
    bool known = pair->order != NULL && count > 0 &&
                 pair->order(pair->context, table, sides[1], list, count, ranks);
    for (size_t i = 0; !known && i < count; i++)
        ranks[i] = (double)i;
    for (size_t i = 0; i < texts->count; i++) {
        const char **found = bsearch(&texts->items[i], list, count, sizeof *list, compare);
        places[i] = ranks[found - list];
    }
    return known || (ascends(sides[0]) && ascends(sides[1]));
}

struct audit_axis audit_axis(struct arena *arena, const struct audit_pair *pair,
                             const struct profile_table *table, const struct profile_column *const sides[2])
{
    struct audit_axis axis = {0};
    struct texts texts = gather(arena, sides);
    double *places = arena_alloc(arena, (texts.count + 1) * sizeof *places);
    axis.ordered = by_number(&texts, places) || by_order(arena, pair, table, sides, &texts, places);
    for (int s = 0; s < 2; s++) {
        axis.atoms[s] = places;
        axis.bounds[s] = places + sides[s]->mcv_count;
        places += sides[s]->mcv_count + sides[s]->bound_count;
        for (size_t i = 1; i < sides[s]->bound_count; i++)
            axis.ordered &= axis.bounds[s][i - 1] <= axis.bounds[s][i];
    }
    return axis;
}
