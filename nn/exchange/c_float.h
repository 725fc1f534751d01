/* The float form of a C file: its kinds of layers. */
#ifndef TARN_NN_EXCHANGE_C_FLOAT_H
#define TARN_NN_EXCHANGE_C_FLOAT_H

#include "nn/exchange/c_writer.h"

/* NULL for what cannot be expressed. */
const tarn__c_kind *tarn__c_float_kind(const tarn__c_writer *w, const tarn__step *step);

#endif
