/*
 * The weight gradient of a 3 x 3 convolution by Winograd's F(3x3, 2x2), the transpose of
 * core/kernels/conv/winograd.h: from 4 x 4 pixels d and the gradients e of the 2 x 2 sums,
 *
 *     dw = G^T [ sum over the patches of (B^T d B) * (A e A^T) ] G        * elementwise
 *
 * with 16 multiplications in the place of 36. The sum over the patches becomes 16 matrix products,
 * (c x patches) by (patches x o). Patches are collected until there are some dozens of them, of one
 * image or of several; then their products are added to the sums, which thus are read and written
 * seldom.
 */
#ifndef TARN_CORE_KERNELS_CONV_WINOGRAD_GRADIENT_H
#define TARN_CORE_KERNELS_CONV_WINOGRAD_GRADIENT_H

#include "core/kernels/conv/conv2d.h"
#include "core/kernels/conv/winograd.h"

/* The patches that a thread has collected, as 16 matrices of pixels (patches, c) and 16 of
   gradients (patches, o), the numbers of channels rounded up to whole vectors. */
typedef struct winograd_patches {
    int64_t room, count;
    tarn_real *pixels, *gradients;
} winograd_patches;

/* 64, or as many as fill half of the L2 cache. */
static inline int64_t room_for_patches(const tarn__conv2d *s)
{
    const int64_t most = 16384 / (s->c + s->o);
    return most < 8 ? 8 : smaller(most, 64);
}

static winograd_patches cut_winograd_patches(cutter *c, const tarn__conv2d *s)
{
    winograd_patches p = {.room = room_for_patches(s)};
    p.pixels = cut_numbers(c, 16 * winograd_matrix(p.room, s->c));
    p.gradients = cut_numbers(c, 16 * winograd_matrix(p.room, s->o));
    return p;
}

/* Numbers of the sums (16,c,o). */
static inline int64_t winograd_sums_size(const tarn__conv2d *s)
{
    return 16 * s->c * s->o;
}

/* A e for a column e of two; its transpose when the steps are exchanged. */
ALWAYS_INLINE void spread_gradients(const vector *e, int step, vector *v, int v_step)
{
    v[0] = e[0];
    v[v_step] = e[0] + e[step];
    v[2 * v_step] = e[0] - e[step];
    v[3 * v_step] = -e[step];
}

/* gradients = A e A^T of the sums at (i,j), of which those beyond the last row or column are 0. */
static inline void winograd_load_gradients(const winograd_patches *p, const tarn__conv2d *s,
                                           const tarn_real *dsum, int64_t i, int64_t j)
{
    const int64_t next = winograd_matrix(p->room, s->o), row_size = s->ow * s->o;
    const bool below = i + 1 < s->oh, right = j + 1 < s->ow;
    dsum += i * row_size + j * s->o;
    for (int64_t first = 0; first < s->o; first += LANES, dsum += LANES) {
        vector e[4] = {load(dsum)}, columns[8], v[16];
        e[1] = right ? load(dsum + s->o) : broadcast(0);
        e[2] = below ? load(dsum + row_size) : broadcast(0);
        e[3] = below && right ? load(dsum + row_size + s->o) : broadcast(0);
        UNROLLED_FOR (int column = 0; column < 2; column++)
            spread_gradients(e + column, 2, columns + column, 2);
        UNROLLED_FOR (int row = 0; row < 4; row++)
            spread_gradients(columns + 2 * row, 1, v + 4 * row, 1);
        tarn_real *to = p->gradients + p->count * whole_vectors(s->o) + first;
        UNROLLED_FOR (int k = 0; k < 16; k++) {
            store(to, v[k]);
            to += next;
        }
    }
}

/* Adds the products of the patches to the sums (16,c,o), and begins anew. */
static __attribute__((noinline)) void winograd_add_products(winograd_patches *p,
                                                            const tarn__conv2d *s, tarn_real *sums)
{
    const walk t = {.a_row = 1,
                    .outer = 1,
                    .middle = 1,
                    .inner = p->count,
                    .a_inner = whole_vectors(s->c),
                    .b_inner = whole_vectors(s->o),
                    .c_row = s->o,
                    .start_row = s->o};
    for (int64_t first = 0; first < s->o && p->count > 0; first += MOST_COLUMNS) {
        const panel columns = panel_of(s->o - first, s->c, false);
        for (int k = 0; k < 16; k++) {
            tarn_real *to = sums + k * s->c * s->o + first;
            run_panel(&columns, &t, p->pixels + k * winograd_matrix(p->room, s->c),
                      p->gradients + k * winograd_matrix(p->room, s->o) + first, to, to);
        }
    }
    p->count = 0;
}

/* Collects the patches of one image, which is read as if it were padded, as many of a row at a time
   as there is room for, and adds their products to the sums when there is no more. */
static void winograd_correlate(winograd_patches *p, const tarn__conv2d *s, padded image_p,
                               const tarn_real *image, const tarn_real *dsum, tarn_real *sums)
{
    const winograd w = {.c = s->c, .o = s->o, .pixels = p->pixels};
    for (int64_t i = 0; i < s->oh; i += 2)
        for (int64_t j = 0, count; j < s->ow; j += 2 * count) {
            count = smaller(divide_up(s->ow - j, 2), p->room - p->count);
            winograd_load(&w, image_p, image, i, j, count, p->room, p->count);
            for (int64_t k = 0; k < count; k++, p->count++)
                winograd_load_gradients(p, s, dsum, i, j + 2 * k);
            if (p->count == p->room)
                winograd_add_products(p, s, sums);
        }
}

/* G^T t for a column t of four; its transpose when the steps are exchanged. */
ALWAYS_INLINE void transform_sums(const vector *t, int step, vector *u, int u_step)
{
    const vector outer = 0.5f * (t[step] + t[2 * step]);
    u[0] = t[0] + outer;
    u[u_step] = 0.5f * (t[step] - t[2 * step]);
    u[2 * u_step] = outer + t[3 * step];
}

/* dweight = G^T sums G for LANES pairs of channels, of c o, from first on. */
static inline void winograd_finish(const tarn__conv2d *s, const tarn_real *sums, int64_t first,
                                   tarn__target dweight)
{
    const int64_t pairs = s->c * s->o;
    const int count = (int)smaller(pairs - first, LANES);
    vector m[16], rows[12], g[9];
    UNROLLED_FOR (int k = 0; k < 16; k++)
        m[k] = load(sums + k * pairs + first);
    UNROLLED_FOR (int column = 0; column < 4; column++)
        transform_sums(m + column, 4, rows + column, 4);
    UNROLLED_FOR (int row = 0; row < 3; row++)
        transform_sums(rows + 4 * row, 1, g + 3 * row, 1);
    for (int k = 0; k < 9; k++) {
        tarn_real *to = dweight.values + k * pairs + first;
        store_first(to, dweight.add ? g[k] + load_first(to, count) : g[k] + (vector){0}, count);
    }
}

#endif
