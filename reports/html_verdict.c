/* html_verdict: the first screen: verdict, one sentence, six numbers, the limits. */
#include "reports/html.h"
#include "reports/metrics.h"
#include "reports/view.h"
#include "reports/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LINES_SHOWN = 12 };

static bool concerns(const struct html_page *page, const struct record_threshold *threshold)
{
    return page->chosen == NULL || threshold->strategy == NULL ||
           view_is(threshold->strategy, page->chosen->name);
}

static struct metric_value measure(const struct html_page *page, const char *metric)
{
    struct metric_scope scope = {.record = page->record, .strategy = page->chosen};
    return metric_measure(metric_find(metric), &scope);
}

static void number(struct html_page *page, const char *title, const char *value, const char *below)
{
    buf_puts(page->out, "<div><small>");
    html_text(page->out, title);
    buf_puts(page->out, "</small> <b>");
    html_text(page->out, value);
    buf_puts(page->out, "</b> <small>");
    html_text(page->out, below);
    buf_puts(page->out, "</small></div>\n");
}

static void metric_number(struct html_page *page, const char *title, const char *metric,
                          const char *else_below)
{
    struct metric_value found = measure(page, metric);
    char value[WORDS_SIZE], below[WORDS_SIZE + 64];
    words_value(found.value, metric_find(metric)->unit, value, sizeof value);
    if (found.phase != NULL)
        snprintf(below, sizeof below, "in %s", found.phase);
    else
        snprintf(below, sizeof below, "%s", else_below);
    number(page, title, value, below);
}

static void six_numbers(struct html_page *page)
{
    const struct record_totals *totals = &page->chosen->totals;
    const struct record_rollback *rollback = &page->chosen->rollback;
    char value[WORDS_SIZE], text[WORDS_SIZE], below[2 * WORDS_SIZE + 32];
    buf_puts(page->out, "<div class=\"six\">\n");
    metric_number(page, "Longest app stall", "app.stall_max", "");
    snprintf(below, sizeof below, "of %s %s", words_count(totals->requests, text, sizeof text),
             words_plural(totals->requests, "request", "requests"));
    number(page, "Failed requests", words_count(totals->failed, value, sizeof value), below);
    metric_number(page, "p99, worst phase", "app.latency.p99", "");
    metric_number(page, "Exclusive lock held", "lock.exclusive_held_max", "none was taken");
    snprintf(below, sizeof below, "wrote %s of log", words_bytes(totals->wal_bytes, text, sizeof text));
    number(page, "Migration took", words_seconds(totals->duration_s, value, sizeof value), below);
    if (rollback->rehearsed)
        number(page, "Rollback rehearsed", words_seconds(rollback->duration_s, value, sizeof value),
               rollback->schema_identical ? "schema identical after" : "schema differs after");
    else
        number(page, "Rollback", "none", "no way back was rehearsed");
    buf_puts(page->out, "</div>\n");
}

static void warning(struct html_page *page, const char *before, const char *text)
{
    buf_puts(page->out, "<p>! ");
    html_text(page->out, before);
    html_text(page->out, text);
    buf_puts(page->out, "</p>\n");
}

/* Up to LINES_SHOWN of a list, each behind the same words. */
static void warning_list(struct html_page *page, const char *before, const record_strings *list)
{
    size_t shown = list->count < LINES_SHOWN ? list->count : LINES_SHOWN;
    for (size_t i = 0; i < shown; i++)
        warning(page, before, list->items[i]);
    html_left_out(page->out, list->count - shown);
}

static bool has_warnings(const struct html_page *page)
{
    const struct record *record = page->record;
    size_t count = record->validity.reasons.count + (page->chosen != NULL ? page->chosen->notes.count : 0);
    for (size_t i = 0; i < record->strategies.count; i++)
        count += record->strategies.items[i].leftovers.count;
    return count > 0;
}

static void warnings(struct html_page *page)
{
    const struct record *record = page->record;
    if (!has_warnings(page))
        return;
    buf_puts(page->out, "<div class=\"box\">");
    warning_list(page, "", &record->validity.reasons);
    if (page->chosen != NULL)
        warning_list(page, "", &page->chosen->notes);
    for (size_t i = 0; i < record->strategies.count; i++) {
        const struct record_strategy *strategy = &record->strategies.items[i];
        const char *name = strategy->name != NULL ? strategy->name : "";
        warning_list(page, arena_printf(page->arena, "left behind by %s: ", name), &strategy->leftovers);
    }
    buf_puts(page->out, "</div>\n");
}

static void threshold_row(struct html_page *page, const struct record_threshold *threshold)
{
    struct buf *out = page->out;
    char text[WORDS_SIZE], selector[2 * WORDS_SIZE];
    buf_puts(out, "<tr><td><span class=\"is-");
    html_class(out, threshold->state);
    buf_printf(out, "\">%s</span> ", words_symbol(threshold->state));
    html_text(out, words_title(threshold));
    if (words_selector(threshold, selector, sizeof selector)[0] != '\0') {
        buf_puts(out, "<br><span class=\"sub\">");
        html_text(out, selector);
        buf_puts(out, "</span>");
    }
    buf_puts(out, "</td>");
    html_cell(out, "n", threshold->limit);
    html_cell(out, "r",
              isnan(threshold->measured) ? "not measured" : words_measured(threshold, text, sizeof text));
    buf_puts(out, "<td>");
    html_bar(out, threshold->used_ratio, threshold->state);
    buf_puts(out, "</td>");
    html_cell(out, "", threshold->phase);
    buf_puts(out, "</tr>\n");
}

static void threshold_table(struct html_page *page)
{
    const struct record *record = page->record;
    buf_puts(page->out, "<div><h3>Thresholds</h3>\n<table><thead><tr><th>Check</th><th>Limit</th><th "
                        "class=\"r\">Measured</th>"
                        "<th>Used</th><th>Where</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < record->thresholds.count; i++)
        if (concerns(page, &record->thresholds.items[i]))
            threshold_row(page, &record->thresholds.items[i]);
    buf_puts(page->out, "</tbody></table></div>\n");
}

static void clear_pill(struct html_page *page)
{
    const struct record *record = page->record;
    size_t all = 0, clear = 0;
    char text[64];
    for (size_t i = 0; i < record->thresholds.count; i++) {
        if (!concerns(page, &record->thresholds.items[i]))
            continue;
        all++;
        clear += view_is(record->thresholds.items[i].state, "pass");
    }
    snprintf(text, sizeof text, "%zu of %zu %s clear", clear, all,
             words_plural((int64_t)all, "threshold", "thresholds"));
    html_pill(page->out, "info", text);
}

/* The sentence, the strategy's name in it in bold. It begins with "Strategy NAME". */
static void sentence(struct html_page *page)
{
    static const char before[] = "Strategy ";
    const char *text = page->record->verdict.sentence, *name = page->chosen ? page->chosen->name : NULL;
    buf_puts(page->out, "<p class=\"sentence\">");
    if (text != NULL && name != NULL && strncmp(text, before, strlen(before)) == 0 &&
        strncmp(text + strlen(before), name, strlen(name)) == 0) {
        buf_printf(page->out, "%s<b>", before);
        html_text(page->out, name);
        buf_puts(page->out, "</b>");
        text += strlen(before) + strlen(name);
    }
    html_text(page->out, text);
    buf_puts(page->out, "</p>\n");
}

void html_verdict(struct html_page *page)
{
    struct buf *out = page->out;
    const char *state = page->record->verdict.state;
    buf_puts(out, "<section id=\"verdict\" class=\"verdict ");
    html_class(out, state);
    buf_puts(out, "\"><div class=\"split\"><div>\n<p class=\"word ");
    html_class(out, state);
    buf_printf(out, "\">%s %s</p>", words_symbol(state), words_verdict(state));
    if (page->chosen != NULL)
        clear_pill(page);
    sentence(page);
    if (page->chosen != NULL)
        six_numbers(page);
    warnings(page);
    buf_puts(out, "</div>\n");
    if (page->chosen != NULL)
        threshold_table(page);
    buf_puts(out, "</div></section>\n");
}
