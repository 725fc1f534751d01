/*
 * Whole numbers.
 *
 *     y = the next below (floor), above (ceil) or nearest (round; of two, the even one) to x
 *     dx = 0
 */
#include <tgmath.h>

#include "core/base/clones.h"
#include "core/ops/extras.h"
#include "core/ops/shared/unary.h"

static void no_gradient(const tarn__elements *e, tarn_real *dx)
{
    for (int64_t i = 0; i < e->count; i++)
        dx[i] = 0;
}

#define ROUNDING(name, value)                                                                      \
    TARN__CLONES static void name##_loop(const tarn__elements *e, tarn_real *y)                    \
    {                                                                                              \
        const int64_t n = e->count;                                                                \
        for (int64_t i = 0; i < n; i++)                                                            \
            y[i] = value(e->x[i]);                                                                 \
    }                                                                                              \
                                                                                                   \
    static const tarn__unary name##_op = {{#name, tarn__unary_backward}, name##_loop, no_gradient};

ROUNDING(floor, floor)
ROUNDING(ceil, ceil)
ROUNDING(round, rint)

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
