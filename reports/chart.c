#include "reports/chart.h"

#include "reports/html.h"
#include "reports/words.h"

#include <math.h>
#include <stdio.h>

enum { MARGIN_LEFT = 66, MARGIN_RIGHT = 14, MARGIN_TOP = 8, MARGIN_BOTTOM = 22, GRID_MOST = 60 };
#define GRID_COLOUR   "#dfe3ea"
#define LOG_LOWEST_US 100.0

static double inner_width(const struct chart *chart)
{
    return chart->width - chart->left - chart->right;
}

static double inner_height(const struct chart *chart)
{
    return chart->height - chart->top - chart->bottom;
}

double chart_x(const struct chart *chart, double x)
{
    return chart->left + (x - chart->x_min) / (chart->x_max - chart->x_min) * inner_width(chart);
}

double chart_y(const struct chart *chart, double y)
{
    double share;
    if (chart->scale == CHART_LOG_US) {
        double at = y < chart->y_min ? chart->y_min : y;
        share = (log10(at) - log10(chart->y_min)) / (log10(chart->y_max) - log10(chart->y_min));
    } else {
        share = (y - chart->y_min) / (chart->y_max - chart->y_min);
    }
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    return chart->top + (1 - share) * inner_height(chart);
}

struct chart chart_begin(struct buf *out, double width, double height, enum chart_scale scale, double x_min,
                         double x_max, double y_min, double y_max, const char *label)
{
    struct chart chart = {out,           width,        height,
                          MARGIN_LEFT,   MARGIN_RIGHT, MARGIN_TOP,
                          MARGIN_BOTTOM, x_min,        x_max > x_min ? x_max : x_min + 1,
                          y_min,         y_max,        scale};
    if (scale == CHART_LOG_US) {
        chart.y_min = pow(10, floor(log10(y_min > LOG_LOWEST_US ? y_min : LOG_LOWEST_US)));
        chart.y_max = pow(10, ceil(log10(y_max > chart.y_min * 10 ? y_max : chart.y_min * 10) - 1e-9));
    } else if (!(y_max > y_min)) {
        chart.y_max = y_min + 1;
    }
    buf_printf(out,
               "<svg viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" " CHART_FONT
               " role=\"img\" aria-label=\"",
               width, height, width, height);
    html_attr(out, label);
    buf_puts(out, "\">");
    return chart;
}

void chart_end(struct chart *chart)
{
    buf_printf(chart->out,
               "<rect class=\"frame\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"none\" "
               "stroke=\"" GRID_COLOUR "\"/></svg>\n",
               chart->left, chart->top, inner_width(chart), inner_height(chart));
}

void chart_band(struct chart *chart, double from, double to)
{
    double x = chart_x(chart, from);
    buf_printf(chart->out,
               "<rect class=\"band\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#eef1f6\"/>",
               x, chart->top, chart_x(chart, to) - x, inner_height(chart));
}

static void grid_line_y(struct chart *chart, double y, const char *label)
{
    double at = chart_y(chart, y);
    buf_printf(chart->out,
               "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"" GRID_COLOUR
               "\"/>"
               "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">",
               chart->left, chart->width - chart->right, at, at, chart->left - 6, at + 4);
    html_text(chart->out, label);
    buf_puts(chart->out, "</text>");
}

/* 1, 2 or 5 times a power of ten, so that `wanted` steps or fewer cover the span. */
static double nice_step(double span, int wanted)
{
    static const double factors[] = {1, 2, 5, 10};
    double raw = span / wanted, magnitude = pow(10, floor(log10(raw)));
    for (int i = 0; i < 4; i++)
        if (factors[i] * magnitude >= raw)
            return factors[i] * magnitude;
    return 10 * magnitude;
}

void chart_grid_y(struct chart *chart, const char *unit)
{
    char label[WORDS_SIZE], whole[WORDS_SIZE + 16];
    if (chart->scale == CHART_LOG_US) {
        double y = chart->y_min;
        for (int i = 0; i < GRID_MOST && y <= chart->y_max * 1.001; i++, y *= 10)
            grid_line_y(chart, y, words_limit(y, "us", label, sizeof label));
        return;
    }
    double step = nice_step(chart->y_max - chart->y_min, 3);
    for (int i = 0; i < GRID_MOST && chart->y_min + i * step <= chart->y_max * 1.0001; i++) {
        double y = chart->y_min + i * step;
        snprintf(whole, sizeof whole, step < 1 ? "%.1f%s%s" : "%.0f%s%s", y, unit[0] ? " " : "", unit);
        grid_line_y(chart, y, whole);
    }
}

static double time_step(double span_s)
{
    static const double steps[] = {0.1, 0.2, 0.5, 1,   2,    5,    10,   15,   30,
                                   60,  120, 300, 600, 1200, 1800, 3600, 7200, 21600};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (span_s / steps[i] <= 13)
            return steps[i];
    return 86400;
}

void chart_grid_time(struct chart *chart)
{
    double step = time_step(chart->x_max - chart->x_min);
    double first = ceil(chart->x_min / step) * step;
    for (int i = 0; i < GRID_MOST && first + i * step <= chart->x_max + 1e-9; i++) {
        double x = first + i * step;
        double at = chart_x(chart, x);
        char label[WORDS_SIZE];
        if (step < 1)
            snprintf(label, sizeof label, "%.1f s", x);
        else
            words_clock(x, label, sizeof label);
        buf_printf(
            chart->out,
            "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"" GRID_COLOUR
            "\"/>"
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>",
            at, at, chart->top, chart->height - chart->bottom, at, chart->height - 6, label);
    }
}

void chart_limit(struct chart *chart, double y, const char *text)
{
    if (!(y >= chart->y_min && y <= chart->y_max))
        return;
    double at = chart_y(chart, y);
    bool below = at - chart->top < 24; /* the upper edge is for marks */
    buf_printf(chart->out,
               "<line class=\"limit\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#b42318\" "
               "stroke-dasharray=\"5 4\"/>"
               "<text class=\"limit-text halo\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">",
               chart->left, chart->width - chart->right, at, at, chart->width - chart->right - 4,
               below ? at + 13 : at - 4);
    html_text(chart->out, text);
    buf_puts(chart->out, "</text>");
}

/* A line as it is drawn: of the points that share a pixel's width only the lowest and the highest, in their order. */
struct trace {
    const double *x, *y;
    size_t count, at;
    bool thin;
    size_t pair[2]; /* found and not yet given */
    int waiting;
};

static struct trace trace_begin(const struct chart *chart, const double *x, const double *y, size_t count)
{
    return (struct trace){.x = x, .y = y, .count = count, .thin = (double)count > 2 * inner_width(chart)};
}

/* Index of the next point; a NaN is given as one, a row of them too. False at the end. */
static bool trace_next(const struct chart *chart, struct trace *trace, size_t *index)
{
    if (trace->waiting > 0) {
        *index = trace->pair[--trace->waiting];
        return true;
    }
    if (trace->at >= trace->count)
        return false;
    size_t low = trace->at, high = trace->at, i = trace->at;
    bool gap = isnan(trace->y[i]);
    double pixel = floor(chart_x(chart, trace->x[i]));
    for (i++; trace->thin && i < trace->count && isnan(trace->y[i]) == gap &&
              floor(chart_x(chart, trace->x[i])) <= pixel;
         i++) {
        low = trace->y[i] < trace->y[low] ? i : low;
        high = trace->y[i] > trace->y[high] ? i : high;
    }
    trace->at = i;
    *index = low < high ? low : high;
    if (low != high)
        trace->pair[trace->waiting++] = low < high ? high : low;
    return true;
}

void chart_line(struct chart *chart, const double *x, const double *y, size_t count, const char *class,
                const char *colour, double stroke)
{
    struct trace trace = trace_begin(chart, x, y, count);
    bool drawing = false, alone = false;
    buf_printf(
        chart->out,
        "<path class=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%.1f\" stroke-linejoin=\"round\" d=\"",
        class, colour, stroke);
    for (size_t i; trace_next(chart, &trace, &i);) {
        if (isnan(y[i])) {
            buf_puts(chart->out, alone ? "h1" : ""); /* a point between gaps is seen as a dash */
            drawing = alone = false;
            continue;
        }
        buf_printf(chart->out, "%c%.1f %.1f", drawing ? 'L' : 'M', chart_x(chart, x[i]),
                   chart_y(chart, y[i]));
        alone = !drawing;
        drawing = true;
    }
    buf_puts(chart->out, alone ? "h1\"/>" : "\"/>");
}

void chart_area(struct chart *chart, const double *x, const double *y, size_t count, const char *class,
                const char *colour)
{
    struct trace trace = trace_begin(chart, x, y, count);
    double floor_y = chart->height - chart->bottom;
    if (count == 0)
        return;
    buf_printf(chart->out, "<path class=\"%s\" fill=\"%s\" fill-opacity=\"0.1\" d=\"M%.1f %.1f", class,
               colour, chart_x(chart, x[0]), floor_y);
    for (size_t i; trace_next(chart, &trace, &i);)
        buf_printf(chart->out, "L%.1f %.1f", chart_x(chart, x[i]),
                   isnan(y[i]) ? floor_y : chart_y(chart, y[i]));
    buf_printf(chart->out, "L%.1f %.1fZ\"/>", chart_x(chart, x[count - 1]), floor_y);
}

void chart_mark(struct chart *chart, double x, const char *class, const char *colour, const char *title)
{
    double at = chart_x(chart, x);
    buf_printf(chart->out, "<path class=\"%s\" fill=\"%s\" d=\"M%.1f %.1fh9l-4.5 7z\"><title>", class, colour,
               at - 4.5, chart->top);
    html_text(chart->out, title);
    buf_puts(chart->out, "</title></path>");
}
