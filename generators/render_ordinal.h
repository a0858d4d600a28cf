/* render_ordinal: types whose values are counts of a unit: a codec reads canonical text as a number and writes it back.
 * Private to render*.c. */
#ifndef REHEARSE_GENERATORS_RENDER_ORDINAL_H
#define REHEARSE_GENERATORS_RENDER_ORDINAL_H

#include "generators/render_kind.h"

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 uwide;

struct render_ordinal;

struct render_codec {
    const char *types[6]; /* as catalogues name it, short and long */
    /* In finest units; false: the text has no such number (NaN, infinity). */
    bool (*read)(const struct render_ordinal *self, const char *text, wide *ordinal);
    void (*plain)(const struct render_ordinal *self, wide ordinal, struct buf *out);
    void (*binary)(const struct render_ordinal *self, wide ordinal, struct buf *out); /* NULL: no such form */
    bool (*field)(const struct render_ordinal *self, const char *text,
                  struct buf *out); /* a literal's; NULL: read, then binary */
    void (*learn)(struct render_ordinal *self, const struct render_ask *ask); /* from all literals; NULL */
    /* Step between two bounds, when it depends on them; NULL: 1 */
    wide (*finest)(const struct render_ordinal *self, const char *low, const char *high);
    int bytes; /* of a binary integer */
};

struct render_stretch { /* a bucket */
    wide low, high;     /* its bounds */
    wide finest;        /* least step */
    wide first, unit;   /* its smallest value, and the step to the next */
    uwide span;         /* how many values, atoms not counted; 0: literal is all there is */
    size_t taken, taken_count;
    int shift;           /* on a grid, first is in units of 2^−shift */
    const char *literal; /* the lower bound */
};

struct render_ordinal {
    const struct render_codec *codec;
    int scale;         /* numbers: the finest unit is 10^−scale; moments: digits of a second's fraction */
    wide finest;       /* no value is between two multiples of this many units */
    bool grid;         /* floats with all their bits: an ordinal is render_float_order's */
    int mantissa;      /* bits of a float */
    bool declared;     /* scale is the column's */
    bool months, days; /* an interval has such fields */
    int mask, version; /* that all addresses, all uuids have; −1: they differ */
    unsigned variant;
    const char *labelled; /* the type that has the labels */
    const char *const *labels;
    size_t label_count;
    wide round[2]; /* steps of rounder numbers, that are stored in fewer bytes, the coarser first; 0: none */
    double round_share[2]; /* of the bounds that are multiples of them */
    struct render_stretch *stretches;
    size_t stretch_count;
    uwide *taken; /* atoms inside their bucket: how many units above first, ascending */
};

/* Tables of codecs, each ended by one without types. */
extern const struct render_codec render_numbers[], render_moments[], render_addresses[];
extern const struct render_codec render_labels;
/* The one of a table that knows the type; NULL: none. */
const struct render_codec *render_codec_find(const struct render_codec *codecs, const char *type);

/* Where value i of n stands among span places: evenly, somewhere in a cell of its own. */
uwide render_spread(uint64_t hash, uint64_t i, uint64_t n, uwide span);
/* The greatest step that leads from one to all others and is no accident; 1 if there is none. */
wide render_step(const wide *values, size_t count);

/* A number that sorts as the float does, and back. */
wide render_float_order(double number);
double render_float_at(wide order);

static inline uwide render_distance(wide a, wide b)
{
    return a > b ? (uwide)a - (uwide)b : (uwide)b - (uwide)a;
}

/* The first of … phase − unit, phase, phase + unit … that is not below low. */
wide render_above(wide low, wide phase, wide unit);

/* render_round.c: of a value's places the one of a rounder number, as often as bounds are round. */
void render_learn_round(struct render_ordinal *self, const struct render_ask *ask, const wide *bounds,
                        size_t count);
uwide render_round_offset(const struct render_ordinal *self, const struct render_stretch *stretch,
                          const struct element *element, uint64_t values, uint64_t hash, uwide offset);
/* The offset among all values of that number among those that are no atoms. */
uwide render_behind_atoms(const struct render_ordinal *self, const struct render_stretch *stretch,
                          uwide offset);

void render_put_wide(struct buf *out, wide value);
/* "-12.5e3" × 10^scale, cut; false: no number, or too large. */
bool render_read_decimal(const char *text, int scale, wide *units);

#endif
