#include "core/parallel.h"
#include "nn/module.h"

tarn_tensor *tarn_nn_init_uniform(tarn_shape shape, double bound)
{
    tarn_tensor *t = tarn_rand(shape);
    tarn_real *values = tarn_values(t);
    TARN__EACH (i, tarn_size(t))
        values[i] = (tarn_real)bound * (2 * values[i] - 1);
    return t;
}
