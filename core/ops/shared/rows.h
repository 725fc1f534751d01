/* Copying pieces of tensors, forward; adding them to gradients, backward. */
#ifndef TARN_CORE_OPS_SHARED_ROWS_H
#define TARN_CORE_OPS_SHARED_ROWS_H

#include <stdbool.h>

#include "core/tensor.h"

/* Copies count elements, or adds them to what is there. */
void tarn__copy(int64_t count, const tarn_real *from, tarn_real *to, bool add);

/* Shorter rows are copied by the kernel for it. */
enum { TARN__SHORT = 256 };

/* Rows of fewer elements are moved column by column, so many rows at a time, which the first cache
   holds: a call for each row would take longer. */
enum { TARN__NARROW = 8, TARN__ROWS = 512 };

/* Copies or adds rows that begin from_row and to_row elements apart; in the source the elements of
   a row are from_column apart. */
void tarn__copy_columns(int64_t rows, int64_t columns, const tarn_real *from, int64_t from_row,
                        int64_t from_column, tarn_real *to, int64_t to_row, bool add);

/* The same for rows of any width, contiguous in both, by all threads. */
void tarn__copy_rows(int64_t rows, int64_t width, const tarn_real *from, int64_t from_row,
                     tarn_real *to, int64_t to_row, bool add);

/* The product of the dimensions from first to end - 1. */
int64_t tarn__size_between(const tarn_shape *shape, int first, int end);

#endif
