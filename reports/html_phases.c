/* html_phases: what ran in each phase, its strongest lock, what the application felt; and the SQL as run. */
#include "reports/html.h"
#include "reports/view.h"
#include "reports/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { STATEMENTS_IN_CELL = 4, SQL_MAX_BYTES = 8 << 10, OUTPUT_MAX_BYTES = 16 << 10 };
enum { STAGES_SHOWN = 5, STAGES_WIDTH = 340 };

/* What a reader wants of a phase's locks: the one that blocks most, held longest. */
struct phase_locks {
    const struct record_lock *strongest;
    int64_t held_us, waited_us, retries;
};

static struct phase_locks summarise(const struct record_phase *phase)
{
    struct phase_locks sum = {.held_us = RECORD_NONE, .waited_us = RECORD_NONE};
    for (size_t s = 0; s < phase->statements.count; s++) {
        const struct record_statement *statement = &phase->statements.items[s];
        for (size_t a = 0; a < statement->attempts.count; a++)
            if (statement->attempts.items[a].lock_wait_us > sum.waited_us)
                sum.waited_us = statement->attempts.items[a].lock_wait_us;
        sum.retries += statement->attempts.count > 1 ? (int64_t)statement->attempts.count - 1 : 0;
        for (size_t l = 0; l < statement->locks.count; l++) {
            const struct record_lock *lock = &statement->locks.items[l];
            if (sum.strongest != NULL && lock->blocks.count < sum.strongest->blocks.count)
                continue;
            if (sum.strongest == NULL || lock->blocks.count > sum.strongest->blocks.count ||
                lock->held_us > sum.held_us) {
                sum.strongest = lock;
                sum.held_us = lock->held_us;
            }
        }
    }
    return sum;
}

/* The stage in which a statement spent more than half of its time. */
static void most_of_it(struct html_page *page, const struct record_statement *statement)
{
    const struct record_stage *longest = view_stage(statement, 0);
    char text[WORDS_SIZE];
    if (longest == NULL || longest->duration_us * 2 < statement->duration_us)
        return;
    buf_puts(page->out, "<br><span class=\"sub\">");
    html_text(page->out, longest->name);
    buf_printf(page->out, " %s</span>", words_us(longest->duration_us, text, sizeof text));
}

static void what_ran(struct html_page *page, const struct record_phase *phase)
{
    struct buf *out = page->out;
    char text[160];
    size_t shown = phase->statements.count < STATEMENTS_IN_CELL ? phase->statements.count
                                                                : STATEMENTS_IN_CELL;
    buf_puts(out, "<td class=\"wide\">");
    for (size_t i = 0; i < shown; i++) {
        buf_puts(out, i ? "<br>" : "");
        html_code(out, words_shorten(phase->statements.items[i].sql, 64, text, sizeof text));
        most_of_it(page, &phase->statements.items[i]);
    }
    if (phase->statements.count > shown)
        buf_printf(out, "<br><span class=\"sub\">and %zu more</span>", phase->statements.count - shown);
    if (view_is(phase->kind, "baseline") || view_is(phase->kind, "settle"))
        buf_puts(out, "no change");
    buf_puts(out, "<span class=\"sub\"> ");
    for (size_t i = 0; i < phase->app.count; i++) {
        buf_puts(out, i ? ", " : shown ? "<br>live: " : "live: ");
        html_text(out, phase->app.items[i].name);
        if (phase->app.count > 1) {
            buf_putc(out, ' ');
            html_text(out, phase->app.items[i].value);
        }
    }
    buf_puts(out, "</span></td>");
}

static void row(struct html_page *page, const struct record_phase *phase, size_t number)
{
    struct buf *out = page->out;
    struct phase_locks locks = summarise(phase);
    char text[WORDS_SIZE];
    buf_puts(out, "<tr><td class=\"n\"><svg width=\"9\" height=\"9\" aria-hidden=\"true\"><rect class=\"k-");
    html_class(out, phase->kind);
    buf_printf(out, "\" width=\"9\" height=\"9\" rx=\"2\" fill=\"#8b95a7\"/></svg> %zu ", number);
    html_text(out, phase->name);
    buf_puts(out, phase->completed ? "</td>" : " <span class=\"pill fail\">not finished</span></td>");
    what_ran(page, phase);
    html_cell(out, "r", words_seconds(phase->end_s - phase->start_s, text, sizeof text));
    if (locks.strongest != NULL) {
        buf_puts(out, "<td>");
        html_text(out, locks.strongest->mode);
        buf_puts(out, "<br><span class=\"sub\">");
        html_text(out, locks.strongest->object);
        buf_puts(out, "</span></td>");
    } else {
        html_cell(out, "", "–");
    }
    html_cell(out, "r", words_us(locks.held_us, text, sizeof text));
    html_cell(out, "r", words_us(locks.waited_us, text, sizeof text));
    html_cell(out, "r", words_count(locks.retries, text, sizeof text));
    html_cell(out, "r", words_us(phase->latency.all.p50_us, text, sizeof text));
    html_cell(out, "r", words_us(phase->latency.all.p99_us, text, sizeof text));
    html_cell(out, "r", words_us(phase->latency.all.max_us, text, sizeof text));
    html_cell(out, "r", words_count(phase->outcomes.failed, text, sizeof text));
    html_cell(out, "r", words_bytes(phase->wal_bytes, text, sizeof text));
    buf_puts(out, "</tr>\n");
}

static void figure(struct html_page *page, const struct record_figure *figure)
{
    char value[WORDS_SIZE], low[WORDS_SIZE], high[WORDS_SIZE], text[4 * WORDS_SIZE];
    words_us(figure->value_us, value, sizeof value);
    if (figure->source == NULL) {
        html_cell(page->out, "r", "–");
        return;
    }
    buf_puts(page->out, "<td class=\"r\">");
    html_text(page->out, value);
    snprintf(text, sizeof text, "%s … %s", words_us(figure->low_us, low, sizeof low),
             words_us(figure->high_us, high, sizeof high));
    buf_puts(page->out, "<br><span class=\"sub\">");
    html_text(page->out, text);
    buf_puts(page->out, "</span></td>");
}

/* Where a statement's time went: a bar of its longest stages, and their names. The rest of the bar is all the others. */
static void stages(struct html_page *page, const struct record_statement *statement)
{
    static const char *const colours[STAGES_SHOWN] = {"#2557b0", "#bd7a10", "#0e8060", "#7a4fb5", "#be185d"};
    struct buf *out = page->out;
    const struct record_stage *stage = view_stage(statement, 0);
    double sum_us = 0, x = 0;
    for (size_t i = 0; i < statement->stages.count; i++)
        sum_us += statement->stages.items[i].duration_us > 0 ? (double)statement->stages.items[i].duration_us
                                                             : 0;
    if (stage == NULL)
        return;
    buf_printf(
        out,
        "<div class=\"stages\"><svg viewBox=\"0 0 %d 8\" width=\"%d\" height=\"8\" aria-hidden=\"true\">"
        "<rect class=\"bar\" width=\"%d\" height=\"8\" fill=\"#dfe3ea\"/>",
        STAGES_WIDTH, STAGES_WIDTH, STAGES_WIDTH);
    for (size_t rank = 0; rank < STAGES_SHOWN && (stage = view_stage(statement, rank)) != NULL; rank++) {
        const double width = STAGES_WIDTH * (double)stage->duration_us / sum_us;
        buf_printf(out, "<rect class=\"s%zu\" x=\"%.1f\" width=\"%.1f\" height=\"8\" fill=\"%s\"/>", rank, x,
                   width, colours[rank]);
        x += width;
    }
    buf_puts(out,
             statement->attempts.count > 1 ? "</svg><span class=\"sub\">last attempt:</span>\n" : "</svg>");
    for (size_t rank = 0; rank < STAGES_SHOWN && (stage = view_stage(statement, rank)) != NULL; rank++) {
        char text[WORDS_SIZE];
        if (rank > 0 && (double)stage->duration_us < sum_us / 100)
            break;
        buf_printf(
            out,
            "<span class=\"sub\"><svg width=\"9\" height=\"9\" aria-hidden=\"true\"><rect class=\"s%zu\" "
            "width=\"9\" height=\"9\" rx=\"2\" fill=\"%s\"/></svg>",
            rank, colours[rank]);
        html_text(out, stage->name);
        buf_printf(out, " %s</span>\n", words_us(stage->duration_us, text, sizeof text));
    }
    buf_puts(out, "</div>");
}

/* The last lines that a command printed, as many as fit. */
static void output(struct html_page *page, const record_strings *lines)
{
    size_t from = lines->count, bytes = 0;
    if (lines->count == 0)
        return;
    while (from > 0 && bytes <= OUTPUT_MAX_BYTES) {
        const char *line = lines->items[--from];
        bytes += line == NULL ? 1 : strlen(line) + 1;
    }
    buf_printf(page->out, "<details><summary>What it printed (%zu %s)</summary><pre>", lines->count,
               words_plural((int64_t)lines->count, "line", "lines"));
    for (size_t i = from; i < lines->count; i++) {
        html_text(page->out, html_start(page, lines->items[i], OUTPUT_MAX_BYTES));
        buf_putc(page->out, '\n');
    }
    buf_puts(page->out, "</pre>");
    html_left_out(page->out, from);
    buf_puts(page->out, "</details>");
}

static const char *rewrite_word(int64_t rewrite)
{
    return rewrite == RECORD_NONE ? "–" : rewrite ? "yes" : "no";
}

static void statement_row(struct html_page *page, const struct record_phase *phase,
                          const struct record_statement *statement)
{
    struct buf *out = page->out;
    char text[WORDS_SIZE];
    buf_puts(out, "<tr>");
    html_cell(out, "", phase->name);
    buf_puts(out, "<td class=\"wide\">");
    html_code_start(page, statement->sql, SQL_MAX_BYTES);
    if (statement->message != NULL && statement->message[0] != '\0') {
        buf_puts(out, "<br><span class=\"is-fail\">");
        html_text(out, statement->message);
        buf_puts(out, "</span>");
    }
    stages(page, statement);
    output(page, &statement->output);
    buf_puts(out, "</td>");
    html_cell(out, "", statement->outcome);
    html_cell(out, "r", words_count((int64_t)statement->attempts.count, text, sizeof text));
    html_cell(out, "r", words_us(statement->duration_us, text, sizeof text));
    figure(page, &statement->queued);
    figure(page, &statement->held);
    figure(page, &statement->window);
    html_cell(out, "", rewrite_word(statement->rewrite));
    html_cell(out, "", statement->degraded ? "degraded" : "");
    buf_puts(out, "</tr>\n");
}

static void as_run(struct html_page *page, const struct record_strategy *strategy)
{
    size_t count = 0, left_out = 0;
    for (size_t i = 0; i < strategy->phases.count; i++)
        count += strategy->phases.items[i].statements.count;
    if (count == 0)
        return;
    buf_printf(
        page->out,
        "<details><summary>Migration SQL as run (%zu %s), with every figure's bounds</summary>\n"
        "<table><thead><tr><th>Phase</th><th>Statement</th><th>Outcome</th><th class=\"r\">Attempts</th>"
        "<th class=\"r\">Took</th><th class=\"r\">Queued</th><th class=\"r\">Held</th>"
        "<th class=\"r\">Others shut out</th><th>Rewrite</th><th></th></tr></thead><tbody>\n",
        count, words_plural((int64_t)count, "statement", "statements"));
    for (size_t i = 0; i < strategy->phases.count; i++)
        for (size_t s = 0; s < strategy->phases.items[i].statements.count; s++)
            if (html_is_full(page))
                left_out++;
            else
                statement_row(page, &strategy->phases.items[i],
                              &strategy->phases.items[i].statements.items[s]);
    buf_puts(page->out, "</tbody></table>\n");
    html_left_out(page->out, left_out);
    buf_puts(page->out, "</details>\n");
}

void html_phases(struct html_page *page, const struct record_strategy *strategy)
{
    buf_printf(
        page->out,
        "<table><thead><tr><th>Phase</th><th>What ran</th><th class=\"r\">Took</th><th>Strongest lock</th>"
        "<th class=\"r\">Held</th><th class=\"r\">Lock wait</th><th class=\"r\">Retries</th><th "
        "class=\"r\">p50</th>"
        "<th class=\"r\">p99</th><th class=\"r\">max</th><th class=\"r\">Failed</th><th "
        "class=\"r\">%s</th></tr></thead><tbody>\n",
        words_log(page->record->environment.server.engine));
    for (size_t i = 0; i < strategy->phases.count; i++)
        row(page, &strategy->phases.items[i], i + 1);
    buf_puts(page->out, "</tbody></table>\n");
    as_run(page, strategy);
}
