/* Checkpoints from inside the library, beside nn/checkpoint.h. */
#ifndef TARN_NN_CHECKPOINT_INTERNAL_H
#define TARN_NN_CHECKPOINT_INTERNAL_H

#include "nn/checkpoint.h"

/* tarn_checkpoint_save(), with a metric for tarn_checkpoint_keep(). */
bool tarn__checkpoint_save(const tarn_checkpoint *checkpoint, const char *path, double metric);

/* The metric of a file, NaN if it has none or is no checkpoint. */
double tarn__checkpoint_metric(const char *path);

#endif
