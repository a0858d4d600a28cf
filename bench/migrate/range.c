#include "bench/migrate/range.h"

#include "bench/migrate/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* One row of up to two numbers; seen stays false when they are NULL. */
struct numbers {
    int64_t values[2];
    bool seen, wrong; /* wrong: one is no 64-bit integer */
};

/* A key of another type would be misread by a server that makes a number of any text. */
static int64_t integer_of(const char *text, bool *wrong)
{
    char *end;
    errno = 0;
    int64_t value = strtoll(text, &end, 10);
    *wrong = *wrong || errno != 0 || end == text || *end != '\0';
    return value;
}

static void take_numbers(void *context, int result, int columns, const char *const *values)
{
    struct numbers *numbers = context;
    (void)result;
    for (int i = 0; i < columns && i < 2; i++) {
        numbers->seen = values[i] != NULL;
        numbers->values[i] = values[i] == NULL ? 0 : integer_of(values[i], &numbers->wrong);
    }
}

struct db_answer range_find(struct migrator *migrator, const struct step *step, struct range *range)
{
    struct numbers ends = {.seen = false};
    struct buf sql = {0};
    /* PostgreSQL has & for integers only, and refuses a key of another type. */
    buf_printf(&sql, "SELECT min(%s), max(%s), min(%s) & -1 FROM %s", step->key, step->key, step->key,
               step->table);
    struct db_answer answer = session_exec(migrator, buf_text(&sql), session_deadline_ns(migrator),
                                           take_numbers, &ends);
    buf_free(&sql);
    *range = (struct range){.low = 1, .high = 0};
    if (answer.outcome != OUTCOME_OK || !ends.seen)
        return answer;
    if (ends.wrong) {
        answer.outcome = OUTCOME_OTHER;
        strcpy(answer.message, "its lowest or highest value is no 64-bit integer");
        return answer;
    }
    *range = (struct range){.low = ends.values[0], .high = ends.values[1]};
    if (range->low == INT64_MIN) {
        answer.outcome = OUTCOME_OTHER;
        strcpy(answer.message, "the lowest key is the lowest 64-bit integer: no exclusive bound is below it");
    }
    range->lo = range->hi = range->low - (range->low != INT64_MIN);
    return answer;
}

struct db_answer range_next(struct migrator *migrator, const struct step *step, int64_t rows,
                            struct range *range, bool *more)
{
    struct numbers bound = {.seen = false};
    struct buf sql = {0};
    buf_printf(&sql,
               "SELECT max(k) FROM (SELECT %s AS k FROM %s WHERE %s > %" PRId64 " AND %s <= %" PRId64
               " ORDER BY %s LIMIT %" PRId64 ") AS batch",
               step->key, step->table, step->key, range->hi, step->key, range->high, step->key, rows);
    struct db_answer answer = session_exec(migrator, buf_text(&sql), session_deadline_ns(migrator),
                                           take_numbers, &bound);
    buf_free(&sql);
    *more = answer.outcome == OUTCOME_OK && bound.seen;
    if (*more) {
        range->lo = range->hi;
        range->hi = bound.values[0];
    }
    return answer;
}

static bool is_mark(const struct sql_token *token)
{
    return token->kind == SQL_OTHER && token->length == 1 && token->text[0] == ':';
}

/* The bound that a word after a single colon names; NULL when it names none. */
static const int64_t *bound_of(const struct sql_token *word, const struct range *range)
{
    if (sql_is_word(word, "lo"))
        return &range->lo;
    return sql_is_word(word, "hi") ? &range->hi : NULL;
}

void range_statement(enum sql_lexis lexis, const char *sql, const struct range *range, struct buf *out)
{
    struct sql_scan scan = sql_scan(lexis, sql, strlen(sql), 1, 1);
    struct sql_token token = sql_next(&scan), before = {.kind = SQL_END};
    while (token.kind != SQL_END) {
        struct sql_token next = sql_next(&scan);
        const int64_t *bound = is_mark(&token) && !is_mark(&before) && next.kind == SQL_WORD
                                   ? bound_of(&next, range)
                                   : NULL;
        if (bound != NULL) {
            buf_printf(out, "(%" PRId64 ")", *bound);
            before = next;
            token = sql_next(&scan);
            continue;
        }
        buf_add(out, token.text, token.length);
        before = token;
        token = next;
    }
}
