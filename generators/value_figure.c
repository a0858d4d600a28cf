#include "generators/value_kind.h"

/* Geometric figures, ranges of ranges, names of things and other types of PostgreSQL of which only the form matters. */

static void put_pair(uint64_t hash, struct buf *out)
{
    buf_printf(out, "(%d.%03d,%d.%03d)", (int)(hash % 180), (int)(hash >> 10 & 511), (int)(hash >> 20 & 63),
               (int)(hash >> 40 & 511));
}

static void put_pairs(uint64_t hash, int count, const char *ends, struct buf *out)
{
    buf_putc(out, ends[0]);
    for (int i = 0; i < count; i++) {
        if (i > 0)
            buf_putc(out, ',');
        put_pair(value_mix(hash + (uint64_t)i), out);
    }
    buf_putc(out, ends[1]);
}

void value_point_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)spec, (void)row;
    put_pair(hash, out);
}

void value_box_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)spec, (void)row;
    put_pair(hash, out);
    buf_putc(out, ',');
    put_pair(value_mix(hash), out);
}

void value_segment_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)spec, (void)row;
    put_pairs(hash, 2, "[]", out);
}

void value_path_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)spec, (void)row;
    put_pairs(hash, 2 + (int)(hash % 4), hash & 256 ? "[]" : "()", out);
}

void value_polygon_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)spec, (void)row;
    put_pairs(hash, 3 + (int)(hash % 3), "()", out);
}

void value_circle_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)spec, (void)row;
    buf_putc(out, '<');
    put_pair(hash, out);
    buf_printf(out, ",%d>", 1 + (int)(hash >> 50 & 31));
}

/* A and B are never both zero. */
void value_line_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)spec, (void)row;
    buf_printf(out, "{%d,%d,%d}", 1 + (int)(hash % 50), (int)(hash >> 20 & 63), (int)(hash >> 40 & 127));
}

void value_lsn_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)row;
    value_lsn_nth(spec, hash >> 28, out);
}

void value_lsn_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    (void)spec;
    buf_printf(out, "%X/%X", (unsigned)(index >> 26), (unsigned)(index << 6 & UINT32_MAX));
}

void value_long_mac_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)row;
    value_long_mac_nth(spec, hash >> 24, out);
}

void value_long_mac_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    (void)spec;
    buf_puts(out, "02:00:00");
    for (int shift = 32; shift >= 0; shift -= 8)
        buf_printf(out, ":%02x", (unsigned)(index >> shift & 255));
}

void value_key_value_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    static const char *const names[] = {"source", "kind", "level", "state", "origin"};
    (void)spec, (void)row;
    for (uint64_t i = 0, count = 1 + hash % 3; i < count; i++)
        buf_printf(out, "%s\"%s\"=>\"%d\"", i > 0 ? ", " : "", names[(hash + i) % 5],
                   (int)(value_mix(hash + i) % 100));
}

void value_label_path_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)row;
    value_label_path_nth(spec, hash % 1000000, out);
}

void value_label_path_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    (void)spec;
    buf_printf(out, "top.n%d.n%lld", (int)(index % 20), (long long)index);
}

void value_multirange_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    buf_putc(out, '{');
    value_int_range_draw(spec, hash, row, out);
    buf_putc(out, '}');
}

void value_day_multirange_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    buf_putc(out, '{');
    value_day_range_draw(spec, hash, row, out);
    buf_putc(out, '}');
}

void value_time_multirange_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    buf_putc(out, '{');
    value_time_range_draw(spec, hash, row, out);
    buf_putc(out, '}');
}

void value_query_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    static const char *const words[] = {"amber", "harbor", "island", "silver", "window"};
    (void)spec, (void)row;
    buf_printf(out, "'%s' %c '%s'", words[hash % 5], hash & 64 ? '&' : '|', words[hash / 5 % 5]);
}

void value_document_path_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)spec, (void)row;
    buf_printf(out, "$.\"k%d\"[*]", (int)(hash % 100));
}

void value_row_place_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)spec, (void)row;
    buf_printf(out, "(%d,%d)", (int)(hash % 1000), 1 + (int)(hash >> 20 & 63));
}

void value_transaction_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)row;
    value_transaction_nth(spec, hash >> 34, out);
}

void value_transaction_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    (void)spec;
    value_put_int(out, (int64_t)index + 3); /* the first that are not the server's own */
}

/* A table that every database has. */
void value_relation_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    static const char *const names[] = {"pg_class", "pg_type", "pg_proc", "pg_attribute"};
    (void)spec, (void)row;
    buf_puts(out, names[hash % 4]);
}
