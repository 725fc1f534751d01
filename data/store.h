/* Samples in memory as a dataset. */
#ifndef TARN_DATA_STORE_H
#define TARN_DATA_STORE_H

#include "data/dataset.h"

/* As tarn__dataset_new(), of (count, sample shape) bytes or numbers from malloc, taken. */
tarn_dataset *tarn__dataset_of_bytes(tarn_shape shape, uint8_t *bytes, int32_t *labels,
                                     int classes);
tarn_dataset *tarn__dataset_of_numbers(tarn_shape shape, tarn_real *numbers, int32_t *labels,
                                       int classes);

#endif
