/* What the samples of a calibration make of the values of a network. */
#ifndef TARN_NN_EXCHANGE_CALIBRATION_H
#define TARN_NN_EXCHANGE_CALIBRATION_H

#include "nn/exchange/steps.h"

/* Runs the network on the samples, (count, input), and shows each value, (some, ...), once for
   every module that gives it. False after a mistake or with tarn_error() set, beginning with who:
   if memory runs out, or a value is not finite. */
typedef void tarn__see_value(void *context, int value, const tarn_tensor *tensor);
bool tarn__calibrate(const tarn__steps *steps, const char *who, tarn_tensor *samples,
                     tarn__see_value *see, void *context);

/* Of one value. A channel is a place in the last dimension; its least number is at most 0 and its
   largest at least 0. Numbers are those of the network by the divisor of their channel, which is 1
   until tarn__equalize(). */
typedef struct tarn__stats {
    int64_t size, channels;
    double *mean;                      /* of each number of a sample, by its place in it */
    double *least, *largest, *divisor; /* of each channel */
} tarn__stats;

/* For each value; to be freed by tarn__stats_free(), also after a failure, which gives NULL. */
tarn__stats *tarn__stats_of(const tarn__steps *steps, const char *who, tarn_tensor *samples);
void tarn__stats_free(tarn__stats *stats, int count);

/*
 * Equalizes channels across layers (Nagel, van Baalen, Blankevoort, Welling 2019, section 4.1): if
 * nothing but ReLU, pooling and the like is between two layers with weights, which gives k y for k
 * x, the outputs of the first can be divided by positive numbers and the weights of the second
 * multiplied by them, and the network is the same. The divisor of a channel is the root of how far
 * its values range, by how large the weights are that read it: then neither is much smaller than
 * those of the other channels, with which it shares a scale. Weights with a scale for each input,
 * those of depthwise convolutions, need no care, and the divisor is the range itself.
 *
 * Changes weights and stats.
 */
bool tarn__equalize(tarn__steps *steps, const char *who, tarn__stats *stats);

/* The input channel that a weight of a convolution or linear layer is multiplied with, of an image
   of so many channels (flattened, for a linear layer). */
int64_t tarn__channel_read(const tarn__step *step, int64_t channels, int64_t weight);

#endif
