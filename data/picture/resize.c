/*
 * Resampling. Our own rather than stb_image_resize's, of which systems have two versions that
 * compute other pixels: the same pictures are to give the same bits everywhere.
 *
 * Along one dimension, with the step s = part / to from a pixel of the result to the next:
 *
 *     centre = start + (i + 1/2) s,   reach = max(s, 1)
 *     w_k = max(0, 1 - |k + 1/2 - centre| / reach) for each pixel k that there is
 *     result_i = sum w_k pixel_k / sum w_k
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/picture.h"

/* What one pixel of the result is made of along a dimension. */
typedef struct taps {
    int first, count;
    float *weights;
} taps;

/* For each of to pixels; in one block, NULL when out of memory. */
static taps *make_taps(int size, double start, double part, int to)
{
    const double step = part / to, reach = step > 1 ? step : 1;
    const size_t most = (size_t)(2 * reach) + 3;
    taps *all = malloc((size_t)to * (sizeof *all + most * sizeof(float)));
    float *weights = (float *)(all + to);
    for (int i = 0; all && i < to; i++, weights += most) {
        const double centre = start + (i + 0.5) * step;
        const int first = (int)fmax(0, floor(centre - reach)),
                  end = (int)fmin(size, ceil(centre + reach));
        double sum = 0;
        for (int k = first; k < end; k++)
            sum += fmax(0, 1 - fabs(k + 0.5 - centre) / reach);
        for (int k = first; k < end; k++)
            weights[k - first] = (float)(fmax(0, 1 - fabs(k + 0.5 - centre) / reach) / sum);
        all[i] = (taps){first, end - first, weights};
    }
    return all;
}

static void resize_row(const float *row, int channels, const taps *across, int width, float *to)
{
    for (int x = 0; x < width; x++)
        for (int c = 0; c < channels; c++) {
            const taps *t = across + x;
            float sum = 0;
            for (int k = 0; k < t->count; k++)
                sum += t->weights[k] * row[(t->first + k) * channels + c];
            *to++ = sum;
        }
}

/* First each row is brought to its width, then the columns to their height. */
bool tarn__picture_resize(tarn__rows rows, tarn__part part, float *to, int height, int width)
{
    const int channels = rows.channels;
    taps *across = make_taps(rows.width, part.left, part.width, width);
    taps *down = make_taps(rows.height, part.top, part.height, height);
    const int top = down ? down[0].first : 0,
              bottom = down ? down[height - 1].first + down[height - 1].count : 0;
    const size_t row_size = (size_t)width * (size_t)channels;
    float *row = malloc((size_t)rows.width * (size_t)channels * sizeof *row);
    float *narrow = malloc((size_t)(bottom - top) * row_size * sizeof *narrow + 1);
    const bool good = across && down && row && narrow;
    for (int y = top; good && y < bottom; y++) {
        rows.get(rows.context, y, row);
        resize_row(row, channels, across, width, narrow + (size_t)(y - top) * row_size);
    }
    if (good)
        memset(to, 0, (size_t)height * row_size * sizeof *to);
    for (int y = 0; good && y < height; y++, to += row_size)
        for (int k = 0; k < down[y].count; k++) {
            const float *from = narrow + (size_t)(down[y].first + k - top) * row_size;
            for (size_t i = 0; i < row_size; i++)
                to[i] += down[y].weights[k] * from[i];
        }
    free(across);
    free(down);
    free(row);
    free(narrow);
    return good;
}
