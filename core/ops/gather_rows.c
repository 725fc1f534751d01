/*
 * Rows of a table, by their numbers.
 *
 *     y[i] = x[ids[i]]
 *     dx[r] = the sum of dy[i] over all i with ids[i] = r
 */
#include <omp.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/op_internal.h"
#include "core/ops.h"
#include "core/ops/shared/rows.h"

/* Each thread adds up the rows of x that are its own, in the order of i. */
static void gather_rows_backward(const tarn_node *node)
{
    const int32_t *ids = node->saved;
    const int64_t count = node->output->shape.dim[0], size = node->output->size;
    const int64_t width = count ? size / count : 0;
    const tarn_real *dy = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    if (!dx)
        return;
#pragma omp parallel if (size >= TARN__PARALLEL_MIN)
    {
        const int threads = omp_get_num_threads(), own = omp_get_thread_num();
        for (int64_t i = 0; i < count; i++)
            if (ids[i] % threads == own)
                tarn__copy(width, dy + i * width, dx + ids[i] * width, true);
    }
}

static const tarn_op gather_rows = {"gather_rows", gather_rows_backward};

static bool check(const tarn_tensor *x, tarn_labels rows)
{
    const tarn_shape_text input = tarn_shape_to_text(x->shape);
    if (x->shape.ndim < 1)
        return tarn_fail("gather_rows: input () has no rows, expects (N, ...)");
    if (rows.count < 0 || (rows.count > 0 && !rows.ids))
        return tarn_fail("gather_rows: %lld ids%s, expects an array of 0 or more",
                         (long long)rows.count, rows.ids ? "" : " at NULL");
    for (int64_t i = 0; i < rows.count; i++)
        if (rows.ids[i] < 0 || rows.ids[i] >= x->shape.dim[0])
            return tarn_fail("gather_rows: id %d at position %lld, input %s has %lld rows, "
                             "expects 0 or more and less than that",
                             (int)rows.ids[i], (long long)i, input.text,
                             (long long)x->shape.dim[0]);
    return true;
}

tarn_tensor *tarn_gather_rows(tarn_tensor *x, tarn_labels rows)
{
    if (!x || !check(x, rows))
        return NULL;
    tarn_shape shape = x->shape;
    shape.dim[0] = rows.count;
    tarn_tensor *result = tarn_op_result(&gather_rows, shape, x);
    const size_t bytes = (size_t)rows.count * sizeof(int32_t);
    int32_t *ids = result ? tarn_op_save(result, bytes) : NULL;
    if (!ids)
        return NULL;
    tarn_op_operations(result, 0);
    if (bytes)
        memcpy(ids, rows.ids, bytes);
    const int64_t width = tarn__size_between(&shape, 1, shape.ndim);
#pragma omp parallel for schedule(static) if (result->size >= TARN__PARALLEL_MIN)
    for (int64_t i = 0; i < rows.count; i++)
        tarn__copy(width, x->values + ids[i] * width, result->values + i * width, false);
    return result;
}
