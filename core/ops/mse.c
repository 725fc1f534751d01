/*
 * Mean squared error of two tensors of one shape, n elements.
 *
 *     L = sum of (a_i - b_i)^2 / n        NaN for n = 0
 *     da_i = dL 2 (a_i - b_i) / n,  db_i = -da_i
 */
#include "core/error.h"
#include "core/internal.h"
#include "core/ops.h"
#include "core/parallel.h"

static void mse_backward(const tarn_node *node)
{
    tarn_tensor *a = node->inputs[0], *b = node->inputs[1];
    const tarn_real factor = 2 * *tarn_gradients(node->output) / (tarn_real)a->size;
    tarn_real *da = tarn_op_gradient(a);
    if (da)
        TARN__EACH (i, a->size)
            da[i] += factor * (a->values[i] - b->values[i]);
    tarn_real *db = tarn_op_gradient(b);
    if (db)
        TARN__EACH (i, b->size)
            db[i] -= factor * (a->values[i] - b->values[i]);
}

static const tarn_op mse = {"mse", mse_backward};

tarn_tensor *tarn_mse(tarn_tensor *a, tarn_tensor *b)
{
    if (!a || !b)
        return NULL;
    if (!tarn_shape_equal(a->shape, b->shape))
        return tarn_fail("mse: shapes %s and %s differ", tarn_shape_to_text(a->shape).text,
                         tarn_shape_to_text(b->shape).text);
    tarn_tensor *result = tarn_op_result(&mse, tarn_shape(), a, b);
    if (!result)
        return NULL;
    double sum = 0;
    for (int64_t i = 0; i < a->size; i++) {
        double difference = (double)a->values[i] - b->values[i];
        sum += difference * difference;
    }
    result->values[0] = (tarn_real)(sum / (double)a->size);
    return result;
}
