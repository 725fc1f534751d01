/*
 * Convolution where each channel is a group of its own (c = o = groups): the channels are the
 * lanes, and one tile serves forward and both gradients,
 *
 *     to[r] = start[r] + sum over t of image[r + t] by[t]        a vector of channels each
 *
 * where r and t are places in two grids: for the convolution r runs over pixels and t over the taps
 * of the kernel, with the weights for by; for the weight gradient r runs over the taps and t over
 * pixels, with the gradient of the sums for by. The sums of a few r stay in registers.
 */
#ifndef TARN_CORE_KERNELS_CONV_DEPTHWISE_H
#define TARN_CORE_KERNELS_CONV_DEPTHWISE_H

#include "core/kernels/conv/conv2d.h"

/* Sums in registers: as many as a kernel of 3 x 3 has taps. */
enum { DEPTHWISE_SUMS = 9 };

/* h x w places: how far the next row and column are in the image, and in the other array. */
typedef struct depthwise_grid {
    int64_t h, w;
    int64_t image_row, image_column;
    int64_t row, column;
} depthwise_grid;

/* Where the sums of a tile begin. */
typedef int64_t depthwise_places[DEPTHWISE_SUMS];

static inline bool is_depthwise(const tarn__conv2d *s)
{
    return s->groups > 1 && s->c == s->groups && s->o == s->groups;
}

/* One tile, whole vectors. It starts from what is there, or from the bias, which may be NULL. */
static __attribute__((noinline)) void
depthwise_tile(const depthwise_grid *over, const int64_t *image_places, const tarn_real *image,
               const tarn_real *by, const int64_t *places, tarn_real *to, destination d)
{
    vector sum[DEPTHWISE_SUMS];
    int64_t place[DEPTHWISE_SUMS];
    const vector first = d.bias ? load(d.bias) : (vector){0};
    UNROLLED_FOR (int r = 0; r < DEPTHWISE_SUMS; r++) {
        place[r] = image_places[r];
        sum[r] = first;
    }
    if (d.add) {
        UNROLLED_FOR (int r = 0; r < DEPTHWISE_SUMS; r++)
            sum[r] = load(to + places[r]);
    }
    for (int64_t i = 0; i < over->h; i++) {
        const tarn_real *pixel = image + i * over->image_row, *factor = by + i * over->row;
        for (int64_t j = over->w; j > 0; j--) {
            const vector f = load(factor);
            UNROLLED_FOR (int r = 0; r < DEPTHWISE_SUMS; r++)
                sum[r] += f * load(pixel + place[r]);
            pixel += over->image_column;
            factor += over->column;
        }
    }
    if (d.relu) {
        UNROLLED_FOR (int r = 0; r < DEPTHWISE_SUMS; r++)
            sum[r] = relu_of(sum[r]);
    }
    UNROLLED_FOR (int r = 0; r < DEPTHWISE_SUMS; r++)
        store(to + places[r], sum[r]);
}

/* One tile of the last channels, less than a vector. */
static __attribute__((noinline)) void depthwise_edge(const depthwise_grid *over,
                                                     const int64_t *image_places,
                                                     const tarn_real *image, const tarn_real *by,
                                                     const int64_t *places, tarn_real *to,
                                                     destination d, int64_t channels)
{
    tarn_real sums[DEPTHWISE_SUMS * LANES];
    depthwise_places here;
    memset(sums, 0, sizeof sums);
    for (int r = 0; r < DEPTHWISE_SUMS; r++) {
        here[r] = r * LANES;
        if (d.add)
            memcpy(sums + r * LANES, to + places[r], (size_t)channels * sizeof *to);
    }
    depthwise_tile(over, image_places, image, by, here, sums, d);
    for (int r = 0; r < DEPTHWISE_SUMS; r++)
        memcpy(to + places[r], sums + r * LANES, (size_t)channels * sizeof *to);
}

/* All sums of a grid, over the other grid. */
static void run_depthwise(int64_t channels, const depthwise_grid *sums, const depthwise_grid *over,
                          const tarn_real *image, const tarn_real *by, tarn_real *to, destination d)
{
    const int64_t count = sums->h * sums->w;
    int64_t i = 0, j = 0;
    for (int64_t first = 0; first < count; first += DEPTHWISE_SUMS) {
        depthwise_places image_places, places;
        for (int r = 0; r < DEPTHWISE_SUMS; r++) {
            image_places[r] = i * sums->image_row + j * sums->image_column;
            places[r] = i * sums->row + j * sums->column;
            /* Behind the end, the last sum is computed, and written, again. */
            if (first + r + 1 < count && ++j == sums->w) {
                j = 0;
                i++;
            }
        }
        destination here = d;
        for (int64_t c = 0; c < channels; c += LANES) {
            if (channels - c >= LANES)
                depthwise_tile(over, image_places, image + c, by + c, places, to + c, here);
            else
                depthwise_edge(over, image_places, image + c, by + c, places, to + c, here,
                               channels - c);
            here.bias += here.bias ? LANES : 0;
        }
    }
}

#endif
