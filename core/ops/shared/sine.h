/* What sin and cos share. */
#ifndef TARN_CORE_OPS_SINE_H
#define TARN_CORE_OPS_SINE_H

#include "core/tensor.h"

/* y = sin(x + quarters pi / 2): 0 is the sine, 1 the cosine, 2 the negated sine. Each element as if
   it stood alone. NaN for infinities. */
void tarn__sine(int64_t n, const tarn_real *x, int quarters, tarn_real *y);

#endif
