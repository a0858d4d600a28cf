#include "generators/render_order.h"

#include "generators/render_shape.h"

#include <stdlib.h>
#include <string.h>

/* Where a common value stands: by its place among the bounds; where that says nothing, as where none are known, by itself. */
struct mark {
    double place;
    wide ordinal; /* 0 of what is no ordinal */
    struct letters text;
    enum letters_order order;
    const char *literal;
    size_t atom;
};

static int by_place(const void *left, const void *right)
{
    const struct mark *a = left, *b = right;
    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    if (a->ordinal != b->ordinal)
        return a->ordinal < b->ordinal ? -1 : 1;
    int order = letters_compare(a->order, &a->text, &b->text);
    if (order == 0)
        order = strcmp(a->literal, b->literal);
    return order != 0 ? order : a->atom < b->atom ? -1 : 1;
}

/* What has no number is beyond all that do: -infinity before them, infinity and NaN behind. */
static wide ordinal_of(const struct render_ordinal *ordinal, const char *literal)
{
    static const wide most = (wide)1 << 126;
    wide value;
    if (ordinal->codec->read(ordinal, literal, &value))
        return value;
    return literal[0] == '-' ? -most : most;
}

static struct mark mark_of(struct arena *arena, const struct render *render, const char *literal, size_t atom)
{
    struct mark mark = {.place = render->places[atom], .literal = literal, .atom = atom};
    if (render->ordinal != NULL)
        mark.ordinal = ordinal_of(render->ordinal, literal);
    if (render->shape != NULL) {
        const char *text = shape_digits(render->shape, literal);
        mark.order = render->shape->order;
        mark.text = letters_read(arena, text, strlen(text));
    }
    return mark;
}

void render_order_atoms(const struct render_ask *ask, struct render *render)
{
    static const double apart = 0x1p-34; /* ten thousand of these are still nothing of a bucket */
    struct arena arena = {0};
    struct mark *mark = arena_alloc(&arena, (render->atom_count + 1) * sizeof *mark);
    for (size_t i = 0; i < render->atom_count; i++)
        mark[i] = mark_of(&arena, render, ask->statistics->mcv[i].value, i);
    qsort(mark, render->atom_count, sizeof *mark, by_place);
    double last = -1;
    for (size_t i = 0; i < render->atom_count; i++)
        last = render->places[mark[i].atom] = fmax(mark[i].place, last + apart);
    arena_free(&arena);
}
