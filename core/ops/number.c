/*
 * A number, on the tape: what operations of two tensors take in the place of one, as in 1 - p.
 */
#include "core/ops.h"

#include "core/op.h"

static const tarn_op number = {"number", NULL};

tarn_tensor *tarn_number(double value)
{
    tarn_tensor *y = tarn_op_result_of(&number, tarn_shape(), 0, NULL);
    if (y)
        tarn_values(y)[0] = (tarn_real)value;
    return y;
}
