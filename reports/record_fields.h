/* record_fields: the members of struct record as data: one table per struct, read by writer, reader and schema check.
 *
 * A member's kind is derived from its C type, so that the table cannot disagree with record.h; a member that is missing
 * here would be missing from result.json, which record_fields_cover (tests) and the schema check catch. Immutable. */
#ifndef REHEARSE_REPORTS_RECORD_FIELDS_H
#define REHEARSE_REPORTS_RECORD_FIELDS_H

#include "reports/record.h"

enum record_kind {
    RECORD_TEXT,   /* const char *; NULL is null */
    RECORD_INT,    /* int64_t; RECORD_NONE is null */
    RECORD_REAL,   /* double; NaN is null */
    RECORD_BOOL,   /* bool */
    RECORD_MAYBE,  /* int64_t 1, 0, RECORD_NONE: true, false, null */
    RECORD_TEXTS,  /* record_strings */
    RECORD_INTS,   /* record_ints */
    RECORD_REALS,  /* record_doubles */
    RECORD_PAIRS,  /* record_pairs: an object of texts */
    RECORD_COUNTS, /* record_numbers: an object of integers */
    RECORD_OBJECT, /* a struct: its members stand in an object of this key */
    RECORD_SPREAD, /* a struct without a key: its members stand directly in the object around it */
    RECORD_ARRAY,  /* RECORD_LIST of structs */
};

struct record_shape;

struct record_field {
    const char *key; /* NULL for RECORD_SPREAD */
    enum record_kind kind;
    size_t offset;                    /* in the struct that the shape describes */
    size_t size;                      /* of the member; of one item for RECORD_ARRAY */
    const struct record_shape *shape; /* RECORD_OBJECT, RECORD_SPREAD, RECORD_ARRAY */
};

struct record_shape {
    const struct record_field *fields;
    size_t count;
};

/* What every RECORD_LIST looks like; copied in and out, never aliased. */
struct record_any_list {
    void *items;
    size_t count, capacity;
};

/* The whole record, but for "$schema", "schema_version" and "complete", which the file format itself owns. */
extern const struct record_shape record_shape;

#define RECORD_SCHEMA_URI "https://rehearse.example/schema/result-1.json"

/* No objects or lists inside: written on one line. */
bool record_shape_is_flat(const struct record_shape *shape);

#endif
