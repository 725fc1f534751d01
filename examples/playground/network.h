/* The small networks of the rooms Classify and Landscape: from two numbers to two classes. */
#ifndef TARN_PLAYGROUND_NETWORK_H
#define TARN_PLAYGROUND_NETWORK_H

#include <tarn.h>

enum { NETWORK_LAYERS = 6, NETWORK_UNITS = 16 }; /* hidden ones, at most */

typedef struct network {
    tarn_module *model;
    int layers, units[NETWORK_LAYERS]; /* hidden ones */
    int output_of[NETWORK_LAYERS + 1]; /* the child whose output is that of hidden layer i; the last
                                          one's are the logits */
} network;

/* layers: "8,8", "" for none; activation: "tanh", "relu", ...; init: "default", "xavier",
   "kaiming", "orthogonal", "small", "large" or "zeros"; dropout: behind each hidden layer, 0 for
   none. NULL, or a sentence that says what is wrong. */
const char *network_make(network *n, const char *layers, const char *activation, const char *init,
                         double dropout);

/* The loss over all points to train on (0) or to test on (1), and the share of right ones; NaN
   after an error. */
void network_score(network *n, int part, double score[2]);

void network_free(network *n);

#endif
