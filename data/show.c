/* A contact sheet of what transforms make of pictures. */
#include <stdlib.h>
#include <string.h>

#include "core/base/error_internal.h"
#include "data/loader_internal.h"
#include "data/png.h"

enum { GAP = 2, MAGNIFIED = 96, MEGAPIXELS = 100 };

typedef struct sheet {
    const tarn_data_show_args *args;
    int rows, factor;
    int cell_height, cell_width; /* of a picture and the gap behind it */
    tarn__image image;
    tarn_real *sample;
    tarn__workspace workspace;
} sheet;

static bool check(const tarn_data_show_args *a)
{
    const tarn_shape shape = a->dataset->shape;
    if (!a->path)
        return tarn_fail("data_show: the path is NULL");
    if (a->rows < 1 || a->rows > 100 || a->columns < 1 || a->columns > 100)
        return tarn_fail("data_show: %d rows, %d columns, expects 1 to 100 of each", a->rows,
                         a->columns);
    if (shape.ndim != 3 || (shape.dim[2] != 1 && shape.dim[2] != 3))
        return tarn_fail("data_show: samples of shape %s, expects (height,width,1) or "
                         "(height,width,3)",
                         tarn_shape_to_text(shape).text);
    if (a->transforms.count < 0)
        return false;
    if (a->dataset->count == 0 || tarn_shape_size(shape) == 0)
        return tarn_set_error("data_show: the dataset is empty");
    return (double)a->rows * a->columns * (double)shape.dim[0] * (double)shape.dim[1] <
               MEGAPIXELS * 1e6 ||
           tarn_set_error("data_show: a sheet of %d x %d pictures of shape %s, expects at most %d "
                          "megapixels",
                          a->rows, a->columns, tarn_shape_to_text(shape).text, MEGAPIXELS);
}

/* A white sheet, and the rest that is needed. */
static bool begin(sheet *s)
{
    const tarn_shape shape = s->args->dataset->shape;
    const int height = (int)shape.dim[0], width = (int)shape.dim[1];
    const int64_t size = tarn_shape_size(shape), count = s->args->dataset->count;
    const int larger = height > width ? height : width;
    s->rows = count < s->args->rows ? (int)count : s->args->rows;
    s->factor = larger < MAGNIFIED ? MAGNIFIED / larger : 1;
    s->cell_height = s->factor * height + GAP;
    s->cell_width = s->factor * width + GAP;
    s->image.height = s->rows * s->cell_height + GAP;
    s->image.width = s->args->columns * s->cell_width + GAP;
    s->image.channels = (int)shape.dim[2];
    size_t pixels = (size_t)s->image.height * (size_t)s->image.width * (size_t)s->image.channels;
    s->image.pixels = malloc(pixels);
    s->sample = malloc((size_t)size * sizeof *s->sample);
    s->workspace.spare = malloc((size_t)size * sizeof *s->sample);
    s->workspace.scratch =
        malloc((size_t)tarn_sample_scratch(height, width) * sizeof *s->workspace.scratch);
    if (!s->image.pixels || !s->sample || !s->workspace.spare || !s->workspace.scratch)
        return tarn_set_error("data_show: out of memory for a sheet of %d x %d pixels",
                              s->image.width, s->image.height);
    memset(s->image.pixels, 255, pixels);
    return true;
}

/* Puts the sample to its place, each pixel as a square. */
static void draw(const sheet *s, int row, int column)
{
    const int channels = s->image.channels, width = (int)s->args->dataset->shape.dim[1];
    for (int y = 0; y < s->cell_height - GAP; y++) {
        const int64_t line = (int64_t)(row * s->cell_height + GAP + y) * s->image.width;
        uint8_t *to = s->image.pixels + (line + column * s->cell_width + GAP) * channels;
        const tarn_real *from = s->sample + (int64_t)(y / s->factor) * width * channels;
        for (int x = 0; x < s->cell_width - GAP; x++)
            for (int c = 0; c < channels; c++)
                to[x * channels + c] =
                    (uint8_t)(from[x / s->factor * channels + c] * 255 + (tarn_real)0.5);
    }
}

static bool fill(const sheet *s)
{
    const tarn_data_show_args *a = s->args;
    const tarn_transforms none = {.count = 0};
    for (int row = 0; row < s->rows; row++) {
        const int64_t sample = row * a->dataset->count / s->rows;
        for (int column = 0; column < a->columns; column++) {
            const uint64_t stream = tarn__transform_stream(a->seed, column - 1, sample);
            if (tarn__transform_read(a->dataset, sample, column ? &a->transforms : &none, stream,
                                     &s->workspace, s->sample) != TARN__GOOD)
                return false;
            draw(s, row, column);
        }
    }
    return true;
}

bool tarn_data_show_with(tarn_data_show_args args)
{
    sheet s = {.args = &args};
    if (!args.dataset || !check(&args))
        return false;
    bool good = begin(&s) && fill(&s) && tarn__png_save(&s.image, args.path);
    free(s.image.pixels);
    free(s.sample);
    free(s.workspace.spare);
    free(s.workspace.scratch);
    return tarn__told(good);
}
