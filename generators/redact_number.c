#include "bench/base/rng.h"
#include "generators/redact_parts.h"
#include "generators/render_ordinal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers and moments move within their neighbourhood: to a place of the cell they stand in, which is no wider than half the way
 * to the nearest neighbour; the place is drawn from the rank. All that a surrogate tells of its source is the cell, so that
 * nobody who knows the drawing finds the way back. The outermost move inwards: what CHECKs and types allow is not left.
 * Zero stays, and so do signs. */

enum { EVIDENCE = 8 /* different values before a common step is no accident */, LONE_DAYS = 256 };

struct point { /* one number, however often and in whatever texts */
    wide at, to, unit;
    bool fixed;
};

struct number {
    wide at;
    size_t text;
    int digits; /* behind the point */
    int own;    /* of these, without zeros at the end; −4: it counts ten thousands */
    bool known;
};

struct moving {
    const struct render_codec *codec;
    struct render_ordinal *ordinal;
    bool moments, days, signs; /* points in time; of whole days; numbers and lengths, of which zero is one */
    uint64_t stream;
    struct point *points;
    size_t count;
};

bool redact_number_knows(const char *type)
{
    return render_codec_find(render_numbers, type) != NULL || render_codec_find(render_moments, type) != NULL;
}

static bool is_numeric(const struct moving *m)
{
    return m->signs && m->codec->plain != render_codec_find(render_moments, "interval")->plain &&
           m->codec->plain != render_codec_find(render_moments, "time")->plain;
}

static int digits_of(const char *text)
{
    const char *point = strchr(text, '.'), *exponent = strpbrk(text, "eE");
    int digits = point == NULL ? 0 : (int)strspn(point + 1, "0123456789");
    digits -= exponent == NULL ? 0 : (int)strtol(exponent + 1, NULL, 10);
    return digits < 0 ? 0 : digits;
}

/* No outlier decides how finely all others are counted. */
static bool is_usual(const char *text)
{
    enum { WHOLE = 24, BEHIND = 12 };
    const char *exponent = strpbrk(text, "eE");
    int shift = exponent == NULL ? 0 : (int)strtol(exponent + 1, NULL, 10);
    size_t whole = strspn(text + (*text == '-'), "0123456789");
    return (int)whole + shift <= WHOLE && digits_of(text) <= BEHIND;
}

static void choose_codec(struct moving *m, struct arena *arena, enum sql_lexis lexis, const char *type,
                         const char *const *texts, size_t count)
{
    struct catalogue_column column = {
        .name = "", .base_type = type, .max_length = -1, .precision = -1, .scale = -1};
    struct catalogue_table table = {.name = "", .lexis = lexis};
    const char **bounds = arena_alloc(arena, (count + 1) * sizeof *bounds);
    size_t usual = 0;
    bool decimal = strcmp(type, "numeric") == 0 || strcmp(type, "decimal") == 0;
    for (size_t i = 0; i < count; i++)
        if (!decimal || is_usual(texts[i]))
            bounds[usual++] = texts[i];
    struct profile_column statistics = {.bounds = bounds, .bound_count = usual};
    struct render_ask ask = {
        .arena = arena, .table = &table, .column = &column, .statistics = &statistics, .type = type};
    m->codec = render_codec_find(render_numbers, type);
    m->moments = m->codec == NULL;
    if (m->moments)
        m->codec = render_codec_find(render_moments, type);
    m->days = m->moments && strcmp(type, "date") == 0;
    m->signs = !m->moments || strstr(type, "interval") != NULL || strcmp(type, "time") == 0;
    m->ordinal = arena_alloc(arena, sizeof *m->ordinal);
    m->ordinal->codec = m->codec;
    m->ordinal->finest = 1;
    if (m->codec->learn != NULL)
        m->codec->learn(m->ordinal, &ask);
}

static wide floor_rest(wide value, wide unit)
{
    wide rest = value % unit;
    return rest < 0 ? rest + unit : rest;
}

/* Round steps, ascending: 0 behind the last. */
static wide step_at(const struct moving *m, int i)
{
    static const int64_t day = INT64_C(86400000000),
                         moments[] = {1,         10,         100,         1000,        10000,
                                      100000,    1000000,    10000000,    60000000,    300000000,
                                      900000000, 3600000000, 86400000000, 604800000000};
    static const int64_t parts[] = {1, 2, 5};
    if (m->days)
        return i == 0 ? 1 : i == 1 ? 7 : 0;
    if (m->moments)
        return i < (int)(sizeof moments / sizeof *moments) ? moments[i] : i == 14 ? day * 7 * 4 : 0;
    wide step = parts[i % 3];
    for (int power = i / 3; power > 0; power--)
        step *= 10;
    return i < 90 ? step : 0;
}

/* The greatest round step below limit, or the finest. */
static wide smaller(const struct moving *m, wide limit)
{
    wide best = m->ordinal->finest;
    for (int i = 0; step_at(m, i) > 0 && step_at(m, i) < limit; i++)
        if (step_at(m, i) > best && step_at(m, i) % m->ordinal->finest == 0)
            best = step_at(m, i);
    return best;
}

/* Round, and a divisor of all differences. */
static wide granule(const struct moving *m, const wide *values, size_t count)
{
    wide best = m->ordinal->finest;
    if (count < EVIDENCE || m->ordinal->grid)
        return best;
    wide step = render_step(values, count);
    for (int i = 0; step_at(m, i) > 0 && step_at(m, i) <= step; i++)
        if (step % step_at(m, i) == 0 && step_at(m, i) > best && step_at(m, i) % best == 0)
            best = step_at(m, i);
    return best;
}

static wide power_of_ten(int power)
{
    wide value = 1;
    for (; power > 0 && power < 37; power--)
        value *= 10;
    return value;
}

/* Numbers of fewer digits than others stay such: whole ones whole, and round ones round, as they are stored in fewer bytes. */
static wide own_unit(const struct moving *m, const struct number *number)
{
    if (!is_numeric(m) || m->ordinal->grid || number->own >= m->ordinal->scale)
        return 1;
    return power_of_ten(m->ordinal->scale - number->own);
}

static int own_digits(const struct moving *m, const char *text, wide at)
{
    enum { GROUP = 4 };
    int digits = digits_of(text), scale = m->ordinal->scale;
    if (!is_numeric(m) || m->ordinal->grid || scale == 0 || at == 0)
        return digits;
    if (at % power_of_ten(scale + GROUP) == 0)
        return -GROUP;
    for (digits = scale; digits > 0 && at % 10 == 0; digits--)
        at /= 10;
    return digits;
}

static int compare_numbers(const void *left, const void *right)
{
    const struct number *a = left, *b = right;
    return a->at < b->at ? -1 : a->at > b->at;
}

static int compare_points(const void *left, const void *right)
{
    const struct point *a = left, *b = right;
    return a->at < b->at ? -1 : a->at > b->at;
}

/* It is none if it is only too small to be counted. */
static bool is_zero(const struct moving *m, const char *text)
{
    return !is_numeric(m) || strcspn(text, "123456789") >= strcspn(text, "eE");
}

/* What is known goes to the front, in order. */
static size_t read_numbers(const struct moving *m, const char *const *texts, size_t count,
                           struct number *numbers)
{
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        struct number number = {.text = i, .digits = digits_of(texts[i])};
        if (m->codec->read(m->ordinal, texts[i], &number.at) && (number.at != 0 || is_zero(m, texts[i]))) {
            number.own = own_digits(m, texts[i], number.at);
            numbers[known++] = number;
        }
    }
    if (known > 0)
        qsort(numbers, known, sizeof *numbers, compare_numbers);
    return known;
}

/* A neighbour for whoever has none, and zero between the signs. */
static void add_fixed(struct moving *m)
{
    size_t last = m->count - 1;
    struct point extra = {.unit = 1, .fixed = true};
    bool lone = m->count == 1;
    if (m->signs && m->points[0].at <= 0 && m->points[last].at >= 0 && !lone)
        lone = m->points[0].at < 0 && m->points[last].at > 0;
    else if (!lone)
        return;
    if (!m->signs)
        extra.at = m->points[0].at - (m->days ? 1 : (wide)86400 * 1000000) * LONE_DAYS;
    for (size_t i = 0; i < m->count; i++)
        lone &= m->points[i].at != extra.at;
    if (!lone)
        return;
    m->points[m->count++] = extra;
    for (size_t i = m->count - 1; i > 0 && compare_points(&m->points[i - 1], &m->points[i]) > 0; i--) {
        struct point swapped = m->points[i];
        m->points[i] = m->points[i - 1];
        m->points[i - 1] = swapped;
    }
}

static void make_points(struct moving *m, struct arena *arena, const struct number *numbers, size_t count)
{
    wide *values = arena_alloc(arena, (count + 1) * sizeof *values);
    m->points = arena_alloc(arena, (count + 2) * sizeof *m->points);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || numbers[i].at != numbers[i - 1].at) {
            values[m->count] = numbers[i].at;
            m->points[m->count++] = (struct point){
                .at = numbers[i].at, .unit = 1, .fixed = m->signs && numbers[i].at == 0};
        }
        struct point *point = &m->points[m->count - 1];
        wide unit = own_unit(m, &numbers[i]);
        point->unit = unit > point->unit ? unit : point->unit;
    }
    wide common = granule(m, values, m->count);
    for (size_t i = 0; i < m->count; i++)
        if (common > m->points[i].unit)
            m->points[i].unit = common;
    if (m->count > 0)
        add_fixed(m);
}

static uwide nearest(const struct moving *m, size_t i)
{
    uwide left = i > 0 ? (uwide)m->points[i].at - (uwide)m->points[i - 1].at : 0;
    uwide right = i + 1 < m->count ? (uwide)m->points[i + 1].at - (uwide)m->points[i].at : 0;
    return left == 0 || (right != 0 && right < left) ? right : left;
}

/* Within the cell; the outermost into the next cell inwards. False: there is none but its own place. */
static bool move_in_cell(const struct moving *m, size_t i)
{
    struct point *point = &m->points[i];
    bool first = i == 0, last = i + 1 == m->count;
    uwide gap = nearest(m, i);
    while (gap < 2 * (uwide)point->unit && point->unit > m->ordinal->finest)
        point->unit = smaller(m, point->unit);
    uwide places = gap / (uwide)point->unit / (first || last ? 4 : 2);
    if (places < 2)
        return false;
    wide cell = 1;
    while ((uwide)cell <= places / 2)
        cell *= 2;
    wide phase = floor_rest(point->at, point->unit), own = (point->at - phase) / point->unit;
    wide start = own - floor_rest(own, cell) + (first ? cell : last ? -cell : 0);
    wide drawn = (wide)(rng_hash(m->stream, 3, i) & INT64_MAX) << 60 | (wide)(rng_hash(m->stream, 4, i) >> 4);
    wide to = start + drawn % cell;
    if (to == own)
        to = start + (drawn + 1) % cell;
    point->to = to * point->unit + phase;
    return true;
}

/* The next place above or below, where it is free. */
static void move_a_step(const struct moving *m, size_t i)
{
    struct point *point = &m->points[i];
    wide above = point->at + point->unit, below = point->at - point->unit;
    const struct point *next = i + 1 < m->count ? point + 1 : NULL, *before = i > 0 ? point - 1 : NULL;
    if (next != NULL && above < next->at && above < next->to)
        point->to = above;
    else if (before != NULL && below > before->at && below > before->to)
        point->to = below;
}

static void move_all(struct moving *m, struct arena *arena)
{
    bool *moved = arena_alloc(arena, m->count + 1);
    for (size_t i = 0; i < m->count; i++) {
        m->points[i].to = m->points[i].at;
        moved[i] = m->points[i].fixed || m->count == 1 || move_in_cell(m, i);
    }
    for (size_t i = m->count; i-- > 0;)
        if (!moved[i])
            move_a_step(m, i);
}

/* As a server writes it: no zeros at the end of a second's fraction. */
static void cut_fraction(struct buf *text)
{
    char *point = text->length > 0 ? strchr(text->data, '.') : NULL;
    if (point == NULL)
        return;
    char *end = point + 1 + strspn(point + 1, "0123456789"), *kept = end;
    while (kept > point && (kept[-1] == '0' || kept[-1] == '.'))
        if (*--kept == '.')
            break;
    memmove(kept, end, strlen(end) + 1);
    text->length = strlen(text->data);
}

static void put_part(struct buf *out, long long number, const char *unit, bool *negative)
{
    if (number == 0)
        return;
    buf_printf(out, "%s%s%lld %s%s", out->length > 0 ? " " : "", *negative && number > 0 ? "+" : "", number,
               unit, number == 1 ? "" : "s");
    *negative = number < 0;
}

/* "14 mons 1 days 00:00:00" as "1 year 2 mons 1 day". */
static void tidy_interval(struct buf *text)
{
    char *at = text->data, *end;
    struct buf tidy = {0};
    bool negative = false;
    for (;;) {
        long long number = strtoll(at, &end, 10);
        if (end == at || *end != ' ')
            break;
        bool months = end[1] == 'm';
        put_part(&tidy, months ? number / 12 : number, months ? "year" : "day", &negative);
        if (months)
            put_part(&tidy, number % 12, "mon", &negative);
        at = end + 1 + strcspn(end + 1, " ");
        at += strspn(at, " ");
    }
    if (tidy.length == 0 || strspn(at, "-0:.") != strlen(at))
        buf_printf(&tidy, "%s%s%s", tidy.length > 0 ? " " : "", negative && *at != '-' ? "+" : "", at);
    buf_clear(text);
    buf_puts(text, buf_text(&tidy));
    buf_free(&tidy);
}

/* The shortest decimal that reads back as the same number. */
static void shorten(const struct moving *m, struct buf *text)
{
    double number = strtod(buf_text(text), NULL);
    bool narrow = m->codec->bytes == 4;
    for (int digits = narrow ? 6 : 15; digits <= (narrow ? 9 : 17); digits++) {
        buf_clear(text);
        buf_printf(text, "%.*g", digits, number);
        const char *at = buf_text(text);
        if (narrow ? strtof(at, NULL) == (float)number : strtod(at, NULL) == number)
            break;
    }
}

/* Behind the point, no more than are needed and the source has. */
static void cut_digits(const struct moving *m, const struct number *number, struct buf *text)
{
    int surplus = m->ordinal->scale - number->digits;
    while (surplus-- > 0 && text->length > 1 && text->data[text->length - 1] == '0')
        text->data[--text->length] = '\0';
    if (text->length > 0 && text->data[text->length - 1] == '.')
        text->data[--text->length] = '\0';
}

static const char *written(const struct moving *m, struct arena *arena, const struct number *number, wide to)
{
    struct buf text = {0};
    m->codec->plain(m->ordinal, to, &text);
    if (m->ordinal->grid)
        shorten(m, &text);
    else if (is_numeric(m) && m->ordinal->scale > 0)
        cut_digits(m, number, &text);
    else if (m->codec->plain == render_codec_find(render_moments, "interval")->plain)
        cut_fraction(&text), tidy_interval(&text);
    else if (m->moments)
        cut_fraction(&text);
    const char *kept = arena_strdup(arena, buf_text(&text));
    buf_free(&text);
    return kept;
}

static bool is_special(const char *text)
{
    static const char *const specials[] = {"NaN", "Infinity", "-Infinity", "infinity", "-infinity"};
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
        if (strcmp(specials[i], text) == 0)
            return true;
    return false;
}

void redact_numbers(struct arena *arena, enum sql_lexis lexis, const char *type, uint64_t stream,
                    const char *const *texts, size_t count, const char **surrogates)
{
    struct moving m = {.stream = stream};
    choose_codec(&m, arena, lexis, type, texts, count);
    struct number *numbers = arena_alloc(arena, (count + 1) * sizeof *numbers);
    size_t known = read_numbers(&m, texts, count, numbers);
    make_points(&m, arena, numbers, known);
    move_all(&m, arena);
    for (size_t i = 0; i < count; i++)
        surrogates[i] = is_special(texts[i]) ? texts[i] : NULL;
    for (size_t i = 0; i < known; i++) {
        struct point key = {.at = numbers[i].at};
        const struct point *point = bsearch(&key, m.points, m.count, sizeof key, compare_points);
        const char **surrogate = &surrogates[numbers[i].text];
        *surrogate = point->to == point->at ? texts[numbers[i].text]
                                            : written(&m, arena, &numbers[i], point->to);
    }
}
