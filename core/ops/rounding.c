/*
 * Steps: the sign, and whole numbers.
 *
 *     y = -1, 0 or 1;    the next whole number below, above, or nearest to x
 *     dx = 0
 */
#include <tgmath.h>

#include "core/base/clones.h"
#include "core/ops/extras.h"
#include "core/ops/shared/unary.h"

/* NaN stays NaN. */
static inline tarn_real sign_of(tarn_real x)
{
    const tarn_real below = x < 0 ? -1 : x;
    return x > 0 ? 1 : below;
}

static void no_gradient(const tarn__elements *e, tarn_real *dx)
{
    for (int64_t i = 0; i < e->count; i++)
        dx[i] = 0;
}

#define STEPS(name, value)                                                                         \
    TARN__CLONES static void name##_loop(const tarn__elements *e, tarn_real *y)                    \
    {                                                                                              \
        const int64_t n = e->count;                                                                \
        for (int64_t i = 0; i < n; i++)                                                            \
            y[i] = value(e->x[i]);                                                                 \
    }                                                                                              \
                                                                                                   \
    static const tarn__unary name##_op = {{#name, tarn__unary_backward}, name##_loop, no_gradient};

STEPS(sign, sign_of)
STEPS(floor, floor)
STEPS(ceil, ceil)
STEPS(round, rint)

tarn_tensor *tarn_sign(tarn_tensor *x)
{
    return tarn__unary_result(&sign_op, x, 0, 0);
}

tarn_tensor *tarn_floor(tarn_tensor *x)
{
    return tarn__unary_result(&floor_op, x, 0, 0);
}

tarn_tensor *tarn_ceil(tarn_tensor *x)
{
    return tarn__unary_result(&ceil_op, x, 0, 0);
}

tarn_tensor *tarn_round(tarn_tensor *x)
{
    return tarn__unary_result(&round_op, x, 0, 0);
}
