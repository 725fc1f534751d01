/*
 * The layers of a network, as tables and pictures name them: by place and kind, "0 Conv2d". A layer
 * is all parameters whose names differ behind the last dot only: "0.weight" and "0.bias" are those
 * of the first of the network.
 */
#ifndef TARN_LAB_LAYERS_H
#define TARN_LAB_LAYERS_H

#include <tarn.h>

typedef struct layers {
    int count;
    char **names;
    int parameters;
    int *of; /* the layer of each parameter, in the order of tarn_nn_parameters() */
} layers;

/* Dies without memory. */
layers *layers_new(tarn_module *model);
void layers_free(layers *l); /* safe on NULL */

#endif
