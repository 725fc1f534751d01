#ifndef TARN_LAB_OPTIMIZERS_SETTINGS_H
#define TARN_LAB_OPTIMIZERS_SETTINGS_H

#include <stdbool.h>

#include "examples/lab/lib/digits.h"
#include "examples/lab/lib/rules.h"

enum { MAX_EPOCHS = 100 };

typedef struct settings {
    digits digits;
    int count; /* of optimizers */
    const rule *optimizers[MAX_OPTIMIZERS];
    double factor; /* every rate is this times the optimizer's own */
    long epochs, every, seed, threads;
    const char *folder;
    /* Of the sweep: this many rates up to so many decades below and above the optimizer's own. */
    bool sweep;
    long rates, sweep_steps;
    double decades;
} settings;

/* From the command line. */
settings read_settings(int argc, char **argv);

#endif
