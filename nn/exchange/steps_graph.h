/*
 * Graphs (nn/exchange/graph.h) in a list of steps. What a layer of the library does stands there as
 * one, made for the purpose; all else as an operation, whose module has its name, and as parameter
 * "weight" an operand that does not depend on the input.
 *
 * Within a graph the batch need not be the first axis, so that shapes here have it, and it is one.
 * The list has a value's shape without the first axis, unless that is longer than one.
 */
#ifndef TARN_NN_EXCHANGE_STEPS_GRAPH_H
#define TARN_NN_EXCHANGE_STEPS_GRAPH_H

#include "nn/exchange/graph.h"
#include "nn/exchange/steps.h"

typedef struct tarn__steps_op {
    tarn_module module;
    tarn_module_type type;
    char name[40];
    const tarn__graph_step *step;
    tarn_shape first, second, output; /* second as first where there is none */
    int constant;                     /* which operand is the weight: 0, 1, or -1 for none */
} tarn__steps_op;

/* For tarn__steps_of(): puts the steps of each Graph in its place. */
bool tarn__steps_open(tarn__steps *steps, const char *who);

/* For tarn__steps_free(): frees the modules that stand for them. */
void tarn__steps_close(tarn__steps *steps);

#endif
