/* html_latency: percentile curves by phase, and the figures by phase, script and statement. */
#include "bench/stat/hist.h"
#include "reports/chart.h"
#include "reports/html.h"
#include "reports/view.h"
#include "reports/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 1262, HEIGHT = 240, COLOURS = 8 };

static const double percents[] = {0, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.75, 99.9, 99.95, 99.99, 100};
enum { PERCENTS = sizeof percents / sizeof *percents };
static const char *const colours[COLOURS] = {"#8b95a7", "#7a4fb5", "#0e8060", "#2557b0",
                                             "#b42318", "#c27803", "#0891b2", "#be185d"};

/* Percentiles on an axis of nines: 90 % at 1, 99 % at 2. */
static double nines(double percent, int64_t count)
{
    double rest = 1 - percent / 100, least = 1 / (double)(count < 1 ? 1 : count);
    return -log10(rest > least ? rest : least);
}

/* x and y of a phase's curve; how many points, 0 when the record carries no histogram. Percentiles that so few requests
 * do not tell apart are one point, the highest. */
static size_t curve(const struct record_latency *latency, struct hist *hist, double *x, double *y)
{
    size_t count = 0;
    if (latency->hdr_v2 == NULL || latency->count <= 0 || !hist_decode(latency->hdr_v2, hist))
        return 0;
    for (int i = 0; i < PERCENTS; i++) {
        double at = nines(percents[i], latency->count);
        count -= count > 0 && at - x[count - 1] < 1e-9;
        x[count] = at;
        y[count++] = (double)hist_percentile_us(hist, percents[i]);
    }
    return count;
}

static void grid_nines(struct chart *chart)
{
    static const char *const labels[] = {"0 %", "90 %", "99 %", "99.9 %", "99.99 %", "99.999 %", "99.9999 %"};
    for (size_t i = 0; i < sizeof labels / sizeof *labels && (double)i <= chart->x_max; i++) {
        double at = chart_x(chart, (double)i);
        buf_printf(chart->out,
                   "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#dfe3ea\"/>"
                   "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>",
                   at, at, chart->top, chart->height - chart->bottom, at, chart->height - 6, labels[i]);
    }
}

/* Colours come round again, dashed. */
static const char *line_class(size_t phase, char *class, size_t size)
{
    snprintf(class, size, "c%zu%s", phase % COLOURS, phase / COLOURS % 2 ? " dash" : "");
    return class;
}

static void legend(struct html_page *page, const struct record_strategy *strategy)
{
    buf_puts(page->out,
             "<p class=\"key\"><b>By percentile, one line per phase; response time from the moment due</b>");
    for (size_t i = 0; i < strategy->phases.count; i++) {
        char class[16];
        buf_printf(page->out,
                   "<span><svg width=\"18\" height=\"6\" aria-hidden=\"true\"><path class=\"%s\" d=\"M0 "
                   "3h18\" stroke=\"%s\" "
                   "stroke-width=\"2.5\"/></svg>",
                   line_class(i, class, sizeof class), colours[i % COLOURS]);
        html_text(page->out, strategy->phases.items[i].name);
        buf_puts(page->out, "</span>");
    }
    buf_puts(page->out, "</p>\n");
}

static void plot(struct html_page *page, const struct record_strategy *strategy)
{
    double most_us = 1000, most_nines = 2;
    for (size_t i = 0; i < strategy->phases.count; i++) {
        const struct record_latency *all = &strategy->phases.items[i].latency.all;
        most_us = (double)all->max_us > most_us ? (double)all->max_us : most_us;
        most_nines = nines(100, all->count) > most_nines ? nines(100, all->count) : most_nines;
    }
    legend(page, strategy);
    struct chart chart = chart_begin(page->out, WIDTH, HEIGHT, CHART_LOG_US, 0, most_nines, 200, most_us,
                                     "Latency by percentile");
    struct hist *hist = malloc(sizeof *hist);
    chart_grid_y(&chart, "");
    grid_nines(&chart);
    for (size_t i = 0; hist != NULL && i < strategy->phases.count; i++) {
        double x[PERCENTS], y[PERCENTS];
        char class[16];
        size_t count = curve(&strategy->phases.items[i].latency.all, hist, x, y);
        if (count > 0)
            chart_line(&chart, x, y, count, line_class(i, class, sizeof class), colours[i % COLOURS], 1.6);
    }
    free(hist);
    chart_end(&chart);
}

static void row(struct html_page *page, const char *phase, const char *name,
                const struct record_latency *latency)
{
    const int64_t figures[] = {latency->p50_us, latency->p90_us,  latency->p95_us,
                               latency->p99_us, latency->p999_us, latency->max_us};
    char text[WORDS_SIZE];
    buf_puts(page->out, "<tr>");
    html_cell(page->out, "", phase);
    html_cell(page->out, "", name);
    html_cell(page->out, "r", words_count(latency->count, text, sizeof text));
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        html_cell(page->out, "r", words_us(figures[i], text, sizeof text));
    buf_puts(page->out, "</tr>\n");
}

static void table_head(struct html_page *page, const char *what)
{
    buf_printf(
        page->out,
        "<table><thead><tr><th>Phase</th><th>%s</th><th class=\"r\">Count</th><th class=\"r\">p50</th>"
        "<th class=\"r\">p90</th><th class=\"r\">p95</th><th class=\"r\">p99</th><th class=\"r\">p99.9</th>"
        "<th class=\"r\">max</th></tr></thead><tbody>\n",
        what);
}

static void details(struct html_page *page, const struct record_strategy *strategy, const char *summary,
                    const char *what, bool statements)
{
    size_t left_out = 0;
    buf_printf(page->out, "<details><summary>%s</summary>\n", summary);
    table_head(page, what);
    for (size_t i = 0; i < strategy->phases.count; i++) {
        const struct record_phase *phase = &strategy->phases.items[i];
        const record_latencies *list = statements ? &phase->latency.by_statement : &phase->latency.by_script;
        for (size_t j = 0; j < list->count; j++)
            if (html_is_full(page))
                left_out++;
            else
                row(page, phase->name, list->items[j].name, &list->items[j]);
    }
    buf_puts(page->out, "</tbody></table>\n");
    html_left_out(page->out, left_out);
    buf_puts(page->out, "</details>\n");
}

void html_latency(struct html_page *page, const struct record_strategy *strategy)
{
    plot(page, strategy);
    table_head(page, "Clock");
    for (size_t i = 0; i < strategy->phases.count; i++) {
        const struct record_phase *phase = &strategy->phases.items[i];
        row(page, phase->name, "response, from due", &phase->latency.all);
        row(page, "", "service, from sent", &phase->latency.service);
    }
    buf_puts(page->out, "</tbody></table>\n");
    details(page, strategy, "By script (response, from due)", "Script", false);
    details(page, strategy, "By statement (service, from sent)", "Statement", true);
}
