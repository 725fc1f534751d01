/*
 * A convolution with few output channels, such as the last of a U-Net or an autoencoder, or the
 * input gradient of a first layer. With channels as lanes most of each vector would be empty. Here
 * the lanes are the numbers that a sum goes over, (column, channel) of a row of the kernel, which
 * lie one behind the other in the image as in the weights, once these are turned to (o, kernel row,
 * column, c):
 *
 *     sums[k] += weight[j, t, k] x[pixel, t, k]      k: lanes, t: vectors of a window
 *     y[pixel, j] = sum over k of sums[k]
 *
 * As many pixels at a time as there are lanes, so that their sums of lanes are added up all at
 * once.
 *
 * The weight gradient is that of a tile whose rows are the output channels, and whose columns are
 * the (column, channel) of a row of the kernel.
 */
#ifndef TARN_CORE_KERNELS_CONV_FEW_CHANNELS_H
#define TARN_CORE_KERNELS_CONV_FEW_CHANNELS_H

#include "core/kernels/conv/conv2d.h"
#include "core/kernels/tile.h"
#include "core/kernels/transpose.h"

enum { FEW = LANES / 2 };

/* Worth it or not, for windows of so many numbers: each takes a multiply-add of the tiles for all
   channels, of which 0.6 are done in the time of one here; a sum takes four more for its lanes. */
static inline bool has_few_channels(const tarn__conv2d *s, int64_t taps)
{
    const int64_t k = taps * s->c, o = s->o;
    return !s->pairs && s->groups == 1 && o > 0 && o <= FEW &&
           5 * o * (k + 4 * LANES) < 3 * k * LANES;
}

/* weight (k, o) to (o, k). */
static inline void few_weights(int64_t k, int64_t o, const tarn_real *weight, tarn_real *to)
{
    for (int64_t j = 0; j < o; j++)
        for (int64_t i = 0; i < k; i++)
            to[j * k + i] = weight[i * o + j];
}

/* Lane i: the sum of the lanes of v[i]. Each round adds pairs of vectors, interleaved. */
ALWAYS_INLINE vector sums_of_lanes(vector *v)
{
    UNROLLED_FOR (int half = LANES / 2; half > 0; half /= 2)
        UNROLLED_FOR (int i = 0; i < half; i++)
            v[i] = SHUFFLE(v[i], v[i + half], LOW) + SHUFFLE(v[i], v[i + half], HIGH);
    return v[0];
}

/* The sums at LANES pixels, of which those from count on repeat the last. The walk's b is a row of
   turned weights. */
ALWAYS_INLINE vector few_sums(const walk *t, const tarn_real *a, int count, const tarn_real *b)
{
    vector sum[LANES];
    int64_t at[LANES];
    UNROLLED_FOR (int r = 0; r < LANES; r++) {
        sum[r] = (vector){0};
        at[r] = (r < count ? r : count - 1) * t->a_row;
    }
    const int64_t whole = t->inner / LANES * LANES;
    const int rest = (int)(t->inner - whole);
    for (int64_t i = 0; i < t->outer; i++)
        for (int64_t j = 0; j < t->middle; j++) {
            const tarn_real *in_a = a + i * t->a_outer + j * t->a_middle;
            const tarn_real *in_b = b + i * t->b_outer + j * t->b_middle;
            for (int64_t k = 0; k < whole; k += LANES) {
                const vector factor = load(in_b + k);
                UNROLLED_FOR (int r = 0; r < LANES; r++)
                    sum[r] += factor * load(in_a + at[r] + k);
            }
            if (rest > 0) {
                const vector factor = load_first(in_b + whole, rest);
                UNROLLED_FOR (int r = 0; r < LANES; r++)
                    sum[r] += factor * load_first(in_a + at[r] + whole, rest);
            }
        }
    return sums_of_lanes(sum);
}

/* Numbers that are `apart`, as the first lanes. */
ALWAYS_INLINE vector column_of(const tarn_real *from, int64_t apart, int count)
{
    tarn_real column[LANES] = {0};
    if (apart == 1)
        return load_first(from, count);
    for (int r = 0; r < count; r++)
        column[r] = from[r * apart];
    return load(column);
}

ALWAYS_INLINE void put_column(tarn_real *to, int64_t apart, vector v, int count)
{
    tarn_real column[LANES];
    if (apart == 1) {
        store_first(to, v, count);
        return;
    }
    store(column, v);
    for (int r = 0; r < count; r++)
        to[r * apart] = column[r];
}

/* A row of `pixels` sums of `channels` channels each, as run_panel() computes them, but with
   weights (channels, outer, middle, inner); start_channel is 0 where start is NULL. */
static inline void few_row(const walk *t, int64_t pixels, int64_t channels, const tarn_real *a,
                           const tarn_real *b, tarn_real *c, const tarn_real *start)
{
    for (int64_t first = 0; first < pixels; first += LANES) {
        const int count = (int)smaller(pixels - first, LANES);
        for (int64_t j = 0; j < channels; j++) {
            tarn_real *to = c + first * t->c_row + j;
            vector y = few_sums(t, a + first * t->a_row, count, b + j * t->outer * t->b_outer);
            if (start)
                y += column_of(start + first * t->start_row + j, t->start_row, count);
            put_column(to, t->c_row, t->relu ? relu_of(y) : y, count);
        }
    }
}

/* sum[k, j] += the tile's, whose rows j are the output channels: a is the gradient of the sums, b
   the image below column 0 of the kernel's row, k goes over `columns` of (column, channel). */
static inline void few_correlate(const walk *t, int64_t channels, int64_t columns,
                                 const tarn_real *a, const tarn_real *b, tarn_real *sum)
{
    tarn_real block[FEW * MOST_COLUMNS];
    for (int64_t first = 0; first < columns; first += MOST_COLUMNS) {
        const panel part = panel_of(columns - first, channels, false);
        run_panel(&part, t, a, b + first, block, NULL);
        const int64_t width = smaller(columns - first, MOST_COLUMNS);
        for (int64_t j = 0; j < channels; j++)
            for (int64_t k = 0; k < width; k++)
                sum[(first + k) * channels + j] += block[j * MOST_COLUMNS + k];
    }
}

#endif
