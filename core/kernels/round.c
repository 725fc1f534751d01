/* Rounding to bfloat16 (core/kernels/bf16.h has the rule). */
#include "core/kernels/bf16.h"
#include "core/kernels/isa.h"

void ISA(round)(int64_t n, const tarn_real *restrict x, tarn_real *restrict y)
{
    for (int64_t i = 0; i < n; i++)
        y[i] = (tarn_real)tarn__rounded((float)x[i]);
}
