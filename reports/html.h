/* html: pieces shared by the sections of the page. All text of others goes through html_text or html_attr.
 *
 * A section is one file html_NAME.c with one function html_NAME(page). */
#ifndef REHEARSE_REPORTS_HTML_H
#define REHEARSE_REPORTS_HTML_H

#include "bench/base/arena.h"
#include "reports/record.h"

struct html_page {
    struct buf *out;
    size_t start; /* where the page begins in out */
    struct arena *arena;
    const struct record *record;
    const struct record_strategy
        *chosen; /* the candidate, else the worst: shown in full; NULL when none ran */
};

void html_text(struct buf *out,
               const char *text); /* escapes; control characters become spaces; NULL is nothing */
void html_attr(struct buf *out, const char *text);  /* for a double-quoted attribute */
void html_class(struct buf *out, const char *word); /* letters, digits and '-' of it, for a class name */
void html_code(struct buf *out, const char *text);  /* <code>…</code> */
/* At most max_bytes of a text, and "…" where it was cut: itself, or a copy in the page's arena. */
const char *html_start(struct html_page *page, const char *text, size_t max_bytes);
void html_code_start(struct html_page *page, const char *text, size_t max_bytes);
bool html_is_full(const struct html_page *page); /* no room for more rows that result.json has as well */
/* Opens a card; note may be NULL. Close with "</section>". */
void html_section(struct buf *out, const char *id, const char *title, const char *note);
void html_pill(struct buf *out, const char *state, const char *text);
void html_cell(struct buf *out, const char *class, const char *text); /* <td class>text</td> */
/* "<p class=note>12 more are in result.json.</p>"; nothing when none are left out. */
void html_left_out(struct buf *out, size_t count);
/* A share of a limit as a bar, 0 … 1 and beyond; nothing for NaN. */
void html_bar(struct buf *out, double share, const char *state);

void html_verdict(struct html_page *page);
void html_timeline(struct html_page *page, const struct record_strategy *strategy);
void html_strategies(struct html_page *page);
void html_phases(struct html_page *page, const struct record_strategy *strategy);
void html_locks(struct html_page *page, const struct record_strategy *strategy);
void html_latency(struct html_page *page, const struct record_strategy *strategy);
void html_server(struct html_page *page, const struct record_strategy *strategy);
void html_validation(struct html_page *page);
void html_environment(struct html_page *page);

#endif
