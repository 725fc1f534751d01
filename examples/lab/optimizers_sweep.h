#ifndef TARN_LAB_OPTIMIZERS_SWEEP_H
#define TARN_LAB_OPTIMIZERS_SWEEP_H

#include "examples/lab/lib/training.h"
#include "examples/lab/optimizers_settings.h"

/* Trains each optimizer at a grid of rates, prints a table and writes sweep.csv and
   sweep_best.csv. */
void sweep(const settings *s, const lessons *l);

#endif
