/* html_validation: the checks of every strategy, and whether the rollbacks got back. */
#include "reports/html.h"
#include "reports/words.h"

#include <stdio.h>

enum { CHANGES_SHOWN = 100 };

static void check_row(struct html_page *page, const struct record_strategy *strategy,
                      const struct record_check *check)
{
    struct buf *out = page->out;
    buf_puts(out, "<tr><td><span class=\"is-");
    html_class(out, check->state);
    buf_printf(out, "\">%s</span> ", words_symbol(check->state));
    html_text(out, check->name);
    buf_puts(out, "</td>");
    html_cell(out, "", strategy->name);
    html_cell(out, "", check->after_phase);
    html_cell(out, "", check->expect);
    html_cell(out, "", check->found != NULL ? check->found : check->message);
    buf_puts(out, "</tr>\n");
}

static void rollback_row(struct html_page *page, const struct record_strategy *strategy)
{
    struct buf *out = page->out;
    const struct record_rollback *rollback = &strategy->rollback;
    const char *state = rollback->complete && rollback->schema_identical ? "pass" : "fail";
    buf_printf(out, "<tr><td><span class=\"is-%s\">%s</span> rollback returns to the schema before</td>",
               state, words_symbol(state));
    html_cell(out, "", strategy->name);
    html_cell(out, "", "rollback");
    html_cell(out, "", "identical");
    buf_puts(out, "<td>");
    html_text(out, rollback->schema_identical ? "identical" : "differs:");
    size_t shown = rollback->changes.count < CHANGES_SHOWN ? rollback->changes.count : CHANGES_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        buf_puts(out, "<br>");
        html_code(out, rollback->changes.items[i]);
    }
    html_left_out(out, rollback->changes.count - shown);
    buf_puts(out, "</td></tr>\n");
}

void html_validation(struct html_page *page)
{
    const struct record *record = page->record;
    size_t rows = 0;
    html_section(page->out, "validation", "Validation", NULL);
    buf_puts(page->out, "<table><thead><tr><th>Check</th><th>Strategy</th><th>After</th><th>Expected</"
                        "th><th>Found</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < record->strategies.count; i++) {
        const struct record_strategy *strategy = &record->strategies.items[i];
        for (size_t c = 0; c < strategy->checks.count; c++)
            check_row(page, strategy, &strategy->checks.items[c]);
        if (strategy->rollback.rehearsed)
            rollback_row(page, strategy);
        rows += strategy->checks.count + strategy->rollback.rehearsed;
    }
    buf_puts(page->out, "</tbody></table>");
    if (rows == 0)
        buf_puts(page->out, "<p class=\"note\">No check was run, and no rollback.</p>");
    buf_puts(page->out, "</section>\n");
}
