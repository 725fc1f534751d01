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
 * where it is large. The arithmetic of the channels is in shared/batch_norm.c, the loops in
 * core/kernels/batch_norm.c and batch_norm_gradient.c, and in plain form in naive.c.
 */
#include "core/ops/shared/batch_norm.h"

static void batch_norm2d_backward(const tarn_node *node)
{
    const tarn__norm *k = node->saved;
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
        if (k->training || dgamma.values || dbeta.values)
            kernels->batch_norm_gradient_sums(&k->s, x, dy, sum, product, workspace);
        tarn__norm_gradients(k, sum, product, dgamma, dbeta);
        tarn__norm_join_gradients(k, sum);
        const tarn__batch_norm_back back = tarn__norm_back(k, sum, product, of_x, constant);
        if (dx.values)
            kernels->batch_norm_input_gradient(&k->s, &back, x, dy, dx, workspace);
    }
    tarn__scratch_pop(mark);
}

static const tarn_op batch_norm2d = {"batch_norm2d", batch_norm2d_backward};
static const tarn_op with_relu = {"batch_norm2d+relu", batch_norm2d_backward};

tarn_tensor *tarn_batch_norm2d_with(tarn_batch_norm2d_args a)
{
    if (!a.x || !a.gamma || !a.beta || !a.running_mean || !a.running_var ||
        !tarn__norm_check(&a, a.x->shape))
        return NULL;
    tarn_tensor *result =
        tarn_op_result(a.relu ? &with_relu : &batch_norm2d, a.x->shape, a.x, a.gamma, a.beta);
    tarn__norm *k = tarn_op_save(result, sizeof *k + tarn__norm_bytes(a.x->shape));
    if (!k)
        return NULL;
    *k = tarn__norm_set_up(&a, a.x->shape, k + 1);
    tarn_op_operations(result, (double)result->size * (1 + a.relu));
    const tarn__kernels *kernels = tarn__kernels_in_use();
    const size_t channels = (size_t)k->s.channels;
    const tarn_real *x = a.x->values;
    tarn__arena_position mark = tarn__scratch_push();
    void *workspace = tarn__scratch_take(kernels->batch_norm_workspace(&k->s));
    double *distance = tarn__scratch_take(channels * 2 * sizeof *distance);
    double *variance = distance + channels;
    bool complete = workspace && distance;
    if (complete) {
        if (a.training)
            kernels->batch_norm_statistics(&k->s, x, distance, variance, workspace);
        tarn__norm_set_map(&a, k, x, distance, variance);
        kernels->batch_norm_forward(&k->s, x, result->values, workspace);
    }
    tarn__scratch_pop(mark);
    return complete ? result : NULL;
}

void tarn_batch_norm_together(tarn_batch_norm_add *add, void *context)
{
    tarn__norm_together = (tarn__norm_others){add, context};
}
