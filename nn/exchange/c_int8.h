/* The int8 form of a C file: the scales of its values, its weights, and its kinds of layers. */
#ifndef TARN_NN_EXCHANGE_C_INT8_H
#define TARN_NN_EXCHANGE_C_INT8_H

#include "nn/exchange/c_writer.h"

/* Numbers are from LOWEST to LARGEST, weights from -LARGEST. */
enum { TARN__INT8_LOWEST = -128, TARN__INT8_LARGEST = 127 };

/* Fills in w->last, the step that turns to float, w->stats and w->scales, from what the samples
   make, and equalizes the weights of steps. False after a mistake or with tarn_error() set.
   Implemented, as the next two, in nn/exchange/c_int8_scales.c. */
bool tarn__c_int8_begin(tarn__c_writer *w);
void tarn__c_int8_end(tarn__c_writer *w);

/* Whether the step has weights that are int8. */
bool tarn__c_int8_has_weights(const tarn__step *step);

/* NULL for what cannot be expressed. */
const tarn__c_kind *tarn__c_int8_kind(const tarn__c_writer *w, const tarn__step *step);

static inline bool tarn__c_int8_is_last(const tarn__c_writer *w, const tarn__step *step)
{
    return step - w->steps.steps == w->last;
}

/* ---- Implemented in nn/exchange/c_int8_weights.c */

/* Writes weights and biases, and what sums are multiplied by: LABEL_multiplier, or LABEL_scale for
   the last step. */
void tarn__c_int8_weights(tarn__c_writer *w, const tarn__step *step);

/* By 2 to which power the multipliers are divided. */
int tarn__c_int8_shift(const tarn__c_writer *w, const tarn__step *step);

/* A factor as a multiplier / 2^shift: the shift by which the largest has 31 bits. */
int tarn__c_shift_of(double largest);
int32_t tarn__c_multiplier_of(double factor, int shift);

#endif
