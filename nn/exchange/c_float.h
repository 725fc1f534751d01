/* The float form of a C file: its kinds of layers. */
#ifndef TARN_NN_EXCHANGE_C_FLOAT_H
#define TARN_NN_EXCHANGE_C_FLOAT_H

#include "nn/exchange/c_writer.h"
#include "nn/exchange/graph.h"

/* NULL for what cannot be expressed. */
const tarn__c_kind *tarn__c_float_kind(const tarn__c_writer *w, const tarn__step *step);

/* The same of an operation of a Graph, which the second is asked for where arrays are gone through
   along their axes. Implemented in nn/exchange/c_float_graph.c and c_float_arrays.c. */
typedef struct tarn__c_op_kind {
    const tarn__graph_op *op;
    tarn__c_kind kind;
} tarn__c_op_kind;
const tarn__c_kind *tarn__c_float_graph_kind(const tarn__c_writer *w, const tarn__step *step);
const tarn__c_kind *tarn__c_float_array_kind(const tarn__step *step);

/* And of what looks at images, Graphs' too. Implemented, as the next, in
   nn/exchange/c_float_images.c. */
const tarn__c_kind *tarn__c_float_image_kind(const tarn__c_writer *w, const tarn__step *step);

/* Writes weights, of which the outputs are the last dimension, one output after the other, and
   biases. */
void tarn__c_weights_by_output(tarn__c_writer *w, const tarn__step *step, int64_t outputs);

#endif
