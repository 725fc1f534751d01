#include "core/ops/reduce.h"

#include "core/parallel.h"

/* Columns that are summed side by side, so that reading goes straight on. */
enum { COLUMNS = 64 };

tarn__reduction tarn__reduce_all(const tarn_tensor *x)
{
    return (tarn__reduction){1, x->size, 1};
}

tarn__reduction tarn__reduce_axis(const tarn_tensor *x, int axis)
{
    tarn__reduction r = {1, x->shape.dim[axis], 1};
    for (int i = 0; i < axis; i++)
        r.outer *= x->shape.dim[i];
    for (int i = axis + 1; i < x->shape.ndim; i++)
        r.inner *= x->shape.dim[i];
    return r;
}

tarn_shape tarn__shape_without(tarn_shape shape, int axis)
{
    tarn_shape rest = {.ndim = shape.ndim - 1};
    for (int i = 0; i < rest.ndim; i++)
        rest.dim[i] = shape.dim[i < axis ? i : i + 1];
    return rest;
}

static tarn_real reduce_row(int64_t count, double factor, const tarn_real *x)
{
    double sum = 0;
    for (int64_t k = 0; k < count; k++)
        sum += x[k];
    return (tarn_real)(factor * sum);
}

static void reduce_columns(tarn__reduction r, int64_t width, double factor, const tarn_real *x,
                           tarn_real *y)
{
    double sums[COLUMNS] = {0};
    for (int64_t k = 0; k < r.count; k++)
        for (int64_t i = 0; i < width; i++)
            sums[i] += x[k * r.inner + i];
    for (int64_t i = 0; i < width; i++)
        y[i] = (tarn_real)(factor * sums[i]);
}

void tarn__reduce(tarn__reduction r, double factor, const tarn_real *x, tarn_real *y)
{
    const int64_t blocks = (r.inner + COLUMNS - 1) / COLUMNS;
#pragma omp parallel for schedule(static)                                                          \
    collapse(2) if (r.outer * r.count * r.inner >= TARN__PARALLEL_MIN)
    for (int64_t o = 0; o < r.outer; o++)
        for (int64_t b = 0; b < blocks; b++) {
            int64_t first = b * COLUMNS, rest = r.inner - first;
            const tarn_real *from = x + o * r.count * r.inner + first;
            if (r.inner == 1)
                y[o] = reduce_row(r.count, factor, from);
            else
                reduce_columns(r, rest < COLUMNS ? rest : COLUMNS, factor, from,
                               y + o * r.inner + first);
        }
}

void tarn__reduce_backward(tarn__reduction r, double factor, const tarn_real *dy, tarn_real *dx)
{
    const tarn_real by = (tarn_real)factor;
#pragma omp parallel for schedule(static)                                                          \
    collapse(2) if (r.outer * r.count * r.inner >= TARN__PARALLEL_MIN)
    for (int64_t o = 0; o < r.outer; o++)
        for (int64_t k = 0; k < r.count; k++)
            for (int64_t i = 0; i < r.inner; i++)
                dx[(o * r.count + k) * r.inner + i] += by * dy[o * r.inner + i];
}
