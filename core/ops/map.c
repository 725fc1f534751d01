#include "core/ops/map.h"

#include "core/parallel.h"

tarn_tensor *tarn__map(const tarn_op *op, tarn_tensor *x, tarn__map_kernel *kernel)
{
    tarn_tensor *result = tarn_op_result(op, tarn_shape_get(x), x);
    if (!result)
        return NULL;
    const int64_t n = tarn_size(x);
    const tarn_real *in = tarn_values(x);
    tarn_real *y = tarn_values(result);
    TARN__EACH_CHUNK (first, n)
        kernel(tarn__chunk(first, n), in + first, y + first);
    return result;
}
