/* html_server: what the server did meanwhile: log, backlog, replicas, backfills. */
#include "reports/chart.h"
#include "reports/html.h"
#include "reports/view.h"
#include "reports/words.h"

#include <math.h>

enum { WIDTH = 1262, HEIGHT = 110 };

/* A chart with the strategy's limits on a metric in sight, where there are any; metric may be NULL. */
static void draw_limits(struct html_page *page, const struct record_strategy *strategy, struct chart *chart,
                        const char *metric)
{
    for (size_t i = 0; i < page->record->thresholds.count; i++) {
        const struct record_threshold *limit = &page->record->thresholds.items[i];
        if (view_is(limit->strategy, strategy->name) && view_is(limit->metric, metric) &&
            limit->limit != NULL)
            chart_limit(chart, limit->limit_value, arena_printf(page->arena, "limit %s", limit->limit));
    }
}

static double highest_limit(struct html_page *page, const struct record_strategy *strategy,
                            const char *metric)
{
    double highest = 0;
    for (size_t i = 0; i < page->record->thresholds.count; i++) {
        const struct record_threshold *limit = &page->record->thresholds.items[i];
        if (view_is(limit->strategy, strategy->name) && view_is(limit->metric, metric))
            highest = fmax(highest, limit->limit_value);
    }
    return highest;
}

static void one_chart(struct html_page *page, const struct record_strategy *strategy, const double *t_s,
                      const double *y, size_t count, const char *title, const char *unit, const char *metric)
{
    double most = highest_limit(page, strategy, metric);
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
    draw_limits(page, strategy, &chart, metric);
    chart_end(&chart);
}

static void replica_rows(struct html_page *page, const struct record_replication *replication)
{
    char text[WORDS_SIZE];
    buf_puts(
        page->out,
        "<table><thead><tr><th>Replica</th><th class=\"r\">Lag, longest</th><th class=\"r\">p99</th>"
        "<th class=\"r\">Behind by, at most</th><th class=\"r\">Not known for</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < replication->replicas.count; i++) {
        const struct record_replica *replica = &replication->replicas.items[i];
        buf_puts(page->out, "<tr>");
        html_cell(page->out, "", replica->name);
        html_cell(page->out, "r", words_seconds(replica->lag_max_s, text, sizeof text));
        html_cell(page->out, "r", words_seconds(replica->lag_p99_s, text, sizeof text));
        html_cell(page->out, "r", words_bytes(replica->lag_max_bytes, text, sizeof text));
        html_cell(page->out, "r", words_seconds(replica->unknown_s, text, sizeof text));
        buf_puts(page->out, "</tr>\n");
    }
    buf_puts(page->out, "</tbody></table>\n");
}

static void replicas(struct html_page *page, const struct record_strategy *strategy)
{
    const struct record_series *series = &strategy->timeline.coarse;
    if (strategy->replication.replicas.count == 0)
        return;
    double *lag_s = arena_alloc(page->arena, series->t_s.count * sizeof *lag_s);
    for (size_t i = 0; i < series->t_s.count; i++)
        lag_s[i] = view_real(&series->replica_lag_s, i);
    one_chart(page, strategy, series->t_s.items, lag_s, series->t_s.count, "Lag of the replicas, the worst",
              "s", "replica.lag_max");
    replica_rows(page, &strategy->replication);
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
    const char *written = arena_printf(page->arena, "%s written",
                                       words_log(page->record->environment.server.engine));
    one_chart(page, strategy, series->t_s.items, log, series->t_s.count, written, "MB/s", NULL);
    one_chart(page, strategy, series->t_s.items, backlog, series->t_s.count,
              "Backlog: requests due and not yet sent", "", NULL);
    replicas(page, strategy);
    backfills(page, strategy);
}
