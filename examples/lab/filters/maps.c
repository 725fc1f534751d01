#include "examples/lab/filters/maps.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "examples/lab/lib/options.h"

enum { MARGIN = 16, INNER = MAPS_WIDTH - 2 * MARGIN, LINE = 22 /* a line of text at scale 2 */ };

static const colour white = {255, 255, 255}, frame = {190, 190, 190};

/* ---- Numbers as colours */

/* Blue and orange differ for the colour-blind too. */
static colour colour_of(double value, double limit)
{
    const colour blue = {0, 90, 181}, orange = {213, 94, 0};
    const double share = limit > 0 ? fmin(1, fabs(value) / limit) : 0;
    return mix(value < 0 ? orange : blue, white, share);
}

/* What has full colour. */
static double largest(const tarn_tensor *x)
{
    double limit = 0;
    for (int64_t i = 0; i < tarn_size(x); i++)
        limit = fmax(limit, fabs((double)tarn_values(x)[i]));
    return limit;
}

static void draw_scale(picture *p, int y, const char *low, const char *high)
{
    enum { LENGTH = 241, HEIGHT = 16 };
    const int x = MAPS_WIDTH - MARGIN - LENGTH - 30;
    draw_box(p, x - 1, y - 1, LENGTH + 2, HEIGHT + 2, frame);
    for (int i = 0; i < LENGTH; i++)
        draw_box(p, x + i, y, 1, HEIGHT, colour_of(2.0 * i / (LENGTH - 1) - 1, 1));
    draw_text(p, x, y + HEIGHT + 6, 0.5, 2, "%s", low);
    draw_text(p, x + LENGTH / 2, y + HEIGHT + 6, 0.5, 2, "0");
    draw_text(p, x + LENGTH, y + HEIGHT + 6, 0.5, 2, "%s", high);
}

void draw_image(picture *p, int x, int y, int cell, const tarn_tensor *image)
{
    const tarn_real *values = tarn_values(image);
    const colour ink = {0, 0, 0}, paper = {240, 240, 240};
    const int height = (int)tarn_dim(image, -3), width = (int)tarn_dim(image, -2);
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < height * width; i++) {
        const double value = (double)values[i];
        low = value < low ? value : low;
        high = value > high ? value : high;
    }
    for (int i = 0; i < height * width; i++) {
        const double share = high > low ? ((double)values[i] - low) / (high - low) : 0;
        draw_box(p, x + i % width * cell, y + i / width * cell, cell, cell, mix(ink, paper, share));
    }
}

/* ---- Maps of numbers, side by side */

/* Maps of height x width numbers, in lines of so many columns; each number is a square of cell
   pixels, and there is a gap to the next map. Units of a linear layer are maps of 1 x 1. */
typedef struct grid {
    int maps, height, width;
    int columns, cell, gap;
} grid;

/* The fewest lines in which a map is at least so wide, at most so wide. */
static grid arrange(int64_t maps, int64_t height, int64_t width, int gap, int least, int most)
{
    grid g = {(int)maps, (int)height, (int)width, .gap = gap};
    for (int lines = 1; g.cell * g.width < least && lines <= g.maps; lines++) {
        g.columns = (g.maps + lines - 1) / lines;
        g.cell = (INNER / g.columns - gap) / g.width;
    }
    if (g.cell * g.width > most)
        g.cell = most / g.width;
    return g;
}

/* Draws the maps, of which the values are (height, width, maps), and below each a text if there are
   any; returns the row below. */
static int draw_grid(picture *p, int y, const grid *g, const tarn_real *values, double limit,
                     char (*below)[16])
{
    const int width = g->width * g->cell, height = g->height * g->cell;
    const int pitch = INNER / g->columns, line = height + g->gap + (below ? LINE : 0);
    for (int m = 0; m < g->maps; m++) {
        const int x = MARGIN + m % g->columns * pitch + (pitch - width) / 2;
        const int top = y + m / g->columns * line;
        draw_box(p, x - 1, top - 1, width + 2, height + 2, frame);
        for (int i = 0; i < g->height * g->width; i++)
            draw_box(p, x + i % g->width * g->cell, top + i / g->width * g->cell, g->cell, g->cell,
                     colour_of((double)values[i * g->maps + m], limit));
        if (below)
            draw_text(p, x + width / 2, top + height + 4, 0.5, 2, "%s", below[m]);
    }
    return y + (g->maps + g->columns - 1) / g->columns * line;
}

/* "Conv2d(1, 6, 5)" */
static void describe(const tarn_module *layer, char *text, size_t size)
{
    char numbers[80] = "";
    if (layer->type->describe)
        layer->type->describe(layer, numbers, sizeof numbers);
    snprintf(text, size, "%s(%s)", layer->type->name, numbers);
}

/* ---- Filters */

void draw_filters(tarn_module *network, const char *name, const char *path)
{
    enum { MOST = 64 };
    const tarn_module *layer = tarn_nn_child(network, 0);
    const tarn_tensor *kernels = tarn_nn_parameters(network).tensors[0]; /* (K, K, 1, filters) */
    const int64_t filters = tarn_dim(kernels, 3);
    const double limit = largest(kernels);
    const grid g = arrange(filters, tarn_dim(kernels, 0), tarn_dim(kernels, 1), 8, 80, 240);
    char description[100], low[32], high[32], numbers[MOST][16];
    describe(layer, description, sizeof description);
    snprintf(low, sizeof low, "%.2f", -limit);
    snprintf(high, sizeof high, "%.2f", limit);
    for (int i = 0; i < filters; i++)
        snprintf(numbers[i], sizeof numbers[i], "%d", i);

    picture p = picture_new(MAPS_WIDTH, MAPS_WIDTH);
    draw_text(&p, MARGIN, MARGIN, 0, 2, "Filters of the first layer of %s:", name);
    draw_text(&p, MARGIN, MARGIN + LINE, 0, 2, "%s", description);
    draw_scale(&p, MARGIN, low, high);
    p.height = draw_grid(&p, MARGIN + 3 * LINE, &g, tarn_values(kernels), limit, numbers) + MARGIN;
    picture_save(&p, path);
    picture_free(&p);
    printf("%s: the %lld filters of the first layer, %s\n", path, (long long)filters, description);
}

/* ---- Feature maps */

/* Draws what a layer made of x; returns the row below. */
static int draw_output(picture *p, int y, const tarn_module *layer, const tarn_tensor *x,
                       const tarn_tensor *output)
{
    enum { MOST_NUMBERS = 10 };
    const bool image = tarn_ndim(output) == 4;
    const int64_t units = tarn_dim(output, -1);
    const double limit = largest(output);
    char description[100], numbers[MOST_NUMBERS][16];
    describe(layer, description, sizeof description);
    draw_text(p, MARGIN, y, 0, 2, "%s", description);

    /* A layer that only counts in training, or for the shape, would be drawn a second time. */
    if (tarn_size(x) == tarn_size(output) &&
        !memcmp(tarn_values(x), tarn_values(output), (size_t)tarn_size(x) * sizeof(tarn_real))) {
        draw_text(p, MAPS_WIDTH - MARGIN, y, 1, 2, "the same %lld numbers",
                  (long long)tarn_size(output));
        return y + LINE + LINE / 2;
    }
    if (image) {
        draw_text(p, MAPS_WIDTH - MARGIN, y, 1, 2, "%lld maps of %lld x %lld, up to %.2f",
                  (long long)units, (long long)tarn_dim(output, 1), (long long)tarn_dim(output, 2),
                  limit);
        const grid g = arrange(units, tarn_dim(output, 1), tarn_dim(output, 2), 4, 48, 112);
        return draw_grid(p, y + LINE, &g, tarn_values(output), limit, NULL) + LINE / 2;
    }
    draw_text(p, MAPS_WIDTH - MARGIN, y, 1, 2, "%lld units, up to %.2f", (long long)units, limit);
    for (int i = 0; i < units && i < MOST_NUMBERS; i++)
        snprintf(numbers[i], sizeof numbers[i], "%.1f", (double)tarn_values(output)[i]);
    const grid g = arrange(units, 1, 1, 1, 8, 32);
    return draw_grid(p, y + LINE, &g, tarn_values(output), limit,
                     units <= MOST_NUMBERS ? numbers : NULL) +
           LINE / 2;
}

/* Bars below the units that they belong to; returns the row below. Names that are words stand in
   two lines by turns, so that they have room. */
static int draw_probabilities(picture *p, int y, const tarn_tensor *probabilities,
                              const char *const *classes)
{
    enum { HEIGHT = 80, BAR = 32 };
    const colour blue = {0, 90, 181};
    const int count = (int)tarn_size(probabilities), pitch = INNER / count;
    const int bottom = y + 2 * LINE + HEIGHT;
    const bool words = strlen(classes[0]) > 1;
    draw_text(p, MARGIN, y, 0, 2, "Probabilities (softmax)");
    draw_box(p, MARGIN, bottom, INNER, 1, frame);
    for (int i = 0; i < count; i++) {
        const double probability = (double)tarn_values(probabilities)[i];
        const int middle = MARGIN + i * pitch + pitch / 2;
        const int height = (int)lround(probability * HEIGHT);
        draw_box(p, middle - BAR / 2, bottom - height, BAR, height, blue);
        draw_text(p, middle, bottom - height - 18, 0.5, 2, "%.1f%%", 100 * probability);
        draw_text(p, middle, bottom + 6 + (words && i % 2 ? LINE : 0), 0.5, 2, "%s", classes[i]);
    }
    return bottom + 4 + (words ? 2 * LINE : LINE);
}

void draw_feature_maps(tarn_module *network, tarn_tensor *image, const char *title,
                       const char *const *classes, const char *path)
{
    enum { CELL = 4, HIGHEST = 4000 };
    picture p = picture_new(MAPS_WIDTH, HIGHEST);
    draw_image(&p, MARGIN, MARGIN, CELL, image);
    const int right = MARGIN + CELL * (int)tarn_dim(image, 2) + MARGIN;
    draw_text(&p, right, MARGIN, 0, 2, "%s,", title);
    draw_text(&p, right, MARGIN + LINE, 0, 2, "and the output of each layer. Each has a scale");
    draw_text(&p, right, MARGIN + 2 * LINE, 0, 2, "of its own, up to its largest number:");
    draw_scale(&p, MARGIN + 3 * LINE + 2, "-", "+");
    int y = MARGIN + CELL * (int)tarn_dim(image, 1) + MARGIN;

    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *x = image;
    tarn_module *layer;
    for (int i = 0; (layer = tarn_nn_child(network, i)); i++) {
        tarn_tensor *output = tarn_nn_forward(layer, x);
        check(output);
        y = draw_output(&p, y, layer, x, output);
        x = output;
    }
    tarn_tensor *probabilities = tarn_softmax(x);
    int32_t guess = 0;
    check(tarn_argmax_axis(probabilities, 1, &guess));
    p.height = draw_probabilities(&p, y, probabilities, classes) + MARGIN / 2;
    picture_save(&p, path);
    printf("%s: what each layer makes of it; guess %s, %.4f%%\n", path, classes[guess],
           100 * (double)tarn_values(probabilities)[guess]);
    tarn_tape_end(tape);
    picture_free(&p);
}
