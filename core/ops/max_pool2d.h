/* Largest elements of windows, for those of other operations too. */
#ifndef TARN_CORE_OPS_MAX_POOL2D_H
#define TARN_CORE_OPS_MAX_POOL2D_H

#include "core/ops/shared/pool2d.h"

/* The maximum of windows that have a pixel each, for an operation with that backward. */
tarn_tensor *tarn__max_pool2d(const tarn_op *op, tarn_tensor *x, const tarn__pool2d *s);
void tarn__max_pool2d_backward(const tarn_node *node);

#endif
