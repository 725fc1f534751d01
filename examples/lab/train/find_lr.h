/*
 * A learning-rate range test, and short runs at rates that it leaves in question.
 *
 * The test (Smith 2017, "Cyclical learning rates for training neural networks", in the exponential
 * form of Howard and Gugger's fastai): a few hundred steps of training, each at a rate that is
 * larger than the last by the same factor. The loss falls slowly while the rate is too small, then
 * fast, and explodes when it is too large. The losses of single batches are noisy, so what is
 * looked at is their average over the last ten steps or so: a = 0.9 a + 0.1 loss, divided by 1 -
 * 0.9^steps. The test ends when that is 4 times its lowest, or not finite.
 *
 * No point of that curve tells a rate to train with: where the loss falls most steeply and where it
 * is lowest, Lion's curve is Adam's, but the best rates are ten times apart. So from the lowest
 * point down, or up, by factors of 2, the network is trained anew for 300 steps, with the rate
 * going to 0 at the end as in a real run, as long as that ends better than before. A longer run
 * wants a smaller rate than such a short one, so suggested is half the best.
 *
 * Half was chosen on LeNet by sgd, momentum, Adam and Lion: short runs on the sample, and two
 * epochs of MNIST at a grid of rates, on seeds 1 to 3. Accuracies after two epochs of MNIST at the
 * suggested rate and at the default one, in the mean of seeds 1 to 3: Adam 99.10 and 99.07%,
 * sgd 98.68 and 98.54, momentum 98.85 and 98.83, Lion 98.82 and 98.81. Of settings that had no part
 * in the choice, seed 1: rmsprop 98.63 and 98.64, nesterov 98.97 and 98.75, Adagrad 97.85
 * and 97.85, Adam on batches of 16 99.06 and 99.07, Lion on batches of 256 98.31 and 98.21, sgd on
 * those 97.45 and 96.48, AdamW 99.03 and 98.96.
 */
#ifndef TARN_LAB_FIND_LR_H
#define TARN_LAB_FIND_LR_H

#include "examples/lab/lib/training.h"

typedef struct rate_test {
    training (*begin)(const void *context); /* training from the start, always the same */
    const void *context;
    const char *title; /* what the picture is called */
} rate_test;

/* Tries rates around the training's own, which has just begun, from 1e-4 to 1e4 times that, and
   leaves a model of no use. Writes find_lr.csv (step, rate, loss, smoothed_loss), find_lr_runs.csv
   (rate, loss; none if it diverged) and find_lr_points.csv (where the range test was lowest, the
   best of the runs, and the rate suggested) into the folder, and draws find_lr.png. Returns the
   suggested rate. */
double find_lr(training *t, const rate_test *what, const char *folder);

#endif
