/* html_server: what the server did meanwhile: WAL, backlog, backfills. */
#include "reports/chart.h"
#include "reports/html.h"
#include "reports/view.h"
#include "reports/words.h"

#include <math.h>

enum { WIDTH = 1262, HEIGHT = 110 };

static void one_chart(struct html_page *page, const struct record_strategy *strategy, const double *t_s,
                      const double *y, size_t count, const char *title, const char *unit)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = y[i] > most ? y[i] : most;
    buf_puts(page->out, "<p class=\"key\"><b>");
    html_text(page->out, title);
    buf_puts(page->out, "</b></p>\n");
    struct chart chart = chart_begin(page->out, WIDTH, HEIGHT, CHART_LINEAR, 0, view_end_s(strategy), 0,
                                     most * 1.1, title);
    for (size_t i = 0; i < strategy->phases.count; i += 2)
        chart_band(&chart, strategy->phases.items[i].start_s, strategy->phases.items[i].end_s);
    chart_grid_y(&chart, unit);
    chart_grid_time(&chart);
    chart_area(&chart, t_s, y, count, "rate-area", "#2557b0");
    chart_line(&chart, t_s, y, count, "rate", "#2557b0", 1.4);
    chart_end(&chart);
}

static void backfills(struct html_page *page, const struct record_strategy *strategy)
{
    char text[WORDS_SIZE];
    if (strategy->backfills.count == 0)
        return;
    buf_puts(page->out,
             "<h3>Backfills</h3>\n<table><thead><tr><th>Phase</th><th>Table</th><th class=\"r\">Rows</th>"
             "<th class=\"r\">Batches</th><th class=\"r\">Retried</th><th class=\"r\">Took</th><th "
             "class=\"r\">Rows/s</th>"
             "<th class=\"r\">Slowest 10 s, rows/s</th><th class=\"r\">Paused</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < strategy->backfills.count; i++) {
        const struct record_backfill *backfill = &strategy->backfills.items[i];
        buf_puts(page->out, "<tr>");
        html_cell(page->out, "", backfill->phase);
        html_cell(page->out, "", backfill->table);
        html_cell(page->out, "r", words_count(backfill->rows, text, sizeof text));
        html_cell(page->out, "r", words_count(backfill->batches, text, sizeof text));
        html_cell(page->out, "r", words_count(backfill->retried, text, sizeof text));
        html_cell(page->out, "r", words_seconds(backfill->duration_s, text, sizeof text));
        html_cell(page->out, "r", words_value(backfill->rows_per_s, "count", text, sizeof text));
        html_cell(page->out, "r", words_value(backfill->rows_per_s_min, "count", text, sizeof text));
        html_cell(page->out, "r", words_seconds(backfill->throttled_s, text, sizeof text));
        buf_puts(page->out, "</tr>\n");
    }
    buf_puts(page->out, "</tbody></table>\n");
}

void html_server(struct html_page *page, const struct record_strategy *strategy)
{
    const struct record_series *series = &strategy->timeline.coarse;
    if (series->t_s.count == 0 || view_end_s(strategy) <= 0) {
        buf_puts(page->out, "<p class=\"note\">Nothing was measured.</p>\n");
        return;
    }
    double *log = arena_alloc(page->arena, series->t_s.count * sizeof *log);
    double *backlog = arena_alloc(page->arena, series->t_s.count * sizeof *backlog);
    for (size_t i = 0; i < series->t_s.count; i++) {
        log[i] = view_real(&series->wal_bytes_per_s, i) / 1e6;
        backlog[i] = view_int(&series->backlog, i);
    }
    one_chart(page, strategy, series->t_s.items, log, series->t_s.count, "WAL written", "MB/s");
    one_chart(page, strategy, series->t_s.items, backlog, series->t_s.count,
              "Backlog: requests due and not yet sent", "");
    backfills(page, strategy);
}
