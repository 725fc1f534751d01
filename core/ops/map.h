/* What the operations that a kernel computes element by element share. */
#ifndef TARN_CORE_OPS_MAP_H
#define TARN_CORE_OPS_MAP_H

#include "core/kernels/kernels.h"
#include "core/op.h"

/* The result of the operation: y[i] = f(x[i]), f being the kernel. */
tarn_tensor *tarn__map(const tarn_op *op, tarn_tensor *x, tarn__map_kernel *kernel);

#endif
