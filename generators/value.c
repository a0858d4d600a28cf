#include "generators/value.h"

#include "generators/value_kind.h"
#include "generators/value_wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum trait { OTHER, INTEGER, NUMBER, TEXT, MOMENT, BARE /* cannot stand in an array unquoted */ };

struct value_kind {
    const char *types[5]; /* as catalogues name it, short and long */
    enum trait trait;
    int64_t low, high; /* numbers: range of the type; others: high is the capacity of nth */
    value_draw_fn *draw;
    value_nth_fn *nth;          /* NULL: no sequence of different values */
    value_draw_fn *draw_binary; /* NULL: no binary form */
    value_nth_fn *nth_binary;
};

#define MANY INT64_C(1000000000000000)

#define BINARY(NAME) value_##NAME##_draw_binary, value_##NAME##_nth_binary
#define NO_BINARY    NULL, NULL

static const struct value_kind kinds[] = {
    {{"int2", "smallint"}, INTEGER, INT16_MIN, INT16_MAX, value_number_draw, value_number_nth, BINARY(int2)},
    {{"int4", "integer", "int"},
     INTEGER,
     INT32_MIN,
     INT32_MAX,
     value_number_draw,
     value_number_nth,
     BINARY(int4)},
    {{"int8", "bigint"}, INTEGER, -MANY, MANY, value_number_draw, value_number_nth, BINARY(int8)},
    {{"int1", "tinyint"}, INTEGER, INT8_MIN, INT8_MAX, value_number_draw, value_number_nth, NO_BINARY},
    {{"int3", "mediumint"}, INTEGER, -8388608, 8388607, value_number_draw, value_number_nth, NO_BINARY},
    {{"uint1"}, INTEGER, 0, UINT8_MAX, value_number_draw, value_number_nth, NO_BINARY},
    {{"uint2"}, INTEGER, 0, UINT16_MAX, value_number_draw, value_number_nth, NO_BINARY},
    {{"uint3"}, INTEGER, 0, 16777215, value_number_draw, value_number_nth, NO_BINARY},
    {{"uint4"}, INTEGER, 0, UINT32_MAX, value_number_draw, value_number_nth, NO_BINARY},
    {{"uint8"}, INTEGER, 0, MANY, value_number_draw, value_number_nth, NO_BINARY},
    {{"year"}, INTEGER, 1901, 2155, value_number_draw, value_number_nth, NO_BINARY},
    {{"oid"}, INTEGER, 0, UINT32_MAX, value_number_draw, value_number_nth, BINARY(int4)},
    {{"numeric", "decimal"}, NUMBER, -MANY, MANY, value_number_draw, value_number_nth, BINARY(numeric)},
    {{"float4", "real"}, NUMBER, -99999, 99999, value_number_draw, value_number_nth, BINARY(float4)},
    {{"float8", "double precision", "double"},
     NUMBER,
     -MANY,
     MANY,
     value_number_draw,
     value_number_nth,
     BINARY(float8)},
    {{"money"}, NUMBER, -MANY, MANY, value_number_draw, value_number_nth, NO_BINARY},
    {{"bool", "boolean"}, OTHER, 0, 2, value_bool_draw, value_bool_nth, BINARY(bool)},
    {{"text", "citext"}, TEXT, 0, 0, value_text_draw, value_text_nth, BINARY(text)},
    {{"name"},
     TEXT,
     0,
     0,
     value_text_draw,
     value_text_nth,
     NO_BINARY}, /* too long a name is cut in text, refused in binary */
    {{"varchar", "character varying"}, TEXT, 0, 0, value_text_draw, value_text_nth, BINARY(text)},
    {{"bpchar", "character", "char", "\"char\""}, TEXT, 0, 0, value_text_draw, value_text_nth, BINARY(text)},
    {{"tsvector"}, BARE, 0, 0, value_text_draw, NULL, NO_BINARY},
    {{"date"}, MOMENT, 0, 2500000, value_date_draw, value_date_nth, BINARY(date)},
    {{"timestamp", "timestamp without time zone"},
     MOMENT,
     0,
     MANY,
     value_timestamp_draw,
     value_timestamp_nth,
     BINARY(timestamp)},
    {{"timestamptz", "timestamp with time zone"},
     MOMENT,
     0,
     MANY,
     value_timestamptz_draw,
     value_timestamptz_nth,
     BINARY(timestamp)},
    {{"time", "time without time zone"}, OTHER, 0, 86400, value_clock_draw, value_clock_nth, BINARY(clock)},
    {{"timetz", "time with time zone"},
     OTHER,
     0,
     86400,
     value_clock_draw,
     value_clock_nth,
     BINARY(zoned_clock)},
    {{"interval"}, OTHER, 0, INT32_MAX, value_interval_draw, value_interval_nth, BINARY(interval)},
    {{"uuid"}, OTHER, 0, MANY, value_uuid_draw, value_uuid_nth, BINARY(uuid)},
    {{"json"}, BARE, 0, 0, value_json_draw, NULL, value_json_draw_binary, NULL},
    {{"jsonb"}, BARE, 0, 0, value_json_draw, NULL, value_jsonb_draw_binary, NULL},
    {{"bytea"}, BARE, 0, MANY, value_bytes_draw, value_bytes_nth, BINARY(bytes)},
    {{"bytes"}, BARE, 0, 0, value_text_bytes_draw, value_text_bytes_nth, NO_BINARY},
    {{"bits"}, BARE, 0, 0, value_bits_draw, value_bits_nth, NO_BINARY},
    {{"inet6"}, OTHER, 0, MANY, value_inet6_draw, value_inet6_nth, NO_BINARY},
    {{"bit"}, OTHER, 0, 0, value_bit_draw, value_bit_nth, BINARY(bit)},
    {{"varbit", "bit varying"}, OTHER, 0, 0, value_bit_draw, value_bit_nth, BINARY(bit)},
    {{"inet"}, OTHER, 0, 1 << 24, value_inet_draw, value_inet_nth, BINARY(inet)},
    {{"cidr"}, OTHER, 0, 1 << 24, value_cidr_draw, value_cidr_nth, BINARY(cidr)},
    {{"macaddr"}, OTHER, 0, INT64_C(1) << 40, value_mac_draw, value_mac_nth, BINARY(mac)},
    {{"xml"}, BARE, 0, 0, value_xml_draw, NULL, value_xml_draw_binary, NULL},
    {{"point"}, BARE, 0, 0, value_point_draw, NULL, NO_BINARY},
    {{"box"}, BARE, 0, 0, value_box_draw, NULL, NO_BINARY},
    {{"lseg"}, BARE, 0, 0, value_segment_draw, NULL, NO_BINARY},
    {{"line"}, BARE, 0, 0, value_line_draw, NULL, NO_BINARY},
    {{"path"}, BARE, 0, 0, value_path_draw, NULL, NO_BINARY},
    {{"polygon"}, BARE, 0, 0, value_polygon_draw, NULL, NO_BINARY},
    {{"circle"}, BARE, 0, 0, value_circle_draw, NULL, NO_BINARY},
    {{"pg_lsn"}, OTHER, 0, INT64_C(1) << 36, value_lsn_draw, value_lsn_nth, NO_BINARY},
    {{"macaddr8"}, OTHER, 0, INT64_C(1) << 40, value_long_mac_draw, value_long_mac_nth, NO_BINARY},
    {{"tsquery"}, BARE, 0, 0, value_query_draw, NULL, NO_BINARY},
    {{"jsonpath"}, BARE, 0, 0, value_document_path_draw, NULL, NO_BINARY},
    {{"tid"}, BARE, 0, 0, value_row_place_draw, NULL, NO_BINARY},
    {{"xid", "xid8"}, OTHER, 0, 1 << 30, value_transaction_draw, value_transaction_nth, NO_BINARY},
    {{"regclass"}, OTHER, 0, 0, value_relation_draw, NULL, NO_BINARY},
    {{"hstore"}, BARE, 0, 0, value_key_value_draw, NULL, NO_BINARY},
    {{"ltree"}, BARE, 0, 1000000, value_label_path_draw, value_label_path_nth, NO_BINARY},
    {{"int4multirange", "int8multirange", "nummultirange"},
     BARE,
     0,
     0,
     value_multirange_draw,
     NULL,
     NO_BINARY},
    {{"tsmultirange", "tstzmultirange"}, BARE, 0, 0, value_time_multirange_draw, NULL, NO_BINARY},
    {{"datemultirange"}, BARE, 0, 0, value_day_multirange_draw, NULL, NO_BINARY},
    {{"int4range", "int8range", "numrange"},
     BARE,
     0,
     100000000,
     value_int_range_draw,
     value_int_range_nth,
     NO_BINARY},
    {{"tsrange", "tstzrange"}, BARE, 0, 0, value_time_range_draw, NULL, NO_BINARY},
    {{"daterange"}, BARE, 0, 0, value_day_range_draw, NULL, NO_BINARY},
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

bool value_has_binary(const struct value_spec *spec)
{
    if (spec->element != NULL)
        return spec->element_oid != 0 && spec->labels == NULL && spec->element->draw_binary != NULL;
    return spec->labels != NULL ? spec->fields != NULL : spec->kind->draw_binary != NULL;
}

bool value_binary_agrees(const struct value_spec *spec, const struct value_spec *other)
{
    if (spec->element != NULL || other->element != NULL)
        return false;
    if (spec->kind == NULL || other->kind == NULL)
        return spec->kind == other->kind;
    return spec->kind->draw_binary != NULL && spec->kind->draw_binary == other->kind->draw_binary;
}

/* One dimension, no nulls, from subscript 1. */
static void put_array_binary(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    struct value_spec one = *spec;
    one.kind = spec->element;
    one.element = NULL;
    uint32_t count = (uint32_t)(hash % 4);
    size_t start = value_wire_open(out);
    char *head = value_wire_room(out, count > 0 ? 20 : 12);
    value_wire_32(head, count > 0);
    value_wire_32(head + 4, 0);
    value_wire_32(head + 8, spec->element_oid);
    if (count > 0) {
        value_wire_32(head + 12, count);
        value_wire_32(head + 16, 1);
    }
    for (uint64_t i = 0; i < count; i++)
        value_draw_binary(&one, value_mix(hash + i), row, out);
    value_wire_close(out, start);
}

static void put_field(const struct value_spec *spec, uint64_t label, struct buf *out)
{
    uint32_t length;
    memcpy(&length, spec->fields[label], sizeof length);
    buf_add(out, spec->fields[label], 4 + be32toh(length));
}

void value_draw_binary(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    if (spec->element != NULL)
        put_array_binary(spec, hash, row, out);
    else if (spec->labels != NULL)
        put_field(spec, value_scale_low(hash, spec->label_count), out);
    else
        spec->kind->draw_binary(spec, hash, row, out);
}

void value_nth_binary(const struct value_spec *spec, int64_t index, struct buf *out)
{
    assert(index >= 0 && index < value_capacity(spec));
    if (spec->labels != NULL)
        put_field(spec, (uint64_t)index, out);
    else
        spec->kind->nth_binary(spec, (uint64_t)index, out);
}

bool value_encode(const struct value_kind *kind, const char *text, struct buf *out)
{
    if (kind == NULL || kind->draw_binary == value_text_draw_binary)
        value_wire_put_bytes(out, text, strlen(text));
    else if (kind->draw_binary == value_int2_draw_binary)
        value_wire_put_2(out, strtoll(text, NULL, 10));
    else if (kind->draw_binary == value_int4_draw_binary)
        value_wire_put_4(out, strtoll(text, NULL, 10));
    else if (kind->draw_binary == value_int8_draw_binary)
        value_wire_put_8(out, strtoll(text, NULL, 10));
    else
        return false;
    return true;
}

uint32_t value_oid(const char *type)
{
    static const struct {
        const char *type;
        uint32_t oid;
    } oids[] = {{"bool", 16},        {"int8", 20},          {"int2", 21},       {"int4", 23},
                {"text", 25},        {"oid", 26},           {"cidr", 650},      {"float4", 700},
                {"float8", 701},     {"macaddr", 829},      {"inet", 869},      {"bpchar", 1042},
                {"varchar", 1043},   {"date", 1082},        {"time", 1083},     {"timetz", 1266},
                {"timestamp", 1114}, {"timestamptz", 1184}, {"interval", 1186}, {"bit", 1560},
                {"varbit", 1562},    {"numeric", 1700},     {"uuid", 2950}};
    for (size_t i = 0; i < sizeof oids / sizeof *oids; i++)
        if (strcmp(oids[i].type, type) == 0)
            return oids[i].oid;
    return 0;
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
    if (value_kind_is_moment(spec->kind) && spec->time.low_us < spec->time.high_us)
        return (spec->time.high_us - spec->time.low_us) /
               (spec->kind->draw == value_date_draw ? VALUE_US_PER_DAY : VALUE_US_PER_S);
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
