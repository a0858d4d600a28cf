#include "reports/html.h"

#include "bench/base/hash.h"
#include "reports/page.h"
#include "reports/render.h"
#include "reports/view.h"
#include "reports/words.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* The page stays below 2 MB, but for what every strategy must say: rows that only repeat result.json end before. */
enum { ROWS_MAX_BYTES = 1400 << 10 };

static void escape(struct buf *out, const char *text, bool attribute)
{
    for (; text != NULL && *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '&')
            buf_puts(out, "&amp;");
        else if (c == '<')
            buf_puts(out, "&lt;");
        else if (c == '>')
            buf_puts(out, "&gt;");
        else if (c == '"' && attribute)
            buf_puts(out, "&quot;");
        else if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f)
            buf_putc(out, ' ');
        else
            buf_putc(out, (char)c);
    }
}

void html_text(struct buf *out, const char *text)
{
    escape(out, text, false);
}

void html_attr(struct buf *out, const char *text)
{
    escape(out, text, true);
}

void html_class(struct buf *out, const char *word)
{
    for (; word != NULL && *word != '\0'; word++)
        if (isalnum((unsigned char)*word) || *word == '-')
            buf_putc(out, *word);
}

bool html_is_full(const struct html_page *page)
{
    return page->out->length - page->start > ROWS_MAX_BYTES;
}

void html_left_out(struct buf *out, size_t count)
{
    if (count > 0)
        buf_printf(out, "<p class=\"note\">%zu more %s in result.json.</p>\n", count,
                   words_plural((int64_t)count, "is", "are"));
}

void html_code(struct buf *out, const char *text)
{
    buf_puts(out, "<code>");
    html_text(out, text);
    buf_puts(out, "</code>");
}

const char *html_start(struct html_page *page, const char *text, size_t max_bytes)
{
    size_t length = text == NULL ? 0 : strlen(text);
    if (length <= max_bytes)
        return text;
    for (length = max_bytes; length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80;)
        length--; /* not inside a character */
    return arena_printf(page->arena, "%.*s …", (int)length, text);
}

void html_code_start(struct html_page *page, const char *text, size_t max_bytes)
{
    html_code(page->out, html_start(page, text, max_bytes));
}

void html_section(struct buf *out, const char *id, const char *title, const char *note)
{
    buf_printf(out, "<section id=\"%s\"><h2>", id);
    html_text(out, title);
    buf_puts(out, "</h2>\n");
    if (note != NULL) {
        buf_puts(out, "<p class=\"note\">");
        html_text(out, note);
        buf_puts(out, "</p>\n");
    }
}

void html_pill(struct buf *out, const char *state, const char *text)
{
    buf_puts(out, "<span class=\"pill ");
    html_class(out, state);
    buf_puts(out, "\">");
    html_text(out, text);
    buf_puts(out, "</span> ");
}

void html_cell(struct buf *out, const char *class, const char *text)
{
    buf_printf(out, class[0] ? "<td class=\"%s\">" : "<td>", class);
    html_text(out, text);
    buf_puts(out, "</td>");
}

void html_bar(struct buf *out, double share, const char *state)
{
    enum { WIDTH = 72 };
    if (isnan(share))
        return;
    double width = share > 1 ? WIDTH : share < 0.03 ? 2 : share * WIDTH;
    static const char *const colours[][2] = {{"pass", "#166b3a"}, {"fail", "#b42318"}, {"warn", "#8a5300"}};
    const char *colour = colours[0][1];
    for (size_t i = 0; i < 3; i++)
        if (view_is(state, colours[i][0]))
            colour = colours[i][1];
    buf_printf(out,
               "<svg width=\"%d\" height=\"14\" viewBox=\"0 0 %d 14\" role=\"img\" aria-label=\"%.0f %% of "
               "the limit\">"
               "<rect class=\"bar\" y=\"4\" width=\"%d\" height=\"6\" rx=\"3\" fill=\"#dfe3ea\"/>"
               "<rect class=\"bar-",
               WIDTH, WIDTH, 100 * share, WIDTH);
    html_class(out, state);
    buf_printf(out, "\" y=\"4\" width=\"%.0f\" height=\"6\" rx=\"3\" fill=\"%s\"/></svg>", width, colour);
}

/* The page's frame. */

static void head(struct html_page *page)
{
    struct buf *out = page->out;
    char digest[64];
    hash_sha256_base64(page_css, strlen(page_css), digest);
    buf_puts(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    buf_printf(out,
               "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
               "'sha256-%s'\">\n<title>",
               digest);
    html_text(out, page->record->run.name);
    buf_puts(out, ": ");
    html_text(out, words_verdict(page->record->verdict.state));
    buf_puts(out, "</title>\n<style>");
    buf_puts(out, page_css);
    buf_puts(out, "</style>\n</head>\n<body>\n");
}

static void fact(struct buf *out, const char *before, const char *bold, const char *after)
{
    buf_puts(out, "<span>");
    html_text(out, before);
    buf_puts(out, "<b>");
    html_text(out, bold);
    buf_puts(out, "</b>");
    html_text(out, after);
    buf_puts(out, "</span>\n");
}

static void heading(struct html_page *page)
{
    const struct record *record = page->record;
    struct buf *out = page->out;
    char text[WORDS_SIZE];
    buf_puts(out, "<header><p class=\"kicker\">Migration rehearsal</p>\n<h1>");
    const char *name = record->run.name, *title = record->run.title;
    bool named = title != NULL && title[0] != '\0' &&
                 (name == NULL ||
                  strncmp(title, name, strlen(name)) == 0); /* the title says the name already */
    html_text(out, named ? title : name);
    if (!named && title != NULL && title[0] != '\0') {
        buf_puts(out, ": ");
        html_text(out, title);
    }
    buf_puts(out, "</h1>\n<p class=\"facts\">");
    if (record->environment.server.engine != NULL)
        fact(out, "",
             words_server(record->environment.server.engine, record->environment.server.version, text,
                          sizeof text),
             "");
    const int64_t rows = view_rows(record);
    if (rows > 0)
        fact(out, "", words_count(rows, text, sizeof text), words_plural(rows, " row", " rows"));
    if (isnan(record->load.rate_per_s) && record->load.arrival != NULL)
        fact(out, "", "closed loop", "");
    else if (!isnan(record->load.rate_per_s))
        fact(out, "", words_value(record->load.rate_per_s, "count", text, sizeof text),
             " requests/s, open loop");
    if (page->chosen != NULL)
        fact(out, "strategy ", page->chosen->name, "");
    char when[32] = "";
    if (record->run.started_at != NULL && strlen(record->run.started_at) >= 16)
        snprintf(when, sizeof when, "%.10s %.5s UTC, ", record->run.started_at, record->run.started_at + 11);
    if (!isnan(record->run.duration_s))
        fact(out, when, words_seconds(record->run.duration_s, text, sizeof text), "");
    if (record->run.id != NULL)
        fact(out, "run ", record->run.id, "");
    buf_puts(out, "</p></header>\n");
}

static void navigation(struct html_page *page)
{
    static const char *const places[][3] = {
        {"verdict", "Verdict", NULL},        {"timeline", "Timeline", "ran"},
        {"strategies", "Strategies", "ran"}, {"phases", "Phases", "ran"},
        {"locks", "Locks", "ran"},           {"latency", "Latency", "ran"},
        {"server", "Server", "ran"},         {"validation", "Validation", "ran"},
        {"environment", "Environment", NULL}};
    buf_puts(page->out, "<nav aria-label=\"Sections\"><div>");
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (page->chosen != NULL || !places[i][2])
            buf_printf(page->out, "<a href=\"#%s\">%s</a>\n", places[i][0], places[i][1]);
    buf_puts(page->out, "</div></nav>\n<main>\n");
}

/* The strategies that are not shown in full: why they did as they did. */
static void other(struct html_page *page, const struct record_strategy *strategy, size_t number)
{
    char id[32];
    struct buf *out = page->out;
    snprintf(id, sizeof id, "strategy-%zu", number);
    html_section(out, id, strategy->name, NULL);
    buf_puts(out, "<p>");
    html_pill(out, strategy->verdict.state, words_verdict(strategy->verdict.state));
    html_text(out, strategy->verdict.sentence);
    buf_puts(out, "</p>\n");
    if (html_is_full(page)) {
        buf_puts(out, "<p class=\"note\">The rest is in result.json.</p></section>\n");
        return;
    }
    html_timeline(page, strategy);
    html_locks(page, strategy);
    buf_puts(out, "<details><summary>Phases and latency</summary>\n");
    html_phases(page, strategy);
    html_latency(page, strategy);
    buf_puts(out, "</details></section>\n");
}

static void chosen_sections(struct html_page *page)
{
    struct buf *out = page->out;
    html_section(out, "timeline", "Timeline",
                 "Latency is counted from the moment a request was due, so a blocked database cannot hide "
                 "requests that were "
                 "never sent. Bins of 1 s, and of 100 ms around every statement of the migration.");
    html_timeline(page, page->chosen);
    buf_puts(out, "</section>\n");
    html_strategies(page);
    html_section(out, "phases", "Phases",
                 "What ran in each phase, the strongest lock it took, and what the application felt.");
    html_phases(page, page->chosen);
    buf_puts(out, "</section>\n");
    html_section(
        out, "locks", "Locks and who waited",
        "Blocking events joined from the server's locks, probes and the application's own latencies.");
    html_locks(page, page->chosen);
    buf_puts(out, "</section>\n");
    html_section(out, "latency", "Latency in depth", NULL);
    html_latency(page, page->chosen);
    buf_puts(out, "</section>\n");
    html_section(out, "server", "Server while migrating", NULL);
    html_server(page, page->chosen);
    buf_puts(out, "</section>\n");
}

void html_render(const struct record *record, struct buf *out)
{
    struct arena arena = {0};
    struct html_page page = {out, out->length, &arena, record, view_decisive(record)};
    head(&page);
    heading(&page);
    navigation(&page);
    html_verdict(&page);
    if (page.chosen != NULL)
        chosen_sections(&page);
    for (size_t i = 0; i < record->strategies.count; i++)
        if (&record->strategies.items[i] != page.chosen)
            other(&page, &record->strategies.items[i], i);
    if (page.chosen != NULL)
        html_validation(&page);
    html_environment(&page);
    buf_puts(out, "</main>\n<footer>rehearse ");
    html_text(out, record->tool.version);
    buf_puts(out, record->tool.build == NULL ? "" : " (");
    html_text(out, record->tool.build);
    buf_printf(out,
               "%s, result schema %d. This page is one file and makes no network request.</footer>\n"
               "</body>\n</html>\n",
               record->tool.build == NULL ? "" : ")", RECORD_SCHEMA_VERSION);
    arena_free(&arena);
}
