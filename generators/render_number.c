#include "generators/render_ordinal.h"

#include "generators/value_wire.h"

#include <stdlib.h>
#include <string.h>

/* What a wide number holds, with room for three more digits. */
enum { DIGITS = 35, FLOAT4_DIGITS = 6, FLOAT8_DIGITS = 15 };

void render_put_wide(struct buf *out, wide value)
{
    if (value >= INT64_MIN && value <= INT64_MAX) {
        value_put_int(out, (int64_t)value);
        return;
    }
    char digits[48], *at = digits + sizeof digits;
    uwide rest = value < 0 ? -(uwide)value : (uwide)value;
    for (; rest > 0; rest /= 10)
        *--at = (char)('0' + (int)(rest % 10));
    if (value < 0)
        *--at = '-';
    buf_add(out, at, (size_t)(digits + sizeof digits - at));
}

static wide power(int digits)
{
    wide value = 1;
    while (digits-- > 0)
        value *= 10;
    return value;
}

/* A number's parts: digits without leading zeros, of which the last stands for 10^exponent. */
struct decimal {
    const char *digits;
    int count, exponent, whole; /* whole: digits before the point, leading zeros not counted */
    bool negative;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool parse(const char *text, struct decimal *decimal)
{
    *decimal = (struct decimal){.negative = *text == '-'};
    text += *text == '-' || *text == '+';
    if (!is_digit(*text) && !(*text == '.' && is_digit(text[1])))
        return false;
    int behind = 0;
    bool point = false;
    const char *at = text;
    for (; is_digit(*at) || (*at == '.' && !point); at++) {
        point |= *at == '.';
        if (*at == '.')
            continue;
        if (decimal->count > 0 || *at != '0') {
            decimal->digits = decimal->count == 0 ? at : decimal->digits;
            decimal->count++;
        }
        behind += point;
    }
    int exponent = *at == 'e' || *at == 'E' ? (int)strtol(at + 1, NULL, 10) : 0;
    decimal->exponent = exponent - behind;
    decimal->whole = decimal->count + decimal->exponent;
    return *at == '\0' || *at == 'e' || *at == 'E';
}

bool render_read_decimal(const char *text, int scale, wide *units)
{
    struct decimal decimal;
    if (!parse(text, &decimal) || decimal.whole + scale > DIGITS + 3)
        return false;
    *units = 0;
    int kept = decimal.whole + scale; /* digits */
    const char *at = decimal.digits;
    for (int i = 0; i < kept; i++) {
        if (i < decimal.count && *at == '.')
            at++;
        *units = *units * 10 + (i < decimal.count ? *at++ - '0' : 0);
    }
    if (decimal.negative)
        *units = -*units;
    return true;
}

/* Truth of a server that has a type for it is a number where there is none. */
static bool read_integer(const struct render_ordinal *self, const char *text, wide *ordinal)
{
    if ((*text == 't' || *text == 'f') && text[1] == '\0') {
        *ordinal = *text == 't';
        return true;
    }
    return render_read_decimal(text, self->scale, ordinal);
}

static void plain_integer(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    (void)self;
    render_put_wide(out, ordinal);
}

static void binary_integer(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    if (self->codec->bytes == 2)
        value_wire_put_2(out, (int64_t)ordinal);
    else if (self->codec->bytes == 4)
        value_wire_put_4(out, (int64_t)ordinal);
    else
        value_wire_put_8(out, (int64_t)ordinal);
}

/* As many digits behind the point as the column has, or its literals if it has no number of them; fewer when they are huge. */
static void learn_scale(struct render_ordinal *self, const struct render_ask *ask)
{
    int whole = 0, behind = 0;
    const char *text;
    struct decimal decimal;
    for (size_t i = 0; (text = render_literal(ask->statistics, i)) != NULL; i++) {
        if (!parse(text, &decimal) || decimal.count == 0)
            continue;
        whole = decimal.whole > whole ? decimal.whole : whole;
        behind = -decimal.exponent > behind ? -decimal.exponent : behind;
    }
    self->declared = ask->column->scale >= 0 && ask->column->precision > 0;
    self->scale = self->declared ? ask->column->scale : behind;
    if (self->scale > DIGITS - whole)
        self->scale = DIGITS - whole;
}

/* Where the column does not say how many digits there are behind the point, its bounds do. */
static wide finest_decimal(const struct render_ordinal *self, const char *low, const char *high)
{
    struct decimal decimal;
    int behind = 0;
    if (self->declared)
        return 1;
    if (parse(low, &decimal) && decimal.count > 0 && -decimal.exponent > behind)
        behind = -decimal.exponent;
    if (parse(high, &decimal) && decimal.count > 0 && -decimal.exponent > behind)
        behind = -decimal.exponent;
    return self->scale > behind ? power(self->scale - behind) : 1;
}

static void plain_decimal(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    if (ordinal < 0) {
        buf_putc(out, '-');
        ordinal = -ordinal;
    }
    if (self->scale <= 0) {
        render_put_wide(out, ordinal);
        for (int i = self->scale; i < 0 && ordinal > 0; i++)
            buf_putc(out, '0');
        return;
    }
    char digits[48], *at = digits + sizeof digits;
    uwide rest = (uwide)ordinal;
    for (int i = 0; i < self->scale || rest > 0 || i == self->scale; i++) {
        if (i == self->scale)
            *--at = '.';
        if (rest >> 64 == 0) { /* the rest with fast divisions */
            *--at = (char)('0' + (int)((uint64_t)rest % 10));
            rest = (uint64_t)rest / 10;
        } else {
            *--at = (char)('0' + (int)(rest % 10));
            rest /= 10;
        }
    }
    buf_add(out, at, (size_t)(digits + sizeof digits - at));
}

/* Groups of four decimal digits, the point between two of them. */
static void put_numeric(wide units, int scale, struct buf *out)
{
    enum { GROUPS = 11 };
    uint16_t groups[GROUPS];
    uwide rest = units < 0 ? -(uwide)units : (uwide)units;
    int behind = scale > 0 ? (scale + 3) / 4 : -(-scale / 4), first = GROUPS;
    rest *= (uwide)power(4 * behind - scale);
    for (; rest >> 64 != 0; rest /= 10000)
        groups[--first] = (uint16_t)(rest % 10000);
    for (uint64_t low = (uint64_t)rest; low > 0; low /= 10000)
        groups[--first] = (uint16_t)(low % 10000);
    int count = GROUPS - first;
    char *at = value_wire_room(out, 12 + 2 * (size_t)count);
    value_wire_32(at, 8 + 2 * (uint32_t)count);
    value_wire_16(at + 4, (uint16_t)count);
    value_wire_16(at + 6, (uint16_t)(count > 0 ? count - 1 - behind : 0));
    value_wire_16(at + 8, units < 0 ? 0x4000 : 0);
    value_wire_16(at + 10, (uint16_t)(scale > 0 ? scale : 0));
    for (int i = 0; i < count; i++)
        value_wire_16(at + 12 + 2 * (ptrdiff_t)i, groups[first + i]);
}

static void binary_numeric(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    put_numeric(ordinal, self->scale, out);
}

/* A number of its own scale; or none, or without end. */
static bool field_numeric(const struct render_ordinal *self, const char *text, struct buf *out)
{
    static const struct {
        const char *text;
        uint16_t sign;
    } specials[] = {{"NaN", 0xC000}, {"Infinity", 0xD000}, {"-Infinity", 0xF000}};
    struct decimal decimal;
    wide units;
    (void)self;
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
        if (strcmp(specials[i].text, text) == 0) {
            char *at = value_wire_room(out, 12);
            memset(at, 0, 12);
            value_wire_32(at, 8);
            value_wire_16(at + 8, specials[i].sign);
            return true;
        }
    if (!parse(text, &decimal) || decimal.exponent < -DIGITS || decimal.count > DIGITS)
        return false;
    int scale = decimal.count == 0 && decimal.exponent > 0 ? 0 : -decimal.exponent;
    if (!render_read_decimal(text, scale, &units))
        return false;
    put_numeric(units, scale, out);
    return true;
}

/* Currency signs and separators of thousands are left out; a sign may follow them. */
static bool read_money(const struct render_ordinal *self, const char *text, wide *ordinal)
{
    char plain[48];
    size_t length = 0;
    bool negative = strchr(text, '-') != NULL || *text == '(';
    for (; *text != '\0' && length < sizeof plain - 1; text++)
        if (is_digit(*text) || *text == '.')
            plain[length++] = *text;
    plain[length] = '\0';
    bool ok = render_read_decimal(plain, self->scale, ordinal);
    *ordinal = ok && negative ? -*ordinal : *ordinal;
    return ok;
}

static void learn_money(struct render_ordinal *self, const struct render_ask *ask)
{
    (void)ask;
    self->scale = 2;
}

static int float_digits(const struct render_ordinal *self)
{
    return self->codec->bytes == 4 ? FLOAT4_DIGITS : FLOAT8_DIGITS;
}

wide render_float_order(double number)
{
    int64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits < 0 ? -(wide)(bits & INT64_MAX) : bits;
}

double render_float_at(wide order)
{
    int64_t bits = (int64_t)(order < 0 ? -order : order);
    double number;
    memcpy(&number, &bits, sizeof number);
    return order < 0 ? -number : number;
}

/* Few digits: a decimal number. Else on a binary grid. */
static void learn_float(struct render_ordinal *self, const struct render_ask *ask)
{
    self->mantissa = self->codec->bytes == 4 ? 24 : 53;
    learn_scale(self, ask);
    const char *text;
    struct decimal decimal;
    int whole = 0, behind = 0;
    for (size_t i = 0; (text = render_literal(ask->statistics, i)) != NULL; i++) {
        if (parse(text, &decimal) && decimal.count > 0) {
            whole = decimal.whole > whole ? decimal.whole : whole;
            behind = -decimal.exponent > behind ? -decimal.exponent : behind;
        }
    }
    self->scale = behind;
    self->grid = whole + behind > float_digits(self) || behind > float_digits(self);
}

static bool read_float(const struct render_ordinal *self, const char *text, wide *ordinal)
{
    if (!self->grid)
        return render_read_decimal(text, self->scale, ordinal);
    char *end;
    double number = self->codec->bytes == 4 ? (double)strtof(text, &end) : strtod(text, &end);
    if (!isfinite(number) || end == text)
        return false;
    *ordinal = render_float_order(number);
    return true;
}

static void plain_float(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    if (!self->grid) {
        plain_decimal(self, ordinal, out);
        return;
    }
    buf_printf(out, "%.*g", self->codec->bytes == 4 ? 9 : 17, render_float_at(ordinal));
}

static void put_float(const struct render_ordinal *self, double number, struct buf *out)
{
    uint64_t bits_8;
    uint32_t bits_4;
    float narrow = (float)number;
    memcpy(&bits_8, &number, sizeof bits_8);
    memcpy(&bits_4, &narrow, sizeof bits_4);
    if (self->codec->bytes == 4)
        value_wire_put_4(out, (int32_t)bits_4);
    else
        value_wire_put_8(out, (int64_t)bits_8);
}

/* A quotient of exact numbers is the number that is nearest to its decimals. */
static void binary_float(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    static const float powers_4[] = {1, 1e1F, 1e2F, 1e3F, 1e4F, 1e5F, 1e6F};
    static const double powers_8[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                      1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    if (self->grid)
        put_float(self, render_float_at(ordinal), out);
    else if (self->codec->bytes == 4)
        put_float(self, (double)((float)ordinal / powers_4[self->scale]), out);
    else
        put_float(self, (double)ordinal / powers_8[self->scale], out);
}

static bool field_float(const struct render_ordinal *self, const char *text, struct buf *out)
{
    char *end;
    double number = self->codec->bytes == 4 ? (double)strtof(text, &end) : strtod(text, &end);
    if (end == text || *end != '\0')
        return false;
    put_float(self, number, out);
    return true;
}

static bool read_bool(const struct render_ordinal *self, const char *text, wide *ordinal)
{
    (void)self;
    *ordinal = *text == 't' || *text == '1';
    return strcmp(text, "1") == 0 || strcmp(text, "0") == 0 || *text == 't' || *text == 'f';
}

static void binary_bool(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    (void)self;
    value_wire_put_1(out, ordinal != 0);
}

#define INTEGER(BYTES) read_integer, plain_integer, binary_integer, NULL, NULL, NULL, BYTES
#define NO_BINARY      read_integer, plain_integer, NULL, NULL, NULL, NULL, 0

const struct render_codec render_numbers[] = {
    {{"int2", "smallint"}, INTEGER(2)},
    {{"int4", "integer", "int", "oid"}, INTEGER(4)},
    {{"int8", "bigint"}, INTEGER(8)},
    {{"int1", "tinyint", "int3", "mediumint", "year"}, NO_BINARY},
    {{"uint1", "uint2", "uint3", "uint4", "uint8"}, NO_BINARY},
    {{"numeric", "decimal"},
     read_integer,
     plain_decimal,
     binary_numeric,
     field_numeric,
     learn_scale,
     finest_decimal,
     0},
    {{"float4", "real"}, read_float, plain_float, binary_float, field_float, learn_float, NULL, 4},
    {{"float8", "double precision", "double"},
     read_float,
     plain_float,
     binary_float,
     field_float,
     learn_float,
     NULL,
     8},
    {{"money"}, read_money, plain_decimal, NULL, NULL, learn_money, NULL, 0},
    {{"bool", "boolean"}, read_bool, plain_integer, binary_bool, NULL, NULL, NULL, 0},
    {{NULL}, NULL, NULL, NULL, NULL, NULL, NULL, 0},
};

static bool read_label(const struct render_ordinal *self, const char *text, wide *ordinal)
{
    for (size_t i = 0; i < self->label_count; i++)
        if (strcmp(self->labels[i], text) == 0) {
            *ordinal = (wide)i;
            return true;
        }
    return false;
}

static void plain_label(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    buf_puts(out, self->labels[ordinal]);
}

/* An enum's label, a text, or an integer. */
static const struct value_kind *label_kind(const struct render_ordinal *self)
{
    return value_kind_find(self->labelled);
}

static bool field_label(const struct render_ordinal *self, const char *text, struct buf *out)
{
    return value_encode(label_kind(self), text, out);
}

static void binary_label(const struct render_ordinal *self, wide ordinal, struct buf *out)
{
    value_encode(label_kind(self), self->labels[ordinal], out);
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static int compare_numbers(const void *left, const void *right)
{
    double a = strtod(*(const char *const *)left, NULL), b = strtod(*(const char *const *)right, NULL);
    return a < b ? -1 : a > b;
}

/* An enum sorts as it is declared; values that a CHECK lists sort as their type does. */
static void learn_labels(struct render_ordinal *self, const struct render_ask *ask)
{
    size_t count = self->label_count = ask->column->label_count;
    const char **labels = arena_alloc(ask->arena, (count + 1) * sizeof *labels);
    for (size_t i = 0; i < count; i++)
        labels[i] = ask->column->labels[i];
    self->labelled = ask->type;
    const struct value_kind *kind = label_kind(self);
    if (kind != NULL)
        qsort(labels, count, sizeof *labels, value_kind_is_number(kind) ? compare_numbers : compare_texts);
    self->labels = labels;
}

const struct render_codec render_labels = {{"enum"},    read_label,   plain_label, binary_label,
                                           field_label, learn_labels, NULL,        0};
