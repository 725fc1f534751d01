/*
 * Standard deviation, over all elements or some axes: the root of var.c's variance.
 *
 *     y = sqrt(v)
 *     dv = dy / (2 y)                 0 where y = 0
 */
#include "core/ops.h"
#include "core/ops/extras.h"
#include "core/ops/shared/axes.h"
#include "core/ops/shared/root.h"

static const tarn__unary deviation = {
    {"std", tarn__unary_backward}, tarn__root_forward, tarn__root_gradient};

tarn_tensor *tarn_std_with(tarn_var_args args)
{
    return tarn__unary_result(&deviation, tarn_var_with(args), 0, 0);
}

tarn_tensor *tarn_std_axes_with(tarn_var_axes_args args)
{
    tarn_shape shape;
    tarn__reduce_plan r;
    if (!args.x || !tarn__reduce_axes("std", args.x, args.axes, args.keepdims, &shape, &r))
        return NULL;
    return tarn__unary_result(&deviation, tarn_var_axes_with(args), 0, 0);
}
