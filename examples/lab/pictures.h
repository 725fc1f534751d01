/*
 * Training on pictures of one's own (./run train FOLDER): what the parts of the program share.
 *
 *     pictures.c           options, and the course of the program
 *     pictures_data.c      from files to what is trained on and what is validated on
 *     pictures_training.c  the epochs, with checkpoints, until they are done or it is stopped
 *     pictures_outcome.c   what the network takes for what, and the report
 */
#ifndef TARN_LAB_PICTURES_H
#define TARN_LAB_PICTURES_H

#include <tarn.h>

#include "examples/lab/lib/table.h"
#include "examples/lab/lib/training.h"
#include "examples/lab/report.h"

typedef struct picture_settings {
    const char *source; /* a folder, or csv:FILE and so on */
    const char *label;  /* the column of a table that has the classes */
    const char *model, *optimizer, *augment, *out;
    double lr, validation;
    long size, epochs, patience, batch_size, seed, workers, threads;
    bool gray, resume;
} picture_settings;

typedef struct picture_data {
    tarn_dataset *training, *validation;
    tarn_transforms transforms;
    int channels;             /* of pictures, or columns */
    double *mean, *deviation; /* of each, in the training part */
    char fingerprint[20]; /* of classes, files, their split, and means: another for other data */
} picture_data;

/* Reads and splits what the settings name, prints what was found, and normalizes it. */
picture_data read_pictures(const picture_settings *s);
void free_pictures(picture_data *d);

/* Names of --augment, ends with NULL. */
extern const char *const augmentations[];

/* Training in progress. */
typedef struct picture_training {
    training base;
    tarn_loader *validation_loader;
    tarn_early_stopping stopping; /* its metric is the accuracy */
    /* Of the present epoch so far. */
    double loss_sum, seconds;
    char data[20];        /* the fingerprint of what it trains on */
    report_epoch *epochs; /* those that are done */
    int epoch_count;
    table *log, *lines; /* as CSV and as lines of JSON */
} picture_training;

/* Refuses to write over a run that was stopped, and to go on where there is none. */
void check_out(const picture_settings *s);

/* Makes all that training needs, or with --resume reads it from --out. */
picture_training begin_training(const picture_settings *s, const picture_data *d);

/* Trains until all epochs are done, or none was the best for --patience of them. A checkpoint and
   the best network so far are in --out after each. At SIGINT or SIGTERM saves a checkpoint, and
   ends the program with 128 and the signal's number; a second signal ends it at once. */
void train_pictures_to_end(picture_training *t, const picture_settings *s);
void free_training(picture_training *t);

/* Loads the best network, prints its accuracy, writes the report, and removes the checkpoint, since
   nothing is left to go on with. */
void write_outcome(picture_training *t, const picture_settings *s, const picture_data *d);

/* Whether the command line asks for all this, not for training on digits. */
bool wants_pictures(int argc, char **argv);
int train_pictures(int argc, char **argv);

#endif
