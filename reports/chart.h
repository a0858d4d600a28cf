/* chart: line charts as static SVG. Pure; writes into a buf.
 *
 * Colours are set by class (light and dark) and, for readers without the style sheet, by attribute as well. A NaN in a line
 * is a gap. Logarithmic y axes hold durations in µs; linear ones any count. */
#ifndef REHEARSE_REPORTS_CHART_H
#define REHEARSE_REPORTS_CHART_H

#include "bench/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* For readers without the style sheet: texts of SVG stay as small as their places. */
#define CHART_FONT "font-size=\"11\" font-family=\"sans-serif\""

enum chart_scale { CHART_LINEAR, CHART_LOG_US };

struct chart {
    struct buf *out;
    double width, height, left, right, top, bottom; /* pixels; margins */
    double x_min, x_max, y_min, y_max;
    enum chart_scale scale;
};

/* A frame for x from x_min to x_max and y up to y_max (log: both ends widened to decades). label: what a screen reader says. */
struct chart chart_begin(struct buf *out, double width, double height, enum chart_scale scale, double x_min,
                         double x_max, double y_min, double y_max, const char *label);
void chart_end(struct chart *chart);

void chart_band(struct chart *chart, double from, double to); /* shaded background between two x */
void chart_grid_y(struct chart *chart,
                  const char *unit);       /* lines and labels; unit for linear scales: "", "MB/s" */
void chart_grid_time(struct chart *chart); /* x in seconds */
void chart_limit(struct chart *chart, double y,
                 const char *text); /* dashed line with its words; nothing when out of sight */
/* Lines and areas draw at most two points per pixel: however long the run, a page stays small. */
void chart_line(struct chart *chart, const double *x, const double *y, size_t count, const char *class,
                const char *colour, double stroke);
void chart_area(struct chart *chart, const double *x, const double *y, size_t count, const char *class,
                const char *colour);
/* A small triangle on the upper edge. */
void chart_mark(struct chart *chart, double x, const char *class, const char *colour, const char *title);
double chart_x(const struct chart *chart, double x);
double chart_y(const struct chart *chart, double y);

#endif
