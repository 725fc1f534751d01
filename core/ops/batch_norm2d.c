/*
 * Batch normalization (Ioffe and Szegedy 2015) over all dimensions but the last, as in core/ops.h.
 *
 *     xhat = (x - mean) / sqrt(variance + eps)        mean, variance of the n values of a channel
 *     y = gamma xhat + beta                           and max(y, 0) if asked
 *     dbeta = sum of dy                               dy where ReLU let y pass, else 0
 *     dgamma = sum of dy xhat
 *     dx = gamma / sqrt(variance + eps) (dy - dbeta / n - xhat dgamma / n)
 *
 * In evaluation the statistics are constants, so dx = gamma / sqrt(variance + eps) dy.
 *
 * xhat is not kept but computed again from x. The mean is kept as its nearest tarn_real, the
 * centre, and the rest, which goes into the constants: subtracting a rounded mean would cost digits
 * where it is large. The loops are in core/kernels/batch_norm.c, and in plain form in naive.c.
 */
#include <math.h>

#include "core/base/error.h"
#include "core/kernels/kernels.h"
#include "core/op_internal.h"
#include "core/ops.h"

/* Kept for backward, each (C). */
typedef struct kept {
    tarn__batch_norm s;
    bool training;
    double *rest;                      /* mean - centre */
    double *inverse_deviation;         /* 1 / sqrt(variance + eps) */
    tarn_real *centre, *scale, *shift; /* which s refers to */
} kept;

static void gradients_of_map(const kept *k, const double *sum, const double *product,
                             tarn__target dgamma, tarn__target dbeta)
{
    for (int64_t c = 0; dgamma.values && c < k->s.channels; c++) {
        double d = k->inverse_deviation[c] * (product[c] - k->rest[c] * sum[c]);
        dgamma.values[c] = (tarn_real)(dgamma.add ? (double)dgamma.values[c] + d : d);
    }
    for (int64_t c = 0; dbeta.values && c < k->s.channels; c++)
        dbeta.values[c] = (tarn_real)(dbeta.add ? (double)dbeta.values[c] + sum[c] : sum[c]);
}

/* dx in training as a sum of dy, x - centre and a constant, the factors of which it writes. */
static void factors_of_dx(const kept *k, const double *sum, const double *product, tarn_real *of_x,
                          tarn_real *constant)
{
    const double n = (double)k->s.pixels;
    for (int64_t c = 0; c < k->s.channels; c++) {
        double scale = (double)k->s.scale[c], inverse = k->inverse_deviation[c];
        double dgamma = inverse * (product[c] - k->rest[c] * sum[c]);
        double factor = scale * inverse * dgamma / n;
        of_x[c] = (tarn_real)-factor;
        constant[c] = (tarn_real)(factor * k->rest[c] - scale * sum[c] / n);
    }
}

static void batch_norm2d_backward(const tarn_node *node)
{
    const kept *k = node->saved;
    const tarn__kernels *kernels = tarn__kernels_in_use();
    const tarn_real *x = node->inputs[0]->values, *dy = tarn_gradients(node->output);
    const size_t channels = (size_t)k->s.channels;

    /* Gradients live longer than scratch memory, so they are asked for first, and are written in
       the order in which they are asked for. */
    tarn__target dgamma, dbeta, dx;
    dgamma.values = tarn_op_gradient_to_write(node->inputs[1], &dgamma.add);
    dbeta.values = tarn_op_gradient_to_write(node->inputs[2], &dbeta.add);
    dx.values = tarn_op_gradient_to_write(node->inputs[0], &dx.add);

    tarn__arena_position mark = tarn__scratch_push();
    void *workspace = tarn__scratch_take(kernels->batch_norm_workspace(&k->s));
    double *sum = tarn__scratch_take(channels * 2 * sizeof *sum), *product = sum + channels;
    tarn_real *of_x = tarn__scratch_take(channels * 2 * sizeof *of_x), *constant = of_x + channels;
    if (workspace && sum && of_x) {
        tarn__batch_norm_back back = {.of_dy = k->s.scale};
        if (k->training || dgamma.values || dbeta.values)
            kernels->batch_norm_gradient_sums(&k->s, x, dy, sum, product, workspace);
        gradients_of_map(k, sum, product, dgamma, dbeta);
        if (k->training) {
            factors_of_dx(k, sum, product, of_x, constant);
            back.of_x = of_x, back.constant = constant;
        }
        if (dx.values)
            kernels->batch_norm_input_gradient(&k->s, &back, x, dy, dx, workspace);
    }
    tarn__scratch_pop(mark);
}

static const tarn_op batch_norm2d = {"batch_norm2d", batch_norm2d_backward};
static const tarn_op with_relu = {"batch_norm2d+relu", batch_norm2d_backward};

static int64_t values_per_channel(const tarn_tensor *x)
{
    int64_t count = 1;
    for (int i = 0; i < x->shape.ndim - 1; i++)
        count *= x->shape.dim[i];
    return count;
}

static bool check(const tarn_batch_norm2d_args *a)
{
    const tarn_shape x = a->x->shape;
    if (x.ndim < 2)
        return tarn_fail("batch_norm2d: input %s, expects (N,H,W,C) or (N,C)",
                         tarn_shape_to_text(x).text);
    const struct {
        const char *name;
        const tarn_tensor *tensor;
    } checks[] = {{"gamma", a->gamma},
                  {"beta", a->beta},
                  {"running_mean", a->running_mean},
                  {"running_var", a->running_var}};
    const long long channels = x.dim[x.ndim - 1];
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        if (!tarn__usable("batch_norm2d", checks[i].name, checks[i].tensor))
            return false;
        if (!tarn_shape_equal(checks[i].tensor->shape, tarn_shape(channels)))
            return tarn_fail("batch_norm2d: %s %s, input %s with %lld channels expects (%lld)",
                             checks[i].name, tarn_shape_to_text(checks[i].tensor->shape).text,
                             tarn_shape_to_text(x).text, channels, channels);
    }
    if (!(a->momentum >= 0 && a->momentum <= 1) || !(a->eps > 0 && a->eps < INFINITY))
        return tarn_fail("batch_norm2d: momentum %g, eps %g, expects a momentum in [0, 1] and a "
                         "finite eps above 0",
                         a->momentum, a->eps);
    if (a->training && values_per_channel(a->x) < 2)
        return tarn_fail("batch_norm2d: input %s has %lld values per channel, training expects at "
                         "least 2, as their variance is needed; evaluation takes any number",
                         tarn_shape_to_text(x).text, (long long)values_per_channel(a->x));
    return true;
}

/* One block for what is kept, its arrays behind it. */
static kept *new_kept(tarn_tensor *result, const tarn_batch_norm2d_args *a)
{
    const int64_t channels = a->gamma->size;
    const size_t bytes_a_channel = 2 * sizeof(double) + 3 * sizeof(tarn_real);
    kept *k = tarn_op_save(result, sizeof *k + (size_t)channels * bytes_a_channel);
    if (!k)
        return NULL;
    double *rest = (double *)(k + 1);
    tarn_real *centre = (tarn_real *)(rest + 2 * channels);
    *k = (kept){.s = {.pixels = values_per_channel(a->x),
                      .channels = channels,
                      .centre = centre,
                      .scale = centre + channels,
                      .shift = centre + 2 * channels,
                      .relu = a->relu},
                .training = a->training,
                .rest = rest,
                .inverse_deviation = rest + channels,
                .centre = centre,
                .scale = centre + channels,
                .shift = centre + 2 * channels};
    return k;
}

static void move(tarn_real *running, double current, double momentum)
{
    *running = (tarn_real)((1 - momentum) * (double)*running + momentum * current);
}

/* A channel's first number is what its mean is told from. */
static void move_running(const tarn_batch_norm2d_args *a, double n, const double *distance,
                         const double *variance)
{
    for (int64_t c = 0; c < a->gamma->size; c++) {
        move(&a->running_mean->values[c], (double)a->x->values[c] + distance[c], a->momentum);
        move(&a->running_var->values[c], variance[c] * n / (n - 1), a->momentum);
    }
}

/* From the statistics, what the kernels read. */
static void set_map(const tarn_batch_norm2d_args *a, const kept *k, const double *distance,
                    const double *variance)
{
    for (int64_t c = 0; c < k->s.channels; c++) {
        double inverse = 1 / sqrt(variance[c] + a->eps);
        double factor = (double)a->gamma->values[c] * inverse;
        double origin = a->training ? (double)a->x->values[c] : 0;
        k->centre[c] = (tarn_real)(origin + distance[c]);
        k->rest[c] = origin - (double)k->centre[c] + distance[c];
        k->inverse_deviation[c] = inverse;
        k->scale[c] = (tarn_real)factor;
        k->shift[c] = (tarn_real)((double)a->beta->values[c] - factor * k->rest[c]);
    }
}

/* The mean as its distance from the channel's first number in training, from 0 in evaluation. */
static void statistics(const tarn_batch_norm2d_args *a, const kept *k, double *distance,
                       double *variance, void *workspace)
{
    if (a->training) {
        tarn__kernels_in_use()->batch_norm_statistics(&k->s, a->x->values, distance, variance,
                                                      workspace);
        if (!tarn__tape_innermost()->rehearses)
            move_running(a, (double)k->s.pixels, distance, variance);
        return;
    }
    for (int64_t c = 0; c < k->s.channels; c++) {
        distance[c] = (double)a->running_mean->values[c];
        variance[c] = (double)a->running_var->values[c];
    }
}

tarn_tensor *tarn_batch_norm2d_with(tarn_batch_norm2d_args a)
{
    if (!a.x || !a.gamma || !a.beta || !a.running_mean || !a.running_var || !check(&a))
        return NULL;
    tarn_tensor *result =
        tarn_op_result(a.relu ? &with_relu : &batch_norm2d, a.x->shape, a.x, a.gamma, a.beta);
    kept *k = result ? new_kept(result, &a) : NULL;
    if (!k)
        return NULL;
    tarn_op_operations(result, (double)result->size * (1 + a.relu));
    const tarn__kernels *kernels = tarn__kernels_in_use();
    const size_t channels = (size_t)k->s.channels;
    tarn__arena_position mark = tarn__scratch_push();
    void *workspace = tarn__scratch_take(kernels->batch_norm_workspace(&k->s));
    double *distance = tarn__scratch_take(channels * 2 * sizeof *distance);
    double *variance = distance + channels;
    bool complete = workspace && distance;
    if (complete) {
        statistics(&a, k, distance, variance, workspace);
        set_map(&a, k, distance, variance);
        kernels->batch_norm_forward(&k->s, a.x->values, result->values, workspace);
    }
    tarn__scratch_pop(mark);
    return complete ? result : NULL;
}
