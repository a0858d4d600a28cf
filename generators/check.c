#include "generators/check.h"

#include "bench/db/sql.h"

#include <string.h>

enum { MAX_WORDS = 512 };

struct word {
    enum sql_token_kind kind;
    const char *text; /* folded, unquoted */
};

struct words {
    struct word list[MAX_WORDS];
    size_t count;
    bool plain;  /* no OR, NOT, CASE, no function: a conjunction of comparisons */
    bool simple; /* the same, but for OR and IS NULL */
};

static const char *unquote(struct arena *arena, enum sql_lexis lexis, const struct sql_token *token)
{
    const char *from = memchr(token->text, '\'', token->length);
    if (from == NULL)
        return arena_strndup(arena, token->text, token->length);
    char *text = arena_alloc(arena, token->length + 1);
    size_t length = 0;
    for (const char *at = from + 1; at < token->text + token->length - 1; at++) {
        bool escaped = *at == '\\' && lexis == SQL_MYSQL;
        at += escaped;
        text[length++] = *at;
        at += !escaped && *at == '\'';
    }
    return text;
}

static bool is(const struct word *word, const char *text)
{
    return word->kind != SQL_STRING && strcmp(word->text, text) == 0;
}

static bool is_type_word(const struct sql_token *token)
{
    static const char *const tail[] = {"varying", "precision", "without", "with", "time", "zone"};
    for (size_t i = 0; i < sizeof tail / sizeof *tail; i++)
        if (sql_is_word(token, tail[i]))
            return true;
    return false;
}

static struct sql_token next_solid(struct sql_scan *scan)
{
    struct sql_token token;
    do
        token = sql_next(scan);
    while (token.kind == SQL_SPACE || token.kind == SQL_COMMENT);
    return token;
}

static bool is_char(const struct sql_token *token, char c)
{
    return token->kind == SQL_OTHER && *token->text == c;
}

/* After "::": the type's name, its modifiers and []. Returns the token that follows. */
static struct sql_token skip_type(struct sql_scan *scan)
{
    struct sql_token token = next_solid(scan); /* the name, maybe with a schema */
    for (token = next_solid(scan); is_char(&token, '.'); token = next_solid(scan))
        next_solid(scan);
    for (;;) {
        if (is_char(&token, '(') || is_char(&token, '[')) {
            while (token.kind != SQL_END && !is_char(&token, ')') && !is_char(&token, ']'))
                token = next_solid(scan);
        } else if (!is_type_word(&token)) {
            return token;
        }
        token = next_solid(scan);
    }
}

static bool ends_plainness(const struct sql_token *word)
{
    static const char *const words[] = {"or", "not", "case", "is", "like", "similar", "all"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (sql_is_word(word, words[i]))
            return true;
    return false;
}

static void push(struct arena *arena, enum sql_lexis lexis, struct words *words,
                 const struct sql_token *token)
{
    struct word *word = &words->list[words->count++];
    word->kind = token->kind;
    word->text = token->kind == SQL_STRING ? unquote(arena, lexis, token)
                 : token->kind == SQL_WORD || token->kind == SQL_QUOTED
                     ? sql_fold(arena, lexis, token->text, token->length)
                     : arena_strndup(arena, token->text, token->length);
}

/* The tokens without casts, parentheses and white space. A name right before a parenthesis is a function. */
static void flatten(struct arena *arena, enum sql_lexis lexis, const char *definition, struct words *words)
{
    struct sql_scan scan = sql_scan(lexis, definition, strlen(definition), 1, 1);
    *words = (struct words){.plain = true, .simple = true};
    struct sql_token token = next_solid(&scan); /* CHECK */
    for (token = next_solid(&scan); token.kind != SQL_END && words->count < MAX_WORDS;) {
        const struct word *last = words->count > 0 ? &words->list[words->count - 1] : NULL;
        if (is_char(&token, '(') && last != NULL && (last->kind == SQL_WORD || last->kind == SQL_QUOTED) &&
            !is(last, "any") && !is(last, "and") && !is(last, "in")) {
            words->plain = false;
            words->simple = words->simple && is(last, "or");
        }
        struct sql_token after = next_solid(&scan);
        if (is_char(&token, ':') && is_char(&after, ':')) {
            token = skip_type(&scan);
            continue;
        }
        if (token.kind == SQL_WORD && ends_plainness(&token) &&
            !(sql_is_word(&token, "is") && sql_is_word(&after, "not")) &&
            !(sql_is_word(&token, "not") && sql_is_word(&after, "null"))) {
            words->plain = false;
            words->simple = words->simple && (sql_is_word(&token, "or") || sql_is_word(&token, "is"));
        }
        bool introducer = token.kind == SQL_WORD && *token.text == '_' && after.kind == SQL_STRING;
        if (!introducer && !is_char(&token, '(') && !is_char(&token, ')'))
            push(arena, lexis, words, &token);
        token = after;
    }
}

/* A literal at list[*at], a minus before it too; moves past it. */
static const char *literal(struct arena *arena, const struct word *list, size_t count, size_t *at)
{
    bool minus = *at + 1 < count && is(&list[*at], "-");
    if (minus)
        (*at)++;
    if (*at >= count || (list[*at].kind != SQL_STRING && list[*at].kind != SQL_NUMBER))
        return NULL;
    const char *text = list[(*at)++].text;
    return minus ? arena_printf(arena, "-%s", text) : text;
}

static void read_labels(struct arena *arena, const struct word *list, size_t at, size_t count,
                        struct check_bounds *bounds)
{
    size_t labels = 0, capacity = 0;
    const char **found = NULL;
    for (; at < count; at++) {
        const char *label = literal(arena, list, count, &at);
        if (label == NULL)
            break;
        *ARENA_PUSH(arena, found, labels, capacity) = label;
    }
    if (labels > 0) {
        bounds->labels = found;
        bounds->label_count = labels;
    }
}

static void compare(const char *operator, bool equal, const char *value, struct check_bounds *bounds)
{
    if (*operator== '>') {
        bounds->low = value;
        bounds->low_open = !equal;
    } else if (*operator== '<') {
        bounds->high = value;
        bounds->high_open = !equal;
    }
}

static void read_between(struct arena *arena, const struct word *list, size_t count,
                         struct check_bounds *bounds)
{
    size_t at = 2;
    const char *low = literal(arena, list, count, &at);
    if (low == NULL || at >= count || !is(&list[at++], "and"))
        return;
    const char *high = literal(arena, list, count, &at);
    if (high == NULL || at != count)
        return;
    bounds->low = low;
    bounds->high = high;
    bounds->low_open = bounds->high_open = false;
}

static void read_conjunct(struct arena *arena, const struct word *list, size_t count, const char *column,
                          struct check_bounds *bounds)
{
    if (count < 3 || (list[0].kind != SQL_WORD && list[0].kind != SQL_QUOTED) ||
        strcmp(list[0].text, column) != 0)
        return;
    if (count == 4 && is(&list[1], "is") && is(&list[3], "null")) {
        bounds->not_null = true;
        return;
    }
    if (count > 5 && is(&list[1], "=") && is(&list[2], "any") && is(&list[3], "array")) {
        read_labels(arena, list, 5, count, bounds);
        return;
    }
    if (is(&list[1], "in")) {
        read_labels(arena, list, 2, count, bounds);
        return;
    }
    if (is(&list[1], "between")) {
        read_between(arena, list, count, bounds);
        return;
    }
    bool equal = is(&list[2], "=");
    size_t at = equal ? 3 : 2;
    const char *value = literal(arena, list, count, &at);
    if (value == NULL || at != count)
        return;
    if (is(&list[1], "=")) {
        bounds->labels = arena_alloc(arena, sizeof *bounds->labels);
        bounds->labels[0] = value;
        bounds->label_count = 1;
        return;
    }
    compare(list[1].text, equal, value, bounds);
}

/* The AND of BETWEEN ends nothing. */
static size_t conjunct_end(const struct words *words, size_t from)
{
    bool between = from + 1 < words->count && is(&words->list[from + 1], "between");
    size_t to = from;
    for (; to < words->count; to++) {
        if (!is(&words->list[to], "and"))
            continue;
        if (!between)
            break;
        between = false;
    }
    return to;
}

void check_read(struct arena *arena, enum sql_lexis lexis, const char *definition, const char *column,
                struct check_bounds *bounds)
{
    struct words *words = arena_alloc(arena, sizeof *words);
    flatten(arena, lexis, definition, words);
    if (!words->plain)
        return;
    for (size_t from = 0, to = 0; from < words->count; from = to + 1) {
        to = conjunct_end(words, from);
        read_conjunct(arena, words->list + from, to - from, column, bounds);
    }
}

static bool is_name(const struct word *word)
{
    return word->kind == SQL_WORD || word->kind == SQL_QUOTED;
}

/* a < b, a <= b, or the other way round. */
static bool read_order(const struct word *list, size_t count, struct check_order *order)
{
    bool equal = count == 4 && is(&list[2], "=");
    if ((count != 3 && !equal) || !is_name(&list[0]) || !is_name(&list[count - 1]) ||
        (!is(&list[1], "<") && !is(&list[1], ">")))
        return false;
    bool below = is(&list[1], "<");
    *order = (struct check_order){
        .low = list[below ? 0 : count - 1].text, .high = list[below ? count - 1 : 0].text, .strict = !equal};
    return true;
}

/* Up to the next AND or OR. */
static size_t piece_end(const struct words *words, size_t from, bool either)
{
    while (from < words->count && !is(&words->list[from], "or") && (either || !is(&words->list[from], "and")))
        from++;
    return from;
}

/* Without OR, or all alternatives but one say that something is null. */
static bool holds_if_all_hold(const struct words *words)
{
    int others = 0;
    for (size_t from = 0, to = 0; from < words->count; from = to + 1) {
        bool null = false;
        to = piece_end(words, from, true);
        for (size_t i = from; i + 1 < to; i++)
            null |= is(&words->list[i], "is") && is(&words->list[i + 1], "null");
        others += !null;
    }
    return words->simple && words->count < MAX_WORDS && others <= 1;
}

const struct check_order *check_orders(struct arena *arena, enum sql_lexis lexis, const char *definition,
                                       size_t *count)
{
    struct words *words = arena_alloc(arena, sizeof *words);
    struct check_order *list = NULL, order;
    size_t capacity = 0;
    *count = 0;
    flatten(arena, lexis, definition, words);
    bool all = holds_if_all_hold(words);
    for (size_t from = 0, to = 0; all && from < words->count; from = to + 1) {
        to = piece_end(words, from, false);
        if (read_order(words->list + from, to - from, &order))
            *ARENA_PUSH(arena, list, *count, capacity) = order;
    }
    return list;
}
