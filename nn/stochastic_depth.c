/*
 * Stochastic depth (Huang, Sun, Liu, Sedra, Weinberger 2016), at the end of a residual's body:
 *
 *     y[n] = m[n] x[n],  m = 1 / (1 - p) with probability 1 - p, else 0        for each sample n
 *
 * while training, the input itself in evaluation. Composed: m is the dropout of a one.
 */
#include "core/base/error.h"
#include "core/op.h"
#include "core/ops.h"
#include "nn/layer.h"

typedef struct stochastic_depth {
    tarn_module module;
    struct numbers {
        double p;
    } numbers;
} stochastic_depth;

static const tarn_op ones = {"ones", NULL};

/* (N,1,...,1) of 1, on the tape. */
static tarn_tensor *one_for_each_sample(const tarn_tensor *x)
{
    tarn_shape shape = tarn_shape_get(x);
    for (int i = 1; i < shape.ndim; i++)
        shape.dim[i] = 1;
    tarn_tensor *y = tarn_op_result_of(&ones, shape, 0, NULL);
    for (int64_t n = 0; y && n < shape.dim[0]; n++)
        tarn_values(y)[n] = 1;
    return y;
}

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    if (!module->training)
        return x;
    if (tarn_ndim(x) < 1)
        return tarn_fail("nn_stochastic_depth: input %s, expects (N,...)",
                         tarn_shape_to_text(tarn_shape_get(x)).text);
    const double p = ((const stochastic_depth *)module)->numbers.p;
    return tarn_mul(x, tarn_dropout(one_for_each_sample(x), p));
}

static tarn_module *make(const void *args, int count, tarn_module *const *children)
{
    (void)count, (void)children;
    return tarn_nn_stochastic_depth(((const struct numbers *)args)->p);
}

typedef struct numbers tarn_option_args;
static const tarn_option numbers[] = {TARN__MANDATORY(double, p)};

const tarn_module_type tarn__nn_stochastic_depth = {
    .name = "StochasticDepth",
    .forward = forward,
    TARN_MODULE_NUMBERS(numbers, 1, stochastic_depth, numbers),
    .make = make};

tarn_module *tarn_nn_stochastic_depth(double p)
{
    if (!(p >= 0 && p <= 1))
        return tarn_fail("nn_stochastic_depth: p is %g, expects 0 to 1", p);
    stochastic_depth *self = tarn_nn_new(&tarn__nn_stochastic_depth, sizeof *self);
    if (!self)
        return NULL;
    self->numbers.p = p;
    return &self->module;
}
