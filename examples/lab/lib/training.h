/*
 * LeNet trained by one optimizer after the other, for comparing them: the initial weights and the
 * batches are the same for all.
 */
#ifndef TARN_LAB_TRAINING_H
#define TARN_LAB_TRAINING_H

#include <stdbool.h>

#include <tarn.h>

#include "examples/lab/lib/digits.h"
#include "examples/lab/lib/rules.h"

/* What all of them train on and are tested on. */
typedef struct lessons {
    tarn_dataset *training, *test;
    tarn_loader *test_loader;
    uint64_t seed; /* of the weights and of the order of the images */
    long steps_per_epoch;
} lessons;

/* Reads the images. */
lessons lessons_new(const digits *d, uint64_t seed);
void lessons_free(lessons *l);

/* Training in progress. */
typedef struct training {
    tarn_module *model;
    tarn_optim *optimizer;
    tarn_loader *loader;
    double lr; /* at the first step; from there it falls in a straight line, to 0 after the last */
    long step, steps;
    /* Of each step so far: the loss of its batch before it, and how long it took, all of it, from
       getting the batch on, and tarn_optim_step() alone. */
    double *losses, *seconds, *rule_seconds;
} training;

/* Begins anew with the lessons' seed. */
training training_new(const lessons *l, const rule *r, double lr, long steps);
void training_free(training *t);

/* Whether a mean loss is beyond sense: more than twice that of guessing one of ten classes,
   log(10), or not a number. Single batches of a run that comes to its senses may go further. */
bool has_diverged(double mean_loss);

/* Takes a step. False if the loss was not finite any more: the training has diverged. */
bool training_step(training *t);

/* The middle one of the values of the steps so far. */
double median_of_steps(const training *t, const double *values);

/* The loss without the noise of single batches: its mean over the latest fifth of the steps. */
double smooth_loss(const training *t);

#endif
