/*
 * Sum and rectified linear unit in one pass over memory, the end of a residual block.
 *
 *     y = 0 if a + b <= 0, else a + b       so NaN stays NaN
 *     da = db = 0 if y <= 0, else dy
 */
#include "core/error.h"
#include "core/op.h"
#include "core/ops.h"
#include "core/parallel.h"

static void add_relu_backward(const tarn_node *node)
{
    const tarn_real *y = tarn_values(node->output), *dy = tarn_gradients(node->output);
    bool add[2];
    tarn_real *da = tarn_op_gradient_to_write(node->inputs[0], &add[0]);
    tarn_real *db = tarn_op_gradient_to_write(node->inputs[1], &add[1]);
    TARN__EACH (i, tarn_size(node->output)) {
        tarn_real passed = y[i] <= 0 ? 0 : dy[i];
        if (da)
            da[i] = add[0] ? da[i] + passed : passed;
        if (db)
            db[i] = add[1] ? db[i] + passed : passed;
    }
}

static const tarn_op add_relu = {"add_relu", add_relu_backward};

tarn_tensor *tarn_add_relu(tarn_tensor *a, tarn_tensor *b)
{
    if (a && b && !tarn_shape_equal(tarn_shape_get(a), tarn_shape_get(b)))
        return tarn_fail("add_relu: shapes %s and %s, expects the same shape twice",
                         tarn_shape_to_text(tarn_shape_get(a)).text,
                         tarn_shape_to_text(tarn_shape_get(b)).text);
    tarn_tensor *result = tarn_op_result(&add_relu, tarn_shape_get(a), a, b);
    if (!result)
        return NULL;
    const tarn_real *in_a = tarn_values(a), *in_b = tarn_values(b);
    tarn_real *y = tarn_values(result);
    TARN__EACH (i, tarn_size(result)) {
        tarn_real sum = in_a[i] + in_b[i];
        y[i] = sum <= 0 ? 0 : sum;
    }
    return result;
}
