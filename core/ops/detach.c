/*
 * The same values, which nothing is differentiated through: a view that requires no gradient.
 */
#include "core/op_internal.h"
#include "core/ops.h"

static const tarn_op detach = {"detach", NULL};

tarn_tensor *tarn_detach(tarn_tensor *x)
{
    tarn_tensor *y = x ? tarn__view(&detach, x, x->shape) : NULL;
    if (y)
        y->requires_grad = false;
    return y;
}
