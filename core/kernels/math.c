/* Elementary functions of an array, a vector at a time. The elements that do not fill a vector go
   through the same code, so that a result does not depend on its place. */
#include "core/kernels/math.h"

#include "core/kernels/isa.h"

#define ELEMENTWISE(name)                                                                          \
    void ISA(name)(int64_t n, const tarn_real *x, tarn_real *y)                                    \
    {                                                                                              \
        int64_t i = 0;                                                                             \
        for (; i + LANES <= n; i += LANES)                                                         \
            store(y + i, vector_##name(load(x + i)));                                              \
        if (i < n)                                                                                 \
            store_part(y + i, vector_##name(load_first(x + i, (int)(n - i))), (int)(n - i));       \
    }

/* The same, multiplied by the numbers of another array. */
#define TIMES(name)                                                                                \
    void ISA(times_##name)(int64_t n, const tarn_real *by, const tarn_real *x, tarn_real *y)       \
    {                                                                                              \
        int64_t i = 0;                                                                             \
        for (; i + LANES <= n; i += LANES)                                                         \
            store(y + i, load(by + i) * vector_##name(load(x + i)));                               \
        const int left = (int)(n - i);                                                             \
        if (left > 0)                                                                              \
            store_part(y + i, load_first(by + i, left) * vector_##name(load_first(x + i, left)),   \
                       left);                                                                      \
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
