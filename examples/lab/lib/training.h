/* One training step and one loop, for all instruments; and how good a network is. What fails ends
   the program with a sentence. */
#ifndef TARN_LAB_TRAINING_H
#define TARN_LAB_TRAINING_H

#include <tarn.h>

/* What a step took, and the loss of its images before it. */
typedef struct step_record {
    double loss;
    double seconds, rule_seconds; /* all of it, and tarn_optim_step() alone */
} step_record;

/* Training in progress: make it with the first line filled in, and free it with training_free(). */
typedef struct training {
    tarn_module *model;
    tarn_optim *optimizer;
    tarn_loader *loader;
    double lr; /* the rate is this times schedule(step, steps) */
    int64_t step, steps;
    int64_t images;                                  /* that went through the network so far, */
    int64_t correct;                                 /* and those that it classified correctly */
    double (*schedule)(int64_t step, int64_t steps); /* NULL: 1, and in a straight line to 0 */
    const char *schedule_name; /* instead: NULL, or a text for tarn_schedule_by_name() */
    /* 0: every batch makes a step. Else a step is on all batches of an epoch, of so many images
       together: its gradient is the sum of theirs, so that not all images have to go through the
       network at once. */
    int64_t full_batch;
    tarn_progress *bar;   /* NULL, or shows how far the epoch is */
    step_record last;     /* of the latest step */
    step_record *records; /* NULL, or all so far, in room for all steps: training_record() */
} training;

/* For .schedule: the rate stays what it is. */
double constant_rate(int64_t step, int64_t steps);

/* Keeps what each step took from now on. */
void training_record(training *t);

/* Frees it and what it trains. */
void training_free(training *t);

/* Puts the gradient of share times the batch's mean loss beside those that are there, and returns
   that; adds the images that were classified correctly to *correct, unless it is NULL. A tape must
   be open. */
double add_gradients(tarn_module *model, const tarn_batch *batch, double share, int64_t *correct);

/* Takes a step, on the next batch of the loader or on all of an epoch. False if the loss was not
   finite any more: training has diverged. */
bool training_step(training *t);

/* The same on this batch, which the caller took from the loader. */
bool training_step_on(training *t, const tarn_batch *batch);

/* Of the records so far: the middle one of each of the three numbers. */
step_record median_step(const training *t);

/* The loss without the noise of single batches: its mean over the latest fifth of the records. */
double smooth_loss(const training *t);

typedef struct epoch_result {
    double loss;     /* the mean of the steps', each before its step */
    double accuracy; /* the same: the part of the images classified correctly */
    double seconds, images_per_second;
    bool diverged; /* which ended it early: loss is that of the last step */
} epoch_result;

/* Trains for an epoch, behind a bar with that label. */
epoch_result train_epoch(training *t, const char *label);

/* ---- How good a network is */

typedef struct score {
    double loss;     /* mean over the images */
    double accuracy; /* the part of the images that is classified correctly */
    int most_common; /* the class that most images have, */
    double chance;   /* and their part: the accuracy of always answering that */
} score;

/* So many images go through a network at once where it does not learn: in large parts, threads wait
   less for each other on a busy machine. */
enum { EVALUATION_BATCH = 1000 };

/* Of the network on the loader's images, of so many classes; it is in training mode afterwards. */
score evaluate(tarn_module *model, tarn_loader *loader, int classes);

/* Whether a mean loss is beyond sense: more than twice that of guessing one of so many classes,
   log(classes), or not a number. Single batches of a run that comes to its senses may go further.
 */
bool has_diverged(double mean_loss, int classes);

/* Dies if the network tells nothing: a score no better than that of always giving one answer. So
   ends training in which all units of a layer died, with a loss that is finite. */
void check_learned(score s);

#endif
