/* The inside of a dataset, for the files of data/. */
#ifndef TARN_DATA_DATASET_H
#define TARN_DATA_DATASET_H

#include "data/data.h"

struct tarn_dataset {
    tarn_shape shape; /* (count, sample shape) */
    int classes;
    uint8_t *bytes;     /* the elements, as bytes ... */
    tarn_real *numbers; /* ... or as numbers; the other is NULL */
    int32_t *labels;    /* count class ids */
    double mean, deviation;
};

/* Makes a dataset of bytes or numbers that owns both arrays (from malloc). When that fails, or if
   an array is NULL, frees them and returns NULL with tarn_error() set. The labels are below
   classes. */
tarn_dataset *tarn__dataset_of_bytes(tarn_shape shape, uint8_t *bytes, int32_t *labels,
                                     int classes);
tarn_dataset *tarn__dataset_of_numbers(tarn_shape shape, tarn_real *numbers, int32_t *labels,
                                       int classes);

#endif
