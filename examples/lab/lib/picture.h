/* Pictures of coloured pixels, written as PNG. */
#ifndef TARN_LAB_PICTURE_H
#define TARN_LAB_PICTURE_H

#include <stdint.h>

typedef struct colour {
    uint8_t red, green, blue;
} colour;

typedef struct picture {
    int width, height;
    colour *pixels; /* row by row, the top one first */
} picture;

/* A white picture. Dies when memory runs out. */
picture picture_new(int width, int height);

/* share of a, 1 - share of b; share in [0, 1]. */
colour mix(colour a, colour b, double share);

/* A filled rectangle whose upper left corner is column x and row y, as far as it lies in the
   picture. */
void draw_box(picture *p, int x, int y, int width, int height, colour c);

/* A filled circle around the pixel at column x and row y, as far as it lies in the picture. */
void draw_disc(picture *p, double x, double y, double radius, colour c);

/* One line of black text at row y, which begins at column x if align is 0, ends there if it is 1
   and is centred there if it is 0.5. Capitals are 7 scale pixels high. What is not ASCII is drawn
   as '?', and what is behind 127 characters is left out. */
void draw_text(picture *p, int x, int y, double align, int scale, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* Of ASCII, in pixels. */
int text_width(int scale, const char *text);

/* Writes the picture, or dies with a sentence that names the path. */
void picture_save(const picture *p, const char *path);

void picture_free(picture *p);

#endif
