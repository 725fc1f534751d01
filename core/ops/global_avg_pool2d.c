/*
 * Mean of each channel over all pixels of its image, (N,H,W,C) to (N,C).
 *
 *     y[n,c] = sum of x[n,h,w,c] over h,w / (H W)
 *     dx[n,h,w,c] = dy[n,c] / (H W)
 */
#include "core/error.h"
#include "core/ops.h"
#include "core/ops/reduce.h"
#include "core/parallel.h"

static tarn__reduction over_pixels(const tarn_tensor *x)
{
    const int64_t *dim = x->shape.dim;
    return (tarn__reduction){.outer = dim[0], .count = dim[1] * dim[2], .inner = dim[3]};
}

static void global_avg_pool2d_backward(const tarn_node *node)
{
    const tarn__reduction r = over_pixels(node->inputs[0]);
    const tarn_real factor = (tarn_real)(1.0 / (double)r.count);
    const tarn_real *dy = tarn_gradients(node->output);
    bool add;
    tarn_real *dx = tarn_op_gradient_to_write(node->inputs[0], &add);
    if (!dx)
        return;
#pragma omp parallel for schedule(static) if (node->inputs[0]->size >= TARN__PARALLEL_MIN)
    for (int64_t n = 0; n < r.outer; n++)
        for (int64_t p = n * r.count; p < (n + 1) * r.count; p++)
            for (int64_t c = 0; c < r.inner; c++) {
                tarn_real share = factor * dy[n * r.inner + c], *to = &dx[p * r.inner + c];
                *to = add ? *to + share : share;
            }
}

static const tarn_op global_avg_pool2d = {"global_avg_pool2d", global_avg_pool2d_backward};

tarn_tensor *tarn_global_avg_pool2d(tarn_tensor *x)
{
    if (x && x->shape.ndim != 4)
        return tarn_fail("global_avg_pool2d: input %s, expects (N,H,W,C)",
                         tarn_shape_to_text(x->shape).text);
    tarn_shape shape = x ? tarn_shape(x->shape.dim[0], x->shape.dim[3]) : tarn_shape();
    tarn_tensor *result = tarn_op_result(&global_avg_pool2d, shape, x);
    if (!result)
        return NULL;
    const tarn__reduction r = over_pixels(x);
    tarn__reduce(r, 1.0 / (double)r.count, x->values, result->values);
    return result;
}
