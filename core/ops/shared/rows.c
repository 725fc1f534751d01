#include "core/ops/shared/rows.h"

#include <string.h>

#include "core/base/parallel.h"

/* Threads share long rows by pieces of so many elements. */
enum { PIECE = 8192 };

int64_t tarn__size_between(const tarn_shape *shape, int first, int end)
{
    int64_t product = 1;
    for (int i = first; i < end; i++)
        product *= shape->dim[i];
    return product;
}

void tarn__copy(int64_t count, const tarn_real *from, tarn_real *to, bool add)
{
    if (add)
        for (int64_t i = 0; i < count; i++)
            to[i] += from[i];
    else
        memcpy(to, from, (size_t)count * sizeof *to);
}

void tarn__copy_columns(int64_t rows, int64_t columns, const tarn_real *from, int64_t from_row,
                        int64_t from_column, tarn_real *to, int64_t to_row, bool add)
{
    for (int64_t c = 0; c < columns; c++, from += from_column, to++)
        if (add)
            for (int64_t r = 0; r < rows; r++)
                to[r * to_row] += from[r * from_row];
        else
            for (int64_t r = 0; r < rows; r++)
                to[r * to_row] = from[r * from_row];
}

static void copy_narrow_rows(int64_t rows, int64_t width, const tarn_real *from, int64_t from_row,
                             tarn_real *to, int64_t to_row, bool add)
{
#pragma omp parallel for schedule(static) if (rows * width >= TARN__PARALLEL_MIN)
    for (int64_t row = 0; row < rows; row += TARN__ROWS) {
        const int64_t rest = rows - row;
        tarn__copy_columns(rest < TARN__ROWS ? rest : TARN__ROWS, width, from + row * from_row,
                           from_row, 1, to + row * to_row, to_row, add);
    }
}

void tarn__copy_rows(int64_t rows, int64_t width, const tarn_real *from, int64_t from_row,
                     tarn_real *to, int64_t to_row, bool add)
{
    if (width == 0)
        return; /* of which there could be very many */
    if (width < TARN__NARROW) {
        copy_narrow_rows(rows, width, from, from_row, to, to_row, add);
        return;
    }
#pragma omp parallel for schedule(static) collapse(2) if (rows * width >= TARN__PARALLEL_MIN)
    for (int64_t row = 0; row < rows; row++)
        for (int64_t at = 0; at < width; at += PIECE) {
            const int64_t rest = width - at;
            tarn__copy(rest < PIECE ? rest : PIECE, from + row * from_row + at,
                       to + row * to_row + at, add);
        }
}
