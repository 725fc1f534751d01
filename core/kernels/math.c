/* Elementary functions of an array, a vector at a time. The elements that do not fill a vector go
   through the same code, beside whatever lies behind them, so that a result does not depend on its
   place. */
#include "core/kernels/math.h"

#include "core/kernels/isa.h"
#include "core/kernels/pieces.h"

#define ELEMENTWISE(name, function)                                                                \
    void ISA(name)(int64_t n, const tarn_real *x, tarn_real *y)                                    \
    {                                                                                              \
        for (; n > 0; n -= LANES, x += LANES, y += LANES)                                          \
            store_first(y, function(load(x)), (int)smaller(n, LANES));                             \
    }

/* The same, multiplied by the numbers of another array. */
#define TIMES(name, function)                                                                      \
    void ISA(name)(int64_t n, const tarn_real *by, const tarn_real *x, tarn_real *y)               \
    {                                                                                              \
        for (; n > 0; n -= LANES, by += LANES, x += LANES, y += LANES)                             \
            store_first(y, load(by) * function(load(x)), (int)smaller(n, LANES));                  \
    }

ELEMENTWISE(exp, vector_exp)
ELEMENTWISE(log, vector_log)
ELEMENTWISE(tanh, vector_tanh)
ELEMENTWISE(sigmoid, vector_sigmoid)
ELEMENTWISE(gelu, quick_gelu)
TIMES(times_sigmoid, vector_sigmoid)
TIMES(times_sigmoid_slope, quick_sigmoid_slope)
TIMES(times_tanh_slope, quick_tanh_slope)
TIMES(times_gelu_slope, vector_gelu_slope)

/* Positive numbers stay what they are. It is asked of those at the beginning alone: asked of every
   vector, numbers of both signs took a tenth longer. */
void ISA(elu)(int64_t n, const tarn_real *x, tarn_real *y)
{
    for (; n >= LANES && !any_of(~(load(x) > 0)); n -= LANES, x += LANES, y += LANES)
        store(y, load(x));
    for (; n > 0; n -= LANES, x += LANES, y += LANES)
        store_first(y, vector_elu(load(x)), (int)smaller(n, LANES));
}
