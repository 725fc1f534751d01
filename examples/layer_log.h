/*
 * How much each layer moves: two groups of columns for a log with a line for each epoch.
 *
 *     update_ratio:LAYER     |change of the weights| / |weights|, mean over the epoch's steps
 *     gradient_norm:LAYER    |gradient|, mean over the epoch's steps
 *
 * A layer is all parameters whose names differ behind the last dot only: "0.weight" and "0.bias"
 * are layer 0, the first of the network. Their norms are one, the square root of the sum of
 * squares.
 */
#ifndef TARN_EXAMPLES_LAYER_LOG_H
#define TARN_EXAMPLES_LAYER_LOG_H

#include <tarn.h>

#include "examples/output.h"

typedef struct layer_log layer_log;

/* Watches the optimizer (tarn_optim_watch), of these parameters, from now on. Dies without memory;
   to be freed after the optimizer. */
layer_log *layer_log_new(tarn_optim *optimizer, tarn_params params);

/* The names of the columns, each behind a comma. The log's. */
const char *layer_log_columns(const layer_log *log);

/* Adds the values of the steps since the last call, each behind a comma. */
void layer_log_add(layer_log *log, csv *file);

void layer_log_free(layer_log *log);

#endif
