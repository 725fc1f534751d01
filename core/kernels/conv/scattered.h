/*
 * The input gradient of a convolution with fewer channels than lanes, such as LeNet's second. The
 * numbers below a row of the kernel, (column, channel), lie one behind the other in a row of the
 * image: they are the lanes,
 *
 *     products[j, k] = sum over o of dsum[i, j, o] weight[p, k, o]      k: of a row p of the kernel
 *     dx[row, t] = sum over all p and j of products[j, t - where the window of j begins]
 *
 * The first is a tile. The second adds up, for each vector of dx, the few products that meet there;
 * between two pixels' products are zeros, so that whole vectors can be read wherever they begin.
 */
#ifndef TARN_CORE_KERNELS_CONV_SCATTERED_H
#define TARN_CORE_KERNELS_CONV_SCATTERED_H

#include "core/kernels/conv/conv2d.h"
#include "core/kernels/tile.h"

/* Numbers below a row of the kernel, and from one pixel's products to the next. */
static inline int64_t scattered_width(const tarn__conv2d *s)
{
    return s->kw * s->c;
}

static inline int64_t scattered_step(const tarn__conv2d *s)
{
    return scattered_width(s) + LANES;
}

/* The products of a row of sums, with zeros before the first. */
static inline int64_t scattered_row(const tarn__conv2d *s)
{
    return LANES + s->ow * scattered_step(s);
}

/* Whether it is less work than with channels as lanes, and the lanes are not mostly empty. */
static inline bool is_scattered(const tarn__conv2d *s)
{
    const int64_t width = scattered_width(s), vectors = divide_up(width, LANES);
    return !s->pairs && s->groups == 1 && s->dilation_h == 1 && s->dilation_w == 1 && s->c > 0 &&
           s->c < LANES && 3 * vectors <= 2 * s->kw && 5 * vectors * LANES <= 8 * width;
}

/* weight (p, k, o) to (p, o, k). */
static inline void scattered_weights(const tarn__conv2d *s, const tarn_real *weight, tarn_real *to)
{
    const int64_t width = scattered_width(s);
    for (int64_t p = 0; p < s->kh; p++)
        for (int64_t o = 0; o < s->o; o++)
            for (int64_t k = 0; k < width; k++)
                *to++ = weight[(p * width + k) * s->o + o];
}

/* The products of one row of sums by one row of the kernel. The tile writes whole vectors, which is
   much faster; behind each pixel's products the zeros are written again. */
static inline void multiply_row(const tarn__conv2d *s, const tarn_real *dsum,
                                const tarn_real *weight, tarn_real *products)
{
    const int64_t width = scattered_width(s);
    const walk t = {.outer = 1,
                    .middle = 1,
                    .inner = s->o,
                    .a_inner = 1,
                    .b_inner = width,
                    .a_row = s->o,
                    .c_row = scattered_step(s)};
    for (int64_t k = 0; k < width; k += MOST_COLUMNS) {
        const panel columns = panel_of(divide_up(width - k, LANES) * LANES, s->ow, false);
        run_panel(&columns, &t, dsum, weight + k, products + LANES + k, NULL);
    }
    store(products, broadcast(0));
    for (int64_t j = 0; j < s->ow; j++)
        store(products + LANES + j * t.c_row + width, broadcast(0));
}

/* A row of dx from the products of so many rows. */
static inline void gather_row(const tarn__conv2d *s, const tarn_real *products, int64_t rows,
                              tarn__target dx)
{
    const int64_t size = s->w * s->c, width = scattered_width(s), step = scattered_step(s);
    const int64_t apart = s->stride_w * s->c, before = s->left * s->c;
    int64_t first = 0, end = 0; /* the pixels whose windows meet the vector at t */
    for (int64_t t = 0; t < size; t += LANES) {
        const int count = (int)smaller(size - t, LANES);
        vector sum = dx.add ? load_first(dx.values + t, count) : broadcast(0);
        while (first < s->ow && first * apart - before + width <= t)
            first++;
        while (end < s->ow && end * apart - before < t + LANES)
            end++;
        const tarn_real *row = products + LANES + t + before;
        for (int64_t r = 0; r < rows; r++, row += scattered_row(s)) {
            vector part = broadcast(0); /* so that additions of several rows are under way */
            for (int64_t j = first; j < end; j++)
                part += load(row + j * (step - apart));
            sum += part;
        }
        store_first(dx.values + t, sum, count);
    }
}

/* dx of one image. */
static void scatter_image(const tarn__conv2d *s, const tarn_real *weight, const tarn_real *dsum,
                          tarn_real *products, tarn__target dx)
{
    for (int64_t i = 0; i < s->h; i++) {
        int64_t rows = 0;
        for (int64_t p = 0; p < s->kh; p++) {
            const int64_t at = i + s->top - p;
            if (at < 0 || at % s->stride_h != 0 || at / s->stride_h >= s->oh)
                continue;
            multiply_row(s, dsum + at / s->stride_h * s->ow * s->o,
                         weight + p * scattered_width(s) * s->o,
                         products + rows++ * scattered_row(s));
        }
        gather_row(s, products, rows, dx);
        dx.values += s->w * s->c;
    }
}

#endif
