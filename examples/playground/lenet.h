/* LeNet and the sample of MNIST, for the rooms Digits and Landscape. */
#ifndef TARN_PLAYGROUND_LENET_H
#define TARN_PLAYGROUND_LENET_H

#include <tarn.h>

enum { LENET_SIDE = 28, LENET_PIXELS = LENET_SIDE * LENET_SIDE, LENET_CLASSES = 10 };

extern const double lenet_mean, lenet_deviation; /* of the training pixels */

/* The digits of a folder, to train on and to test on, normalized. False, and tarn_error() says why,
   if they cannot be read. */
bool lenet_read(const char *folder, tarn_dataset *digits[2]);

/* NULL without memory. */
tarn_module *lenet_make(void);

/* Mean loss and share of right ones over all that a loader has; NaN after an error. */
void lenet_score(tarn_module *model, tarn_loader *loader, double score[2]);

#endif
