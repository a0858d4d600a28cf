/* render_shape: texts and bytes. Private to render*.c.
 *
 * A bucket's values share the common prefix of its bounds; then comes a code of `depth` places, whose characters are those
 * that the shape allows there, as a number that ascends with the value's index; then characters of the same classes as
 * stand in a bound nearby, up to a length like its. */
#ifndef REHEARSE_GENERATORS_RENDER_SHAPE_H
#define REHEARSE_GENERATORS_RENDER_SHAPE_H

#include "generators/render_kind.h"
#include "generators/render_letters.h"
#include "generators/render_ordinal.h"

enum { SHAPE_PLACES = 16, SHAPE_SIGNS = 64 };

struct
    shape_at { /* how far a text has come: signs of the frame, others behind the last of those, letters behind both */
    size_t signs, others, letters;
};

struct shape_depth {
    uint64_t first, span; /* codes; span without those of atoms */
    uint64_t *taken;      /* codes of atoms, above first, ascending */
    size_t taken_count;
};

struct shape_bucket {
    const struct letters *low, *high; /* high NULL: no limit */
    const char *literal;              /* the lower bound */
    size_t prefix;                    /* characters of low */
    size_t prefix_bytes;
    struct shape_at behind_prefix;
    size_t low_end, high_end;      /* of the field that the code begins in */
    size_t first_atom, atom_count; /* from the lower bound on, below the upper */
    unsigned depths;
    bool bare; /* the lower bound may stand for itself: it is no atom */
    struct letters_place *places;
    struct shape_depth *depth; /* of 1 … depths places */
};

struct render_shape {
    enum letters_order order;
    bool folded;               /* the server may take upper and lower case for the same */
    bool one_case, hex, bytes; /* bytes: two hexadecimal digits each */
    bool invented;             /* no bound is known: these are models of ours */
    bool digits;          /* bytes of another server become half of their digits: characters in any charset */
    bool fixed;           /* all literals have the same length */
    bool wide;            /* any letter or digit at any place of a code */
    unsigned general;     /* classes of all characters */
    unsigned *classes;    /* fixed: by place */
    size_t length, limit; /* fixed; characters at most */
    double stretch;       /* of lengths, so that their mean is the profile's */
    const uint32_t *frame; /* signs that all texts have, as often and in this order: never in a code */
    size_t frame_count;
    const size_t *fields;                 /* where they begin, of each bound: frame_count + 1 each */
    const struct letters *bounds, *atoms; /* atoms in order */
    size_t bound_count, atom_count;
    struct shape_bucket *buckets;
};

struct shaping { /* while it is made */
    const struct render_ask *ask;
    struct render_shape *self;
    struct letters *bounds, *atoms;
    const char **literals; /* of bounds */
    bool padded;           /* blanks at the end mean nothing */
};

bool shape_is(const struct render_ask *ask, const char *type);
const char *shape_digits(const struct render_shape *self, const char *text); /* of bytes, without "\\x" */
struct letters shape_read(const struct shaping *shaping, const char *text);

/* render_field.c: what stands between the signs that all texts have. A value goes on where its model stands after as many
 * signs and letters. */
void shape_learn_frame(struct shaping *shaping);
bool shape_is_sign(uint32_t letter);
void shape_step(const struct render_shape *self, struct shape_at *at, uint32_t letter);
/* Where the field ends that text is in after so many signs of the frame. */
size_t shape_field_end(const struct render_shape *self, const struct letters *text, size_t signs);
/* Of bound `model`: the letter with which a text goes on that has come so far; its count: none. */
size_t shape_align(const struct render_shape *self, size_t model, const struct shape_at *at);
/* A character like this one of a bound, for the place at. */
void shape_put_like(const struct render_shape *self, size_t at, uint32_t letter, uint64_t *random,
                    struct buf *out);
/* The rest of a text of `from` characters, by fields. */
void shape_put_fields(const struct render_shape *self, size_t model, const struct shape_at *at, size_t from,
                      uint64_t hash, struct buf *out);

/* render_room.c: all buckets, so that they have room for the values wanted. */
void shape_measure_all(struct shaping *shaping);
size_t shape_common_prefix(const struct letters *a, const struct letters *b);
/* The first of sorted texts that is not below this one. */
size_t shape_lower(const struct render_shape *self, const struct letters *texts, size_t count,
                   const struct letters *text);
const char *shape_literal(const struct shaping *shaping,
                          const char *text); /* without what only introduces it */

/* render_length.c: how long texts are. The stretch of lengths between bounds; models of a text of which only the width is known. */
void shape_learn_stretch(struct shaping *shaping);
bool shape_width_fits(
    const struct shaping *shaping); /* few bounds are of one length by chance: the mean width tells */
void shape_invent(struct shaping *shaping);

/* render_code.c: places and codes of a bucket between low and high that share a prefix. */
void shape_bucket_measure(struct arena *arena, const struct render_shape *self, struct shape_bucket *bucket);
double shape_bucket_capacity(const struct render_shape *self, const struct shape_bucket *bucket);
/* The smallest depth with room for so many; 0: none has any room. */
unsigned shape_depth_for(const struct render_shape *self, const struct shape_bucket *bucket, uint64_t values);
/* Characters that a value of this bucket and hash has at least depth of. */
size_t shape_length(const struct render_shape *self, size_t bucket, uint64_t hash, size_t *model);
void shape_put(const struct render_shape *self, size_t bucket, uint64_t hash, const struct element *element,
               struct buf *out);

#endif
