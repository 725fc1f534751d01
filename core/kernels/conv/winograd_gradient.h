/*
 * The weight gradient of a 3 x 3 convolution by Winograd's F(3x3, 4x4), the transpose of
 * core/kernels/conv/winograd.h: from 6 x 6 pixels d and the gradients e of the 4 x 4 sums,
 *
 *     dw = G^T [ sum over the patches of (B^T d B) * (A e A^T) ] G        * elementwise
 *
 * with 36 multiplications in the place of 144. The sum over the patches becomes 36 matrix products,
 * (c x patches) by (patches x o). Patches are collected until there are some dozens of them, of one
 * image or of several; then their products are added to the sums, which thus are read and written
 * seldom.
 */
#ifndef TARN_CORE_KERNELS_CONV_WINOGRAD_GRADIENT_H
#define TARN_CORE_KERNELS_CONV_WINOGRAD_GRADIENT_H

#include "core/kernels/conv/conv2d.h"
#include "core/kernels/conv/winograd.h"

/* The patches that a thread has collected, as 36 matrices of pixels (patches, c) and 36 of
   gradients (patches, o), the numbers of channels rounded up to whole vectors. */
typedef struct winograd_patches {
    int64_t room, count;
    tarn_real *pixels, *gradients;
} winograd_patches;

/* 64, or as many as fill half of the L2 cache. */
static inline int64_t room_for_patches(const tarn__conv2d *s)
{
    const int64_t most = 8192 / (s->c + s->o);
    return most < 8 ? 8 : smaller(most, 64);
}

static winograd_patches cut_winograd_patches(cutter *c, const tarn__conv2d *s)
{
    winograd_patches p = {.room = room_for_patches(s)};
    p.pixels = cut_numbers(c, PATCH_ELEMENTS * winograd_matrix(p.room, s->c));
    p.gradients = cut_numbers(c, PATCH_ELEMENTS * winograd_matrix(p.room, s->o));
    return p;
}

/* Numbers of the sums (36,c,o). */
static inline int64_t winograd_sums_size(const tarn__conv2d *s)
{
    return PATCH_ELEMENTS * s->c * s->o;
}

/* A e for a column e of four; its transpose when the steps are exchanged. */
ALWAYS_INLINE void spread_gradients(const vector *e, int step, vector *v, int v_step)
{
    const vector p = e[0] + P2 * e[2 * step], p_odd = P * e[step] + P3 * e[3 * step];
    const vector q = e[0] + Q2 * e[2 * step], q_odd = Q * e[step] + Q3 * e[3 * step];
    v[0] = e[0];
    v[v_step] = p + p_odd;
    v[2 * v_step] = p - p_odd;
    v[3 * v_step] = q + q_odd;
    v[4 * v_step] = q - q_odd;
    v[5 * v_step] = e[3 * step];
}

/* gradients = A e A^T of the sums at (i,j), of which those beyond the last row or column are 0. */
static inline void winograd_load_gradients(const winograd_patches *p, const tarn__conv2d *s,
                                           const tarn_real *dsum, int64_t i, int64_t j)
{
    const int64_t next = winograd_matrix(p->room, s->o), row_size = s->ow * s->o;
    dsum += i * row_size + j * s->o;
    for (int64_t first = 0; first < s->o; first += LANES, dsum += LANES) {
        vector columns[PATCH_PIXELS * PATCH_SUMS];
        for (int column = 0; column < PATCH_SUMS; column++) {
            vector e[PATCH_SUMS];
            UNROLLED_FOR (int row = 0; row < PATCH_SUMS; row++)
                e[row] = i + row < s->oh && j + column < s->ow
                             ? load(dsum + row * row_size + column * s->o)
                             : broadcast(0);
            spread_gradients(e, 1, columns + column, PATCH_SUMS);
        }
        tarn_real *to = p->gradients + p->count * whole_vectors(s->o) + first;
        for (int row = 0; row < PATCH_PIXELS; row++) {
            vector v[PATCH_PIXELS];
            spread_gradients(columns + PATCH_SUMS * row, 1, v, 1);
            UNROLLED_FOR (int k = 0; k < PATCH_PIXELS; k++) {
                store(to, v[k]);
                to += next;
            }
        }
    }
}

/* Adds the products of the patches to the sums (36,c,o), and begins anew. */
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
        for (int k = 0; k < PATCH_ELEMENTS; k++) {
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
    const winograd w = {.p = image_p, .image = image, .c = s->c, .o = s->o, .pixels = p->pixels};
    for (int64_t i = 0; i < s->oh; i += PATCH_SUMS)
        for (int64_t j = 0, count; j < s->ow; j += PATCH_SUMS * count) {
            count = smaller(divide_up(s->ow - j, PATCH_SUMS), p->room - p->count);
            winograd_load(&w, i, j, count, p->room, p->count);
            for (int64_t k = 0; k < count; k++, p->count++)
                winograd_load_gradients(p, s, dsum, i, j + PATCH_SUMS * k);
            if (p->count == p->room)
                winograd_add_products(p, s, sums);
        }
}

/* G^T t for a column t of six; its transpose when the steps are exchanged. */
ALWAYS_INLINE void transform_sums(const vector *t, int step, vector *u, int u_step)
{
    const vector p = G_P * (t[step] + t[2 * step]), p_odd = G_P * (t[step] - t[2 * step]);
    const vector q = G_Q * (t[3 * step] + t[4 * step]), q_odd = G_Q * (t[3 * step] - t[4 * step]);
    u[0] = G_0 * t[0] + (p + q);
    u[u_step] = P * p_odd + Q * q_odd;
    u[2 * u_step] = P2 * p + (Q2 * q + t[5 * step]);
}

/* dweight = G^T sums G for LANES pairs of channels, of c o, from first on. */
static inline void winograd_finish(const tarn__conv2d *s, const tarn_real *sums, int64_t first,
                                   tarn__target dweight)
{
    const int64_t pairs = s->c * s->o;
    const int count = (int)smaller(pairs - first, LANES);
    vector columns[3 * PATCH_PIXELS], g[9];
    for (int row = 0; row < PATCH_PIXELS; row++) {
        vector m[PATCH_PIXELS];
        for (int k = 0; k < PATCH_PIXELS; k++)
            m[k] = load(sums + (PATCH_PIXELS * row + k) * pairs + first);
        transform_sums(m, 1, columns + 3 * row, 1);
    }
    for (int column = 0; column < 3; column++)
        transform_sums(columns + column, 3, g + column, 3);
    for (int k = 0; k < 9; k++) {
        tarn_real *to = dweight.values + k * pairs + first;
        store_first(to, dweight.add ? g[k] + load_first(to, count) : g[k] + (vector){0}, count);
    }
}

#endif
