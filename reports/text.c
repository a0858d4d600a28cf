#include "reports/render.h"
#include "reports/view.h"
#include "reports/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LOG_WIDTH = 13 }; /* the column of log bytes */

/* Colour repeats what symbol and word say. */
static const struct {
    const char *state, *start;
} colours[] = {
    {"pass", "\033[32m"},  {"warn", "\033[33m"},    {"skipped", "\033[33m"}, {"fail", "\033[31m"},
    {"error", "\033[31m"}, {"invalid", "\033[35m"}, {"aborted", "\033[35m"},
};

struct page {
    struct buf *out;
    bool colour;
};

/* Text of servers and files reaches a terminal without its control characters. */
static void put_safe(struct page *page, const char *text)
{
    for (const char *c = text == NULL ? "" : text; *c != '\0'; c++) {
        const unsigned char byte = (unsigned char)*c, next = (unsigned char)c[1];
        if (byte == 0xC2 && next >= 0x80 && next < 0xA0) {
            buf_putc(page->out, '?');
            c++;
        } else {
            buf_putc(page->out, byte < 0x20 || byte == 0x7F ? '?' : *c);
        }
    }
}

static size_t width_of(const char *text)
{
    size_t width = 0;
    for (const char *c = text == NULL ? "" : text; *c != '\0'; c++)
        width += ((unsigned char)*c & 0xC0) != 0x80;
    return width;
}

static void put_padded(struct page *page, const char *text, size_t width, char fill)
{
    put_safe(page, text);
    for (size_t have = width_of(text); have < width; have++)
        buf_putc(page->out, fill);
}

static void put_right(struct page *page, const char *text, size_t width)
{
    for (size_t have = width_of(text); have < width; have++)
        buf_putc(page->out, ' ');
    put_safe(page, text);
}

static void put_coloured(struct page *page, const char *state, const char *text)
{
    const char *start = NULL;
    for (size_t i = 0; page->colour && i < sizeof colours / sizeof colours[0]; i++)
        if (view_is(state, colours[i].state))
            start = colours[i].start;
    buf_puts(page->out, start == NULL ? "" : start);
    put_safe(page, text);
    buf_puts(page->out, start == NULL ? "" : "\033[0m");
}

/* "    ✓ longest application stall ......: 205 ms        < 500 ms     in expand at 2:08" */
static void put_threshold(struct page *page, const struct record_threshold *threshold)
{
    char measured[WORDS_SIZE], clock[WORDS_SIZE], selector[2 * WORDS_SIZE], title[4 * WORDS_SIZE];
    buf_puts(page->out, "    ");
    put_coloured(page, threshold->state, words_symbol(threshold->state));
    buf_putc(page->out, ' ');
    snprintf(title, sizeof title, "%s%s", words_title(threshold),
             words_selector(threshold, selector, sizeof selector));
    put_padded(page, title, 32, '.');
    buf_puts(page->out, ": ");
    put_padded(page,
               isnan(threshold->measured) ? "not measured"
                                          : words_measured(threshold, measured, sizeof measured),
               13, ' ');
    if (view_is(threshold->level, "warn"))
        buf_puts(page->out, "warn ");
    put_padded(page, threshold->limit == NULL ? "" : threshold->limit,
               threshold->phase != NULL ? (view_is(threshold->level, "warn") ? 18 : 23) : 0, ' ');
    if (threshold->phase != NULL) {
        buf_puts(page->out, "in ");
        put_safe(page, threshold->phase);
        if (!isnan(threshold->at_s))
            buf_printf(page->out, " at %s", words_clock(threshold->at_s, clock, sizeof clock));
    }
    buf_putc(page->out, '\n');
}

static void put_strategy(struct page *page, const struct record *record,
                         const struct record_strategy *strategy)
{
    buf_puts(page->out, "\n  strategy ");
    put_safe(page, strategy->name);
    buf_puts(page->out, strategy->candidate ? " (candidate): " : ": ");
    put_coloured(page, strategy->verdict.state, words_verdict(strategy->verdict.state));
    buf_putc(page->out, '\n');
    for (size_t i = 0; i < record->thresholds.count; i++)
        if (view_is(record->thresholds.items[i].strategy, strategy->name))
            put_threshold(page, &record->thresholds.items[i]);
    /* The last line of the block is the decisive strategy's; what befell the others is told here. */
    const struct record_strategy *decisive = view_decisive(record);
    if (strategy != decisive && strategy->verdict.sentence != NULL &&
        !view_is(strategy->verdict.state, "pass")) {
        buf_puts(page->out, "    ");
        put_safe(page, strategy->verdict.sentence);
        buf_putc(page->out, '\n');
    }
}

static size_t widest_name(const struct record *record)
{
    size_t widest = sizeof "strategy" - 1;
    for (size_t i = 0; i < record->strategies.count; i++)
        if (width_of(record->strategies.items[i].name) > widest)
            widest = width_of(record->strategies.items[i].name);
    return widest;
}

static void put_row(struct page *page, const struct record *record, const struct record_strategy *strategy,
                    size_t name)
{
    char figure[WORDS_SIZE];
    const struct record_totals *totals = &strategy->totals;
    buf_puts(page->out, "  ");
    put_coloured(page, strategy->verdict.state, words_symbol(strategy->verdict.state));
    buf_putc(page->out, ' ');
    put_padded(page, strategy->name, name, ' ');
    put_right(page, words_us(totals->stall_max_us, figure, sizeof figure), 12);
    put_right(page, words_us(view_worst_p99_us(record, strategy), figure, sizeof figure), 12);
    put_right(page, words_count(totals->failed, figure, sizeof figure), 9);
    put_right(page, words_seconds(totals->duration_s, figure, sizeof figure), 12);
    put_right(page, words_bytes(totals->wal_bytes, figure, sizeof figure), LOG_WIDTH);
    put_right(page,
              words_seconds(strategy->rollback.rehearsed ? strategy->rollback.duration_s : (double)NAN,
                            figure, sizeof figure),
              12);
    buf_puts(page->out, "  ");
    view_sparkline(record, strategy, 24, page->out);
    buf_putc(page->out, '\n');
}

static void put_table(struct page *page, const struct record *record)
{
    const struct {
        const char *head;
        size_t width;
    } columns[] = {{"stall", 12},
                   {"worst p99", 12},
                   {"failed", 9},
                   {"took", 12},
                   {words_log(record->environment.server.engine), LOG_WIDTH},
                   {"rollback", 12}};
    const size_t name = widest_name(record);
    buf_puts(page->out, "\n    ");
    put_padded(page, "strategy", name, ' ');
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        put_right(page, columns[i].head, columns[i].width);
    buf_puts(page->out, "  max latency\n");
    for (size_t i = 0; i < record->strategies.count; i++)
        put_row(page, record, &record->strategies.items[i], name);
}

static void put_head(struct page *page, const struct record *record)
{
    char figure[WORDS_SIZE];
    buf_puts(page->out, "  ");
    put_safe(page, record->run.title != NULL ? record->run.title : record->run.name);
    buf_puts(page->out, "\n  ");
    put_safe(page, words_engine(record->environment.server.engine));
    buf_puts(page->out, " ");
    put_safe(page, record->environment.server.version);
    if (view_rows(record) != RECORD_NONE)
        buf_printf(page->out, ", %s rows", words_count(view_rows(record), figure, sizeof figure));
    if (isnan(record->load.rate_per_s))
        buf_puts(page->out, ", closed loop");
    else
        buf_printf(page->out, ", %s requests/s, open loop",
                   words_count((int64_t)llround(record->load.rate_per_s), figure, sizeof figure));
    if (record->load.sessions != RECORD_NONE)
        buf_printf(page->out, ", %s sessions", words_count(record->load.sessions, figure, sizeof figure));
    buf_putc(page->out, '\n');
}

static void put_warnings(struct page *page, const record_strings *list)
{
    for (size_t i = 0; i < list->count; i++) {
        buf_puts(page->out, "\n  ! ");
        put_safe(page, list->items[i]);
    }
}

static void put_notes(struct page *page, const struct record *record)
{
    const struct record_strategy *decisive = view_decisive(record);
    put_warnings(page, &record->validity.reasons);
    if (decisive != NULL)
        put_warnings(page, &decisive->notes);
    for (size_t i = 0; i < record->strategies.count; i++)
        for (size_t k = 0; k < record->strategies.items[i].leftovers.count; k++) {
            buf_puts(page->out, "\n  left behind by ");
            put_safe(page, record->strategies.items[i].name);
            buf_puts(page->out, ": ");
            put_safe(page, record->strategies.items[i].leftovers.items[k]);
        }
}

void text_render(const struct record *record, bool colour, struct buf *out)
{
    struct page page = {.out = out, .colour = colour};
    put_head(&page, record);
    for (size_t i = 0; i < record->strategies.count; i++)
        put_strategy(&page, record, &record->strategies.items[i]);
    if (record->strategies.count > 0)
        put_table(&page, record);
    put_notes(&page, record);
    buf_puts(out, "\n  ");
    put_coloured(&page, record->verdict.state, words_symbol(record->verdict.state));
    buf_putc(out, ' ');
    put_coloured(&page, record->verdict.state, words_verdict(record->verdict.state));
    buf_puts(out, ": ");
    put_safe(&page, record->verdict.sentence);
    buf_putc(out, '\n');
}
