/*
 * Gated linear unit (Dauphin et al. 2017): of the last dimension the first half, times the sigmoid
 * of the second. Composed of operations, which have the gradients.
 */
#include "core/base/error.h"
#include "core/op_internal.h"
#include "core/ops.h"
#include "core/ops/extras.h"

tarn_tensor *tarn_glu(tarn_tensor *x)
{
    if (!x)
        return NULL;
    const int64_t size = x->shape.ndim ? x->shape.dim[x->shape.ndim - 1] : 1;
    if (size % 2 != 0)
        return tarn_fail("glu: input %s, expects an even last dimension, two halves",
                         tarn_shape_to_text(x->shape).text);
    return tarn_mul(tarn_slice(x, -1, 0, size / 2),
                    tarn_sigmoid(tarn_slice(x, -1, size / 2, size)));
}
