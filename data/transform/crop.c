/*
 * Padded crop and flips, which leave pixels as they are:
 *
 *     crop             y(i, j) = x(i + di, j + dj), di and dj whole in [-padding, padding]
 *     flip             y(i, j) = x(i, width - 1 - j)
 *     flip_vertical    y(i, j) = x(height - 1 - i, j)
 */
#include <string.h>

#include "data/transform_internal.h"

static void copy_pixel(tarn_real *to, const tarn_real *from, int channels)
{
    for (int c = 0; c < channels; c++)
        to[c] = from[c];
}

static void fill(tarn_real *to, int64_t count, tarn_real value)
{
    for (int64_t i = 0; i < count; i++)
        to[i] = value;
}

/* Pixels first to end of a row that is moved by dx, all of which lie outside. */
static void crop_outside(const tarn_sample *s, const tarn_real *from, tarn_real *to, int64_t first,
                         int64_t end, int64_t dx, const double *numbers)
{
    for (int64_t j = first; j < end; j++) {
        int64_t place = tarn__border_place(j + dx, s->width, (tarn_border)(int)numbers[1]);
        if (place < 0)
            fill(to + j * s->channels, s->channels, (tarn_real)numbers[2]);
        else
            copy_pixel(to + j * s->channels, from + place * s->channels, s->channels);
    }
}

static int64_t between(int64_t i, int64_t low, int64_t high)
{
    return i < low ? low : i > high ? high : i;
}

static void crop(const tarn_transform *transform, tarn_sample *s)
{
    const int padding = (int)transform->numbers[0];
    const int64_t dx = tarn__sample_below(s, 2 * padding + 1) - padding;
    const int64_t dy = tarn__sample_below(s, 2 * padding + 1) - padding;
    const int64_t first = between(-dx, 0, s->width), end = between(s->width - dx, first, s->width);
    const int64_t row = (int64_t)s->width * s->channels, channels = s->channels;
    for (int64_t i = 0; i < s->height; i++) {
        int64_t place =
            tarn__border_place(i + dy, s->height, (tarn_border)(int)transform->numbers[1]);
        tarn_real *to = s->spare + i * row;
        if (place < 0) {
            fill(to, row, (tarn_real)transform->numbers[2]);
            continue;
        }
        const tarn_real *from = s->values + place * row;
        crop_outside(s, from, to, 0, first, dx, transform->numbers);
        if (end > first)
            memcpy(to + first * channels, from + (first + dx) * channels,
                   (size_t)((end - first) * channels) * sizeof *to);
        crop_outside(s, from, to, end, s->width, dx, transform->numbers);
    }
    tarn_sample_swap(s);
}

tarn_transform tarn_transform_crop_with(tarn_transform_crop_args args)
{
    if (!tarn__transform_check("crop", "padding", args.padding, 0, 10000) ||
        !tarn__border_check("crop", args.border, args.fill))
        return (tarn_transform){.name = NULL};
    return (tarn_transform){.name = "crop",
                            .apply = crop,
                            .meaning = "padding border fill",
                            .numbers = {args.padding, args.border, args.fill}};
}

static bool happens(const tarn_transform *transform, tarn_sample *sample)
{
    return tarn_sample_uniform(sample, 0, 1) < transform->numbers[0];
}

static inline __attribute__((always_inline)) void mirror_row(tarn_real *to, const tarn_real *from,
                                                             int64_t width, int channels)
{
    for (int64_t j = 0; j < width; j++)
        copy_pixel(to + j * channels, from + (width - 1 - j) * channels, channels);
}

/* In colour, a pixel and the number behind it at once, which the next pixel overwrites: not the
   last one of a row, neither of the picture nor of the result. */
static void mirror_colours(tarn_real *to, const tarn_real *from, int64_t width)
{
    copy_pixel(to, from + (width - 1) * 3, 3);
    for (int64_t j = 1; j < width - 1; j++)
        memcpy(to + j * 3, from + (width - 1 - j) * 3, 4 * sizeof *to);
    copy_pixel(to + (width - 1) * 3, from, 3);
}

static void flip(const tarn_transform *transform, tarn_sample *s)
{
    const int64_t row = (int64_t)s->width * s->channels;
    if (!happens(transform, s))
        return;
    for (int64_t i = 0; i < s->height; i++) {
        tarn_real *to = s->spare + i * row;
        const tarn_real *from = s->values + i * row;
        if (s->channels == 1)
            mirror_row(to, from, s->width, 1);
        else if (s->channels == 3)
            mirror_colours(to, from, s->width);
        else
            mirror_row(to, from, s->width, s->channels);
    }
    tarn_sample_swap(s);
}

static void flip_vertical(const tarn_transform *transform, tarn_sample *s)
{
    const int64_t row = (int64_t)s->width * s->channels;
    if (!happens(transform, s))
        return;
    for (int64_t i = 0; i < s->height; i++)
        memcpy(s->spare + (s->height - 1 - i) * row, s->values + i * row,
               (size_t)row * sizeof *s->spare);
    tarn_sample_swap(s);
}

tarn_transform tarn_transform_flip(double probability)
{
    if (!tarn__transform_check("flip", "probability", probability, 0, 1))
        return (tarn_transform){.name = NULL};
    return (tarn_transform){
        .name = "flip", .apply = flip, .meaning = "probability", .numbers = {probability}};
}

tarn_transform tarn_transform_flip_vertical(double probability)
{
    if (!tarn__transform_check("flip_vertical", "probability", probability, 0, 1))
        return (tarn_transform){.name = NULL};
    return (tarn_transform){.name = "flip_vertical",
                            .apply = flip_vertical,
                            .meaning = "probability",
                            .numbers = {probability}};
}
