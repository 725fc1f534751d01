/*
 * Softplus, a smooth relu.
 *
 *     y = ln(1 + e^x)
 *     dx = dy sigmoid(x)
 */
#include "core/ops/shared/softplus.h"
#include "core/kernels/kernels.h"
#include "core/ops.h"
#include "core/ops/shared/unary.h"

static void forward(const tarn__elements *e, tarn_real *y)
{
    tarn__softplus(e->count, 1, e->x, y);
}

static void gradient(const tarn__elements *e, tarn_real *dx)
{
    tarn__kernels_in_use()->times_sigmoid(e->count, e->dy, e->x, dx);
}

static const tarn__unary softplus = {{"softplus", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_softplus(tarn_tensor *x)
{
    return tarn__unary_result(&softplus, x, 0, 0);
}
