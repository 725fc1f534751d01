/*
 * How much each layer moves: two groups of columns for a log with a line for each epoch.
 *
 *     update_ratio:LAYER     |change of the weights| / |weights|, mean over the epoch's steps
 *     gradient_norm:LAYER    |gradient|, mean over the epoch's steps
 *
 * The norms of a layer's parameters are one, the square root of the sum of squares.
 */
#ifndef TARN_LAB_LAYER_LOG_H
#define TARN_LAB_LAYER_LOG_H

#include <tarn.h>

#include "examples/lab/lib/table.h"
#include "examples/lab/train/layers.h"

typedef struct layer_log layer_log;

/* Of these layers, which must stay; columns are those that the log has before the layers'. Dies
   without memory. */
layer_log *layer_log_new(const layers *of, const char *columns);

/* Adds a step, as the watcher of an optimizer (tarn_optim_watch) is told of it. */
void layer_log_step(layer_log *log, const tarn_optim_change *changes, int count);

/* The names of all columns; the log's. */
const char *layer_log_columns(const layer_log *log);

/* Adds what the layers did in the steps since the last call, behind the values of the other
   columns, and ends the row. */
void layer_log_end_row(layer_log *log, table *to);

void layer_log_free(layer_log *log); /* safe on NULL */

#endif
