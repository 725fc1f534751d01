/* Graphs in the description of a network (nn/network.h), and back. */
#ifndef TARN_NN_EXCHANGE_GRAPH_JSON_H
#define TARN_NN_EXCHANGE_GRAPH_JSON_H

#include "nn/json.h"
#include "nn/module.h"

/* Adds to the object what the graph holds and its steps. Whether memory ran out shows in
   tarn__json_failed(). */
void tarn__graph_to_json(const tarn_module *graph, json_t *object);

/* From two graphs to the first that they hold, or step of theirs, that differs, NULL where one has
   no more. False if there is none, as of other modules. */
bool tarn__graph_difference(json_t **a, json_t **b);

/* A graph with zeros for all that it holds, which counts in *left, how many more modules there may
   be. NULL with the reason in what, "its step 3 (add) reads value 9, ...", for anything that
   tarn__graph_to_json() does not write: steps read values before them, in the right number, and
   each member of theirs that the operation has is in its range. Mistakes are to be caught. */
typedef struct tarn__graph_wrong {
    char text[300];
} tarn__graph_wrong;
tarn_module *tarn__graph_from_json(json_t *object, int *left, tarn__graph_wrong *what);

#endif
