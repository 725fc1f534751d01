/* What ./run optimizers was asked to do, for its two parts. */
#ifndef TARN_LAB_OPTIMIZERS_SETTINGS_H
#define TARN_LAB_OPTIMIZERS_SETTINGS_H

#include "examples/lab/lib/digits.h"
#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/training.h"

enum { MAX_EPOCHS = 100 };

typedef struct settings {
    digits digits;
    int count; /* of optimizers */
    const char *optimizers[MAX_OPTIMIZERS];
    double factor; /* every rate is this times the optimizer's own */
    long epochs, every, seed, threads;
    const char *folder;
    /* Of the sweep: this many rates up to so many decades below and above the optimizer's own. */
    bool sweep;
    long rates, sweep_steps;
    double decades;
} settings;

/* Takes ten steps with each optimizer and writes optimizers_first.csv. */
void first_steps(const settings *s, const lessons *l);

/* Trains each optimizer at a grid of rates, prints a table and writes sweep.csv and
   sweep_best.csv. */
void sweep(const settings *s, const lessons *l);

#endif
