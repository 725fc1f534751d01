/* What ./run train was asked to do. */
#ifndef TARN_LAB_TRAIN_SETTINGS_H
#define TARN_LAB_TRAIN_SETTINGS_H

#include "examples/lab/lib/digits.h"

enum { MAX_SEEDS = 1000 };

typedef struct settings {
    digits digits;
    const char *precision; /* of convolutions and matrix products: float or bf16 */
    const char *model, *optimizer, *log, *save, *load;
    const char *schedule; /* NULL: falls in a straight line to 0 */
    const char *tape;     /* the file to draw the tape of, instead of training */
    const char *out;      /* the folder for what --find-lr and --watch leave */
    bool find_lr, anomaly, watch;
    double lr;
    long epochs, batch_size, threads; /* a batch size of 0 is the whole training set */
    long seed, seeds;                 /* the first, and how many runs */
} settings;

/* Reads the command line and fills in the defaults; on a mistake prints a sentence and exits. */
settings read_settings(int argc, char **argv);

#endif
