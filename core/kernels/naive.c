/* What the kernels mean, in the plainest loops. TARN_SIMD=naive runs the library on them. */
#include <string.h>

#include "core/kernels/kernels.h"

static size_t no_gemm_workspace(const tarn__gemm *g)
{
    (void)g;
    return 0;
}

static void gemm(const tarn__gemm *g, void *workspace)
{
    (void)workspace;
    for (int64_t i = 0; i < g->m; i++)
        for (int64_t j = 0; j < g->n; j++) {
            tarn_real sum = 0;
            for (int64_t k = 0; k < g->k; k++)
                sum += g->a[i * g->a_row + k * g->a_col] * g->b[k * g->b_row + j * g->b_col];
            tarn_real *c = &g->c[i * g->c_row + j];
            *c = g->add ? *c + sum : sum;
        }
}

static size_t no_conv2d_workspace(const tarn__conv2d *s)
{
    (void)s;
    return 0;
}

static int64_t y_at(const tarn__conv2d *s, int64_t n, int64_t i, int64_t j, int64_t o)
{
    return ((n * s->oh + i) * s->ow + j) * s->o + o;
}

static int64_t weight_at(const tarn__conv2d *s, int64_t p, int64_t q, int64_t c, int64_t o)
{
    return ((p * s->kw + q) * (s->c / s->groups) + c) * s->o + o;
}

/* Where output (n,i,j,o) meets weight (p,q,c,o) in the input; -1 in the padding. */
static int64_t x_at(const tarn__conv2d *s, int64_t n, int64_t i, int64_t j, int64_t p, int64_t q,
                    int64_t c, int64_t o)
{
    int64_t h = i * s->stride - s->padding + p * s->dilation;
    int64_t w = j * s->stride - s->padding + q * s->dilation;
    int64_t group = o / (s->o / s->groups);
    if (h < 0 || h >= s->h || w < 0 || w >= s->w)
        return -1;
    return ((n * s->h + h) * s->w + w) * s->c + group * (s->c / s->groups) + c;
}

#define EACH_OUTPUT(s, n, i, j, o)                                                                 \
    for (int64_t n = 0; n < (s)->n; n++)                                                           \
        for (int64_t i = 0; i < (s)->oh; i++)                                                      \
            for (int64_t j = 0; j < (s)->ow; j++)                                                  \
                for (int64_t o = 0; o < (s)->o; o++)

#define EACH_WEIGHT(s, p, q, c)                                                                    \
    for (int64_t p = 0; p < (s)->kh; p++)                                                          \
        for (int64_t q = 0; q < (s)->kw; q++)                                                      \
            for (int64_t c = 0; c < (s)->c / (s)->groups; c++)

static void conv2d_forward(const tarn__conv2d *s, const tarn_real *x, const tarn_real *weight,
                           const tarn_real *bias, tarn_real *y, void *workspace)
{
    (void)workspace;
    EACH_OUTPUT (s, n, i, j, o) {
        tarn_real sum = bias ? bias[o] : 0;
        EACH_WEIGHT (s, p, q, c) {
            int64_t at = x_at(s, n, i, j, p, q, c, o);
            if (at >= 0)
                sum += x[at] * weight[weight_at(s, p, q, c, o)];
        }
        y[y_at(s, n, i, j, o)] = sum;
    }
}

static void start(tarn__target to, int64_t size)
{
    if (to.values && !to.add)
        memset(to.values, 0, (size_t)size * sizeof *to.values);
}

static void conv2d_input_gradient(const tarn__conv2d *s, const tarn_real *dy,
                                  const tarn_real *weight, tarn__target dx, void *workspace)
{
    (void)workspace;
    start(dx, s->n * s->h * s->w * s->c);
    EACH_OUTPUT (s, n, i, j, o)
        EACH_WEIGHT (s, p, q, c) {
            int64_t at = x_at(s, n, i, j, p, q, c, o);
            if (at >= 0)
                dx.values[at] += dy[y_at(s, n, i, j, o)] * weight[weight_at(s, p, q, c, o)];
        }
}

static void conv2d_weight_gradient(const tarn__conv2d *s, const tarn_real *x, const tarn_real *dy,
                                   tarn__target dweight, tarn__target dbias, void *workspace)
{
    (void)workspace;
    start(dweight, s->kh * s->kw * (s->c / s->groups) * s->o);
    start(dbias, s->o);
    EACH_OUTPUT (s, n, i, j, o) {
        if (dbias.values)
            dbias.values[o] += dy[y_at(s, n, i, j, o)];
        EACH_WEIGHT (s, p, q, c) {
            int64_t at = x_at(s, n, i, j, p, q, c, o);
            if (dweight.values && at >= 0)
                dweight.values[weight_at(s, p, q, c, o)] += x[at] * dy[y_at(s, n, i, j, o)];
        }
    }
}

static size_t no_batch_norm_workspace(const tarn__batch_norm *s)
{
    (void)s;
    return 0;
}

static void batch_norm_statistics(const tarn__batch_norm *s, const tarn_real *x, double *mean,
                                  double *variance, void *workspace)
{
    (void)workspace;
    for (int64_t c = 0; c < s->channels; c++) {
        double sum = 0, squares = 0;
        for (int64_t p = 0; p < s->pixels; p++)
            sum += (double)x[p * s->channels + c];
        mean[c] = sum / (double)s->pixels;
        for (int64_t p = 0; p < s->pixels; p++) {
            double d = (double)x[p * s->channels + c] - mean[c];
            squares += d * d;
        }
        variance[c] = squares / (double)s->pixels;
    }
}

static tarn_real batch_norm_of(const tarn__batch_norm *s, int64_t c, tarn_real x)
{
    return (x - s->centre[c]) * s->scale[c] + s->shift[c];
}

static void batch_norm_forward(const tarn__batch_norm *s, const tarn_real *x, tarn_real *y,
                               void *workspace)
{
    (void)workspace;
    for (int64_t i = 0; i < s->pixels * s->channels; i++) {
        y[i] = batch_norm_of(s, i % s->channels, x[i]);
        if (s->relu && y[i] <= 0)
            y[i] = 0;
    }
}

static void batch_norm_gradient_sums(const tarn__batch_norm *s, const tarn_real *x,
                                     const tarn_real *dy, double *sum, double *product,
                                     void *workspace)
{
    (void)workspace;
    for (int64_t c = 0; c < s->channels; c++) {
        sum[c] = product[c] = 0;
        for (int64_t i = c; i < s->pixels * s->channels; i += s->channels) {
            if (s->relu && batch_norm_of(s, c, x[i]) <= 0)
                continue;
            sum[c] += (double)dy[i];
            product[c] += (double)dy[i] * (double)(x[i] - s->centre[c]);
        }
    }
}

static void batch_norm_input_gradient(const tarn__batch_norm *s, const tarn__batch_norm_back *back,
                                      const tarn_real *x, const tarn_real *dy, tarn__target dx,
                                      void *workspace)
{
    (void)workspace;
    for (int64_t i = 0; i < s->pixels * s->channels; i++) {
        int64_t c = i % s->channels;
        tarn_real g = s->relu && batch_norm_of(s, c, x[i]) <= 0 ? 0 : dy[i];
        tarn_real d = back->of_dy[c] * g;
        if (back->of_x)
            d += back->of_x[c] * (x[i] - s->centre[c]) + back->constant[c];
        dx.values[i] = dx.add ? dx.values[i] + d : d;
    }
}

extern const tarn__kernels tarn__kernels_naive;

const tarn__kernels tarn__kernels_naive = {
    .name = "naive",
    .gemm_workspace = no_gemm_workspace,
    .gemm = gemm,
    .conv2d_forward_workspace = no_conv2d_workspace,
    .conv2d_gradient_workspace = no_conv2d_workspace,
    .conv2d_forward = conv2d_forward,
    .conv2d_input_gradient = conv2d_input_gradient,
    .conv2d_weight_gradient = conv2d_weight_gradient,
    .batch_norm_workspace = no_batch_norm_workspace,
    .batch_norm_statistics = batch_norm_statistics,
    .batch_norm_forward = batch_norm_forward,
    .batch_norm_gradient_sums = batch_norm_gradient_sums,
    .batch_norm_input_gradient = batch_norm_input_gradient,
};
