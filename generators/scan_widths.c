#include "generators/scan_parts.h"

#include <math.h>
#include <string.h>

/* What InnoDB needs besides the values: header, transaction, roll pointer, lengths; a page is filled to fifteen sixteenths, and
 * of the extents of 1 MB that a table has one is, or in small tables a sixth of all pages are, still empty. */
enum { ROW_BYTES = 20, MIN_PAGES = 20, EXTENT_BYTES = 1 << 20 };
static const double filled = 15.0 / 16;

/* Stored bytes of a value of a type that always takes as many; NAN: of a text. */
static double fixed_width(const char *base)
{
    static const struct {
        const char *base;
        int bytes;
    } widths[] = {
        {"int1", 1},  {"int2", 2},  {"int3", 3},   {"int4", 4},      {"int8", 8},   {"uint1", 1},
        {"uint2", 2}, {"uint3", 3}, {"uint4", 4},  {"uint8", 8},     {"bool", 1},   {"year", 1},
        {"enum", 1},  {"set", 1},   {"date", 3},   {"timestamp", 5}, {"time", 3},   {"bits", 1},
        {"uuid", 16}, {"inet", 4},  {"inet6", 16}, {"float4", 4},    {"float8", 8}, {"numeric", 5},
    };
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
        if (strcmp(widths[i].base, base) == 0)
            return widths[i].bytes;
    return NAN;
}

/* Of the values that are known; NAN: none is. */
static double mean_width(const struct profile_column *column)
{
    double sum = 0, common = 0, bounds = 0;
    if (!isnan(fixed_width(column->base)))
        return fixed_width(column->base);
    for (size_t i = 0; i < column->mcv_count; i++) {
        sum += column->mcv[i].share * (double)strlen(column->mcv[i].value);
        common += column->mcv[i].share;
    }
    for (size_t i = 0; i < column->bound_count; i++)
        bounds += (double)strlen(column->bounds[i]) / (double)column->bound_count;
    double present = 1 - column->null_ratio;
    if (!(present > 0) || (column->mcv_count == 0 && column->bound_count == 0))
        return NAN;
    return (sum + fmax(0, present - common) * bounds) / present;
}

/* Nothing else is known of these either: the server makes no statistics of them, or nobody asked it to. */
static bool is_open(const struct profile_column *column)
{
    return isnan(column->width_bytes) && isnan(mean_width(column));
}

static void share_out(struct profile_table *table)
{
    double bytes = (double)table->bytes, used = bytes - fmin(bytes / 6, EXTENT_BYTES);
    double left = used * filled / table->rows - ROW_BYTES;
    size_t open = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct profile_column *column = &table->columns[i];
        double present = isnan(column->null_ratio) ? 1 : 1 - column->null_ratio;
        if (is_open(column))
            open++;
        else
            left -= present * (isnan(column->width_bytes) ? mean_width(column) : column->width_bytes);
    }
    for (size_t i = 0; i < table->column_count; i++)
        if (is_open(&table->columns[i]))
            table->columns[i].width_bytes = round(fmax(1, left / (double)open) * 10) / 10;
}

void scan_widths(struct profile *profile)
{
    for (size_t i = 0; i < profile->table_count && profile->lexis == SQL_MYSQL; i++)
        if (profile->tables[i].rows > 0 && profile->tables[i].pages >= MIN_PAGES)
            share_out(&profile->tables[i]);
}
