/* html_timeline: phase bands, latency above throughput, on one time axis. */
#include "reports/chart.h"
#include "reports/html.h"
#include "reports/view.h"
#include "reports/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 1262, LATENCY_HEIGHT = 210, RATE_HEIGHT = 96, BAND_HEIGHT = 34, LEFT = 66, RIGHT = 14 };

/* Whole seconds where nothing happened, 100 ms bins around the statements: one series in time order. */
struct points {
    size_t count;
    double *t_s, *rate, *p50, *p99, *max;
};

static void add_point(struct points *points, const struct record_series *from, size_t i)
{
    size_t at = points->count++;
    points->t_s[at] = from->t_s.items[i] + from->bin_s / 2;
    points->rate[at] = view_real(&from->throughput_per_s, i);
    points->p50[at] = view_int(&from->p50_us, i);
    points->p99[at] = view_int(&from->p99_us, i);
    points->max[at] = view_int(&from->max_us, i);
}

static bool is_fine(const struct record_timeline *timeline, double from_s, double to_s)
{
    for (size_t f = 0; f < timeline->fine.count; f++) {
        const struct record_series *fine = &timeline->fine.items[f];
        if (fine->t_s.count == 0)
            continue;
        double start_s = fine->t_s.items[0], end_s = fine->t_s.items[fine->t_s.count - 1] + fine->bin_s;
        if (to_s > start_s + 1e-9 && from_s < end_s - 1e-9)
            return true;
    }
    return false;
}

static struct points merge(struct arena *arena, const struct record_timeline *timeline)
{
    size_t most = timeline->coarse.t_s.count, f = 0;
    for (size_t i = 0; i < timeline->fine.count; i++)
        most += timeline->fine.items[i].t_s.count;
    struct points points = {0};
    double **columns[] = {&points.t_s, &points.rate, &points.p50, &points.p99, &points.max};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        *columns[i] = arena_alloc(arena, (most + 1) * sizeof(double));
    for (size_t i = 0; i < timeline->coarse.t_s.count; i++) {
        double t_s = timeline->coarse.t_s.items[i];
        for (; f < timeline->fine.count && timeline->fine.items[f].t_s.count > 0 &&
               timeline->fine.items[f].t_s.items[0] <= t_s;
             f++)
            for (size_t j = 0; j < timeline->fine.items[f].t_s.count; j++)
                add_point(&points, &timeline->fine.items[f], j);
        if (!is_fine(timeline, t_s, t_s + timeline->coarse.bin_s))
            add_point(&points, &timeline->coarse, i);
    }
    for (; f < timeline->fine.count; f++)
        for (size_t j = 0; j < timeline->fine.items[f].t_s.count; j++)
            add_point(&points, &timeline->fine.items[f], j);
    return points;
}

static double largest(const double *values, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        if (values[i] > most)
            most = values[i];
    return most;
}

static const char *phase_colour(const char *kind)
{
    static const char *const colours[][2] = {
        {"ddl", "#7a4fb5"}, {"data", "#2557b0"}, {"app", "#0e8060"}, {"rollback", "#c27803"}};
    for (size_t i = 0; i < sizeof colours / sizeof *colours; i++)
        if (view_is(kind, colours[i][0]))
            return colours[i][1];
    return "#8b95a7";
}

/* Names above the charts, as wide as the phases took. */
static void bands(struct html_page *page, const struct record_strategy *strategy, double end_s)
{
    struct buf *out = page->out;
    double scale = (WIDTH - LEFT - RIGHT) / end_s;
    buf_printf(out,
               "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" " CHART_FONT
               " role=\"img\" aria-label=\"Phases\">",
               WIDTH, BAND_HEIGHT, WIDTH, BAND_HEIGHT);
    for (size_t i = 0; i < strategy->phases.count; i++) {
        const struct record_phase *phase = &strategy->phases.items[i];
        double x = LEFT + phase->start_s * scale, width = (phase->end_s - phase->start_s) * scale - 1;
        char name[WORDS_SIZE], number[32];
        size_t fits = width > 24 ? (size_t)((width - 22) / 6.2) : 0;
        width = width < 1 ? 1 : width;
        buf_printf(out, "<g><title>%zu ", i + 1);
        html_text(out, phase->name);
        buf_printf(
            out,
            ", %s</title><rect class=\"band\" x=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"#eef1f6\"/>"
            "<rect class=\"k-",
            words_seconds(phase->end_s - phase->start_s, number, sizeof number), x, width, BAND_HEIGHT);
        html_class(out, phase->kind);
        buf_printf(out, "\" x=\"%.1f\" width=\"%.1f\" height=\"3\" fill=\"%s\"/>", x, width,
                   phase_colour(phase->kind));
        if (width > 13) {
            buf_printf(out, "<text class=\"strong\" x=\"%.1f\" y=\"16\">%zu ", x + 4, i + 1);
            if (fits >= 3)
                html_text(out, words_shorten(phase->name, fits, name, sizeof name));
            buf_puts(out, "</text>");
        }
        if (fits >= 4)
            buf_printf(out, "<text x=\"%.1f\" y=\"28\">%s</text>", x + 4, number);
        buf_puts(out, "</g>");
    }
    buf_puts(out, "</svg>\n");
}

static void shade(struct chart *chart, const struct record_strategy *strategy)
{
    for (size_t i = 0; i < strategy->phases.count; i += 2)
        chart_band(chart, strategy->phases.items[i].start_s, strategy->phases.items[i].end_s);
}

static void marks(struct chart *chart, const struct record_strategy *strategy)
{
    double last[2] = {-1, -1}; /* where the last one of each kind stands: marks closer than a pixel are one */
    for (size_t i = 0; i < strategy->episodes.count; i++) {
        const struct record_episode *episode = &strategy->episodes.items[i];
        bool gave_way = episode->migration_part && !view_is(episode->outcome, "ok");
        double x = chart_x(chart, episode->start_s);
        if (!(x > last[gave_way] + 1))
            continue;
        last[gave_way] = x;
        char command[WORDS_SIZE], waited[WORDS_SIZE], held[WORDS_SIZE], title[4 * WORDS_SIZE + 64];
        snprintf(title, sizeof title, "%s: waited %s, held %s",
                 episode->statement ? words_command(episode->statement, command, sizeof command) : "a lock",
                 words_us(episode->waited_us, waited, sizeof waited),
                 words_us(episode->held_us, held, sizeof held));
        if (gave_way)
            chart_mark(chart, episode->start_s, "wait", "#d08a1d", title);
        else
            chart_mark(chart, episode->start_s, "held", "#b42318", title);
    }
}

static void key(struct buf *out)
{
    static const char *const lines[][3] = {
        {"p50", "#0e8060", "p50"}, {"p99", "#b96a00", "p99"}, {"max", "#b42318", "max"}};
    buf_puts(out, "<p class=\"key\"><b>Latency, all requests, logarithmic</b>");
    for (size_t i = 0; i < 3; i++)
        buf_printf(out,
                   "<span><svg width=\"18\" height=\"6\" aria-hidden=\"true\"><path class=\"%s\" d=\"M0 "
                   "3h18\" stroke=\"%s\" "
                   "stroke-width=\"2.5\"/></svg>%s</span>\n",
                   lines[i][0], lines[i][1], lines[i][2]);
    buf_puts(
        out,
        "<span><svg width=\"10\" height=\"8\" aria-hidden=\"true\"><path class=\"wait\" fill=\"#d08a1d\" "
        "d=\"M0 0h9l-4.5 7z\"/></svg>lock_timeout, gave way</span>\n"
        "<span><svg width=\"10\" height=\"8\" aria-hidden=\"true\"><path class=\"held\" fill=\"#b42318\" "
        "d=\"M0 0h9l-4.5 7z\"/></svg>blocked by a lock</span></p>\n");
}

static const struct record_threshold *stall_limit(const struct html_page *page,
                                                  const struct record_strategy *strategy)
{
    const struct record *record = page->record;
    for (size_t i = 0; i < record->thresholds.count; i++) {
        const struct record_threshold *threshold = &record->thresholds.items[i];
        if (view_is(threshold->metric, "app.stall_max") && view_is(threshold->level, "fail") &&
            view_is(threshold->strategy, strategy->name) && !words_is_relative(threshold))
            return threshold;
    }
    return NULL;
}

static void latency(struct html_page *page, const struct record_strategy *strategy,
                    const struct points *points, double end_s)
{
    const struct record_threshold *limit = stall_limit(page, strategy);
    double most = largest(points->max, points->count);
    if (limit != NULL && limit->limit_value > most)
        most = limit->limit_value;
    struct chart chart = chart_begin(page->out, WIDTH, LATENCY_HEIGHT, CHART_LOG_US, 0, end_s, 200, most,
                                     "Latency over time");
    shade(&chart, strategy);
    chart_grid_y(&chart, "");
    chart_grid_time(&chart);
    chart_line(&chart, points->t_s, points->max, points->count, "max", "#b42318", 1.1);
    chart_line(&chart, points->t_s, points->p99, points->count, "p99", "#b96a00", 1.5);
    chart_line(&chart, points->t_s, points->p50, points->count, "p50", "#0e8060", 1.7);
    if (limit != NULL) {
        char value[WORDS_SIZE], text[WORDS_SIZE + 16];
        snprintf(text, sizeof text, "stall limit %s",
                 words_value(limit->limit_value, limit->unit, value, sizeof value));
        chart_limit(&chart, limit->limit_value, text);
    }
    marks(&chart, strategy);
    chart_end(&chart);
}

static void throughput(struct html_page *page, const struct record_strategy *strategy,
                       const struct points *points, double end_s)
{
    double offered = (double)strategy->target_rate_milli_per_s / 1000,
           most = largest(points->rate, points->count);
    if (strategy->target_rate_milli_per_s != RECORD_NONE && offered > most)
        most = offered;
    buf_puts(page->out, "<p class=\"key\"><b>Requests completed per second</b></p>\n");
    struct chart chart = chart_begin(page->out, WIDTH, RATE_HEIGHT, CHART_LINEAR, 0, end_s, 0, most * 1.1,
                                     "Requests completed per second");
    shade(&chart, strategy);
    chart_grid_y(&chart, "");
    chart_grid_time(&chart);
    chart_area(&chart, points->t_s, points->rate, points->count, "rate-area", "#2557b0");
    chart_line(&chart, points->t_s, points->rate, points->count, "rate", "#2557b0", 1.4);
    if (strategy->target_rate_milli_per_s != RECORD_NONE) {
        double x[] = {0, end_s}, y[] = {offered, offered};
        chart_line(&chart, x, y, 2, "offered", "#8b95a7", 1);
    }
    chart_end(&chart);
}

void html_timeline(struct html_page *page, const struct record_strategy *strategy)
{
    struct points points = merge(page->arena, &strategy->timeline);
    double end_s = view_end_s(strategy);
    if (points.count == 0 || end_s <= 0) {
        buf_puts(page->out, "<p class=\"note\">Nothing was measured.</p>\n");
        return;
    }
    bands(page, strategy, end_s);
    key(page->out);
    latency(page, strategy, &points, end_s);
    throughput(page, strategy, &points, end_s);
}
