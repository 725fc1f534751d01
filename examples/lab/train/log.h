/*
 * The log of ./run train: a row for each epoch of each run, with the columns
 *
 *     seed, epoch                  of the run, and from 1 on
 *     loss, accuracy               of the training images, mean over the epoch: each batch before
 *                                  its step, and with dropout where the network has it
 *     test_loss, test_accuracy     at the end of the epoch
 *     seconds, images_per_second   of training
 *
 * and those of layer_log.h. Drawn are FILE.png, the loss and the accuracy over the epochs (of
 * several seeds the median and the range), and FILE-layers.png, how much the layers moved in the
 * first run.
 *
 * Beside it, if asked for, what the optimizer did in the first run: optimizer_log.h.
 */
#ifndef TARN_LAB_TRAIN_LOG_H
#define TARN_LAB_TRAIN_LOG_H

#include "examples/lab/lib/training.h"

typedef struct train_log {
    const char *path;  /* fill it in; NULL: nobody asked for a log */
    const char *watch; /* the folder for what the optimizer did; NULL: nobody asked for it */
    struct table *table;
    /* Of the present run. */
    struct layers *names;
    struct layer_log *layers;
    struct optimizer_log *optimizer;
    long seed;
} train_log;

/* Before a run: watches its optimizer, until train_log_end_run() before that is freed. */
void train_log_begin_run(train_log *log, const training *t, long seed);
void train_log_add(train_log *log, long epoch, const epoch_result *e, score test);
void train_log_end_run(train_log *log);

/* Closes the table and draws the pictures, unless it is of JSON lines. */
void train_log_end(train_log *log);

#endif
