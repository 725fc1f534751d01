/*
 * Cutout (DeVries and Taylor 2017, "Improved regularization of convolutional neural networks with
 * cutout") and random erasing (Zhong et al. 2017, "Random erasing data augmentation"): the pixels
 * of a rectangle become a number, or noise.
 */
#include <math.h>

#include "core/base/random_internal.h"
#include "data/transform_internal.h"

static int between(int i, int low, int high)
{
    return i < low ? low : i > high ? high : i;
}

/* Fills a rectangle, of which parts may lie outside. */
static void fill(tarn_sample *s, int left, int top, int width, int height, tarn_real value)
{
    const int first = between(left, 0, s->width), end = between(left + width, 0, s->width);
    const int last = between(top + height, 0, s->height);
    for (int i = between(top, 0, s->height); i < last; i++) {
        tarn_real *row = s->values + (int64_t)i * s->width * s->channels;
        for (int64_t k = (int64_t)first * s->channels; k < (int64_t)end * s->channels; k++)
            row[k] = value;
    }
}

static void cutout(const tarn_transform *transform, tarn_sample *s)
{
    const int size = (int)transform->numbers[0];
    int left = tarn__sample_below(s, s->width) - size / 2;
    int top = tarn__sample_below(s, s->height) - size / 2;
    fill(s, left, top, size, size, (tarn_real)transform->numbers[1]);
}

tarn_transform tarn_transform_cutout_with(tarn_transform_cutout_args args)
{
    if (!tarn__transform_check("cutout", "size", args.size, 0, 10000) ||
        !tarn__transform_check("cutout", "fill", args.fill, 0, 1))
        return (tarn_transform){.name = NULL};
    return (tarn_transform){.name = "cutout",
                            .apply = cutout,
                            .meaning = "size fill",
                            .numbers = {args.size, args.fill}};
}

static void fill_with_noise(tarn_sample *s, int left, int top, int width, int height)
{
    int64_t drawn = 0;
    for (int i = top; i < top + height; i++) {
        tarn_real *row = s->values + ((int64_t)i * s->width + left) * s->channels;
        for (int64_t k = 0; k < (int64_t)width * s->channels; k++)
            row[k] = tarn__random_uniform(tarn__random_at(s->random, drawn++));
    }
}

static void erase(const tarn_transform *transform, tarn_sample *s)
{
    const double *numbers = transform->numbers;
    double width, height;
    if (tarn_sample_uniform(s, 0, 1) >= numbers[0] ||
        !tarn__sample_part(s, numbers[1], numbers[2], numbers[3], &width, &height))
        return;
    int columns = (int)lround(width), rows = (int)lround(height);
    int left = tarn__sample_below(s, s->width - columns + 1);
    int top = tarn__sample_below(s, s->height - rows + 1);
    if (numbers[5] != 0)
        fill_with_noise(s, left, top, columns, rows);
    else
        fill(s, left, top, columns, rows, (tarn_real)numbers[4]);
}

tarn_transform tarn_transform_erase_with(tarn_transform_erase_args args)
{
    if (!tarn__transform_check("erase", "probability", args.probability, 0, 1) ||
        !tarn__transform_check("erase", "largest", args.largest, 0, 1) ||
        !tarn__transform_check("erase", "smallest", args.smallest, 0, args.largest) ||
        !tarn__transform_check("erase", "ratio", args.ratio, 1, 100) ||
        !tarn__transform_check("erase", "fill", args.fill, 0, 1))
        return (tarn_transform){.name = NULL};
    return (tarn_transform){.name = "erase",
                            .apply = erase,
                            .meaning = "probability smallest largest ratio fill noise",
                            .numbers = {args.probability, args.smallest, args.largest, args.ratio,
                                        args.fill, args.noise}};
}
