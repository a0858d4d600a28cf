/* redact_parts: what the files of redact share. Private. One thread.
 *
 * A literal is fixed text with holes: a scalar is one hole, an array one per element, a range one per end, a document one per
 * text, number and name. What stands in the holes of one place, over all literals of a column, is a pool: its texts are
 * replaced together, so that equal ones stay equal and their order holds. */
#ifndef REHEARSE_GENERATORS_REDACT_PARTS_H
#define REHEARSE_GENERATORS_REDACT_PARTS_H

#include "generators/redact.h"

enum redact_kind {
    REDACT_UNKNOWN, /* no surrogate can be made */
    REDACT_OPEN,    /* says nothing: true and false */
    REDACT_TEXT,
    REDACT_HEX,  /* hexadecimal digits, with separators; "\x" or "0x" before them stays */
    REDACT_UUID, /* the same; its version and variant stay */
    REDACT_BITS,
    REDACT_DIGITS, /* of a number that is too large to be counted: but the first, and its exponent */
    REDACT_NUMBER, /* moments too */
    REDACT_ADDRESS
};
enum redact_form { REDACT_SCALAR, REDACT_ARRAY, REDACT_RANGE, REDACT_DOCUMENT };

struct redact_hole {
    const char *before; /* the text up to it */
    const char *text;   /* decoded */
    size_t pool;
    enum redact_form within; /* whose quotes it needs; NUMBER in a document needs none */
    bool name;               /* of a document's member */
};

struct redact_literal {
    const char *source;
    enum redact_form form;
    struct redact_hole *holes;
    size_t hole_count, hole_capacity;
    const char *after;
    const char *surrogate;
};

struct redact_pool {
    const char *path; /* in a document, names that do not stay as "*" */
    enum redact_kind kind;
    const char *type; /* of numbers: as catalogues name it */
    const char **texts, **surrogates;
    size_t count, capacity;
};

/* Literals that are replaced together. */
struct redact_work {
    struct arena *arena;
    enum sql_lexis lexis;
    uint64_t stream; /* of the column */
    enum redact_kind kind;
    const char *type; /* of scalars, elements, ends */
    struct redact_literal *literals;
    size_t literal_count, literal_capacity;
    struct redact_pool *pools;
    size_t pool_count, pool_capacity;
    const char **names; /* of documents' members, that stay; sorted */
    size_t name_count;
};

/* redact_split.c */
void redact_split(struct redact_work *work, struct redact_literal *literal);
/* Adds a hole; before: the text since the last one. */
void redact_hole(struct redact_work *work, struct redact_literal *literal, const struct redact_hole *hole);
size_t redact_pool(struct redact_work *work, const char *path, enum redact_kind kind, const char *type);
void redact_join(struct redact_work *work, struct redact_literal *literal);
/* All literals, which are different, get their surrogates. */
void redact_replace(struct redact_work *work);
int redact_compare(const void *left, const void *right);                      /* of const char * */
size_t redact_unique(const char **texts, size_t count);                       /* sorted, once each */
size_t redact_find(const char *const *texts, size_t count, const char *text); /* count: is not there */

/* redact_json.c. A document that cannot be read becomes null. */
void redact_document(struct redact_work *work, struct redact_literal *literal);
void redact_put_string(struct buf *out, const char *text);
/* Names of members that stand in at least two of the documents, which are different. */
const char **redact_names(struct arena *arena, const char *const *documents, size_t count,
                          size_t *name_count);

/* Surrogates of texts that are different; NULL where a text is not of the kind. */
void redact_texts(struct arena *arena, enum redact_kind kind, uint64_t stream, const char *const *texts,
                  size_t count, const char **surrogates);
bool redact_number_knows(const char *type);
void redact_numbers(struct arena *arena, enum sql_lexis lexis, const char *type, uint64_t stream,
                    const char *const *texts, size_t count, const char **surrogates);
void redact_addresses(struct arena *arena, const char *type, uint64_t stream, const char *const *texts,
                      size_t count, const char **surrogates);
/* False: some of them are no moments, or of another form. */
bool redact_moments(struct arena *arena, enum sql_lexis lexis, uint64_t stream, const char *const *texts,
                    size_t count, const char **surrogates);

/* redact_letters.c. Letters of the same class, of which one may stand for the other: `count` of them from `first` on; a
 * letter that stays is alone. Text is read without regard to ASCII case. */
struct redact_class {
    uint32_t first, count;
};
struct redact_class redact_class_of(uint32_t letter, bool hex);
uint32_t redact_letter_in(enum redact_kind kind, const uint32_t *letters, size_t at);
uint32_t redact_letter_out(uint32_t letter, uint32_t source, bool upper);

/* redact.c: where literals of a column stand: its own, then those in groups; elements apart. */
struct redact_slots {
    const char ***at;
    size_t count, capacity;
};
void redact_slots(struct arena *arena, const struct profile_table *table, size_t column,
                  struct redact_slots *values, struct redact_slots *elements);

#endif
