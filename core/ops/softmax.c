/*
 * Softmax over the last dimension.
 *
 *     y_i = e^(x_i) / s        s = sum over j of e^(x_j)
 *     dx_i = y_i (d_i - sum over j of d_j y_j)        d_i = dy_i - dy_m, y_m the largest y
 *
 * Whatever is subtracted of all dy alike drops out. Without it, dx_m would be a difference of
 * nearly equal numbers where y_m is near 1.
 */
#include "core/ops/shared/softmax.h"
#include "core/base/clones.h"
#include "core/ops.h"

typedef struct job {
    int64_t columns;
    const tarn_real *x, *dy;
    tarn_real *y, *dx;
} job;

TARN__CLONES static void backward_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t r = first; r < end; r++) {
        const tarn_real *y = j->y + r * j->columns, *dy = j->dy + r * j->columns;
        tarn_real *dx = j->dx + r * j->columns;
        const double base = dy[tarn__index_of_largest(y, j->columns)];
        const double dot = tarn__dot(j->columns, dy, base, y);
        for (int64_t i = 0; i < j->columns; i++)
            dx[i] += (tarn_real)(y[i] * (dy[i] - base - dot));
    }
}

static void softmax_backward(const tarn_node *node)
{
    job j = {.y = node->output->values, .dy = tarn_gradients(node->output)};
    int64_t rows;
    j.dx = tarn_op_gradient(node->inputs[0]);
    if (j.dx && tarn__rows("softmax", node->output, &rows, &j.columns))
        tarn__share(rows, rows * j.columns, backward_rows, &j);
}

static const tarn_op softmax = {"softmax", softmax_backward};

TARN__CLONES static void forward_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t r = first; r < end; r += TARN__ROWS) {
        const int64_t count = tarn__row_count(r, end), columns = j->columns;
        tarn_real *y = j->y + r * columns;
        tarn__row of[TARN__ROWS];
        tarn__exponentials(count, columns, j->x + r * columns, y, of);
        for (int64_t k = 0; k < count; k++) {
            const double inverse = 1 / of[k].sum;
            for (int64_t i = k * columns; i < (k + 1) * columns; i++)
                y[i] = (tarn_real)(y[i] * inverse);
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
