/* What softmax, log_softmax and cross_entropy share: the rows of a tensor's last dimension. */
#ifndef TARN_CORE_OPS_SHARED_SOFTMAX_H
#define TARN_CORE_OPS_SHARED_SOFTMAX_H

#include "core/base/pool.h"
#include "core/op_internal.h"

/* False, after a report to the handler, if x has no dimension. */
bool tarn__rows(const char *op, const tarn_tensor *x, int64_t *rows, int64_t *columns);

/* Most rows that are computed in one go: those of a classifier are shorter than a vector or two. */
enum { TARN__ROWS = 8 };

/* What a row is shifted by, so that no exponential overflows, and the sum of its exponentials:
   ln s = max + ln sum. */
typedef struct tarn__row {
    double max, sum;
} tarn__row;

/* e = e^(x - max) of count rows, and each row's maximum and sum. NaN if an element is NaN. The
   second is for many rows, which threads share. */
void tarn__exponentials(int64_t count, int64_t columns, const tarn_real *x, tarn_real *e,
                        tarn__row *rows);

void tarn__all_exponentials(int64_t count, int64_t columns, const tarn_real *x, tarn_real *e,
                            tarn__row *rows);

/* The place of the first of n numbers that is above the bound, -1 if none is. */
int64_t tarn__index_above(const tarn_real *x, int64_t n, tarn_real bound);

/* How many rows to compute in one go, from r on: short ones, as long ones leave the cache. */
static inline int64_t tarn__row_count(int64_t r, int64_t rows, int64_t columns)
{
    const int64_t most = columns * TARN__ROWS <= TARN__CHUNK ? TARN__ROWS : 1;
    return rows - r < most ? rows - r : most;
}

#endif
