#include "core/ops/shared/softmax.h"

#include <math.h>

#include "core/base/clones.h"
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

/* So many at a time, so that none waits for the one before; of what is left, FEW. */
enum { WAYS = 16, FEW = 4 };

/* Leaves NaN out; 0 if nothing else is left but -infinity, as -infinity - -infinity is NaN. */
TARN__CLONES static tarn_real largest(const tarn_real *x, int64_t n)
{
    tarn_real max[WAYS];
    int64_t i = 0;
    for (int j = 0; j < WAYS; j++)
        max[j] = -(tarn_real)INFINITY;
    for (; i + WAYS <= n; i += WAYS)
        for (int j = 0; j < WAYS; j++)
            max[j] = x[i + j] > max[j] ? x[i + j] : max[j];
    for (; i + FEW <= n; i += FEW)
        for (int j = 0; j < FEW; j++)
            max[j] = x[i + j] > max[j] ? x[i + j] : max[j];
    for (; i < n; i++)
        max[0] = x[i] > max[0] ? x[i] : max[0];
    for (int j = 1; j < WAYS; j++)
        max[0] = max[j] > max[0] ? max[j] : max[0];
    return max[0] == -(tarn_real)INFINITY ? 0 : max[0];
}

TARN__CLONES static int64_t index_above(const tarn_real *x, int64_t n, tarn_real bound)
{
    enum { BLOCK = 4 * WAYS };
    int64_t i = 0;
    for (; i + BLOCK <= n; i += BLOCK) {
        int any = 0;
        for (int j = 0; j < BLOCK; j++)
            any |= x[i + j] > bound;
        if (any)
            break;
    }
    while (i < n && !(x[i] > bound))
        i++;
    return i < n ? i : -1;
}

int64_t tarn__index_above(const tarn_real *x, int64_t n, tarn_real bound)
{
    return index_above(x, n, bound);
}

/* e = x - the largest of it, which is returned. */
TARN__CLONES static tarn_real shift(int64_t n, const tarn_real *x, tarn_real *e)
{
    const tarn_real max = largest(x, n);
    for (int64_t i = 0; i < n; i++)
        e[i] = x[i] - max;
    return max;
}

void tarn__exponentials(int64_t count, int64_t columns, const tarn_real *x, tarn_real *e,
                        tarn__row *rows)
{
    for (int64_t r = 0; r < count; r++)
        rows[r].max = shift(columns, x + r * columns, e + r * columns);
    tarn__kernels_in_use()->exp(count * columns, e, e);
    for (int64_t r = 0; r < count; r++)
        rows[r].sum = tarn__kernels_in_use()->sum(columns, e + r * columns, 0);
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
    for (int64_t r = first, count; r < end; r += count) {
        count = tarn__row_count(r, end, j->columns);
        tarn__exponentials(count, j->columns, j->x + r * j->columns, j->e + r * j->columns,
                           j->rows + r);
    }
}

void tarn__all_exponentials(int64_t count, int64_t columns, const tarn_real *x, tarn_real *e,
                            tarn__row *rows)
{
    tarn__share(count, count * columns, exponentials_of_rows, &(job){columns, x, e, rows});
}
