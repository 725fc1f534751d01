/* What the kernels mean, in the plainest loops. TARN_SIMD=naive runs the library on them. */
#include <math.h>
#include <string.h>

#include "core/base/random_internal.h"
#include "core/kernels/bf16.h"

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
            tarn_real *c = &g->c[i * g->c_row + j];
            tarn_real sum = g->add ? *c : g->bias ? g->bias[j] : 0;
            for (int64_t k = 0; k < g->k; k++)
                sum += g->a[i * g->a_row + k * g->a_col] * g->b[k * g->b_row + j * g->b_col];
            *c = g->relu && sum <= 0 ? 0 : sum;
        }
}

static size_t no_conv2d_workspace(const tarn__conv2d *s)
{
    (void)s;
    return 0;
}

static int64_t y_at(const tarn__conv2d *s, int64_t n, int64_t i, int64_t j, int64_t o)
{
    return ((n * (s->oh / s->pool) + i) * (s->ow / s->pool) + j) * s->o + o;
}

static int64_t weight_at(const tarn__conv2d *s, int64_t p, int64_t q, int64_t c, int64_t o)
{
    return ((p * s->kw + q) * (s->c / s->groups) + c) * s->o + o;
}

/* Where sum (n,i,j,o) meets weight (p,q,c,o) in the input; -1 in the padding. */
static int64_t x_at(const tarn__conv2d *s, int64_t n, int64_t i, int64_t j, int64_t p, int64_t q,
                    int64_t c, int64_t o)
{
    int64_t h = i * s->stride_h - s->top + p * s->dilation_h;
    int64_t w = j * s->stride_w - s->left + q * s->dilation_w;
    int64_t group = o / (s->o / s->groups);
    if (h < 0 || h >= s->h || w < 0 || w >= s->w)
        return -1;
    return ((n * s->h + h) * s->w + w) * s->c + group * (s->c / s->groups) + c;
}

#define EACH_RESULT(s, n, i, j, o)                                                                 \
    for (int64_t n = 0; n < (s)->n; n++)                                                           \
        for (int64_t i = 0; i < (s)->oh / (s)->pool; i++)                                          \
            for (int64_t j = 0; j < (s)->ow / (s)->pool; j++)                                      \
                for (int64_t o = 0; o < (s)->o; o++)

#define EACH_WEIGHT(s, p, q, c)                                                                    \
    for (int64_t p = 0; p < (s)->kh; p++)                                                          \
        for (int64_t q = 0; q < (s)->kw; q++)                                                      \
            for (int64_t c = 0; c < (s)->c / (s)->groups; c++)

/* As it is multiplied. */
static tarn_real operand(const tarn__conv2d *s, tarn_real x)
{
    return s->rounds ? (tarn_real)tarn__rounded((float)x) : x;
}

/* The sum of which y[n,i,j,o] is made if no pool follows. */
static tarn_real sum_at(const tarn__conv2d *s, const tarn_real *x, const tarn_real *weight,
                        const tarn_real *bias, int64_t n, int64_t i, int64_t j, int64_t o)
{
    tarn_real sum = bias ? bias[o] : 0;
    EACH_WEIGHT (s, p, q, c) {
        int64_t at = x_at(s, n, i, j, p, q, c, o);
        if (at >= 0)
            sum += operand(s, x[at]) * weight[weight_at(s, p, q, c, o)];
    }
    return s->relu && sum <= 0 ? 0 : sum;
}

static void conv2d_forward(const tarn__conv2d *s, const tarn_real *x, const tarn_real *weight,
                           const tarn_real *bias, tarn_real *y, uint8_t *winners, void *workspace)
{
    (void)workspace;
    EACH_RESULT (s, n, i, j, o) {
        tarn_real largest = 0;
        int winner = -1;
        for (int k = 0; k < s->pool * s->pool; k++) {
            tarn_real sum = sum_at(s, x, weight, bias, n, i * s->pool + k / s->pool,
                                   j * s->pool + k % s->pool, o);
            if (winner < 0 || sum > largest || sum != sum) {
                largest = sum;
                winner = k;
            }
        }
        int64_t at = y_at(s, n, i, j, o);
        y[at] = largest;
        if (winners)
            winners[at] = (uint8_t)(s->relu && largest <= 0 ? TARN__NO_WINNER : winner);
    }
}

static void batch_norm_statistics(const tarn__batch_norm *s, const tarn_real *x, double *distance,
                                  double *variance, void *workspace);

static void conv2d_statistics(const tarn__conv2d *s, const tarn_real *x, const tarn_real *weight,
                              const tarn_real *bias, tarn_real *sums, double *distance,
                              double *variance, void *workspace)
{
    const tarn__batch_norm norm = {.pixels = s->n * s->oh * s->ow, .channels = s->o};
    conv2d_forward(s, x, weight, bias, sums, NULL, workspace);
    batch_norm_statistics(&norm, sums, distance, variance, workspace);
}

static void start(tarn__target to, int64_t size)
{
    if (to.values && !to.add)
        memset(to.values, 0, (size_t)size * sizeof *to.values);
}

/* Adds what the gradient of one sum gives to all three. */
static void add_gradients(const tarn__conv2d *s, const tarn__conv2d_gradients *g, tarn_real dsum,
                          int64_t n, int64_t i, int64_t j, int64_t o)
{
    if (g->dbias.values)
        g->dbias.values[o] += dsum;
    EACH_WEIGHT (s, p, q, c) {
        int64_t in_x = x_at(s, n, i, j, p, q, c, o), in_weight = weight_at(s, p, q, c, o);
        if (in_x >= 0 && g->dx.values)
            g->dx.values[in_x] += operand(s, dsum) * g->weight[in_weight];
        if (in_x >= 0 && g->dweight.values)
            g->dweight.values[in_weight] += operand(s, dsum) * operand(s, g->x[in_x]);
    }
}

static tarn_real batch_norm_of(const tarn__batch_norm *s, int64_t i, tarn_real x)
{
    const int64_t c = i % s->channels;
    const tarn_real y = (x - s->centre[c]) * s->scale[c] + s->shift[c];
    return s->skip ? y + s->skip[i] : y;
}

/* Element i of dy, or 0 where ReLU did not let y pass. */
static tarn_real passed(const tarn__batch_norm *s, const tarn_real *x, const tarn_real *dy,
                        int64_t i)
{
    return s->relu && (s->skip ? s->y[i] : batch_norm_of(s, i, x[i])) <= 0 ? 0 : dy[i];
}

/* Of x, where the gradient of y is g. */
static tarn_real batch_norm_gradient(const tarn__batch_norm *s, const tarn__batch_norm_back *back,
                                     int64_t i, tarn_real x, tarn_real g)
{
    const int64_t c = i % s->channels;
    const tarn_real d = back->of_dy[c] * g;
    return back->of_x ? d + back->of_x[c] * (x - s->centre[c]) + back->constant[c] : d;
}

/* The gradient of the sum at a place without pool. */
static tarn_real gradient_of_sum(const tarn__conv2d_gradients *g, int64_t at)
{
    const tarn__norm_behind *n = g->norm;
    if (!n)
        return g->dy[at];
    return batch_norm_gradient(&n->s, &n->back, at, n->z[at], passed(&n->s, n->z, g->dy, at));
}

static void conv2d_backward(const tarn__conv2d *s, const tarn__conv2d_gradients *g, void *workspace)
{
    (void)workspace;
    for (int64_t i = 0; g->norm && g->norm->dskip.values && i < s->n * s->oh * s->ow * s->o; i++) {
        const tarn_real dskip = passed(&g->norm->s, g->norm->z, g->dy, i);
        g->norm->dskip.values[i] = g->norm->dskip.add ? g->norm->dskip.values[i] + dskip : dskip;
    }
    start(g->dx, s->n * s->h * s->w * s->c);
    start(g->dweight, s->kh * s->kw * (s->c / s->groups) * s->o);
    start(g->dbias, s->o);
    EACH_RESULT (s, n, i, j, o) {
        int64_t at = y_at(s, n, i, j, o), winner = s->pool > 1 ? g->winners[at] : 0;
        if (winner == TARN__NO_WINNER || (s->pool == 1 && s->relu && g->y[at] <= 0))
            continue;
        add_gradients(s, g, gradient_of_sum(g, at), n, i * s->pool + winner / s->pool,
                      j * s->pool + winner % s->pool, o);
    }
}

/* In double, so that each result is the nearest float. */
#define ELEMENTWISE(name, value)                                                                   \
    static void name##_of_each(int64_t n, const tarn_real *x, tarn_real *y)                        \
    {                                                                                              \
        for (int64_t i = 0; i < n; i++)                                                            \
            y[i] = (tarn_real)(value);                                                             \
    }

#define TIMES(name, value)                                                                         \
    static void times_##name(int64_t n, const tarn_real *by, const tarn_real *x, tarn_real *y)     \
    {                                                                                              \
        for (int64_t i = 0; i < n; i++)                                                            \
            y[i] = (tarn_real)(by[i] * (value));                                                   \
    }

/* P: erfc keeps its precision where 1 + erf cancels. */
static double distribution(double x)
{
    return erfc(-x * 0.7071067811865476) / 2;
}

/* p */
static double density(double x)
{
    return exp(-x * x / 2) * 0.3989422804014327;
}

/* x P(x) and P(x) + x p(x) have limits at infinity, where the formulas would multiply by 0. */
static double gelu(double x)
{
    return x < -40 ? -0.0 : x * distribution(x);
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double sigmoid_slope(double x)
{
    const double e = exp(-fabs(x));
    return e / ((1 + e) * (1 + e));
}

static double gelu_slope(double x)
{
    return x < -40 ? -0.0 : x > 40 ? 1 : distribution(x) + x * density(x);
}

ELEMENTWISE(round, tarn__rounded((float)x[i]))
ELEMENTWISE(exp, exp(x[i]))
ELEMENTWISE(log, log(x[i]))
ELEMENTWISE(tanh, tanh(x[i]))
ELEMENTWISE(sigmoid, sigmoid(x[i]))
ELEMENTWISE(elu, x[i] > 0 ? x[i] : expm1(x[i]))
ELEMENTWISE(gelu, gelu(x[i]))
ELEMENTWISE(sine, sin(x[i]))
ELEMENTWISE(cosine, cos(x[i]))

TIMES(sigmoid, sigmoid(x[i]))
TIMES(sigmoid_slope, sigmoid_slope(x[i]))
TIMES(tanh_slope, 4 * sigmoid_slope(2 * (double)x[i]))
TIMES(gelu_slope, gelu_slope(x[i]))

static void power(int64_t n, const tarn_real *x, tarn_real p, tarn_real *y)
{
    for (int64_t i = 0; i < n; i++)
        y[i] = (tarn_real)pow(x[i], p);
}

static double sum(int64_t n, const tarn_real *x, double base)
{
    double total = 0;
    for (int64_t i = 0; i < n; i++)
        total += x[i] - base;
    return total;
}

static double sum_of_squares(int64_t n, const tarn_real *x, double base)
{
    double total = 0;
    for (int64_t i = 0; i < n; i++)
        total += (x[i] - base) * (x[i] - base);
    return total;
}

static double dot(int64_t n, const tarn_real *a, tarn_real base, const tarn_real *b)
{
    double total = 0;
    for (int64_t i = 0; i < n; i++)
        total += (a[i] - base) * b[i];
    return total;
}

static void add_rows(int64_t rows, int64_t apart, int64_t width, const tarn_real *x, double *sums)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t i = 0; i < width; i++)
            sums[i] += x[r * apart + i];
}

static void softmax_gradient(int64_t n, const tarn_real *y, const tarn_real *dy, tarn__target dx)
{
    double base = 0, sum = 0;
    for (int64_t i = 0; i < n; i++)
        base = y[i] > (tarn_real)0.5 ? (double)dy[i] : base;
    for (int64_t i = 0; i < n; i++)
        sum += (dy[i] - base) * y[i];
    for (int64_t i = 0; i < n; i++) {
        const tarn_real d = (tarn_real)(y[i] * (dy[i] - base - sum));
        dx.values[i] = dx.add ? dx.values[i] + d : d;
    }
}

static void copy_rows(int64_t rows, int64_t width, const tarn_real *from, int64_t from_row,
                      tarn_real *to, int64_t to_row)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t i = 0; i < width; i++)
            to[r * to_row + i] = from[r * from_row + i];
}

static void resample_rows(const tarn__tap *taps, int64_t count, int64_t size, const tarn_real *x,
                          double *line)
{
    for (int64_t k = 0; k < size; k++) {
        line[k] = 0;
        for (int64_t t = 0; t < count; t++)
            line[k] += taps[t].weight * (double)x[taps[t].from * size + k];
    }
}

static void resample_pixels(const int64_t *start, const tarn__tap *taps, int64_t pixels, int64_t c,
                            const double *line, tarn__target y)
{
    for (int64_t i = 0; i < pixels * c; i++) {
        double sum = y.add ? (double)y.values[i] : 0;
        for (int64_t t = start[i / c]; t < start[i / c + 1]; t++)
            sum += taps[t].weight * line[taps[t].from * c + i % c];
        y.values[i] = (tarn_real)sum;
    }
}

static void dropout(const tarn__dropout *d, int64_t n, const tarn_real *x, tarn__target y)
{
    for (int64_t i = 0; i < n; i++) {
        uint64_t random = tarn__random_at(d->random, i / 2);
        uint32_t draw = (uint32_t)(i % 2 ? random >> 32 : random);
        tarn_real passed = x[i] * (draw >= d->threshold ? d->factor : 0);
        y.values[i] = y.add ? y.values[i] + passed : passed;
    }
}

static size_t no_batch_norm_workspace(const tarn__batch_norm *s)
{
    (void)s;
    return 0;
}

static void batch_norm_statistics(const tarn__batch_norm *s, const tarn_real *x, double *distance,
                                  double *variance, void *workspace)
{
    (void)workspace;
    for (int64_t c = 0; c < s->channels; c++) {
        double sum = 0, squares = 0;
        for (int64_t p = 0; p < s->pixels; p++)
            sum += (double)x[p * s->channels + c] - (double)x[c];
        distance[c] = sum / (double)s->pixels;
        for (int64_t p = 0; p < s->pixels; p++) {
            double d = (double)x[p * s->channels + c] - (double)x[c] - distance[c];
            squares += d * d;
        }
        variance[c] = squares / (double)s->pixels;
    }
}

static void batch_norm_forward(const tarn__batch_norm *s, const tarn_real *x, tarn_real *y,
                               void *workspace)
{
    (void)workspace;
    for (int64_t i = 0; i < s->pixels * s->channels; i++) {
        y[i] = batch_norm_of(s, i, x[i]);
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
            const double g = (double)passed(s, x, dy, i);
            sum[c] += g;
            product[c] += g * (double)(x[i] - s->centre[c]);
        }
    }
}

static void batch_norm_input_gradient(const tarn__batch_norm *s, const tarn__batch_norm_back *back,
                                      const tarn_real *x, const tarn_real *dy, tarn__target dx,
                                      void *workspace)
{
    (void)workspace;
    for (int64_t i = 0; i < s->pixels * s->channels; i++) {
        const tarn_real d = batch_norm_gradient(s, back, i, x[i], passed(s, x, dy, i));
        dx.values[i] = dx.add ? dx.values[i] + d : d;
    }
}

extern const tarn__kernels tarn__kernels_naive;

const tarn__kernels tarn__kernels_naive = {
    .name = "naive",
    .gemm_workspace = no_gemm_workspace,
    .gemm = gemm,
    .conv2d_forward_workspace = no_conv2d_workspace,
    .conv2d_backward_workspace = no_conv2d_workspace,
    .conv2d_forward = conv2d_forward,
    .conv2d_statistics = conv2d_statistics,
    .conv2d_backward = conv2d_backward,
    .round = round_of_each,
    .exp = exp_of_each,
    .log = log_of_each,
    .tanh = tanh_of_each,
    .sigmoid = sigmoid_of_each,
    .elu = elu_of_each,
    .gelu = gelu_of_each,
    .times_sigmoid = times_sigmoid,
    .times_sigmoid_slope = times_sigmoid_slope,
    .times_tanh_slope = times_tanh_slope,
    .times_gelu_slope = times_gelu_slope,
    .sine = sine_of_each,
    .cosine = cosine_of_each,
    .power = power,
    .sum = sum,
    .sum_of_squares = sum_of_squares,
    .dot = dot,
    .add_rows = add_rows,
    .softmax_gradient = softmax_gradient,
    .copy_rows = copy_rows,
    .resample_rows = resample_rows,
    .resample_pixels = resample_pixels,
    .dropout = dropout,
    .batch_norm_workspace = no_batch_norm_workspace,
    .batch_norm_statistics = batch_norm_statistics,
    .batch_norm_forward = batch_norm_forward,
    .batch_norm_gradient_sums = batch_norm_gradient_sums,
    .batch_norm_input_gradient = batch_norm_input_gradient,
};
