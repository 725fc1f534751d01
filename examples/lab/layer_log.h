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
#ifndef TARN_LAB_LAYER_LOG_H
#define TARN_LAB_LAYER_LOG_H

#include <tarn.h>

#include "examples/lab/lib/table.h"

typedef struct layer_log layer_log;

/* Watches the optimizer (tarn_optim_watch), of these parameters, from now on; columns are those
   that the log has before the layers'. Dies without memory. To be freed when it watches no more. */
layer_log *layer_log_new(tarn_optim *optimizer, tarn_params params, const char *columns);

/* The names of all columns; the log's. */
const char *layer_log_columns(const layer_log *log);

/* Adds what the layers did in the steps since the last call, behind the values of the other
   columns, and ends the row. */
void layer_log_end_row(layer_log *log, table *to);

void layer_log_free(layer_log *log);

#endif
