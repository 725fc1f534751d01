/*
 * Leaky rectified linear unit (Maas, Hannun, Ng 2013).
 *
 *     y = x if x > 0, else slope x
 *     dx = dy if x > 0, else slope dy
 */
#include <math.h>

#include "core/base/clones.h"
#include "core/base/error.h"
#include "core/ops.h"
#include "core/ops/shared/unary.h"

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    const tarn_real slope = e->number[0];
    for (int64_t i = 0; i < n; i++) {
        const tarn_real x = e->x[i], below = slope * x;
        y[i] = x > 0 ? x : below;
    }
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    const tarn_real slope = e->number[0];
    for (int64_t i = 0; i < n; i++) {
        const tarn_real dy = e->dy[i], below = slope * dy;
        dx[i] = e->x[i] > 0 ? dy : below;
    }
}

static const tarn__unary leaky_relu = {{"leaky_relu", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_leaky_relu_with(tarn_leaky_relu_args args)
{
    if (args.x && !(args.slope >= 0 && isfinite((tarn_real)args.slope)))
        return tarn_fail("leaky_relu: the slope is %g, expects a finite number of at least 0",
                         args.slope);
    return tarn__unary_result(&leaky_relu, args.x, args.slope, 0);
}
