/*
 * The hot loops. Each stands twice: as a naive loop that says what it means (naive.c), and fast
 * (gemm.c, conv2d.c, batch_norm.c), compiled once for each instruction set. One set is chosen at
 * start-up.
 *
 * A kernel divides its work between threads so that what an element of the result is summed from,
 * and in which order, does not depend on their number: results are the same, bit for bit.
 *
 * Arrays may be read up to TARN__SLACK bytes past their end: tarn__arena_alloc and
 * tarn__block_alloc leave that much.
 */
#ifndef TARN_CORE_KERNELS_KERNELS_H
#define TARN_CORE_KERNELS_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/tensor.h"

/* c (m,n) = a (m,k) b (k,n), + c before if add. Element (i,j) of a is a[i * a_row + j * a_col], so
   that a transpose is an exchange of strides; c is contiguous in its rows. */
typedef struct tarn__gemm {
    int64_t m, n, k;
    const tarn_real *a;
    int64_t a_row, a_col;
    const tarn_real *b;
    int64_t b_row, b_col;
    tarn_real *c;
    int64_t c_row;
    bool add;
} tarn__gemm;

/* The sizes of a convolution: input (n,h,w,c), weight (kh,kw,c/groups,o), output (n,oh,ow,o). */
typedef struct tarn__conv2d {
    int64_t n, h, w, c;
    int64_t kh, kw, o;
    int64_t oh, ow;
    int64_t stride, padding, dilation, groups;
} tarn__conv2d;

/* Batch normalization of (pixels, channels) numbers: y = (x - centre) scale + shift, channel by
   channel, and ReLU of that if asked. */
typedef struct tarn__batch_norm {
    int64_t pixels, channels;
    const tarn_real *centre, *scale, *shift; /* (channels); not read for the statistics */
    bool relu;
} tarn__batch_norm;

/* The factors of its gradient, (channels) each. */
typedef struct tarn__batch_norm_back {
    const tarn_real *of_dy;
    const tarn_real *of_x, *constant; /* NULL where x did not decide on the statistics */
} tarn__batch_norm_back;

/* Where a gradient goes: added to what is there, or written over it. values may be NULL: not
 * wanted. */
typedef struct tarn__target {
    tarn_real *values;
    bool add;
} tarn__target;

/* Workspaces are in bytes, for the present number of threads. */
typedef struct tarn__kernels {
    const char *name;

    size_t (*gemm_workspace)(const tarn__gemm *g);
    void (*gemm)(const tarn__gemm *g, void *workspace);

    size_t (*conv2d_forward_workspace)(const tarn__conv2d *s);
    size_t (*conv2d_gradient_workspace)(const tarn__conv2d *s); /* of either gradient */

    /* y[n,i,j,o] = bias[o] + sum over p,q,c of x[n, i*stride - padding + p*dilation,
       j*stride - padding + q*dilation, c] weight[p,q,c,o], x being 0 outside; c runs over the
       channels of o's group. bias may be NULL. */
    void (*conv2d_forward)(const tarn__conv2d *s, const tarn_real *x, const tarn_real *weight,
                           const tarn_real *bias, tarn_real *y, void *workspace);

    /* dx = the sum of dy weight over all places where x was read. */
    void (*conv2d_input_gradient)(const tarn__conv2d *s, const tarn_real *dy,
                                  const tarn_real *weight, tarn__target dx, void *workspace);

    /* dweight[p,q,c,o] = the sum of x dy over all places where the weight was used, dbias[o] = the
       sum of dy over all pixels. */
    void (*conv2d_weight_gradient)(const tarn__conv2d *s, const tarn_real *x, const tarn_real *dy,
                                   tarn__target dweight, tarn__target dbias, void *workspace);

    size_t (*batch_norm_workspace)(const tarn__batch_norm *s);

    /* The mean of each channel, and the mean of the squared distances from it. At least one pixel.
     */
    void (*batch_norm_statistics)(const tarn__batch_norm *s, const tarn_real *x, double *mean,
                                  double *variance, void *workspace);

    void (*batch_norm_forward)(const tarn__batch_norm *s, const tarn_real *x, tarn_real *y,
                               void *workspace);

    /* For each channel the sums of g and of g (x - centre), g being dy where ReLU let y pass. */
    void (*batch_norm_gradient_sums)(const tarn__batch_norm *s, const tarn_real *x,
                                     const tarn_real *dy, double *sum, double *product,
                                     void *workspace);

    /* dx = of_dy g + of_x (x - centre) + constant */
    void (*batch_norm_input_gradient)(const tarn__batch_norm *s, const tarn__batch_norm_back *back,
                                      const tarn_real *x, const tarn_real *dy, tarn__target dx,
                                      void *workspace);
} tarn__kernels;

/* The set in use: the fastest the machine has, or what the environment variable TARN_SIMD names. */
const tarn__kernels *tarn__kernels_in_use(void);

/* Every set this machine can run, naive first, NULL last. */
const tarn__kernels *const *tarn__kernels_available(void);

#endif
