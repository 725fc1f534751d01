/* One trial of a search: training by a recipe, in parts, each followed by a look at the validation
   part. A trial belongs to the thread that trains it, which may be another for the next part. */
#ifndef TARN_LAB_TUNE_TRIAL_H
#define TARN_LAB_TUNE_TRIAL_H

#include <signal.h>

#include <tarn.h>

#include "examples/lab/lib/training.h"
#include "examples/lab/tune/recipe.h"

/* What trials are trained and validated on; shared by all of them, and only read. */
typedef struct tune_data {
    tarn_dataset *training, *validation;
} tune_data;

typedef struct outcome {
    double loss, accuracy; /* on the validation part; diverged: INFINITY and 0 */
    double seconds;        /* of training and validating since the part before */
    bool diverged;
} outcome;

typedef struct trial {
    int number; /* from 1 */
    double places[SPACE_AXES];
    value values[SPACE_AXES]; /* at these places */
    recipe recipe;            /* points into the values */
    int same_as;              /* the number of an earlier trial of the same recipe, or 0 */
    int rung;                 /* how many parts it has been trained for */
    outcome outcome;          /* after the latest of them */
    double first_accuracy;    /* after the first */

    training training; /* its model is NULL where it is not in memory */
    uint64_t random;   /* the state of its generator */
} trial;

/* Trains on until this part of all steps is done, a step's number being rounded up, from the start
   where it is not in memory: since the same seed gives the same bits that is only a matter of time.
   Then validates. False, and nothing is changed but the training, if stop was set meanwhile. */
bool trial_train(trial *t, const tune_data *data, long epochs, double part,
                 const volatile sig_atomic_t *stop, outcome *result);

/* Frees what it trains. */
void trial_drop(trial *t);

/* Whether a is the better one: it got further, or as far to a higher accuracy, or to the same with
   a lower loss, or is the earlier one. */
bool trial_better(const trial *a, const trial *b);

#endif
