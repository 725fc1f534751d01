/*
 * Winograd's minimal filtering F(2x2, 3x3) (Lavin, Gray 2016): 2 x 2 sums of a 3 x 3 convolution
 * from 4 x 4 pixels d and the kernel g, with 16 multiplications in the place of 36:
 *
 *     y = A^T [ (G g G^T) * (B^T d B) ] A         * elementwise, summed over the channels
 *
 *     B^T = | 1  0 -1  0 |    G = |  1    0    0  |    A^T = | 1  1  1  0 |
 *           | 0  1  1  0 |        | 1/2  1/2  1/2 |          | 0  1 -1 -1 |
 *           | 0 -1  1  0 |        | 1/2 -1/2  1/2 |
 *           | 0  1  0 -1 |        |  0    0    1  |
 *
 * So the sum over the channels becomes 16 matrix products, one for each of the 16 elements: the
 * transformed pixels (patches x c) by the transformed weights (c x o).
 */
#ifndef TARN_CORE_KERNELS_CONV_WINOGRAD_H
#define TARN_CORE_KERNELS_CONV_WINOGRAD_H

#include "core/kernels/conv/conv2d.h"
#include "core/kernels/tile.h"

/* G t for a column t of three; its transpose when the strides are exchanged. */
ALWAYS_INLINE void transform_weights(const vector *t, int step, vector *u, int u_step)
{
    vector outer = 0.5f * (t[0] + t[2 * step]), middle = 0.5f * t[step];
    u[0] = t[0];
    u[u_step] = outer + middle;
    u[2 * u_step] = outer - middle;
    u[3 * u_step] = t[2 * step];
}

/* Row c of the transformed weights, for output channels o to o + LANES: u (16,c,o). Reads whole
   vectors, so the weights need slack, as u does. */
static inline void winograd_weights(int64_t c_count, int64_t o_count, const tarn_real *weight,
                                    int64_t c, int64_t o, tarn_real *u)
{
    const int count = o_count - o < LANES ? (int)(o_count - o) : LANES;
    vector g[9], rows[12], all[16];
    for (int i = 0; i < 9; i++)
        g[i] = load(weight + (i * c_count + c) * o_count + o);
    for (int column = 0; column < 3; column++)
        transform_weights(g + column, 3, rows + column, 3);
    for (int row = 0; row < 4; row++)
        transform_weights(rows + 3 * row, 1, all + 4 * row, 1);
    for (int i = 0; i < 16; i++)
        store_first(u + (i * c_count + c) * o_count + o, all[i], count);
}

/* The block of patches that is in work: rows x columns of them, as the 16 matrices of pixels
   (patches, c) and of sums (patches, o), the numbers of channels rounded up to whole vectors. */
typedef struct winograd {
    int64_t c, o, columns;
    const tarn_real *weights; /* transformed (16,c,o) */
    tarn_real *pixels, *sums;
} winograd;

ALWAYS_INLINE int64_t whole_vectors(int64_t count)
{
    return (count + LANES - 1) / LANES * LANES;
}

/* From one of the 16 matrices to the next: not a multiple of a page, or all 16 would compete for
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

/* pixels = B^T d B for so many patches of a row of them, d being 4 x 4 pixels of the padded image
   from (i,j) on: nothing is copied, pixels outside are 0. */
#define winograd_load ISA(winograd_load)
void winograd_load(const winograd *w, padded p, const tarn_real *image, int64_t i, int64_t j,
                   int64_t count, int64_t patches, int64_t patch);

/* Where the sums go: height x width of them exist, the rows row_size apart. */
typedef struct winograd_target {
    tarn_real *to;
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
                                                        int64_t o, int64_t height, int64_t width,
                                                        int count, tarn_real *to)
{
    for (int k = 0; k < 4; k++)
        if (k / 2 < height && k % 2 < width)
            winograd_put(to + k / 2 * t->row_size + k % 2 * o, y[k], count, t->add, t->relu);
}

/* A^T m A for a vector of output channels, of which count exist, at the patch whose first sum goes
   to `to`, and of which height x width sums are inside. */
ALWAYS_INLINE void winograd_store_part(const winograd_target *t, const tarn_real *from,
                                       int64_t next, int64_t o, vector bias, int64_t height,
                                       int64_t width, int count, tarn_real *to)
{
    const int64_t row_size = t->row_size;
    const bool add = t->add, relu = t->relu;
    const tarn_real *m[4] = {from, from + 4 * next, from + 8 * next, from + 12 * next};
    vector rows[8], y[4];
    UNROLLED_FOR (int column = 0; column < 4; column++) {
        const vector middle = load(m[1]), other = load(m[2]);
        rows[column] = load(m[0]) + middle + other;
        rows[4 + column] = middle - other - load(m[3]);
        UNROLLED_FOR (int row = 0; row < 4; row++)
            m[row] += next;
    }
    UNROLLED_FOR (int k = 0; k < 2; k++) {
        const vector *r = rows + 4 * k;
        y[2 * k] = bias + (r[0] + r[1] + r[2]);
        y[2 * k + 1] = bias + (r[1] - r[2] - r[3]);
    }
    if (count == LANES && height >= 2 && width >= 2) {
        winograd_put(to, y[0], LANES, add, relu);
        winograd_put(to + o, y[1], LANES, add, relu);
        winograd_put(to + row_size, y[2], LANES, add, relu);
        winograd_put(to + row_size + o, y[3], LANES, add, relu);
        return;
    }
    const vector edge[4] = {y[0], y[1], y[2], y[3]}; /* which y itself need not be in memory for */
    winograd_put_edge(t, edge, o, height, width, count, to);
}

/* The sums of a row of patches, the first of which goes to row i of the target. */
static __attribute__((noinline)) void winograd_store_row(const winograd *w,
                                                         const winograd_target *t,
                                                         const tarn_real *from, int64_t next,
                                                         int64_t i)
{
    const int64_t o = w->o, step = whole_vectors(o);
    for (int64_t first = 0; first < o; first += LANES) {
        const int count = (int)smaller(o - first, LANES);
        const vector bias = t->bias ? load_first(t->bias + first, count) : broadcast(0);
        tarn_real *to = t->to + i * t->row_size + first;
        for (int64_t j = 0; j < w->columns; j++)
            winograd_store_part(t, from + j * step + first, next, o, bias, t->height - i,
                                t->width - 2 * j, count, to + 2 * j * o);
    }
}

/* Convolves the rows of an image whose height may be odd: the target's, the first of which reads
   from row first_row of the padded image on. */
static inline void winograd_rows(const winograd *w, padded p, const tarn_real *image,
                                 int64_t first_row, const winograd_target *t)
{
    const int64_t c = whole_vectors(w->c), o = whole_vectors(w->o);
    const int64_t rows = (t->height + 1) / 2, patches = rows * w->columns;
    const int64_t next_pixels = winograd_matrix(patches, w->c);
    const int64_t next_sums = winograd_matrix(patches, w->o);
    for (int64_t i = 0; i < rows; i++)
        winograd_load(w, p, image, first_row + 2 * i, 0, w->columns, patches, i * w->columns);
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
        for (int k = 0; k < 16; k++) {
            if (first == 0)
                ask_for_lines(t->to + numbers / 16 * k, numbers / 16);
            run_panel(&columns, &s, w->pixels + k * next_pixels,
                      w->weights + k * w->c * w->o + first, w->sums + k * next_sums + first, NULL);
        }
    }
    for (int64_t i = 0; i < rows; i++)
        winograd_store_row(w, t, w->sums + i * w->columns * o, next_sums, 2 * i);
}

#endif
