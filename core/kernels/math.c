/* Elementary functions of an array, a vector at a time. The elements that do not fill a vector go
   through the same code, beside whatever lies behind them, so that a result does not depend on its
   place. */
#include "core/kernels/math.h"

#include "core/kernels/isa.h"

#define ELEMENTWISE(name)                                                                          \
    void ISA(name)(int64_t n, const tarn_real *x, tarn_real *y)                                    \
    {                                                                                              \
        for (; n > 0; n -= LANES, x += LANES, y += LANES)                                          \
            store_first(y, vector_##name(load(x)), (int)smaller(n, LANES));                        \
    }

/* The same, multiplied by the numbers of another array. */
#define TIMES(name)                                                                                \
    void ISA(times_##name)(int64_t n, const tarn_real *by, const tarn_real *x, tarn_real *y)       \
    {                                                                                              \
        for (; n > 0; n -= LANES, by += LANES, x += LANES, y += LANES)                             \
            store_first(y, load(by) * vector_##name(load(x)), (int)smaller(n, LANES));             \
    }

ELEMENTWISE(exp)
ELEMENTWISE(log)
ELEMENTWISE(tanh)
ELEMENTWISE(sigmoid)
ELEMENTWISE(elu)
ELEMENTWISE(gelu)
TIMES(sigmoid)
TIMES(sigmoid_slope)
TIMES(tanh_slope)
TIMES(gelu_slope)
