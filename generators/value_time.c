#include "bench/base/rng.h"
#include "generators/value_kind.h"
#include "generators/value_wire.h"

#include <stdio.h>
#include <time.h>

/* Days since 1970 to the civil calendar (Howard Hinnant, chrono-compatible low-level date algorithms). */
static void put_day(struct buf *out, int64_t days)
{
    int64_t z = days + 719468, era = z / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int64_t month = mp < 10 ? mp + 3 : mp - 9;
    value_put_padded(out, (uint64_t)(yoe + era * 400 + (month <= 2)), 4);
    buf_putc(out, '-');
    value_put_padded(out, (uint64_t)month, 2);
    buf_putc(out, '-');
    value_put_padded(out, (uint64_t)(doy - (153 * mp + 2) / 5 + 1), 2);
}

static void put_clock(struct buf *out, int64_t us, int digits)
{
    uint64_t s = (uint64_t)(us / VALUE_US_PER_S);
    value_put_padded(out, s / 3600, 2);
    buf_putc(out, ':');
    value_put_padded(out, s / 60 % 60, 2);
    buf_putc(out, ':');
    value_put_padded(out, s % 60, 2);
    if (digits == 0)
        return;
    uint64_t fraction = (uint64_t)(us % VALUE_US_PER_S);
    for (int i = digits; i < 6; i++)
        fraction /= 10;
    buf_putc(out, '.');
    value_put_padded(out, fraction, digits);
}

static void put_moment(struct buf *out, int64_t us, int digits)
{
    put_day(out, us / VALUE_US_PER_DAY);
    buf_putc(out, ' ');
    put_clock(out, us % VALUE_US_PER_DAY, digits);
}

static int64_t step_us(const struct value_time *time)
{
    int64_t step = time->rows > 0 ? time->span_us / time->rows : time->span_us;
    return step > 0 ? step : 1;
}

/* The times of three years, in the same order in as long as there is. */
static int64_t within(const struct value_time *time, int64_t us)
{
    if (time->low_us >= time->high_us)
        return us;
    __extension__ __int128 part = us - VALUE_TIME_ORIGIN_US;
    return time->low_us + (int64_t)(part * (time->high_us - time->low_us) / VALUE_TIME_SPAN_US);
}

static int64_t nth_us(const struct value_spec *spec, uint64_t index)
{
    return within(&spec->time, VALUE_TIME_ORIGIN_US + (int64_t)index * step_us(&spec->time));
}

static bool read_moment(const char *text, int64_t *us)
{
    struct tm at = {0};
    double seconds = 0;
    if (text == NULL || sscanf(text, "%d-%d-%d%*[ T]%d:%d:%lf", &at.tm_year, &at.tm_mon, &at.tm_mday,
                               &at.tm_hour, &at.tm_min, &seconds) < 3)
        return false;
    at.tm_year -= 1900;
    at.tm_mon -= 1;
    *us = timegm(&at) * VALUE_US_PER_S + (int64_t)(seconds * (double)VALUE_US_PER_S);
    return true;
}

void value_time_limit(struct value_time *time, bool days, const char *low, bool low_open, const char *high,
                      bool high_open)
{
    int64_t unit = days ? VALUE_US_PER_DAY : VALUE_US_PER_S;
    bool has_low = read_moment(low, &time->low_us), has_high = read_moment(high, &time->high_us);
    time->low_us += has_low && low_open ? unit : 0;
    time->high_us += has_high && !high_open ? unit : 0;
    has_low = has_low && time->low_us > VALUE_TIME_ORIGIN_US;
    has_high = has_high && time->high_us < VALUE_TIME_ORIGIN_US + VALUE_TIME_SPAN_US;
    if (!has_low && !has_high)
        time->low_us = time->high_us = 0;
    else if (!has_high &&
             (!read_moment(high, &(int64_t){0}) || time->high_us > time->low_us + VALUE_TIME_SPAN_US))
        time->high_us = time->low_us + VALUE_TIME_SPAN_US;
    else if (!has_low &&
             (!read_moment(low, &(int64_t){0}) || time->low_us < time->high_us - VALUE_TIME_SPAN_US))
        time->low_us = time->high_us - VALUE_TIME_SPAN_US;
}

static int64_t moment_us(const struct value_time *time, uint64_t hash, int64_t row)
{
    uint64_t moment = rng_hash(time->stream, 0, (uint64_t)row);
    int64_t us = VALUE_TIME_ORIGIN_US;
    if (time->ascending)
        us += row * step_us(time) + (int64_t)value_scale(moment, (uint64_t)step_us(time));
    else
        us += (int64_t)value_scale(moment, (uint64_t)time->span_us);
    if (time->window > 0)
        us += time->window * VALUE_TIME_GAP_US + (int64_t)value_scale(hash, VALUE_TIME_GAP_US);
    return within(time, us);
}

static int64_t drawn_day(const struct value_spec *spec, uint64_t hash, int64_t row)
{
    if (spec->time.birthday && spec->time.low_us >= spec->time.high_us)
        return -7305 + (int64_t)value_scale(hash, UINT64_C(55) * 365);
    return moment_us(&spec->time, hash, row) / VALUE_US_PER_DAY;
}

void value_date_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    put_day(out, drawn_day(spec, hash, row));
}

void value_date_draw_binary(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    value_wire_put_4(out, drawn_day(spec, hash, row) - VALUE_WIRE_EPOCH_DAYS);
}

static int64_t nth_day(const struct value_spec *spec, uint64_t index)
{
    bool limited = spec->time.low_us < spec->time.high_us;
    return (limited ? spec->time.low_us / VALUE_US_PER_DAY : VALUE_WIRE_EPOCH_DAYS) + (int64_t)index;
}

void value_date_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    put_day(out, nth_day(spec, index));
}

void value_date_nth_binary(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    value_wire_put_4(out, nth_day(spec, index) - VALUE_WIRE_EPOCH_DAYS);
}

/* What put_moment cuts off is cut off here too. */
static void put_moment_binary(struct buf *out, int64_t us, int digits)
{
    static const int64_t units_us[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    value_wire_put_8(out, us - us % units_us[digits] - VALUE_WIRE_EPOCH_US);
}

void value_timestamp_draw_binary(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    put_moment_binary(out, moment_us(&spec->time, hash, row), spec->time.digits);
}

void value_timestamp_nth_binary(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    put_moment_binary(out, nth_us(spec, index), spec->time.digits);
}

void value_timestamp_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    put_moment(out, moment_us(&spec->time, hash, row), spec->time.digits);
}

void value_timestamp_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    put_moment(out, nth_us(spec, index), spec->time.digits);
}

void value_timestamptz_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    value_timestamp_draw(spec, hash, row, out);
    buf_puts(out, "+00");
}

void value_timestamptz_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    value_timestamp_nth(spec, index, out);
    buf_puts(out, "+00");
}

void value_clock_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)row;
    value_clock_nth(spec, value_scale(hash, 86400), out);
}

void value_clock_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    put_clock(out, (int64_t)index * VALUE_US_PER_S, spec->time.digits);
}

void value_clock_nth_binary(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    (void)spec;
    value_wire_put_8(out, (int64_t)index * VALUE_US_PER_S);
}

void value_clock_draw_binary(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)row;
    value_clock_nth_binary(spec, value_scale(hash, 86400), out);
}

/* The zone of our sessions. */
void value_zoned_clock_nth_binary(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    (void)spec;
    char *at = value_wire_room(out, 16);
    value_wire_32(at, 12);
    value_wire_64(at + 4, index * (uint64_t)VALUE_US_PER_S);
    value_wire_32(at + 12, 0);
}

void value_zoned_clock_draw_binary(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)row;
    value_zoned_clock_nth_binary(spec, value_scale(hash, 86400), out);
}

/* Microseconds, days, months. */
void value_interval_nth_binary(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    (void)spec;
    char *at = value_wire_room(out, 20);
    value_wire_32(at, 16);
    value_wire_64(at + 4, index * (uint64_t)VALUE_US_PER_S);
    value_wire_64(at + 12, 0);
}

void value_interval_draw_binary(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)row;
    value_interval_nth_binary(spec, value_scale_low(hash, UINT64_C(30) * 86400) + 1, out);
}

void value_interval_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)row;
    value_interval_nth(spec, value_scale_low(hash, UINT64_C(30) * 86400) + 1, out);
}

void value_interval_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    (void)spec;
    value_put_int(out, (int64_t)index);
    buf_puts(out, " seconds");
}

static void put_exact_moment(struct buf *out, int64_t us)
{
    put_moment(out, us, 6);
}

static void put_range(struct buf *out, const char *opening, int64_t from, int64_t to,
                      void (*put)(struct buf *out, int64_t us))
{
    buf_puts(out, opening);
    put(out, from);
    buf_putc(out, ',');
    put(out, to);
    buf_putc(out, ')');
}

/* Whole hours, as bookings have them. */
void value_time_range_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    static const int64_t hour = 3600 * VALUE_US_PER_S;
    int64_t from = moment_us(&spec->time, hash, row) / hour * hour;
    put_range(out, "[", from, from + (1 + (int64_t)value_scale(hash, 48)) * hour, put_exact_moment);
}

void value_day_range_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    int64_t from = moment_us(&spec->time, hash, row) / VALUE_US_PER_DAY;
    put_range(out, "[", from, from + 1 + (int64_t)value_scale(hash, 14), put_day);
}
