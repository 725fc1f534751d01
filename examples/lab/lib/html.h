/* Parts of an HTML page that needs nothing beside itself. The stream keeps a failure to write,
   which whoever opened it looks for at the end. */
#ifndef TARN_LAB_HTML_H
#define TARN_LAB_HTML_H

#include <stdint.h>
#include <stdio.h>

/* Text in which no character is taken for a tag. What is not UTF-8 becomes U+FFFD. */
void html_text(FILE *page, const char *text);

/* A picture of (height, width, channels) bytes, 1 or 3 channels, as an <img> that holds it, so many
   times as large. */
void html_picture(FILE *page, const uint8_t *pixels, int height, int width, int channels,
                  double scale);

/* The <img> of a PNG file. Dies if that cannot be read. */
void html_png_file(FILE *page, const char *path);

typedef struct html_curve {
    const char *name;
    const double *values; /* one for each of x = 1, 2, ...; not drawn where they are not finite */
} html_curve;

/* Up to four curves over 1 to count in one chart, with axes, a grid and a legend, as SVG. A value
   shows when the pointer is on it. format is printf()'s for the values: "%.3f". */
void html_chart(FILE *page, const char *title, const html_curve *curves, int curve_count, int count,
                const char *format);

#endif
