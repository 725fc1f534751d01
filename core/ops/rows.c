#include "core/ops/rows.h"

#include "core/parallel.h"

/* Threads share long rows by pieces of so many elements. */
enum { PIECE = 8192 };

void tarn__copy_rows(int64_t rows, int64_t width, const tarn_real *from, int64_t from_row,
                     tarn_real *to, int64_t to_row, bool add)
{
#pragma omp parallel for schedule(static) collapse(2) if (rows * width >= TARN__PARALLEL_MIN)
    for (int64_t row = 0; row < rows; row++)
        for (int64_t at = 0; at < width; at += PIECE)
            tarn__copy(width - at < PIECE ? width - at : PIECE, from + row * from_row + at,
                       to + row * to_row + at, add);
}
