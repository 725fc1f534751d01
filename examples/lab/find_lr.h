/*
 * A learning-rate range test (Smith 2017, "Cyclical learning rates for training neural networks",
 * in the exponential form of Howard and Gugger's fastai): a few hundred steps of training, each at
 * a rate that is larger than the last by the same factor. The loss falls slowly while the rate is
 * too small, then fast, and explodes when it is too large.
 *
 * The losses of single batches are noisy, so what is looked at is their average over the last ten
 * steps or so: a = 0.9 a + 0.1 loss, divided by 1 - 0.9^steps. The test ends when that is 4 times
 * its lowest, or not finite. How steeply it falls is taken across ten steps, a fifth of a decade of
 * rates. The loss falls most steeply at a rate that is often too careful, and is lowest close to
 * where it explodes, by chance here or there. Suggested is a rate between the two, their geometric
 * mean: a run whose rate falls to 0 bears more than one whose rate stays. Trained on MNIST for two
 * epochs, LeNet then is about as good as at the default rates (Adam 98.92 and 98.95%, SGD 98.70 and
 * 98.37%, momentum 98.77 and 98.84%; Lion, whose steps never shrink, 97.03 and 98.69%).
 */
#ifndef TARN_LAB_FIND_LR_H
#define TARN_LAB_FIND_LR_H

#include "examples/lab/lib/training.h"

/* Tries rates around the training's own, from 1e-4 to 1e4 times that, and leaves a model of no use.
   Writes find_lr.csv (step, rate, loss, smoothed_loss) and find_lr_points.csv (where it fell most
   steeply and was lowest, and the rate suggested; title is what the picture is called) into the
   folder, and draws find_lr.png. Returns the suggested rate. */
double find_lr(training *t, const char *title, const char *folder);

#endif
