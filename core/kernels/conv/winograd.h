/*
 * Winograd's minimal filtering F(4x4, 3x3) (Lavin, Gray 2016): 4 x 4 sums of a 3 x 3 convolution
 * from 6 x 6 pixels d and the kernel g, with 36 multiplications in the place of 144:
 *
 *     y = A^T [ (G g G^T) * (B^T d B) ] A         * elementwise, summed over the channels
 *
 * Pixels and kernels are polynomials, of which each row of B^T and G gives the value at a point,
 * and A^T those of the product (Toom, Cook). Which points decides how much rounding is amplified.
 * At 0, p, -p, q, -q and infinity, for p = 3/4 and q = 3/2,
 *
 *     B^T = | p^2 q^2     0    -p^2-q^2     0     1   0 |    G = |   1/(p^2 q^2)    0       0   |
 *           |    0     -p q^2    -q^2       p     1   0 |        | u/p^2 (   1      p      p^2 )|
 *           |    0      p q^2    -q^2      -p     1   0 |        | u/p^2 (   1     -p      p^2 )|
 *           |    0     -q p^2    -p^2       q     1   0 |        |-u/q^2 (   1      q      q^2 )|
 *           |    0      q p^2    -p^2      -q     1   0 |        |-u/q^2 (   1     -q      q^2 )|
 *           |    0     p^2 q^2     0    -p^2-q^2  0   1 |        |       0          0       1   |
 *
 *     A^T = | 1   1    1    1    1   0 |
 *           | 0   p   -p    q   -q   0 |        u = 1 / (2 (p^2 - q^2))
 *           | 0  p^2  p^2  q^2  q^2  0 |
 *           | 0  p^3 -p^3  q^3 -q^3  1 |
 *
 * the error is a third of what it is with p = 1 and q = 2, which are often taken, and two to three
 * times that of adding up the products one after the other; powers of these p and q are exact.
 *
 * So the sum over the channels becomes 36 matrix products, one for each of the 36 elements: the
 * transformed pixels (patches x c) by the transformed weights (c x o).
 */
#ifndef TARN_CORE_KERNELS_CONV_WINOGRAD_H
#define TARN_CORE_KERNELS_CONV_WINOGRAD_H

#include "core/kernels/conv/conv2d.h"
#include "core/kernels/tile.h"

/* Of a patch: sums and pixels along a side, and elements. */
enum { PATCH_SUMS = 4, PATCH_PIXELS = 6, PATCH_ELEMENTS = PATCH_PIXELS * PATCH_PIXELS };

/* The points and their powers. */
#define P 0.75f
#define P2 (P * P)
#define P3 (P * P * P)
#define Q 1.5f
#define Q2 (Q * Q)
#define Q3 (Q * Q * Q)

/* The factors of G: that of its first row, and of the rows of p and of q. */
#define G_0 ((tarn_real)1 / (P2 * Q2))
#define G_P ((tarn_real)1 / (2 * P2 * (P2 - Q2)))
#define G_Q ((tarn_real)1 / (2 * Q2 * (Q2 - P2)))

/* G t for a column t of so many taps, three or five; its transpose when the steps are exchanged. */
ALWAYS_INLINE void transform_weights(int taps, const vector *t, int step, vector *u, int u_step)
{
    vector even_p = t[0] + P2 * t[2 * step], odd_p = t[step];
    vector even_q = t[0] + Q2 * t[2 * step], odd_q = t[step];
    if (taps == 5) {
        even_p += P2 * P2 * t[4 * step], odd_p += P2 * t[3 * step];
        even_q += Q2 * Q2 * t[4 * step], odd_q += Q2 * t[3 * step];
    }
    const vector p = G_P * even_p, p_odd = G_P * P * odd_p;
    const vector q = G_Q * even_q, q_odd = G_Q * Q * odd_q;
    u[0] = G_0 * t[0];
    u[u_step] = p + p_odd;
    u[2 * u_step] = p - p_odd;
    u[3 * u_step] = q + q_odd;
    u[4 * u_step] = q - q_odd;
    u[5 * u_step] = t[(taps - 1) * step];
}

/* G g G^T for channel c of a kernel of taps x taps, and output channels o to o + LANES. Reads whole
   vectors, so the weights need slack. */
ALWAYS_INLINE void transform_kernel(int taps, int64_t c_count, int64_t o_count,
                                    const tarn_real *weight, int64_t c, int64_t o, vector *all)
{
    vector g[25], rows[5 * PATCH_PIXELS];
    for (int i = 0; i < taps * taps; i++)
        g[i] = load(weight + (i * c_count + c) * o_count + o);
    for (int column = 0; column < taps; column++)
        transform_weights(taps, g + column, taps, rows + column, taps);
    for (int row = 0; row < PATCH_PIXELS; row++)
        transform_weights(taps, rows + taps * row, 1, all + PATCH_PIXELS * row, 1);
}

/* Row c of the transformed weights, for output channels o to o + LANES: u (36,c,o), which needs
   slack, too. */
static inline void winograd_weights(int64_t c_count, int64_t o_count, const tarn_real *weight,
                                    int64_t c, int64_t o, tarn_real *u)
{
    const int count = o_count - o < LANES ? (int)(o_count - o) : LANES;
    vector all[PATCH_ELEMENTS];
    transform_kernel(3, c_count, o_count, weight, c, o, all);
    for (int i = 0; i < PATCH_ELEMENTS; i++)
        store_first(u + (i * c_count + c) * o_count + o, all[i], count);
}

/* B^T d for a column d of six; its transpose when the steps are exchanged. */
ALWAYS_INLINE void transform_pixels(const vector *d, int step, vector *v, int v_step)
{
    const vector p = d[4 * step] - Q2 * d[2 * step], p_odd = d[3 * step] - Q2 * d[step];
    const vector q = d[4 * step] - P2 * d[2 * step], q_odd = d[3 * step] - P2 * d[step];
    v[0] = P2 * Q2 * d[0] + (d[4 * step] - (P2 + Q2) * d[2 * step]);
    v[v_step] = p + P * p_odd;
    v[2 * v_step] = p - P * p_odd;
    v[3 * v_step] = q + Q * q_odd;
    v[4 * v_step] = q - Q * q_odd;
    v[5 * v_step] = P2 * Q2 * d[step] + (d[5 * step] - (P2 + Q2) * d[3 * step]);
}

/* The image that is read as if it were padded, and the block of patches that is in work: rows x
   columns of them, as the 36 matrices of pixels (patches, c) and of sums (patches, o), the numbers
   of channels rounded up to whole vectors. */
typedef struct winograd {
    padded p;
    const tarn_real *image;
    int64_t taps, c, o, columns;
    const tarn_real *weights, *transformed; /* (taps,taps,c,o) and (36,c,o) */
    tarn_real *pixels, *sums;
} winograd;

ALWAYS_INLINE int64_t whole_vectors(int64_t count)
{
    return (count + LANES - 1) / LANES * LANES;
}

/* From one of the 36 matrices to the next: not a multiple of a page, or all would compete for
   the same places in the L1 cache. */
ALWAYS_INLINE int64_t winograd_matrix(int64_t patches, int64_t channels)
{
    return patches * whole_vectors(channels) + LANES;
}

/* Whether the sums may take the place of the pixels: a tile has read all of its rows before it
   writes them, if they are of one panel. So all that is in work fits into the L1 cache. */
static inline bool winograd_in_place(const tarn__conv2d *s)
{
    return s->o <= MOST_COLUMNS && whole_vectors(s->c) == whole_vectors(s->o);
}

/* The functions below by names that the formatter reads as names. */
#define winograd_load ISA(winograd_load)
#define winograd_sums_directly ISA(winograd_sums_directly)

/* pixels = B^T d B for so many patches of a row of them, d being 6 x 6 pixels of the padded image
   from (i,j) on: nothing is copied, pixels outside are 0. */
void winograd_load(const winograd *w, int64_t i, int64_t j, int64_t count, int64_t patches,
                   int64_t patch);

/* y = the sums of the patch at (i,j), 7 - taps along a side, for a vector of output channels from o
   on, product by product. */
void winograd_sums_directly(const winograd *w, int64_t i, int64_t j, int64_t o, vector *y);

/* Where the sums go, from row `first` of all on: height x width of them exist, the rows row_size
   apart. */
typedef struct winograd_target {
    tarn_real *to;
    int64_t first;
    int64_t row_size, height, width;
    const tarn_real *bias; /* NULL: none */
    bool add, relu;
} winograd_target;

ALWAYS_INLINE void winograd_put(tarn_real *to, vector sum, int count, bool add, bool relu)
{
    if (add)
        sum += load_first(to, count);
    store_first(to, relu ? relu_of(sum) : sum, count);
}

/* Those of a patch, of which height x width sums and so many channels exist. */
static __attribute__((noinline)) void winograd_put_edge(const winograd_target *t, const vector *y,
                                                        vector bias, int64_t o, int64_t height,
                                                        int64_t width, int count, tarn_real *to)
{
    for (int i = 0; i < PATCH_SUMS && i < height; i++)
        for (int j = 0; j < PATCH_SUMS && j < width; j++)
            winograd_put(to + i * t->row_size + j * o, y[PATCH_SUMS * i + j] + bias, count, t->add,
                         t->relu);
}

/* A^T t for a column t of six; its transpose when the steps are exchanged. */
ALWAYS_INLINE void transform_products(const vector *t, int step, vector *y, int y_step)
{
    const vector p = t[step] + t[2 * step], p_odd = t[step] - t[2 * step];
    const vector q = t[3 * step] + t[4 * step], q_odd = t[3 * step] - t[4 * step];
    y[0] = t[0] + p + q;
    y[y_step] = P * p_odd + Q * q_odd;
    y[2 * y_step] = P2 * p + Q2 * q;
    y[3 * y_step] = P3 * p_odd + (Q3 * q_odd + t[5 * step]);
}

/* A^T m A for a vector of output channels from `first` on, at the patch whose first sum is that at
   (i,j) of the target.

   Numbers are added before they are multiplied, so where one is infinite, or some are too large
   together, all sums of the patch would be NaN. And a NaN would reach some sums that it is no part
   of. So sums that are not finite are computed in the plain way. */
ALWAYS_INLINE void winograd_store_part(const winograd *w, const winograd_target *t,
                                       const tarn_real *from, int64_t next, int64_t first,
                                       vector bias, int64_t i, int64_t j)
{
    const bool add = t->add, relu = t->relu;
    const int64_t o = w->o, height = t->height - i, width = t->width - j;
    const int count = (int)smaller(o - first, LANES);
    tarn_real *to = t->to + i * t->row_size + j * o + first;
    vector columns[PATCH_PIXELS * PATCH_SUMS], y[PATCH_SUMS * PATCH_SUMS];
    for (int row = 0; row < PATCH_PIXELS; row++) {
        vector m[PATCH_PIXELS];
        UNROLLED_FOR (int column = 0; column < PATCH_PIXELS; column++) {
            m[column] = load(from);
            from += next;
        }
        transform_products(m, 1, columns + PATCH_SUMS * row, 1);
    }
    vector all = {0};
    for (int column = 0; column < PATCH_SUMS; column++) {
        vector sums[PATCH_SUMS];
        transform_products(columns + column, PATCH_SUMS, sums, 1);
        all += (sums[0] + sums[1]) + (sums[2] + sums[3]);
        UNROLLED_FOR (int row = 0; row < PATCH_SUMS; row++)
            y[PATCH_SUMS * row + column] = sums[row];
    }
    if (!all_finite((vector)((lanes)all & first_lanes(count))))
        winograd_sums_directly(w, t->first + i, j, first, y);
    if (count < LANES || height < PATCH_SUMS || width < PATCH_SUMS) {
        winograd_put_edge(t, y, bias, o, height, width, count, to);
        return;
    }
    for (int row = 0; row < PATCH_SUMS; row++) {
        UNROLLED_FOR (int column = 0; column < PATCH_SUMS; column++)
            winograd_put(to + column * o, y[PATCH_SUMS * row + column] + bias, LANES, add, relu);
        to += t->row_size;
    }
}

/* The sums of a row of patches, the first of which goes to row i of the target. */
static __attribute__((noinline)) void winograd_store_row(const winograd *w,
                                                         const winograd_target *t,
                                                         const tarn_real *from, int64_t next,
                                                         int64_t i)
{
    const int64_t step = whole_vectors(w->o);
    for (int64_t first = 0; first < w->o; first += LANES) {
        const int count = (int)smaller(w->o - first, LANES);
        const vector bias = t->bias ? load_first(t->bias + first, count) : broadcast(0);
        for (int64_t j = 0; j < w->columns; j++)
            winograd_store_part(w, t, from + j * step + first, next, first, bias, i,
                                PATCH_SUMS * j);
    }
}

/* Convolves the rows of an image that the target has, in patches that may exceed them. */
static inline void winograd_rows(const winograd *w, const winograd_target *t)
{
    const int64_t c = whole_vectors(w->c), o = whole_vectors(w->o);
    const int64_t rows = divide_up(t->height, PATCH_SUMS), patches = rows * w->columns;
    const int64_t next_pixels = winograd_matrix(patches, w->c);
    const int64_t next_sums = winograd_matrix(patches, w->o);
    for (int64_t i = 0; i < rows; i++)
        winograd_load(w, t->first + PATCH_SUMS * i, 0, w->columns, patches, i * w->columns);
    const walk s = {.a_row = c,
                    .outer = 1,
                    .middle = 1,
                    .inner = w->c,
                    .a_inner = 1,
                    .b_inner = w->o,
                    .c_row = o};
    const int64_t numbers = t->height * t->row_size;
    for (int64_t first = 0; first < w->o; first += MOST_COLUMNS) {
        const panel columns = panel_of(w->o - first, patches, false);
        for (int k = 0; k < PATCH_ELEMENTS; k++) {
            if (first == 0)
                ask_for_lines(t->to + numbers / PATCH_ELEMENTS * k, numbers / PATCH_ELEMENTS);
            run_panel(&columns, &s, w->pixels + k * next_pixels,
                      w->transformed + k * w->c * w->o + first, w->sums + k * next_sums + first,
                      NULL);
        }
    }
    for (int64_t i = 0; i < rows; i++)
        winograd_store_row(w, t, w->sums + i * w->columns * o, next_sums, PATCH_SUMS * i);
}

#endif
