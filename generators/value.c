#include "generators/value.h"

#include "generators/value_kind.h"

#include <assert.h>
#include <string.h>

enum trait { OTHER, INTEGER, NUMBER, TEXT, MOMENT, BARE /* cannot stand in an array unquoted */ };

struct value_kind {
    const char *types[5]; /* as catalogues name it, short and long */
    enum trait trait;
    int64_t low, high; /* numbers: range of the type; others: high is the capacity of nth */
    value_draw_fn *draw;
    value_nth_fn *nth; /* NULL: no sequence of different values */
};

#define MANY INT64_C(1000000000000000)

static const struct value_kind kinds[] = {
    {{"int2", "smallint"}, INTEGER, INT16_MIN, INT16_MAX, value_number_draw, value_number_nth},
    {{"int4", "integer", "int"}, INTEGER, INT32_MIN, INT32_MAX, value_number_draw, value_number_nth},
    {{"int8", "bigint"}, INTEGER, -MANY, MANY, value_number_draw, value_number_nth},
    {{"int1", "tinyint"}, INTEGER, INT8_MIN, INT8_MAX, value_number_draw, value_number_nth},
    {{"int3", "mediumint"}, INTEGER, -8388608, 8388607, value_number_draw, value_number_nth},
    {{"uint1"}, INTEGER, 0, UINT8_MAX, value_number_draw, value_number_nth},
    {{"uint2"}, INTEGER, 0, UINT16_MAX, value_number_draw, value_number_nth},
    {{"uint3"}, INTEGER, 0, 16777215, value_number_draw, value_number_nth},
    {{"uint4"}, INTEGER, 0, UINT32_MAX, value_number_draw, value_number_nth},
    {{"uint8"}, INTEGER, 0, MANY, value_number_draw, value_number_nth},
    {{"year"}, INTEGER, 1901, 2155, value_number_draw, value_number_nth},
    {{"oid"}, INTEGER, 0, UINT32_MAX, value_number_draw, value_number_nth},
    {{"numeric", "decimal"}, NUMBER, -MANY, MANY, value_number_draw, value_number_nth},
    {{"float4", "real"}, NUMBER, -99999, 99999, value_number_draw, value_number_nth},
    {{"float8", "double precision", "double"}, NUMBER, -MANY, MANY, value_number_draw, value_number_nth},
    {{"money"}, NUMBER, -MANY, MANY, value_number_draw, value_number_nth},
    {{"bool", "boolean"}, OTHER, 0, 2, value_bool_draw, value_bool_nth},
    {{"text", "citext", "name"}, TEXT, 0, 0, value_text_draw, value_text_nth},
    {{"varchar", "character varying"}, TEXT, 0, 0, value_text_draw, value_text_nth},
    {{"bpchar", "character", "char", "\"char\""}, TEXT, 0, 0, value_text_draw, value_text_nth},
    {{"tsvector"}, BARE, 0, 0, value_text_draw, NULL},
    {{"date"}, MOMENT, 0, 2500000, value_date_draw, value_date_nth},
    {{"timestamp", "timestamp without time zone"},
     MOMENT,
     0,
     MANY,
     value_timestamp_draw,
     value_timestamp_nth},
    {{"timestamptz", "timestamp with time zone"},
     MOMENT,
     0,
     MANY,
     value_timestamptz_draw,
     value_timestamptz_nth},
    {{"time", "time without time zone", "timetz", "time with time zone"},
     OTHER,
     0,
     86400,
     value_clock_draw,
     value_clock_nth},
    {{"interval"}, OTHER, 0, INT32_MAX, value_interval_draw, value_interval_nth},
    {{"uuid"}, OTHER, 0, MANY, value_uuid_draw, value_uuid_nth},
    {{"json", "jsonb"}, BARE, 0, 0, value_json_draw, NULL},
    {{"bytea"}, BARE, 0, MANY, value_bytes_draw, value_bytes_nth},
    {{"bytes"}, BARE, 0, 0, value_text_bytes_draw, value_text_bytes_nth},
    {{"bits"}, BARE, 0, 0, value_bits_draw, value_bits_nth},
    {{"inet6"}, OTHER, 0, MANY, value_inet6_draw, value_inet6_nth},
    {{"bit"}, OTHER, 0, 0, value_bit_draw, value_bit_nth},
    {{"varbit", "bit varying"}, OTHER, 0, 0, value_bit_draw, value_bit_nth},
    {{"inet"}, OTHER, 0, 1 << 24, value_inet_draw, value_inet_nth},
    {{"cidr"}, OTHER, 0, 1 << 24, value_cidr_draw, value_cidr_nth},
    {{"macaddr"}, OTHER, 0, INT64_C(1) << 40, value_mac_draw, value_mac_nth},
    {{"xml"}, BARE, 0, 0, value_xml_draw, NULL},
    {{"point"}, BARE, 0, 0, value_point_draw, NULL},
    {{"int4range", "int8range", "numrange"}, BARE, 0, 100000000, value_int_range_draw, value_int_range_nth},
    {{"tsrange", "tstzrange"}, BARE, 0, 0, value_time_range_draw, NULL},
    {{"daterange"}, BARE, 0, 0, value_day_range_draw, NULL},
};

const struct value_kind *value_kind_find(const char *type)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        for (int j = 0; j < 5 && kinds[i].types[j] != NULL; j++)
            if (strcmp(kinds[i].types[j], type) == 0)
                return &kinds[i];
    return NULL;
}

bool value_kind_is_integer(const struct value_kind *kind)
{
    return kind->trait == INTEGER;
}

bool value_kind_is_number(const struct value_kind *kind)
{
    return kind->trait == INTEGER || kind->trait == NUMBER;
}

bool value_kind_is_text(const struct value_kind *kind)
{
    return kind->trait == TEXT;
}

bool value_kind_is_moment(const struct value_kind *kind)
{
    return kind->trait == MOMENT;
}

bool value_kind_fits_array(const struct value_kind *kind)
{
    return kind->trait != BARE;
}

void value_kind_range(const struct value_kind *kind, int64_t *low, int64_t *high)
{
    *low = kind->low;
    *high = kind->high;
}

/* An array's elements need no quotes: labels bring their own, and no kind that fits writes a comma, brace or quote. */
static void put_array(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    struct value_spec one = *spec;
    one.kind = spec->element;
    one.element = NULL;
    buf_putc(out, '{');
    for (uint64_t i = 0, count = hash % 4; i < count; i++) {
        if (i > 0)
            buf_putc(out, ',');
        value_draw(&one, value_mix(hash + i), row, out);
    }
    buf_putc(out, '}');
}

void value_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    if (spec->element != NULL)
        put_array(spec, hash, row, out);
    else if (spec->labels != NULL)
        buf_puts(out, spec->labels[value_scale_low(hash, spec->label_count)]);
    else
        spec->kind->draw(spec, hash, row, out);
}

void value_nth(const struct value_spec *spec, int64_t index, struct buf *out)
{
    assert(index >= 0 && index < value_capacity(spec));
    if (spec->labels != NULL)
        buf_puts(out, spec->labels[index]);
    else
        spec->kind->nth(spec, (uint64_t)index, out);
}

int64_t value_capacity(const struct value_spec *spec)
{
    if (spec->element != NULL)
        return 0;
    if (spec->labels != NULL)
        return (int64_t)spec->label_count;
    if (spec->kind->nth == NULL)
        return 0;
    if (value_kind_is_number(spec->kind))
        return spec->high - spec->low + 1;
    if (spec->kind->trait == TEXT)
        return value_text_capacity(spec);
    if (spec->kind->draw == value_bit_draw)
        return INT64_C(1) << (spec->length < 0 || spec->length > 40 ? 40 : spec->length);
    if (spec->kind->draw == value_bits_draw)
        return value_bits_capacity(spec);
    if (spec->kind->draw == value_text_bytes_draw)
        return value_text_bytes_capacity(spec);
    return spec->kind->high;
}

void value_put_int(struct buf *out, int64_t value)
{
    char digits[24], *at = digits + sizeof digits;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do
        *--at = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0)
        *--at = '-';
    buf_add(out, at, (size_t)(digits + sizeof digits - at));
}

void value_put_padded(struct buf *out, uint64_t value, int digits)
{
    char text[24];
    for (int i = digits; i-- > 0; value /= 10)
        text[i] = (char)('0' + value % 10);
    buf_add(out, text, (size_t)digits);
}

void value_put_escaped(struct buf *out, const char *text)
{
    static const char names[128] = {['\t'] = 't', ['\n'] = 'n', ['\r'] = 'r', ['\\'] = '\\'};
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < sizeof names && names[c] != 0) {
            buf_putc(out, '\\');
            buf_putc(out, names[c]);
        } else {
            buf_putc(out, *text);
        }
    }
}
