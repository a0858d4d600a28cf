/* value_kind: what each file of values offers to value.c's table. Private to value*.c. */
#ifndef REHEARSE_GENERATORS_VALUE_KIND_H
#define REHEARSE_GENERATORS_VALUE_KIND_H

#include "generators/value.h"

typedef void value_draw_fn(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out);
typedef void value_nth_fn(const struct value_spec *spec, uint64_t index, struct buf *out);

/* _binary: the same value as a field of COPY … (FORMAT binary), see value_wire.h. */
value_draw_fn value_number_draw, value_bool_draw, value_bit_draw, value_bits_draw;
value_nth_fn value_number_nth, value_bool_nth, value_bit_nth, value_bits_nth;
value_draw_fn value_int2_draw_binary, value_int4_draw_binary, value_int8_draw_binary,
    value_numeric_draw_binary, value_float4_draw_binary, value_float8_draw_binary, value_bool_draw_binary,
    value_bit_draw_binary;
value_nth_fn value_int2_nth_binary, value_int4_nth_binary, value_int8_nth_binary, value_numeric_nth_binary,
    value_float4_nth_binary, value_float8_nth_binary, value_bool_nth_binary, value_bit_nth_binary;
int64_t value_bits_capacity(const struct value_spec *spec);

value_draw_fn value_text_draw;
value_nth_fn value_text_nth;
int64_t value_text_capacity(const struct value_spec *spec);
value_draw_fn value_text_draw_binary;
value_nth_fn value_text_nth_binary;

value_draw_fn value_date_draw, value_timestamp_draw, value_timestamptz_draw, value_clock_draw,
    value_interval_draw;
value_nth_fn value_date_nth, value_timestamp_nth, value_timestamptz_nth, value_clock_nth, value_interval_nth;

value_draw_fn value_date_draw_binary, value_timestamp_draw_binary, value_clock_draw_binary,
    value_zoned_clock_draw_binary, value_interval_draw_binary;
value_nth_fn value_date_nth_binary, value_timestamp_nth_binary, value_clock_nth_binary,
    value_zoned_clock_nth_binary, value_interval_nth_binary;

value_draw_fn value_uuid_draw, value_json_draw, value_bytes_draw, value_inet_draw, value_cidr_draw,
    value_mac_draw, value_xml_draw, value_text_bytes_draw, value_inet6_draw, value_point_draw,
    value_int_range_draw, value_time_range_draw, value_day_range_draw;
value_nth_fn value_uuid_nth, value_json_nth, value_bytes_nth, value_inet_nth, value_cidr_nth, value_mac_nth,
    value_int_range_nth, value_text_bytes_nth, value_inet6_nth;
int64_t value_text_bytes_capacity(const struct value_spec *spec);
value_draw_fn value_uuid_draw_binary, value_json_draw_binary, value_jsonb_draw_binary,
    value_bytes_draw_binary, value_inet_draw_binary, value_cidr_draw_binary, value_mac_draw_binary,
    value_xml_draw_binary;
value_nth_fn value_uuid_nth_binary, value_bytes_nth_binary, value_inet_nth_binary, value_cidr_nth_binary,
    value_mac_nth_binary;

value_draw_fn value_box_draw, value_segment_draw, value_path_draw, value_polygon_draw, value_circle_draw,
    value_line_draw, value_lsn_draw, value_long_mac_draw, value_key_value_draw, value_label_path_draw,
    value_multirange_draw, value_day_multirange_draw, value_time_multirange_draw, value_query_draw,
    value_document_path_draw, value_row_place_draw, value_transaction_draw, value_relation_draw;
value_nth_fn value_transaction_nth, value_lsn_nth, value_long_mac_nth, value_label_path_nth;

/* A bijection of 64-bit numbers: index to something that looks drawn. */
static inline uint64_t value_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* hash to 0 … count−1 by multiplication. */
static inline uint64_t value_scale(uint64_t hash, uint64_t count)
{
    __extension__ unsigned __int128 product = (unsigned __int128)hash * count;
    return (uint64_t)(product >> 64);
}

/* The same, small numbers more often: half of the draws fall on the first fifth. */
static inline uint64_t value_scale_low(uint64_t hash, uint64_t count)
{
    uint64_t other = value_mix(hash);
    return value_scale(hash, value_scale(other, count) + 1);
}

#endif
