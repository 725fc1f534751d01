/* Samples with the names of their classes, as a picture to look at. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error_internal.h"
#include "data/dataset.h"
#include "data/png.h"

/* To the end of the file: gcc reports unused functions there. */
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#include <stb_easy_font.h>
#pragma GCC diagnostic pop

enum { GAP = 4, CAPTION = 12, SMALLEST = 64, LONGEST = 40, MEGAPIXELS = 100 };

/* The picture, of tiles that are a multiple of the samples in size, each above its caption. */
typedef struct board {
    tarn__image image;
    int scale, tile_height, tile_width; /* with the gap and the caption */
} board;

static void set(board *b, int x, int y, const uint8_t *colour)
{
    const tarn__image *i = &b->image;
    if (x < i->width && y < i->height)
        memcpy(i->pixels + ((size_t)y * (size_t)i->width + (size_t)x) * (size_t)i->channels, colour,
               (size_t)i->channels);
}

/* ---- Captions, in stb_easy_font: each letter is some upright rectangles, given by corners. */

typedef struct corner {
    float x, y, z;
    uint8_t colour[4];
} corner;

/* The name of a class as far as it has room, with ? for what the font does not have. */
static void make_caption(const tarn_dataset *dataset, int64_t sample, int width, char *caption)
{
    const int label = tarn_data_label(dataset, sample);
    if (!dataset->class_names) {
        snprintf(caption, LONGEST + 1, "%d", label);
        return;
    }
    size_t length = 0;
    for (const char *c = dataset->class_names[label]; *c && length < LONGEST; c++)
        if ((*c & 0xC0) != 0x80) /* one for each character of UTF-8 */
            caption[length++] = *c < ' ' || *c > '~' ? '?' : *c;
    caption[length] = '\0';
    while (length > 0 && stb_easy_font_width(caption) > width)
        caption[--length] = '\0';
}

static void draw_text(board *b, int x, int y, char *text)
{
    enum { RECTANGLES = 16 * LONGEST };
    static const uint8_t black[3] = {0, 0, 0};
    corner corners[RECTANGLES][4];
    const int count = stb_easy_font_print(0, 0, text, NULL, corners, sizeof corners);
    for (int i = 0; i < count; i++)
        for (int v = (int)corners[i][0].y; v < (int)corners[i][2].y; v++)
            for (int u = (int)corners[i][0].x; u < (int)corners[i][2].x; u++)
                set(b, x + u, y + v, black);
}

/* ---- Samples */

static void draw_sample(board *b, int left, int top, const tarn_real *values, const int64_t *dims)
{
    for (int y = 0; y < dims[0] * b->scale; y++)
        for (int x = 0; x < dims[1] * b->scale; x++) {
            const tarn_real *from =
                values + ((y / b->scale) * dims[1] + x / b->scale) * b->image.channels;
            uint8_t colour[3];
            for (int c = 0; c < b->image.channels; c++)
                colour[c] = (uint8_t)(fmin(fmax((double)from[c], 0), 1) * 255 + 0.5);
            set(b, left + x, top + y, colour);
        }
}

/* Draws a sample into place number p of the board. */
static bool draw(board *b, const tarn_data_contact_sheet_args *args, int64_t sample, int p,
                 tarn_real *values)
{
    const tarn_dataset *dataset = args->dataset;
    const int left = GAP + p % args->columns * b->tile_width,
              top = GAP + p / args->columns * b->tile_height;
    char caption[LONGEST + 1];
    if (!tarn__dataset_read(dataset, sample, values))
        return false;
    draw_sample(b, left, top, values, dataset->shape.dim);
    make_caption(dataset, sample, b->tile_width - GAP, caption);
    draw_text(b, left, top + b->tile_height - GAP - CAPTION + 2, caption);
    return true;
}

static bool draw_all(board *b, const tarn_data_contact_sheet_args *args)
{
    const int64_t count = args->dataset->count, places = (int64_t)args->rows * args->columns;
    tarn_real *values = malloc((size_t)tarn_shape_size(args->dataset->shape) * sizeof *values);
    bool good = values || tarn_set_error("%s: out of memory for a sample", args->path);
    for (int64_t p = 0; good && p < places && p < count; p++)
        good = draw(b, args, count <= places ? p : p * count / places, (int)p, values);
    free(values);
    return good;
}

/* ---- The whole */

static bool check_arguments(const tarn_data_contact_sheet_args *args)
{
    const tarn_shape shape = args->dataset->shape;
    if (!args->path)
        return tarn_fail("data_contact_sheet: the path is NULL");
    if (shape.ndim != 3 || (shape.dim[2] != 1 && shape.dim[2] != 3) || tarn_shape_size(shape) == 0)
        return tarn_fail(
            "data_contact_sheet: samples of shape %s, expects (height, width, 1) or (height, "
            "width, 3)",
            tarn_shape_to_text(shape).text);
    if (args->rows < 1 || args->columns < 1 || args->rows > 100 || args->columns > 100)
        return tarn_fail("data_contact_sheet: %d rows of %d samples, expects 1 to 100", args->rows,
                         args->columns);
    return args->dataset->count > 0 || tarn_set_error("data_contact_sheet: the dataset is empty");
}

/* A white board. */
static bool make_board(board *b, const tarn_data_contact_sheet_args *args)
{
    const int64_t *dims = args->dataset->shape.dim, channels = dims[2];
    const int64_t larger = dims[0] > dims[1] ? dims[0] : dims[1];
    const int64_t scale = larger < SMALLEST ? SMALLEST / larger : 1;
    const int64_t tile_height = dims[0] * scale + CAPTION + GAP, tile_width = dims[1] * scale + GAP;
    const int64_t most = (args->dataset->count + args->columns - 1) / args->columns;
    const int64_t rows = args->rows < most ? args->rows : most;
    const int64_t height = rows * tile_height + GAP, width = args->columns * tile_width + GAP;
    if (larger > MEGAPIXELS * 1000000 || width > MEGAPIXELS * INT64_C(1000000) / height)
        return tarn_set_error("%s: %lld x %lld pixels, expects at most %d million", args->path,
                              (long long)width, (long long)height, MEGAPIXELS);
    *b = (board){{(int)height, (int)width, (int)channels,
                  malloc((size_t)(height * width * channels)), false},
                 (int)scale,
                 (int)tile_height,
                 (int)tile_width};
    if (!b->image.pixels)
        return tarn_set_error("%s: out of memory for %lld x %lld pixels", args->path,
                              (long long)width, (long long)height);
    memset(b->image.pixels, 255, (size_t)(height * width * channels));
    return true;
}

bool tarn_data_contact_sheet_with(tarn_data_contact_sheet_args args)
{
    board b = {.scale = 0};
    if (!args.dataset || !check_arguments(&args))
        return false;
    const bool good =
        make_board(&b, &args) && draw_all(&b, &args) && tarn__png_save(&b.image, args.path);
    free(b.image.pixels);
    return tarn__told(good);
}
