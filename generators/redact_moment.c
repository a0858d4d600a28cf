#include "bench/base/buf.h"
#include "generators/redact_parts.h"

#include <string.h>

/* Moments that are kept as text, as "2024-02-29" or "2024-02-29T12:34:56.789Z", go on being moments: somebody may cast them. All
 * of a pool have the same form; what follows the seconds stays. */

enum { DAY = 10, SECONDS = 19 };

static bool in_range(const char *text, int from, int to)
{
    int number = (text[0] - '0') * 10 + text[1] - '0';
    return number >= from && number <= to;
}

/* Characters of the moment itself; 0: it is none. */
static size_t moment_length(const char *text)
{
    static const char form[] = "dddd-dd-dd dd:dd:dd";
    size_t length = 0;
    for (; length < SECONDS && text[length] != '\0'; length++) {
        bool digit = text[length] >= '0' && text[length] <= '9';
        bool mark = text[length] == form[length] || (length == DAY && text[length] == 'T');
        if (form[length] == 'd' ? !digit : !mark)
            return 0;
    }
    if ((length != DAY && length != SECONDS) || !in_range(text + 5, 1, 12) || !in_range(text + 8, 1, 28 + 3))
        return 0;
    if (length == DAY)
        return length;
    if (!in_range(text + 11, 0, 23) || !in_range(text + 14, 0, 59) || !in_range(text + 17, 0, 59))
        return 0;
    size_t digits = text[length] == '.' ? strspn(text + length + 1, "0123456789") : 0;
    if (digits > 6)
        return 0;
    length += digits > 0 ? digits + 1 : 0;
    return strspn(text + length, "+-:0123456789Z") == strlen(text + length) ? length : 0;
}

/* With the source's separator, as many digits as it has, and what follows them. */
static const char *written(struct arena *arena, const char *source, size_t length, const char *moment)
{
    struct buf text = {0};
    buf_puts(&text, moment);
    if (length > DAY && text.length > DAY)
        text.data[DAY] = source[DAY];
    while (text.length < length)
        buf_putc(&text, text.length == SECONDS ? '.' : '0');
    buf_puts(&text, source + length);
    const char *kept = arena_strdup(arena, buf_text(&text));
    buf_free(&text);
    return kept;
}

bool redact_moments(struct arena *arena, enum sql_lexis lexis, uint64_t stream, const char *const *texts,
                    size_t count, const char **surrogates)
{
    const char **moments = arena_alloc(arena, (count + 1) * sizeof *moments);
    size_t length = count > 0 ? moment_length(texts[0]) : 0;
    for (size_t i = 0; i < count; i++) {
        if (length == 0 || moment_length(texts[i]) != length)
            return false;
        char *moment = arena_strndup(arena, texts[i], length);
        if (length > DAY)
            moment[DAY] = ' ';
        moments[i] = moment;
    }
    if (count == 0)
        return false;
    redact_numbers(arena, lexis, length > DAY ? "timestamp" : "date", stream, moments, count, surrogates);
    for (size_t i = 0; i < count; i++)
        if (surrogates[i] != NULL)
            surrogates[i] = written(arena, texts[i], length, surrogates[i]);
    return true;
}
