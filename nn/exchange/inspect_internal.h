/* The table that tarn_nn_inspect() prints, of whatever kind of file. */
#ifndef TARN_NN_EXCHANGE_INSPECT_INTERNAL_H
#define TARN_NN_EXCHANGE_INSPECT_INTERNAL_H

#include <stdbool.h>
#include <stdio.h>

#include "core/tensor.h"

typedef struct tarn__inspect_row {
    char name[160], type[16], shape[24 * TARN_MAX_NDIM], bytes[32];
} tarn__inspect_row;

/* The widths of the columns; they are measured first, then rows are printed. */
typedef struct tarn__inspect_table {
    FILE *stream; /* NULL to measure */
    int name, type, shape, bytes;
} tarn__inspect_table;

/* The heads of the columns, or a row. */
void tarn__inspect_begin(tarn__inspect_table *table);
void tarn__inspect_put(tarn__inspect_table *table, const tarn__inspect_row *row);

/* An ONNX file: see nn/exchange/inspect.h. */
bool tarn__inspect_onnx(const char *path, FILE *stream);

#endif
