/* Normalization: (x - mean) / deviation by channel. */
#ifndef TARN_DATA_NORMALIZE_H
#define TARN_DATA_NORMALIZE_H

#include "data/dataset.h"

/* Sets the tables by mean and deviation. */
void tarn__dataset_fill_tables(tarn_dataset *dataset);

/* A sample as tarn__dataset_read() gives it. */
void tarn__dataset_normalize(const tarn_dataset *dataset, tarn_real *sample);

/* Reads and normalizes sample i at once, rounding once. False with tarn_error() set where its file
   cannot be read. */
bool tarn__dataset_read_normalized(const tarn_dataset *dataset, int64_t i, tarn_real *to);

#endif
