/*
 * Mean of each channel over all pixels of its image, (N,H,W,C) to (N,C).
 *
 *     y[n,c] = sum of x[n,h,w,c] over h,w / (H W)
 *     dx[n,h,w,c] = dy[n,c] / (H W)
 */
#include "core/base/error.h"
#include "core/ops.h"
#include "core/ops/shared/reduce.h"

static const tarn_op global_avg_pool2d = {"global_avg_pool2d", tarn__scaled_sum_backward};

tarn_tensor *tarn_global_avg_pool2d(tarn_tensor *x)
{
    if (!x)
        return NULL;
    if (x->shape.ndim != 4)
        return tarn_fail("global_avg_pool2d: input %s, expects (N,H,W,C)",
                         tarn_shape_to_text(x->shape).text);
    tarn_shape shape;
    tarn__reduce_plan r;
    tarn__reduce_axes("global_avg_pool2d", x, tarn_axes(1, 2), false, &shape, &r);
    return tarn__scaled_sum(&global_avg_pool2d, x, shape, r, 1 / (double)tarn__reduced_count(&r));
}
