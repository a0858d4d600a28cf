#include "generators/scan_parts.h"

#include "bench/base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct scan_cells scan_cells(struct arena *arena, const struct json *row)
{
    return (struct scan_cells){.arena = arena, .next = row->child, .broken = row->type != JSON_ARRAY};
}

/* NULL for null, and when it is of another type. */
static const struct json *take(struct scan_cells *cells, enum json_type type)
{
    const struct json *cell = cells->next;
    cells->broken |= cell == NULL || (cell->type != type && cell->type != JSON_NULL);
    if (cell == NULL)
        return NULL;
    cells->next = cell->next;
    return cell->type == type ? cell : NULL;
}

const char *scan_text(struct scan_cells *cells)
{
    const struct json *cell = take(cells, JSON_STRING);
    return cell == NULL ? NULL : cell->string;
}

/* Servers write numbers that JSON has no form for as texts: "NaN". */
static double real_of(struct scan_cells *cells, const struct json *cell)
{
    char *end = NULL;
    if (cell->type == JSON_NUMBER)
        return cell->number;
    double number = cell->type == JSON_STRING ? strtod(cell->string, &end) : NAN;
    cells->broken |= cell->type != JSON_NULL && (end == NULL || *end != '\0' || end == cell->string);
    return number;
}

double scan_real(struct scan_cells *cells)
{
    const struct json *cell = cells->next;
    if (cell == NULL) {
        cells->broken = true;
        return NAN;
    }
    cells->next = cell->next;
    return real_of(cells, cell);
}

int64_t scan_integer(struct scan_cells *cells)
{
    double number = scan_real(cells);
    return isnan(number) || fabs(number) > 9e18 ? -1 : (int64_t)number;
}

bool scan_flag(struct scan_cells *cells)
{
    return scan_integer(cells) == 1;
}

const struct json *scan_list(struct scan_cells *cells)
{
    return take(cells, JSON_ARRAY);
}

const char **scan_texts(struct scan_cells *cells, size_t *count)
{
    const struct json *list = scan_list(cells);
    *count = 0;
    if (list == NULL)
        return NULL;
    const char **texts = arena_alloc(cells->arena, (json_size(list) + 1) * sizeof *texts);
    for (const struct json *item = list->child; item != NULL; item = item->next) {
        cells->broken |= item->type != JSON_STRING && item->type != JSON_NULL;
        texts[(*count)++] = item->type == JSON_STRING ? item->string : NULL;
    }
    return texts;
}

double *scan_reals(struct scan_cells *cells, size_t *count)
{
    const struct json *list = scan_list(cells);
    *count = 0;
    if (list == NULL)
        return NULL;
    double *numbers = arena_alloc(cells->arena, (json_size(list) + 1) * sizeof *numbers);
    for (const struct json *item = list->child; item != NULL; item = item->next)
        numbers[(*count)++] = real_of(cells, item);
    return numbers;
}

bool scan_cells_end(const struct scan_cells *cells, const struct scan_input *input, const char *what,
                    struct err *err)
{
    return (!cells->broken && cells->next == NULL) ||
           err_set(err, ERR_ENVIRONMENT, "%s: a row of %s is not of the expected form", input->file, what);
}

static const char *valid(struct arena *arena, const char *text)
{
    size_t length = strlen(text);
    const char *end = text + length;
    if (utf8_is_valid(text, length))
        return text;
    char *made = arena_alloc(arena, length + 1), *to = made;
    while (text < end) {
        size_t bytes = utf8_length(text, end);
        if (bytes == 0)
            *to++ = '?';
        for (size_t i = 0; i < bytes; i++)
            *to++ = text[i];
        text += bytes > 0 ? bytes : 1;
    }
    return made;
}

bool scan_take(struct arena *arena, const char *file, const char *text, struct scan_rows *rows,
               struct err *err)
{
    const struct json *row;
    text = valid(arena, text);
    if (!json_parse(arena, file, text, strlen(text), JSON_STRICT, &row, err))
        return false;
    *ARENA_PUSH(arena, rows->items, rows->count, rows->capacity) = row;
    return true;
}
