/*
 * The hot loops. Each stands twice: as a naive loop that says what it means (naive.c), and fast
 * (the other files), compiled once for each instruction set. One set is chosen at
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
#include <stdint.h>

#include "core/tensor.h"

/* c (m,n) = a (m,k) b (k,n), + c before if add, or + bias[j] in column j unless bias is NULL; not
   both. Then, if relu, 0 for each element <= 0. Element (i,j) of a is a[i * a_row + j * a_col], so
   that a transpose is an exchange of strides, of which one is 1; so is b's. c is contiguous in its
   rows. A product of fewer multiplications than TARN__GEMM_PARALLEL_MIN, or within a piece
   of a shared loop, runs on the calling thread, in the first of tarn__workers() equal parts of its
   workspace. */
#define TARN__GEMM_PARALLEL_MIN (1 << 20)
typedef struct tarn__gemm {
    int64_t m, n, k;
    const tarn_real *a;
    int64_t a_row, a_col;
    const tarn_real *b;
    int64_t b_row, b_col;
    tarn_real *c;
    int64_t c_row;
    bool add;
    const tarn_real *bias;
    bool relu;
    bool pairs; /* a and b are of pairs, of which k counts (core/kernels/pairs.h) */
} tarn__gemm;

/* A convolution: input (n,h,w,c), weight (kh,kw,c/groups,o), sums (n,oh,ow,o). These may go through
   relu, and then through a max_pool2d over windows of pool x pool pixels, pool apart (1: none), so
   that the result is (n,oh/pool,ow/pool,o). */
typedef struct tarn__conv2d {
    int64_t n, h, w, c;
    int64_t kh, kw, o;
    int64_t oh, ow;
    int64_t stride_h, stride_w;
    int64_t top, left; /* padding; below and to the right there is as much as the sums read */
    int64_t dilation_h, dilation_w, groups;
    bool relu;
    int64_t pool;
    bool direct; /* never by Winograd's algorithm */
    bool pairs;  /* of x and weight, or what stands for them; then by tiles alone */
    bool rounds; /* x, and the gradient of the sums, to bfloat16 before they are multiplied; the
                    weight is rounded already */
    bool alone;  /* backward within a piece of a shared loop: the workspace is for one thread */
    bool norm;   /* batch normalization follows, in conv2d_statistics() and in backward; then
                    neither relu nor pool do */
} tarn__conv2d;

/* Whether Winograd's algorithm computes it (core/kernels/conv/winograd.h): in patches of 4 x 4
   sums, where that takes fewer than two thirds of the multiplications, so not of images a pixel or
   two wide. */
static inline bool tarn__is_by_winograd(const tarn__conv2d *s)
{
    const int64_t patches = (s->oh + 3) / 4 * ((s->ow + 3) / 4);
    return s->kh == 3 && s->kw == 3 && s->stride_h == 1 && s->stride_w == 1 && s->dilation_h == 1 &&
           s->dilation_w == 1 && s->groups == 1 && s->c >= 16 && s->o >= 16 && patches > 0 &&
           6 * patches <= s->oh * s->ow && !s->direct && !s->pairs;
}

/* Which pixel of its window a maximum came from: row * pool + column, or TARN__NO_WINNER where relu
   made it 0. */
enum { TARN__MOST_POOL = 15, TARN__NO_WINNER = 255 };

/* Batch normalization of (pixels, channels) numbers: y = (x - centre) scale + shift, channel by
   channel, + skip unless that is NULL, and ReLU of that if asked. */
typedef struct tarn__batch_norm {
    int64_t pixels, channels;
    const tarn_real *centre, *scale, *shift; /* (channels); not read for the statistics */
    bool relu;
    const tarn_real *skip; /* read forward only */
    const tarn_real *y;    /* read by the gradient where there are a skip and relu */
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

/* Batch normalization behind a convolution whose sums are z: the skip's gradient is g, dy where
   ReLU let y pass; that of the sums is of_dy g + of_x (z - centre) + constant. */
typedef struct tarn__norm_behind {
    tarn__batch_norm s;
    tarn__batch_norm_back back;
    const tarn_real *z;
    tarn__target dskip;
} tarn__norm_behind;

/* What backward of a convolution reads and writes. With dsum the gradient of the sums, which is dy
   where nothing follows, else dy where y > 0 or at the winner, and 0 elsewhere, or norm's:
       dx = the sum of dsum weight over all places where x was read
       dweight[p,q,c,o] = the sum of x dsum over all places where the weight was used
       dbias[o] = the sum of dsum over all pixels */
typedef struct tarn__conv2d_gradients {
    const tarn_real *x, *weight, *dy;
    const tarn_real *y;            /* read only with relu and without pool */
    const uint8_t *winners;        /* read only with pool */
    const tarn__norm_behind *norm; /* read only with norm; its dskip is written before dx, image by
                                      image, so both may be the same */
    tarn__target dx, dweight, dbias;
} tarn__conv2d_gradients;

/* y[i] = f(x[i]), where y may be x. Runs on the calling thread, which may have a part of an array.
   Element by element, so that cutting it up changes no bit. */
typedef void tarn__map_kernel(int64_t n, const tarn_real *x, tarn_real *y);

/* The same for y[i] = by[i] f(x[i]), where y may be x or by. */
typedef void tarn__times_kernel(int64_t n, const tarn_real *by, const tarn_real *x, tarn_real *y);

/* An array (outer, length, inner), to be rounded to bfloat16 and paired along its length: pair p of
   (outer, pairs, inner) is of the numbers 2p and 2p + 1, the first in the lower half of its bits.
 */
typedef struct tarn__paired {
    int64_t outer, length, inner;
} tarn__paired;

/* A row, or a pixel, and how much of it is in a sum. */
typedef struct tarn__tap {
    int64_t from;
    double weight;
} tarn__tap;

/* Which elements dropout keeps: element i draws the lower (i even) or upper (i odd) half of output
   i / 2 of the generator after the state random, and stays if that is at least threshold. */
typedef struct tarn__dropout {
    uint64_t random;
    uint32_t threshold;
    tarn_real factor; /* of those that stay */
} tarn__dropout;

/* Workspaces are in bytes, for the present number of tarn__workers(). */
typedef struct tarn__kernels {
    const char *name;

    /* y[i] = x[i] rounded to bfloat16, by the rule of core/base/precision.h. */
    tarn__map_kernel *round;
    /* Of bfloat16 numbers (core/kernels/pairs.h): NULL where the set multiplies no pairs. */
    void (*pack_pairs)(tarn__paired p, const tarn_real *from, tarn_real *to);
    bool pairs_by_amx; /* faster than numbers by Winograd's algorithm */

    size_t (*gemm_workspace)(const tarn__gemm *g);
    void (*gemm)(const tarn__gemm *g, void *workspace);

    size_t (*conv2d_forward_workspace)(const tarn__conv2d *s);
    size_t (*conv2d_backward_workspace)(const tarn__conv2d *s);

    /* sum[n,i,j,o] = bias[o] + sum over p,q,c of x[n, i*stride_h - top + p*dilation_h,
       j*stride_w - left + q*dilation_w, c] weight[p,q,c,o], x being 0 outside; c runs over the
       channels of o's group. bias may be NULL. y is the sum, or what relu and pool make of it;
       winners (if pool > 1) notes the winner of each element of y, and may be NULL. */
    void (*conv2d_forward)(const tarn__conv2d *s, const tarn_real *x, const tarn_real *weight,
                           const tarn_real *bias, tarn_real *y, uint8_t *winners, void *workspace);

    /* The sums, as conv2d_forward(), and their statistics, as batch_norm_statistics(): the same
       bits, read while they are in the cache. With the workspace of conv2d_forward(). */
    void (*conv2d_statistics)(const tarn__conv2d *s, const tarn_real *x, const tarn_real *weight,
                              const tarn_real *bias, tarn_real *sums, double *distance,
                              double *variance, void *workspace);

    void (*conv2d_backward)(const tarn__conv2d *s, const tarn__conv2d_gradients *g,
                            void *workspace);

    /* core/kernels/math.h has their formulas and errors. The slopes are the derivatives. */
    tarn__map_kernel *exp, *log, *tanh, *sigmoid, *elu, *gelu;
    tarn__times_kernel *times_sigmoid, *times_sigmoid_slope, *times_tanh_slope, *times_gelu_slope;
    /* The sums of x[i] - base and of (x[i] - base)^2, in double. */
    double (*sum)(int64_t n, const tarn_real *x, double base);
    double (*sum_of_squares)(int64_t n, const tarn_real *x, double base);
    /* The sum in double of the products (a[i] - base) b[i], of which each is rounded. */
    double (*dot)(int64_t n, const tarn_real *a, tarn_real base, const tarn_real *b);
    /* Adds to sums[i] column i of rows that begin so far apart, in double. */
    void (*add_rows)(int64_t rows, int64_t apart, int64_t width, const tarn_real *x, double *sums);

    /* The gradient of a row of softmax (core/ops/softmax.c), on the calling thread. */
    void (*softmax_gradient)(int64_t n, const tarn_real *y, const tarn_real *dy, tarn__target dx);

    /* Copies rows, which begin so far apart, on the calling thread. */
    void (*copy_rows)(int64_t rows, int64_t width, const tarn_real *from, int64_t from_row,
                      tarn_real *to, int64_t to_row);

    /* line[k] = the sum over so many taps of weight x[from size + k], in double. */
    void (*resample_rows)(const tarn__tap *taps, int64_t count, int64_t size, const tarn_real *x,
                          double *line);
    /* y[i c + k] = the sum of weight line[from c + k], over the taps from start[i] to start[i + 1]
     * - 1.
     */
    void (*resample_pixels)(const int64_t *start, const tarn__tap *taps, int64_t pixels, int64_t c,
                            const double *line, tarn__target y);

    /* y[i] = x[i] factor if element i stays, else x[i] 0, so that NaN stays NaN. Runs on the
       calling thread. */
    void (*dropout)(const tarn__dropout *d, int64_t n, const tarn_real *x, tarn__target y);

    size_t (*batch_norm_workspace)(const tarn__batch_norm *s);

    /* For each channel how far its mean lies from its first number, so that a large mean costs no
       digits, and the mean of the squared distances from the mean. At least one pixel. */
    void (*batch_norm_statistics)(const tarn__batch_norm *s, const tarn_real *x, double *distance,
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

    /* NULL without extras: core/kernels/sine.c, and y[i] = x[i]^p, as C's pow(), for a finite p
       that is not 0; otherwise as exp and the others. */
    tarn__map_kernel *sine, *cosine;
    void (*power)(int64_t n, const tarn_real *x, tarn_real p, tarn_real *y);
} tarn__kernels;

/* The set in use: the fastest the machine has, or what the environment variable TARN_SIMD names. */
const tarn__kernels *tarn__kernels_in_use(void);

/* Every set this machine can run, naive first, NULL last. */
const tarn__kernels *const *tarn__kernels_available(void);

#endif
