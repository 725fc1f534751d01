/*
 * What the optimizer saw and did, layer by layer, about a hundred times in a training. Two tables,
 * which plots/watch.gp draws:
 *
 *     watch.csv           step, layer, name
 *                         cosine            of the angle between the gradients of successive steps,
 *                                           mean since the last row; empty where there was none
 *                         rate_5 .. rate_95 the effective rates of the layer's weights in that
 *                                           step, |update| / |gradient|: the one that 5% of them
 *                                           are below, and so on; empty if all gradients are 0
 *     watch_updates.csv   step, layer, from, share: the part of the layer's weights that moved by
 *                         from to 2^(1/4) from in that step; those that moved have a share of 1
 *                         together with those that did not
 *
 * Layers are numbered from 0 in the order of the network.
 */
#ifndef TARN_LAB_OPTIMIZER_LOG_H
#define TARN_LAB_OPTIMIZER_LOG_H

#include "examples/lab/train/layers.h"

typedef struct optimizer_log optimizer_log;

/* For a training of so many steps, into a folder. The layers must stay. Dies without memory. */
optimizer_log *optimizer_log_new(const layers *of, const char *folder, long steps);

/* Adds a step, as the watcher of an optimizer (tarn_optim_watch) is told of it. */
void optimizer_log_step(optimizer_log *log, const tarn_optim_change *changes, int count);

/* Ends the tables and draws watch.png and watch.svg. Safe on NULL. */
void optimizer_log_end(optimizer_log *log);

#endif
