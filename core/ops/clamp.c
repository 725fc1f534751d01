/*
 * Limits to an interval.
 *
 *     y = low if x < low, high if x > high, else x        so NaN stays NaN
 *     dx = dy if low <= x <= high, else 0
 */

#include "core/base/clones.h"
#include "core/base/error.h"
#include "core/ops.h"
#include "core/ops/shared/unary.h"

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    const tarn_real low = e->number[0], high = e->number[1];
    for (int64_t i = 0; i < n; i++) {
        const tarn_real x = e->x[i], raised = x < low ? low : x;
        y[i] = raised > high ? high : raised;
    }
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    const tarn_real low = e->number[0], high = e->number[1];
    for (int64_t i = 0; i < n; i++) {
        const tarn_real dy = e->dy[i], x = e->x[i];
        dx[i] = x >= low && x <= high ? dy : 0;
    }
}

static const tarn__unary clamp = {{"clamp", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_clamp(tarn_tensor *x, double low, double high)
{
    if (x && !(low <= high))
        return tarn_fail("clamp: low is %g and high is %g, expects low to be at most high", low,
                         high);
    return tarn__unary_result(&clamp, x, low, high);
}
