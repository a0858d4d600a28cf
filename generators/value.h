/* value: one value of one type, in the text or the binary format of db_load. Pure, any thread.
 *
 * A kind draws a plausible value from a hash, or writes the nth of a sequence of values that are all different. Values
 * never depend on the clock: times lie in the three years that begin with VALUE_TIME_ORIGIN_US. */
#ifndef REHEARSE_GENERATORS_VALUE_H
#define REHEARSE_GENERATORS_VALUE_H

#include "bench/base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VALUE_US_PER_S       INT64_C(1000000)
#define VALUE_US_PER_DAY     (86400 * VALUE_US_PER_S)
#define VALUE_TIME_ORIGIN_US (INT64_C(1672531200) * VALUE_US_PER_S) /* 2023-01-01 00:00 UTC */
#define VALUE_TIME_SPAN_US   (1095 * VALUE_US_PER_DAY)
#define VALUE_TIME_GAP_US    (10 * VALUE_US_PER_DAY)

struct value_kind;
struct value_vocabulary;

/* The times of a row keep the order of its columns: the first is the row's own moment, each further one lies in a later
 * ten-day window, so that updated_at and ends_at never precede created_at and starts_at. */
struct value_time {
    uint64_t stream; /* of the row's moment, shared by the table */
    int64_t rows;
    int64_t span_us;
    int window;     /* 0: the row's moment itself */
    bool ascending; /* moments grow with the row number, as in a table that is appended to */
    int digits;     /* of a second's fraction, 0 … 6 */
    bool birthday;  /* a day between 1950 and 2005, apart from the others */
    int64_t low_us,
        high_us; /* all lie from the first on and before the second, as a CHECK says; equal: no limit */
};

struct value_spec {
    const struct value_kind *kind;
    const struct value_kind *element; /* of an array; NULL: not an array */
    const char *const *labels;        /* the only values allowed, escaped for loading; NULL: any */
    const char *const *fields;        /* the same as binary fields; NULL: they have no binary form */
    size_t label_count;
    uint32_t element_oid; /* of an array, as binary arrays carry it; 0: no binary form */
    int64_t low, high;    /* numbers: inclusive, in units of 10^−scale */
    int scale;
    int length; /* characters or bits at most; −1: no limit */
    const struct value_vocabulary *vocabulary;
    struct value_time time;
};

/* NULL when no kind makes this type; type is the name in the catalogue ("int4" or "integer"). */
const struct value_kind *value_kind_find(const char *type);
bool value_kind_is_integer(const struct value_kind *kind);
bool value_kind_is_number(const struct value_kind *kind); /* integers too */
bool value_kind_is_text(const struct value_kind *kind);
bool value_kind_is_moment(const struct value_kind *kind); /* date, timestamp */
bool value_kind_fits_array(const struct value_kind *kind);
/* Lets moments lie within bounds, literals of the server's in UTC, of which either may be NULL; open: the bound itself not. What they
 * are made of lies within by itself when no bound cuts it off. */
void value_time_limit(struct value_time *time, bool days, const char *low, bool low_open, const char *high,
                      bool high_open);
/* Range of a number type before any CHECK, in units of 10^−scale. */
void value_kind_range(const struct value_kind *kind, int64_t *low, int64_t *high);

/* What a column's name promises of its texts; never NULL. */
const struct value_vocabulary *value_vocabulary_find(const char *column);

void value_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out);
void value_nth(const struct value_spec *spec, int64_t index, struct buf *out); /* index < value_capacity */
/* The same values as fields of COPY … (FORMAT binary): a length word and bytes. Not every kind has them. */
bool value_has_binary(const struct value_spec *spec);
bool value_binary_agrees(const struct value_spec *spec,
                         const struct value_spec *other); /* a field of one is a field of the other */
void value_draw_binary(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out);
void value_nth_binary(const struct value_spec *spec, int64_t index, struct buf *out);
/* Text as a server writes it to the field; kind NULL: an enum. False: only made values of this kind have a binary form. */
bool value_encode(const struct value_kind *kind, const char *text, struct buf *out);
uint32_t value_oid(const char *type); /* of a built-in type by its catalogue name; 0: not known */

int64_t
value_capacity(const struct value_spec *spec); /* how many different values; 0: cannot tell them apart */

void value_put_int(struct buf *out, int64_t value);
void value_put_padded(struct buf *out, uint64_t value, int digits);
/* text as db_load reads it: tab, newline, carriage return and backslash escaped. */
void value_put_escaped(struct buf *out, const char *text);

#endif
