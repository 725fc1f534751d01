/*
 * Winograd's F(2x2, 5x5) where max_pool2d of 2 x 2 follows, such as the second convolution of
 * LeNet: 2 x 2 sums from 6 x 6 pixels with 36 multiplications in the place of 100. The points are
 * those of F(4x4, 3x3) (core/kernels/conv/winograd.h), and so is B^T; G has two columns more, and
 *
 *     A^T = | 1   1    1    1    1   0 |
 *           | 0   p   -p    q   -q   1 |
 *
 * A patch of sums is a window of the pool, of which the largest is taken in registers.
 *
 * With channels in the lanes, few of them would leave most lanes empty while pixels are
 * transformed. Here a vector holds (patch, channel) of a row of patches: column s of patch j is 2 j
 * + s of the image, so once even and odd columns are apart its numbers, of all patches, lie side by
 * side. For the products the output channels are the lanes: a row of six elements, of some patches,
 * is summed over the channels in registers, and multiplied by A there.
 */
#ifndef TARN_CORE_KERNELS_CONV_WINOGRAD_5X5_H
#define TARN_CORE_KERNELS_CONV_WINOGRAD_5X5_H

#include "core/kernels/conv/conv2d_windows.h"
#include "core/kernels/conv/winograd.h"

/* Sums that stay in registers: so many of the six elements of a row, of so many patches. */
#if defined __AVX512F__ || defined __aarch64__
enum { ELEMENTS_AT_ONCE = 6 };
#else
enum { ELEMENTS_AT_ONCE = 2 };
#endif
enum { MOST_PATCHES = 5 };

/* Not for SSE2, on which few processors depend that anybody trains on: for the size of the library,
   known to the compiler. */
enum { HAS_WINOGRAD_5X5 = LANES > 4 || ELEMENTS_AT_ONCE > 2 };

/* Worth it where there is something to multiply for what is transformed. */
static inline bool is_winograd_5x5(const tarn__conv2d *s)
{
    return HAS_WINOGRAD_5X5 && s->kh == 5 && s->kw == 5 && s->pool == 2 && has_no_gaps(s) &&
           s->groups == 1 && s->c >= 3 && s->o >= 8 && s->ow >= 6 && !is_windows(s) && !s->direct &&
           !s->pairs;
}

/* The base's pixels are those of a row of patches, [row][element][next], its transformed weights
   [o / LANES][row][element / ELEMENTS_AT_ONCE][c][ELEMENTS_AT_ONCE][LANES]; it has no sums. */
typedef struct winograd_5x5 {
    winograd base;
    const tarn_real *bias; /* NULL: none */
    bool relu;
    int64_t half, next; /* numbers of the even columns; of an element of all patches of a row */
    tarn_real *split;   /* a row of the image, the even columns and then the odd ones */
    tarn_real *rows;    /* [6][element][next]: row i of the image by B, at i % 6 */
} winograd_5x5;

static inline int64_t numbers_of_half(const tarn__conv2d *s)
{
    return whole_vectors((s->ow / 2 + 2) * s->c) + LANES;
}

static inline int64_t numbers_of_element(const tarn__conv2d *s)
{
    return whole_vectors(s->ow / 2 * s->c);
}

/* The transformed weights of channel c, for output channels o to o + LANES. */
static inline void winograd_5x5_weights(const tarn__conv2d *s, const tarn_real *weight, int64_t c,
                                        int64_t o, tarn_real *u)
{
    vector all[PATCH_ELEMENTS];
    transform_kernel(5, s->c, s->o, weight, c, o, all);
    u += PATCH_ELEMENTS * s->c * o + ELEMENTS_AT_ONCE * LANES * c;
    for (int i = 0; i < PATCH_ELEMENTS; i++)
        store(u + (i / ELEMENTS_AT_ONCE * s->c * ELEMENTS_AT_ONCE + i % ELEMENTS_AT_ONCE) * LANES,
              all[i]);
}

/* Row i of the padded image, the even columns and the odd ones, pixel by pixel. What is copied of
   32 bytes too much, the next overwrites. */
static __attribute__((noinline)) void split_row(const winograd_5x5 *w, int64_t i, tarn_real *to)
{
    enum { COPIED = 32 / (int)sizeof *to };
    const padded p = w->base.p;
    const int64_t c = p.c, row = i - p.top, pixels = w->base.columns + 2;
    const bool inside = row >= 0 && row < p.from_h;
    for (int64_t odd = 0; odd < 2; odd++, to += w->half) {
        const int64_t first = smaller((p.left - odd + 1) / 2, pixels);
        const int64_t last = smaller((p.left + p.from_w - odd + 1) / 2, pixels);
        const int64_t end = inside ? last : first;
        const tarn_real *from = w->base.image + (row * p.from_w + 2 * first + odd - p.left) * c;
        if (first > 0)
            clear_pixels(p, first, to);
        for (int64_t j = first; j < end; j++, from += 2 * c)
            for (int64_t k = 0; k < c; k += COPIED)
                memcpy(to + j * c + k, from + k, COPIED * sizeof *to);
        if (end < pixels)
            clear_pixels(p, pixels - end, to + end * c);
    }
}

/* For what several operations read, across two lines of the cache: gcc would load it again for each
   rather than copy a register. */
ALWAYS_INLINE vector load_once(const tarn_real *from)
{
    return *(const volatile vector *)from;
}

/* B^T d for columns d of six numbers, which lie at from[0] to from[5], as far as count vectors
   reach: to six rows, next apart. */
static __attribute__((noinline)) void transform_numbers(const tarn_real *const *from, int64_t count,
                                                        tarn_real *to, int64_t next)
{
    const tarn_real *const d0 = from[0], *const d1 = from[1], *const d2 = from[2];
    const tarn_real *const d3 = from[3], *const d4 = from[4], *const d5 = from[5];
    for (int64_t k = 0; k < count; k += LANES) {
        const vector d[] = {load_once(d0 + k), load_once(d1 + k), load_once(d2 + k),
                            load_once(d3 + k), load_once(d4 + k), load_once(d5 + k)};
        vector v[PATCH_PIXELS];
        transform_pixels(d, 1, v, 1);
        UNROLLED_FOR (int r = 0; r < PATCH_PIXELS; r++)
            store(to + r * next + k, v[r]);
    }
}

/* Row i of the padded image by B, to its place in w->rows. */
static inline void transform_row(const winograd_5x5 *w, int64_t i)
{
    const tarn_real *from[PATCH_PIXELS];
    split_row(w, i, w->split);
    for (int s = 0; s < PATCH_PIXELS; s++)
        from[s] = w->split + s % 2 * w->half + s / 2 * w->base.c;
    transform_numbers(from, w->next, w->rows + i % PATCH_PIXELS * PATCH_PIXELS * w->next, w->next);
}

/* B^T d B of the row of patches whose first row of sums is i. */
static inline void transform_patches(const winograd_5x5 *w, int64_t i)
{
    const int64_t row = PATCH_PIXELS * w->next;
    const tarn_real *from[PATCH_PIXELS];
    for (int r = 0; r < PATCH_PIXELS; r++)
        from[r] = w->rows + (i + r) % PATCH_PIXELS * row;
    transform_numbers(from, row, w->base.pixels, row);
}

/* A^T t for a column t of six; its transpose when the steps are exchanged. */
ALWAYS_INLINE void two_of_products(const vector *t, int step, vector *y, int y_step)
{
    y[0] = t[0] + (t[step] + t[2 * step]) + (t[3 * step] + t[4 * step]);
    y[y_step] = P * (t[step] - t[2 * step]) + (Q * (t[3 * step] - t[4 * step]) + t[5 * step]);
}

/* A row of the products of count patches by A: of y[patch][2][6], one of the six. */
ALWAYS_INLINE void patch_products(int count, int64_t c, int64_t next, const tarn_real *pixels,
                                  const tarn_real *u, vector *y)
{
    enum { AT_ONCE = ELEMENTS_AT_ONCE };
    vector m[MOST_PATCHES][PATCH_PIXELS];
    for (int s = 0; s < PATCH_PIXELS; s += AT_ONCE) {
        vector sum[MOST_PATCHES][AT_ONCE];
        const tarn_real *at[AT_ONCE];
        UNROLLED_FOR (int e = 0; e < AT_ONCE; e++) {
            at[e] = pixels + (s + e) * next;
            UNROLLED_FOR (int j = 0; j < count; j++)
                sum[j][e] = (vector){0};
        }
        for (int64_t k = c; k > 0; k--) {
            UNROLLED_FOR (int e = 0; e < AT_ONCE; e++) {
                const vector by = load(u);
                UNROLLED_FOR (int j = 0; j < count; j++)
                    sum[j][e] += at[e][j * c] * by;
                at[e]++;
                u += LANES;
            }
        }
        UNROLLED_FOR (int j = 0; j < count; j++)
            UNROLLED_FOR (int e = 0; e < AT_ONCE; e++)
                m[j][s + e] = sum[j][e];
    }
    UNROLLED_FOR (int j = 0; j < count; j++)
        two_of_products(m[j], 1, y + 2 * PATCH_PIXELS * j, PATCH_PIXELS);
}

typedef void patch_products_function(int64_t c, int64_t next, const tarn_real *pixels,
                                     const tarn_real *u, vector *y);

#define PATCH_PRODUCTS(count)                                                                      \
    static void patch_products_##count(int64_t c, int64_t next, const tarn_real *pixels,           \
                                       const tarn_real *u, vector *y)                              \
    {                                                                                              \
        patch_products(count, c, next, pixels, u, y);                                              \
    }
PATCH_PRODUCTS(3)
PATCH_PRODUCTS(4)
PATCH_PRODUCTS(5)
static patch_products_function *const products_of_patches[MOST_PATCHES + 1] = {
    [3] = patch_products_3, patch_products_4, patch_products_5};

/* The largest of the sums of each of count patches, the first at (i,j), of output channels from o
   on. Sums that are not finite are computed in the plain way, as in winograd_store_part(). */
static __attribute__((noinline)) void store_patches(const winograd_5x5 *w, const vector *products,
                                                    int64_t count, int64_t i, int64_t j, int64_t o,
                                                    tarn_real *y, uint8_t *winners)
{
    const int channels = (int)smaller(w->base.o - o, LANES);
    const lanes exist = first_lanes(channels);
    const vector bias = w->bias ? load(w->bias + o) : broadcast(0);
    for (int64_t k = 0; k < count; k++) {
        vector sums[4], largest;
        lanes winner;
        UNROLLED_FOR (int column = 0; column < 2; column++)
            two_of_products(products + (2 * k + column) * PATCH_PIXELS, 1, sums + column, 2);
        const vector all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
        if (!all_finite((vector)((lanes)all & exist)))
            winograd_sums_directly(&w->base, i, j + 2 * k, o, sums);
        UNROLLED_FOR (int place = 0; place < 4; place++)
            sums[place] += bias;
        windows_maximum(w->relu, sums, (tarn_real *)&largest, (lane *)&winner);
        store_first(y + k * w->base.o, largest, channels);
        if (winners)
            store_bytes(winners + k * w->base.o, winner, channels);
    }
}

/* The row of windows whose first row of sums is i, in nearly equal parts. */
static inline void row_of_patches(const winograd_5x5 *w, int64_t i, tarn_real *y, uint8_t *winners)
{
    const int64_t c = w->base.c, o = w->base.o, columns = w->base.columns;
    const int64_t row = PATCH_PIXELS * w->next, row_of_weights = PATCH_PIXELS * c * LANES;
    transform_patches(w, i);
    for (int64_t first = 0; first < o; first += LANES) {
        int64_t parts = divide_up(columns, MOST_PATCHES), count;
        for (int64_t j = 0; j < columns; j += count) {
            _Alignas(VECTOR_BYTES) vector products[MOST_PATCHES * 2 * PATCH_PIXELS];
            count = divide_up(columns - j, parts--);
            for (int r = 0; r < PATCH_PIXELS; r++)
                products_of_patches[count](c, w->next, w->base.pixels + r * row + j * c,
                                           w->base.transformed + PATCH_ELEMENTS * c * first +
                                               r * row_of_weights,
                                           products + r);
            const int64_t at = j * o + first;
            store_patches(w, products, count, i, 2 * j, first, y + at,
                          winners ? winners + at : NULL);
        }
    }
}

/* Rows [first, end) of the sums, pooled, to y and winners of the image. Both are even. */
static __attribute__((noinline)) void winograd_5x5_rows(const winograd_5x5 *w, int64_t first,
                                                        int64_t end, tarn_real *y, uint8_t *winners)
{
    const int64_t row = w->base.columns * w->base.o;
    int64_t next = first; /* of the image, to be transformed */
    for (int64_t i = first; i < end; i += 2) {
        for (; next < i + PATCH_PIXELS; next++)
            transform_row(w, next);
        row_of_patches(w, i, y + i / 2 * row, winners ? winners + i / 2 * row : NULL);
    }
}

#endif
