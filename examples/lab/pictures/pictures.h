/*
 * Training on pictures of one's own (./run train FOLDER): what the parts of the program share.
 *
 *     pictures.c  which command line asks for this, and the course of the program
 *     settings.c  options, and what does not go together
 *     source.c    what can be trained on: folders, lists, tables, known sets
 *     data.c      from files to what is trained on and what is validated on
 *     folder.c    the folder of a run, and whose it is
 *     recall.c    what a run was begun with, for when it goes on
 *     run.c       where a run stands: checkpoint and log
 *     training.c  the epochs, until they are done or it is stopped
 *     outcome.c   what the network takes for what, and the report
 */
#ifndef TARN_LAB_PICTURES_H
#define TARN_LAB_PICTURES_H

#include <tarn.h>

#include "examples/lab/lib/table.h"
#include "examples/lab/lib/training.h"
#include "examples/lab/pictures/report.h"

/* An option that has not been given, or is not used, is NULL, false, or a number below 0; threads
   and out have their defaults from the start. */
typedef struct picture_settings {
    const char *folder; /* of pictures; or NULL, and */
    const char *data;   /* csv:FILE or the like */
    const char *label;  /* the column of a table that has the classes */
    const char *model, *optimizer, *augment, *out;
    double lr, validation;
    long size, epochs, patience, batch_size, seed, workers, threads;
    bool gray, resume, overwrite;
    const char *fingerprint; /* of what was read; with --resume at first of what it began with */
} picture_settings;

/* ---- settings.c */

/* Reads the command line, with --resume also what the run was begun with, and fills in the
   defaults. Dies of what is wrong with it, as far as can be told before pictures are read. */
picture_settings read_picture_settings(int argc, char **argv);

/* ---- source.c */

/* Dies of a source of no known kind, and of options that it does not use. */
void check_source(const picture_settings *s);

/* As the user calls it. */
const char *source_name(const picture_settings *s);

/* Whether it is a table of numbers; whether its pictures are brought to --size; whether it comes
   with test samples, to validate on. */
bool source_has_numbers(const picture_settings *s);
bool source_is_scaled(const picture_settings *s);
bool source_has_test(const picture_settings *s);

/* Reads all that the source holds; of a set that comes in two parts, the one asked for. Dies of
   what cannot be read. */
tarn_dataset *read_source(const picture_settings *s, tarn_split split);

/* ---- data.c */

typedef struct picture_data {
    tarn_dataset *training, *validation;
    tarn_transforms transforms;
    int channels;             /* of pictures, or columns */
    double *mean, *deviation; /* of each, in the training part */
    char fingerprint[20]; /* of classes, files, their split, and means: another for other data */
} picture_data;

/* Reads and splits what the settings name, prints what was found, and normalizes it. Dies, with
   --resume, if it is not what the run was begun with. */
picture_data read_pictures(picture_settings *s);
void free_pictures(picture_data *d);

/* Names of --augment, ends with NULL. */
extern const char *const augmentations[];

/* ---- folder.c. A folder (--out) belongs to one run, and to one program at a time. */

#define RUN_CHECKPOINT "checkpoint.safetensors"
#define RUN_SETTINGS "settings.txt"
#define RUN_NETWORK "model.safetensors"
#define RUN_LOG "log" /* .csv and .jsonl */
#define RUN_REPORT "report.html"
#define RUN_SAMPLES "samples.png"

/* Dies if --out cannot be written to, lies among the pictures, holds a run (unless that goes on or
   is to be overwritten), or is another program's at this moment. make: makes the folder, and
   removes the run that is overwritten. */
void claim_folder(const picture_settings *s, bool make);

/* Whether there is a run to go on with. */
bool holds_stopped_run(const picture_settings *s);

/* Removes the checkpoint: there is nothing to go on with. */
void end_run(const picture_settings *s);

/* ---- recall.c */

/* Writes down what a run is begun with. */
void note_settings(const picture_settings *s);

/* Fills in what the run in --out was begun with, where no option says it. Dies where one says
   otherwise, and if there is no such run. */
void recall_settings(picture_settings *s);

/* ---- run.c */

/* Training in progress. */
typedef struct picture_training {
    training base;
    tarn_loader *validation_loader;
    tarn_early_stopping stopping; /* its metric is the accuracy */
    /* Of the present epoch so far. */
    double loss_sum, seconds;
    report_epoch *epochs; /* those that are done */
    int epoch_count;
    table *log, *lines; /* as CSV and as lines of JSON; NULL before the first epoch is done */
} picture_training;

/* Writes a checkpoint, and before the first what the run was begun with. */
void save_run(picture_training *t, const picture_settings *s);

/* Goes on where the run in --out was stopped. */
void resume_run(picture_training *t, const picture_settings *s);

/* Adds the latest epoch to the logs. */
void log_epoch(picture_training *t, const picture_settings *s);

/* ---- training.c */

/* Makes all that training needs, or with --resume reads it from --out. */
picture_training begin_training(const picture_settings *s, const picture_data *d);

/* Trains until all epochs are done, or none was the best for --patience of them. A checkpoint and
   the best network so far are in --out after each. At SIGINT, SIGTERM or SIGHUP saves a checkpoint,
   and ends the program with 128 and the signal's number; a second signal ends it at once. */
void train_pictures_to_end(picture_training *t, const picture_settings *s);
void free_training(picture_training *t);

/* ---- outcome.c */

/* Loads the best network, prints its accuracy, writes the report, and ends the run. */
void write_outcome(picture_training *t, const picture_settings *s, const picture_data *d);

/* ---- pictures.c */

/* Whether the command line asks for all this, not for training on digits. */
bool wants_pictures(int argc, char **argv);
int train_pictures(int argc, char **argv);

#endif
