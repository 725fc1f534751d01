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
#ifndef TARN_CORE_KERNELS_DEPTHWISE_H
#define TARN_CORE_KERNELS_DEPTHWISE_H

#include "core/kernels/conv2d.h"

/* Sums in registers: as many as a kernel of 3 x 3 has taps. */
enum { DEPTHWISE_SUMS = 9 };

/* h x w places: how far the next row and column are in the image, and in the other array. */
typedef struct depthwise_grid {
    int64_t h, w;
    int64_t image_row, image_column;
    int64_t row, column;
} depthwise_grid;

/* Where the sums of a tile begin in the image and in the result. */
typedef struct depthwise_places {
    int64_t image[DEPTHWISE_SUMS], to[DEPTHWISE_SUMS], start[DEPTHWISE_SUMS];
} depthwise_places;

static inline bool is_depthwise(const tarn__conv2d *s)
{
    return s->groups > 1 && s->c == s->groups && s->o == s->groups;
}

/* One tile, whole vectors. */
static __attribute__((noinline)) void
depthwise_tile(const depthwise_grid *grid, const depthwise_places *at, const tarn_real *image,
               const tarn_real *by, tarn_real *to, const tarn_real *start, bool relu)
{
    vector sum[DEPTHWISE_SUMS];
    int64_t place[DEPTHWISE_SUMS];
    UNROLL
    for (int r = 0; r < DEPTHWISE_SUMS; r++) {
        place[r] = at->image[r];
        sum[r] = start ? load(start + at->start[r]) : (vector){0};
    }
    for (int64_t i = 0; i < grid->h; i++) {
        const tarn_real *pixel = image + i * grid->image_row, *factor = by + i * grid->row;
        for (int64_t j = grid->w; j > 0; j--) {
            const vector f = load(factor);
            UNROLL
            for (int r = 0; r < DEPTHWISE_SUMS; r++)
                sum[r] += f * load(pixel + place[r]);
            pixel += grid->image_column;
            factor += grid->column;
        }
    }
    UNROLL
    for (int r = 0; r < DEPTHWISE_SUMS; r++)
        store(to + at->to[r], relu ? relu_of(sum[r]) : sum[r]);
}

/* One tile of the last channels, less than a vector. */
static __attribute__((noinline)) void depthwise_edge(const depthwise_grid *grid,
                                                     const depthwise_places *at, int64_t channels,
                                                     const tarn_real *image, const tarn_real *by,
                                                     tarn_real *to, const tarn_real *start,
                                                     bool relu)
{
    tarn_real sums[DEPTHWISE_SUMS * LANES] = {0};
    depthwise_places here = *at;
    for (int r = 0; r < DEPTHWISE_SUMS; r++) {
        here.to[r] = here.start[r] = r * LANES;
        if (start)
            memcpy(sums + r * LANES, start + at->start[r], (size_t)channels * sizeof *sums);
    }
    depthwise_tile(grid, &here, image, by, sums, sums, relu);
    for (int r = 0; r < DEPTHWISE_SUMS; r++)
        memcpy(to + at->to[r], sums + r * LANES, (size_t)channels * sizeof *sums);
}

/* All sums of a grid, over the other grid. start may be NULL (zero), a bias, or to itself. */
static void run_depthwise(int64_t channels, const depthwise_grid *sums, const depthwise_grid *over,
                          const tarn_real *image, const tarn_real *by, tarn_real *to,
                          const tarn_real *start, bool relu)
{
    const int64_t count = sums->h * sums->w;
    int64_t i = 0, j = 0;
    for (int64_t first = 0; first < count; first += DEPTHWISE_SUMS) {
        depthwise_places at;
        for (int r = 0; r < DEPTHWISE_SUMS; r++) {
            at.image[r] = i * sums->image_row + j * sums->image_column;
            at.to[r] = i * sums->row + j * sums->column;
            at.start[r] = start == to ? at.to[r] : 0;
            /* Behind the end, the last sum is computed, and written, again. */
            if (first + r + 1 < count && ++j == sums->w) {
                j = 0;
                i++;
            }
        }
        int64_t c = 0;
        for (; c + LANES <= channels; c += LANES)
            depthwise_tile(over, &at, image + c, by + c, to + c, start ? start + c : NULL, relu);
        if (c < channels)
            depthwise_edge(over, &at, channels - c, image + c, by + c, to + c,
                           start ? start + c : NULL, relu);
    }
}

#endif
