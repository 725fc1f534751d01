/* The square root that norm and std end with. */
#ifndef TARN_CORE_OPS_SHARED_ROOT_H
#define TARN_CORE_OPS_SHARED_ROOT_H

#include "core/ops/shared/unary.h"

/* y = sqrt(x), dx = dy / (2 y), but 0 where y is 0: there the function that is composed has a tip
   or is constant, and 0 is a slope that lies between all. */
void tarn__root_forward(const tarn__elements *e, tarn_real *y);
void tarn__root_gradient(const tarn__elements *e, tarn_real *dx);

#endif
