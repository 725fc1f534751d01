/*
 * Depthwise convolution by 3 x 3 with stride 1 (core/kernels/conv/depthwise.h has all others): the
 * channels are the lanes, and a column of the image is loaded once for the three sums of a row that
 * it belongs to. So there are three loads for nine multiply-adds, or five for 27 where three rows
 * of sums run beside each other. Nothing is copied: rows outside the image are a row of zeros, and
 * columns outside are left out.
 */
#ifndef TARN_CORE_KERNELS_CONV_DEPTHWISE_3X3_H
#define TARN_CORE_KERNELS_CONV_DEPTHWISE_3X3_H

#include "core/kernels/conv/conv2d.h"

/* Rows of sums at a time: as many as registers allow. */
#if defined __AVX512F__ || defined __aarch64__
enum { SLIDING_ROWS = 3 };
#else
enum { SLIDING_ROWS = 2 };
#endif

/* An image and the row of zeros for what is outside. */
typedef struct sliding {
    padded p;
    const tarn_real *image, *zeros;
} sliding;

/* Row i of the padded image, without the padding of its columns. */
static inline const tarn_real *sliding_row(const sliding *s, int64_t i)
{
    const int64_t row = i - s->p.top;
    return row < 0 || row >= s->p.from_h ? s->zeros : s->image + row * s->p.from_w * s->p.c;
}

/* Adds a column of the image to the three sums of each row that it belongs to: by the taps of
   column q to sum[r][q]. */
ALWAYS_INLINE void add_column(int rows, const tarn_real *const *in, int64_t at,
                              const vector weight[9], vector sum[][3])
{
    vector x[SLIDING_ROWS + 2];
    UNROLLED_FOR (int r = 0; r < rows + 2; r++)
        x[r] = load(in[r] + at);
    UNROLLED_FOR (int p = 0; p < 3; p++)
        UNROLLED_FOR (int r = 0; r < rows; r++)
            UNROLLED_FOR (int q = 0; q < 3; q++)
                sum[r][q] += x[r + p] * weight[3 * p + q];
}

/* Rows of sums, of one vector of channels. Those of three columns are in work: the one that the
   last column of taps has met is complete. */
ALWAYS_INLINE void slide_rows(int rows, const sliding *s, int64_t i, int64_t width,
                              const tarn_real *weight, destination d, int count, tarn_real *to)
{
    const int64_t c = s->p.c, left = s->p.left;
    const tarn_real *in[SLIDING_ROWS + 2];
    vector factors[9], sum[SLIDING_ROWS][3];
    const vector start = d.bias ? load_first(d.bias, count) : broadcast(0);
    UNROLLED_FOR (int k = 0; k < 9; k++)
        factors[k] = load(weight + k * c);
    UNROLLED_FOR (int r = 0; r < rows + 2; r++)
        in[r] = sliding_row(s, i + r);
    UNROLLED_FOR (int r = 0; r < rows; r++)
        UNROLLED_FOR (int q = 0; q < 3; q++)
            sum[r][q] = start;
    for (int64_t column = 0; column < width + 2; column++) {
        const int64_t from = column - left;
        if (from >= 0 && from < s->p.from_w)
            add_column(rows, in, from * c, factors, sum);
        UNROLLED_FOR (int r = 0; r < rows; r++) {
            tarn_real *at = to + (r * width + column - 2) * c;
            if (column >= 2) {
                if (d.add)
                    sum[r][2] += load_first(at, count);
                store_first(at, d.relu ? relu_of(sum[r][2]) : sum[r][2], count);
            }
            sum[r][2] = sum[r][1];
            sum[r][1] = sum[r][0];
            sum[r][0] = start;
        }
    }
}

/* Rows [first, end) of the sums of an image, whose rows are width pixels. */
static __attribute__((noinline)) void slide(const sliding *s, int64_t first, int64_t end,
                                            int64_t width, const tarn_real *weight, destination d,
                                            tarn_real *to)
{
    const int64_t c = s->p.c;
    for (int64_t i = first; i < end;) {
        const bool many = end - i >= SLIDING_ROWS;
        destination here = d;
        sliding part = *s;
        for (int64_t k = 0; k < c; k += LANES) {
            const int count = (int)smaller(c - k, LANES);
            tarn_real *at = to + (i - first) * width * c + k;
            part.image = s->image + k;
            if (many)
                slide_rows(SLIDING_ROWS, &part, i, width, weight + k, here, count, at);
            else
                slide_rows(1, &part, i, width, weight + k, here, count, at);
            here.bias += here.bias ? LANES : 0;
        }
        i += many ? SLIDING_ROWS : 1;
    }
}

/* The products of the sums' gradient at one pixel. */
ALWAYS_INLINE void add_products(const tarn_real *const *in, int64_t at, int64_t c, vector dsum,
                                vector sum[9])
{
    UNROLLED_FOR (int p = 0; p < 3; p++)
        UNROLLED_FOR (int q = 0; q < 3; q++)
            sum[3 * p + q] += load(in[p] + at + q * c) * dsum;
}

/* The same where the first or last columns are outside. */
ALWAYS_INLINE void add_products_inside(const tarn_real *const *in, int64_t at, padded p,
                                       vector dsum, vector sum[9])
{
    UNROLLED_FOR (int q = 0; q < 3; q++)
        if (at + q >= 0 && at + q < p.from_w)
            UNROLLED_FOR (int k = 0; k < 3; k++)
                sum[3 * k + q] += load(in[k] + (at + q) * p.c) * dsum;
}

/* The weight gradient of rows [first, end) of the sums, for one vector of channels. */
ALWAYS_INLINE void add_products_of_rows(const sliding *s, int64_t first, int64_t end, int64_t width,
                                        const tarn_real *dsum, vector sum[9])
{
    const padded p = s->p;
    for (int64_t i = first; i < end; i++) {
        const tarn_real *in[3], *dy = dsum + i * width * p.c;
        for (int r = 0; r < 3; r++)
            in[r] = sliding_row(s, i + r);
        for (int64_t j = 0; j < width; j++, dy += p.c) {
            const int64_t at = j - p.left;
            if (at >= 0 && at + 2 < p.from_w)
                add_products(in, at * p.c, p.c, load(dy), sum);
            else
                add_products_inside(in, at, p, load(dy), sum);
        }
    }
}

/* Adds the weight gradient of an image of height x width sums to sums (3,3,c): a few rows at a time
   for all channels, so that memory is read in order. */
static void slide_weight_gradient(const sliding *s, int64_t height, int64_t width,
                                  const tarn_real *dsum, tarn_real *sums)
{
    enum { BAND = 4 };
    const int64_t c = s->p.c;
    for (int64_t i = 0; i < height; i += BAND)
        for (int64_t k = 0; k < c; k += LANES) {
            const int count = (int)smaller(c - k, LANES);
            sliding part = *s;
            vector sum[9];
            part.image += k;
            UNROLLED_FOR (int t = 0; t < 9; t++)
                sum[t] = load(sums + t * c + k);
            add_products_of_rows(&part, i, smaller(i + BAND, height), width, dsum + k, sum);
            UNROLLED_FOR (int t = 0; t < 9; t++)
                store_first(sums + t * c + k, sum[t], count);
        }
}

#endif
