/*
 * Logistic function.
 *
 *     y = 1 / (1 + e^-x)
 *     dx = dy s (1 - s)        s = 1 / (1 + e^|x|), the smaller of y and 1 - y
 *
 * y (1 - y) is the same, but 1 - y cancels where y is near 1.
 */
#include "core/kernels/kernels.h"
#include "core/ops.h"
#include "core/ops/shared/unary.h"

static void forward(const tarn__elements *e, tarn_real *y)
{
    tarn__kernels_in_use()->sigmoid(e->count, e->x, y);
}

static void gradient(const tarn__elements *e, tarn_real *dx)
{
    tarn__kernels_in_use()->times_sigmoid_slope(e->count, e->dy, e->x, dx);
}

static const tarn__unary sigmoid = {{"sigmoid", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_sigmoid(tarn_tensor *x)
{
    return tarn__unary_result(&sigmoid, x, 0, 0);
}
