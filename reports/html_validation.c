/* html_validation: the checks of every strategy, and whether the rollbacks got back. */
#include "reports/html.h"
#include "reports/words.h"

#include <stdio.h>

static void check_row(struct html_page *page, const struct record_strategy *strategy,
                      const struct record_check *check)
{
    struct buf *out = page->out;
    buf_printf(out, "<tr><td><span class=\"is-%s\">%s</span> ", check->state, words_symbol(check->state));
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
    for (size_t i = 0; i < rollback->changes.count; i++) {
        buf_puts(out, "<br>");
        html_code(out, rollback->changes.items[i]);
    }
    buf_puts(out, "</td></tr>\n");
}

void html_validation(struct html_page *page)
{
    const struct record *record = page->record;
    html_section(page->out, "validation", "Validation", NULL);
    buf_puts(page->out, "<table><thead><tr><th>Check</th><th>Strategy</th><th>After</th><th>Expected</"
                        "th><th>Found</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < record->strategies.count; i++) {
        const struct record_strategy *strategy = &record->strategies.items[i];
        for (size_t c = 0; c < strategy->checks.count; c++)
            check_row(page, strategy, &strategy->checks.items[c]);
        if (strategy->rollback.rehearsed)
            rollback_row(page, strategy);
    }
    buf_puts(page->out, "</tbody></table></section>\n");
}
