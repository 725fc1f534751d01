/* A graph as modules of the library, where it is nothing else. */
#ifndef TARN_NN_EXCHANGE_GRAPH_MODULES_H
#define TARN_NN_EXCHANGE_GRAPH_MODULES_H

#include "nn/exchange/graph.h"

/* A Sequential of layers with copies of the graph's parameters, if its steps are layers one after
   the other, or a Residual or Concat of such where ways part and meet. NULL for others, and when
   memory runs out. */
tarn_module *tarn__graph_to_modules(const tarn__graph *graph);

/* A step as a layer with copies of its numbers, of all but what fusing has put into it; NULL for
   one that is none, and when memory runs out. */
tarn_module *tarn__graph_layer(const tarn__graph *graph, const tarn__graph_step *step);

#endif
