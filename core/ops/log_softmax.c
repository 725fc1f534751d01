/*
 * Logarithm of softmax over the last dimension.
 *
 *     y_i = x_i - ln s                          s = sum over j of e^(x_j)
 *     dx_i = dy_i - e^(y_i) d                   d = sum over j of dy_j
 *          = dy_i - d - (e^(y_i) - 1) d         for the largest y, where e^y is perhaps near 1
 */
#include <math.h>

#include "core/base/clones.h"
#include "core/base/pool.h"
#include "core/kernels/kernels.h"
#include "core/ops.h"
#include "core/ops/shared/softmax.h"

typedef struct job {
    int64_t columns;
    const tarn_real *x, *dy;
    tarn_real *y, *dx;
} job;

TARN__CLONES static void backward_row(int64_t n, const tarn_real *y, const tarn_real *dy,
                                      tarn_real *dx)
{
    const int64_t m = tarn__index_of_largest(y, n);
    const tarn_real before = dx[m];
    const double sum = tarn__sum(n, dy);
    for (int64_t first = 0; first < n; first += TARN__CHUNK) {
        const int64_t count = tarn__chunk(first, n);
        tarn_real p[TARN__CHUNK]; /* e^y */
        tarn__kernels_in_use()->exp(count, y + first, p);
        for (int64_t i = 0; i < count; i++)
            dx[first + i] += (tarn_real)(dy[first + i] - p[i] * sum);
    }
    dx[m] = before + (tarn_real)(dy[m] - sum - expm1(y[m]) * sum);
}

static void backward_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const int64_t n = j->columns;
    for (int64_t r = first; r < end; r++)
        backward_row(n, j->y + r * n, j->dy + r * n, j->dx + r * n);
}

static void log_softmax_backward(const tarn_node *node)
{
    job j = {.y = node->output->values, .dy = tarn_gradients(node->output)};
    int64_t rows;
    j.dx = tarn_op_gradient(node->inputs[0]);
    if (j.dx && tarn__rows("log_softmax", node->output, &rows, &j.columns))
        tarn__share(rows, rows * j.columns, backward_rows, &j);
}

static const tarn_op log_softmax = {"log_softmax", log_softmax_backward};

TARN__CLONES static void forward_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t r = first; r < end; r += TARN__ROWS) {
        const int64_t count = tarn__row_count(r, end), columns = j->columns;
        const tarn_real *in = j->x + r * columns;
        tarn_real *y = j->y + r * columns;
        tarn__row of[TARN__ROWS];
        tarn__exponentials(count, columns, in, y, of);
        for (int64_t k = 0; k < count; k++) {
            const double log_sum = log(of[k].sum);
            for (int64_t i = k * columns; i < (k + 1) * columns; i++)
                y[i] = (tarn_real)(in[i] - of[k].max - log_sum);
        }
    }
}

tarn_tensor *tarn_log_softmax(tarn_tensor *x)
{
    int64_t rows, columns;
    if (!x || !tarn__rows("log_softmax", x, &rows, &columns))
        return NULL;
    tarn_tensor *result = tarn_op_result(&log_softmax, x->shape, x);
    if (result)
        tarn__share(rows, rows * columns, forward_rows,
                    &(job){.columns = columns, .x = x->values, .y = result->values});
    return result;
}
