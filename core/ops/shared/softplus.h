/* What softplus and log_sigmoid share. */
#ifndef TARN_CORE_OPS_SHARED_SOFTPLUS_H
#define TARN_CORE_OPS_SHARED_SOFTPLUS_H

#include "core/tensor.h"

/* y = ln(1 + e^(sign x)), of at most TARN__CHUNK elements; sign is 1 or -1, and x and y do not
   overlap. */
void tarn__softplus(int64_t n, tarn_real sign, const tarn_real *x, tarn_real *y);

#endif
