/*
 * Logarithm of softmax over the last dimension.
 *
 *     y_i = x_i - ln s                          s = sum over j of e^(x_j)
 *     dx_i = dy_i - e^(y_i) d                   d = sum over j of dy_j
 *          = dy_i - d - (e^(y_i) - 1) d         where e^y is above 1/2, and perhaps near 1
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
    tarn_real *y;
    tarn__target dx;
} job;

TARN__CLONES static void pass(int64_t n, const tarn_real *dy, const tarn_real *p, tarn_real sum,
                              bool add, tarn_real *restrict dx)
{
    if (add)
        for (int64_t i = 0; i < n; i++)
            dx[i] += dy[i] - p[i] * sum;
    else
        for (int64_t i = 0; i < n; i++)
            dx[i] = dy[i] - p[i] * sum;
}

static void backward_row(int64_t n, const tarn_real *y, const tarn_real *dy, tarn__target dx)
{
    const int64_t m = tarn__index_above(y, n, (tarn_real)-0.6931472); /* ln 1/2 */
    const tarn_real before = dx.add && m >= 0 ? dx.values[m] : 0;
    const double sum = tarn__kernels_in_use()->sum(n, dy, 0);
    for (int64_t first = 0; first < n; first += TARN__CHUNK) {
        const int64_t count = tarn__chunk(first, n);
        tarn_real p[TARN__CHUNK]; /* e^y */
        tarn__kernels_in_use()->exp(count, y + first, p);
        pass(count, dy + first, p, (tarn_real)sum, dx.add, dx.values + first);
    }
    if (m >= 0)
        dx.values[m] = before + (tarn_real)(dy[m] - sum - expm1(y[m]) * sum);
}

static void backward_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const int64_t n = j->columns;
    for (int64_t r = first; r < end; r++)
        backward_row(n, j->y + r * n, j->dy + r * n,
                     (tarn__target){j->dx.values + r * n, j->dx.add});
}

static void log_softmax_backward(const tarn_node *node)
{
    job j = {.y = node->output->values, .dy = tarn_gradients(node->output)};
    int64_t rows;
    j.dx.values = tarn_op_gradient_to_write(node->inputs[0], &j.dx.add);
    if (j.dx.values && tarn__rows("log_softmax", node->output, &rows, &j.columns))
        tarn__share(rows, rows * j.columns, backward_rows, &j);
}

static const tarn_op log_softmax = {"log_softmax", log_softmax_backward};

TARN__CLONES static void forward_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const int64_t columns = j->columns;
    for (int64_t r = first, count; r < end; r += count) {
        count = tarn__row_count(r, end, columns);
        const tarn_real *in = j->x + r * columns;
        tarn_real *y = j->y + r * columns;
        tarn__row of[TARN__ROWS];
        tarn__exponentials(count, columns, in, y, of);
        for (int64_t k = 0; k < count; k++) {
            const tarn_real max = (tarn_real)of[k].max, log_sum = (tarn_real)log(of[k].sum);
            for (int64_t i = k * columns; i < (k + 1) * columns; i++)
                y[i] = (in[i] - max) - log_sum; /* of one sign: nothing cancels */
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
