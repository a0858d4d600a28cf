#include "generators/render_ordinal.h"

#include "generators/value_wire.h"

#include <stdlib.h>
#include <string.h>

/* Microseconds from 1970 on, in UTC; days for dates. */

enum { MONTH_DAYS = 30, MONTHS_PER_YEAR = 12, LAST_YEAR = 300000 };
static const wide day_us = (wide)86400 * 1000000;

/* Days since 1970 and the civil calendar (Howard Hinnant, chrono-compatible low-level date algorithms). */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400, yoe = year - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static char *two(char *at, unsigned number)
{
    at[0] = (char)('0' + number / 10);
    at[1] = (char)('0' + number % 10);
    return at + 2;
}

static void put_day(struct buf *out, int64_t days, bool *bc)
{
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int64_t month = mp < 10 ? mp + 3 : mp - 9, year = yoe + era * 400 + (month <= 2);
    *bc = year <= 0;
    if (*bc)
        year = 1 - year;
    char text[10], *at = text;
    if (year > 9999)
        value_put_int(out, year);
    else
        at = two(two(at, (unsigned)year / 100), (unsigned)year % 100);
    *at++ = '-';
    at = two(at, (unsigned)month);
    *at++ = '-';
    at = two(at, (unsigned)(doy - (153 * mp + 2) / 5 + 1));
    buf_add(out, text, (size_t)(at - text));
}

/* Larger ones are in no moment that a server knows. */
static const char *read_number(const char *at, int64_t *number)
{
    enum { LARGEST = 2000000000 };
    char *end;
    *number = strtoll(at, &end, 10);
    return end == at || *number > LARGEST || *number < -LARGEST ? NULL : end;
}

/* "2024-02-29", then whatever follows; NULL: no date. */
static const char *read_day(const char *text, int64_t *days)
{
    int64_t year, month, day;
    const char *at = *text >= '0' && *text <= '9' ? read_number(text, &year) : NULL;
    if (at == NULL || *at != '-' || (at = read_number(at + 1, &month)) == NULL || *at != '-' ||
        (at = read_number(at + 1, &day)) == NULL || month < 1 || month > 12 || day < 1 || day > 31 ||
        year > LAST_YEAR)
        return NULL;
    size_t length = strlen(at);
    if (length >= 3 && strcmp(at + length - 3, " BC") == 0)
        year = 1 - year;
    *days = days_of(year, month, day);
    return at;
}

/* "-04:05:06.789", seconds or more may be missing. */
static const char *read_clock(const char *at, int64_t *us)
{
    bool negative = *at == '-';
    int64_t part[3] = {0}, fraction = 0, unit = VALUE_US_PER_S;
    at += *at == '-' || *at == '+';
    for (int i = 0; i < 3; i++) {
        if (i > 0 && *at != ':')
            break;
        if ((at = read_number(at + (i > 0), &part[i])) == NULL)
            return NULL;
    }
    if (*at == '.')
        for (at++; *at >= '0' && *at <= '9'; at++)
            fraction += (*at - '0') * (unit /= 10);
    *us = ((part[0] * 60 + part[1]) * 60 + part[2]) * VALUE_US_PER_S + fraction;
    *us = negative ? -*us : *us;
    return at;
}

static void put_clock(const struct render_ordinal *self, int64_t us, struct buf *out)
{
    char text[16], *at = text;
    if (us < 0) {
        buf_putc(out, '-');
        us = -us;
    }
    uint64_t s = (uint64_t)(us / VALUE_US_PER_S);
    unsigned hours = (unsigned)(s / 3600), rest = (unsigned)(s % 3600),
             fraction = (unsigned)(us % VALUE_US_PER_S);
    if (hours < 100)
        at = two(at, hours);
    else
        value_put_int(out, hours);
    *at++ = ':';
    at = two(at, rest / 60);
    *at++ = ':';
    at = two(at, rest % 60);
    if (self->scale > 0) {
        *at++ = '.';
        for (int i = 6; i-- > 0; fraction /= 10)
            at[i] = (char)('0' + fraction % 10);
        at += self->scale;
    }
    buf_add(out, text, (size_t)(at - text));
}

static bool read_date(const struct render_ordinal *self, const char *text, wide *ordinal)
{
    int64_t days;
    (void)self;
    bool ok = read_day(text, &days) != NULL;
    *ordinal = ok ? days : 0;
    return ok;
}

static void plain_date(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    bool bc;
    (void)self;
    put_day(out, (int64_t)ordinal, &bc);
    if (bc)
        buf_puts(out, " BC");
}

static void binary_date(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    (void)self;
    value_wire_put_4(out, (int64_t)ordinal - VALUE_WIRE_EPOCH_DAYS);
}

static bool field_date(const struct render_ordinal *self, const char *text, struct buf *out)
{
    wide ordinal;
    if (strcmp(text, "infinity") == 0 || strcmp(text, "-infinity") == 0)
        value_wire_put_4(out, *text == '-' ? INT32_MIN : INT32_MAX);
    else if (read_date(self, text, &ordinal))
        binary_date(self, ordinal, out);
    else
        return false;
    return true;
}

/* "+02", "-03:30"; 0 when there is none. */
static int64_t read_zone(const char *at)
{
    int64_t us;
    return (*at == '+' || *at == '-') && read_clock(at, &us) != NULL ? us : 0;
}

static bool read_timestamp(const struct render_ordinal *self, const char *text, wide *ordinal)
{
    int64_t days, us = 0;
    (void)self;
    const char *at = read_day(text, &days);
    if (at == NULL || (*at != ' ' && *at != 'T' && *at != '\0'))
        return false;
    if (*at != '\0' && (at = read_clock(at + 1, &us)) == NULL)
        return false;
    *ordinal = (wide)days * day_us + us - read_zone(at);
    return true;
}

static void put_timestamp(const struct render_ordinal *self, wide ordinal, const char *zone, struct buf *out)
{
    bool bc;
    int64_t us = (int64_t)ordinal, days = us / VALUE_US_PER_DAY;
    days -= us % VALUE_US_PER_DAY < 0;
    put_day(out, days, &bc);
    buf_putc(out, ' ');
    put_clock(self, us - days * VALUE_US_PER_DAY, out);
    buf_puts(out, zone);
    if (bc)
        buf_puts(out, " BC");
}

static void plain_timestamp(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    put_timestamp(self, ordinal, "", out);
}

static void plain_timestamptz(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    put_timestamp(self, ordinal, "+00", out);
}

static void binary_timestamp(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    (void)self;
    value_wire_put_8(out, (int64_t)ordinal - VALUE_WIRE_EPOCH_US);
}

static bool field_timestamp(const struct render_ordinal *self, const char *text, struct buf *out)
{
    wide ordinal;
    if (strcmp(text, "infinity") == 0 || strcmp(text, "-infinity") == 0)
        value_wire_put_8(out, *text == '-' ? INT64_MIN : INT64_MAX);
    else if (read_timestamp(self, text, &ordinal))
        binary_timestamp(self, ordinal, out);
    else
        return false;
    return true;
}

/* Digits of a second's fraction that literals have, 0 … 6. */
static void learn_fraction(struct render_ordinal *self, const struct render_ask *ask)
{
    const char *text;
    for (size_t i = 0; (text = render_literal(ask->statistics, i)) != NULL; i++) {
        const char *point = strrchr(text, '.');
        int digits = point == NULL ? 0 : (int)strspn(point + 1, "0123456789");
        self->scale = digits > self->scale ? digits : self->scale;
        self->months |= strstr(text, "mon") != NULL || strstr(text, "year") != NULL;
        self->days |= strstr(text, "day") != NULL;
    }
    int most = ask->column->scale >= 0 && ask->column->scale < 6 ? ask->column->scale : 6;
    if (self->scale > most)
        self->scale = most;
    for (int i = self->scale; i < 6; i++)
        self->finest *= 10;
}

static bool read_time(const struct render_ordinal *self, const char *text, wide *ordinal)
{
    int64_t us;
    (void)self;
    const char *at = (*text >= '0' && *text <= '9') || *text == '-' ? read_clock(text, &us) : NULL;
    if (at == NULL)
        return false;
    *ordinal = us - read_zone(at);
    return true;
}

static void plain_time(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    put_clock(self, (int64_t)ordinal, out);
}

static void binary_time(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    (void)self;
    value_wire_put_8(out, (int64_t)ordinal);
}

/* The zone, in whole hours, that puts a moment into the day. */
static int64_t hours_of(int64_t us)
{
    enum { HOUR = 3600 };
    int64_t hour_us = HOUR * VALUE_US_PER_S;
    if (us < 0)
        return (-us + hour_us - 1) / hour_us;
    return us < VALUE_US_PER_DAY ? 0 : -((us - VALUE_US_PER_DAY) / hour_us + 1);
}

static void plain_timetz(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    int64_t us = (int64_t)ordinal, hours = hours_of(us);
    put_clock(self, us + hours * 3600 * VALUE_US_PER_S, out);
    buf_printf(out, "%+03d", (int)hours);
}

static void put_timetz(int64_t us, int64_t zone_s, struct buf *out)
{
    char *at = value_wire_room(out, 16);
    value_wire_32(at, 12);
    value_wire_64(at + 4, (uint64_t)us);
    value_wire_32(at + 12, (uint32_t)-zone_s);
}

static void binary_timetz(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    (void)self;
    int64_t us = (int64_t)ordinal, zone_s = hours_of(us) * 3600;
    put_timetz(us + zone_s * VALUE_US_PER_S, zone_s, out);
}

static bool field_timetz(const struct render_ordinal *self, const char *text, struct buf *out)
{
    int64_t us;
    (void)self;
    const char *at = read_clock(text, &us);
    if (at == NULL)
        return false;
    put_timetz(us, read_zone(at) / VALUE_US_PER_S, out);
    return true;
}

struct interval {
    int64_t months, days, us;
};

/* As the server writes it: "1 year 2 mons -3 days +04:05:06". */
static bool read_parts(const char *at, struct interval *interval)
{
    *interval = (struct interval){0};
    while (*at != '\0') {
        int64_t number;
        const char *after = read_number(at, &number);
        if (after == NULL)
            return false;
        if (*after == ':')
            return (after = read_clock(at, &interval->us)) != NULL && *after == '\0';
        after += strspn(after, " ");
        if (strncmp(after, "year", 4) == 0)
            interval->months += number * MONTHS_PER_YEAR;
        else if (strncmp(after, "mon", 3) == 0)
            interval->months += number;
        else if (strncmp(after, "day", 3) == 0)
            interval->days += number;
        else
            return false;
        at = after + strcspn(after, " ");
        at += strspn(at, " ");
    }
    return true;
}

/* A month sorts as 30 days, a day as 24 hours. */
static bool read_interval(const struct render_ordinal *self, const char *text, wide *ordinal)
{
    struct interval interval;
    (void)self;
    if (*text == '\0' || !read_parts(text, &interval))
        return false;
    *ordinal = ((wide)interval.months * MONTH_DAYS + interval.days) * day_us + interval.us;
    return true;
}

/* Into the fields that the column's intervals have. */
static struct interval split(const struct render_ordinal *self, wide ordinal)
{
    struct interval interval = {0};
    if (self->months) {
        interval.months = (int64_t)(ordinal / (MONTH_DAYS * day_us));
        ordinal %= MONTH_DAYS * day_us;
    }
    if (self->days) {
        interval.days = (int64_t)(ordinal / day_us);
        ordinal %= day_us;
    }
    interval.us = (int64_t)ordinal;
    return interval;
}

static void plain_interval(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    struct interval interval = split(self, ordinal);
    if (interval.months != 0)
        buf_printf(out, "%lld mons ", (long long)interval.months);
    if (interval.days != 0)
        buf_printf(out, "%lld days ", (long long)interval.days);
    put_clock(self, interval.us, out);
}

static void put_interval(const struct interval *interval, struct buf *out)
{
    char *at = value_wire_room(out, 20);
    value_wire_32(at, 16);
    value_wire_64(at + 4, (uint64_t)interval->us);
    value_wire_32(at + 12, (uint32_t)interval->days);
    value_wire_32(at + 16, (uint32_t)interval->months);
}

static void binary_interval(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    struct interval interval = split(self, ordinal);
    put_interval(&interval, out);
}

static bool field_interval(const struct render_ordinal *self, const char *text, struct buf *out)
{
    struct interval interval;
    (void)self;
    if (*text == '\0' || !read_parts(text, &interval))
        return false;
    put_interval(&interval, out);
    return true;
}

const struct render_codec render_moments[] = {
    {{"date"}, read_date, plain_date, binary_date, field_date, NULL, NULL, 0},
    {{"timestamp", "timestamp without time zone", "datetime"},
     read_timestamp,
     plain_timestamp,
     binary_timestamp,
     field_timestamp,
     learn_fraction,
     NULL,
     0},
    {{"timestamptz", "timestamp with time zone"},
     read_timestamp,
     plain_timestamptz,
     binary_timestamp,
     field_timestamp,
     learn_fraction,
     NULL,
     0},
    {{"time", "time without time zone"}, read_time, plain_time, binary_time, NULL, learn_fraction, NULL, 0},
    {{"timetz", "time with time zone"},
     read_time,
     plain_timetz,
     binary_timetz,
     field_timetz,
     learn_fraction,
     NULL,
     0},
    {{"interval"}, read_interval, plain_interval, binary_interval, field_interval, learn_fraction, NULL, 0},
    {{NULL}, NULL, NULL, NULL, NULL, NULL, NULL, 0},
};
