/*
 * Rows of a table, by their numbers.
 *
 *     y[i] = x[ids[i]]
 *     dx[r] = the sum of dy[i] over all i with ids[i] = r
 */
#include <string.h>

#include "core/base/error.h"
#include "core/base/pool.h"
#include "core/op_internal.h"
#include "core/ops/extras.h"
#include "core/ops/shared/rows.h"

typedef struct job {
    const int32_t *ids;
    int64_t count, width, shares; /* of the rows of x, in backward */
    const tarn_real *x, *dy;
    tarn_real *y, *dx;
} job;

/* A share is every so-manieth row of x. Each is added up by one thread, in the order of i. */
static void backward_shares(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t i = 0; i < j->count; i++) {
        const int64_t id = j->ids[i], share = id % j->shares;
        if (share >= first && share < end)
            tarn__copy(j->width, j->dy + i * j->width, j->dx + id * j->width, true);
    }
}

static void gather_rows_backward(const tarn_node *node)
{
    const int64_t count = node->output->shape.dim[0], size = node->output->size;
    const job j = {.ids = node->saved,
                   .count = count,
                   .width = count ? size / count : 0,
                   .shares = tarn__workers(),
                   .dy = tarn_gradients(node->output),
                   .dx = tarn_op_gradient(node->inputs[0])};
    if (j.dx)
        tarn__share(j.shares, size, backward_shares, &j);
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

static void forward_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t i = first; i < end; i++)
        tarn__copy(j->width, j->x + j->ids[i] * j->width, j->y + i * j->width, false);
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
    tarn__share(rows.count, result->size, forward_rows,
                &(job){.ids = ids,
                       .width = tarn__size_between(&shape, 1, shape.ndim),
                       .x = x->values,
                       .y = result->values});
    return result;
}
