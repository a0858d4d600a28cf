#include "generators/render_ordinal.h"

#include <stdlib.h>
#include <string.h>

wide render_above(wide low, wide phase, wide unit)
{
    uwide rest = render_distance(low, phase) % (uwide)unit;
    if (low > phase && rest != 0)
        rest = (uwide)unit - rest;
    return (wide)((uwide)low + rest);
}

/* A number that many of the bounds are like. */
void render_learn_round(struct render_ordinal *self, const struct render_ask *ask, const wide *bounds,
                        size_t count)
{
    enum { GROUP = 10000, FEW = 3, MOST_DIGITS = 8 };
    bool decimal = strcmp(ask->type, "numeric") == 0 && ask->table->lexis == SQL_POSTGRES;
    size_t found[2] = {0};
    if (!decimal || self->grid || self->scale == 0 || self->scale > MOST_DIGITS)
        return;
    wide whole = 1;
    for (int i = 0; i < self->scale; i++)
        whole *= 10;
    for (size_t i = 0; i < count; i++) {
        found[0] += bounds[i] % (whole * GROUP) == 0;
        found[1] += bounds[i] % whole == 0;
    }
    for (int i = 0; i < 2; i++) {
        self->round[i] = found[i] >= FEW && found[i] < count ? whole * (i == 0 ? GROUP : 1) : 0;
        self->round_share[i] = (double)found[i] / (double)count;
    }
}

uwide render_behind_atoms(const struct render_ordinal *self, const struct render_stretch *stretch,
                          uwide offset)
{
    const uwide *taken = self->taken + stretch->taken;
    size_t low = 0, high = stretch->taken_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (taken[middle] - middle <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return offset + low;
}

static int compare_offsets(const void *left, const void *right)
{
    uwide a = *(const uwide *)left, b = *(const uwide *)right;
    return a < b ? -1 : a > b;
}

/* A multiple of step between two offsets, both included, that is no atom. */
static bool find_round(const struct render_ordinal *self, const struct render_stretch *stretch, uwide from,
                       uwide to, wide step, uwide *offset)
{
    wide first = (wide)((uwide)stretch->first + from * (uwide)stretch->unit),
         at = render_above(first, 0, step);
    uwide ahead = render_distance(at, stretch->first);
    *offset = ahead / (uwide)stretch->unit;
    return ahead % (uwide)stretch->unit == 0 && *offset <= to &&
           (stretch->taken_count == 0 || bsearch(offset, self->taken + stretch->taken, stretch->taken_count,
                                                 sizeof *offset, compare_offsets) == NULL);
}

/* Of the places of a value's own cell the round one, as often as bounds are round. */
uwide render_round_offset(const struct render_ordinal *self, const struct render_stretch *stretch,
                          const struct element *element, uint64_t values, uint64_t hash, uwide offset)
{
    uwide from = (uwide)element->value * stretch->span / values,
          to = (uwide)(element->value + 1) * stretch->span / values, found;
    double chance = (double)(value_mix(hash) >> 11) * 0x1p-53, cell = (double)(to - from);
    if (to <= from || stretch->span >> 64 != 0)
        return render_behind_atoms(self, stretch, offset);
    from = render_behind_atoms(self, stretch, from);
    to = render_behind_atoms(self, stretch, to - 1);
    for (int i = 0; i < 2; i++) {
        double met = fmin(1, cell * (double)stretch->unit / (double)self->round[i]);
        if (self->round[i] > stretch->unit && chance * met < self->round_share[i] &&
            find_round(self, stretch, from, to, self->round[i], &found))
            return found;
    }
    return render_behind_atoms(self, stretch, offset);
}
