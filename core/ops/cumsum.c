/*
 * Running sums along an axis, in double.
 *
 *     y_k = x_1 + ... + x_k
 *     dx_k = dy_k + ... + dy_n
 */
#include "core/base/pool.h"
#include "core/op_internal.h"
#include "core/ops/extras.h"
#include "core/ops/shared/rows.h"

/* Lines of count elements, each inner apart. */
typedef struct lines {
    int64_t outer, count, inner;
} lines;

typedef struct job {
    lines of;
    const tarn_real *from;
    tarn_real *to;
} job;

static int64_t first_of_line(const lines *l, int64_t number)
{
    return number / l->inner * l->count * l->inner + number % l->inner;
}

static void forward(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t line = first; line < end; line++) {
        double sum = 0;
        int64_t at = first_of_line(&j->of, line);
        for (int64_t k = 0; k < j->of.count; k++, at += j->of.inner) {
            sum += (double)j->from[at];
            j->to[at] = (tarn_real)sum;
        }
    }
}

static void backward(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t line = first; line < end; line++) {
        double sum = 0;
        int64_t at = first_of_line(&j->of, line) + (j->of.count - 1) * j->of.inner;
        for (int64_t k = 0; k < j->of.count; k++, at -= j->of.inner) {
            sum += (double)j->from[at];
            j->to[at] += (tarn_real)sum;
        }
    }
}

static void cumsum_backward(const tarn_node *node)
{
    const lines *l = node->saved;
    const job j = {*l, tarn_gradients(node->output), tarn_op_gradient(node->inputs[0])};
    if (j.to)
        tarn__share(l->outer * l->inner, node->output->size, backward, &j);
}

static const tarn_op cumsum = {"cumsum", cumsum_backward};

tarn_tensor *tarn_cumsum(tarn_tensor *x, int axis)
{
    if (!x || (axis = tarn__axis("cumsum", x, axis)) < 0)
        return NULL;
    tarn_tensor *result = tarn_op_result(&cumsum, x->shape, x);
    lines *l = result ? tarn_op_save(result, sizeof *l) : NULL;
    if (!l)
        return NULL;
    *l = (lines){tarn__size_between(&x->shape, 0, axis), x->shape.dim[axis],
                 tarn__size_between(&x->shape, axis + 1, x->shape.ndim)};
    tarn__share(l->outer * l->inner, x->size, forward, &(job){*l, x->values, result->values});
    return result;
}
