#include "core/ops/shared/softmax.h"

#include <math.h>

#include "core/base/error.h"
#include "core/kernels/kernels.h"

bool tarn__rows(const char *op, const tarn_tensor *x, int64_t *rows, int64_t *columns)
{
    if (x->shape.ndim < 1)
        return tarn_fail("%s: input () is a scalar, expects at least one dimension", op);
    *columns = x->shape.dim[x->shape.ndim - 1];
    *rows = *columns ? x->size / *columns : 0;
    return true;
}

/* Four at a time, so that none waits for the one before. */
enum { WAYS = 4 };

/* Leaves NaN out; 0 if nothing else is left but -infinity, as -infinity - -infinity is NaN. */
static tarn_real largest(const tarn_real *x, int64_t n)
{
    const tarn_real none = -(tarn_real)INFINITY;
    tarn_real max[WAYS] = {none, none, none, none};
    int64_t i = 0;
    for (; i + WAYS <= n; i += WAYS)
        for (int j = 0; j < WAYS; j++)
            max[j] = x[i + j] > max[j] ? x[i + j] : max[j];
    for (; i < n; i++)
        max[0] = x[i] > max[0] ? x[i] : max[0];
    for (int j = 1; j < WAYS; j++)
        max[0] = max[j] > max[0] ? max[j] : max[0];
    return max[0] == none ? 0 : max[0];
}

int64_t tarn__index_of_largest(const tarn_real *x, int64_t n)
{
    const tarn_real max = largest(x, n);
    int64_t i = 0;
    while (i < n - 1 && x[i] != max)
        i++;
    return i;
}

static double sum_of(const tarn_real *x, int64_t n)
{
    double sum[WAYS] = {0};
    int64_t i = 0;
    for (; i + WAYS <= n; i += WAYS)
        for (int j = 0; j < WAYS; j++)
            sum[j] += x[i + j];
    for (; i < n; i++)
        sum[0] += x[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

void tarn__exponentials(int64_t count, int64_t columns, const tarn_real *x, tarn_real *e,
                        tarn__row *rows)
{
    for (int64_t r = 0; r < count; r++) {
        const tarn_real max = largest(x + r * columns, columns);
        for (int64_t i = r * columns; i < (r + 1) * columns; i++)
            e[i] = x[i] - max;
        rows[r].max = max;
    }
    tarn__kernels_in_use()->exp(count * columns, e, e);
    for (int64_t r = 0; r < count; r++)
        rows[r].sum = sum_of(e + r * columns, columns);
}

typedef struct job {
    int64_t columns;
    const tarn_real *x;
    tarn_real *e;
    tarn__row *rows;
} job;

static void exponentials_of_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t r = first; r < end; r += TARN__ROWS)
        tarn__exponentials(tarn__row_count(r, end), j->columns, j->x + r * j->columns,
                           j->e + r * j->columns, j->rows + r);
}

void tarn__all_exponentials(int64_t count, int64_t columns, const tarn_real *x, tarn_real *e,
                            tarn__row *rows)
{
    tarn__share(count, count * columns, exponentials_of_rows, &(job){columns, x, e, rows});
}
