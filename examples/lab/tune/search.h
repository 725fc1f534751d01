/*
 * The three ways to search a space. All cost the same, N whole trainings, a trial being trained for
 * a number of epochs; images that go through the network are what is counted.
 *
 * random    N trials, each drawn at random: every hyperparameter that matters gets N different
 *           values (Bergstra, Bengio 2012).
 * grid      Every combination of choices and of k numbers of each range, evenly on its scale, in
 *           the middle of k equal pieces; k is the largest for which that makes at most N. They
 *           are tried in an order that the seed draws.
 * halving   Successive halving (Jamieson, Talwalkar 2016): many random trials get a small part of
 *           the training; the best 1/eta of them go on to eta times as much, and so on, the last to
 *           all of it. A trial goes on from where it stood: its network, the optimizer's state and
 *           the position in the data are kept in memory as long as it may be among the best, and
 *           its schedule is that of the whole training from the start. So each that ends has been
 *           trained as by random search, bit for bit.
 *
 * A trial is a function of its recipe: results do not depend on how many are trained side by side,
 * and those of the same recipe as an earlier one are not trained again.
 */
#ifndef TARN_LAB_TUNE_SEARCH_H
#define TARN_LAB_TUNE_SEARCH_H

#include "examples/lab/tune/trial.h"

typedef enum tune_method { TUNE_RANDOM, TUNE_GRID, TUNE_HALVING, TUNE_METHODS } tune_method;
extern const char *const tune_methods[]; /* their names; ends with NULL */

enum { MAX_RUNGS = 8, MAX_TRIALS = 10000 };

typedef struct search_settings {
    tune_method method;
    long trials; /* N */
    long epochs, eta, rungs, seed, threads;
} search_settings;

typedef struct search {
    search_settings settings;
    const space *space;
    const tune_data *data;
    int count;
    trial *trials; /* in their order, by number */

    /* Rung by rung: which part of the training the trials of it reach, and how many. There is one
       but in halving. */
    int rungs;
    double parts[MAX_RUNGS];
    int sizes[MAX_RUNGS];
    double cost;          /* of all that was trained so far, in whole trainings */
    double best_accuracy; /* so far */

    /* Told of each result, in the order of rungs and then of numbers. */
    void (*report)(struct search *search, trial *t, void *context);
    void *context;
    /* NULL, or results that are there from an earlier run, in that order. */
    const outcome *known;
    int known_count;
} search;

/* Lays out the trials. Dies where the settings do not suit the space. */
void search_plan(search *s, const search_settings *settings, const space *over,
                 const tune_data *data);

/* Trains all. False if a signal stopped it. */
bool search_run(search *s, const volatile sig_atomic_t *stop);

/* The best trial. */
const trial *search_winner(const search *s);

void search_free(search *s);

#endif
