/*
 * Local response normalization (Krizhevsky, Sutskever, Hinton 2012): each number by the squares of
 * those around it along the last dimension.
 *
 *     y[c] = x[c] / (k + alpha / size (x[c - size / 2]^2 + ... + x[c + (size - 1) / 2]^2))^beta
 *
 * with zeros outside. Composed: the sum is that of size slices of the squares.
 */
#include "nn/local_response_norm.h"

#include <math.h>

#include "core/base/error.h"
#include "core/ops.h"
#include "core/ops/extras.h"
#include "nn/layer.h"

typedef struct local_response_norm {
    tarn_module module;
    tarn_nn_local_response_norm_args args;
} local_response_norm;

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The squares in a window of so many, around each number along the last dimension. What a window
   has beyond all of that dimension is left out. */
static tarn_tensor *sum_around(tarn_tensor *x, int size)
{
    const int last = tarn_ndim(x) - 1;
    const int64_t channels = tarn_dim(x, last), most = channels > 0 ? channels - 1 : 0;
    tarn_shape before = {.ndim = last + 1}, after = before;
    before.dim[last] = smaller(size / 2, most);
    after.dim[last] = smaller((size - 1) / 2, most);
    tarn_tensor *squares = tarn_pad(tarn_square(x), before, after);
    tarn_tensor *sum = tarn_slice(squares, last, 0, channels);
    for (int64_t i = 1; sum && i <= before.dim[last] + after.dim[last]; i++)
        sum = tarn_add(sum, tarn_slice(squares, last, i, i + channels));
    return sum;
}

static bool is_right(int size, double alpha, double beta, double k)
{
    static const char me[] = "nn_local_response_norm";
    if (!tarn__nn_at_least(me, "size", size, 1))
        return false;
    if (!(alpha >= 0 && alpha < INFINITY))
        tarn_fail("%s: alpha is %g, expects a finite number of at least 0", me, alpha);
    else if (!isfinite(beta))
        tarn_fail("%s: beta is %g, expects a finite number", me, beta);
    else if (!(k > 0 && k < INFINITY))
        tarn_fail("%s: k is %g, expects a finite number above 0", me, k);
    else
        return true;
    return false;
}

tarn_tensor *tarn__local_response_norm(tarn_tensor *x, int size, double alpha, double beta,
                                       double k)
{
    if (!x || !is_right(size, alpha, beta, k))
        return NULL;
    if (tarn_ndim(x) < 1)
        return tarn_fail("nn_local_response_norm: input %s, expects (...,C)",
                         tarn_shape_to_text(tarn_shape_get(x)).text);
    tarn_tensor *sum = tarn_scale(sum_around(x, size), alpha / size);
    return tarn_mul(x, tarn_pow(tarn_add(sum, tarn_number(k)), -beta));
}

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    const tarn_nn_local_response_norm_args *args = &((const local_response_norm *)module)->args;
    return tarn__local_response_norm(x, args->size, args->alpha, args->beta, args->k);
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
    if (!is_right(args.size, args.alpha, args.beta, args.k))
        return NULL;
    local_response_norm *self = tarn_nn_new(&tarn__nn_local_response_norm, sizeof *self);
    if (!self)
        return NULL;
    self->args = args;
    return &self->module;
}
