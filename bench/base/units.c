#include "bench/base/units.h"

#include <stdio.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide;

struct unit {
    const char *name;
    int64_t scale;
};

static const struct unit durations[] = {
    {"ns", 1},
    {"us", 1000},
    {"µs", 1000},
    {"ms", 1000000},
    {"s", 1000000000},
    {"min", INT64_C(60000000000)},
    {"h", INT64_C(3600000000000)},
    {"d", INT64_C(86400000000000)},
    {NULL, 0},
};

static const struct unit sizes[] = {
    {"B", 1},
    {"kB", 1000},
    {"KB", 1000},
    {"MB", 1000000},
    {"GB", 1000000000},
    {"TB", INT64_C(1000000000000)},
    {"KiB", INT64_C(1) << 10},
    {"MiB", INT64_C(1) << 20},
    {"GiB", INT64_C(1) << 30},
    {"TiB", INT64_C(1) << 40},
    {NULL, 0},
};

static const struct unit counts[] = {
    {"", 1}, {"k", 1000}, {"K", 1000}, {"M", 1000000}, {"G", 1000000000}, {NULL, 0},
};

static const struct unit rates[] = {{"/s", 1}, {"/min", 60}, {"/h", 3600}, {NULL, 0}};

/* An unsigned decimal number, exact: digits / divisor. */
struct decimal {
    uint64_t digits, divisor;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads digits[.digits] and leaves *text behind them. */
static bool read_decimal(const char **text, struct decimal *decimal, const char **why)
{
    const char *at = *text;
    bool fraction = false;
    *decimal = (struct decimal){.divisor = 1};
    *why = "a number is expected";
    if (!is_digit(*at))
        return false;
    for (int digits = 0; is_digit(*at) || (*at == '.' && !fraction && is_digit(at[1])); at++) {
        if (*at == '.') {
            fraction = true;
            continue;
        }
        *why = "the number has too many digits";
        if (++digits > 18)
            return false;
        decimal->digits = decimal->digits * 10 + (uint64_t)(*at - '0');
        decimal->divisor *= fraction ? 10 : 1;
    }
    *text = at;
    return true;
}

static const struct unit *find_unit(const struct unit *units, const char *name)
{
    for (; units->name != NULL; units++) {
        if (strcmp(units->name, name) == 0)
            return units;
    }
    return NULL;
}

/* number × unit, rounded to the nearest whole; exact results only when `whole` is asked for. */
static bool read_scaled(const char *text, const struct unit *units, bool whole, int64_t *value,
                        const char **why, const char *unit_why)
{
    struct decimal decimal;
    if (!read_decimal(&text, &decimal, why))
        return false;
    if (*text == '\0' && decimal.digits == 0) {
        *value = 0;
        return true;
    }
    const struct unit *unit = find_unit(units, text);
    *why = unit_why;
    if (unit == NULL)
        return false;
    wide product = (wide)decimal.digits * (wide)unit->scale;
    *why = "it is not a whole number";
    if (whole && product % decimal.divisor != 0)
        return false;
    product = (product + decimal.divisor / 2) / decimal.divisor;
    *why = "the number is too large";
    if (product > (wide)INT64_MAX)
        return false;
    *value = (int64_t)product;
    return true;
}

bool units_duration_ns(const char *text, int64_t *ns, const char **why)
{
    size_t length = strlen(text);
    if (!read_scaled(text, durations, false, ns, why, "the unit must be one of us, ms, s, min, h, d")) {
        if (length > 1 && text[length - 1] == 'm' && is_digit(text[length - 2]))
            *why = "'m' is ambiguous: write min or ms";
        return false;
    }
    return true;
}

bool units_bytes(const char *text, int64_t *bytes, const char **why)
{
    return read_scaled(text, sizes, false, bytes, why,
                       "the unit must be one of B, kB, MB, GB, TB, KiB, MiB, GiB, TiB");
}

bool units_count(const char *text, int64_t *count, const char **why)
{
    return read_scaled(text, counts, true, count, why, "the unit must be one of k, M, G, or none");
}

bool units_rate(const char *text, double *per_s, const char **why)
{
    struct decimal decimal;
    if (!read_decimal(&text, &decimal, why))
        return false;
    double value = (double)decimal.digits / (double)decimal.divisor;
    if (*text == 'k') {
        value *= 1000;
        text++;
    }
    const struct unit *unit = find_unit(rates, text);
    *why = "the unit must be one of /s, /min, /h";
    if (unit == NULL && !(*text == '\0' && decimal.digits == 0))
        return false;
    *per_s = unit == NULL ? 0 : value / (double)unit->scale;
    return true;
}

bool units_percent(const char *text, double *ratio, const char **why)
{
    struct decimal decimal;
    if (!read_decimal(&text, &decimal, why))
        return false;
    *why = "the unit must be %";
    if (strcmp(text, "%") != 0 && !(*text == '\0' && decimal.digits == 0))
        return false;
    *ratio = (double)decimal.digits / (double)decimal.divisor / 100;
    return true;
}

/* Three significant digits, for 0 ≤ value < 999.5. */
static void format_three(double value, const char *unit, const char *sign, char *text, size_t size)
{
    int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    snprintf(text, size, "%s%.*f %s", sign, decimals, value, unit);
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

const char *units_format_duration(int64_t ns, char *text, size_t size)
{
    const char *sign = ns < 0 ? "-" : "";
    double value = (double)magnitude(ns);
    uint64_t seconds = (uint64_t)(value / 1e9 + 0.5);
    if (ns == 0)
        snprintf(text, size, "0 s");
    else if (value < 1e3)
        snprintf(text, size, "%s%.0f ns", sign, value);
    else if (value < 999.5e3)
        snprintf(text, size, "%s%.0f µs", sign, value / 1e3);
    else if (value < 999.5e6)
        format_three(value / 1e6, "ms", sign, text, size);
    else if (value < 59.95e9)
        format_three(value / 1e9, "s", sign, text, size);
    else if (seconds < 3600)
        snprintf(text, size, "%s%d m %02d s", sign, (int)(seconds / 60), (int)(seconds % 60));
    else if (seconds < 86400)
        snprintf(text, size, "%s%d h %02d m", sign, (int)(seconds / 3600), (int)(seconds % 3600 / 60));
    else
        snprintf(text, size, "%s%d d %02d h", sign, (int)(seconds / 86400), (int)(seconds % 86400 / 3600));
    return text;
}

/* Steps of a thousand from `names`, the first of which is for the value itself. */
static const char *format_thousands(int64_t value, const char *const *names, char *text, size_t size)
{
    const char *sign = value < 0 ? "-" : "";
    double rest = (double)magnitude(value);
    if (rest < 1000) {
        snprintf(text, size, "%s%.0f%s%s", sign, rest, names[0][0] ? " " : "", names[0]);
        return text;
    }
    int step = 0;
    for (; rest >= 999.5 && names[step + 1] != NULL; step++)
        rest /= 1000;
    format_three(rest, names[step], sign, text, size);
    return text;
}

const char *units_format_bytes(int64_t bytes, char *text, size_t size)
{
    static const char *const names[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB", NULL};
    return format_thousands(bytes, names, text, size);
}

const char *units_format_short(int64_t count, char *text, size_t size)
{
    static const char *const names[] = {"", "k", "M", "G", "T", "P", "E", NULL};
    return format_thousands(count, names, text, size);
}

const char *units_format_count(int64_t count, char *text, size_t size)
{
    static const char thin_space[] = "\u2009";
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)magnitude(count));
    size_t used = 0;
    if (size > 0)
        text[0] = '\0';
    if (count < 0)
        used += (size_t)snprintf(text, size, "-");
    for (int i = 0; i < length && used + sizeof thin_space < size; i++) {
        bool apart = i > 0 && (length - i) % 3 == 0;
        used += (size_t)snprintf(text + used, size - used, "%s%c", apart ? thin_space : "", digits[i]);
    }
    return text;
}
