/*
 * Local response normalization (Krizhevsky, Sutskever, Hinton 2012): each number by the squares of
 * those around it along the last dimension.
 *
 *     y[c] = x[c] / (k + alpha / size (x[c - size / 2]^2 + ... + x[c + (size - 1) / 2]^2))^beta
 *
 * with zeros outside. Composed: the sum is that of size slices of the squares.
 */
#include <math.h>

#include "core/base/error.h"
#include "core/ops.h"
#include "nn/layer.h"

typedef struct local_response_norm {
    tarn_module module;
    tarn_nn_local_response_norm_args args;
} local_response_norm;

/* The squares in a window of so many, around each number along the last dimension. */
static tarn_tensor *sum_around(tarn_tensor *x, int size)
{
    const int last = tarn_ndim(x) - 1;
    const int64_t channels = tarn_dim(x, last);
    tarn_shape before = {.ndim = last + 1}, after = before;
    before.dim[last] = size / 2;
    after.dim[last] = (size - 1) / 2;
    tarn_tensor *squares = tarn_pad(tarn_square(x), before, after);
    tarn_tensor *sum = tarn_slice(squares, last, 0, channels);
    for (int i = 1; i < size; i++)
        sum = tarn_add(sum, tarn_slice(squares, last, i, i + channels));
    return sum;
}

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    const tarn_nn_local_response_norm_args *args = &((const local_response_norm *)module)->args;
    if (tarn_ndim(x) < 1)
        return tarn_fail("nn_local_response_norm: input %s, expects (...,C)",
                         tarn_shape_to_text(tarn_shape_get(x)).text);
    tarn_tensor *sum = tarn_scale(sum_around(x, args->size), args->alpha / args->size);
    return tarn_mul(x, tarn_pow(tarn_add(sum, tarn_number(args->k)), -args->beta));
}

typedef tarn_nn_local_response_norm_args tarn_option_args;
static const tarn_option numbers[] = {TARN__MANDATORY(int, size)
                                          TARN_NN_LOCAL_RESPONSE_NORM_OPTIONS(TARN__NUMBER)};
TARN__MAKE(tarn_nn_local_response_norm_with(*args))

const tarn_module_type tarn__nn_local_response_norm = {
    .name = "LocalResponseNorm",
    TARN_MODULE_NUMBERS(numbers, 1, local_response_norm, args),
    .make = make,
    .forward = forward};

tarn_module *tarn_nn_local_response_norm_with(tarn_nn_local_response_norm_args args)
{
    static const char me[] = "nn_local_response_norm";
    if (!tarn__nn_at_least(me, "size", args.size, 1))
        return NULL;
    if (!(args.alpha >= 0 && args.alpha < INFINITY))
        return tarn_fail("%s: alpha is %g, expects a finite number of at least 0", me, args.alpha);
    if (!isfinite(args.beta))
        return tarn_fail("%s: beta is %g, expects a finite number", me, args.beta);
    if (!(args.k > 0 && args.k < INFINITY))
        return tarn_fail("%s: k is %g, expects a finite number above 0", me, args.k);
    local_response_norm *self = tarn_nn_new(&tarn__nn_local_response_norm, sizeof *self);
    if (!self)
        return NULL;
    self->args = args;
    return &self->module;
}
