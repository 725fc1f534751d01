/*
 * Sum and rectified linear unit in one pass over memory, the end of a residual block.
 *
 *     y = 0 if a + b <= 0, else a + b       so NaN stays NaN
 *     da = db = 0 if y <= 0, else dy
 */
#include "core/base/error.h"
#include "core/base/pool.h"
#include "core/op_internal.h"
#include "core/ops.h"

/* So many numbers of y and dy stay in the L1 cache from one input's gradient to the other's. */
enum { CHUNK = 2048 };

static void pass(int64_t count, const tarn_real *y, const tarn_real *dy, tarn_real *dx, bool add)
{
    /* dy is read in any case, so that the loops become vectors without a branch: the signs of y
       cannot be predicted. */
    if (add)
        for (int64_t i = 0; i < count; i++) {
            tarn_real d = dy[i];
            dx[i] += y[i] <= 0 ? 0 : d;
        }
    else
        for (int64_t i = 0; i < count; i++) {
            tarn_real d = dy[i];
            dx[i] = y[i] <= 0 ? 0 : d;
        }
}

typedef struct job {
    const tarn_real *a, *b, *dy;
    tarn_real *y, *da, *db;
    bool add_a, add_b;
} job;

static void backward(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t i = first; i < end; i += CHUNK) {
        const int64_t count = end - i < CHUNK ? end - i : CHUNK;
        if (j->da)
            pass(count, j->y + i, j->dy + i, j->da + i, j->add_a);
        if (j->db)
            pass(count, j->y + i, j->dy + i, j->db + i, j->add_b);
    }
}

static void add_relu_backward(const tarn_node *node)
{
    const int64_t size = tarn_size(node->output);
    job j = {.y = tarn_values(node->output), .dy = tarn_gradients(node->output)};
    tarn_real *da = j.da = tarn_op_gradient_to_write(node->inputs[0], &j.add_a);
    tarn_real *db = j.db = tarn_op_gradient_to_write(node->inputs[1], &j.add_b);
    tarn__share(size, tarn__apart(da, db, size) ? size : 0, backward, &j);
}

static const tarn_op add_relu = {"add_relu", add_relu_backward};

static void forward(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t i = first; i < end; i++) {
        const tarn_real sum = j->a[i] + j->b[i];
        j->y[i] = sum <= 0 ? 0 : sum;
    }
}

tarn_tensor *tarn_add_relu(tarn_tensor *a, tarn_tensor *b)
{
    if (a && b && !tarn_shape_equal(tarn_shape_get(a), tarn_shape_get(b)))
        return tarn_fail("add_relu: shapes %s and %s, expects the same shape twice",
                         tarn_shape_to_text(tarn_shape_get(a)).text,
                         tarn_shape_to_text(tarn_shape_get(b)).text);
    tarn_tensor *result = tarn_op_result(&add_relu, tarn_shape_get(a), a, b);
    if (!result)
        return NULL;
    tarn_op_operations(result, 2 * (double)tarn_size(result));
    const int64_t size = tarn_size(result);
    tarn__share(size, size, forward,
                &(job){.a = tarn_values(a), .b = tarn_values(b), .y = tarn_values(result)});
    return result;
}
