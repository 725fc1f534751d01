/* Line charts as SVG. */
#include <math.h>
#include <stdbool.h>

#include "examples/lab/lib/html.h"

/* In pixels; the plot leaves room for the numbers at its axes and for the title. */
enum { WIDTH = 460, HEIGHT = 280, LEFT = 56, RIGHT = 12, TOP = 30, BOTTOM = 30 };

/* Told apart by the colour-blind, and in gray by their dashes (Okabe and Ito 2008). */
static const char *const colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7"};
static const char *const dashes[] = {"none", "6 3", "2 2", "8 3 2 3"};

typedef struct range {
    double low, high, step; /* multiples of step are marked */
} range;

/* 1, 2 or 5 times a power of ten: the least of which at most five fit into the span. */
static double nice_step(double span)
{
    const double power = pow(10, floor(log10(span / 5)));
    const double rest = span / 5 / power;
    return power * (rest <= 1 ? 1 : rest <= 2 ? 2 : rest <= 5 ? 5 : 10);
}

/* Whole steps around all values; [0, 1] where there are none. */
static range range_of(const html_curve *curves, int curve_count, int count)
{
    range r = {INFINITY, -INFINITY, 0};
    for (int c = 0; c < curve_count; c++)
        for (int i = 0; i < count; i++)
            if (isfinite(curves[c].values[i])) {
                r.low = fmin(r.low, curves[c].values[i]);
                r.high = fmax(r.high, curves[c].values[i]);
            }
    if (!(r.low <= r.high))
        r.low = 0, r.high = 1;
    /* A flat curve gets a span of its own size, so that its step is not below what doubles tell
     * apart. */
    if (r.high - r.low <= 1e-9 * fabs(r.high))
        r.high = r.low + (r.low == 0 ? 1 : fabs(r.low));
    r.step = nice_step(r.high - r.low);
    r.low = floor(r.low / r.step) * r.step;
    r.high = ceil(r.high / r.step) * r.step;
    return r;
}

static double x_of(int i, int count)
{
    return LEFT + (count > 1 ? (double)i / (count - 1) : 0.5) * (WIDTH - LEFT - RIGHT);
}

static double y_of(double value, range r)
{
    return HEIGHT - BOTTOM - (value - r.low) / (r.high - r.low) * (HEIGHT - TOP - BOTTOM);
}

static void draw_axes(FILE *page, range r, int count)
{
    const int lines = (int)lround((r.high - r.low) / r.step);
    for (int i = 0; i <= lines; i++) {
        const double value = r.low + i * r.step, y = y_of(value, r);
        fprintf(page, "<path class=grid d=\"M%d %.1fH%d\"/>", LEFT, y, WIDTH - RIGHT);
        fprintf(page, "<text x=%d y=%.1f text-anchor=end>%.4g</text>", LEFT - 6, y + 4,
                fabs(value) < r.step / 1e6 ? 0 : value);
    }
    const int every = (count + 9) / 10;
    for (int i = 0; i < count; i += every)
        fprintf(page, "<text x=%.1f y=%d text-anchor=middle>%d</text>", x_of(i, count),
                HEIGHT - BOTTOM + 18, i + 1);
}

/* A line that is broken where a value is missing, and a spot with its number on each value. */
static void draw_curve(FILE *page, const html_curve *curve, int which, int count, range r,
                       const char *format)
{
    fprintf(page, "<path fill=none stroke=\"%s\" stroke-width=2 stroke-dasharray=\"%s\" d=\"",
            colours[which], dashes[which]);
    bool drawn = false;
    for (int i = 0; i < count; i++) {
        const double value = curve->values[i];
        if (isfinite(value))
            fprintf(page, "%c%.1f %.1f", drawn ? 'L' : 'M', x_of(i, count), y_of(value, r));
        drawn = isfinite(value);
    }
    fputs("\"/>", page);
    for (int i = 0; i < count; i++)
        if (isfinite(curve->values[i])) {
            fprintf(page, "<circle r=3 fill=\"%s\" cx=%.1f cy=%.1f><title>", colours[which],
                    x_of(i, count), y_of(curve->values[i], r));
            html_text(page, curve->name);
            fprintf(page, ", %d: ", i + 1);
            fprintf(page, format, curve->values[i]);
            fputs("</title></circle>", page);
        }
}

void html_chart(FILE *page, const char *title, const html_curve *curves, int curve_count, int count,
                const char *format)
{
    const range r = range_of(curves, curve_count, count);
    fprintf(page,
            "<svg width=%d height=%d viewBox=\"0 0 %d %d\" role=img><text class=title x=%d y=16>",
            WIDTH, HEIGHT, WIDTH, HEIGHT, LEFT);
    html_text(page, title);
    fputs("</text>", page);
    draw_axes(page, r, count);
    for (int c = 0; c < curve_count; c++) {
        draw_curve(page, &curves[c], c, count, r, format);
        const int x = WIDTH - RIGHT - 110 * (curve_count - c);
        fprintf(page,
                "<path stroke=\"%s\" stroke-width=2 stroke-dasharray=\"%s\" d=\"M%d 12h18\"/>",
                colours[c], dashes[c], x);
        fprintf(page, "<text x=%d y=16>", x + 24);
        html_text(page, curves[c].name);
        fputs("</text>", page);
    }
    fputs("</svg>\n", page);
}
