/*
 * Softmax over the last dimension.
 *
 *     y_i = e^(x_i) / s        s = sum over j of e^(x_j)
 *     dx_i = y_i (d_i - sum over j of d_j y_j)        d_i = dy_i - dy_m, y_m the y above 1/2, if
 * any
 *
 * Whatever is subtracted of all dy alike drops out. Without it, dx_m would be a difference of
 * nearly equal numbers where y_m is near 1.
 */
#include "core/ops/shared/softmax.h"
#include "core/base/clones.h"
#include "core/kernels/kernels.h"
#include "core/ops.h"

typedef struct job {
    int64_t columns;
    const tarn_real *x, *dy;
    tarn_real *y;
    tarn__target dx;
} job;

static void backward_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const int64_t n = j->columns;
    for (int64_t r = first; r < end; r++)
        tarn__kernels_in_use()->softmax_gradient(n, j->y + r * n, j->dy + r * n,
                                                 (tarn__target){j->dx.values + r * n, j->dx.add});
}

static void softmax_backward(const tarn_node *node)
{
    job j = {.y = node->output->values, .dy = tarn_gradients(node->output)};
    int64_t rows;
    j.dx.values = tarn_op_gradient_to_write(node->inputs[0], &j.dx.add);
    if (j.dx.values && tarn__rows("softmax", node->output, &rows, &j.columns))
        tarn__share(rows, rows * j.columns, backward_rows, &j);
}

static const tarn_op softmax = {"softmax", softmax_backward};

TARN__CLONES static void forward_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const int64_t columns = j->columns;
    for (int64_t r = first, count; r < end; r += count) {
        count = tarn__row_count(r, end, columns);
        tarn_real *y = j->y + r * columns;
        tarn__row of[TARN__ROWS];
        tarn__exponentials(count, columns, j->x + r * columns, y, of);
        for (int64_t k = 0; k < count; k++) {
            const tarn_real inverse = (tarn_real)(1 / of[k].sum);
            for (int64_t i = k * columns; i < (k + 1) * columns; i++)
                y[i] *= inverse;
        }
    }
}

tarn_tensor *tarn_softmax(tarn_tensor *x)
{
    int64_t rows, columns;
    if (!x || !tarn__rows("softmax", x, &rows, &columns))
        return NULL;
    tarn_tensor *result = tarn_op_result(&softmax, x->shape, x);
    if (result)
        tarn__share(rows, rows * columns, forward_rows,
                    &(job){.columns = columns, .x = x->values, .y = result->values});
    return result;
}
