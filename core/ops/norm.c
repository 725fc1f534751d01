/*
 * Euclid's norm, over all elements or some axes.
 *
 *     y = sqrt(sum of x^2)
 *     dx = dy x / y                   0 where y = 0
 *
 * The squares and their sum are operations of their own on the tape.
 */
#include "core/ops.h"
#include "core/ops/shared/axes.h"
#include "core/ops/shared/root.h"

static const tarn__unary norm = {
    {"norm", tarn__unary_backward}, tarn__root_forward, tarn__root_gradient};

tarn_tensor *tarn_norm(tarn_tensor *x)
{
    return tarn__unary_result(&norm, tarn_sum(tarn_square(x)), 0, 0);
}

tarn_tensor *tarn_norm_axes_with(tarn_reduce_args args)
{
    tarn_shape shape;
    tarn__reduce_plan r;
    if (!args.x || !tarn__reduce_axes("norm", args.x, args.axes, args.keepdims, &shape, &r))
        return NULL;
    args.x = tarn_square(args.x);
    return tarn__unary_result(&norm, tarn_sum_axes_with(args), 0, 0);
}
