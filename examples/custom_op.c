/*
 * An operation of one's own, written with Tarn's public headers only: PReLU (He et al. 2015), a
 * ReLU that learns the slope below 0 of each channel.
 *
 *     y = x            where x > 0          dx = dy, or a dy below 0
 *     y = a x          elsewhere            da = sum of dy x over all x of the channel below 0
 *
 *     x (..., channels), a (channels), y as x
 *
 * The program checks both gradients against numeric differences, and then lets the operation learn
 * the slopes of a function. It is compiled in double, as gradient checks should be.
 */
#include <err.h>
#include <stdio.h>

#include <tarn.h>

/* ---- The operation */

static void prelu_backward(const tarn_node *node)
{
    const int64_t size = tarn_size(node->output), channels = tarn_size(node->inputs[1]);
    const tarn_real *x = tarn_values(node->inputs[0]), *a = tarn_values(node->inputs[1]);
    const tarn_real *dy = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]); /* NULL if x needs no gradient */
    tarn_real *da = tarn_op_gradient(node->inputs[1]);
    for (int64_t i = 0; dx && i < size; i++)
        dx[i] += x[i] > 0 ? dy[i] : a[i % channels] * dy[i];
    for (int64_t i = 0; da && i < size; i++)
        da[i % channels] += x[i] > 0 ? 0 : x[i] * dy[i];
}

static const tarn_op prelu = {"prelu", prelu_backward};

static tarn_tensor *make_prelu(tarn_tensor *x, tarn_tensor *a)
{
    if (!x || !a)
        return NULL;
    if (tarn_ndim(a) != 1 || tarn_ndim(x) < 1 || tarn_dim(x, -1) != tarn_dim(a, 0))
        return tarn_fail("prelu: input %s and slopes %s, expects (...,channels) and (channels)",
                         tarn_shape_to_text(tarn_shape_get(x)).text,
                         tarn_shape_to_text(tarn_shape_get(a)).text);
    tarn_tensor *result = tarn_op_result(&prelu, tarn_shape_get(x), x, a);
    if (!result)
        return NULL;
    const tarn_real *in = tarn_values(x), *slope = tarn_values(a);
    tarn_real *y = tarn_values(result);
    for (int64_t i = 0; i < tarn_size(x); i++)
        y[i] = in[i] > 0 ? in[i] : slope[i % tarn_size(a)] * in[i];
    return result;
}

/* ---- Is its gradient right? */

static tarn_tensor *function(tarn_tensor *const *inputs, void *context)
{
    (void)context;
    return make_prelu(inputs[0], inputs[1]);
}

/* ---- Does it learn? The data follow slopes that the operation does not know. */

static void learn(tarn_tensor *x, tarn_tensor *a)
{
    const tarn_real truth[] = {(tarn_real)0.1, (tarn_real)-0.5, 2};
    tarn_tensor *wanted = tarn_from_array(tarn_shape(3), truth);
    tarn_optim *optimizer = tarn_optim_adam(tarn_params_of(a), .lr = 0.05);
    for (int step = 0; step < 300; step++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *loss = tarn_mse(make_prelu(x, a), make_prelu(x, wanted));
        tarn_optim_zero_grad(optimizer);
        tarn_backward(loss);
        tarn_optim_step(optimizer);
        tarn_tape_end(tape);
    }
    for (int i = 0; i < 3; i++)
        printf("channel %d: learned slope %.3f, truth %.3f\n", i, (double)tarn_values(a)[i],
               (double)truth[i]);
    tarn_optim_free(optimizer);
    tarn_free(wanted);
}

int main(void)
{
    tarn_seed(1);
    tarn_tensor *x = tarn_requires_grad(tarn_randn(tarn_shape(20, 3)), true);
    tarn_tensor *a = tarn_requires_grad(tarn_full(tarn_shape(3), 0.25), true);

    bool agree = tarn_gradcheck(function, tarn_params_of(x, a));
    printf("gradient check: %s\n", agree ? "the gradients agree" : tarn_error());
    if (agree)
        learn(x, a);

    tarn_free(x);
    tarn_free(a);
    if (fflush(stdout) != 0 || ferror(stdout))
        errx(1, "standard output cannot be written");
    return agree ? 0 : 1;
}
