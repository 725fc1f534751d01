/* The graph of the room Backprop: a network or a formula as values, each an operation on others. */
#ifndef TARN_PLAYGROUND_GRAPH_H
#define TARN_PLAYGROUND_GRAPH_H

#include <tarn.h>

#include "examples/playground/formula.h"

enum { MOST = 64 }; /* values, and numbers of all of them together */

typedef struct value {
    char name[16];
    const char *operation; /* NULL: given */
    int inputs[2];         /* values, or -1 */
    int rows, columns;     /* no rows: a vector; no columns: a scalar */
    int at, size;          /* its numbers among those of all */
    double number;         /* of an operation that has one, else NaN */
} value;

typedef struct graph {
    value values[MOST];
    int given, count, numbers; /* those that are given stand first */
    bool is_network;
    formula f;
    tarn_tensor *tensors[FORMULA_STEPS]; /* numbered as the formula's, with room behind variables */
} graph;

/* The one of the page. */
extern graph g;

/* The tensor of value i; and computes it, on the open tape: NULL after an error of Tarn's. */
tarn_tensor *tensor_of(int i);
tarn_tensor *compute(int i);

/* Whether value i is given and requires no gradient. */
bool is_data(int i);

#endif
