#include "core/ops/shared/rows.h"

#include <string.h>

#include "core/base/pool.h"
#include "core/kernels/kernels.h"

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

typedef struct job {
    int64_t rows, width;
    const tarn_real *from;
    int64_t from_row;
    tarn_real *to;
    int64_t to_row;
    bool add;
} job;

/* Some rows at a time, of few columns. */
static void copy_narrow_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t row = first * TARN__ROWS; row < end * TARN__ROWS; row += TARN__ROWS) {
        const int64_t rest = j->rows - row;
        tarn__copy_columns(rest < TARN__ROWS ? rest : TARN__ROWS, j->width,
                           j->from + row * j->from_row, j->from_row, 1, j->to + row * j->to_row,
                           j->to_row, j->add);
    }
}

static void copy_short_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    tarn__kernels_in_use()->copy_rows(end - first, j->width, j->from + first * j->from_row,
                                      j->from_row, j->to + first * j->to_row, j->to_row);
}

static int64_t pieces_of(int64_t width)
{
    return (width + PIECE - 1) / PIECE;
}

static void copy_pieces(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t k = first; k < end; k++) {
        const int64_t row = k / pieces_of(j->width), at = k % pieces_of(j->width) * PIECE;
        const int64_t rest = j->width - at;
        tarn__copy(rest < PIECE ? rest : PIECE, j->from + row * j->from_row + at,
                   j->to + row * j->to_row + at, j->add);
    }
}

void tarn__copy_rows(int64_t rows, int64_t width, const tarn_real *from, int64_t from_row,
                     tarn_real *to, int64_t to_row, bool add)
{
    if (width == 0)
        return; /* of which there could be very many */
    const job j = {rows, width, from, from_row, to, to_row, add};
    if (width < TARN__NARROW)
        tarn__share((rows + TARN__ROWS - 1) / TARN__ROWS, rows * width, copy_narrow_rows, &j);
    else if (width < TARN__SHORT && !add)
        tarn__share(rows, rows * width, copy_short_rows, &j);
    else
        tarn__share(rows * pieces_of(width), rows * width, copy_pieces, &j);
}
