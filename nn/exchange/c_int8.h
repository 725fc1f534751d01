/* The int8 form of a C file: the scales of its values, and its kinds of layers. */
#ifndef TARN_NN_EXCHANGE_C_INT8_H
#define TARN_NN_EXCHANGE_C_INT8_H

#include "nn/exchange/c_writer.h"

/* Fills in w->last, the step that turns to float, and w->scales, from what the samples make. False
   after a mistake or with tarn_error() set. */
bool tarn__c_int8_begin(tarn__c_writer *w);

/* NULL for what cannot be expressed. */
const tarn__c_kind *tarn__c_int8_kind(const tarn__c_writer *w, const tarn__step *step);

/* Implemented in nn/exchange/scales.c: the largest magnitude of each value, all zero at first, for
   samples of the network's input. */
bool tarn__ranges_of(const tarn__steps *steps, const char *who, tarn_tensor *samples,
                     float *ranges);

/* A number so much larger that the largest multiplier has 31 bits: 2^shift. */
int tarn__c_shift_of(double largest);

#endif
