#include "examples/lab/lib/picture.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/options.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb_image_write.h>

#include <stb_easy_font.h>
#pragma GCC diagnostic pop

picture picture_new(int width, int height)
{
    size_t bytes = (size_t)width * (size_t)height * sizeof(colour);
    picture p = {width, height, malloc(bytes)};
    if (!p.pixels)
        die("out of memory for a picture of %d x %d pixels", width, height);
    memset(p.pixels, 255, bytes);
    return p;
}

static uint8_t mix_bytes(uint8_t a, uint8_t b, double share)
{
    return (uint8_t)(share * a + (1 - share) * b + 0.5);
}

colour mix(colour a, colour b, double share)
{
    return (colour){mix_bytes(a.red, b.red, share), mix_bytes(a.green, b.green, share),
                    mix_bytes(a.blue, b.blue, share)};
}

void draw_box(picture *p, int x, int y, int width, int height, colour c)
{
    for (int row = y > 0 ? y : 0; row < y + height && row < p->height; row++)
        for (int column = x > 0 ? x : 0; column < x + width && column < p->width; column++)
            p->pixels[row * p->width + column] = c;
}

void draw_disc(picture *p, double x, double y, double radius, colour c)
{
    for (int row = (int)fmax(0, y - radius); row < fmin(p->height, y + radius + 1); row++)
        for (int column = (int)fmax(0, x - radius); column < fmin(p->width, x + radius + 1);
             column++)
            if (hypot(column - x, row - y) <= radius)
                p->pixels[row * p->width + column] = c;
}

/* ---- Text, of stb_easy_font: each letter is some upright rectangles, given by their corners. */

typedef struct corner {
    float x, y, z;
    uint8_t colour[4];
} corner;

int text_width(int scale, const char *text)
{
    return scale * stb_easy_font_width((char *)text);
}

void draw_text(picture *p, int x, int y, double align, int scale, const char *format, ...)
{
    enum { LENGTH = 128, RECTANGLES = 16 * LENGTH };
    const colour black = {0, 0, 0};
    corner corners[RECTANGLES][4];
    char text[LENGTH];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (char *c = text; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';

    x -= (int)(align * text_width(scale, text));
    const int count = stb_easy_font_print(0, 0, text, NULL, corners, sizeof corners);
    for (int i = 0; i < count; i++) {
        const corner *first = &corners[i][0], *opposite = &corners[i][2];
        draw_box(p, x + scale * (int)first->x, y + scale * (int)first->y,
                 scale * (int)(opposite->x - first->x), scale * (int)(opposite->y - first->y),
                 black);
    }
}

/* ---- Files */

static void append(void *file, void *bytes, int count)
{
    fwrite(bytes, 1, (size_t)count, file);
}

/* stb_image_write can write the file itself, but does not look whether the disk is full. */
void picture_save(const picture *p, const char *path)
{
    errno = 0;
    FILE *file = fopen(path, "wb");
    bool written =
        file &&
        stbi_write_png_to_func(append, file, p->width, p->height, 3, p->pixels, p->width * 3) &&
        !ferror(file);
    if (file && fclose(file) != 0)
        written = false;
    if (!written)
        die("%s: cannot be written%s%s", path, errno ? ": " : "", errno ? strerror(errno) : "");
}

void picture_free(picture *p)
{
    free(p->pixels);
    p->pixels = NULL;
}
