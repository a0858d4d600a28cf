/* html_strategies: all strategies side by side, on one time scale and one latency scale. */
#include "reports/chart.h"
#include "reports/html.h"
#include "reports/metrics.h"
#include "reports/view.h"
#include "reports/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SPARK_WIDTH = 190, SPARK_HEIGHT = 44, BAR_WIDTH = 90 };

struct scales {
    double end_s, max_us, stall_us;
};

static struct scales common_scales(const struct record *record)
{
    struct scales scales = {1, 1000, 1};
    for (size_t s = 0; s < record->strategies.count; s++) {
        const struct record_strategy *strategy = &record->strategies.items[s];
        const struct record_series *series = &strategy->timeline.coarse;
        for (size_t i = 0; i < series->max_us.count; i++)
            if ((double)series->max_us.items[i] > scales.max_us)
                scales.max_us = (double)series->max_us.items[i];
        if (view_end_s(strategy) > scales.end_s)
            scales.end_s = view_end_s(strategy);
        if ((double)strategy->totals.stall_max_us > scales.stall_us)
            scales.stall_us = (double)strategy->totals.stall_max_us;
    }
    return scales;
}

static void spark(struct html_page *page, const struct record_strategy *strategy, const struct scales *scales)
{
    const struct record_series *series = &strategy->timeline.coarse;
    double *max = arena_alloc(page->arena, (series->t_s.count + 1) * sizeof *max);
    for (size_t i = 0; i < series->t_s.count; i++)
        max[i] = view_int(&series->max_us, i);
    struct chart chart = chart_begin(page->out, SPARK_WIDTH, SPARK_HEIGHT, CHART_LOG_US, 0, scales->end_s,
                                     1000, scales->max_us, "Highest latency over time");
    chart.left = chart.right = chart.top = chart.bottom = 2;
    chart_line(&chart, series->t_s.items, max, series->t_s.count, "max", "#b42318", 1.2);
    chart_end(&chart);
}

/* Cells of figures that are metrics: the report and the thresholds never disagree. */
static void metric_cell(struct html_page *page, const struct record_strategy *strategy, const char *name)
{
    const struct metric *metric = metric_find(name);
    struct metric_scope scope = {.record = page->record, .strategy = strategy};
    char text[WORDS_SIZE];
    html_cell(page->out, "r",
              words_value(metric_measure(metric, &scope).value, metric->unit, text, sizeof text));
}

static void row(struct html_page *page, const struct record_strategy *strategy, const struct scales *scales)
{
    struct buf *out = page->out;
    const struct record_totals *totals = &strategy->totals;
    char text[WORDS_SIZE], summary[640];
    buf_printf(out, "<tr%s><td class=\"root\"><b>", strategy == page->chosen ? " class=\"chosen\"" : "");
    html_text(out, strategy->name);
    buf_puts(out, strategy->candidate ? "</b> <span class=\"pill info\">candidate</span>" : "</b>");
    buf_puts(out, "<br><span class=\"sub\">");
    html_text(out, words_shorten(strategy->summary, 140, summary, sizeof summary));
    buf_puts(out, "</span></td><td>");
    html_pill(out, strategy->verdict.state, words_verdict(strategy->verdict.state));
    buf_puts(out, "</td><td>");
    spark(page, strategy, scales);
    double width = BAR_WIDTH * (double)totals->stall_max_us / scales->stall_us;
    buf_printf(out,
               "</td><td class=\"r\"><b>%s</b><br><svg width=\"%d\" height=\"8\" viewBox=\"0 0 %d 8\" "
               "aria-hidden=\"true\"><rect class=\"bar-",
               words_us(totals->stall_max_us, text, sizeof text), BAR_WIDTH, BAR_WIDTH);
    html_class(out, strategy->verdict.state);
    buf_printf(out, "\" x=\"%.1f\" width=\"%.1f\" height=\"7\" rx=\"2\" fill=\"#8b95a7\"/></svg></td>",
               BAR_WIDTH - (width < 2 ? 2 : width), width < 2 ? 2 : width);
    metric_cell(page, strategy, "app.latency.p99");
    html_cell(out, "r", words_count(totals->failed, text, sizeof text));
    metric_cell(page, strategy, "lock.exclusive_held_max");
    html_cell(out, "r", words_seconds(totals->duration_s, text, sizeof text));
    html_cell(out, "r", words_bytes(totals->wal_bytes, text, sizeof text));
    html_cell(out, "r", words_bytes(totals->disk_extra_peak_bytes, text, sizeof text));
    if (strategy->rollback.rehearsed)
        html_cell(out, "r", words_seconds(strategy->rollback.duration_s, text, sizeof text));
    else
        html_cell(out, "r", "none");
    buf_puts(out, "</tr>\n");
}

void html_strategies(struct html_page *page)
{
    struct scales scales = common_scales(page->record);
    html_section(page->out, "strategies", "Strategies compared",
                 "Same data, same seed, same load. The small chart is the highest latency over the whole "
                 "run, all on one time "
                 "scale and one logarithmic scale.");
    buf_printf(
        page->out,
        "<table><thead><tr><th>Strategy</th><th>Verdict</th><th>Max latency</th><th class=\"r\">Longest "
        "stall</th>"
        "<th class=\"r\">Worst p99</th><th class=\"r\">Failed</th><th class=\"r\">Excl. lock held</th>"
        "<th class=\"r\">Took</th><th class=\"r\">%s</th><th class=\"r\">Extra disk</th>"
        "<th class=\"r\">Rollback</th></tr></thead><tbody>\n",
        words_log(page->record->environment.server.engine));
    for (size_t i = 0; i < page->record->strategies.count; i++)
        row(page, &page->record->strategies.items[i], &scales);
    buf_puts(page->out, "</tbody></table></section>\n");
}
