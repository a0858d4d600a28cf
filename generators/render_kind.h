/* render_kind: what each file of renderers offers to render.c. Private to render*.c.
 *
 * A class makes the values of buckets and reads literals. Most types are ordinal (render_ordinal.h): numbers, moments,
 * addresses and labels are counts of some unit. Texts, bytes and bits are shaped (render_shape.h). */
#ifndef REHEARSE_GENERATORS_RENDER_KIND_H
#define REHEARSE_GENERATORS_RENDER_KIND_H

#include "generators/render.h"
#include "generators/value.h"
#include "generators/value_kind.h"

#include <limits.h>
#include <math.h>

struct render_ask { /* what render_make was asked for */
    struct arena *arena;
    uint64_t stream;
    const struct catalogue_table *table;
    const struct catalogue_column *column;
    const struct profile_column *statistics; /* never NULL */
    const char *type;                        /* the base type, or an array's element's */
};

struct render_class {
    void (*plain)(const struct render *render, const struct element *element,
                  struct buf *out); /* of a bucket; text before escaping */
    void (*binary)(const struct render *render, const struct element *element, struct buf *out); /* NULL */
    double (*capacity)(const struct render *render, size_t bucket);
    double (*place)(const struct render *render,
                    const char *literal); /* bucket + share of the way through it */
    bool (*field)(const struct render *render, const char *literal,
                  struct buf *out); /* as a binary field; false: cannot */
};

struct render {
    const struct render_class *values, *literals;
    uint64_t stream;
    size_t bucket_count, atom_count;
    const char **atoms, **fields; /* escaped for db_load; with their length words */
    size_t *atom_bytes, *field_bytes;
    double *places;
    bool binary, hostile /* values may hold what db_load escapes */, continuous;
    const struct render_ordinal *ordinal;
    const struct render_shape *shape;
    const struct render_document *document;
    const struct render_list *list;
    const struct render_span *span;
    const struct render_drawn *drawn;
    const char **told; /* bounds as they are */
    uint8_t *turns;    /* of each bucket's first turn_values values: how often it is drawn again; NULL */
    size_t turn_values;
};

/* render_turns.c: so that few arrays or documents are all different. After the atoms. */
void render_turns_make(const struct render_ask *ask, struct render *render);

static inline unsigned render_turn(const struct render *render, const struct element *element)
{
    return element->value < render->turn_values
               ? render->turns[element->index * render->turn_values + element->value]
               : 0;
}

bool render_ordinal_has_fractions(const struct render_ordinal *ordinal); /* its moments, of a second */

/* A literal of another server as this one writes it: "t" is 1 where truth is a number. False: not of an ordinal type. */
bool render_ordinal_text(const struct render *render, const char *literal, struct buf *out);
bool render_shape_differs_folded(const struct render *render);
bool render_shape_text(const struct render *render, const char *literal, struct buf *out);

/* Each sets values and literals when it knows the type and has bounds, literals alone when it has none; false: not its type. */
bool render_ordinal_make(const struct render_ask *ask, struct render *render);
bool render_shape_make(const struct render_ask *ask, struct render *render);
bool render_document_make(const struct render_ask *ask, struct render *render);
bool render_span_make(const struct render_ask *ask, struct render *render);
bool render_list_make(const struct render_ask *ask, struct render *render);
bool render_drawn_make(const struct render_ask *ask, struct render *render); /* no statistics: value_* */

/* A render of ask.type without regard to the table's own: of an array's elements, a range's bounds. NULL: cannot. */
struct render *render_part(const struct render_ask *ask);

void render_plain(const struct render *render, const struct element *element, struct buf *out);
/* What was written since start as db_load reads it. */
void render_escape(struct buf *out, size_t start);

/* Bounds, then common values; NULL behind the last. */
static inline const char *render_literal(const struct profile_column *statistics, size_t i)
{
    if (i < statistics->bound_count)
        return statistics->bounds[i];
    i -= statistics->bound_count;
    return i < statistics->mcv_count ? statistics->mcv[i].value : NULL;
}

static inline size_t render_buckets(const struct profile_column *statistics)
{
    return statistics->bound_count > 1 ? statistics->bound_count - 1 : 0;
}

/* The same for the same value of the same bucket. */
static inline uint64_t render_hash(const struct render *render, const struct element *element)
{
    return value_mix(render->stream + element->value * UINT64_C(0x9e3779b97f4a7c15) +
                     element->index * UINT64_C(0xd6e8feb86659fd93));
}

#endif
